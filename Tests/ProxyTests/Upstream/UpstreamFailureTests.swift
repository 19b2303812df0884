import Testing

@testable import Proxy

@Suite("Upstream failure")
struct UpstreamFailureTests {
    typealias Cause = UpstreamFailure.Cause
    typealias Progress = UpstreamFailure.Progress

    static let causes: [Cause] = [
        .connectFailure, .connectTimeout, .responseTimeout, .closed, .malformedResponse,
    ]
    static let progresses: [Progress] = [.nothingSent, .requestStarted, .responseStarted]

    /// When one attempt more may follow, by cause and progress.
    enum Retry: Equatable { case always, ifReused, ifReusedAndIdempotent, never }

    static func expectedRetry(_ cause: Cause, _ progress: Progress) -> Retry {
        switch (cause, progress) {
        case (.connectFailure, _), (.connectTimeout, _): .always
        case (.closed, .nothingSent): .ifReused
        case (.closed, .requestStarted): .ifReusedAndIdempotent
        case (.closed, .responseStarted): .never
        case (.responseTimeout, _), (.malformedResponse, _): .never
        }
    }

    @Test(arguments: causes, progresses)
    func `a retry follows only where it repeats no effect`(cause: Cause, progress: Progress) {
        let expected = Self.expectedRetry(cause, progress)
        for wasReused in [false, true] {
            let failure = UpstreamFailure(cause: cause, progress: progress, wasReused: wasReused)

            let always = expected == .always || expected == .ifReused && wasReused
            let whenIdempotent = always || expected == .ifReusedAndIdempotent && wasReused
            #expect(failure.mayRetry(idempotent: false) == always)
            #expect(failure.mayRetry(idempotent: true) == whenIdempotent)
        }
    }

    @Test(
        "the downstream and the metrics are told the cause",
        arguments: [
            (.connectFailure, 502, .connectFailure),
            (.connectTimeout, 504, .connectTimeout),
            (.responseTimeout, 504, .responseTimeout),
            (.closed, 502, .closed),
            (.malformedResponse, 502, .malformedResponse),
        ] as [(Cause, UInt16, AttemptOutcome)]
    )
    func told(cause: Cause, status: UInt16, outcome: AttemptOutcome) {
        let failure = UpstreamFailure(cause: cause, progress: .requestStarted, wasReused: false)

        #expect(failure.status == status)
        #expect(failure.outcome == outcome)
    }

    @Test func `each cause has a sentence of its own`() {
        let reasons = Self.causes.map {
            "\(UpstreamFailure(cause: $0, progress: .nothingSent, wasReused: false).reason)"
        }

        #expect(Set(reasons).count == Self.causes.count)
        #expect(reasons.allSatisfy { $0.hasPrefix("The ") && $0.hasSuffix(".") })
    }
}
