import CLinux
import Glibc
import Proxy
import Testing

@testable import Demo

@Suite("Demo origin")
struct DemoOriginTests {
    @Test func `requests are answered in order on one connection`() throws {
        let origin = try RunningOrigin()
        let client = try origin.connect()

        client.send(
            "GET /health HTTP/1.1\r\n\r\n"
                + "POST /api/a?b=c HTTP/1.1\r\nX-Request-ID: r1\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"
                + "GET /nowhere HTTP/1.1\r\nConnection: close\r\n\r\n"
        )
        let answer = client.readToEnd()

        let health = #"{"service":"backend","slot":"blue","status":"ok","version":"1.4.2"}"#
        let echo =
            #"{"body_bytes":5,"method":"POST","request_id":"r1","service":"backend","#
            + #""slot":"blue","target":"/api/a?b=c","version":"1.4.2"}"#
        let places = [health, echo, "HTTP/1.1 404 Not Found"].map { answer.firstRange(of: $0) }
        #expect(places.allSatisfy { $0 != nil }, "\(answer)")
        let starts = places.compactMap { $0?.lowerBound }
        #expect(starts == starts.sorted())
    }

    @Test(arguments: [0, 1, 65_536, 200_001])
    func `a download has the length that was asked for`(length: Int) throws {
        let origin = try RunningOrigin()
        let client = try origin.connect()

        client.send("GET /download?bytes=\(length) HTTP/1.1\r\nConnection: close\r\n\r\n")
        let answer = client.readToEnd()

        let body = try #require(answer.firstRange(of: "\r\n\r\n")).upperBound
        #expect(answer[body...].utf8.count == length)
        #expect(answer.contains("Content-Length: \(length)\r\n"))
    }

    @Test func `an unhealthy origin answers 503 to probes and goes on serving`() throws {
        let origin = try RunningOrigin()
        let client = try origin.connect()

        client.send("POST /knobs HTTP/1.1\r\nContent-Length: 18\r\n\r\n{\"healthy\": false}")
        client.send("GET /health HTTP/1.1\r\n\r\n")
        client.send("GET /api/x HTTP/1.1\r\nConnection: close\r\n\r\n")
        let statuses = client.readToEnd().matches(of: /HTTP\/1\.1 (\d+)/).map(\.1)

        #expect(statuses == ["200", "503", "200"])
    }

    @Test func `stopping ends a connection that waits and one that streams`() throws {
        let origin = try RunningOrigin()
        let idle = try origin.connect()
        let stream = try origin.connect()
        stream.send("GET /events HTTP/1.1\r\n\r\n")
        #expect(stream.read(until: "\"n\":1}"))

        origin.stop()

        #expect(idle.readToEnd().isEmpty)
        _ = stream.readToEnd()
    }

    @Test func `an address that is taken is refused with advice`() throws {
        let origin = try RunningOrigin()
        let authority = "127.0.0.1:\(origin.port)"
        let endpoint = Config.Endpoint(
            authority: authority,
            target: .address(.loopback(port: origin.port))
        )
        let config = Config(
            listeners: [],
            services: [Config.Service(name: "backend")],
            slots: [
                Config.Slot(name: "blue", endpoints: [[endpoint]]),
                Config.Slot(name: "green", endpoints: [[]]),
            ],
            activeSlot: SlotID(0)
        )

        let advice = "is taken: stop the program that listens there, or change the endpoint"
        #expect(
            throws: DemoFailure(message: "the demo origin \(authority) (blue backend) \(advice)")
        ) {
            _ = try DemoOrigins(config: config)
        }
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("10.0.0.1", false),
        ("::2", false),
    ])
    func `only loopback endpoints are ours`(address: String, isOurs: Bool) throws {
        let parsed = try #require(IPAddress(address))
        let endpoint = Config.Endpoint(authority: "x", target: .address(.ip(parsed, port: 1)))

        #expect((DemoOrigins.loopback(of: endpoint) != nil) == isOurs)
    }
}

/// An origin on a free port, served by a thread of its own until it goes.
private final class RunningOrigin {
    let port: UInt16
    private let origin: DemoOrigin
    private let thread: OriginThread
    private var isStopped = false

    init() throws {
        let listener = try #require(
            OriginSocket.listening(on: IPAddress(v4: 0x7F00_0001), port: 0)
        )
        port = Self.port(of: listener.descriptor)
        let identity = DemoIdentity(slot: "blue", index: 0, service: "backend", authority: "here")
        let origin = DemoOrigin(listener: listener, identity: identity)
        self.origin = origin
        thread = try #require(OriginThread { origin.acceptConnections() })
    }

    deinit { stop() }

    func stop() {
        guard !isStopped else { return }
        isStopped = true
        origin.shutDown()
        thread.join()
        origin.close()
    }

    func connect() throws -> Client {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: port)
        let connected = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        return Client(socket: OriginSocket(descriptor: descriptor))
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}

/// The other side of a connection, in raw bytes.
private final class Client {
    private let socket: OriginSocket
    private var received: [UInt8] = []

    init(socket: OriginSocket) { self.socket = socket }
    deinit { socket.close() }

    func send(_ text: String) { #expect(socket.send(Array(text.utf8))) }

    func readToEnd() -> String {
        while socket.receive(into: &received) {}
        return String(decoding: received, as: UTF8.self)
    }

    /// Reads until `text` has arrived; false when the stream ends before.
    func read(until text: String) -> Bool {
        while !String(decoding: received, as: UTF8.self).contains(text) {
            guard socket.receive(into: &received) else { return false }
        }
        return true
    }
}
