import Testing

@testable import Proxy

/// The smallest configuration as text, with some of its parts replaced.
struct ConfigText {
    var listeners = #"[{"address": "127.0.0.1:0", "routes": [{"service": "app"}]}]"#
    var services = #"{"app": {}}"#
    var slots = #"{"blue": {"app": ["127.0.0.1:1"]}, "green": {"app": ["127.0.0.1:2"]}}"#
    var activeSlot = #""blue""#
    /// Further members: `"workers": 2`.
    var more: String?

    var text: String {
        let members = [
            #""listeners": \#(listeners)"#, #""services": \#(services)"#, #""slots": \#(slots)"#,
            #""active_slot": \#(activeSlot)"#,
        ]
        return "{" + (members + [more].compactMap(\.self)).joined(separator: ",\n") + "}"
    }

    static func routes(_ routes: String) -> ConfigText {
        ConfigText(listeners: #"[{"address": "127.0.0.1:0", "routes": [\#(routes)]}]"#)
    }

    static func route(_ members: String) -> ConfigText {
        routes(#"{\#(members), "service": "app"}"#)
    }

    static func healthCheck(_ value: String) -> ConfigText {
        ConfigText(services: #"{"app": {"health_check": \#(value)}}"#)
    }

    static func endpoints(_ list: String) -> ConfigText {
        ConfigText(slots: #"{"blue": {"app": \#(list)}, "green": {"app": ["127.0.0.1:2"]}}"#)
    }

    /// The checked configuration, with `files` for all the files there are.
    func config(files: [String: String] = [:]) throws(ConfigFailure) -> Config {
        try Config.parse(Array(text.utf8)) { path in
            guard let content = files[path] else { return .failure(FileFailure(reason: "absent")) }
            return .success(Array(content.utf8))
        }
    }

    /// What is wrong with it.
    func issues(files: [String: String] = [:]) -> [ConfigIssue] {
        do throws(ConfigFailure) {
            _ = try config(files: files)
            return []
        } catch {
            return error.issues
        }
    }
}

/// A mistake, and the words of the one issue that it leads to.
struct Mistake: CustomTestStringConvertible {
    let text: ConfigText
    let path: String
    let found: String
    let message: String

    init(_ text: ConfigText, _ path: String, found: String, _ message: String) {
        self.text = text
        self.path = path
        self.found = found
        self.message = message
    }

    /// A mistake in one of the optional sections.
    init(_ more: String, _ path: String, found: String, _ message: String) {
        self.init(ConfigText(more: more), path, found: found, message)
    }

    /// Expects this issue and no other.
    func expectAlone() {
        let issues = text.issues(files: ["r": "token"])

        #expect(issues.map(\.path) == [path])
        #expect(issues.map(\.found) == [found])
        #expect(issues.map(\.message) == [message])
    }

    var testDescription: String { "\(path): \(found)" }
}
