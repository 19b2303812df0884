import Testing

@testable import Proxy

@Suite("Head limits")
struct HeadLimitsTests {
    private let request = "GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n"
    private let response = "HTTP/1.1 200 OK\r\nX-A: b\r\nX-B: c\r\n\r\n"

    @Test func `a head of as many bytes as the limit has passes, and one more is 431`() {
        let exact = HeadLimits(headBytes: request.utf8.count, fields: 10, targetBytes: 10)
        let short = HeadLimits(headBytes: request.utf8.count - 1, fields: 10, targetBytes: 10)

        #expect(readRequest(raw(request + "more"), limits: exact).head != nil)
        expectRefused(request: request, .headTooLarge, limits: short)
        #expect(ParseError.headTooLarge.status == 431)
    }

    @Test func `a response has the same limit`() {
        let exact = HeadLimits(headBytes: response.utf8.count, fields: 10, targetBytes: 10)
        let short = HeadLimits(headBytes: response.utf8.count - 1, fields: 10, targetBytes: 10)

        #expect(readResponse(raw(response + "more"), limits: exact).head != nil)
        #expect(readResponse(raw(response), limits: short).error == .headTooLarge)
    }

    @Test func `bytes up to the limit are waited for, and not one longer`() {
        let limits = HeadLimits(headBytes: 20, fields: 10, targetBytes: 20)

        #expect(readRequest(raw("GET / HTTP/1.1\r\nHos"), limits: limits).summary == "incomplete")
        #expect(
            readRequest(raw("GET / HTTP/1.1\r\nHost"), limits: limits).error == .headTooLarge
        )
    }

    @Test func `as many fields as the limit has pass, and one more is 431`() {
        let exact = HeadLimits(headBytes: 1_000, fields: 2, targetBytes: 10)
        let short = HeadLimits(headBytes: 1_000, fields: 1, targetBytes: 10)

        #expect(readRequest(raw(request), limits: exact).fields.count == 2)
        expectRefused(request: request, .tooManyFields, limits: short)
        #expect(readResponse(raw(response), limits: exact).fields.count == 2)
        #expect(readResponse(raw(response), limits: short).error == .tooManyFields)
        #expect(ParseError.tooManyFields.status == 431)
    }

    @Test func `the table's capacity bounds the number of fields in any case`() {
        let limits = HeadLimits(headBytes: 10_000, fields: 1_000, targetBytes: 10)
        func head(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "a: b\r\n", count: count - 1)
                + "\r\n"
        }

        let full = readRequest(raw(head(FieldTable.capacityLimit)), limits: limits)
        let over = readRequest(raw(head(FieldTable.capacityLimit + 1)), limits: limits)

        #expect(full.fields.count == 256)
        #expect(over.error == .tooManyFields)
    }
}
