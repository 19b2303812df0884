import CLinux
import Glibc
import Proxy
import Testing

@testable import Admin

@Suite("State file")
struct StateFileTests {
    private static let names = ["blue", "green"]

    private let directory = TemporaryDirectory()

    /// Opens a file that nobody uses any more.
    ///
    /// A process that another test starts in this moment has our descriptors, and so the lock,
    /// until it runs its own program.
    private func open(_ path: String) throws -> StateFile {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do throws(StateFailure) { return try StateFile.open(path) } catch {
                let isInUse = error.message.contains("in use")
                guard isInUse, ContinuousClock.now < deadline else { throw error }
                sched_yield()
            }
        }
    }

    private var path: String { directory.file("deep/er/state.json") }

    @Test func `a missing file is the very first start`() throws {
        let file = try StateFile.open(path)

        #expect(try file.load(slotNames: Self.names) == nil)
    }

    @Test func `what was saved is loaded, by another process too`() throws {
        do {
            let file = try StateFile.open(path)
            try file.save(.sample, over: nil)
            try file.save(.successor, over: .sample)
        }

        let file = try open(path)

        #expect(try file.load(slotNames: Self.names) == .successor)
    }

    @Test func `a shorter state leaves nothing of a longer one behind`() throws {
        let file = try StateFile.open(path)
        var short = SavedState.successor
        short.history = History()
        try file.save(.sample, over: nil)
        try file.save(.successor, over: .sample)

        try file.save(short, over: .successor)

        #expect(try file.load(slotNames: Self.names) == short)
    }

    @Test func `a second holder is refused while the first one lives`() throws {
        let first = try StateFile.open(path)

        #expect {
            _ = try StateFile.open(path)
        } throws: { error in
            "\((error as? StateFailure)?.message ?? "")".contains("in use by another switchyard")
        }
        try first.save(.sample, over: nil)
    }

    @Test func `a save takes its steps in the order that makes it durable`() throws {
        let file = try StateFile.open(path)
        var steps: [StateFile.Step] = []

        try file.save(.sample, over: nil) { steps.append($0) }

        #expect(steps == [.opened, .written, .synced, .renamed, .directorySynced])
    }

    @Test func `the content is on the disk before the name leads to it`() throws {
        // Beside the build, for what lies in /tmp may never reach a disk.
        let build = "\(#filePath)".split(separator: "/").dropLast(4).joined(separator: "/")
        let folder = "/\(build)/.build/state-test-\(getpid())"
        let path = folder + "/state.json"
        defer { for name in ["", ".spare", ".lock"] { unsafe unlink(path + name) } }
        defer { unsafe rmdir(folder) }
        let file = try StateFile.open(path)
        try file.save(.sample, over: nil)

        var unsynced: [StateFile.Step: Int] = [:]
        try file.save(.successor, over: .sample) { step in
            let name = step == .renamed ? path : path + ".spare"
            unsynced[step] = try? PageCache.unsyncedBytes(of: name)
        }

        #expect(unsynced[.written, default: 0] > 0)
        #expect(unsynced[.synced] == 0)
        #expect(unsynced[.renamed] == 0)
    }

    @Test(arguments: StateFile.Step.allCases)
    func `killed at any step, the file is whole: old before the rename, new after it`(
        step: StateFile.Step
    ) async throws {
        let path = path
        do { try StateFile.open(path).save(.sample, over: nil) }

        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, step = step.rawValue as String] in
            let file = try StateFile.open(path)
            try file.save(.successor, over: .sample) { done in
                if done.rawValue == step { kill(getpid(), SIGKILL) }
            }
        }

        let isNew = step == .renamed || step == .directorySynced
        let found = try open(path).load(slotNames: Self.names)
        #expect(found == (isNew ? .successor : .sample))
    }

    @Test func `killed after the acknowledgement, the file is new`() async throws {
        let path = path
        do { try StateFile.open(path).save(.sample, over: nil) }

        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            try StateFile.open(path).save(.successor, over: .sample)
            kill(getpid(), SIGKILL)
        }

        #expect(try open(path).load(slotNames: Self.names) == .successor)
    }

    @Test func `a full disk refuses the change and leaves the old file`() async throws {
        let path = path
        do { try StateFile.open(path).save(.sample, over: nil) }

        await #expect(processExitsWith: .exitCode(7)) { [path = path as String] in
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100, rlim_max: 100)
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let file = try StateFile.open(path)
            do throws(StateFailure) {
                try file.save(.successor, over: .sample)
            } catch {
                exit(error.message.contains("nothing was changed") ? 7 : 8)
            }
        }

        #expect(try open(path).load(slotNames: Self.names) == .sample)
    }

    @Test func `a directory that cannot be made is explained`() {
        #expect {
            _ = try StateFile.open("/dev/null/state.json")
        } throws: { error in
            (error as? StateFailure)?.message.contains("set \"state_file\" to another path") == true
        }
    }
}

// MARK: Damage

extension StateFileTests {
    private func message(loading bytes: [UInt8], names: [String] = names) throws -> String {
        directory.write("state.json", bytes)
        let file = try StateFile.open(directory.file("state.json"))
        do {
            _ = try file.load(slotNames: names)
            return "it was loaded"
        } catch {
            return error.message
        }
    }

    @Test func `a damaged file stops the start, is not replaced, and the message says what to do`()
        throws
    {
        let damaged = Array(SavedState.sample.fileText.dropLast(20))

        let message = try message(loading: damaged)

        #expect(message.contains("is damaged: it is cut short"))
        #expect(message.contains("ACTIVE_SLOT"))
        let left = try contents(of: directory.file("state.json"), limitBytes: 65_536)
        #expect(left == damaged)
    }

    @Test(arguments: [
        ([], "is cut short or not a state file"),
        (Array("blue\n".utf8), "is cut short or not a state file"),
        (Array("{\"version\":2,".utf8), "has the version 2, this switchyard reads version 1"),
        ([UInt8](repeating: 0, count: 4_096), "is cut short or not a state file"),
    ])
    func `every kind of damage has its sentence`(bytes: [UInt8], sentence: String) throws {
        #expect(try message(loading: bytes).contains(sentence))
    }

    @Test func `a slot that the configuration no longer has is named`() throws {
        let message = try message(loading: SavedState.sample.fileText, names: ["blue", "red"])

        #expect(message.contains("names the slot \"green\""))
        #expect(message.contains("blue, red"))
    }
}
