import Proxy
import Testing

@testable import Admin

@Suite("Events")
struct EventLogTests {
    private let log = EventLog(started: Timestamp(seconds: 7))

    private func text(_ feed: EventFeed?) -> String {
        String(decoding: feed?.next() ?? [], as: UTF8.self)
    }

    @Test func `a feed has what happens from now on, each once`() throws {
        log.append(.change, ["n": .number(1)])
        let feed = try #require(log.feed(after: nil))
        #expect(feed.isQuiet)

        log.append(.decision, ["n": .number(2)])
        log.append(.change, ["n": .number(3)])

        #expect(!feed.isQuiet)
        #expect(
            text(feed)
                == "id: 7000-2\nevent: decision\ndata: {\"n\":2}\n\n"
                + "id: 7000-3\nevent: change\ndata: {\"n\":3}\n\n"
        )
        #expect(text(feed) == "")
    }

    @Test(arguments: [("7000-1", 2), ("6000-1", 3), ("nonsense", 3)])
    func `who was away goes on where he was, or has all that is kept`(id: String, count: Int) {
        for number in 1...3 { log.append(.change, ["n": .number(number)]) }

        #expect(text(log.feed(after: id)).split(separator: "\n\n").count == count)
    }

    @Test func `only the newest are kept`() {
        for number in 1...EventLog.keptLimit + 5 { log.append(.change, ["n": .number(number)]) }

        #expect(log.events(after: 0).count == EventLog.keptLimit)
        #expect(log.events(after: 0).first?.number == 6)
    }

    @Test func `there are so many feeds and no more, and one that ends makes room`() {
        var feeds = (0..<EventLog.feedLimit).map { _ in log.feed(after: nil) }
        #expect(log.feed(after: nil) == nil)

        feeds.removeLast()

        #expect(log.feed(after: nil) != nil)
    }
}

@Suite("Events over HTTP")
struct EventStreamTests {
    private let yard: YardUnderTest

    init() throws { yard = try YardUnderTest() }

    @Test func `a stream tells of a change when it happens`() throws {
        let client = AdminClient(
            address: try AdminAddress("http://127.0.0.1:\(yard.port)"),
            token: nil
        )
        let connection = try client.connect()
        let deadline = ContinuousClock.now + .seconds(20)
        let wire = Array("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        let isSent = connection.send(wire, until: deadline)
        try #require(isSent)
        func received(until mark: String) throws -> String {
            var text = ""
            while !text.contains(mark) {
                guard case .bytes(let bytes) = connection.receive(until: deadline) else {
                    Issue.record("the stream ended after \(text)")
                    return text
                }
                text += String(decoding: bytes, as: UTF8.self)
            }
            return text
        }

        let head = try received(until: "\r\n\r\n")
        #expect(head.contains("Content-Type: text/event-stream"))
        #expect(!head.contains("Content-Length"))

        #expect(try yard.ask("POST", "/switch/green").status == 200)

        let event = try received(until: "\n\n")
        #expect(event.contains("event: change\ndata: {\"generation\":2,"))
    }

    @Test func `a question about a stream is answered with its head alone`() throws {
        let answer = try yard.exchange(
            "HEAD /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )

        #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }
}
