import Proxy

/// Keeps a rollout going: a thread that tells it what happens, and sleeps while none runs.
///
/// It looks at health, failures and the verdict itself, and sends out for what takes long.
package final class RolloutDriver: Sendable {
    /// Between two looks: a bad window is acted on within this time and that of a save.
    package static let tick = Duration.milliseconds(250)
    /// Between two saves of counts that no step brought along.
    private static let progressPause = Duration.seconds(1)

    /// What the thread remembers of one rollout.
    private struct Course {
        let number: UInt64
        /// The candidate's failures up to here are counted.
        var failureMark: UInt64
        var nextGate = ContinuousClock.now
        var nextSave = ContinuousClock.now
        var savedFailures: UInt64
        var look = VerdictLook()
        /// When the rollout was found to be over.
        var ended: ContinuousClock.Instant?
        /// The traffic that the queries' records are of.
        var queryGeneration: Generation?
    }

    private let control: ControlPlane
    private let bell: Bell
    private let thread = ThreadBox()
    private let probes: Errand
    private let gates: Errand
    private let queries: Errand
    private let notifier: Notifier
    private let isStopped = Lock(false)

    /// Throws when the system has no descriptor left.
    package init(_ control: ControlPlane) throws(StartFailure) {
        self.control = control
        do throws(SystemError) {
            bell = try Bell()
            probes = try Errand("probes")
            gates = try Errand("gates")
            queries = try Errand("queries")
            notifier = try Notifier(control)
        } catch { throw StartFailure(message: "Cannot prepare rollouts: \(error).") }
    }

    /// Begins; a rollout that ran when the program ended goes on.
    package func start() { _ = thread.tryStart(name: "rollout") { [self] in run() } }

    /// Ends the thread and sends out for nothing more; the rollout itself stays as it is.
    package func stop() {
        isStopped.withLock { $0 = true }
        bell.ring()
        thread.join()
        for errand in [probes, gates, queries] { errand.stop() }
        notifier.stop()
    }

    private func run() {
        let listener = control.events.listen(bell)
        defer { control.events.ignore(listener) }
        // Of a rollout that goes on, the counters began with this program.
        var course = control.rollout.map {
            Course(number: $0.number, failureMark: 0, savedFailures: $0.userFailures)
        }
        while !isStopped.withLock(\.self) {
            notifier.turn()
            let isRunning = advance(&course)
            bell.wait(isRunning ? Self.tick : nil)
        }
    }
}

// MARK: One look

extension RolloutDriver {
    /// Tells the rollout all there is to tell; false when none runs.
    private func advance(_ course: inout Course?) -> Bool {
        guard let rollout = control.rollout else { return false }
        guard !rollout.isOver else { return end(rollout, &course) }
        var now =
            course?.number == rollout.number
            ? course : Course(number: rollout.number, failureMark: 0, savedFailures: 0)
        if course?.number != rollout.number { now?.failureMark = failures(of: rollout) }
        guard var now else { return false }
        defer { course = now }

        let isHealthy = control.faults(of: rollout.candidate.other).isEmpty
        // A stranded one of before a restart may never have heard that its way back is well.
        var isStranded: Bool { if case .stranded = rollout.state { true } else { false } }
        if isHealthy != rollout.isStableHealthy || (isHealthy && isStranded) {
            tell(.stableHealth(isHealthy))
        }
        count(rollout, &now)
        send(rollout, &now)
        judge(rollout, &now)
        tell(.tick)
        return true
    }

    /// Counts once more what users saw, when what was under way at the end has ended too.
    private func end(_ rollout: Rollout, _ course: inout Course?) -> Bool {
        guard var last = course, last.number == rollout.number else {
            course = nil
            return false
        }
        let now = ContinuousClock.now
        let ended = last.ended ?? now
        last.ended = ended
        course = last
        guard now - ended >= Self.tick else { return true }
        let total = failures(of: rollout)
        if total > last.failureMark { tell(.userFailures(total - last.failureMark)) }
        control.saveProgress()
        control.board.clear()
        course = nil
        return false
    }

    /// Tells an event; a refusal is told once, and the next look tries again.
    ///
    /// Returns whether it was taken.
    @discardableResult
    private func tell(
        _ event: Rollout.Event,
        ifGeneration: Generation? = nil,
        figures: String? = nil
    ) -> Bool {
        let terms = ChangeTerms(actor: "rollout", ifGeneration: ifGeneration)
        do throws(Refusal) {
            try control.handle(event, terms: terms, figures: figures)
            return true
        } catch {
            let message = error.message
            guard control.board.notes.trouble != message else { return false }
            control.board.change { $0.trouble = message }
            control.log.note("the rollout cannot go on yet: \(message)")
            control.decided("trouble", message)
            return false
        }
    }

