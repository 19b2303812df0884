import Testing

@testable import Proxy

/// Mistakes in the sections on the process and on the split.
@Suite("Config file: settings")
struct ConfigFileSettingsTests {
    private static let writeOwnHeader = #"write the name of a header of your own, such as "X-Slot""#
    private static let writeSticky =
        #"write "client_address", {"cookie": "NAME"}, {"header": "NAME"} or null"#
    private static let writePercent =
        "write a percentage from 0 to 100 in steps of 0.01, or null for no canary"

    static let processMistakes =
        [
            Mistake(
                #""worker": 2"#,
                "$.worker",
                found: "an unknown key",
                "did you mean `workers`?"
            ),
            Mistake(
                #""workers": 0"#,
                "$.workers",
                found: "0",
                "write a whole number from 1 to 256, or null for one for each core"
            ),
            Mistake(
                #""workers": "two""#,
                "$.workers",
                found: #""two""#,
                "write a whole number from 1 to 256, or null for one for each core"
            ),
            Mistake(
                #""workers": 1, "workers": 2"#,
                "$.workers",
                found: "the key a second time",
                "write it once"
            ),
            Mistake(
                #""state_file": """#,
                "$.state_file",
                found: #""""#,
                "write the path of the state file, or null to keep the state in memory only"
            ),
            Mistake(
                #""state_file": "state/""#,
                "$.state_file",
                found: #""state/""#,
                "write the path of the state file, or null to keep the state in memory only"
            ),
            Mistake(
                #""admin": ":8081""#,
                "$.admin",
                found: #"":8081""#,
                #"write an object, such as {"address": "127.0.0.1:8081"}"#
            ),
            Mistake(
                #""admin": {"address": "0.0.0.0:8081"}"#,
                "$.admin.address",
                found: #""0.0.0.0:8081" without a `token_file`"#,
                #"write a loopback address such as "127.0.0.1:8081", or add `token_file`"#
            ),
            Mistake(
                #""admin": {"address": "[::]:0", "read_token_file": "r"}"#,
                "$.admin.address",
                found: #""[::]:0" without a `token_file`"#,
                #"write a loopback address such as "127.0.0.1:8081", or add `token_file`"#
            ),
            Mistake(
                #""admin": {"without_token": ["/status"]}"#,
                "$.admin.without_token[0]",
                found: #""/status""#,
                #"write "/active-slot" or "/inactive-slot" or "/healthz" or "/readyz""#
            ),
            Mistake(
                #""access_log": true"#,
                "$.access_log",
                found: "true",
                #"write an object, such as {"path": "-"}, or null for no access log"#
            ),
            Mistake(
                #""access_log": {"format": "text"}"#,
                "$.access_log.format",
                found: #""text""#,
                #"write "json" or "combined""#
            ),
            Mistake(
                #""metrics": {"buckets": [1]}"#,
                "$.metrics.buckets",
                found: "an unknown key",
                "did you mean `buckets_seconds`?"
            ),
        ]
        + ["[]", "[2, 1]", "[1, 1]", "[0, 1]", "[-1]", #"["1"]"#, "1", "[1e400]"].map {
            Mistake(
                #""metrics": {"buckets_seconds": \#($0)}"#,
                "$.metrics.buckets_seconds",
                found: $0 == "[]" ? "an empty list" : $0,
                "write a list of 1 to 32 rising numbers above 0"
            )
        }

