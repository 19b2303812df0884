/// Why bytes from the wire were refused; one case per cause.
enum ParseError: Error, Equatable, CaseIterable {
    // Any head
    case headTooLarge
    case tooManyFields
    case bareLineBreak
    case badFieldName
    case spaceBeforeColon
    case foldedField
    case badFieldValue
    case ambiguousFieldName
    case repeatedField

    // Request line
    case badMethod
    case methodInOtherCase
    case methodTooLong
    case connectMethod
    case badTarget
    case targetTooLong
    case missingVersion
    case badVersion
    case unsupportedVersion

    // Host and authority
    case missingHost
    case badHost

    // Framing
    case badContentLength
    case conflictingLengths
    case badTransferEncoding
    case unsupportedTransferCoding
    case transferEncodingInHTTP10

    // Connection, Upgrade, Expect
    case badConnectionOption
    case tooManyConnectionOptions
    case connectionNamesEndToEndField
    case badUpgrade
    case unknownExpectation

    // Max-Forwards, TRACE
    case badMaxForwards
    case bodyOfTrace

    // Status line and response framing
    case badStatusLine
    case badStatus
    case lengthWithoutBody
    case missingUpgrade

    // Body
    case badChunkSize
    case chunkTooLarge
    case badChunkExtension
    case chunkExtensionTooLong
    case badChunkEnd
    case badTrailer
    case trailerNotAllowed
    case trailersTooLarge
    case tooManyTrailers

    /// What a downstream is answered; a malformed response is answered with 502 by its reader.
    var status: UInt16 {
        switch self {
        case .headTooLarge, .tooManyFields, .trailersTooLarge, .tooManyTrailers: 431
        case .targetTooLong: 414
        case .unknownExpectation: 417
        case .methodTooLong, .connectMethod, .unsupportedTransferCoding: 501
        case .unsupportedVersion: 505
        default: 400
        }
    }

    /// One sentence for whoever sent the bytes: what was found or what to send.
    var reason: StaticString {
        switch self {
        case .headTooLarge: "The head is larger than this server accepts."
        case .tooManyFields: "The head has more fields than this server accepts."
        case .bareLineBreak: "Every line must end in CR LF, and neither byte may stand alone."
        case .badFieldName: "A field name must be a token followed by a colon."
        case .spaceBeforeColon: "No space may stand between a field name and its colon."
        case .foldedField: "A field line must not begin with a space or tab."
        case .badFieldValue: "A field value contains a control character."
        case .ambiguousFieldName: "A field name has an underscore where a hyphen belongs."
        case .repeatedField: "A field that must occur only once is repeated."
        case .badMethod, .methodInOtherCase, .methodTooLong, .connectMethod, .badTarget,
            .targetTooLong,
            .missingVersion, .badVersion, .unsupportedVersion:
            requestLineReason
        case .missingHost: "An HTTP/1.1 request needs a Host field."
        case .badHost: "The host must be a name or address with an optional port."
        case .badContentLength, .conflictingLengths, .badTransferEncoding,
            .unsupportedTransferCoding, .transferEncodingInHTTP10:
            framingReason
        case .badConnectionOption: "Connection must be a list of tokens, separated by commas."
        case .tooManyConnectionOptions: "Connection lists more options than this server accepts."
        case .connectionNamesEndToEndField: "Connection names a field that it must not name."
        case .badUpgrade: "Upgrade must be a list of protocols, separated by commas."
        case .unknownExpectation: "The only expectation this server meets is 100-continue."
        case .badMaxForwards: "Max-Forwards must be one decimal number."
        case .bodyOfTrace: "A TRACE request has no body."
        case .badStatusLine: "The status line must be a version, a status and a reason."
        case .badStatus: "The status must be a number from 100 to 599."
        case .lengthWithoutBody: "A response without a body has a length."
        case .missingUpgrade: "A switch of protocols needs an Upgrade field."
        case .badChunkSize, .chunkTooLarge, .badChunkExtension, .chunkExtensionTooLong,
            .badChunkEnd, .badTrailer, .trailerNotAllowed, .trailersTooLarge, .tooManyTrailers:
            bodyReason
        }
    }

    private var requestLineReason: StaticString {
        switch self {
        case .badMethod: "The method must be a token followed by one space."
        case .methodInOtherCase:
            "A method is case-sensitive, and this one is written in upper case."
        case .methodTooLong: "The method is longer than any this server knows."
        case .connectMethod: "This server opens no tunnels by CONNECT."
        case .badTarget: "The request target must be a path or an http URL of visible ASCII."
        case .targetTooLong: "The request target is longer than this server accepts."
        case .missingVersion: "The request line must end in one space and HTTP/1.1."
        case .badVersion: "The version must be written as HTTP/1.1 and end the line."
        default: "This server speaks HTTP/1.1 and HTTP/1.0 here."
        }
    }

    private var framingReason: StaticString {
        switch self {
        case .badContentLength: "Content-Length must be one decimal number."
        case .conflictingLengths: "Content-Length and Transfer-Encoding exclude each other."
        case .badTransferEncoding: "Transfer-Encoding must be exactly chunked."
        case .unsupportedTransferCoding: "The only transfer coding this server knows is chunked."
        default: "HTTP/1.0 has no Transfer-Encoding."
        }
    }

    private var bodyReason: StaticString {
        switch self {
        case .badChunkSize: "A chunk must begin with its size in hexadecimal digits."
        case .chunkTooLarge: "A chunk is larger than this server can count."
        case .badChunkExtension: "A chunk extension contains a control character."
        case .chunkExtensionTooLong: "A chunk extension is longer than this server accepts."
        case .badChunkEnd: "A chunk must end in CR LF right behind its data."
        case .badTrailer: "A trailer must be a field name, a colon and a value."
        case .trailerNotAllowed: "A trailer names a field that belongs in the head."
        case .trailersTooLarge: "The trailers are larger than this server accepts."
        default: "There are more trailers than this server accepts."
        }
    }
}
