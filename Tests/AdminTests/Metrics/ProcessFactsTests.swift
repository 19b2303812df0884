import CLinux
import Glibc
import Testing

@testable import Admin

@Suite("Process facts")
struct ProcessFactsTests {
    @Test func `the facts of this process are plausible`() {
        let facts = ProcessFacts.read(started: Timestamp(seconds: 5, milliseconds: 500))

        #expect(facts.startSeconds == 5.5)
        #expect(facts.threads >= 1)
        #expect(facts.residentBytes > 1 << 20)
        #expect(facts.virtualBytes >= facts.residentBytes)
        #expect(facts.openDescriptors >= 3)
        #expect(facts.descriptorLimit >= facts.openDescriptors)
        #expect(facts.cpuSeconds > 0)
    }

    @Test func `a program name with spaces and brackets does not shift the fields`() {
        var facts = ProcessFacts()
        let fields = (3...52).map(String.init).joined(separator: " ")

        facts.readStat(Array("77 (a) b (c)) \(fields)\n".utf8))

        #expect(facts.threads == 20)
        #expect(facts.virtualBytes == 23)
        #expect(facts.residentBytes == 24 * sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test func `a text that is cut short is read as nothing`() {
        var facts = ProcessFacts()

        facts.readStat(Array("77 (a) S 1 2 3".utf8))

        #expect(facts == ProcessFacts())
    }
}
