import CLinux
import FoundationEssentials
import Glibc
import Proxy

/// Tells systemd how the service is (sd_notify(3)): datagrams to the socket that it names.
package final class ServiceNotifier: Sendable {
    /// How often the status is looked at when there is no watchdog that asks for more.
    private static let pause = Duration.seconds(2)
    /// systemd's longest path of a socket, with its closing zero.
    private static let pathLimitBytes = 108

    private let socket: Lock<FileDescriptor?>
    private let address: [UInt8]
    /// How often a sign of life is due; nil without a watchdog.
    private let watchdog: Duration?
    private let isEnding = Lock(false)
    private let wakeUp: WakeUp
    private let thread = ThreadBox()

    /// Reads the environment; nil when nobody wants to be told.
    package convenience init?() {
        let environment = ProcessInfo.processInfo.environment
        self.init(
            path: environment["NOTIFY_SOCKET"],
            watchdog: Self.watchdog(
                microseconds: environment["WATCHDOG_USEC"],
                process: environment["WATCHDOG_PID"]
            )
        )
    }

    init?(path: String?, watchdog: Duration?) {
        // A name that begins with `@` is one of the abstract kind, whose first byte is zero.
        guard let path, path.hasPrefix("/") || path.hasPrefix("@"),
            path.utf8.count < Self.pathLimitBytes,
            let wakeUp = try? WakeUp(),
            let socket = try? FileDescriptor(
                "socket",
                Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            )
        else { return nil }
        address = Array(path.utf8).enumerated().map {
            $0.offset == 0 && $0.element == 0x40 ? 0 : $0.element
        }
        self.socket = Lock(socket)
        self.watchdog = watchdog
        self.wakeUp = wakeUp
    }

    /// The time within which systemd wants a sign of life; nil for none, or for another process.
    static func watchdog(microseconds: String?, process: String?) -> Duration? {
        if let process, Int32(process) != getpid() { return nil }
        guard let count = microseconds.flatMap({ Int64($0) }), count > 0 else { return nil }
        return .microseconds(count)
    }

    /// Sends assignments such as `READY=1`, all in one datagram.
    package func tell(_ lines: String...) {
        let text = Array(lines.joined(separator: "\n").utf8)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: address) }
        let length = MemoryLayout<sa_family_t>.size + address.count
        socket.withLock { socket in
            guard let number = socket?.rawValue else { return }
            _ = unsafe withUnsafeBytes(of: &name) { name in
                unsafe text.withUnsafeBytes { text in
                    unsafe sendto(
                        number,
                        text.baseAddress,
                        text.count,
                        Int32(MSG_NOSIGNAL | MSG_DONTWAIT),
                        name.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                        socklen_t(length)
                    )
                }
            }
        }
    }

    /// Tells readiness once `isReady`, every change of `status`, and that the workers turn.
    package func start(
        isReady: @escaping @Sendable () -> Bool,
        status: @escaping @Sendable () -> String,
        areAlive: @escaping @Sendable (Duration) -> Bool
    ) {
        _ = thread.tryStart(name: "notify") { [self] in
            var (wasReady, told) = (false, "")
            while true {
                let isNew = !wasReady && isReady()
                wasReady = wasReady || isNew
                let text = status()
                if isNew {
                    tell("READY=1", "STATUS=\(text)")
                } else if text != told {
                    tell("STATUS=\(text)")
                }
                told = text
                if let watchdog, areAlive(watchdog / 4) { tell("WATCHDOG=1") }
                let pause =
                    wasReady
                    ? min(Self.pause, (watchdog ?? .seconds(60)) / 4)
                    : .milliseconds(20)
                guard wait(pause) else { return }
            }
        }
    }

    /// Waits; false when the end has come.
    private func wait(_ time: Duration) -> Bool {
        var entry = pollfd(fd: wakeUp.rawValue, events: Int16(POLLIN), revents: 0)
        unsafe poll(&entry, 1, Int32(clamping: Int(time / .milliseconds(1))))
        return !isEnding.withLock(\.self)
    }

    /// Ends the thread.
    package func stop() {
        isEnding.withLock { $0 = true }
        wakeUp.signal()
        thread.join()
    }

    /// The assignment that goes with `RELOADING=1`: when it began.
    package static var monotonicTime: String {
        "MONOTONIC_USEC=\(MonotonicTime.now().nanoseconds / 1_000)"
    }
}
