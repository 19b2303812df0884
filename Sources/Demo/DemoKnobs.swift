import Proxy
import FoundationEssentials

/// How an origin misbehaves on request: `POST /knobs` sets it, `GET /knobs` tells it.
struct DemoKnobs: Codable, Equatable, Sendable {
    static let delayLimitMilliseconds: Int32 = 60_000

    var errorPercent = 0.0
    var delayMilliseconds: Int32 = 0
    var healthy = true

    enum CodingKeys: String, CodingKey, CaseIterable {
        case errorPercent = "error_percent"
        case delayMilliseconds = "delay_ms"
        case healthy
    }

    /// Changes what `json` names and keeps the rest; nil for anything that is not a setting.
    func changed(by json: [UInt8]) -> DemoKnobs? {
        guard
            let change = try? JSONDecoder().decode(Change.self, from: Data(json)),
            let names = try? JSONDecoder().decode([String: Anything].self, from: Data(json)),
            names.keys.allSatisfy({ CodingKeys(rawValue: $0) != nil })
        else { return nil }
        var knobs = self
        if let percent = change.errorPercent {
            guard (0...100).contains(percent) else { return nil }
            knobs.errorPercent = percent
        }
        if let delay = change.delayMilliseconds {
            guard (0...Self.delayLimitMilliseconds).contains(delay) else { return nil }
            knobs.delayMilliseconds = delay
        }
        knobs.healthy = change.healthy ?? healthy
        return knobs
    }

    private struct Change: Decodable {
        let errorPercent: Double?
        let delayMilliseconds: Int32?
        let healthy: Bool?

        typealias CodingKeys = DemoKnobs.CodingKeys
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}

/// The knobs of one origin, shared by its connections.
final class DemoKnobBoard: Sendable {
    private struct State {
        var knobs = DemoKnobs()
        /// Hundredths of a failed request that are due; spreads failures evenly, without chance.
        var due = 0.0
    }

    private let state = Lock(State())

    var knobs: DemoKnobs { state.withLock { $0.knobs } }

    /// Applies `json`; false when it is no valid setting.
    func change(by json: [UInt8]) -> Bool {
        state.withLock { state in
            guard let knobs = state.knobs.changed(by: json) else { return false }
            state.knobs = knobs
            state.due = 0
            return true
        }
    }

    /// Whether the next request is one of those that fail.
    func takesFailure() -> Bool {
        state.withLock { state in
            state.due += state.knobs.errorPercent
            guard state.due >= 100 else { return false }
            state.due -= 100
            return true
        }
    }
}
