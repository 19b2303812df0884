import CLinux
import Glibc
import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("What systemd is told")
struct ServiceNotifierTests {
    private let directory = TemporaryDirectory()

    @Test func `assignments arrive in one datagram`() throws {
        let listener = ServiceListener(at: directory.file("notify"))
        let notifier = try #require(ServiceNotifier(path: listener.path, watchdog: nil))

        notifier.tell("RELOADING=1", "MONOTONIC_USEC=5")

        #expect(listener.next() == "RELOADING=1\nMONOTONIC_USEC=5")
    }

    @Test func `readiness is told once, when it is there, and signs of life while workers turn`()
        throws
    {
        let listener = ServiceListener(at: directory.file("notify"))
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
