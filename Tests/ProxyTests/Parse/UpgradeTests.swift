import Testing

@testable import Proxy

@Suite("Upgrade")
struct UpgradeTests {
    private func request(_ lines: String, version: String = "HTTP/1.1") -> String {
        "GET / \(version)\r\nHost: a\r\n\(lines)\r\n\r\n"
    }

    @Test(arguments: [
        ("Connection: Upgrade\r\nUpgrade: websocket", Upgrade.websocket),
        ("Connection: keep-alive, upgrade\r\nUpgrade: WebSocket", .websocket),
        ("Upgrade: websocket\r\nConnection: upgrade", .websocket),
        ("Connection: upgrade\r\nUpgrade: websocket/13", .websocket),
        ("Connection: upgrade\r\nUpgrade: tcp", .other),
        ("Connection: upgrade\r\nUpgrade: websocket2", .other),
        ("Connection: upgrade\r\nUpgrade: websocket, tcp", .other),
        ("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: tcp", .other),
        ("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 0", .websocket),
        ("Upgrade: websocket", .none),
        ("Connection: close\r\nUpgrade: websocket", .none),
        ("Connection: upgrade", .none),
        ("Connection: upgrade\r\nUpgrade:", .none),
        ("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1", .none),
        ("Connection: upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked", .none),
        ("Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA", .none),
        ("Connection: upgrade\r\nUpgrade: H2C", .none),
        ("Connection: upgrade\r\nUpgrade: h2", .none),
        ("Connection: upgrade\r\nUpgrade: HTTP/2.0", .none),
        ("Connection: upgrade\r\nUpgrade: websocket, h2c", .none),
        ("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c", .none),
    ])
    func `a protocol is offered only where it can be taken up`(
        lines: String,
        upgrade: Upgrade
    ) throws {
        let (head, reading) = try accepted(request: request(lines))

        #expect(head.upgrade == upgrade)
        for name in ["Upgrade", "Connection", "HTTP2-Settings"] {
            #expect(!reading.keptNames.contains(name))
        }
    }

    @Test func `HTTP 1_0 has no Upgrade`() throws {
        let lines = "Connection: upgrade\r\nUpgrade: websocket"

        #expect(try accepted(request: request(lines, version: "HTTP/1.0")).head.upgrade == .none)
    }

    @Test(arguments: [
        "websocket,", ",websocket", "a,,b", "web socket", "websocket/", "/13", "websocket/1/2",
        "websocket;v=13", "\"websocket\"", "websock\u{E9}t", "a/b c",
    ])
    func `anything but a list of protocols is refused`(value: String) {
        expectRefused(request: request("Upgrade: \(value)"), .badUpgrade)
    }
}
