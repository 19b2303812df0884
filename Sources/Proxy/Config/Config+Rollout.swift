extension Config {
    /// How traffic moves to the other slot: what every rollout does that says nothing else.
    ///
    /// The defaults make the simple release: a small share, judged; a person approves; all traffic;
    /// five minutes of watching, and back if it is bad.
    package struct Rollout: Sendable, Equatable {
        package var probe = Probe()
        /// Rising; after the last one comes the promotion.
        package var steps = [Step(weight: Weight(basisPoints: 500), time: .seconds(60))]
        package var promotion = Promotion.approve
        /// The watch after the promotion; nil ends the rollout with it.
        package var bake: Bake? = Bake()
        /// Time for all of it but for what persons take.
        package var deadline = Duration.seconds(3_600)
        /// What happens when the deadline comes first.
        package var inconclusive = Inconclusive.hold
        /// The share to which a bad window takes the candidate.
        package var floor = Weight(basisPoints: 100)
        /// So many bad windows end it.
        package var badWindows = 2
        /// More failures than this reach no user; nil for no limit, since what is much depends on
        /// the traffic.
        package var userFailureLimit: Int?
        /// Asked before every step and the promotion; all have to agree.
        package var gates: [Webhook] = []
        /// Told of every change.
        package var notices: [Webhook] = []
        /// Base URL of the Prometheus server that `queries` ask.
        package var prometheus: HTTPURL?
        /// Further checks of the verdict.
        package var queries: [Query] = []

        package init() {}
    }
}

extension Config.Rollout {
    package enum Promotion: String, Sendable, Equatable, CaseIterable {
        case approve, automatic
    }

    package enum Inconclusive: String, Sendable, Equatable, CaseIterable {
        case hold, abort
    }

    /// Requests to the candidate before any user reaches it.
    package struct Probe: Sendable, Equatable {
        package struct Target: Sendable, Equatable {
            package var service = ""
            package var path = ""

            package init() {}
        }

        package var targets: [Target] = []
        /// To each path at each endpoint.
        package var requests = 3
        package var timeout = Duration.seconds(2)
        /// How long the candidate may take to become healthy.
        package var wait = Duration.seconds(60)

        package init() {}
    }

    package struct Step: Sendable, Equatable {
        package var weight: Weight
        /// At least so many, besides a verdict that passes.
        package var requests = 0
        /// At least so long.
        package var time: Duration?
        /// A person has to approve the step.
        package var approve = false

        package init(weight: Weight = .none, requests: Int = 0, time: Duration? = nil) {
            self.weight = weight
            self.requests = requests
            self.time = time
        }
    }

    package struct Bake: Sendable, Equatable {
        package var time = Duration.seconds(300)
        /// The share that the old slot keeps, to compare with.
        package var holdBack = Weight(basisPoints: 500)

        package init() {}
    }

    /// Somebody who is asked or told by POST.
    package struct Webhook: Sendable, Equatable {
        package var url = HTTPURL()
        package var timeout = Duration.seconds(10)
        /// Between two questions, or before the second attempt to tell.
        package var interval = Duration.seconds(10)
        /// File with the secret that signs the body.
        package var secretFile: String?

        package init() {}
    }

    /// A question to Prometheus whose answer is one number.
    package struct Query: Sendable, Equatable {
        package var name = ""
        package var query = ""
        package var min: Double?
        package var max: Double?
        package var interval = Duration.seconds(15)
        package var timeout = Duration.seconds(10)
        /// Answers out of bounds in a row that fail the check.
        package var failures = 2

        package init() {}
    }
}

/// An `http` URL, taken apart.
package struct HTTPURL: Sendable, Equatable {
    /// As written.
    package var text = ""
    package var host = ""
    package var port: UInt16 = 80
    /// Path and query, from `/` on.
    package var target = "/"

    package init() {}
}
