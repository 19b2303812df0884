import CLinux
import Glibc
import Proxy

@testable import Admin

/// What of files the kernel holds in memory alone.
enum PageCache {
    /// Bytes of a file that were written and are not on the disk yet; all of them on a file system
    /// without one.
    ///
    /// A mapping of the file shows its pages in `/proc/self/smaps`, dirty ones apart.
    static func unsyncedBytes(of path: String) throws(SystemError) -> Int {
        let file = try FileDescriptor("open", unsafe open(path, O_RDONLY | O_CLOEXEC))
        let size = Int(lseek(file.rawValue, 0, SEEK_END))
        guard size > 0 else { return 0 }
        let memory = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, file.rawValue, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw SystemError("mmap")
        }
        defer { unsafe munmap(memory, size) }
        // Only pages that were touched are counted.
        var sum: UInt8 = 0
        for offset in stride(from: 0, to: size, by: 4_096) {
            unsafe sum &+= memory.load(fromByteOffset: offset, as: UInt8.self)
        }
        withExtendedLifetime(sum) {}
        let maps = try contents(of: "/proc/self/smaps", limitBytes: 1 << 26)
        return dirtyBytes(of: path, in: String(decoding: maps, as: UTF8.self))
    }

    private static func dirtyBytes(of path: String, in maps: String) -> Int {
        var isOurs = false
        var kibibytes = 0
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard let first = words.first else { continue }
            if !first.hasSuffix(":") {
                isOurs = line.hasSuffix(path)
            } else if isOurs, first.hasSuffix("_Dirty:"), words.count > 1 {
                kibibytes += Int(words[1]) ?? 0
            }
        }
        return kibibytes * 1_024
    }
}
