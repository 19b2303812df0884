import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Rollout in the control plane")
struct ControlPlaneRolloutTests {
    private let yard: YardUnderTest
    private let terms = ChangeTerms(actor: "test")

    init() throws { yard = try YardUnderTest() }

    private func start(_ plan: Config.Rollout = .sample) throws {
        _ = try yard.control.startRollout(
            RolloutOrder(candidate: SlotID(1), plan: plan, terms: terms)
        )
    }

    private func saved() throws -> SavedState {
        try SavedState(fileText: try contents(of: yard.statePath, limitBytes: 1 << 20))
    }

    /// What a start would make of the state file now.
    private func restarted() throws -> StartingState {
        try StartingState(
            saved: try saved(),
            config: yard.server.config,
            environment: nil,
            now: .now
        )
    }

    @Test func `one rollout at a time`() throws {
        #expect(try yard.ask("POST", "/rollout").status == 200)

        let second = try yard.ask("POST", "/rollout")

        #expect(second.status == 409)
        #expect(second.text.contains("a rollout of green runs already"))
    }

    @Test func `the active slot and a canary that runs are no candidates`() throws {
        #expect(try yard.ask("POST", "/rollout", #"{"slot": "blue"}"#).status == 409)
        #expect(try yard.ask("POST", "/rollout", #"{"slot": "red"}"#).status == 404)
        #expect(try yard.ask("PUT", "/canary", #"{"percent": 5}"#).status == 200)
        #expect(try yard.ask("POST", "/rollout").status == 409)
        #expect(yard.control.rollout == nil)
    }

    @Test func `a plan of the body changes what it names and keeps the rest`() throws {
        let body = #"{"plan": {"steps": [{"percent": 7.5}], "inconclusive": "abort"}}"#

        #expect(try yard.ask("POST", "/rollout", body).status == 200)

        let plan = try #require(yard.control.rollout).plan
        #expect(plan.steps == [Config.Rollout.Step(weight: Weight(basisPoints: 750))])
        #expect(plan.inconclusive == .abort)
        #expect(plan.promotion == .approve)
    }

    @Test func `a wrong plan starts nothing, and every mistake has its path`() throws {
        let body = #"{"plan": {"steps": [{"percent": 5}, {"percent": 5}], "bad_windows": 0}}"#

        let answer = try yard.ask("POST", "/rollout", body)

        #expect(answer.status == 400)
        #expect(answer.text.contains("$.plan.steps[1].percent"))
        #expect(answer.text.contains("$.plan.bad_windows"))
        #expect(yard.control.rollout == nil)
    }

    @Test func `a step is routed, saved and in the history as one`() throws {
        try start()

        try yard.control.handle(.probed(.passed), terms: terms, figures: #"{"n":1}"#)

        #expect(yard.server.routing.canary == Weight(basisPoints: 500))
        let starting = try restarted()
        #expect(starting.rollout?.state == .running(0))
        #expect(starting.routing(config: yard.server.config) == yard.server.routing)
        let entry = try #require(yard.control.history.last)
        #expect(entry.action == .canarySet)
        #expect(entry.reason == "step 1 of 3: probes passed")
        #expect(entry.figures == #"{"n":1}"#)
    }

    @Test func `a step that cannot be saved is not taken`() throws {
        try start()
        let before = try saved()
        // A directory in the place of the file that is written aside.
        let spare = yard.statePath + ".spare"
        unsafe unlink(spare)
        #expect(unsafe mkdir(spare, 0o700) == 0)

        #expect(throws: Refusal.self) {
            try yard.control.handle(.probed(.passed), terms: terms)
        }

        #expect(yard.control.rollout?.state == .probing)
        #expect(yard.server.routing.canary == nil)
        #expect(try saved() == before)
    }

    /// As if a lease had been left from a time when the slot had no traffic.
    private func leave(leaseOn slot: String) {
        let now = Timestamp.now
        let lease = Lease(
            holder: "pipeline 7",
            reason: nil,
            since: now,
            until: now.advanced(by: .seconds(3_600))
        )
        yard.control.facts.withLock { $0.saved.leases[slot] = lease }
    }

    @Test func `a rollout that was forced past a lease goes on, and its promotion ends the lease`()
        throws
    {
        leave(leaseOn: "green")
        #expect(try yard.ask("POST", "/rollout").status == 409)
        #expect(try yard.ask("POST", "/rollout", #"{"force": true}"#).status == 200)

        try yard.control.handle(.probed(.passed), terms: terms)
        #expect(yard.server.routing.canary == Weight(basisPoints: 500))
        try yard.control.handle(.promote(full: true), terms: terms)

        #expect(yard.server.routing.active == SlotID(1))
        #expect(try saved().leases.isEmpty)
    }

    @Test(arguments: [false, true])
    func `an old lease on the stable slot holds up neither retreat nor rollback`(
        byPerson: Bool
    ) throws {
        var plan = Config.Rollout.sample
        plan.steps = []
        try start(plan)
        try yard.control.handle(.probed(.passed), terms: terms)
        #expect(yard.server.routing.active == SlotID(1))
        leave(leaseOn: "blue")

        if byPerson {
            #expect(try yard.ask("POST", "/rollback").status == 200)
        } else {
            try yard.control.handle(Rollout.bad, terms: terms)
        }

        #expect(yard.server.routing.active == SlotID(0))
        #expect(yard.control.rollout?.isOver == true)
        #expect(try saved().leases.isEmpty)
    }

