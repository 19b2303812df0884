/// A head as the RFCs define it, read by nothing of the product's: split first, then looked at.
struct StrictHead: Equatable {
    var startLine: [UInt8]
    var names: [[UInt8]] = []
    var values: [[UInt8]] = []

    /// Nil unless the bytes are lines that end in CRLF, each field a token, a colon and a value.
    init?(_ bytes: ArraySlice<UInt8>) {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes
        while let feed = rest.firstIndex(of: 0x0A) {
            let line = rest[..<feed]
            guard line.last == 0x0D else { return nil }
            lines.append(line.dropLast())
            rest = rest[(feed + 1)...]
        }
        guard rest.isEmpty, lines.count >= 2, lines.removeLast().isEmpty else { return nil }
        // One empty line may stand before a request.
        if lines[0].isEmpty { lines.removeFirst() }
        guard let first = lines.first, !lines.contains(where: { $0.contains(0x0D) }) else {
            return nil
        }
        startLine = Array(first)
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy(Self.isToken)
            else { return nil }
            names.append(Array(line[..<colon]))
            let blanks: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
            let value = line[(colon + 1)...].drop(while: blanks)
            values.append(value.reversed().drop(while: blanks).reversed())
        }
    }

    /// The parts of the start line between single spaces, `count` at most.
    func parts(_ count: Int) -> [[UInt8]] {
        startLine.split(separator: 0x20, maxSplits: count - 1, omittingEmptySubsequences: false)
            .map { Array($0) }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
