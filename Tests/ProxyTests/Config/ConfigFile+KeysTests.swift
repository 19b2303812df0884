import Testing

@testable import Proxy

/// Mistakes in what requests come by: listeners and routes.
@Suite("Config file: listeners and routes")
struct ConfigFileKeysTests {
    private static let listenAddress =
        #"write an IP address and a port, such as "0.0.0.0:8080" or "[::1]:8080""#
    private static let path =
        "write a path that starts with `/`, percent-encoded and without `?` and `#`"
    private static let host =
        #"write a host without its port, such as "example.org" or "*.example.org""#
    private static let header = #"write the name of a header, such as "X-User""#
    private static let name = "write a name of at most 64 letters, digits, `_`, `.` or `-`"

    static let listenerMistakes =
        [
            Mistake(
                ConfigText(listeners: "{}"),
                "$.listeners",
                found: "an object",
                "write a list of 1 to 64 listeners"
            ),
            Mistake(
                ConfigText(listeners: "[]"),
                "$.listeners",
                found: "an empty list",
                "write a list of 1 to 64 listeners"
            ),
            Mistake(
                ConfigText(listeners: "[1]"),
                "$.listeners[0]",
                found: "1",
                "write an object with `address` and `routes`"
            ),
            Mistake(
                ConfigText(listeners: #"[{"routes": [{"service": "app"}]}]"#),
                "$.listeners[0].address",
                found: "nothing",
                listenAddress
            ),
            Mistake(
                ConfigText(listeners: #"[{"address": ":1", "routes": []}]"#),
                "$.listeners[0].routes",
                found: "an empty list",
                "write a list of 1 to 256 routes"
            ),
            Mistake(
                ConfigText(listeners: #"[{"address": ":1"}]"#),
                "$.listeners[0].routes",
                found: "nothing",
                "write a list of 1 to 256 routes"
            ),
            Mistake(
                ConfigText(
                    listeners: """
                        [{"address": "0.0.0.0:80", "routes": [{"service": "app"}]},
                         {"address": ":80", "routes": [{"service": "app"}]}]
                        """
                ),
                "$.listeners[1].address",
                found: #"":80", which $.listeners[0].address takes already"#,
                "write another port"
            ),
            Mistake(
                ConfigText(
                    listeners: """
                        [{"address": "127.0.0.1:80", "routes": [{"service": "app"}]},
                         {"address": "0.0.0.0:80", "routes": [{"service": "app"}]}]
                        """
                ),
                "$.listeners[1].address",
                found: #""0.0.0.0:80", which $.listeners[0].address takes already"#,
                "write another port"
            ),
            Mistake(
                ConfigText(
                    listeners: #"[{"address": ":8081", "routes": [{"service": "app"}]}]"#,
                    more: #""admin": {"address": "127.0.0.1:8081"}"#
                ),
                "$.admin.address",
                found: #""127.0.0.1:8081", which $.listeners[0].address takes already"#,
                "write another port"
            ),
            Mistake(
                ConfigText(listeners: #"[{"address": ":8081", "routes": [{"service": "app"}]}]"#),
                "$.admin.address",
                found: #""127.0.0.1:8081", which $.listeners[0].address takes already"#,
                "write another port"
            ),
        ]
        + [
            "8080", "localhost:8080", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1",
            "127.0.0.1:+1",
            "::1:8080", "[::1]", "[127.0.0.1]:80", "127.0.0.1:", "1.2.3:80", "unix:/x", "", "[]:80",
            "*:80",
        ].map { address in
            Mistake(
                ConfigText(
                    listeners: #"[{"address": "\#(address)", "routes": [{"service": "app"}]}]"#
                ),
                "$.listeners[0].address",
                found: "\"\(address)\"",
                listenAddress
            )
        }

    static let routeMistakes =
        [
            Mistake(.routes("{}"), "$.listeners[0].routes[0].service", found: "nothing", name),
            Mistake(
                .routes("[]"),
                "$.listeners[0].routes[0]",
                found: "an empty list",
                "write an object with `service` and what to match"
            ),
            Mistake(
                .routes(#"{"service": "ap"}"#),
                "$.listeners[0].routes[0].service",
                found: #"the unknown service "ap""#,
                "did you mean `app`?"
            ),
            Mistake(
                .routes(#"{"service": "other"}"#),
                "$.listeners[0].routes[0].service",
                found: #"the unknown service "other""#,
                "write one of `app`"
            ),
            Mistake(
                .route(#""prefix": "/""#),
                "$.listeners[0].routes[0].prefix",
                found: "an unknown key",
                "write one of `path`, `path_prefix`, `host`, `header`, `methods`, `service`,"
                    + " `asset_rescue`, `name`, `judged`"
            ),
            Mistake(
                .route(#""path": "/a", "path_prefix": "/b""#),
                "$.listeners[0].routes[0].path_prefix",
                found: "both `path` and `path_prefix`",
                "write one of them, or two routes"
            ),
            Mistake(
                .route(#""header": "X-Beta""#),
                "$.listeners[0].routes[0].header",
                found: #""X-Beta""#,
                "write an object with `name` and perhaps `value`"
            ),
            Mistake(
                .route(#""header": {}"#),
                "$.listeners[0].routes[0].header.name",
                found: "nothing",
                header
            ),
            Mistake(
                .route(#""header": {"name": "X Beta"}"#),
                "$.listeners[0].routes[0].header.name",
                found: #""X Beta""#,
                header
            ),
            Mistake(
                .route(#""header": {"name": "a", "value": "b\r\n"}"#),
                "$.listeners[0].routes[0].header.value",
                found: #""b\u000d\n""#,
                "write a header's value: printable ASCII without spaces at its ends"
            ),
            Mistake(
                .route(#""methods": []"#),
                "$.listeners[0].routes[0].methods",
                found: "an empty list",
                "write a list of 1 to 16 methods"
            ),
            Mistake(
                .route(#""methods": "GET""#),
                "$.listeners[0].routes[0].methods",
                found: #""GET""#,
                "write a list of 1 to 16 methods"
            ),
            Mistake(
                .route(#""methods": ["GET", "post"]"#),
                "$.listeners[0].routes[0].methods[1]",
                found: #""post""#,
                #"write a method in capitals, such as "GET""#
            ),
        ]
        + ["api", "", "/a?b", "/a#b", "/a b", "/ä", "http://a/"].map {
            Mistake(
                .route(#""path": "\#($0)""#),
                "$.listeners[0].routes[0].path",
                found: "\"\($0)\"",
                path
            )
        }
        + [
            "example.org:80", "a b", "*", "*.", "a.*.org", "::1", "[::1", "", "-a", "a..b",
            "10.0.0.256",
        ]
        .map {
            Mistake(
                .route(#""host": "\#($0)""#),
                "$.listeners[0].routes[0].host",
                found: "\"\($0)\"",
                host
            )
        }

    @Test(
        "a mistake is told with its path and what to write",
        arguments: listenerMistakes + routeMistakes
    )
    func mistakes(mistake: Mistake) {
        mistake.expectAlone()
    }

    @Test(
        "listeners on different addresses may share a port",
        arguments: [
            ("127.0.0.1:80", "127.0.0.2:80"), ("0.0.0.0:80", "[::]:80"), ("0.0.0.0:0", "0.0.0.0:0"),
            ("0.0.0.0:80", "0.0.0.0:81"),
        ]
    )
    func sharing(first: String, second: String) throws {
        let listeners = """
            [{"address": "\(first)", "routes": [{"service": "app"}]},
             {"address": "\(second)", "routes": [{"service": "app"}]}]
            """

        #expect(try ConfigText(listeners: listeners).config().listeners.count == 2)
    }

    @Test(
        "addresses to listen on",
        arguments: [
            (":8080", "0.0.0.0:8080"), ("0.0.0.0:0", "0.0.0.0:0"), ("[::]:80", "[::]:80"),
            ("[2001:DB8::1]:65535", "[2001:db8::1]:65535"), ("127.0.0.1:080", "127.0.0.1:80"),
        ]
    )
    func listening(address: String, bound: String) throws {
        let listeners = #"[{"address": "\#(address)", "routes": [{"service": "app"}]}]"#
        let listener = try ConfigText(listeners: listeners).config().listeners[0]

        #expect(listener.address == address)
        #expect(listener.bind.description == bound)
    }
}
