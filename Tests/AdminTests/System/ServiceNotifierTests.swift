import CLinux
import Glibc
import Proxy
import Testing

@testable import Admin

@Suite("What systemd is told")
struct ServiceNotifierTests {
    /// systemd's end of the socket.
    private final class Listener {
        let path: String
        private let descriptor: Int32

        init(in directory: TemporaryDirectory) {
            path = directory.file("notify")
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &name.sun_path) {
                unsafe $0.copyBytes(from: path.utf8)
            }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let bound = unsafe withUnsafeBytes(of: &name) { raw in
                unsafe bind(
                    descriptor,
                    raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    size
                )
            }
            precondition(bound == 0)
            var limit = timeval(tv_sec: 20, tv_usec: 0)
            let limitSize = socklen_t(MemoryLayout<timeval>.size)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, limitSize)
        }

        deinit { close(descriptor) }

        /// The next datagram; empty when none came in time.
        func next() -> String {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
    }

    private let directory = TemporaryDirectory()

    @Test func `assignments arrive in one datagram`() throws {
        let listener = Listener(in: directory)
        let notifier = try #require(ServiceNotifier(path: listener.path, watchdog: nil))

        notifier.tell("RELOADING=1", "MONOTONIC_USEC=5")

        #expect(listener.next() == "RELOADING=1\nMONOTONIC_USEC=5")
    }

    @Test func `readiness is told once, when it is there, and signs of life while workers turn`()
        throws
    {
        let listener = Listener(in: directory)
        let notifier = try #require(
            ServiceNotifier(path: listener.path, watchdog: .milliseconds(80))
        )
        let asked = Lock(0)
        let isAlive = Lock(true)
        notifier.start(
            isReady: {
                asked.withLock {
                    $0 += 1; return $0 > 3
                }
            },
            status: { "blue is active" },
            areAlive: { _ in isAlive.withLock(\.self) }
        )
        defer { notifier.stop() }

        var told: [String] = []
        while told.filter({ $0 == "WATCHDOG=1" }).count < 4
            || !told.contains(where: {
                $0.hasPrefix("READY=1")
            })
        {
            let next = listener.next()
            try #require(!next.isEmpty)
            told.append(next)
        }
        isAlive.withLock { $0 = false }
        notifier.tell("MARK=1")
        var after = ""
        while after != "MARK=1" { after = listener.next() }
        // At most one sign of life was on its way when the workers stood still.
        notifier.tell("MARK=2")
        let next = listener.next()

        #expect(told.filter { $0 == "READY=1\nSTATUS=blue is active" }.count == 1)
        #expect(told.filter { $0.contains("STATUS=") }.count <= 2)
        #expect(next == "MARK=2" || next == "WATCHDOG=1")
    }

    @Test func `without a socket nobody is told`() {
        #expect(ServiceNotifier(path: nil, watchdog: nil) == nil)
        #expect(ServiceNotifier(path: "relative", watchdog: nil) == nil)
        let long = "/" + String(repeating: "x", count: 108)
        #expect(ServiceNotifier(path: long, watchdog: nil) == nil)
    }

    @Test func `a watchdog is for the process that it names, or for all`() {
        let own = String(getpid())
        #expect(ServiceNotifier.watchdog(microseconds: "5000", process: own) == .milliseconds(5))
        #expect(ServiceNotifier.watchdog(microseconds: "5000", process: nil) == .milliseconds(5))
        #expect(ServiceNotifier.watchdog(microseconds: "5000", process: "1") == nil)
        #expect(ServiceNotifier.watchdog(microseconds: "0", process: nil) == nil)
        #expect(ServiceNotifier.watchdog(microseconds: nil, process: nil) == nil)
    }
}
