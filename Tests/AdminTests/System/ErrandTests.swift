import TestSupport
import Testing

@testable import Admin

@Suite("Errand")
struct ErrandTests {
    @Test func `one piece of work at a time`() throws {
        let errand = try Errand("test")
        let gate = Gate()
        let done = Monitor(0)
        let first = errand.begin {
            try? gate.pass()
            done.use { $0 += 1 }
        }

        #expect(first)
        #expect(!errand.begin { done.use { $0 += 10 } })

        gate.open()
        try done.wait(for: "the first") { $0 == 1 ? true : nil }
        try eventually("the thread is free") { errand.begin { done.use { $0 += 10 } } }
        try done.wait(for: "the second") { $0 == 11 ? true : nil }
        errand.stop()
    }

    @Test func `its end waits for nobody who is at work, and there is no work after it`() throws {
        let errand = try Errand("test")
        let gate = Gate()
        _ = errand.begin { try? gate.pass() }

        errand.stop()

        #expect(errand.isStopped)
        #expect(!errand.begin {})
        gate.open()
    }
}