    @Test func `switch and canary are refused while it runs, and force ends it`() throws {
        try start()
        try yard.control.handle(.probed(.passed), terms: terms)

        for (method, path, body) in [
            ("POST", "/switch/green", nil), ("PUT", "/canary", #"{"percent": 50}"#),
            ("DELETE", "/canary", nil),
        ] {
            let answer = try yard.ask(method, path, body)
            #expect(answer.status == 409)
            #expect(answer.text.contains("a rollout of green runs (step 1 of 3)"))
        }
        #expect(try yard.ask("POST", "/switch/blue").status == 200)
        #expect(yard.control.rollout?.state == .running(0))

        #expect(try yard.ask("POST", "/switch/green", #"{"force": true}"#).status == 200)
        #expect(yard.control.rollout?.state == .ended(.aborted))
        #expect(yard.server.routing.active == SlotID(1))
        #expect(try restarted().rollout?.isOver == true)
    }

    @Test(arguments: [false, true])
    func `a rollback always works: it ends the rollout and leads back to the stable slot`(
        isBaking: Bool
    ) throws {
        // Green was live before, so a rollback without the rollout would lead there.
        #expect(try yard.ask("POST", "/switch/green").status == 200)
        #expect(try yard.ask("POST", "/switch/blue").status == 200)
        try start()
        try yard.control.handle(.probed(.passed), terms: terms)
        if isBaking { try yard.control.handle(.promote(full: true), terms: terms) }
        #expect(yard.server.routing.active == SlotID(isBaking ? 1 : 0))

        #expect(try yard.ask("POST", "/rollback").status == 200)

        #expect(yard.server.routing.active == SlotID(0))
        #expect(yard.server.routing.canary == nil)
        #expect(yard.control.rollout?.state == .ended(.aborted))
    }

    @Test func `pause, resume, promote and abort over HTTP`() throws {
        #expect(try yard.ask("POST", "/rollout/abort").status == 409)
        #expect(try yard.ask("GET", "/rollout").text.contains(#""state": "none""#))
        try start()

        #expect(try yard.ask("POST", "/rollout/promote").status == 409)
        #expect(try yard.ask("POST", "/rollout/pause").text.contains(#""paused": true"#))
        #expect(try yard.ask("POST", "/rollout/resume").text.contains(#""paused": false"#))
        try yard.control.handle(.probed(.passed), terms: terms)
        let full = try yard.ask("POST", "/rollout/promote", #"{"full": true}"#)
        #expect(full.text.contains(#""state": "baking""#))
        let stale = try yard.ask("POST", "/rollout/abort", fields: [("If-Match", "\"1\"")])
        #expect(stale.status == 412)
        let ended = try yard.ask("POST", "/rollout/abort", #"{"reason": "no"}"#)
        #expect(ended.text.contains(#""outcome": "rolled_back""#))
        #expect(yard.control.history.last?.reason == "rolled back: no")
        #expect(yard.control.history.last?.actor == "127.0.0.1")
    }

    @Test func `a judgement of other traffic says nothing`() throws {
        try start()
        try yard.control.handle(.probed(.passed), terms: terms)
        let stale = ChangeTerms(actor: "test", ifGeneration: 1)

        try yard.control.handle(Rollout.bad, terms: stale)

        #expect(yard.control.rollout?.state == .running(0))
    }
}

// MARK: The journal

@Suite("Rollout's journal")
struct RolloutJournalTests {
    /// What happens, one after the other; every transition is saved.
    private static let events: [Rollout.Event] = [
        .probed(.passed), Rollout.bad, Rollout.good, .pause, .resume, .promote(full: true),
        .stableHealth(false), .abort(reason: "no"), .stableHealth(true),
    ]

    private let yard: YardUnderTest

    init() throws { yard = try YardUnderTest() }

    /// The text of the state file after the start and after every event.
    private func texts() throws -> [[UInt8]] {
        let terms = ChangeTerms(actor: "test")
        var plan = Config.Rollout.sample
        plan.steps[0].requests = 0
        _ = try yard.control.startRollout(
            RolloutOrder(candidate: SlotID(1), plan: plan, terms: terms)
        )
        var texts = [try contents(of: yard.statePath, limitBytes: 1 << 20)]
        for event in Self.events {
            try yard.control.handle(event, terms: terms)
            texts.append(try contents(of: yard.statePath, limitBytes: 1 << 20))
        }
        return texts
    }

    @Test(arguments: StateFile.Step.allCases)
    func `killed at any step of any save, split and rollout are both old or both new`(
        step: StateFile.Step
    ) async throws {
        let texts = try texts()
        let path = yard.directory.file("journal.json")
        for (old, new) in zip(texts, texts.dropFirst()) where old != new {
            yard.directory.write("journal.json", old)
            let next = yard.directory.write("next.json", new)

            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, next = next as String, step = step.rawValue as String] in
                let state = try SavedState(fileText: try contents(of: next, limitBytes: 1 << 20))
                try StateFile.open(path).save(state, over: nil) { done in
                    if done.rawValue == step { kill(getpid(), SIGKILL) }
                }
            }

            let left = try contents(of: path, limitBytes: 1 << 20)
            let isNew = step == .renamed || step == .directorySynced
            #expect(left == (isNew ? new : old))
            // It is read, and its split is the one that its rollout asked for.
            let starting = try StartingState(
                saved: try SavedState(fileText: left),
                config: yard.server.config,
                environment: nil,
                now: .now
            )
            let rollout = try #require(starting.rollout)
            #expect(rollout.fits(starting.routing(config: yard.server.config)))
        }
    }

    @Test func `a split that no rollout asked for stops the start`() throws {
        let texts = try texts()
        var state = try SavedState(fileText: texts[1])
        #expect(state.canary == Weight(basisPoints: 500))
        state.canary = Weight(basisPoints: 5_000)

        #expect(throws: StateFailure.self) {
            try StartingState(
                saved: state,
                config: yard.server.config,
                environment: nil,
                now: .now
            )
        }
    }
}
