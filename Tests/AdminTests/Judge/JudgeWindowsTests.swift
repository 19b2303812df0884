import Proxy
import Testing

@testable import Admin

@Suite("Judge windows")
struct JudgeWindowsTests {
    private static func seconds(_ count: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(count * 1e9))
    }

    private static let windows = JudgeWindows(
        start: seconds(100),
        length: Nanoseconds(.seconds(60))
    )

    @Test(
        "a window grows from the fresh start, then moves on in strides of a sixth",
        arguments: [
            (100.0, 0...0), (109.9, 0...0), (110, 0...1), (160, 0...6), (160.1, 1...6),
            (170, 1...7), (171, 2...7), (3_700, 354...360),
        ] as [(Double, ClosedRange<Int>)]
    )
    func running(at now: Double, numbers: ClosedRange<Int>) {
        let running = Self.windows.windows(at: Self.seconds(now))

        #expect(running.map(\.number) == Array(numbers))
        for window in running {
            #expect(window.start == Self.seconds(100 + 10 * Double(window.number)))
            #expect((Self.seconds(now) - window.start).count <= 60_000_000_000)
        }
    }

    @Test func `all windows that ever run share the risk once`() {
        let shares = (0..<100_000).map {
            JudgeWindows.Window(number: $0, start: Self.seconds(0)).share
        }

        #expect(shares[0] == 0.5)
        #expect(shares.reduce(0, +) <= 1)
        #expect(shares.reduce(0, +) > 0.9999)
    }
}
