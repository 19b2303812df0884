import Proxy

/// A request to the admin port, as its routes see it.
struct AdminRequest {
    var method: String
    var path: String
    /// The parameters after `?`, decoded, in their order.
    var query: [(name: String, value: String)] = []
    /// Field names in lower case.
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// Where the request came from, without the port.
    var peer = "local"

    init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    init(_ plain: PlainRequest, peer: String) {
        method = String(decoding: plain.method, as: UTF8.self)
        path = String(decoding: plain.path, as: UTF8.self)
        query = Self.parameters(plain.query ?? [])
        fields = plain.fields.map { field in
            (
                String(decoding: field.name, as: UTF8.self).lowercased(),
                String(decoding: field.value, as: UTF8.self)
            )
        }
        body = plain.body
        self.peer = peer
    }

    /// The value of a field that occurs once; several are joined by commas (RFC 9110 §5.3).
    func field(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The last value of a parameter.
    func parameter(_ name: String) -> String? { query.last { $0.name == name }?.value }

    private static func parameters(_ query: [UInt8]) -> [(name: String, value: String)] {
        query.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            return (decoded(parts[0]), parts.count == 2 ? decoded(parts[1]) : "")
        }
    }

    /// Undoes percent-encoding; a `%` without two digits behind it stands for itself.
    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value,
                digits.first != UInt8(ascii: "+")
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
