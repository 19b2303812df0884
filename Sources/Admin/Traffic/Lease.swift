import Proxy

/// A deployment's word that it works on a slot: as long as it holds, the slot gets no traffic.
package struct Lease: Sendable, Equatable {
    /// How long it holds that names no time: a deployment that takes longer is stuck.
    package static let standardTime = Duration.seconds(1_800)
    /// Longest time: a pipeline that died must not block a slot for ever.
    package static let timeLimit = Duration.seconds(24 * 3_600)

    package var holder: String
    package var reason: String?
    package var since: Timestamp
    package var until: Timestamp

    package init(holder: String, reason: String?, since: Timestamp, until: Timestamp) {
        self.holder = holder
        self.reason = reason
        self.since = since
        self.until = until
    }

    package func holds(at now: Timestamp) -> Bool {
        (now.seconds, now.milliseconds) < (until.seconds, until.milliseconds)
    }

    /// As told.
    var json: JSON {
        [
            "holder": .string(holder), "reason": JSON(reason),
            "since": .string(since.description), "until": .string(until.description),
        ]
    }

    /// As kept.
    var savedJSON: JSON {
        [
            "holder": .string(holder), "reason": JSON(reason),
            "since_ms": JSON(since.wholeMilliseconds), "until_ms": JSON(until.wholeMilliseconds),
        ]
    }

    init?(saved json: JSON) {
        guard let holder = json["holder"]?.string,
            let since = json["since_ms"]?.integer, let until = json["until_ms"]?.integer
        else { return nil }
        self.init(
            holder: holder,
            reason: json["reason"]?.string,
            since: Timestamp(wholeMilliseconds: since),
            until: Timestamp(wholeMilliseconds: until)
        )
    }
}

extension Timestamp {
    var wholeMilliseconds: Int { seconds * 1_000 + milliseconds }

    init(wholeMilliseconds: Int) {
        self.init(seconds: wholeMilliseconds / 1_000, milliseconds: wholeMilliseconds % 1_000)
    }

    func advanced(by duration: Duration) -> Timestamp {
        Timestamp(wholeMilliseconds: wholeMilliseconds + Int(duration.milliseconds))
    }
}
