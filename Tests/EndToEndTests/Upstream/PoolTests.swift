import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@Suite("Upstream connections")
struct PoolTests {
    @Test func `many requests share few connections`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let downstream = try proxy.connect()

        for _ in 0..<100 { #expect(try downstream.get("/").status == 200) }

        #expect(origin.requests.count == 100)
        #expect(origin.connectionsUsed == 1)
    }

    @Test func `connections of different clients share the pool`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }

        for _ in 0..<50 { #expect(try proxy.get().status == 200) }

        #expect(origin.connectionsUsed == 1)
    }

    @Test func `requests at the same time have a connection each`() throws {
        let together = Gate()
        let origin = try OriginServer { exchange in
            try together.pass()
            try exchange.respond(body: exchange.request.target)
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let clients = Beside {
            try inThreads(16) { try proxy.get("/\($0)").text }
        }

        try origin.waitForRequests(16)
        together.open()

        #expect(try clients.value() == (0..<16).map { "/\($0)" })
        #expect(origin.connectionsUsed == 16)
    }

    @Test func `bytes behind a response that filled the read are nobody's response`() throws {
        let origin = try OriginServer { exchange in
            guard exchange.request.target == "/first" else {
                return try exchange.respond(body: "second")
            }
            // The rest is read into what is left of a head's buffer, and fills it to the last byte.
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 32726\r\n\r\n"
            let body = String(repeating: "x", count: 32_768 - head.utf8.count)
            #expect(body.utf8.count == 32_726)
            try exchange.send(String(head.prefix(12)))
            _ = poll(nil, 0, 50)
            try exchange.send(
                head.dropFirst(12) + body + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
            )
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let downstream = try proxy.connect()

        let first = try downstream.get("/first")
        let second = try downstream.get("/second")

        #expect(first.body.count > 32_000)
        #expect(second.text == "second")
    }

    @Test func `no more idle connections are kept than configured`() throws {
        let together = Gate()
        let origin = try OriginServer { exchange in
            try together.pass()
            try exchange.respond()
        }
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.workers = 1
            $0.upstream.idleConnections = 3
            $0.probe(.none)
        }
        let clients = Beside { try inThreads(12) { _ in try proxy.get().status } }
        try origin.waitForRequests(12)

        together.open()

        #expect(try clients.value() == Array(repeating: 200, count: 12))
        try eventually("three connections stay") { origin.connectionsOpen == 3 }
        let figures = proxy.server.statistics().endpoints.first { $0.slot == "blue" }
        #expect(figures?.idleConnections == 3)
    }

    @Test func `a batch that follows at once finds the connections of the one before`() throws {
        let released = Monitor(0)
        let origin = try OriginServer { exchange in
            let batch = Int(exchange.request.target.dropFirst()) ?? .max
            try released.wait(for: "batch \(batch)") { $0 >= batch ? true : nil }
            try exchange.respond()
        }
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.workers = 1
            $0.upstream.idleConnections = 3
            $0.probe(.none)
        }
        let clients = try (0..<12).map { _ in try proxy.connect() }
        var batch = 0

        // A machine that stands still for a second between two batches needs another one.
        try eventually("a batch opens no connection") {
            let used = origin.connectionsUsed
            batch += 1
            for client in clients {
                try client.send("GET /\(batch) HTTP/1.1\r\nHost: test.example\r\n\r\n")
            }
            _ = try origin.waitForRequests(12 * batch)
            released.use { $0 = batch }
            for client in clients { #expect(try client.response().status == 200) }
            return batch > 1 && origin.connectionsUsed == used
        }
    }

    @Test func `an idle connection is closed after its time`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.upstream.idleTimeout = .milliseconds(100)
            $0.probe(.none)
        }

        #expect(try proxy.get().status == 200)

        try eventually("the idle connection is closed") { origin.connectionsOpen == 0 }
        #expect(try proxy.get().status == 200)
    }

    @Test func `a connection whose response was broken off is not used again`() throws {
        let origin = try OriginServer { exchange in
            if exchange.request.target == "/long" {
                try exchange.body()
                try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart")
            } else {
                try exchange.respond(body: "whole")
            }
        }
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 1 }
        let leaver = try proxy.connect()

        try leaver.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try leaver.responseHead()
        leaver.reset()
        let texts = try (0..<5).map { _ in try proxy.get().text }

        #expect(texts == Array(repeating: "whole", count: 5))
    }

    @Test func `a client that leaves frees its connection at the origin`() throws {
        let gone = Gate()
        let origin = try OriginServer { exchange in
            try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            exchange.waitForEnd()
            gone.open()
        }
        let proxy = try ProxyUnderTest(blue: origin)
        let downstream = try proxy.connect()

        try downstream.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try downstream.responseHead()
        downstream.reset()

        try gone.pass()
        try eventually("nothing is in flight") {
            proxy.server.statistics().endpoints.allSatisfy { $0.inFlight == 0 }
        }
    }

    @Test func `an endpoint may be a path`() throws {
        let folder = try TemporaryFolder()
        let origin = try OriginServer("blue", path: folder["app.sock"])
        let proxy = try ProxyUnderTest(blue: origin)

        let response = try proxy.get()

        #expect(response["X-Origin"] == "blue")
        #expect(proxy.health(of: origin) == .healthy)
        #expect(try origin.onlyRequest()["X-Forwarded-For"] == "127.0.0.1")
    }

    @Test func `a connection beyond the limit waits until another one is gone`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) {
            $0.workers = 1
            $0.limits.downstreamConnections = 3
        }
        let open = try (0..<3).map { _ in try proxy.connect() }
        for downstream in open { #expect(try downstream.get("/").status == 200) }

        let beyond = try proxy.connect()
        try beyond.send("GET /beyond HTTP/1.1\r\nHost: a\r\n\r\n")
        for downstream in open { #expect(try downstream.get("/").status == 200) }
        let early = beyond.wire.awaitBytes(for: .milliseconds(100))
        open[0].close()

        #expect(!early)
        #expect(try beyond.response().status == 200)
    }
}
