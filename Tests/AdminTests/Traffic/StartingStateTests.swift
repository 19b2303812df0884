import Proxy
import Testing

@testable import Admin

@Suite("Starting state")
struct StartingStateTests {
    private static let now = Timestamp(seconds: 1_769_860_800)

    private var config: Config {
        let slots = ["blue", "green"].map { Config.Slot(name: $0, endpoints: []) }
        var config = Config(listeners: [], services: [], slots: slots, activeSlot: SlotID(0))
        config.canary.weight = Weight(basisPoints: 300)
        return config
    }

    @Test func `the configuration names the slot of the very first start`() throws {
        let starting = try StartingState(
            saved: nil,
            config: config,
            environment: nil,
            now: Self.now
        )

        #expect(starting.source == .configuration)
        let expected = RoutingState(
            generation: 1,
            active: SlotID(0),
            canary: Weight(basisPoints: 300),
            splitSince: 1
        )
        #expect(starting.routing(config: config) == expected)
        #expect(starting.state.activeSince == "2026-01-31T12:00:00.000Z")
    }

    @Test func `ACTIVE_SLOT rules the very first start`() throws {
        let starting = try StartingState(
            saved: nil,
            config: config,
            environment: "green",
            now: Self.now
        )

        #expect(starting.source == .environment)
        #expect(starting.routing(config: config).active == SlotID(1))
        #expect(starting.explanation.contains("ACTIVE_SLOT"))
    }

    @Test func `afterwards the state file rules, and the explanation says so`() throws {
        let starting = try StartingState(
            saved: .successor,
            config: config,
            environment: "green",
            now: Self.now
        )

        #expect(starting.source == .stateFile)
        #expect(starting.explanation.contains("ACTIVE_SLOT=green rules only the first start"))
        let expected = RoutingState(generation: 4, active: SlotID(0), previous: SlotID(1))
        #expect(starting.routing(config: config) == expected)
    }

    @Test func `sessions outlive a restart, and begin anew with a file that knows none`() throws {
        var saved = SavedState.sample
        saved.splitSince = 2
        saved.sessionKey = SessionKey(secret: "kept")

        let known = try StartingState(saved: saved, config: config, environment: nil, now: Self.now)
        let old = try StartingState(
            saved: .sample,
            config: config,
            environment: nil,
            now: Self.now
        )

        #expect(known.routing(config: config).splitSince == 2)
        #expect(known.state.sessionKey == SessionKey(secret: "kept"))
        #expect(old.routing(config: config).splitSince == old.state.generation)
        #expect(old.state.sessionKey != nil)
    }

    @Test func `ACTIVE_SLOT that names no slot stops the very first start`() {
        #expect {
            try StartingState(saved: nil, config: config, environment: "red", now: Self.now)
        } throws: { error in
            (error as? StateFailure)?.message
                == "ACTIVE_SLOT=red is not a slot of the configuration; use blue or green, or"
                + " leave it out"
        }
    }
}
