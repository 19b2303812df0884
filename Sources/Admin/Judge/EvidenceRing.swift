import Proxy

/// The evidence of the last minutes in steps of a second: what the counters grew by in each.
struct EvidenceRing {
    /// A step takes what comes within this time of its start.
    static let step = Nanoseconds.milliseconds(1_000)
    /// The longest window that a configuration may ask for; older steps are forgotten.
    static let windowLimit = ConfigLimits.judgeWindow.upperBound

    fileprivate struct Step {
        let start: MonotonicTime
        var routes: [JudgedRoute.Identity: Growth] = [:]
        var probes: [Evidence.EndpointName: Evidence.Probes] = [:]
        var outcomes: [SlotID: Evidence.Outcomes] = [:]
    }

    /// What one route's counters grew by; only buckets that were hit.
    fileprivate struct Growth {
        var successes: UInt64 = 0
        var failures: UInt64 = 0
        var abandoned: UInt64 = 0
        var times: [(bucket: UInt16, count: UInt32)] = []
    }

    /// Oldest first; the last one still grows.
    private var steps: [Step] = []
    private var last = EvidenceTotals()

    /// Takes what the counters show now; `isFresh` begins a step that has nothing of before.
    mutating func note(_ totals: EvidenceTotals, at now: MonotonicTime, beginningStep isFresh: Bool)
    {
        if steps.isEmpty { steps.append(Step(start: now)) }
        take(totals)
        let age = steps.last.map { (now - $0.start).count } ?? 0
        guard isFresh || age >= Self.step.count else { return }
        steps.append(Step(start: now))
        forgetOld(at: now)
    }

    private mutating func forgetOld(at now: MonotonicTime) {
        let oldest = now + Nanoseconds(-Nanoseconds(Self.windowLimit).count)
        steps.removeAll { $0.start < oldest }
    }

    /// Adds what grew since the last time to the last step.
    private mutating func take(_ totals: EvidenceTotals) {
        let place = steps.count - 1
        for (route, total) in totals.routes {
            guard let growth = Growth(from: last.routes[route], to: total) else { continue }
            steps[place].routes[route, default: Growth()].add(growth)
        }
        for (name, total) in totals.probes {
            let before = last.probes[name] ?? Evidence.Probes()
            // An endpoint that a reload took out and another brought back counts from 0 again.
            let isNew = total.passed < before.passed || total.failed < before.failed
            var probes = steps[place].probes[name] ?? Evidence.Probes()
            probes.passed += total.passed - (isNew ? 0 : before.passed)
            probes.failed += total.failed - (isNew ? 0 : before.failed)
            steps[place].probes[name] = probes
        }
        for (slot, total) in totals.outcomes {
            let growth = total - (last.outcomes[slot] ?? Evidence.Outcomes())
            steps[place].outcomes[slot, default: .init()] += growth
        }
        last = totals
    }

    /// What was seen since each of `starts`, which rise.
    func evidence(since starts: [MonotonicTime]) -> [Evidence] {
        var sum = Evidence()
        var place = steps.count - 1
        let sums = starts.reversed().map { start in
            while place >= 0, steps[place].start >= start {
                sum.add(steps[place])
                place -= 1
            }
            return sum
        }
        return sums.reversed()
    }
}

extension EvidenceRing.Growth {
    /// nil when nothing grew.
    fileprivate init?(from before: AttemptTotals?, to total: AttemptTotals) {
        guard before != total else { return nil }
        // A route that a reload took out and another brought back counts from 0 again.
        let isNew = before.map { $0.successes > total.successes || $0.failures > total.failures }
        let before = isNew == false ? before ?? AttemptTotals() : AttemptTotals()
        successes = total.successes - before.successes
        failures = total.failures - before.failures
        abandoned = total.abandoned &- min(before.abandoned, total.abandoned)
        for (bucket, count) in total.times.enumerated() where count > before.times[bucket] {
            let grown = UInt32(clamping: count - before.times[bucket])
            times.append((UInt16(bucket), grown))
        }
    }

    fileprivate mutating func add(_ other: Self) {
        successes += other.successes
        failures += other.failures
        abandoned += other.abandoned
        for time in other.times {
            if let place = times.firstIndex(where: { $0.bucket == time.bucket }) {
                times[place].count += time.count
            } else {
                times.append(time)
            }
        }
    }
}

extension Evidence {
    fileprivate mutating func add(_ step: EvidenceRing.Step) {
        for (name, growth) in step.routes {
            routes[name, default: Route()].successes += growth.successes
            routes[name, default: Route()].failures += growth.failures
            routes[name, default: Route()].abandoned += growth.abandoned
            for time in growth.times {
                routes[name, default: Route()].times.add(Double(time.count), at: Int(time.bucket))
            }
        }
        for (name, counts) in step.probes {
            probes[name, default: Probes()].passed += counts.passed
            probes[name, default: Probes()].failed += counts.failed
        }
        for (slot, counts) in step.outcomes { outcomes[slot, default: .init()] += counts }
    }
}

extension Evidence.Outcomes {
    fileprivate static func += (sum: inout Self, more: Self) {
        sum.answers += more.answers
        sum.failures += more.failures
        sum.rescued += more.rescued
    }

    /// What the counters of a slot grew by; they last as long as the program.
    fileprivate static func - (now: Self, before: Self) -> Self {
        Self(
            answers: now.answers - before.answers,
            failures: now.failures - before.failures,
            rescued: now.rescued - before.rescued
        )
    }
}
