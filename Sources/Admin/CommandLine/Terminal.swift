import CLinux
import Glibc

/// Standard output and standard error, for people and pipes.
package enum Terminal {
    /// Writes a line to standard output.
    package static func say(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    package static func complain(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Whether standard output is a screen.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Clears the screen, where there is one.
    static func clear() {
        if isInteractive { write("\u{1B}[H\u{1B}[2J", to: STDOUT_FILENO, newline: false) }
    }

    /// Writes a line in the place of the last one, or below it.
    static func rewrite(_ line: String, isNew: Bool) {
        write(isNew ? "\n\(line)" : "\r\u{1B}[K\(line)", to: STDOUT_FILENO, newline: false)
    }

    private static func write(_ text: String, to descriptor: Int32, newline: Bool = true) {
        var rest = Array((newline && !text.hasSuffix("\n") ? text + "\n" : text).utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { raw in
                unsafe Glibc.write(descriptor, raw.baseAddress, raw.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Rows whose columns line up.
struct Table {
    var rows: [[String]]

    /// The rows, two spaces between columns, without blanks at the ends of lines.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let shown = cell.printable
                line += shown
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - shown.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}

extension String {
    /// Without anything that could steer a terminal.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
            )
        )
    }
}
