import CLinux
import Glibc
import Proxy
import Testing

@testable import Admin

/// A control plane with its admin port on free ports, ended with the test.
///
/// Its endpoints need no origins: the kernel accepts for a socket that only listens, and nobody
/// listens on port 1 of loopback.
final class YardUnderTest: Sendable {
    let directory = TemporaryDirectory()
    let server: ProxyServer
    let control: ControlPlane
    let admin: AdminServer
    let configPath: String
    private let origin: FileDescriptor

    var statePath: String { directory.file("state/switchyard.json") }
    var port: UInt16 {
        guard case .ip(_, let port) = admin.bound else { preconditionFailure("bound to TCP") }
        return port
    }

    /// With `sickSlot`, that slot has a service that does not answer.
    ///
    /// `green` is the endpoint of that slot, and `more` further members of the configuration.
    init(
        sickSlot: Int? = nil,
        green: String? = nil,
        more: String = "",
        tokens: AdminTokens = AdminTokens()
    ) throws {
        origin = try Socket.listener(at: .loopback(port: 0), shared: false)
        let address = Socket.boundAddress(of: origin)
        let healthy = "\(try #require(address))"
        let text = Self.configText(
            blue: sickSlot == 0 ? "127.0.0.1:1" : healthy,
            green: green ?? (sickSlot == 1 ? "127.0.0.1:1" : healthy),
            more: more,
            state: directory.file("state/switchyard.json")
        )
        configPath = directory.write("proxy.json", Array(text.utf8))
        let config = try Config.load(path: configPath)
        let file = try StateFile.open(directory.file("state/switchyard.json"))
        let starting = try StartingState(
            saved: try file.load(slotNames: config.slots.map(\.name)),
            config: config,
            environment: nil,
            now: .now
        )
        server = try ProxyServer(config: config, routing: starting.routing(config: config))
        control = ControlPlane(
            server: server,
            starting: starting,
            loaded: LoadedConfig(path: configPath, hash: config.hash, time: .now),
            stateFile: file,
            tokens: tokens,
            log: Log(descriptor: -1)
        )
        admin = try AdminServer(config: config.admin, control: control)
        try control.recordStart(actor: "test", reason: nil)
        server.start()
        admin.start()
        while !server.isReady { sched_yield() }
    }

    deinit {
        admin.stop()
        server.stop()
    }

    static func configText(
        blue: String,
        green: String,
        more: String = "",
        state: String
    ) -> String {
        """
        {
          \(more)
          "listeners": [{"address": "127.0.0.1:0", "routes": [{"service": "web"}]}],
          "services": {"web": {"health_check": {"interval": "250ms"}}},
          "slots": {"blue": {"web": ["\(blue)"]}, "green": {"web": ["\(green)"]}},
          "active_slot": "blue",
          "admin": {"address": "127.0.0.1:0"},
          "state_file": "\(state)",
          "workers": 1
        }
        """
    }

    private func client() throws -> AdminClient {
        AdminClient(address: try AdminAddress("http://127.0.0.1:\(port)"), token: nil)
    }

    /// Asks the admin port over a connection of its own.
    func ask(
        _ method: String,
        _ path: String,
        _ body: String? = nil,
        fields: [(name: String, value: String)] = []
    ) throws -> (status: Int, text: String) {
        let json = try body.map { try JSONParser.parse(Array($0.utf8)) }
        let answer = try client().ask(method, path, fields: fields, body: json)
        return (answer.status, answer.text)
    }

    /// Sends `wire` as it is, and returns all that comes until the end of the connection.
    func exchange(_ wire: String) throws -> String {
        let connection = try client().connect()
        let deadline = ContinuousClock.now + .seconds(20)
        let isSent = connection.send(Array(wire.utf8), until: deadline)
        try #require(isSent)
        var bytes: [UInt8] = []
        while case .bytes(let more) = connection.receive(until: deadline) { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A member of the status, by the path to it.
    func status(_ path: String...) throws -> JSON? {
        var json: JSON? = try JSONParser.parse(Array(try ask("GET", "/status").text.utf8))
        for key in path { json = json?[key] }
        return json
    }
}
