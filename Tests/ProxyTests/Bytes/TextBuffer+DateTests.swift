import Testing

@testable import Proxy

@Suite("Dates in a text buffer")
struct TextBufferDateTests {
    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            // Leap days, and a century that has one.
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ]
    )
    func `a date is written as RFC 9110 wants it`(seconds: Int64, text: String) {
        var buffer = TextBuffer(capacity: 64)

        buffer.append(httpDate: seconds)

        #expect(unsafe String(decoding: buffer.bytes, as: UTF8.self) == text)
    }

    @Test func `a line is made anew when its second is over, and not before`() {
        var line = DateLine()
        let now = MonotonicTime.now()

        let first = unsafe Array(line.bytes(at: now))
        let again = unsafe Array(line.bytes(at: now))
        let later = unsafe Array(line.bytes(at: now + .milliseconds(1_001)))

        #expect(first == again)
        #expect(first.count == later.count)
        #expect(String(decoding: first, as: UTF8.self).hasPrefix("Date: "))
        #expect(first.suffix(2) == [0x0D, 0x0A])
    }
}
