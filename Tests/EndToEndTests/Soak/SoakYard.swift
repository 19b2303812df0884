import CLinux
import Glibc
import TestSupport

/// The proxy during a soak: its process changes, its ports do not.
struct SoakYard {
    let process: SwitchyardProcess
    private(set) var current: Int32
    private var older: [Int32] = []
    private(set) var upgrades = 0
    /// Of the serving process, after each change.
    private var residentBytes: [Int] = []
    private let firstDescriptors: Int

    init(process: SwitchyardProcess) {
        self.process = process
        current = process.child.processID
        firstDescriptors = Self.descriptorCount(current)
    }

    func change(
        _ method: String,
        _ target: String,
        _ body: String = "",
        allowing other: Int = 200
    ) throws {
        let answer = try process.admin(method, target, body: body)
        guard answer.status == 200 || answer.status == other else {
            throw TestFailure("\(method) \(target): \(answer.status) \(answer.text)")
        }
    }

    mutating func upgrade() throws {
        let answer = try process.admin("POST", "/upgrade")
        let digits = answer.text.drop { !$0.isNumber }.prefix(while: \.isNumber)
        guard answer.status == 200, let next = Int32(digits) else {
            throw TestFailure("upgrade: \(answer.status) \(answer.text)")
        }
        older.append(current)
        current = next
        upgrades += 1
    }

    mutating func measure() {
        residentBytes.append(Self.residentBytes(current))
        older.removeAll { !Self.isThere($0) }
    }

    var mostResidentBytes: Int { residentBytes.max() ?? 0 }

    /// The most in the first half of the changes, and in the second.
    var mostOfHalves: (first: Int, second: Int) {
        let half = residentBytes.count / 2
        return (residentBytes[..<half].max() ?? 0, residentBytes[half...].max() ?? 0)
    }

    /// Whether only one process is left, with as many descriptors as the first had, but for pools.
    func descriptorsAreBack() throws -> Bool {
        // Two workers keep idle connections to four endpoints.
        !older.contains(where: Self.isThere)
            && Self.descriptorCount(current) <= firstDescriptors + 2 * 4 * 8
    }

    /// Ends every process of it.
    func kill() {
        for process in older + [current] { _ = Glibc.kill(process, SIGKILL) }
    }

    /// A process that has ended but was not waited for yet is not there.
    private static func isThere(_ process: Int32) -> Bool {
        let stat = text("/proc/\(process)/stat")
        guard let name = stat.lastIndex(of: ")") else { return false }
        return !stat[name...].hasPrefix(") Z")
    }

    private static func residentBytes(_ process: Int32) -> Int {
        let fields = text("/proc/\(process)/statm").split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func descriptorCount(_ process: Int32) -> Int {
        guard let folder = unsafe opendir("/proc/\(process)/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        return count - 2
    }

    private static func text(_ path: String) -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe read(file, &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }
}

/// A line about a soak every two seconds, where somebody watches; the table at its end.
struct SoakProgress {
    private static let pause = Duration.seconds(2)

    private let start = ContinuousClock.now
    private var toldAt = ContinuousClock.now
    private let length: Duration

    init(length: Duration) { self.length = length }

    mutating func tell(_ requests: Int, _ failures: Int, changes: Int, _ yard: SoakYard) {
        guard isatty(1) == 1, ContinuousClock.now - toldAt > Self.pause else { return }
        toldAt = .now
        print(
            "\((toldAt - start) / .seconds(1)) s of \(length): \(requests) requests,"
                + " \(failures) failed, \(changes) changes, \(yard.mostResidentBytes >> 20) MiB"
        )
    }

    static func table(_ tally: SoakTally, _ changes: [(String, Int)], _ yard: SoakYard) -> String {
        var lines = ["| soak | count |", "|---|---|"]
        for kind in SoakKind.allCases {
            let seen = tally.kinds[kind] ?? .init()
            lines.append(
                "| \(kind.rawValue) | \(seen.requests), \(seen.failureCount) failed"
                    + (seen.restarts > 0 ? ", \(seen.restarts) closed with 1012 |" : " |")
            )
        }
        for (name, count) in changes.sorted(by: { $0.0 < $1.0 }) {
            lines.append("| \(name) | \(count) |")
        }
        let most = yard.mostOfHalves
        lines.append(
            "| most resident memory, in the first and the second half |"
                + " \(most.first >> 20) and \(most.second >> 20) MiB |"
        )
        return lines.joined(separator: "\n")
    }
}
