import Proxy

@testable import Admin

/// The admin API: any bytes are incomplete, refused, or a request that gets a whole answer.
final class AdminTarget: Sendable {
    static let shared = AdminTarget()

    /// Endpoints without probes, so that every switch is possible and nothing is on its way.
    private static let config = """
        {
          "listeners": [{"address": "127.0.0.1:0", "routes": [{"service": "web"}]}],
          "services": {"web": {"health_check": false}},
          "slots": {"blue": {"web": ["127.0.0.1:1"]}, "green": {"web": ["127.0.0.1:1"]}},
          "active_slot": "blue", "state_file": null, "workers": 1
        }
        """

    private let routes: AdminRoutes

    private init() {
        do {
            let config = try Config.parse(Self.config)
            let starting = try StartingState(
                saved: nil,
                config: config,
                environment: nil,
                now: .now
            )
            let server = try ProxyServer(config: config, routing: starting.routing(config: config))
            let control = ControlPlane(
                server: server,
                starting: starting,
                loaded: LoadedConfig(path: "/nowhere/proxy.json", hash: config.hash, time: .now),
                stateFile: nil,
                tokens: AdminTokens(),
                log: Log(descriptor: -1)
            )
            server.start()
            routes = AdminRoutes(
                control: control,
                guardian: OriginGuard(bind: .loopback(port: 8081)),
                address: (written: "127.0.0.1:8081", bound: "127.0.0.1:8081")
            )
        } catch {
            preconditionFailure("the admin target cannot start: \(error)")
        }
    }

    func check(_ bytes: [UInt8]) throws {
        let reading = MessageReader.read(bytes, bodyLimitBytes: AdminServer.bodyLimitBytes)
        switch reading {
        case .incomplete: return
        case .refused(let status, let reason):
            try promise((400...599).contains(status) && !reason.isEmpty, "refused with \(status)")
        case .complete(let plain, let byteCount):
            try promise(byteCount <= bytes.count, "more bytes than there are")
            let response = routes.answer(AdminRequest(plain, peer: "fuzzer"))
            try promise((200...599).contains(response.status), "status \(response.status)")
            try promise(!response.body.isEmpty || response.status == 204, "an empty answer")
        }
    }
}
