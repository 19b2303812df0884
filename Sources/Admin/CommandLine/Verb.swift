import CLinux
import Glibc

/// A word that the program does something on.
package protocol Verb {
    static var name: String { get }
    /// What follows the name, such as `SLOT [--force]`; empty for nothing.
    static var synopsis: String { get }
    /// What it does, in half a sentence.
    static var summary: String { get }
    static var options: [Option] { get }

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode
}

extension Verb {
    package static var synopsis: String { "" }
    package static var options: [Option] { [] }
}

/// Finds the verb that the words name, and runs it.
package struct Program {
    private let verbs: [any Verb.Type]

    package init(verbs: [any Verb.Type]) { self.verbs = verbs }

    /// Runs the command line `words`, without the program's name.
    package func run(_ words: [String]) -> ExitCode {
        guard let name = words.first else {
            Terminal.complain(overview)
            return .wrongUsage
        }
        if ["help", "--help", "-h"].contains(name) {
            guard words.count > 1, let verb = verb(words[1]) else {
                Terminal.say(overview)
                return .done
            }
            Terminal.say(Self.help(verb))
            return .done
        }
        guard let verb = verb(name == "--version" ? "version" : name) else {
            Terminal.complain("switchyard: \(name) is unknown; see switchyard --help")
            return .wrongUsage
        }
        if words.dropFirst().prefix(while: { $0 != "--" }).contains("--help") {
            Terminal.say(Self.help(verb))
            return .done
        }
        do {
            return try verb.run(Arguments(Array(words.dropFirst()), options: verb.options))
        } catch {
            Terminal.complain("switchyard: \(error.message); see switchyard \(name) --help")
            return .wrongUsage
        }
    }

    private func verb(_ name: String) -> (any Verb.Type)? { verbs.first { $0.name == name } }

    private var overview: String {
        let rows = verbs.map { ["  " + $0.name, $0.summary] }
        return "usage: switchyard VERB …\n\n" + Table(rows: rows).text
            + "\nswitchyard VERB --help tells more."
    }

    private static func help(_ verb: any Verb.Type) -> String {
        var text = "usage: switchyard \(verb.name)"
        if !verb.synopsis.isEmpty { text += " \(verb.synopsis)" }
        text += "\n\n\(verb.summary)"
        guard !verb.options.isEmpty else { return text }
        let rows = verb.options.map { option in
            ["  --\(option.name)" + (option.value.map { " \($0)" } ?? ""), option.help]
        }
        return text + "\n\n" + Table(rows: rows).text
    }
}
