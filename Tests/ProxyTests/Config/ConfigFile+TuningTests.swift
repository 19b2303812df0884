import Testing

@testable import Proxy

/// Mistakes in timeouts, limits and other numbers.
@Suite("Config file: tuning")
struct ConfigFileTuningTests {
    private static let writeDuration =
        #"write a duration from "1ms" to "24h" with a unit, such as "250ms", "2s" or "5m""#

    static let boundMistakes =
        [
            Mistake(
                #""timeouts": {"conect": "1s"}"#,
                "$.timeouts.conect",
                found: "an unknown key",
                "did you mean `connect`?"
            ),
            Mistake(
                #""limits": {"head_bytes": 1023}"#,
                "$.limits.head_bytes",
                found: "1023",
                #"write a size from 1KiB to 1MiB, in bytes or with a unit such as "32KiB""#
            ),
            Mistake(
                #""limits": {"head_bytes": "2MiB"}"#,
                "$.limits.head_bytes",
                found: #""2MiB""#,
                #"write a size from 1KiB to 1MiB, in bytes or with a unit such as "32KiB""#
            ),
            Mistake(
                #""limits": {"head_bytes": "32KB"}"#,
                "$.limits.head_bytes",
                found: #""32KB""#,
                #"write a size from 1KiB to 1MiB, in bytes or with a unit such as "32KiB""#
            ),
            Mistake(
                #""limits": {"head_bytes": "4KiB"}"#,
                "$.limits.target_bytes",
                found: "8KiB",
                "write at most `head_bytes`, which is 4KiB"
            ),
            Mistake(
                #""limits": {"target_bytes": "33KiB"}"#,
                "$.limits.target_bytes",
                found: "33KiB",
                "write at most `head_bytes`, which is 32KiB"
            ),
            Mistake(
                #""limits": {"fields": 257}"#,
                "$.limits.fields",
                found: "257",
                "write a whole number from 1 to 256"
            ),
            Mistake(
                #""limits": {"body_bytes": 0}"#,
                "$.limits.body_bytes",
                found: "0",
                #"write a size from 1B to 1024GiB, in bytes or with a unit such as "32KiB", or null for no limit"#
            ),
            Mistake(
                #""limits": {"body_bytes": "99999999999GiB"}"#,
                "$.limits.body_bytes",
                found: #""99999999999GiB""#,
                #"write a size from 1B to 1024GiB, in bytes or with a unit such as "32KiB", or null for no limit"#
            ),
            Mistake(
                #""limits": {"downstream_connections": 0}"#,
                "$.limits.downstream_connections",
                found: "0",
                "write a whole number from 1 to 4194304"
            ),
            Mistake(
                #""upstream": {"retries": -1}"#,
                "$.upstream.retries",
                found: "-1",
                "write a whole number from 0 to 10"
            ),
            Mistake(
                #""upstream": {"retry_budget_percent": 101}"#,
                "$.upstream.retry_budget_percent",
                found: "101",
                "write a whole number from 0 to 100"
            ),
            Mistake(
                #""upstream": {"idle_connections": -1}"#,
                "$.upstream.idle_connections",
                found: "-1",
                "write a whole number from 0 to 65536"
            ),
            Mistake(
                #""upstream": {"balance": "random"}"#,
                "$.upstream.balance",
                found: #""random""#,
                #"write "least_request" or "round_robin""#
            ),
        ]
        + [
            "timeouts.connect", "timeouts.response_head", "timeouts.stream_idle",
            "timeouts.request_head",
            "timeouts.request_body", "timeouts.keepalive", "timeouts.drain",
            "timeouts.stream_drain", "timeouts.upgrade",
            "upstream.idle_timeout", "upstream.resolve_interval",
        ].map { key in
            let names = key.split(separator: ".")
            return Mistake(
                #""\#(names[0])": {"\#(names[1])": "0ms"}"#,
                "$.\(key)",
                found: #""0ms""#,
                writeDuration
            )
        }

    @Test(
        "a mistake is told with its path and what to write",
        arguments: boundMistakes
    )
    func mistakes(mistake: Mistake) {
        mistake.expectAlone()
    }

    @Test(
        "sizes in bytes and with units",
        arguments: [
            ("5000", 5_000), (#""8KiB""#, 8_192), (#""1MiB""#, 1 << 20), (#""9000B""#, 9_000),
        ]
    )
    func sizes(text: String, bytes: Int) throws {
        let more = #""limits": {"head_bytes": \#(text), "target_bytes": 1024}"#

        #expect(try ConfigText(more: more).config().limits.headBytes == bytes)
    }

    @Test(
        "durations with each unit",
        arguments: [
            ("1ms", .milliseconds(1)), ("250ms", .milliseconds(250)), ("2s", .seconds(2)),
            ("5m", .seconds(300)), ("24h", .seconds(86_400)), ("86400s", .seconds(86_400)),
        ] as [(String, Duration)]
    )
    func durations(text: String, duration: Duration) throws {
        let config = try ConfigText(more: #""timeouts": {"connect": "\#(text)"}"#).config()

        #expect(config.timeouts.connect == duration)
    }
}
