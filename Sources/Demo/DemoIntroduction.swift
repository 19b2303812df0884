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
        let proxy = config.listeners.first.map { reachable($0.address) } ?? ""
        let admin = reachable(config.admin.address)
        let other = config.slots[config.activeSlot.other.index].name
        var commands = [
            "curl http://\(proxy)/api/hello                       who answers",
            "curl http://\(admin)/active-slot                     who is live",
            "curl -H 'X-Slot: \(other)' http://\(proxy)/api/hello      ask for \(other) before it is live",
            "curl -X POST http://\(admin)/switch/\(other)             move all traffic",
            "curl -X POST http://\(admin)/rollback                move it back",
            "curl -X PUT -d '{\"percent\": 10}' http://\(admin)/canary   a tenth to \(other)",
            "curl http://\(admin)/metrics                         what was counted",
        ]
        if let identity = identities.first(where: { $0.slot == other }) {
            commands.append(
                "curl -d '{\"error_percent\": 50}' http://\(identity.authority)/knobs   make \(other) fail"
            )
        }
        return commands
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
