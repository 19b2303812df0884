import Proxy

/// The last changes and decisions, for those who listen and for those who come a little late.
package final class EventLog: Sendable {
    /// Kept for a listener that was away; a rollout has some dozens.
    static let keptLimit = 256
    /// Streams at a time, so that most threads of the admin port stay free for questions.
    static let feedLimit = 8

    /// One thing that happened.
    struct Event: Sendable, Equatable {
        enum Kind: String, Sendable {
            /// An entry of the history.
            case change
            /// What was found or decided, where nothing changed.
            case decision
        }

        /// From 1 on since the start.
        let number: UInt64
        let kind: Kind
        /// A JSON object on one line.
        let text: String
        /// Who is to be told by webhook.
        var hooks: [Config.Rollout.Webhook] = []
    }

    private struct State {
        var kept: [Event] = []
        var next: UInt64 = 1
        var listeners: [(name: UInt64, bell: Bell)] = []
        var nextListener: UInt64 = 0
        var feeds = 0
    }

    /// Tells the numbers of this start from those of another.
    let epoch: Int
    private let state = Lock(State())

    init(started: Timestamp) { epoch = started.wholeMilliseconds }

    func append(_ kind: Event.Kind, _ json: JSON, telling hooks: [Config.Rollout.Webhook] = []) {
        state.withLock { state in
            if state.kept.count == Self.keptLimit { state.kept.removeFirst() }
            let event = Event(number: state.next, kind: kind, text: json.line, hooks: hooks)
            state.kept.append(event)
            state.next += 1
            for listener in state.listeners { listener.bell.ring() }
        }
    }

    /// What is kept of the events behind `number`.
    func events(after number: UInt64) -> [Event] {
        state.withLock { $0.kept.filter { $0.number > number } }
    }

    /// The number of the newest event; 0 before the first.
    var newest: UInt64 { state.withLock { $0.next - 1 } }

    /// Rings `bell` at every event from now on, until `ignore` is called with the answer.
    func listen(_ bell: Bell) -> UInt64 {
        state.withLock { state in
            state.nextListener += 1
            state.listeners.append((state.nextListener, bell))
            return state.nextListener
        }
    }

    func ignore(_ listener: UInt64) {
        state.withLock { state in state.listeners.removeAll { $0.name == listener } }
    }
}

// MARK: Feeds

extension EventLog {
    /// A stream of events behind the one that `lastID` names; nil when there are too many streams.
    ///
    /// An identifier of another start means that everything kept is new.
    func feed(after lastID: String?) -> EventFeed? {
        let mayOpen = state.withLock { state in
            guard state.feeds < Self.feedLimit else { return false }
            state.feeds += 1
            return true
        }
        guard mayOpen else { return nil }
        guard let bell = try? Bell() else {
            close()
            return nil
        }
        return EventFeed(log: self, bell: bell, after: lastID.map(number) ?? newest)
    }

    private func number(of identifier: String) -> UInt64 {
        let parts = identifier.split(separator: "-")
        guard parts.count == 2, parts[0] == "\(epoch)", let number = UInt64(parts[1]) else {
            return 0
        }
        return number
    }

    fileprivate func close() { state.withLock { $0.feeds -= 1 } }
}

/// One listener's place in the events, as server-sent events (WHATWG HTML §9.2).
final class EventFeed: Sendable {
    let bell: Bell
    private let log: EventLog
    private let listener: UInt64
    private let place: Lock<UInt64>

    fileprivate init(log: EventLog, bell: Bell, after number: UInt64) {
        self.log = log
        self.bell = bell
        place = Lock(number)
        listener = log.listen(bell)
    }

    deinit {
        log.ignore(listener)
        log.close()
    }

    /// Whether nothing has happened since the last call of `next`.
    var isQuiet: Bool { place.withLock { log.newest <= $0 } }

    /// What has happened since the last call, ready for the wire; empty for nothing.
    func next() -> [UInt8] {
        place.withLock { place in
            let events = log.events(after: place)
            place = events.last?.number ?? place
            let text = events.map { event in
                "id: \(log.epoch)-\(event.number)\nevent: \(event.kind.rawValue)\n"
                    + "data: \(event.text)\n\n"
            }
            return Array(text.joined().utf8)
        }
    }
}
