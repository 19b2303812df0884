/// The streams that a slot still had when it lost its traffic.
struct SlotDrain {
    /// The part of the drain's time after it over which the closes are spread, so that all those
    /// who come back do not come at once.
    static let jitterShare: Int64 = 10

    let slot: SlotID
    /// Only exchanges that began before this are meant.
    let since: MonotonicTime
    let deadline: MonotonicTime
    let end: MonotonicTime

    init(slot: SlotID, since: MonotonicTime, time: Nanoseconds) {
        self.slot = slot
        self.since = since
        deadline = since + time
        end = deadline + Nanoseconds(time.count / Self.jitterShare)
    }
}

/// When what still runs is cut after the order to stop.
struct StopDrain {
    let exchangesEnd: MonotonicTime
    /// For exchanges whose response has begun, and for tunnels.
    let streamsEnd: MonotonicTime
    /// Until when the closes of streams are spread.
    let end: MonotonicTime

    init(now: MonotonicTime, exchanges: Nanoseconds, streams: Nanoseconds) {
        exchangesEnd = now + exchanges
        streamsEnd = now + streams
        end = streamsEnd + Nanoseconds(streams.count / SlotDrain.jitterShare)
    }
}

extension Worker {
    /// Starts the clock for a slot that took live traffic until now, stops it for one that does.
    func noteDrains(from old: RoutingSnapshot, to new: RoutingSnapshot) {
        for slot in SlotID.both {
            if Self.takesTraffic(slot, new.routing) {
                drains.removeAll { $0.slot == slot }
            } else if Self.takesTraffic(slot, old.routing) {
                let time = Nanoseconds(new.config.timeouts.streamDrain)
                drains.append(SlotDrain(slot: slot, since: bench.now, time: time))
            }
        }
    }

    private static func takesTraffic(_ slot: SlotID, _ routing: RoutingState) -> Bool {
        slot == routing.active || (routing.canary ?? .none) > .none
    }

    /// Closes what has outlived its drain; called once per turn of the loop.
    ///
    /// Under load there are thousands of turns in a second: a sweep in each would walk all
    /// connections each time, and close within one instant what is to be spread.
    func sweepDrains() {
        guard !drains.isEmpty || stop != nil, bench.now >= sweepsAt else { return }
        sweepsAt = bench.now + Self.sweepPause
        if let stop { sweep(stop) }
        guard !drains.isEmpty else { return }
        for drain in drains where bench.now >= drain.deadline { sweep(drain) }
        drains.removeAll { bench.now >= $0.end }
    }

    private func sweep(_ drain: SlotDrain) {
        let isLast = bench.now >= drain.end
        for connection in bench.downstreams where connection.isOpen {
            guard isLast || isDue(before: drain.end) else { continue }
            connection.closeStream(of: drain.slot, begunBefore: drain.since, isLast: isLast)
        }
    }

    private func sweep(_ stop: StopDrain) {
        guard bench.now >= stop.exchangesEnd else { return }
        let isLast = bench.now >= stop.end
        let closesStreams = bench.now >= stop.streamsEnd
        for connection in bench.downstreams where connection.isOpen {
            if !connection.hasStream {
                // What lingers was told its end and closes by itself, soon.
                if !connection.isLingering { connection.close() }
            } else if closesStreams, isLast || isDue(before: stop.end) {
                connection.closeStream(isLast: isLast)
            }
        }
    }

    /// Chance: each sweep takes its share of those left, and the last one all.
    private func isDue(before end: MonotonicTime) -> Bool {
        let left = max(1, (end - bench.now).count / Self.sweepPause.count)
        return bench.random.below(UInt32(left)) == 0
    }
}