    /// Counts what users saw of the candidate; before it has users, nothing counts.
    private func count(_ rollout: Rollout, _ course: inout Course) {
        let total = failures(of: rollout)
        let more = total >= course.failureMark ? total - course.failureMark : total
        // What could not be told is told again.
        let isTold = rollout.weight == .none || more == 0 || tell(.userFailures(more))
        if isTold { course.failureMark = total }
        let failures = control.rollout?.userFailures ?? 0
        let now = ContinuousClock.now
        guard failures != course.savedFailures, now >= course.nextSave else { return }
        control.saveProgress()
        course.savedFailures = failures
        course.nextSave = now + Self.progressPause
    }

    /// Answers of the candidate that tell a user of a failure, since the program's start.
    private func failures(of rollout: Rollout) -> UInt64 {
        let name = control.name(of: rollout.candidate)
        return control.server.statistics().lanes.reduce(0) { sum, lane in
            guard lane.slot == name else { return sum }
            return lane.requests.reduce(sum) { $1.status >= 500 ? $0 + $1.count : $0 }
        }
    }

    private func judge(_ rollout: Rollout, _ course: inout Course) {
        guard rollout.weight > .none else { return course.look.noteNobody(at: .now) }
        let generation = control.routing.generation
        let requests = control.requestsSinceChange(of: rollout.candidate)
        // Before the figures are read: what comes after it may not be in them.
        let now = Timestamp.now
        let verdict = control.wholeVerdict(of: rollout.candidate)
        control.board.change { notes in
            notes.verdict = verdict
            notes.requests = requests
        }
        let isNews = course.look.note(verdict.state, generation, at: now)
        let figures = verdict.figures(undecidedAt: course.look.undecidedAt)
        if isNews { control.decided(verdict.state.rawValue, verdict.sentence, figures) }
        let judgement = Rollout.Judgement(
            verdict.state,
            requests: requests,
            reason: verdict.sentence
        )
        let kept = verdict.state == .inconclusive ? nil : figures
        tell(.judged(judgement), ifGeneration: generation, figures: kept)
    }
}

// MARK: What takes long

extension RolloutDriver {
    /// Sends out for what the state needs; whoever is out already is not sent again.
    private func send(_ rollout: Rollout, _ course: inout Course) {
        guard !rollout.isPaused else { return ask(rollout, &course) }
        switch rollout.state {
        case .probing: sendProbes(rollout)
        case .gating(let step) where ContinuousClock.now >= course.nextGate:
            let pause = rollout.plan.gates.map(\.interval).min() ?? .zero
            course.nextGate = ContinuousClock.now + pause
            sendGates(rollout, step)
        case .gating, .approving, .running, .derated, .baking, .stranded, .ended:
            if !rollout.isGating { course.nextGate = .now }
        }
        ask(rollout, &course)
    }

    private func sendProbes(_ rollout: Rollout) {
        probes.begin { [self] in
            let prober = Prober(control: control, rollout: rollout) { [self] in !probes.isStopped }
            let finding = prober.find()
            if let finding, isCurrent(rollout) { tell(.probed(finding)) }
        }
    }

    private func sendGates(_ rollout: Rollout, _ step: Int) {
        let question = control.question(rollout, step)
        gates.begin { [self] in
            for gate in rollout.plan.gates {
                guard case .failed(let reason) = WebhookCall(hook: gate).post(question) else {
                    continue
                }
                guard isCurrent(rollout) else { return }
                if control.rollout?.reason != reason { control.decided("gate_closed", reason) }
                tell(.gate(step: step, .failed(reason)))
                return
            }
            if isCurrent(rollout) { tell(.gate(step: step, .passed)) }
        }
    }

    /// Whether no other rollout has begun since somebody was sent out for this one.
    private func isCurrent(_ rollout: Rollout) -> Bool {
        control.rollout?.number == rollout.number
    }

    /// Asks the queries that are due; after a change of traffic all begin anew.
    private func ask(_ rollout: Rollout, _ course: inout Course) {
        guard let url = rollout.plan.prometheus, !rollout.plan.queries.isEmpty,
            rollout.weight > .none
        else { return }
        let generation = control.routing.generation
        let now = ContinuousClock.now
        if course.queryGeneration != generation {
            course.queryGeneration = generation
            let records = rollout.plan.queries.map { QueryRecord($0, due: now) }
            control.board.change { $0.queries = records }
        }
        guard control.board.notes.queries.contains(where: { $0.due <= now }) else { return }
        queries.begin { [self] in
            let due = control.board.notes.queries.enumerated().filter { $0.element.due <= now }
            for (place, record) in due {
                let answer = PrometheusClient(url: url).ask(record.query)
                control.note(answer, at: place, ifGeneration: generation)
            }
        }
    }
}

extension Rollout {
    fileprivate var isGating: Bool {
        if case .gating = state { true } else { false }
    }
}
