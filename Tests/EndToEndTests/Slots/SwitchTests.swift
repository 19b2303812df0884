import Proxy
import TestSupport
import Testing

@Suite("Switching", .serialized)
struct SwitchTests {
    @Test func `a thousand switches under load lose no request and each holds at once`() throws {
        let blue = try OriginServer("blue", LoadClients.answer)
        let green = try OriginServer("green", LoadClients.answer)
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let load = LoadClients(Scale.of(64, floor: 8), port: proxy.port)
        try load.waitForResponses(100)
        let existing = try (0..<4).map { _ in try proxy.connect() }
        let request = "GET /first HTTP/1.1\r\nHost: a\r\n\r\n"

        var strays = 0
        for number in 0..<Scale.of(1000, floor: 50) {
            let slot: SlotID = number.isMultiple(of: 2) ? .green : .blue
            let name = slot == .green ? "green" : "blue"
            proxy.switchTo(slot)
            let old = existing[number % existing.count]
            let fresh = try proxy.connect()
            try old.send(request)
            try fresh.send(request)
            let answers = [try old.response(), try fresh.response()]
            strays += answers.filter { $0["X-Origin"] != name }.count
        }
        let tally = load.stop()

        #expect(strays == 0)
        #expect(tally.failureCount == 0, "\(tally.failures)")
        #expect(Set(tally.byOrigin.keys) == ["blue", "green"])
    }

    @Test func `all services and all listeners follow one generation`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        var config = Config.forTests(
            blue: [blue.endpoint],
            green: [green.endpoint],
            services: ["api", "web"]
        )
        config.listeners = [
            .forTests(routes: [.init(path: .prefix("/api/"), service: 0), .init(service: 1)]),
            .forTests(host: "127.0.0.2", routes: [.init(service: 1)]),
        ]
        let proxy = try ProxyUnderTest(config)
        let second = try RawDownstream(
            port: try proxy.port(ofListener: "127.0.0.2:0"),
            host: "127.0.0.2"
        )
        let first = try proxy.connect()

        for slot in [SlotID.green, .blue, .green] {
            proxy.switchTo(slot)
            let answers = [
                try first.get("/api/a"), try first.get("/b"), try second.get("/c"),
            ]
            let name = slot == .green ? "green" : "blue"
            #expect(answers.map { $0["X-Origin"] } == [name, name, name])
        }
    }

    @Test func `a head that is whole only after the switch goes to the new slot`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let downstream = try proxy.connect()
        // The answer to the first tells that the piece of the second was read with it.
        try downstream.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHo")
        #expect(try downstream.response()["X-Origin"] == "blue")

        proxy.switchTo(.green)
        try downstream.send("st: a\r\n\r\n")

        #expect(try downstream.response()["X-Origin"] == "green")
    }

    @Test func `a pipelined batch is split at the switch and nowhere else`() throws {
        let held = Gate()
        let blue = try OriginServer("blue") { exchange in
            if exchange.request.target == "/0" { try held.pass() }
            try exchange.respond(body: exchange.request.target)
        }
        let green = try OriginServer("green") { try $0.respond(body: $0.request.target) }
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let downstream = try proxy.connect()

        try downstream.send((0..<10).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        try blue.waitForRequests(1)
        proxy.switchTo(.green)
        held.open()
        let responses = try (0..<10).map { _ in try downstream.response() }

        #expect(responses.map(\.text) == (0..<10).map { "/\($0)" })
        let origins = responses.map { $0["X-Origin"] ?? "" }
        #expect(origins[0] == "blue")
        // Some heads may have arrived before the switch, but none goes back.
        #expect(origins == origins.sorted())
    }

    @Test func `a head that was half here at the switch goes to the new slot`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green) { $0.workers = 1 }
        let downstreams = try (0..<8).map { _ in try proxy.connect() }
        for downstream in downstreams { try downstream.send("GET / HTTP/1.1\r\nHo") }
        // One worker reads in order, so that the halves are read when this is answered.
        #expect(try proxy.get()["X-Origin"] == "blue")

        proxy.switchTo(.green)
        for downstream in downstreams { try downstream.send("st: a\r\n\r\n") }
        let names = try downstreams.map { try $0.response()["X-Origin"] }

        #expect(names == Array(repeating: "green", count: 8))
    }

    @Test func `a publish returns while exchanges of the old slot are still running`() throws {
        let held = Gate()
        let blue = try OriginServer("blue") { exchange in
            try held.pass()
            try exchange.respond(body: "from blue")
        }
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let running = try proxy.connect()
        try running.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try blue.waitForRequests(1)

        proxy.switchTo(.green)
        let fresh = try proxy.get()
        held.open()

        #expect(fresh["X-Origin"] == "green")
        #expect(try running.response().text == "from blue")
        #expect(try running.get("/")["X-Origin"] == "green")
    }

    @Test func `the share that each slot got is counted`() throws {
        let blue = try OriginServer("blue")
        let green = try OriginServer("green")
        let proxy = try ProxyUnderTest(blue: blue, green: green)
        let downstream = try proxy.connect()

        for _ in 0..<30 { _ = try downstream.get("/") }
        proxy.switchTo(.green)
        for _ in 0..<20 { _ = try downstream.get("/") }

        try eventually("all requests are counted") {
            let lanes = proxy.server.statistics().lanes
            return lanes.first { $0.slot == "blue" }?.split == 30
                && lanes.first { $0.slot == "green" }?.split == 20
        }
    }
}
