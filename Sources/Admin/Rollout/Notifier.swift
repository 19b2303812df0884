import CLinux
import Glibc
import Proxy

/// Tells the webhooks of every change, off everybody's way.
final class Notifier: Sendable {
    /// Attempts to tell one hook of one change; then it is lost and counted.
    static let attemptLimit = 3

    private let control: ControlPlane
    private let errand: Errand
    /// The newest event that was told, or needed no telling.
    private let place: Lock<UInt64>

    /// Begins with the events behind the present one.
    init(_ control: ControlPlane) throws(SystemError) {
        self.control = control
        errand = try Errand("notices")
        place = Lock(control.events.newest)
    }

    /// Begins to tell what has not been told; returns at once.
    func turn() {
        let from = place.withLock(\.self)
        guard control.events.newest > from else { return }
        errand.begin { [self] in tell(after: from) }
    }

    func stop() { errand.stop() }

    private func tell(after start: UInt64) {
        var last = start
        while !errand.isStopped {
            let events = control.events.events(after: last)
            guard let first = events.first else { return }
            if first.number > last + 1 {
                lose(first.number - last - 1, "more changes than are kept")
            }
            for event in events {
                if !event.hooks.isEmpty { tell(event) }
                last = event.number
                place.withLock { $0 = event.number }
            }
        }
    }

    /// All hooks once, then those again that did not take it.
    private func tell(_ event: EventLog.Event) {
        guard let change = try? JSONParser.parse(Array(event.text.utf8)) else { return }
        let body = Self.body(change, number: "\(control.events.epoch)-\(event.number)")
        var rest = event.hooks
        var reason = ""
        for attempt in 1...Self.attemptLimit {
            rest = rest.filter { hook in
                guard case .failed(let why) = WebhookCall(hook: hook).post(body) else {
                    return false
                }
                reason = why
                return true
            }
            guard !rest.isEmpty, attempt < Self.attemptLimit else { break }
            let pause = rest.map(\.interval).max() ?? .zero
            guard wait(pause * attempt) else { return }
        }
        if !rest.isEmpty { lose(UInt64(rest.count), reason) }
    }

    private func lose(_ count: UInt64, _ reason: String) {
        control.board.lostNotices(count)
        control.log.note("\(count) notices are lost: \(reason)")
    }

    /// False when the program ends first.
    private func wait(_ pause: Duration) -> Bool {
        let deadline = ContinuousClock.now + pause
        while ContinuousClock.now < deadline {
            if errand.isStopped { return false }
            usleep(20_000)
        }
        return true
    }

    /// What a hook is told; chat programs show `text`.
    static func body(_ change: JSON, number: String) -> JSON {
        var text = "switchyard: \(change["action"]?.string ?? "change")"
        if let from = change["from"]?.string { text += " from \(from)" }
        if let to = change["to"]?.string { text += " to \(to)" }
        if let percent = change["percent"], !percent.isNull { text += ", canary \(percent.line) %" }
        if let reason = change["reason"]?.string { text += ": \(reason)" }
        text += " (by \(change["actor"]?.string ?? "nobody"))"
        return ["event": "change", "id": .string(number), "text": .string(text), "change": change]
    }
}
