import CLinux
import Glibc

/// What the system says about this process, for the `process_*` metrics.
package struct ProcessFacts: Sendable, Equatable {
    package var cpuSeconds = 0.0
    package var residentBytes = 0
    package var virtualBytes = 0
    package var threads = 0
    package var openDescriptors = 0
    package var descriptorLimit = 0
    package var startSeconds = 0.0

    package init() {}

    /// Reads the facts of now; what the system does not tell stays 0.
    package static func read(started: Timestamp) -> ProcessFacts {
        var facts = ProcessFacts()
        facts.startSeconds = started.secondsSince1970
        var usage = rusage()
        if unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            facts.cpuSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            facts.descriptorLimit = Int(clamping: limit.rlim_cur)
        }
        facts.openDescriptors = countDescriptors()
        if let stat = try? contents(of: "/proc/self/stat", limitBytes: 4_096) {
            facts.readStat(stat)
        }
        return facts
    }

    /// Reads proc(5)'s `stat`: its second field may hold spaces, but ends at the last `)`.
    mutating func readStat(_ stat: [UInt8]) {
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "))
            .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
        // The first of `fields` is the third in proc(5): 20 is num_threads, 23 vsize, 24 rss.
        guard fields.count > 21 else { return }
        threads = fields[17]
        virtualBytes = fields[20]
        residentBytes = fields[21] * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }

    private static func countDescriptors() -> Int {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // `.`, `..` and the descriptor of the directory itself are not counted.
        return max(0, count - 3)
    }
}
