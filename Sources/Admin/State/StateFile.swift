import CLinux
import Glibc
import Proxy

/// Why the state could not be read or kept: a sentence for the operator.
package struct StateFailure: Error, Equatable {
    package let message: String

    package init(message: String) { self.message = message }
}

/// The file that remembers the traffic's state, and the lock that keeps it for one process.
///
/// A save is durable: written aside, synced, exchanged with the old file, directory synced.
package final class StateFile: Sendable {
    /// What a save has just done.
    package enum Step: String, Sendable, CaseIterable {
        case opened, written, synced, renamed, directorySynced
    }

    /// Largest file that is read: `History.entryLimit` entries with the longest reasons fit.
    static let sizeLimitBytes = 8 << 20

    package let path: String
    private let directory: FileDescriptor
    private let lock: FileDescriptor

    /// Makes the directory if it is missing and takes the lock; throws when either fails or
    /// another process holds the lock.
    ///
    /// An upgrade's new process gets the lock as `inherited`, for the older one holds it.
    package static func open(
        _ path: String,
        inherited: Int32? = nil
    ) throws(StateFailure) -> StateFile {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.dropLast().joined(separator: "/")
        let directoryPath = parts.count == 1 ? "." : parent.isEmpty ? "/" : parent
        let directory = try prepare(path) { () throws(SystemError) in
            try makeDirectory(directoryPath)
            return try FileDescriptor.open(directoryPath, O_RDONLY | O_DIRECTORY)
        }
        let lock = try prepare(path) { () throws(SystemError) in
            if let inherited { return try FileDescriptor("inherit", inherited) }
            return try FileDescriptor.open(path + ".lock", O_RDWR | O_CREAT, mode: 0o644)
        }
        guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            throw StateFailure(
                message: "the state \(path) is in use by another switchyard; stop that one"
                    + " or give this one another \"state_file\""
            )
        }
        return StateFile(path: path, directory: directory, lock: lock)
    }

    /// Holds the lock for this process and those that inherit it.
    var lockDescriptor: Int32 { lock.rawValue }

    private init(path: String, directory: consuming FileDescriptor, lock: consuming FileDescriptor)
    {
        self.path = path
        self.directory = directory
        self.lock = lock
    }

    private static func prepare(
        _ path: String,
        _ step: () throws(SystemError) -> FileDescriptor
    ) throws(StateFailure) -> FileDescriptor {
        do throws(SystemError) { return try step() } catch {
            throw StateFailure(
                message: "cannot keep the state \(path) (\(error)); make its directory writable for"
                    + " this user or set \"state_file\" to another path"
            )
        }
    }

    private static func makeDirectory(_ path: String) throws(SystemError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            guard unsafe mkdir(made, 0o755) == 0 || errno == EEXIST else {
                throw SystemError("mkdir")
            }
        }
    }
}

// MARK: Reading

extension StateFile {
    /// The state as it was last saved; nil when there is no file, which is the very first start.
    ///
    /// Throws when the file cannot be read, is not exactly what a save wrote, or names a slot
    /// that is not in `slotNames`; it is never replaced on its own.
    package func load(slotNames: [String]) throws(StateFailure) -> SavedState? {
        let bytes: [UInt8]
        do {
            bytes = try contents(of: path, limitBytes: Self.sizeLimitBytes)
        } catch {
            if error.code == ENOENT { return nil }
            throw StateFailure(
                message: "cannot read the state \(path) (\(error)); make it readable for"
                    + " this user"
            )
        }
        let state: SavedState
        do { state = try SavedState(fileText: bytes) } catch { throw explain(error) }
        for name in [state.active, state.previous].compactMap(\.self)
        where !slotNames.contains(name) {
            throw StateFailure(
                message: "the state \(path) names the slot \"\(name)\", which the configuration"
                    + " does not have (\(slotNames.joined(separator: ", "))); restore the slot's"
                    + " name, or move the state file away to start anew from \"active_slot\""
            )
        }
        return state
    }

    private func explain(_ damage: SavedStateDamage) -> StateFailure {
        let found: String
        switch damage {
        case .unknownVersion(let version):
            return StateFailure(
                message: "the state \(path) has the version \(version), this switchyard reads"
                    + " version \(SavedState.version); start the switchyard that wrote it, or move"
                    + " the file away to start anew from \"active_slot\""
            )
        case .notWhole: found = "is cut short or not a state file"
        case .wrongChecksum: found = "does not fit its checksum"
        case .unreadable(let what): found = "cannot be understood (\(what))"
        }
        return StateFailure(
            message: "the state \(path) is damaged: it \(found); restore it from a backup, or find"
                + " out which slot is live, move the file away and start with ACTIVE_SLOT=that slot"
        )
    }
}

// MARK: Saving

extension StateFile {
    /// Replaces the file by `state`; when this returns, the new one survives a power loss.
    ///
    /// Throws when a step fails, and the file is then what it was before: `old`. `observe` is
    /// called after each step.
    package func save(
        _ state: SavedState,
        over old: SavedState?,
        observe: (Step) -> Void = { _ in }
    ) throws(StateFailure) {
        let aside = path + ".spare"
        do throws(SystemError) {
            try write(state.fileText, to: aside, observe: observe)
            try Self.exchange(aside, path)
        } catch {
            throw failure(error)
        }
        observe(.renamed)
        do { try directory.sync() } catch {
            // The new state may be what a restart finds although it was refused: put the old back.
            if let old { try? save(old, over: nil) }
            throw failure(error)
        }
        observe(.directorySynced)
    }

    private func write(
        _ text: [UInt8],
        to path: String,
        observe: (Step) -> Void
    ) throws(SystemError) {
        // It holds the key of session cookies, so nobody else may read it, and no older one either.
        let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT, mode: 0o600)
        guard fchmod(file.rawValue, 0o600) == 0 else { throw SystemError("fchmod") }
        observe(.opened)
        try file.write(text)
        guard ftruncate(file.rawValue, text.count) == 0 else { throw SystemError("ftruncate") }
        observe(.written)
        try file.sync()
        observe(.synced)
    }

    /// RENAME_EXCHANGE of <linux/fs.h>.
    private static let exchangeFlag: UInt32 = 2

    /// Renames `aside` to `path` in one step, and the old file to `aside`.
    ///
    /// A plain rename would free the old file's blocks, and the sync that follows then waits for
    /// the disk to discard them: 14 ms a save instead of 9 (ext4 mounted with `discard`), and
    /// 200 ms now and then. Kept, they serve the next save, even on a disk that is full by then.
    private static func exchange(_ aside: String, _ path: String) throws(SystemError) {
        let result = unsafe renameat2(AT_FDCWD, aside, AT_FDCWD, path, exchangeFlag)
        if result == 0 { return }
        // No old file on the very first save, and not every file system can exchange.
        guard [ENOENT, EINVAL, ENOSYS].contains(errno) else { throw SystemError("renameat2") }
        guard unsafe rename(aside, path) == 0 else { throw SystemError("rename") }
    }

    private func failure(_ cause: SystemError) -> StateFailure {
        StateFailure(
            message: "cannot save the state \(path) (\(cause)); nothing was"
                + " changed"
        )
    }
}
