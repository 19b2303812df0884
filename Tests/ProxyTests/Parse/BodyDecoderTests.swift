import TestSupport
import Testing

@testable import Proxy

/// What a decoder made of bytes that came in pieces.
struct BodyReading: Equatable {
    var consumed = 0
    var payload: [UInt8] = []
    var isComplete = false
    var error: ParseError?
}

/// Feeds the pieces to `take`; the next piece begins where the last was consumed to.
func take(_ framing: BodyFraming, _ pieces: [ArraySlice<UInt8>]) -> BodyReading {
    var decoder = BodyDecoder(framing)
    var reading = BodyReading()
    for piece in pieces {
        let bytes = Array(piece)
        do throws(ParseError) {
            reading.consumed += try decoder.take(bytes.span)
        } catch {
            reading.error = error
            return reading
        }
    }
    reading.isComplete = decoder.isComplete
    return reading
}

/// Feeds the pieces to `unchunk`, and keeps the payload.
func unchunk(_ framing: BodyFraming, _ pieces: [ArraySlice<UInt8>]) -> BodyReading {
    var decoder = BodyDecoder(framing)
    var reading = BodyReading()
    for piece in pieces {
        var bytes = Array(piece)
        do throws(ParseError) {
            var span = bytes.mutableSpan
            let (consumed, kept) = try decoder.unchunk(&span)
            reading.consumed += consumed
            reading.payload += bytes[..<kept]
        } catch {
            reading.error = error
            return reading
        }
    }
    reading.isComplete = decoder.isComplete
    return reading
}

@Suite("Body decoder")
struct BodyDecoderTests {
    /// What an endpoint gets of a request's body that came in pieces.
    private static func passed(_ pieces: [ArraySlice<UInt8>]) throws -> String {
        var decoder = BodyDecoder(.chunked)
        var text = ""
        for piece in pieces {
            let bytes = Array(piece)
            let part = try decoder.takeRequest(bytes.span)
            #expect(part.taken == bytes.count)
            text += String(decoding: bytes[..<part.count], as: UTF8.self)
            if part.needsEnd { text += "\r\n" }
        }
        #expect(decoder.isComplete)
        return text
    }

    @Test(arguments: ["", "A: b\r\n", "A: b\r\nLonger-Name: with a value\r\n"])
    func `trailers of a request stay behind, wherever the body is cut`(trailers: String) throws {
        let body = "3;a=b\r\nabc\r\n0\r\n"
        let bytes = Array((body + trailers + "\r\n").utf8)

        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                #expect(try Self.passed(pieces) == body + "\r\n")
            }
        }
        #expect(try Self.passed(bytes.map { [$0][...] }) == body + "\r\n")
    }

    private let bytes = Array("0123456789".utf8)

    @Test(arguments: [
        (BodyFraming.none, 0, true), (.length(0), 0, true), (.length(4), 4, true),
        (.length(10), 10, true), (.length(11), 10, false), (.untilClose, 10, false),
        (.length(UInt64(Int64.max)), 10, false),
    ])
    func `a body ends where its framing says, however the bytes come`(
        framing: BodyFraming,
        count: Int,
        isComplete: Bool
    ) {
        let payload = Array(bytes[..<count])
        for (first, rest) in everySplit(of: bytes) {
            let taken = take(framing, [first, rest])
            let unchunked = unchunk(framing, [first, rest])

            #expect(taken.consumed == count)
            #expect(taken.isComplete == isComplete)
            #expect(unchunked.consumed == count)
            #expect(unchunked.payload == payload)
            #expect(unchunked.isComplete == isComplete)
        }
    }

    @Test func `a complete decoder takes nothing more`() throws {
        var decoder = BodyDecoder(.length(3))

        let first = try decoder.take(bytes.span)
        let second = try decoder.take(bytes.span)

        #expect(first == 3)
        #expect(second == 0)
        #expect(decoder == .complete)
    }

    @Test func `no bytes change nothing`() throws {
        for framing in [BodyFraming.length(3), .chunked, .untilClose] {
            var decoder = BodyDecoder(framing)

            let taken = try decoder.take([UInt8]().span)

            #expect(taken == 0)
            #expect(decoder == BodyDecoder(framing))
        }
    }

    @Test func `a decoder is small, for every connection holds one`() {
        #expect(MemoryLayout<BodyDecoder>.size <= 24)
    }
}
