import TestSupport
import Testing

/// Attackers that are quick, and those that do nothing at all.
extension OverloadTests {
    private static let floods = 4
    private static let rowLength = 64
    private static let row = String(
        repeating: "GET /tiny HTTP/1.1\r\nHost: a\r\n\r\n",
        count: rowLength
    )

    /// As many tiny requests as the proxy takes, in rows of 64.
    @Test func `a flood of tiny requests leaves room for honest clients and the admin port`() throws
    {
        let origin = try Self.origin()
        let process = try process(origin)
        let before = try process.child.residentBytes()
        let port = process.port
        let isOver = Monitor(false)
        let floods = (0..<Self.floods).map { _ in
            Beside {
                let downstream = try RawDownstream(port: port)
                var count = 0
                while !isOver.current {
                    try downstream.send(Self.row)
                    for _ in 0..<Self.rowLength {
                        guard try downstream.response().status == 200 else { return 0 }
                        count += 1
                    }
                }
                return count
            }
        }
        let honest = LoadClients(2, port: port)

        try honest.waitForResponses(Scale.of(300, floor: 30))
        let answers = try (0..<10).map { _ in try process.admin("GET", "/status").status }
        let changes = try ["green", "blue"].map {
            try process.admin("POST", "/switch/\($0)").status
        }
        let growth = try process.child.residentBytes() - before
        let tally = honest.stop()
        isOver.use { $0 = true }
        let counts = try floods.map { try $0.value() }

        #expect(tally.failures == [])
        #expect(answers.allSatisfy { $0 == 200 })
        #expect(changes == [200, 200])
        #expect(counts.allSatisfy { $0 >= Self.rowLength })
        Self.tell("a flood of tiny requests", growth)
        #expect(growth < Self.boundBytes(exchanges: Self.floods))
        try waitForNoConnections(process)
    }

    @Test func `tunnels left idle cost no more than exchanges, and end with their clients`() throws
    {
        let origin = try OriginServer("blue") { exchange in
            if exchange.request["Upgrade"] == nil { return try LoadClients.answer(exchange) }
            try UpgradeTests.echo(exchange)
        }
        let process = try process(origin)
        let descriptors = try process.child.descriptorCount()
        let before = try process.child.residentBytes()
        let count = Scale.of(300, floor: 30)

        let tunnels = try (0..<count).map { _ in
            let downstream = try process.connect()
            try downstream.send(
                "GET /s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            )
            guard try downstream.responseHead().status == 101 else {
                throw TestFailure("no tunnel")
            }
            return downstream
        }
        let growth = try process.child.residentBytes() - before
        #expect(try process.connect().get("/honest").status == 200)
        for tunnel in tunnels { tunnel.reset() }

        Self.tell("\(count) idle tunnels", growth)
        #expect(growth < Scale.memory(count * Self.exchangeBytes + Self.slackBytes))
        try waitForNoConnections(process)
        try eventually("all descriptors are given back") {
            try process.child.descriptorCount() <= descriptors
        }
    }
}
