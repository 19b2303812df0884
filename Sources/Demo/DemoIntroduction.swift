import Proxy

/// The text that a started demo greets with.
struct DemoIntroduction {
    let config: Config
    let identities: [DemoIdentity]
    let foreignEndpoints: [String]

    var text: String {
        var lines = ["", "The demo is up; Ctrl-C stops it.", ""]
        for listener in config.listeners {
            lines.append(row("proxy", "http://\(reachable(listener.address))"))
        }
        lines.append(row("admin", "http://\(reachable(config.admin.address))"))
        for (index, slot) in config.slots.enumerated() {
            let places = identities.filter { $0.slot == slot.name }
                .map { "\($0.service) \($0.authority)" }
            let version = DemoIdentity.version(ofSlot: index)
            lines.append(row(slot.name, "version \(version): " + places.joined(separator: ", ")))
        }
        if !foreignEndpoints.isEmpty {
            lines.append(row("not ours", foreignEndpoints.joined(separator: ", ")))
        }
        return (lines + ["", "Try, in another terminal:"] + commands.map { "  " + $0 } + [""])
            .joined(separator: "\n") + "\n"
    }

    private var commands: [String] {
        let proxy = config.listeners.first.map { "http://" + reachable($0.address) } ?? ""
        let admin = "http://" + reachable(config.admin.address)
        let other = config.slots[config.activeSlot.other.index].name
        var rows = [
            ("curl \(proxy)/api/hello", "who answers"),
            ("curl \(admin)/active-slot", "who is live"),
            ("curl -H 'X-Slot: \(other)' \(proxy)/api/hello", "try \(other) before it is live"),
            ("curl -X POST \(admin)/switch/\(other)", "move all traffic"),
            ("curl -X POST \(admin)/rollback", "move it back"),
            ("curl -X PUT -d '{\"percent\": 10}' \(admin)/canary", "a tenth to \(other)"),
            ("curl \(admin)/metrics", "what was counted"),
        ]
        if let origin = identities.first(where: { $0.slot == other })?.authority {
            let knob = "curl -d '{\"error_percent\": 50}' http://\(origin)/knobs"
            rows.append((knob, "make \(other) fail"))
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { command, effect in
            command + String(repeating: " ", count: width + 3 - command.count) + effect
        }
    }

    /// A wildcard address is reached by the loopback one.
    private func reachable(_ address: String) -> String {
        guard let colon = address.lastIndex(of: ":") else { return address }
        return switch address[..<colon] {
        case "0.0.0.0", "[::]", "*", "": "127.0.0.1" + address[colon...]
        default: address
        }
    }

    private func row(_ name: String, _ value: String) -> String {
        "  " + name + String(repeating: " ", count: max(1, 10 - name.count)) + value
    }
}
