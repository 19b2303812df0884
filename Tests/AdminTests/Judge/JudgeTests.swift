import Proxy
import Testing

@testable import Admin

@Suite("Judge")
struct JudgeTests {
    /// One service with two routes and a probe, as `proxy.json` has it by default.
    static func config(_ adjust: (inout Config) -> Void = { _ in }) -> Config {
        var check = Config.HealthCheck()
        check.probe = .get(path: "/health")
        let endpoints = [1, 2].map { port in
            [
                [
                    Config.Endpoint(
                        authority: "127.0.0.1:\(port)",
                        target: .address(.loopback(port: port))
                    )
                ]
            ]
        }
        var config = Config(
            listeners: [
                Config.Listener(
                    address: ":1",
                    bind: .loopback(port: 1),
                    routes: [
                        Config.Route(path: .prefix("/api/"), service: 0),
                        Config.Route(service: 0),
                    ]
                )
            ],
            services: [Config.Service(name: "app", healthCheck: check)],
            slots: [
                Config.Slot(name: "blue", endpoints: endpoints[0]),
                Config.Slot(name: "green", endpoints: endpoints[1]),
            ],
            activeSlot: SlotID(0)
        )
        adjust(&config)
        return config
    }

    /// So many attempts with the same time, of which some failed.
    struct Traffic {
        var attempts: UInt64
        var failures: UInt64 = 0
        var milliseconds: Int64 = 20
        /// One in ten of the others takes so long.
        var slowMilliseconds: Int64?

        var route: Evidence.Route {
            var route = Evidence.Route()
            route.failures = failures
            route.successes = attempts - failures
            let slow = slowMilliseconds == nil ? 0 : (attempts - failures) / 10
            let quickBucket = LatencyScale.bucket(of: .milliseconds(milliseconds))
            route.times.add(Double(attempts - failures - slow), at: quickBucket)
            guard let slowMilliseconds, slow > 0 else { return route }
            let slowBucket = LatencyScale.bucket(of: .milliseconds(slowMilliseconds))
            route.times.add(Double(slow), at: slowBucket)
            return route
        }
    }

    static func evidence(
        green: [String: Traffic],
        blue: [String: Traffic] = [:],
        probes: Evidence.Probes = .init(passed: 20, failed: 0)
    ) -> Evidence {
        var evidence = Evidence()
        for (slot, routes) in [(SlotID(0), blue), (SlotID(1), green)] {
            for (route, traffic) in routes {
                let name = JudgedRoute.Identity(slot: slot, service: "app", route: route)
                evidence.routes[name] = traffic.route
            }
        }
        let endpoint = Evidence.EndpointName(
            slot: SlotID(1),
            service: "app",
            endpoint: "127.0.0.1:2"
        )
        evidence.probes[endpoint] = probes
        return evidence
    }

    static func verdict(_ evidence: Evidence, _ config: Config = config()) -> Verdict {
        Judge(config: config, slot: SlotID(1)).verdict([
            Judge.Look(evidence: evidence, share: 0.5, seconds: 50)
        ])
    }

    static func check(_ name: String, _ verdict: Verdict, route: String? = nil) throws
        -> Verdict.Check
    {
        try #require(verdict.checks.first { $0.name == name && $0.route == route })
    }

    @Test func `a clean slot with enough requests passes, with nothing to compare it to`() throws {
        let verdict = Self.verdict(Self.evidence(green: ["*": Traffic(attempts: 100)]))

        #expect(verdict.state == .pass)
        #expect(verdict.checks.map(\.name) == ["availability", "error_rate", "latency_p95"])
        #expect(verdict.leftOut.map(\.name) == ["error_rate_ratio", "latency_p95_ratio"])
        #expect(verdict.requestsNeeded == nil)
        #expect(verdict.sampleSize == 100)
        #expect(try #require(Self.check("error_rate", verdict).upperBound) < 0.05)
    }

