import Testing

@testable import Proxy

@Suite("Parse errors")
struct ParseErrorTests {
    @Test func `statuses are 400 but for causes that have their own`() {
        let own: [ParseError: UInt16] = [
            .headTooLarge: 431, .tooManyFields: 431, .trailersTooLarge: 431, .tooManyTrailers: 431,
            .targetTooLong: 414, .unknownExpectation: 417, .methodTooLong: 501,
            .connectMethod: 501, .unsupportedTransferCoding: 501, .unsupportedVersion: 505,
        ]

        for error in ParseError.allCases {
            #expect(error.status == own[error] ?? 400, "\(error)")
        }
    }

    @Test(arguments: ParseError.allCases)
    func `every cause has one sentence of its own`(error: ParseError) {
        let reason = "\(error.reason)"

        #expect(reason.first?.isUppercase == true)
        #expect(reason.hasSuffix("."))
        #expect(reason.utf8.count < 80)
        #expect(ParseError.allCases.filter { "\($0.reason)" == reason } == [error])
    }
}
