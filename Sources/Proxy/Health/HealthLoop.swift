/// The loop of the health checks' thread: due probes begin, running ones go on, late ones fail.
final class HealthLoop {
    /// One endpoint's check: its verdict so far, and its probe while one runs.
    private final class Check {
        let subject: HealthMonitor.Subject
        var count: HealthCount
        var probe: HealthProbe?
        var generation: UInt32 = 0
        var dueAt: MonotonicTime
        var deadline: MonotonicTime

        init(_ subject: HealthMonitor.Subject, count: HealthCount, now: MonotonicTime) {
            self.subject = subject
            self.count = count
            dueAt = now
            deadline = now
        }
    }

    private let poller: Poller
    private var checks: [Check] = []
    private let onChange: @Sendable (Endpoint, Health, String?) -> Void

    /// Opens the epoll instance; throws when the system has none left.
    init(
        wakeUp: Int32,
        onChange: @escaping @Sendable (Endpoint, Health, String?) -> Void
    ) throws(SystemError) {
        self.onChange = onChange
        poller = try Poller()
        try poller.addLevelTriggered(wakeUp, token: EventToken(.wakeUp).rawValue)
    }

    func watch(_ subjects: [HealthMonitor.Subject]) {
        let now = MonotonicTime.now()
        let old = checks
        checks = subjects.map { subject in
            let known = old.first {
                $0.subject.endpoint === subject.endpoint && $0.subject.check == subject.check
            }
            if let known, known.subject.address == subject.address { return known }
            var count = HealthCount(rise: subject.check.rise, fall: subject.check.fall)
            if let known { count = known.count }
            // What real traffic says was said of another place.
            if known != nil { _ = subject.endpoint.readmit(now: now) }
            return Check(subject, count: count, now: now)
        }
        for (place, check) in checks.enumerated() where check.probe == nil {
            if case .none = check.subject.check.probe {
                finish(place, nil)
            }
        }
        // Places have changed: probes that run are begun anew rather than mixed up.
        for check in checks where check.probe != nil {
            check.probe = nil
            check.dueAt = now
        }
    }

    /// Waits for the next event or due time; whether the wake-up was among the events.
    func turn() -> Bool {
        let now = MonotonicTime.now()
        for place in checks.indices where isProbed(checks[place]) {
            let check = checks[place]
            if check.probe != nil, now >= check.deadline {
                finish(place, .timedOut)
            } else if check.probe == nil, now >= check.dueAt {
                begin(place, now)
            }
        }
        return waitForEvents()
    }

    private func isProbed(_ check: Check) -> Bool { check.subject.check.probe != .none }

    private func waitForEvents() -> Bool {
        let count = poller.wait(milliseconds: millisecondsUntilDue)
        var isWoken = false
        for index in 0..<count {
            let event = poller.event(index)
            let token = EventToken(rawValue: event.token)
            if token.kind == .wakeUp {
                isWoken = true
            } else if token.index < checks.count,
                checks[token.index].generation == token.generation
            {
                advance(token.index, event.readiness)
            }
        }
        return isWoken
    }

    private var millisecondsUntilDue: Int32 {
        let now = MonotonicTime.now()
        let next = checks.filter(isProbed).map { $0.probe == nil ? $0.dueAt : $0.deadline }.min()
        guard let next else { return -1 }
        return Int32(clamping: max(0, ((next - now).count + 999_999) / 1_000_000))
    }

    private func begin(_ place: Int, _ now: MonotonicTime) {
        let check = checks[place]
        check.dueAt = now + Nanoseconds(check.subject.check.interval)
        check.deadline = now + Nanoseconds(check.subject.check.timeout)
        check.generation &+= 1
        guard let address = check.subject.address else { return finish(place, .unresolved) }
        do throws(HealthProbe.Failure) {
            let probe = try HealthProbe(
                check.subject.check,
                authority: check.subject.authority,
                address: address
            )
            let token = EventToken(.upstream, place, generation: check.generation)
            try? poller.add(probe.descriptor, token: token.rawValue)
            check.probe = consume probe
        } catch {
            // A probe that we cannot even begin tells nothing of the endpoint, once one is known.
            if case .connect(let code) = error, check.count.health != .unknown,
                SystemError("connect", code: code).isShortage
            {
                return
            }
            finish(place, error)
        }
    }

    private func advance(_ place: Int, _ readiness: Readiness) {
        switch checks[place].probe?.advance(readiness) {
        case nil, .waiting: break
        case .passed: finish(place, nil)
        case .failed(let failure): finish(place, failure)
        }
    }

    private func finish(_ place: Int, _ failure: HealthProbe.Failure?) {
        let check = checks[place]
        check.probe = nil
        check.generation &+= 1
        let before = check.count.health
        check.count.note(passed: failure == nil)
        if isProbed(check) { check.subject.endpoint.probed(passed: failure == nil) }
        if failure == nil { readmit(check.subject) }
        let after = check.count.health
        check.subject.endpoint.set(after, reason: failure?.sentence)
        if after != before { onChange(check.subject.endpoint, after, failure?.sentence) }
    }

    /// A probe that passes after the time of an ejection brings the endpoint back.
    private func readmit(_ subject: HealthMonitor.Subject) {
        let now = MonotonicTime.now()
        let endpoint = subject.endpoint
        guard endpoint.isEjected, endpoint.ejection.isOver(now: now), endpoint.readmit(now: now)
        else { return }
        let name = endpoint.identity
        LogWriter.report(
            "endpoint \(name.authority) of \(name.service) is back: a probe passed",
            .info
        )
    }
}
