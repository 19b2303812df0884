import TestSupport
import Testing

@testable import Proxy

/// The bytes of a text whose characters are bytes: `\u{FF}` is the byte 0xFF.
func raw(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

extension HeadLimits {
    /// The defaults of the configuration.
    static let standard = HeadLimits(headBytes: 32 * 1024, fields: 100, targetBytes: 8 * 1024)
}

/// One field as a test sees it.
struct FieldReading: Equatable {
    var name: String
    var value: String
    var known: FieldName
    var isRemoved: Bool
}

/// What one attempt to read a head gave.
enum Reading<Head> {
    case incomplete
    case refused(ParseError)
    case complete(Head, fields: [FieldReading], byteCount: Int)

    var error: ParseError? {
        if case .refused(let error) = self { error } else { nil }
    }

    var head: Head? {
        if case .complete(let head, _, _) = self { head } else { nil }
    }

    var fields: [FieldReading] {
        if case .complete(_, let fields, _) = self { fields } else { [] }
    }

    /// Names of the fields that are forwarded.
    var keptNames: [String] { fields.filter { !$0.isRemoved }.map(\.name) }

    /// Everything in it, to compare two of them.
    var summary: String {
        switch self {
        case .incomplete: "incomplete"
        case .refused(let error): "refused: \(error)"
        case .complete(let head, let fields, _): "\(head) \(fields)"
        }
    }
}

func readRequest(
    _ bytes: some Collection<UInt8>,
    limits: HeadLimits = .standard
) -> Reading<RequestHead> {
    let bytes = Array(bytes)
    var fields = FieldTable()
    do throws(ParseError) {
        guard let head = try RequestHead.parse(bytes.span, limits: limits, fields: &fields) else {
            return .incomplete
        }
        return .complete(head, fields: readings(fields, bytes), byteCount: head.byteCount)
    } catch {
        return .refused(error)
    }
}

func readResponse(
    _ bytes: some Collection<UInt8>,
    to method: Method = .get,
    limits: HeadLimits = .standard
) -> Reading<ResponseHead> {
    let bytes = Array(bytes)
    var fields = FieldTable()
    do throws(ParseError) {
        guard
            let head = try ResponseHead.parse(
                bytes.span,
                requestMethod: method,
                limits: limits,
                fields: &fields
            )
        else { return .incomplete }
        return .complete(head, fields: readings(fields, bytes), byteCount: head.byteCount)
    } catch {
        return .refused(error)
    }
}

private func readings(_ fields: borrowing FieldTable, _ bytes: [UInt8]) -> [FieldReading] {
    var readings: [FieldReading] = []
    for index in 0..<fields.count {
        let field = fields[index]
        readings.append(
            FieldReading(
                name: string(bytes, field.name),
                value: string(bytes, field.value),
                known: field.known,
                isRemoved: field.isRemoved
            )
        )
    }
    return readings
}

/// The bytes of a range, as `raw` takes them.
func string(_ bytes: [UInt8], _ range: ByteRange) -> String {
    String(String.UnicodeScalarView(bytes[range.range].map { UnicodeScalar($0) }))
}

/// Cut anywhere, `bytes` must be incomplete or give what they give as a whole.
func expectEverySplitAgrees<Head>(
    _ bytes: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation,
    read: (ArraySlice<UInt8>) -> Reading<Head>
) {
    let whole = read(bytes[...])
    for (first, _) in everySplit(of: bytes) {
        let part = read(first)
        switch (part, whole) {
        case (.incomplete, .complete(_, _, let byteCount)) where first.count >= byteCount:
            Issue.record("incomplete with all bytes of the head", sourceLocation: sourceLocation)
        case (.incomplete, _): break
        default:
            let cut = "the first \(first.count) bytes differ from all \(bytes.count)"
            #expect(part.summary == whole.summary, "\(cut)", sourceLocation: sourceLocation)
        }
    }
}

/// The request must be refused for this, whole and cut anywhere.
func expectRefused(
    request text: String,
    _ error: ParseError,
    limits: HeadLimits = .standard,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let bytes = raw(text)
    #expect(readRequest(bytes, limits: limits).error == error, sourceLocation: sourceLocation)
    expectEverySplitAgrees(bytes, sourceLocation: sourceLocation) {
        readRequest($0, limits: limits)
    }
}

/// The response must be refused for this, whole and cut anywhere.
func expectRefused(
    response text: String,
    _ error: ParseError,
    to method: Method = .get,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let bytes = raw(text)
    #expect(readResponse(bytes, to: method).error == error, sourceLocation: sourceLocation)
    expectEverySplitAgrees(bytes, sourceLocation: sourceLocation) {
        readResponse($0, to: method)
    }
}

/// The request must be accepted, whole and cut anywhere, also with bytes behind it.
func accepted(
    request text: String,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> (head: RequestHead, reading: Reading<RequestHead>) {
    let bytes = raw(text)
    let reading = readRequest(bytes)
    expectEverySplitAgrees(bytes + raw("GET"), sourceLocation: sourceLocation) { readRequest($0) }
    #expect(reading.error == nil, sourceLocation: sourceLocation)
    return (try #require(reading.head, sourceLocation: sourceLocation), reading)
}

/// The response must be accepted, whole and cut anywhere, also with bytes behind it.
func accepted(
    response text: String,
    to method: Method = .get,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> (head: ResponseHead, reading: Reading<ResponseHead>) {
    let bytes = raw(text)
    let reading = readResponse(bytes, to: method)
    expectEverySplitAgrees(bytes + raw("HTTP"), sourceLocation: sourceLocation) {
        readResponse($0, to: method)
    }
    #expect(reading.error == nil, sourceLocation: sourceLocation)
    return (try #require(reading.head, sourceLocation: sourceLocation), reading)
}
