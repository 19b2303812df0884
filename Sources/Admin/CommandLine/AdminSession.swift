import CLinux
import Glibc
import Proxy

/// What the verbs that talk to a running switchyard do: ask, and show the answer.
package struct AdminSession {
    /// Options that each of those verbs has.
    package static let options = [
        Option("admin", "URL", help: "the admin port (SWITCHYARD_ADMIN, \(AdminAddress.standard))"),
        Option("token-file", "FILE", help: "file with the token (or SWITCHYARD_TOKEN holds it)"),
        Option("json", help: "print the admin port's answer"),
    ]
    /// Options of the verbs that change something.
    package static let changeOptions = [
        Option("reason", "TEXT", help: "kept in the history"),
        Option("force", help: "change even to a slot with an unhealthy service"),
        Option("if-generation", "N", help: "only if N is still the generation"),
    ]
    /// Options of the verbs that take all traffic from a slot.
    package static let waitOptions = [
        Option("wait", "drained", help: "return when the old slot has no exchange left"),
        Option("timeout", "TIME", help: "how long to wait, such as 30s (default) or 5m"),
    ]

    let client: AdminClient
    private let showsJSON: Bool
    let arguments: Arguments

    /// Throws when an option's value cannot be used.
    package init(_ arguments: Arguments) throws(UsageFailure) {
        let address = arguments["admin"] ?? Self.environment("SWITCHYARD_ADMIN")
        client = AdminClient(
            address: try AdminAddress(address ?? AdminAddress.standard),
            token: try Self.token(arguments)
        )
        showsJSON = arguments.has("json")
        self.arguments = arguments
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    private static func token(_ arguments: Arguments) throws(UsageFailure) -> String? {
        guard let path = arguments["token-file"] else { return environment("SWITCHYARD_TOKEN") }
        do {
            let limit = AdminTokens.lengthLimitBytes
            let text = String(decoding: try contents(of: path, limitBytes: limit), as: UTF8.self)
            return String(text.drop { $0.isWhitespace }.prefix { !$0.isWhitespace })
        } catch {
            throw UsageFailure(message: "cannot read the token file \(path) (\(error))")
        }
    }

    /// Asks, and shows the answer by `words` or as JSON; a refusal goes to standard error.
    func show(
        _ method: String,
        _ path: String,
        fields: [(name: String, value: String)] = [],
        body: JSON? = nil,
        within limit: Duration = AdminClient.answerLimit,
        failsOnRest: Bool = true,
        code: (JSON) -> ExitCode = { _ in .done },
        words: (JSON) -> String
    ) -> ExitCode {
        let answer: AdminClient.Answer
        do {
            answer = try client.ask(method, path, fields: fields, body: body, within: limit)
        } catch {
            Terminal.complain("switchyard: \(error.message)")
            return .unreachable
        }
        guard answer.isDone, let json = answer.json else {
            if showsJSON { Terminal.say(answer.text) }
            Terminal.complain("switchyard: \(Self.explain(answer))")
            return .refused
        }
        Terminal.say(showsJSON ? answer.text : words(json))
        guard !failsOnRest || json["drained"]?.bool != false else {
            Terminal.complain("switchyard: exchanges still run on the slot that lost its traffic")
            return .refused
        }
        return code(json)
    }

    private static func explain(_ answer: AdminClient.Answer) -> String {
        let message = answer.json?["error"]?.string ?? "the admin port answered \(answer.status)"
        let issues = answer.json?["issues"]?.array?.compactMap(\.string) ?? []
        return ([message] + issues).map(\.printable).joined(separator: "\n  ")
    }
}

// MARK: Looking

extension AdminSession {
    package func activeSlot() -> ExitCode {
        show("GET", "/active-slot?format=json") { $0["slot"]?.string ?? "" }
    }

    package func inactiveSlot() -> ExitCode {
        show("GET", "/inactive-slot?format=json") { $0["slot"]?.string ?? "" }
    }

    package func history() -> ExitCode {
        show("GET", "/history") { HistoryTable.text($0) }
    }

    /// Shows the verdict on `slot`, or on the inactive one; the exit code tells it too.
    package func verdict(of slot: String?) -> ExitCode {
        // What no name may have cannot ask for something else either.
        let name = slot.map { slot in
            String(
                slot.map {
                    $0.isASCII && ($0.isLetter || $0.isNumber) || "_.-".contains($0) ? $0 : "?"
                }
            )
        }
        return show(
            "GET",
            "/verdict" + (name.map { "?slot=\($0)" } ?? ""),
            code: { answer in
                switch answer["verdict"]?.string.flatMap(Verdict.State.init) {
                case .pass: .done
                case .fail: .refused
                case .inconclusive, nil: .inconclusive
                }
            },
            words: VerdictTable.text
        )
    }

    /// Shows the status, again every second while `--watch` is given.
    package func status() -> ExitCode {
        while true {
            if arguments.has("watch") { Terminal.clear() }
            let code = show("GET", "/status") { StatusTable.text($0) }
            guard arguments.has("watch"), code == .done else { return code }
            sleep(1)
        }
    }
}

// MARK: Changing

extension AdminSession {
    package func switchSlot(to slot: String) throws(UsageFailure) -> ExitCode {
        let body = try changeBody(["slot": .string(slot)])
        return try change("POST", "/switch", body) { json in
            let isNew = json["changed"]?.bool == true
            let generation = json["generation"]?.line ?? ""
            return isNew
                ? "\(slot) is active, generation \(generation)"
                : "\(slot) was active already, nothing changed"
        }
    }

    package func rollback() throws(UsageFailure) -> ExitCode {
        try change("POST", "/rollback", try changeBody([:])) { json in
            "back to \(json["active"]?.string ?? ""), generation \(json["generation"]?.line ?? "")"
        }
    }

    package func setCanary(percent text: String) throws(UsageFailure) -> ExitCode {
        let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
        guard let percent = Double(digits), percent.isFinite else {
            throw UsageFailure(message: "\(text) is no percentage; write 12.5, for example")
        }
        let body = try changeBody(["percent": JSON(percent)])
        return try change("PUT", "/canary", body) { json in
            let canary = json["canary"]
            return "canary \(canary?["slot"]?.string ?? "") takes"
                + " \(canary?["percent"]?.line ?? "") %, generation \(json["generation"]?.line ?? "")"
        }
    }

    package func clearCanary() throws(UsageFailure) -> ExitCode {
        guard !arguments.has("force") else {
            throw UsageFailure(message: "canary off is never refused because of health: no --force")
        }
        return try change("DELETE", "/canary", try changeBody([:])) { json in
            "\(json["active"]?.string ?? "") takes all traffic,"
                + " generation \(json["generation"]?.line ?? "")"
        }
    }

    package func reload() -> ExitCode {
        show("POST", "/reload") { json in
            "reloaded \(json["path"]?.string ?? ""), configuration \(json["hash"]?.string ?? "")"
        }
    }

    package func upgrade() -> ExitCode {
        show("POST", "/upgrade", within: AdminClient.upgradeLimit) { json in
            "process \(json["process"]?.line ?? "?"), \(json["version"]?.string ?? ""), serves in"
                + " place of \(json["replaced"]?.line ?? "?")"
        }
    }

    func change(
        _ method: String,
        _ path: String,
        _ body: JSON,
        words: (JSON) -> String
    ) throws(UsageFailure) -> ExitCode {
        var fields: [(name: String, value: String)] = []
        if let text = arguments["if-generation"] {
            guard let generation = UInt64(text) else {
                throw UsageFailure(message: "--if-generation \(text) is not a number")
            }
            fields = [("If-Match", "\"\(generation)\"")]
        }
        var limit = AdminClient.answerLimit
        if arguments["wait"] != nil {
            let timeout = arguments["timeout"].flatMap(DurationText.parse)
            limit += timeout ?? ChangeBody().timeout
        }
        return show(method, path, fields: fields, body: body, within: limit, words: words)
    }

    /// The body for the options that were given, after `members`.
    private func changeBody(_ members: JSON) throws(UsageFailure) -> JSON {
        var body = members
        for name in ["reason", "wait", "timeout"] {
            if let text = arguments[name] { body = body.adding(name, .string(text)) }
        }
        if arguments.has("force") { body = body.adding("force", .bool(true)) }
        if arguments["timeout"] != nil, arguments["wait"] == nil {
            throw UsageFailure(message: "--timeout needs --wait drained")
        }
        return body
    }
}
