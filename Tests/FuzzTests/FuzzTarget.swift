/// A reader of foreign bytes, and the promises that it keeps whatever the bytes are.
///
/// The fuzzer (`scripts/fuzz`) makes bytes up; the tests replay those in `Corpus`.
enum FuzzTarget: String, CaseIterable {
    case requestHead = "request-head"
    case responseHead = "response-head"
    case chunkedBody = "chunked-body"
    case exchange
    case exchangeResponse = "exchange-response"
    case configuration
    case admin

    /// Throws what promise `bytes` break.
    func check(_ bytes: [UInt8]) throws {
        switch self {
        case .requestHead: try HeadTarget.checkRequest(bytes)
        case .responseHead: try HeadTarget.checkResponse(bytes)
        case .chunkedBody: try ChunkTarget.check(bytes)
        case .exchange: try ExchangeTarget.shared.check(bytes)
        case .exchangeResponse: try ForeignResponseTarget.shared.check(bytes)
        case .configuration: try ConfigTarget.check(bytes)
        case .admin: try AdminTarget.shared.check(bytes)
        }
    }
}

/// A promise that was broken.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

func promise(_ holds: Bool, _ claim: @autoclosure () -> String) throws {
    if !holds { throw FuzzFinding(claim()) }
}
