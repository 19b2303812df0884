import TestSupport

/// Users who send one request after the other until they are told to stop, and take what comes.
final class Crowd: Sendable {
    struct Tally: Sendable {
        var answers = 0
        /// Answers that tell of a failure, by whoever gave them.
        var failures = 0
    }

    private let tally = Monitor(Tally())
    private let isStopped = Monitor(false)
    private let threads = Monitor<[WorkThread]>([])

    init(_ count: Int, port: UInt16, method: String = "GET", target: String = "/work") {
        let (tally, isStopped) = (tally, isStopped)
        threads.use { threads in
            threads = (0..<count).map { _ in
                WorkThread {
                    var connection: RawDownstream?
                    while !isStopped.current {
                        do {
                            let open = try connection ?? RawDownstream(port: port)
                            connection = open
                            let answer = try open.exchange(
                                "\(method) \(target) HTTP/1.1\r\nHost: crowd\r\n"
                                    + "Content-Length: 0\r\n\r\n"
                            )
                            if answer.saysClose { connection = nil }
                            tally.use { tally in
                                tally.answers += 1
                                if answer.status >= 500 { tally.failures += 1 }
                            }
                        } catch {
                            connection = nil
                            if !isStopped.current { tally.use { $0.failures += 1 } }
                        }
                    }
                }
            }
        }
    }

    deinit { isStopped.use { $0 = true } }

    func stop() -> Tally {
        isStopped.use { $0 = true }
        threads.use { threads in
            for thread in threads { thread.join() }
            threads = []
        }
        return tally.current
    }
}
