/// Bytes of a message as a test's table has them; shown with every control character in words.
package struct RawMessage: Sendable, CustomStringConvertible {
    private static let shownLimit = 160

    package let text: String

    package init(_ text: String) { self.text = text }

    package var description: String {
        let shown = text.unicodeScalars.prefix(Self.shownLimit).map { scalar in
            scalar.value < 0x20 || scalar.value > 0x7E
                ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return shown.joined() + (text.unicodeScalars.count > Self.shownLimit ? "…" : "")
    }
}

extension HTTPResponse: CustomStringConvertible {
    package var description: String {
        RawMessage(String(decoding: head.bytes + body, as: UTF8.self)).description
    }
}

extension OriginRequest: CustomStringConvertible {
    package var description: String {
        RawMessage(String(decoding: head.bytes + bodyOnWire, as: UTF8.self)).description
    }
}
