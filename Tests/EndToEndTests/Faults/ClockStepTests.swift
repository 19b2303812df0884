import CLinux
import Glibc
import TestSupport
import Testing

/// The program with a wall clock that a test can set, and all other clocks as they are.
@Suite("Steps of the wall clock")
struct ClockStepTests {
    /// Stands in front of the C library's function and adds the seconds that a file holds.
    private static let clock = #"""
        #define _GNU_SOURCE
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>
        int clock_gettime(clockid_t clock, struct timespec *time) {
            int result = syscall(SYS_clock_gettime, clock, time);
            const char *path = clock == CLOCK_REALTIME ? getenv("STEP_FILE") : NULL;
            FILE *file = path ? fopen(path, "r") : NULL;
            long step = 0;
            if (file) {
                if (fscanf(file, "%ld", &step) == 1) time->tv_sec += step;
                fclose(file);
            }
            return result;
        }
        """#

    private let folder: TemporaryFolder
    private let blue: OriginServer
    private let green: OriginServer

    init() throws {
        folder = try TemporaryFolder()
        blue = try OriginServer("blue")
        green = try OriginServer("green")
    }

    /// Builds the library with the compiler that the toolchain brings along.
    private func buildClock() throws -> String {
        let source = try folder.write(Self.clock, to: "clock.c")
        let compile = try ChildProcess([
            "sh", "-c",
            "exec \"$(dirname \"$(readlink -f \"$(command -v swift)\")\")/clang\" \"$@\"", "sh",
            "-shared", "-fPIC", "-o", folder["clock.so"], source,
        ])
        guard try compile.waitForEnd() == .exit(0) else { throw TestFailure(compile.errorText) }
        return folder["clock.so"]
    }

    @Test(arguments: [86_400, -86_400])
    func `a day ahead or back ends no wait, no lease and no connection`(step: Int) throws {
        let library = try buildClock()
        _ = try folder.write("0", to: "step")
        let process = try SwitchyardProcess(
            ConfigText(blue: blue, green: green),
            in: folder,
            environment: ["LD_PRELOAD": library, "STEP_FILE": folder["step"]]
        )
        let idle = try process.connect()
        #expect(try idle.get("/before").status == 200)
        let lease = try process.admin(
            "POST",
            "/slots/green/lease",
            body: #"{"holder": "ci", "time": "10m"}"#
        )
        #expect(lease.status == 200, "\(lease.text)")

        _ = try folder.write("\(step)", to: "step")
        // Long enough for a few probes, whose times must not be out of step.
        let probes = blue.probes
        try eventually("probes go on") { blue.probes >= probes + 3 }
        let after = try idle.get("/after").status
        let switched = try process.admin("POST", "/switch/green")
        let status = try process.admin("GET", "/status").text
        let canary = try process.admin("DELETE", "/slots/green/lease", body: #"{"holder": "ci"}"#)
        let change = try process.admin("POST", "/switch/green")
        let history = try process.admin("GET", "/history").text

        #expect(after == 200)
        #expect(switched.status == 409, "the lease holds: \(switched.text)")
        let uptime = try #require(status.firstMatch(of: #/"uptime_seconds": (-?\d+)/#)?.output.1)
        #expect((0..<3_600).contains(Int(uptime) ?? -1))
        #expect(canary.status == 200, "\(canary.text)")
        #expect(change.status == 200)
        #expect(try process.servingSlot() == "green")
        // The clock did step: the change is told a day off.
        let today = Self.today
        let days = Set(history.matches(of: #/"time": "(\d{4}-\d{2}-\d{2})T/#).map(\.output.1))
        #expect(days.contains { $0 != today }, "\(history)")
    }

    private static var today: String {
        var (now, parts) = unsafe (time(nil), tm())
        unsafe gmtime_r(&now, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return unsafe "\(parts.tm_year + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
