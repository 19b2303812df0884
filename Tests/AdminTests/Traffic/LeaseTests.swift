import Proxy
import Testing

@testable import Admin

@Suite("Lease")
struct LeaseTests {
    private let yard: YardUnderTest

    init() throws { yard = try YardUnderTest() }

    private func ask(_ method: String, _ slot: String, _ body: String? = nil) throws -> Int {
        try yard.ask(method, "/slots/\(slot)/lease", body).status
    }

    @Test func `a slot with traffic is not leased`() throws {
        #expect(try ask("POST", "blue") == 409)
        #expect(try yard.ask("PUT", "/canary", #"{"percent": 1}"#).status == 200)
        #expect(try ask("POST", "green") == 409)
        #expect(try ask("POST", "red") == 404)

        #expect(try yard.ask("PUT", "/canary", #"{"percent": 0}"#).status == 200)
        #expect(try ask("POST", "green") == 200)
    }

    @Test func `nor is a slot whose rollout runs`() throws {
        #expect(try yard.ask("POST", "/rollout").status == 200)

        #expect(try ask("POST", "green") == 409)
    }

    @Test func `a leased slot gets no traffic unless it is forced`() throws {
        #expect(try ask("POST", "green", #"{"holder": "pipeline 7"}"#) == 200)

        for (method, path, body) in [
            ("POST", "/switch/green", nil), ("PUT", "/canary", #"{"percent": 1}"#),
            ("POST", "/rollout", nil),
        ] {
            let answer = try yard.ask(method, path, body)
            #expect(answer.status == 409)
            #expect(answer.text.contains("pipeline 7 has leased the slot green until "))
        }
        #expect(yard.server.routing.generation == 1)
        #expect(try yard.status("slots", "green", "lease", "holder")?.string == "pipeline 7")

        #expect(try yard.ask("POST", "/switch/green", #"{"force": true}"#).status == 200)
    }

    @Test func `only its holder renews a lease, and only he or nobody in particular ends it`()
        throws
    {
        #expect(try ask("POST", "green", #"{"holder": "one"}"#) == 200)
        #expect(try ask("POST", "green", #"{"holder": "two"}"#) == 409)
        #expect(try ask("POST", "green", #"{"holder": "one", "time": "2h"}"#) == 200)
        #expect(try ask("DELETE", "green", #"{"holder": "two"}"#) == 409)
        #expect(yard.control.lease(on: SlotID(1)) != nil)

        #expect(try ask("DELETE", "green") == 200)

        #expect(yard.control.lease(on: SlotID(1)) == nil)
        #expect(try ask("POST", "green", #"{"holder": "two"}"#) == 200)
        let actions = yard.control.history.map(\.action)
        #expect(actions == [.start, .lease, .lease, .leaseEnd, .lease])
    }

    @Test func `a slot that becomes active loses its lease, and the way back has none`() throws {
        #expect(try ask("POST", "green", #"{"holder": "one"}"#) == 200)

        #expect(try yard.ask("POST", "/switch/green", #"{"force": true}"#).status == 200)

        #expect(yard.control.lease(on: SlotID(1)) == nil)
        let entries = yard.control.history.suffix(2)
        #expect(entries.map(\.action) == [.switch, .leaseEnd])
        #expect(entries.last?.to == "green")
        #expect(entries.last?.reason == "of one: switched from blue to green")
        // There and back again: what green was leased for before it was live is long over.
        #expect(try yard.ask("POST", "/switch/blue").status == 200)
        #expect(try yard.ask("POST", "/rollback").status == 200)
        #expect(yard.server.routing.active == SlotID(1))
    }

    @Test func `a rollback that is forced ends the lease of whoever deploys there`() throws {
        #expect(try yard.ask("POST", "/switch/green").status == 200)
        #expect(try ask("POST", "blue", #"{"holder": "two"}"#) == 200)
        // Half a deployment is no slot to go back to.
        #expect(try yard.ask("POST", "/rollback").status == 409)
        #expect(yard.control.lease(on: SlotID(0)) != nil)

        #expect(try yard.ask("POST", "/rollback", #"{"force": true}"#).status == 200)

        #expect(yard.control.lease(on: SlotID(0)) == nil)
        let saved = try SavedState(fileText: try contents(of: yard.statePath, limitBytes: 1 << 20))
        #expect(saved.leases.isEmpty)
    }

    @Test func `a lease that has ended by itself leaves no second end in the history`() throws {
        #expect(try ask("POST", "green", #"{"holder": "one"}"#) == 200)
        yard.control.facts.withLock { $0.saved.leases["green"]?.until = Timestamp(seconds: 0) }

        #expect(try yard.ask("POST", "/switch/green").status == 200)

        #expect(yard.control.history.last?.action == .switch)
    }

    @Test func `a lease ends by itself, and survives a restart until then`() throws {
        let start = Timestamp(seconds: 1_000)
        let lease = Lease(
            holder: "one",
            reason: "7",
            since: start,
            until: start.advanced(by: .seconds(60))
        )
        var state = SavedState.sample
        state.leases["green"] = lease

        let read = try SavedState(fileText: state.fileText)

        #expect(read == state)
        #expect(read.lease(on: "green", at: start.advanced(by: .milliseconds(59_999))) == lease)
        #expect(read.lease(on: "green", at: start.advanced(by: .seconds(60))) == nil)
    }

    @Test(arguments: [#"{"time": "25h"}"#, #"{"time": 5}"#, #"{"holder": 5}"#, #"{"for": "1h"}"#])
    func `a wrong body leases nothing`(body: String) throws {
        #expect(try ask("POST", "green", body) == 400)
        #expect(yard.control.lease(on: SlotID(1)) == nil)
    }
}
