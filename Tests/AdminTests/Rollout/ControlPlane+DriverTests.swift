import Proxy
import Testing

@testable import Admin

@Suite("Control plane for the driver")
struct ControlPlaneDriverTests {
    private let yard: YardUnderTest
    private let terms = ChangeTerms(actor: "test")

    init() throws {
        yard = try YardUnderTest()
        let order = RolloutOrder(candidate: SlotID(1), plan: .sample, terms: terms)
        _ = try yard.control.startRollout(order)
        try yard.control.handle(.probed(.passed), terms: terms)
    }

    @Test func `counts without a step are kept when progress is saved`() throws {
        try yard.control.handle(.userFailures(7), terms: terms)
        func kept() throws -> UInt64? {
            let bytes = try contents(of: yard.statePath, limitBytes: 1 << 20)
            let starting = try StartingState(
                saved: try SavedState(fileText: bytes),
                config: yard.server.config,
                environment: nil,
                now: .now
            )
            return starting.rollout?.userFailures
        }
        #expect(try kept() == 0)
        let entries = yard.control.history.count

        yard.control.saveProgress()

        #expect(try kept() == 7)
        #expect(yard.control.history.count == entries)
    }

    @Test func `an answer about other traffic is not noted`() {
        let generation = yard.control.routing.generation
        var query = Config.Rollout.Query()
        query.name = "orders"
        yard.control.board.change { $0.queries = [QueryRecord(query, due: .now)] }

        yard.control.note(.number(1), at: 0, ifGeneration: generation - 1)
        yard.control.note(.number(1), at: 7, ifGeneration: generation)
        #expect(yard.control.board.notes.queries[0].last == nil)

        yard.control.note(.number(1), at: 0, ifGeneration: generation)
        #expect(yard.control.board.notes.queries[0].last == .number(1))
    }

    @Test func `a gate is asked with the share that it would open`() throws {
        let rollout = try #require(yard.control.rollout)

        let step = yard.control.question(rollout, 1)
        let promotion = yard.control.question(rollout, 3)

        #expect(step["percent"]?.integer == 25)
        #expect(step["step"]?.integer == 2)
        #expect(promotion["percent"]?.integer == 95)
        #expect(promotion["rollout"]?["position"]?.string == "step 1 of 3")
    }
}
