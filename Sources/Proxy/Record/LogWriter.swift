import CLinux
import Glibc
import Synchronization

/// Writes the workers' log lines, on a thread of its own.
package final class LogWriter: Sendable {
    /// Lines that come in quick succession share a write.
    static let gatherMilliseconds: Int32 = 20

    private struct Sinks: ~Copyable {
        /// nil: exchanges are not logged.
        var access: FileDescriptor?
        var path: String?
        var isStopped = false
        /// The last write failed, and the operator knows.
        var isFailing = false
    }

    private let sinks: Lock<Sinks>
    private let rings: [LogRing]
    /// Lines that the file did not take.
    private let lostLines = CounterBlock(count: 1)
    private let wakeUp: WakeUp
    private let thread = ThreadBox()

    init(_ accessLog: Config.AccessLog?, rings: [LogRing]) throws(SystemError) {
        let access = try Self.open(accessLog?.path)
        sinks = Lock(Sinks(access: access, path: accessLog?.path))
        self.rings = rings
        wakeUp = try WakeUp()
    }

    deinit { lostLines.deallocate() }

    /// Lines that came too quickly, and those that the file did not take.
    var droppedLines: UInt64 { rings.reduce(lostLines[0]) { $0 + $1.droppedCount } }

    /// Tells the writer that a line waits; from a worker.
    func wake() { wakeUp.signal() }

    func start() { thread.start(name: "log") { [self] in run() } }

    /// Writes what is left and ends.
    func stop() {
        sinks.withLock { $0.isStopped = true }
        wakeUp.signal()
        thread.join()
        writeLines()
    }

    /// Logs exchanges to another place from now on; throws when it cannot be opened.
    func use(_ accessLog: Config.AccessLog?) throws(SystemError) {
        guard sinks.withLock({ $0.path }) != accessLog?.path else { return }
        try replace(accessLog?.path)
    }

    /// Opens the file of that name anew, after it was moved away.
    func reopen() throws(SystemError) {
        try replace(sinks.withLock { $0.path })
    }

    /// The least level that is told, by its place among all; set at start and by a reload.
    private static let toldLevel = Atomic<Int>(Config.ErrorLog.Level.info.place)

    static func tell(_ level: Config.ErrorLog.Level) {
        toldLevel.store(level.place, ordering: .relaxed)
    }

    /// A line for the operator, from any thread.
    package static func report(_ message: String, _ level: Config.ErrorLog.Level = .error) {
        guard level.place <= toldLevel.load(ordering: .relaxed) else { return }
        writeAll(Array("switchyard: \(message)\n".utf8), to: 2)
    }

    private func replace(_ path: String?) throws(SystemError) {
        let fresh = try Self.open(path)
        var next = Sinks(access: fresh, path: path)
        sinks.withLock { sinks in
            next.isStopped = sinks.isStopped
            swap(&sinks, &next)
        }
    }

    private static func open(_ path: String?) throws(SystemError) -> FileDescriptor? {
        guard let path else { return nil }
        if path == "-" { return try FileDescriptor("dup", dup(1)) }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
        return try FileDescriptor("open", unsafe Glibc.open(path, flags, 0o640))
    }

    private func run() {
        while !sinks.withLock({ $0.isStopped }) {
            if rings.allSatisfy({ $0.awaitLine() }) {
                var poll = pollfd(fd: wakeUp.rawValue, events: Int16(POLLIN), revents: 0)
                unsafe Glibc.poll(&poll, 1, -1)
                wakeUp.clear()
            }
            _ = Glibc.poll(nil, 0, Self.gatherMilliseconds)
            writeLines()
        }
    }

    private func writeLines() {
        var access: [UInt8] = []
        var error: [UInt8] = []
        for ring in rings { ring.take(access: &access, error: &error) }
        if !error.isEmpty { Self.writeAll(error, to: 2) }
        guard !access.isEmpty else { return }
        sinks.withLock { sinks in
            guard let descriptor = sinks.access?.rawValue else { return }
            let failure = Self.writeAll(access, to: descriptor)
            note(failure, &sinks)
        }
    }

    /// Counts what was lost; tells of a file that takes nothing more once, and when it does again.
    private func note(_ failure: WriteFailure?, _ sinks: inout Sinks) {
        if let failure { lostLines.add(0, failure.lines) }
        guard (failure != nil) != sinks.isFailing else { return }
        sinks.isFailing = failure != nil
        guard let failure else { return Self.report("the access log is written again", .info) }
        Self.report(
            "the access log cannot be written, its lines are dropped and counted: \(failure.error)"
        )
    }

    /// What a file did not take.
    private struct WriteFailure {
        let error: SystemError
        let lines: UInt64
    }

    /// Writes what the file takes; a disk that is full loses lines, not requests.
    @discardableResult
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> WriteFailure? {
        unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes
            while rest.count > 0 {
                let count = unsafe write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    let error = SystemError("write")
                    let lines = unsafe rest.reduce(0 as UInt64) {
                        $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0)
                    }
                    return WriteFailure(error: error, lines: lines)
                }
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return nil
        }
    }
}

extension Config.ErrorLog.Level {
    fileprivate var place: Int {
        switch self {
        case .error: 0
        case .warn: 1
        case .info: 2
        }
    }
}