    @Test(
        "less than enough never passes, and tells what is missing",
        arguments: [UInt64(0), 1, 50, 99]
    )
    func tooFew(attempts: UInt64) throws {
        let verdict = Self.verdict(Self.evidence(green: ["*": Traffic(attempts: attempts)]))

        #expect(verdict.state == .inconclusive)
        let needed = try #require(verdict.requestsNeeded)
        #expect((100 - attempts...130).contains(needed))
        #expect((verdict.secondsNeeded == nil) == (attempts == 0))
        if attempts == 50 { #expect(try #require(verdict.secondsNeeded) >= 50) }
    }

    @Test(
        "error rates of a slot alone",
        arguments: [
            (100, 0, .pass), (100, 5, .inconclusive), (1_000, 10, .pass),
            (1_000, 50, .inconclusive),
            (20, 20, .fail), (1_000, 100, .fail), (10, 2, .inconclusive),
        ] as [(UInt64, UInt64, Verdict.State)]
    )
    func errorRate(attempts: UInt64, failures: UInt64, state: Verdict.State) throws {
        let traffic = Traffic(attempts: attempts, failures: failures)

        let verdict = Self.verdict(Self.evidence(green: ["*": traffic]))

        let check = try Self.check("error_rate", verdict)
        #expect(check.state == state)
        #expect(check.value == Double(failures) / Double(attempts))
        #expect(check.threshold == 0.05)
        let (lower, upper) = (try #require(check.lowerBound), try #require(check.upperBound))
        #expect(lower <= Double(failures) / Double(attempts))
        #expect((lower > 0.05) == (state == .fail))
        if state == .pass { #expect(upper < 0.05) }
    }

    @Test(
        "error rates beside the other slot: twice it, and a percentage point",
        arguments: [
            // As good as the other, of which nothing failed.
            (2_000, 0, 2_000, 0, .pass), (200, 0, 200, 0, .inconclusive),
            // 3 % beside 0.1 %: under the fixed limit, far over the other.
            (3_000, 90, 20_000, 20, .fail),
            // Three times the other, within the floor.
            (20_000, 60, 20_000, 20, .pass),
            // 3 % beside 3 %.
            (20_000, 600, 20_000, 600, .pass),
        ] as [(UInt64, UInt64, UInt64, UInt64, Verdict.State)]
    )
    func errorRatio(
        attempts: UInt64,
        failures: UInt64,
        others: UInt64,
        otherFailures: UInt64,
        state: Verdict.State
    ) throws {
        let verdict = Self.verdict(
            Self.evidence(
                green: ["*": Traffic(attempts: attempts, failures: failures)],
                blue: ["*": Traffic(attempts: others, failures: otherFailures)]
            )
        )

        let check = try Self.check("error_rate_ratio", verdict)
        #expect(check.state == state, "\(check)")
        #expect(check.baseline?.sampleSize == others)
        #expect(check.baseline?.value == Double(otherFailures) / Double(others))
    }

    @Test(
        "the p95 of a slot alone",
        arguments: [
            (100, 20, nil, .pass), (1_000, 20, 3_000, .fail), (1_000, 20, 1_900, .pass),
            (1_000, 2_500, nil, .fail), (30, 20, 3_000, .inconclusive),
            // In the bucket of the limit itself: neither surely above nor surely below.
            (1_000, 2_000, nil, .inconclusive),
        ] as [(UInt64, Int64, Int64?, Verdict.State)]
    )
    func latency(attempts: UInt64, time: Int64, slow: Int64?, state: Verdict.State) throws {
        let traffic = Traffic(attempts: attempts, milliseconds: time, slowMilliseconds: slow)

        let verdict = Self.verdict(Self.evidence(green: ["*": traffic]))

        let check = try Self.check("latency_p95", verdict)
        #expect(check.state == state, "\(check)")
        let expected = Double(slow ?? time) / 1_000
        #expect((try #require(check.value) - expected).magnitude < 0.03 * expected)
        #expect(try #require(check.lowerBound) <= #require(check.value))
    }

    @Test(
        "the p95 beside the other slot: one and a half times it, and 50 ms",
        arguments: [
            (20, 20, .pass), (65, 20, .pass), (140, 20, .fail), (700, 400, .fail),
            (550, 400, .pass),
        ] as [(Int64, Int64, Verdict.State)]
    )
    func latencyRatio(mine: Int64, other: Int64, state: Verdict.State) throws {
        let verdict = Self.verdict(
            Self.evidence(
                green: ["*": Traffic(attempts: 1_000, milliseconds: mine)],
                blue: ["*": Traffic(attempts: 1_000, milliseconds: other)]
            )
        )

        #expect(try Self.check("latency_p95_ratio", verdict).state == state)
    }

    @Test func `a slow or failing route that one slot gets more of is no fault of that slot`()
        throws
    {
        // Each route is the same in both slots; the canary has nine times the share of the bad one.
        let verdict = Self.verdict(
            Self.evidence(
                green: [
                    "/api/*": Traffic(attempts: 9_000, failures: 360, milliseconds: 900),
                    "*": Traffic(attempts: 1_000, milliseconds: 10),
                ],
                blue: [
                    "/api/*": Traffic(attempts: 9_000, failures: 360, milliseconds: 900),
                    "*": Traffic(attempts: 90_000, milliseconds: 10),
                ]
            )
        )

        let errors = try Self.check("error_rate_ratio", verdict)
        #expect(errors.state == .pass)
        #expect((try #require(errors.baseline?.value) - 0.036).magnitude < 1e-9)
        // A weighted sample tells less than its 99,000 attempts, but hardly less than its 9,000.
        #expect((8_000...11_000).contains(try #require(errors.baseline?.sampleSize)))
        #expect(try Self.check("latency_p95_ratio", verdict).state == .pass)
    }

    @Test(
        "health checks",
        arguments: [
            (20, 0, .pass), (19, 1, .fail), (0, 3, .fail), (0, 0, .inconclusive),
        ] as [(UInt64, UInt64, Verdict.State)]
    )
    func availability(passed: UInt64, failed: UInt64, state: Verdict.State) throws {
        let probes = Evidence.Probes(passed: passed, failed: failed)

        let verdict = Self.verdict(
            Self.evidence(green: ["*": Traffic(attempts: 200)], probes: probes)
        )

        #expect(verdict.state == state)
        #expect(try Self.check("availability", verdict).state == state)
    }

    @Test func `a route with thresholds of its own is judged by itself`() throws {
        let config = Self.config { config in
            var thresholds = Config.JudgeThresholds()
            thresholds.p95 = .seconds(30)
            config.listeners[0].routes[0].judged = .by(thresholds)
        }
        let evidence = Self.evidence(green: [
            "/api/*": Traffic(attempts: 500, milliseconds: 9_000), "*": Traffic(attempts: 500),
        ])

        let verdict = Self.verdict(evidence, config)

        #expect(verdict.state == .pass)
        #expect(try Self.check("latency_p95", verdict, route: "/api/*").threshold == 30)
        #expect(try Self.check("latency_p95", verdict).sampleSize == 500)
    }

    @Test func `a service that is left out needs no traffic, but healthy endpoints`() {
        let config = Self.config { $0.services[0].judged = .never }

        let quiet = Self.verdict(Self.evidence(green: [:]), config)
        let sick = Self.verdict(Self.evidence(green: [:], probes: .init(failed: 1)), config)

        #expect(quiet.state == .pass)
        #expect(sick.state == .fail)
    }

    @Test func `what users saw is shown of both slots and judges neither`() {
        var evidence = Self.evidence(
            green: ["*": Traffic(attempts: 2_000, failures: 1)],
            blue: ["*": Traffic(attempts: 9_000, failures: 2)]
        )
        evidence.outcomes = [
            SlotID(0): .init(answers: 901, failures: 901, rescued: 0),
            SlotID(1): .init(answers: 199, failures: 199, rescued: 7),
        ]

        let verdict = Self.verdict(evidence)

        #expect(verdict.state == .pass)
        #expect(verdict.slots.map(\.slot) == ["green", "blue"])
        #expect(verdict.slots.map(\.attempts) == [2_000, 9_000])
        #expect(verdict.slots.map(\.failures) == [1, 2])
        #expect(verdict.slots.map(\.answers) == [199, 901])
        #expect(verdict.slots.map(\.failedAnswers) == [199, 901])
        #expect(verdict.slots.map(\.rescued) == [7, 0])
        let told = verdict.json["slots"]?.array?[0]
        #expect(told?["attempts"]?.line == #"{"count":2000,"failed":1,"abandoned":0}"#)
        #expect(told?["outcomes"]?.line == #"{"answers":199,"failed":199,"rescued":7}"#)
    }

    @Test func `a slot that turns bad is seen in the newest window`() throws {
        let before = Self.evidence(green: ["*": Traffic(attempts: 10_000, failures: 110)])
        let after = Self.evidence(green: ["*": Traffic(attempts: 300, failures: 90)])

        let verdict = Judge(config: Self.config(), slot: SlotID(1)).verdict([
            Judge.Look(evidence: before, share: 0.5, seconds: 60),
            Judge.Look(evidence: after, share: 0.5 / 12, seconds: 5),
        ])

        #expect(verdict.state == .fail)
        #expect(try Self.check("error_rate", verdict).sampleSize == 300)
    }
}
