import CLinux
import Glibc
import Proxy
import Testing

@testable import Admin

@Suite("What is handed over")
struct HandoverTests {
    @Test func `the text leads back to the same sockets`() throws {
        let socket = try Socket.listener(at: .loopback(port: 0), shared: false)
        let found = Socket.boundAddress(of: socket)
        let bound = try #require(found)
        var handover = Handover(
            process: 7,
            actor: "someone \"else\"",
            isReady: true,
            listeners: [
                .init(written: "127.0.0.1:0", bound: bound, descriptors: [socket.rawValue])
            ],
            admin: 4,
            channel: 5,
            state: 6
        )
        handover.stateFile = .init(path: "state/a b.json", descriptor: 9)

        let read = Handover(handover.text)

        #expect(read == handover)
        #expect(read?.descriptors == [socket.rawValue, 4, 5, 6, 9])
    }

    @Test(arguments: ["", "{}", "null", "{\"process\": 1}"])
    func `what no upgrade sets is refused`(text: String) {
        #expect(Handover(text) == nil)
    }

    @Test func `a descriptor that is no socket is refused`() throws {
        let file = try FileDescriptor.open("/dev/null", O_RDONLY)
        let handover = Handover(
            process: 1,
            actor: "",
            isReady: false,
            listeners: [
                .init(
                    written: "a",
                    bound: .loopback(port: 1),
                    descriptors: [file.rawValue]
                )
            ],
            admin: 1,
            channel: 1,
            state: 1
        )

        #expect(Handover(handover.text) == nil)
    }

    @Test func `messages arrive whole and in order, and an end is told`() throws {
        let (ours, theirs) = try MessageChannel.pair()

        #expect(ours.send(["say": "a", "n": JSON(1)]))
        #expect(ours.send(["say": "b"]))
        ours.close()

        var words: [String] = []
        while case .message(let message) = theirs.receive(until: .now + .seconds(20)) {
            words.append(message["say"]?.string ?? "")
        }
        #expect(words == ["a", "b"])
        #expect(!theirs.send(["say": "c"]))
    }

    @Test func `a message that does not come is late`() throws {
        let (ours, theirs) = try MessageChannel.pair()
        guard case .late = theirs.receive(until: .now + .milliseconds(10)) else {
            Issue.record("something came")
            return
        }
        ours.close()
    }

    @Test func `a program is found again as it was called`() {
        #expect(ProgramImage(arguments: ["./bin/switchyard", "serve"]).path == "./bin/switchyard")
        #expect(ProgramImage(arguments: ["switchyard"]).path.hasPrefix("/"))
    }
}
