import CLinux
import Glibc
import Proxy
import Testing

@testable import Admin

@Suite("Control plane")
struct ControlPlaneTests {
    private func saved(_ yard: YardUnderTest) throws -> SavedState {
        try SavedState(fileText: try contents(of: yard.statePath, limitBytes: 1 << 20))
    }

    @Test(arguments: [("/switch", "{\"slot\": \"green\"}"), ("/switch/green", nil)])
    func `a switch is in force and on disk when it is answered`(path: String, body: String?) throws
    {
        let yard = try YardUnderTest()

        let answer = try yard.ask("POST", path, body)

        let json = try JSONParser.parse(Array(answer.text.utf8))
        #expect(answer.status == 200)
        #expect(json["active"]?.string == "green")
        #expect(json["previous"]?.string == "blue")
        #expect(json["changed"]?.bool == true)
        let expected = RoutingState(generation: 2, active: SlotID(1), previous: SlotID(0))
        #expect(yard.server.routing == expected)
        let saved = try saved(yard)
        #expect(saved.active == "green")
        #expect(saved.generation == 2)
        #expect(saved.history.entries.last?.action == .switch)
    }

    @Test func `a switch to the active slot changes nothing`() throws {
        let yard = try YardUnderTest()
        let before = try saved(yard)

        let answer = try yard.ask("POST", "/switch/blue")

        #expect(answer.status == 200)
        #expect(answer.text.contains("\"changed\": false"))
        #expect(yard.server.routing.generation == 1)
        #expect(try saved(yard) == before)
    }

    @Test func `an unhealthy slot is refused by name and reason, and forced nevertheless`() throws {
        let yard = try YardUnderTest(sickSlot: 1)

        let refused = try yard.ask("POST", "/switch/green")
        #expect(refused.status == 409)
        #expect(refused.text.contains("the slot green is not healthy: web (127.0.0.1:1: "))
        #expect(yard.server.routing.generation == 1)
        #expect(try yard.ask("PUT", "/canary", "{\"percent\": 1}").status == 409)
        #expect(yard.server.routing.generation == 1)

        let forced = try yard.ask("POST", "/switch/green", "{\"force\": true}")
        #expect(forced.status == 200)
        #expect(yard.server.routing.active == SlotID(1))
    }

    @Test func `an unhealthy slot has no metrics to scrape, and the program is not ready on it`()
        throws
    {
        let yard = try YardUnderTest(sickSlot: 1)

        #expect(try yard.ask("GET", "/metrics/slots/blue").status == 200)
        let scrape = try yard.ask("GET", "/metrics/slots/green")
        #expect(scrape.status == 503)
        #expect(scrape.text.contains("web"))
        #expect(try yard.ask("GET", "/readyz").status == 200)

        #expect(try yard.ask("POST", "/switch/green", "{\"force\": true}").status == 200)
        #expect(try yard.ask("GET", "/readyz").status == 503)
    }

    @Test func `another generation is refused`() throws {
        let yard = try YardUnderTest()

        let stale = try yard.ask("POST", "/switch/green", fields: [("If-Match", "\"7\"")])
        #expect(stale.status == 412)
        #expect(try yard.ask("POST", "/rollback", fields: [("If-Match", "7")]).status == 400)
        #expect(yard.server.routing.generation == 1)

        let fresh = try yard.ask("POST", "/switch/green", fields: [("If-Match", "\"1\"")])
        #expect(fresh.status == 200)
    }

    @Test func `a rollback leads back and takes the canary off`() throws {
        let yard = try YardUnderTest()
        #expect(try yard.ask("POST", "/switch/green").status == 200)
        #expect(try yard.ask("PUT", "/canary", "{\"percent\": 12.5}").status == 200)

        let answer = try yard.ask("POST", "/rollback", "{\"reason\": \"errors\"}")

        #expect(answer.status == 200)
        #expect(yard.server.routing == RoutingState(generation: 4, active: SlotID(0)))
        #expect(yard.control.history.map(\.action) == [.start, .switch, .canarySet, .rollback])
        #expect(yard.control.history.last?.reason == "errors")
        #expect(try yard.ask("POST", "/rollback").status == 409)
    }

