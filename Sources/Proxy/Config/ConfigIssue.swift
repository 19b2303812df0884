/// One mistake in the configuration: where it is, what is there and what to write instead.
package struct ConfigIssue: Sendable, Equatable, CustomStringConvertible {
    /// JSON path, such as `$.services.backend.health_check.interval`.
    package let path: String
    /// What stands there, in a few words.
    package let found: String
    /// What to do, as a clause: `write …`.
    package let message: String
    /// Place in the file, both from 1; nil where the issue is in no text.
    package let line: Int?
    package let column: Int?

    package init(
        path: String,
        found: String,
        message: String,
        line: Int? = nil,
        column: Int? = nil
    ) {
        self.path = path
        self.found = found
        self.message = message
        self.line = line
        self.column = column
    }

    package var description: String {
        var place = path
        if let line, let column { place += " (line \(line), column \(column))" }
        return "\(place): found \(found); \(message)"
    }
}

/// Everything that is wrong with a configuration, in the order of the file.
package struct ConfigFailure: Error, Equatable, CustomStringConvertible {
    package let issues: [ConfigIssue]

    package init(issues: [ConfigIssue]) { self.issues = issues }

    /// One line for each issue.
    package var description: String {
        issues.map(\.description).joined(separator: "\n")
    }
}
