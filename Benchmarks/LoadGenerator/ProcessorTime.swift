import CLinux
import Glibc

/// CPU time of processes with all their threads, as `/proc/PID/stat` counts it.
struct ProcessorTime {
    var userSeconds = 0.0
    var systemSeconds = 0.0

    /// What `processes` have used since they were started; one that is gone counts nothing.
    init(of processes: [Int32]) {
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        for process in processes {
            let stat = Self.contents(of: "/proc/\(process)/stat")
            // The name in parentheses may hold spaces; what follows it starts with field 3.
            guard let nameEnd = stat.lastIndex(of: UInt8(ascii: ")")) else { continue }
            let fields = stat[(nameEnd + 1)...].split(separator: UInt8(ascii: " "))
            guard fields.count > 12 else { continue }
            userSeconds += Self.number(fields[11]) / ticksPerSecond
            systemSeconds += Self.number(fields[12]) / ticksPerSecond
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Double {
        Double(String(decoding: digits, as: UTF8.self)) ?? 0
    }

    private static func contents(of path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return unsafe [UInt8](unsafeUninitializedCapacity: 4_096) { buffer, count in
            unsafe count = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
        }
    }
}
