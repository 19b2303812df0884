import CLinux
import Glibc

/// A program that a test started: its output as it comes, and how it ended.
@safe package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Ending: Sendable, Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    /// One start at a time, or a child could inherit the pipes of another.
    private static let spawning = Monitor(())

    package let processID: pid_t
    private let output = Monitor<[UInt8]>([])
    private let errors = Monitor<[UInt8]>([])
    private let ending = Monitor<Ending?>(nil)
    private let threads: [WorkThread]

    /// Starts `arguments[0]`, which is looked up in `PATH`, with `environment` added to ours.
    package init(_ arguments: [String], environment: [String: String] = [:]) throws {
        let (identifier, outputEnd, errorEnd) = try Self.spawning.use { _ in
            let (outputEnd, childOutput) = try Self.makePipe()
            let (errorEnd, childErrors) = try Self.makePipe()
            defer {
                close(childOutput)
                close(childErrors)
            }
            let identifier = try Self.spawn(
                arguments,
                environment: environment,
                output: childOutput,
                errors: childErrors
            )
            return (identifier, outputEnd, errorEnd)
        }
        processID = identifier
        threads = [
            WorkThread { [output] in Self.readAll(outputEnd, into: output) },
            WorkThread { [errors] in Self.readAll(errorEnd, into: errors) },
            WorkThread { [ending] in
                var status: Int32 = 0
                while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7F
                ending.use { $0 = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal) }
            },
        ]
    }

    deinit {
        if ending.current == nil { send(SIGKILL) }
        for thread in threads { thread.join() }
    }

    // MARK: What a test may do

    package func send(_ signal: Int32) { kill(processID, signal) }

    /// Waits for the end of the process, and of its output.
    package func waitForEnd() throws -> Ending {
        let result = try ending.wait(for: "the end of process \(processID)") { $0 }
        for thread in threads { thread.join() }
        return result
    }

    package var hasEnded: Bool { ending.current != nil }

    package var outputText: String { output.use { String(decoding: $0, as: UTF8.self) } }

    package var errorText: String { errors.use { String(decoding: $0, as: UTF8.self) } }

    /// Waits until standard output or standard error makes `find` answer something.
    @discardableResult
    package func waitForText<Result>(
        _ claim: String,
        _ find: (String) -> Result?
    ) throws -> Result {
        var result: Result?
        try eventually("\(claim); it said: \(outputText)\(errorText)") {
            result = find(outputText + errorText)
            return result != nil || hasEnded
        }
        guard let result else {
            throw TestFailure("\(claim), but it ended and said: \(outputText)\(errorText)")
        }
        return result
    }

    /// Bytes that the process has in memory now.
    package func residentBytes() throws -> Int {
        let fields = try Self.procFile("\(processID)/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else {
            throw TestFailure("no resident size of process \(processID)")
        }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Descriptors that the process has open now.
    package func descriptorCount() throws -> Int {
        try Self.procEntries("\(processID)/fd").count
    }

    /// Waits until the process has started another one; its number.
    package func waitForChild() throws -> Int32 {
        let found = Monitor<Int32?>(nil)
        try eventually("process \(processID) has a child") {
            for thread in try Self.procEntries("\(processID)/task") {
                let children = try Self.procFile("\(processID)/task/\(thread)/children")
                if let first = children.split(separator: " ").first {
                    found.use { $0 = Int32(first) }
                }
            }
            return found.current != nil
        }
        return found.current ?? 0
    }

    // MARK: System calls

    /// A pipe whose ends no child inherits but by name.
    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else {
            throw WireFailure.system(call: "pipe", code: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ arguments: [String],
        environment: [String: String],
        output: Int32,
        errors: Int32
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2)
        let words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let variables =
            unsafe ownEnvironment(without: Set(environment.keys)).map { unsafe strdup($0) }
            + environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var identifier = pid_t()
        let code = unsafe posix_spawnp(
            &identifier,
            arguments[0],
            &actions,
            nil,
            words,
            variables
        )
        guard code == 0 else { throw WireFailure.system(call: "posix_spawnp", code: code) }
        return identifier
    }

    private static func ownEnvironment(without names: Set<String>) -> [String] {
        var all: [String] = []
        var next = unsafe environ
        while let text = unsafe next.pointee {
            let line = unsafe String(cString: text)
            if !names.contains(String(line.prefix { $0 != "=" })) { all.append(line) }
            unsafe next += 1
        }
        return all
    }

    private static func readAll(_ end: Int32, into text: Monitor<[UInt8]>) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(end, &buffer, buffer.count)
            if count > 0 { text.use { $0 += buffer[..<count] } }
            if count == 0 || (count < 0 && errno != EINTR) { break }
        }
        close(end)
    }

    /// Names in a folder of /proc.
    private static func procEntries(_ path: String) throws -> [String] {
        guard let folder = unsafe opendir("/proc/\(path)") else {
            throw WireFailure.system(call: "opendir", code: errno)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func procFile(_ name: String) throws -> String {
        let file = unsafe open("/proc/\(name)", O_RDONLY)
        guard file >= 0 else { throw WireFailure.system(call: "open", code: errno) }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe read(file, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
    }
}