    @Test func `a canary is set, shown, put to rest and taken off`() throws {
        let yard = try YardUnderTest()

        #expect(try yard.ask("PUT", "/canary", "{\"percent\": 12.34}").status == 200)
        #expect(yard.server.routing.canary == Weight(basisPoints: 1_234))
        #expect(try yard.status("canary", "percent")?.double == 12.34)
        #expect(try yard.status("slots", "blue", "weight_percent")?.double == 87.66)

        #expect(try yard.ask("PUT", "/canary", "{\"percent\": 0}").status == 200)
        #expect(yard.server.routing.canary == Weight.none)
        #expect(try yard.status("canary", "percent")?.integer == 0)

        #expect(try yard.ask("DELETE", "/canary").status == 200)
        #expect(yard.server.routing.canary == nil)
        #expect(try yard.status("canary")?.isNull == true)
        #expect(yard.server.routing.generation == 4)
    }

    @Test func `a change that cannot be saved is refused and not routed`() throws {
        let yard = try YardUnderTest()
        let before = try saved(yard)
        // A directory in the place of the file that is written aside.
        let spare = yard.statePath + ".spare"
        #expect(unsafe mkdir(spare, 0o700) == 0)

        let answer = try yard.ask("POST", "/switch/green")

        #expect(answer.status == 500)
        #expect(answer.text.contains("cannot save the state"))
        #expect(yard.server.routing == RoutingState(generation: 1, active: SlotID(0)))
        #expect(try yard.ask("GET", "/active-slot").text == "blue\n")
        #expect(try saved(yard) == before)
    }

    @Test func `a wait for a drained slot is over at once when nothing runs there`() throws {
        let yard = try YardUnderTest()

        let answer = try yard.ask("POST", "/switch/green", "{\"wait\": \"drained\"}")

        #expect(answer.status == 200)
        #expect(answer.text.contains("\"drained\": true"))
    }

    @Test func `changes from many sides at once are made one after the other`() async throws {
        let yard = try YardUnderTest()
        let control = yard.control

        await withTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let slot = SlotID(index % 2)
                    let terms = ChangeTerms(actor: "test", force: true)
                    _ = try? control.apply(.switch(to: slot), terms: terms)
                }
            }
        }

        let changes = yard.control.history.filter { $0.action == .switch }
        #expect(changes.map(\.generation) == (2..<UInt64(changes.count + 2)).map(\.self))
        for (before, after) in zip(changes, changes.dropFirst()) {
            #expect(before.to == after.from)
        }
        #expect(try saved(yard).generation == yard.server.routing.generation)
    }

    @Test func `a restart goes on where the last one ended`() throws {
        let yard = try YardUnderTest()
        #expect(try yard.ask("POST", "/switch/green").status == 200)

        let state = try saved(yard)
        let starting = try StartingState(
            saved: state,
            config: yard.server.config,
            environment: "blue",
            now: .now
        )

        #expect(starting.routing(config: yard.server.config) == yard.server.routing)
    }
}

@Suite("Reload")
struct ReloadTests {
    private let yard: YardUnderTest

    init() throws { yard = try YardUnderTest() }

    private func rewrite(_ change: (String) -> String) throws {
        let bytes = try contents(of: yard.configPath, limitBytes: 1 << 20)
        let text = change(String(decoding: bytes, as: UTF8.self))
        yard.directory.write("proxy.json", Array(text.utf8))
    }

    @Test func `a changed file is applied, and the switched slot stays switched`() throws {
        #expect(try yard.ask("POST", "/switch/green").status == 200)
        let before = yard.server.config.hash
        try rewrite { $0.replacing("250ms", with: "300ms") }

        let answer = try yard.ask("POST", "/reload")

        #expect(answer.status == 200)
        #expect(yard.server.config.hash != before)
        #expect(answer.text.contains(yard.server.config.hash))
        #expect(yard.server.routing.active == SlotID(1))
        #expect(yard.control.history.last?.action == .reload)
    }

    @Test func `a wrong file is refused with every mistake, and nothing changes`() throws {
        let before = yard.server.config
        try rewrite {
            $0.replacing("250ms", with: "quick").replacing(
                "\"workers\": 1",
                with: "\"workers\": -1"
            )
        }

        let answer = try yard.ask("POST", "/reload")

        let issues = try JSONParser.parse(Array(answer.text.utf8))["issues"]?.array
        #expect(answer.status == 422)
        #expect(issues?.count == 2)
        #expect(yard.server.config == before)
    }

    @Test func `what only a restart changes is refused`() throws {
        try rewrite { $0.replacing("\"workers\": 1", with: "\"workers\": 2") }

        let answer = try yard.ask("POST", "/reload")

        #expect(answer.status == 422)
        #expect(answer.text.contains("restart"))
    }

    @Test func `a file that is gone is refused`() throws {
        let path = yard.configPath
        #expect(unsafe rename(path, path + ".away") == 0)

        #expect(try yard.ask("POST", "/reload").status == 422)
        #expect(try yard.ask("GET", "/readyz").status == 200)
    }
}
