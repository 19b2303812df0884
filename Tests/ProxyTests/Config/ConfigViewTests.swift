import Foundation
import Testing

@testable import Proxy

@Suite("Config view")
struct ConfigViewTests {
    /// The top of the repository.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every key, each with a value that is not its default.
    static let everything = ConfigText(
        listeners: #"""
            [{"address": ":8080", "routes": [
                {"path": "/a", "host": "EXAMPLE.org", "service": "app"},
                {"path_prefix": "/b/", "header": {"name": "X-Beta"}, "service": "app"},
                {"header": {"name": "X-Beta", "value": "yes"}, "methods": ["GET"], "service": "web"}]},
             {"address": "[::1]:0", "routes": [{"service": "web"}]}]
            """#,
        services: #"""
            {"web": {"health_check": false},
             "app": {"health_check": {"path": "/h", "interval": "1500ms", "timeout": "1h", "rise": 1,
                "fall": 9, "host": "app.example.org:81"}}}
            """#,
        slots: #"""
            {"v2": {"app": ["unix:/run/app.sock"], "web": ["[::1]:3", "web-2:80"]},
             "v1": {"app": [{"address": "a:1", "weight": 7}], "web": [{"address": "a:2"}]}}
            """#,
        activeSlot: #""v2""#,
        more: #"""
            "$schema": "x",
            "admin": {"address": "0.0.0.0:81", "token_file": "t1", "read_token_file": "t2",
                "without_token": ["/healthz", "/active-slot"]},
            "state_file": null, "workers": 3,
            "canary": {"percent": 12.34, "sticky": {"header": "X-User"},
                "session": {"cookie": "s", "max_age": "1h", "when_lowered": "keep", "secure": true,
                    "key_file": "t4"},
                "rules": [{"header": {"name": "X-A", "value": "b"}, "slot": "v1"},
                    {"cookie": {"name": "c"}, "client_addresses": ["10.0.0.0/8"], "slot": "canary"}],
                "safety_net": {"budget_percent": 50, "on_500": true}},
            "preview": {"header": "X-P", "token_header": "X-T", "token_file": "t3"},
            "timeouts": {"connect": "1ms", "response_head": "24h", "stream_idle": "3s",
                "request_head": "4s", "request_body": "5s", "keepalive": "6s", "drain": "7s",
                "stream_drain": "8s", "upgrade": "9s"},
            "limits": {"head_bytes": 5000, "fields": 7, "target_bytes": "1KiB", "body_bytes": "1GiB",
                "downstream_connections": 9},
            "upstream": {"idle_connections": 0, "idle_timeout": "1m", "retries": 0,
                "retry_budget_percent": 0, "balance": "round_robin", "resolve_interval": "1m"},
            "forwarded": {"trusted_proxies": ["10.0.0.0/8", "::1", "fd00::/8"], "request_id": "X-R",
                "traceparent": "make"},
            "access_log": {"path": "/var/log/a.log", "format": "combined"},
            "health_path": "/lb", "error_log": {"level": "warn", "lines_per_second": 3},
            "metrics": {"buckets_seconds": [0.1, 1]}
            """#
    )
    static let tokens = [
        "t1": "sesame-full", "t2": "sesame-read", "t3": "sesame-preview", "t4": "sesame-key",
    ]

    @Test func `no token is shown, the paths of their files are`() throws {
        let config = try Self.everything.config(files: Self.tokens)

        let view = config.redactedJSON()

        #expect(config.preview?.token == "sesame-preview")
        #expect(!view.contains("sesame"))
        #expect(view.contains(#""token_file": "t3""#))
    }

    @Test func `defaults are filled in`() throws {
        let view = try ConfigText().config().redactedJSON()

        for line in [
            #""address": "127.0.0.1:8081""#, #""state_file": "state/switchyard.json""#,
            #""sticky": "client_address""#, #""stream_drain": "5m""#, #""head_bytes": "32KiB""#,
            #""balance": "least_request""#, #""access_log": null"#, #""percent": null"#,
        ] {
            #expect(view.contains(line))
        }
    }

    @Test func `the hash is stable, and another one for another configuration`() throws {
        let hash = try ConfigText().config().hash
        let other = try ConfigText(more: #""workers": 2"#).config().hash

        #expect(hash == "1264a0898a32ec08")
        #expect(other != hash)
    }

    /// `WRITE_SCHEMA=1 swift test --filter ConfigView` brings the file up to date.
    @Test func `the committed schema is the one that the check makes`() throws {
        let file = Self.root.appending(path: "proxy.schema.json")
        if ProcessInfo.processInfo.environment["WRITE_SCHEMA"] != nil {
            try Data(Config.schema().utf8).write(to: file)
        }

        let committed = try String(contentsOf: file, encoding: .utf8)

        #expect(committed == Config.schema(), "run this test with WRITE_SCHEMA=1")
    }

    @Test func `the example file loads`() throws {
        let config = try Config.load(path: Self.root.appending(path: "proxy.json").path)

        #expect(config.listeners.map(\.address) == ["0.0.0.0:8080"])
        #expect(config.listeners[0].routes.map(\.service) == [0, 0, 0, 1])
        #expect(config.services.map(\.name) == ["backend", "frontend"])
        #expect(config.slots.map(\.name) == ["blue", "green"])
        #expect(config.activeSlot == SlotID(0))
        #expect(config.admin == Config.Admin())
        #expect(config.canary.sticky == .cookie("switchyard"))
        #expect(config.accessLog == nil)
    }
}