    static let splitMistakes =
        [
            Mistake(
                #""canary": {"sticky": "cookie"}"#,
                "$.canary.sticky",
                found: #""cookie""#,
                writeSticky
            ),
            Mistake(
                #""canary": {"sticky": {}}"#,
                "$.canary.sticky",
                found: "an object",
                writeSticky
            ),
            Mistake(
                #""canary": {"sticky": {"cookie": "a", "header": "b"}}"#,
                "$.canary.sticky",
                found: "an object",
                writeSticky
            ),
            Mistake(
                #""canary": {"sticky": {"cooky": "a"}}"#,
                "$.canary.sticky.cooky",
                found: "an unknown key",
                "did you mean `cookie`?"
            ),
            Mistake(
                #""canary": {"sticky": {"cookie": "a;b"}}"#,
                "$.canary.sticky.cookie",
                found: #""a;b""#,
                #"write the name of a cookie, such as "session""#
            ),
            Mistake(
                #""canary": {"sticky": {"header": ""}}"#,
                "$.canary.sticky.header",
                found: #""""#,
                #"write the name of a header, such as "X-User""#
            ),
            Mistake(
                #""preview": true"#,
                "$.preview",
                found: "true",
                #"write an object, such as {"header": "X-Slot"}, or null for no preview"#
            ),
            Mistake(
                #""preview": {"header": "X Slot"}"#,
                "$.preview.header",
                found: #""X Slot""#,
                writeOwnHeader
            ),
            Mistake(
                #""preview": {"header": "host"}"#,
                "$.preview.header",
                found: #""host""#,
                writeOwnHeader
            ),
            Mistake(
                #""preview": {"token_header": "x-slot"}"#,
                "$.preview.token_header",
                found: #""x-slot", which is the `header` too"#,
                "write another name"
            ),
            Mistake(
                #""forwarded": {"request_id": "Content-Length"}"#,
                "$.forwarded.request_id",
                found: #""Content-Length""#,
                writeOwnHeader
            ),
            Mistake(
                #""forwarded": {"trusted_proxies": "10.0.0.0/8"}"#,
                "$.forwarded.trusted_proxies",
                found: #""10.0.0.0/8""#,
                "write a list of 0 to 256 address ranges"
            ),
        ]
        + ["-0.01", "100.01", "12.345", #""5""#, "1e400"].map {
            Mistake(#""canary": {"percent": \#($0)}"#, "$.canary.percent", found: $0, writePercent)
        }
        + [
            "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "::/129", "[::1]", "proxy", "/8",
            "",
        ]
        .map {
            Mistake(
                #""forwarded": {"trusted_proxies": ["\#($0)"]}"#,
                "$.forwarded.trusted_proxies[0]",
                found: "\"\($0)\"",
                #"write an address range, such as "10.0.0.0/8" or "::1""#
            )
        }

    @Test(
        "a mistake is told with its path and what to write",
        arguments: processMistakes + splitMistakes
    )
    func mistakes(mistake: Mistake) {
        mistake.expectAlone()
    }

    @Test func `what is left out has its default`() throws {
        let config = try ConfigText().config()

        var expected = Config(
            listeners: config.listeners,
            services: [Config.Service(name: "app")],
            slots: config.slots,
            activeSlot: SlotID(0)
        )
        expected.listeners[0].routes = [Config.Route(service: 0)]
        #expect(config == expected)
        #expect(config.services[0].healthCheck.probe == .connect)
        #expect(config.timeouts.streamDrain == .seconds(300))
        #expect(config.canary.weight == nil)
    }

    @Test(
        "what keeps a client on its slot",
        arguments: [
            (#""sticky": "client_address""#, .clientAddress), (#""percent": 1"#, .clientAddress),
            (#""sticky": {"cookie": "Sid"}"#, .cookie("Sid")),
            (#""sticky": {"header": "X-User"}"#, .header("x-user")), (#""sticky": null"#, .none),
        ] as [(String, Config.Canary.Sticky)]
    )
    func sticky(text: String, sticky: Config.Canary.Sticky) throws {
        #expect(try ConfigText(more: #""canary": {\#(text)}"#).config().canary.sticky == sticky)
    }

    @Test(
        "the bounds of the split themselves are allowed",
        arguments: [("0", 0), ("0.01", 1), ("12.34", 1_234), ("100", 10_000)] as [(String, UInt32)]
    )
    func weights(text: String, basisPoints: UInt32) throws {
        let config = try ConfigText(more: #""canary": {"percent": \#(text)}"#).config()

        #expect(config.canary.weight == Weight(basisPoints: basisPoints))
    }
}
