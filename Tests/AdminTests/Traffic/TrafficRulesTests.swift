import Proxy
import Testing

@testable import Admin

@Suite("Traffic rules")
struct TrafficRulesTests {
    private static let blue = SlotID(0)
    private static let green = SlotID(1)
    private static let fault = ServiceFault(service: "backend", reason: "127.0.0.1:1: refused")

    private func rules(
        _ routing: RoutingState = RoutingState(generation: 4, active: blue),
        unhealthy: SlotID? = nil
    ) -> TrafficRules {
        TrafficRules(
            routing: routing,
            slotNames: ["blue", "green"],
            faults: { $0 == unhealthy ? [Self.fault] : [] }
        )
    }

    private let terms = ChangeTerms(actor: "test")

    @Test func `a switch moves everything, remembers where from and ends the canary`() throws {
        let routing = RoutingState(
            generation: 4,
            active: Self.blue,
            previous: nil,
            canary: Weight(basisPoints: 500)
        )

        let next = try rules(routing).decide(.switch(to: Self.green), terms: terms)

        #expect(next == RoutingState(generation: 5, active: Self.green, previous: Self.blue))
    }

    @Test func `a switch to the active slot changes nothing, even if it is unhealthy`() throws {
        let next = try rules(unhealthy: Self.blue).decide(.switch(to: Self.blue), terms: terms)

        #expect(next == nil)
    }

    @Test func `a rollback leads back once, and not forward again`() throws {
        let routing = RoutingState(
            generation: 5,
            active: Self.green,
            previous: Self.blue,
            canary: Weight(basisPoints: 100)
        )

        let next = try #require(try rules(routing).decide(.rollback, terms: terms))

        #expect(next == RoutingState(generation: 6, active: Self.blue))
        #expect(throws: Refusal.noPreviousSlot) {
            try rules(next).decide(.rollback, terms: terms)
        }
    }

    @Test(arguments: [
        TrafficChange.switch(to: green), .rollback, .setCanary(Weight(basisPoints: 100)),
    ])
    func `an unhealthy service refuses a change that brings it traffic, unless forced`(
        change: TrafficChange
    ) throws {
        let routing = RoutingState(generation: 4, active: Self.blue, previous: Self.green)
        let rules = rules(routing, unhealthy: Self.green)
        let forced = ChangeTerms(actor: "test", force: true)

        #expect(throws: Refusal.unhealthy(slot: "green", faults: [Self.fault])) {
            try rules.decide(change, terms: terms)
        }
        #expect(try rules.decide(change, terms: forced)?.generation == 5)
    }

    @Test(arguments: [
        (nil as Weight?, Weight.none, true),
        (Weight(basisPoints: 500), Weight(basisPoints: 499), true),
        (Weight(basisPoints: 500), Weight(basisPoints: 501), false),
        (nil, Weight(basisPoints: 1), false),
    ])
    func `a canary on an unhealthy slot may be lowered but not raised`(
        before: Weight?,
        after: Weight,
        isAllowed: Bool
    ) {
        let routing = RoutingState(generation: 4, active: Self.blue, canary: before)
        let rules = rules(routing, unhealthy: Self.green)

        let next = try? rules.decide(.setCanary(after), terms: terms)

        #expect(next?.canary == (isAllowed ? after : nil))
    }

    @Test func `a split goes on while its weight changes, and a switch or its end ends it`() throws
    {
        let begun = try #require(try rules().decide(.setCanary(.none), terms: terms))
        let raised = try #require(try rules(begun).decide(.setCanary(.all), terms: terms))
        let ended = try #require(try rules(raised).decide(.clearCanary, terms: terms))
        let switched = try #require(
            try rules(raised).decide(.switch(to: Self.green), terms: terms)
        )
        let held = try #require(try rules(switched).decide(.setCanary(.none), terms: terms))

        #expect(raised.splitSince == begun.generation)
        #expect(ended.splitSince == nil)
        #expect(switched.splitSince == nil)
        #expect(held.splitSince == held.generation)
    }

    @Test func `a canary at rest is set and taken off, each a change`() throws {
        let set = try #require(try rules().decide(.setCanary(.none), terms: terms))
        let again = try rules(set).decide(.setCanary(.none), terms: terms)
        let off = try #require(try rules(set).decide(.clearCanary, terms: terms))

        let expected = RoutingState(
            generation: 5,
            active: Self.blue,
            canary: Weight.none,
            splitSince: 5
        )
        #expect(set == expected)
        #expect(again == nil)
        #expect(off == RoutingState(generation: 6, active: Self.blue))
        #expect(try rules(off).decide(.clearCanary, terms: terms) == nil)
    }

    @Test(arguments: [
        TrafficChange.switch(to: blue), .switch(to: green), .rollback, .setCanary(.all),
        .clearCanary,
    ])
    func `another generation than the one in force is refused first of all`(
        change: TrafficChange
    ) {
        let stale = ChangeTerms(actor: "test", force: true, ifGeneration: 3)

        #expect(throws: Refusal.otherGeneration(asked: 3, current: 4)) {
            try rules().decide(change, terms: stale)
        }
    }

    @Test func `the generation in force is accepted`() throws {
        let current = ChangeTerms(actor: "test", ifGeneration: 4)

        let next = try rules().decide(.switch(to: Self.green), terms: current)

        #expect(next?.generation == 5)
    }

    @Test func `the history says what happened, from where and by whom`() throws {
        let routing = RoutingState(generation: 5, active: Self.green, previous: Self.blue)
        let rules = rules(routing)
        let next = try #require(try rules.decide(.rollback, terms: terms))

        let entry = rules.entry(
            for: .rollback,
            to: next,
            terms: ChangeTerms(actor: "10.0.0.7", reason: "errors"),
            time: Timestamp(seconds: 1_769_860_800, milliseconds: 7)
        )

        #expect(
            entry
                == HistoryEntry(
                    generation: 6,
                    time: "2026-01-31T12:00:00.007Z",
                    action: .rollback,
                    from: "green",
                    to: "blue",
                    actor: "10.0.0.7",
                    reason: "errors"
                )
        )
    }

    @Test func `a refusal names the service, the reason and the way out`() {
        let message = Refusal.unhealthy(slot: "green", faults: [Self.fault]).message

        #expect(message.contains("green"))
        #expect(message.contains("backend (127.0.0.1:1: refused)"))
        #expect(message.contains("\"force\": true"))
    }
}
