import Testing

@testable import Proxy

/// Mistakes in what requests go to: services, slots and endpoints; and all of them together.
@Suite("Config file: services and slots")
struct ConfigFileCheckTests {
    private static let path =
        "write a path that starts with `/`, percent-encoded and without `?` and `#`"
    private static let name = "write a name of at most 64 letters, digits, `_`, `.` or `-`"
    private static let duration =
        #"write a duration from "1ms" to "24h" with a unit, such as "250ms", "2s" or "5m""#
    private static let endpoint =
        #"write `host:port` or `unix:/path`, such as "127.0.0.1:9001""#
    private static let everySlot = "write a list of endpoints, every slot runs every service"

    static let serviceMistakes =
        [
            Mistake(
                ConfigText(services: "[]"),
                "$.services",
                found: "an empty list",
                "write an object with 1 to 64 services, each under its name"
            ),
            Mistake(
                .healthCheck("true"),
                "$.services.app.health_check",
                found: "true",
                #"write an object, such as {"path": "/health"}, or false for no probes"#
            ),
            Mistake(
                .healthCheck("null"),
                "$.services.app.health_check",
                found: "null",
                #"write an object, such as {"path": "/health"}, or false for no probes"#
            ),
            Mistake(
                ConfigText(services: #"{"app": {"healthCheck": false}}"#),
                "$.services.app.healthCheck",
                found: "an unknown key",
                "did you mean `health_check`?"
            ),
            Mistake(
                .healthCheck(#"{"path": "health"}"#),
                "$.services.app.health_check.path",
                found: #""health""#,
                path
            ),
            Mistake(
                .healthCheck(#"{"rise": 0}"#),
                "$.services.app.health_check.rise",
                found: "0",
                "write a whole number from 1 to 100"
            ),
            Mistake(
                .healthCheck(#"{"fall": 2.5}"#),
                "$.services.app.health_check.fall",
                found: "2.5",
                "write a whole number from 1 to 100"
            ),
            Mistake(
                .healthCheck(#"{"host": "a b"}"#),
                "$.services.app.health_check.host",
                found: #""a b""#,
                #"write a host with or without a port, such as "example.org""#
            ),
            Mistake(
                .healthCheck(#"{"timeout": 2}"#),
                "$.services.app.health_check.timeout",
                found: "2",
                duration
            ),
        ]
        + ["0s", "-1s", "1", "1.5s", "s", "05s", "25h", "1d", "1m30s", "1 s", "99999999999h"].map {
            Mistake(
                .healthCheck(#"{"interval": "\#($0)"}"#),
                "$.services.app.health_check.interval",
                found: "\"\($0)\"",
                duration
            )
        }

    static let slotMistakes =
        [
            Mistake(
                ConfigText(slots: #"{"blue": {"app": ["a:1"]}}"#),
                "$.slots",
                found: "an object with 1",
                "write exactly 2 slots"
            ),
            Mistake(
                ConfigText(
                    slots: """
                        {"blue": {"app": ["a:1"]}, "green": {"app": ["a:2"]}, "red": {"app": ["a:3"]}}
                        """
                ),
                "$.slots",
                found: "an object with 3",
                "write exactly 2 slots"
            ),
            Mistake(
                ConfigText(slots: #"{"blue": {"app": ["a:1"]}, "green": {}}"#),
                "$.slots.green.app",
                found: "nothing",
                everySlot
            ),
            Mistake(
                ConfigText(
                    slots: #"{"blue": {"app": ["a:1"], "web": ["a:1"]}, "green": {"app": ["a:1"]}}"#
                ),
                "$.slots.blue.web",
                found: #"the unknown service "web""#,
                "write one of `app`"
            ),
            Mistake(
                ConfigText(slots: #"{"blue": {"app": ["a:1"]}, "a b": {"app": ["a:1"]}}"#),
                #"$.slots["a b"]"#,
                found: #""a b""#,
                name
            ),
            Mistake(
                ConfigText(activeSlot: #""bleu""#),
                "$.active_slot",
                found: #"the unknown slot "bleu""#,
                "did you mean `blue`?"
            ),
            Mistake(ConfigText(activeSlot: "1"), "$.active_slot", found: "1", name),
            Mistake(
                .endpoints("[]"),
                "$.slots.blue.app",
                found: "an empty list",
                "write a list of 1 to 256 endpoints"
            ),
            Mistake(
                .endpoints(#""a:1""#),
                "$.slots.blue.app",
                found: #""a:1""#,
                "write a list of 1 to 256 endpoints"
            ),
            Mistake(
                .endpoints(#"["a:1", "b:1", "a:1"]"#),
                "$.slots.blue.app[2]",
                found: #""a:1" a second time"#,
                "write each endpoint once, with a `weight` if it should take more"
            ),
            Mistake(
                .endpoints(#"[{"weight": 2}]"#),
                "$.slots.blue.app[0].address",
                found: "nothing",
                endpoint
            ),
            Mistake(
                .endpoints(#"[{"address": "a:1", "weight": 0}]"#),
                "$.slots.blue.app[0].weight",
                found: "0",
                "write a whole number from 1 to 1000"
            ),
            Mistake(.endpoints("[7]"), "$.slots.blue.app[0]", found: "7", endpoint),
        ]
        + [
            "a", "a:0", "a:65536", ":80", "http://a:80", "::1:80", "[::1]", "[a]:80",
            "256.1.1.1:80",
            "a b:80", "a_:x", "-a:1", "unix:", "unix:/", "unix:x", "", "a:1/x",
            "unix:/" + String(repeating: "x", count: 107),
        ].map {
            Mistake(
                .endpoints("[\"\($0)\"]"),
                "$.slots.blue.app[0]",
                found: JSON.string($0).summary,
                endpoint
            )
        }

    @Test(
        "a mistake is told with its path and what to write",
        arguments: serviceMistakes + slotMistakes
    )
    func mistakes(mistake: Mistake) {
        mistake.expectAlone()
    }

    @Test func `all required keys are asked for at once`() {
        let issues = Config.issues(of: "{}")

        #expect(issues.map(\.path) == ["$.listeners", "$.services", "$.slots", "$.active_slot"])
        #expect(issues.allSatisfy { $0.found == "nothing" })
    }

    @Test func `every mistake is told at once, in the file's order, with its place`() {
        let issues = Config.issues(
            of: """
                {
                  "listeners": [
                    { "address": "nowhere", "routes": [{ "path": "x", "service": "ap" }] },
                    { "address": ":80", "adress": ":81", "address": ":82", "routes": [7] }
                  ],
                  "services": { "app": { "health_check": { "rise": 0, "fall": "3" } }, "web": {} },
                  "slots": { "blue": { "app": ["a:0", "a:1", "a:1"] }, "green": { "web": false } },
                  "active_slot": "red",
                  "workers": 0
                }
                """
        )

        let places = issues.map { "\($0.line ?? 0):\($0.column ?? 0) \($0.path)" }
        #expect(
            places == [
                "3:18 $.listeners[0].address",
                "3:50 $.listeners[0].routes[0].path",
                "3:66 $.listeners[0].routes[0].service",
                "4:25 $.listeners[1].adress",
                "4:42 $.listeners[1].address",
                "4:71 $.listeners[1].routes[0]",
                "6:52 $.services.app.health_check.rise",
                "6:63 $.services.app.health_check.fall",
                "7:22 $.slots.blue.web",
                "7:32 $.slots.blue.app[0]",
                "7:46 $.slots.blue.app[2]",
                "7:65 $.slots.green.app",
                "7:74 $.slots.green.web",
                "8:18 $.active_slot",
                "9:14 $.workers",
            ]
        )
    }

    @Test func `an issue reads as a sentence with its place`() {
        let issue = ConfigText(activeSlot: #""bleu""#).issues().first

        #expect(
            issue?.description
                == #"$.active_slot (line 4, column 16): found the unknown slot "bleu"; did you mean `blue`?"#
        )
    }

    @Test func `services and slots are sorted by name, whatever their order`() throws {
        let config = try ConfigText(
            listeners: #"[{"address": ":1", "routes": [{"service": "b"}, {"service": "a"}]}]"#,
            services: #"{"b": {}, "a": {}}"#,
            slots: #"{"y": {"b": ["b1:1"], "a": ["a1:1"]}, "x": {"a": ["a2:1"], "b": ["b2:1"]}}"#,
            activeSlot: #""y""#
        ).config()

        #expect(config.services.map(\.name) == ["a", "b"])
        #expect(config.listeners[0].routes.map(\.service) == [1, 0])
        #expect(config.slots.map(\.name) == ["x", "y"])
        #expect(config.slots[1].endpoints.map { $0.map(\.authority) } == [["a1:1"], ["b1:1"]])
        #expect(config.activeSlot == SlotID(1))
    }

    @Test(
        "endpoints are addresses or names",
        arguments: [
            (#""127.0.0.1:9001""#, .address(.loopback(port: 9001)), 1),
            (#"{"address": "127.0.0.1:9001", "weight": 3}"#, .address(.loopback(port: 9001)), 3),
            (#""[::1]:80""#, .address(.ip(IPAddress(high: 0, low: 1), port: 80)), 1),
            (#""localhost:9001""#, .name(host: "localhost", port: 9001), 1),
            (
                #""backend_blue-1.internal.:80""#,
                .name(host: "backend_blue-1.internal.", port: 80), 1
            ),
            (#""unix:/run/app.sock""#, .address(.unix(path: "/run/app.sock")), 1),
        ] as [(String, Config.Endpoint.Target, Int)]
    )
    func endpoints(text: String, target: Config.Endpoint.Target, weight: Int) throws {
        let endpoint = try ConfigText.endpoints("[\(text)]").config().slots[0].endpoints[0][0]

        #expect(endpoint.target == target)
        #expect(endpoint.weight == weight)
        #expect(text.contains(endpoint.authority))
    }

    @Test(
        "how a service is probed",
        arguments: [
            ("false", .none), ("{}", .connect), (#"{"path": "/up"}"#, .get(path: "/up")),
        ] as [(String, Config.HealthCheck.Probe)]
    )
    func probes(text: String, probe: Config.HealthCheck.Probe) throws {
        #expect(try ConfigText.healthCheck(text).config().services[0].healthCheck.probe == probe)
    }
}

extension Config {
    /// What is wrong with `text`.
    static func issues(of text: String) -> [ConfigIssue] {
        do throws(ConfigFailure) {
            _ = try parse(text)
            return []
        } catch {
            return error.issues
        }
    }
}
