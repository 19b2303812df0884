/// A Swift file as lines, and as the words of its code.
struct SourceFile: Sendable {
    /// An identifier or keyword outside comments and string literals.
    struct Word: Sendable {
        let text: String
        /// Counted from 1.
        let line: Int
        /// Stands behind a dot, as in `Config.Listener`.
        let isMember: Bool
    }

    let path: String
    let name: String
    let lines: [Substring]
    let words: [Word]

    init(_ file: Tree.File) {
        path = file.path
        name = file.name
        lines = file.lines
        words = Self.words(of: lines)
    }

    private static func words(of lines: [Substring]) -> [Word] {
        var words: [Word] = []
        var isInLongString = false
        for (index, line) in lines.enumerated() {
            let bytes = Array(line.utf8)
            var place = 0
            while place < bytes.count {
                let rest = bytes[place...]
                if rest.starts(with: longQuote) {
                    isInLongString.toggle()
                    place += longQuote.count
                } else if isInLongString {
                    place += 1
                } else if rest.starts(with: comment) {
                    break
                } else if bytes[place] == quote {
                    place = endOfString(bytes, from: place)
                } else if isLetter(bytes[place]) {
                    let end = rest.firstIndex { !isLetter($0) && !isDigit($0) } ?? bytes.count
                    let isMember = place > 0 && bytes[place - 1] == dot
                    let text = String(decoding: bytes[place..<end], as: UTF8.self)
                    words.append(Word(text: text, line: index + 1, isMember: isMember))
                    place = end
                } else {
                    place += 1
                }
            }
        }
        return words
    }

    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var place = start + 1
        while place < bytes.count, bytes[place] != quote {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        return place + 1
    }

    private static let quote = UInt8(ascii: "\"")
    private static let longQuote = [quote, quote, quote]
    private static let comment = Array("//".utf8)
    private static let dot = UInt8(ascii: ".")

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
