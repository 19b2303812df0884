import Proxy

/// The JSON body of a request that changes something; checked whole before anything is done.
struct ChangeBody: Equatable {
    enum Key: String, CaseIterable {
        case slot, percent, reason, wait, timeout, force
    }

    static let forSwitch: [Key] = [.slot, .reason, .wait, .timeout, .force]
    static let forRollback: [Key] = [.reason, .wait, .timeout, .force]
    static let forCanary: [Key] = [.percent, .reason, .force]
    static let forNoCanary: [Key] = [.reason]

    /// Characters of a reason; it stands in the history and the state file.
    static let reasonLimit = 500
    /// Longest wait for a drained slot.
    static let timeoutLimit = Duration.seconds(3_600)

    var slot: String?
    var percent: Weight?
    var reason: String?
    /// Whether to answer only when the old slot is drained.
    var waitsUntilDrained = false
    var timeout = Duration.seconds(30)
    var force = false

    init() {}

    /// Reads a body; an empty one has no members.
    ///
    /// Throws a sentence that names every mistake.
    init(_ body: [UInt8], allowing keys: [Key]) throws(AdminRefusal) {
        guard body.contains(where: { !" \t\r\n".utf8.contains($0) }) else { return }
        let json: JSONValue
        do { json = try JSONValue.read(body) } catch {
            throw AdminRefusal(
                400,
                "the body is not JSON (\(error.reason) at byte \(error.offsetBytes));"
                    + " \(Self.advice(keys))"
            )
        }
        guard let members = json.members else {
            throw AdminRefusal(400, "the body is \(json.kind); \(Self.advice(keys))")
        }
        var mistakes: [String] = []
        for member in members {
            guard let key = Key(rawValue: member.key), keys.contains(key) else {
                mistakes.append("\"\(member.key)\" is unknown")
                continue
            }
            if let mistake = take(key, member.value) {
                mistakes.append("\"\(key.rawValue)\" \(mistake)")
            }
        }
        guard mistakes.isEmpty else {
            throw AdminRefusal(
                400,
                mistakes.joined(separator: ", ") + "; \(Self.advice(keys))"
            )
        }
    }

    /// Takes one member over; returns what is wrong with it.
    private mutating func take(_ key: Key, _ value: JSONValue) -> String? {
        switch key {
        case .slot:
            guard let text = value.string else { return "is \(value.kind), not a string" }
            slot = text
        case .percent:
            guard let weight = value.double.flatMap({ Weight(percent: $0) }) else {
                return "has to be a number from 0 to 100 in steps of 0.01"
            }
            percent = weight
        case .reason:
            guard let text = value.string else { return "is \(value.kind), not a string" }
            guard text.count <= Self.reasonLimit, !text.hasControlCharacters else {
                return "has to be one line of at most \(Self.reasonLimit) characters"
            }
            reason = text
        case .wait:
            guard value.string == "drained" else { return "can only be \"drained\"" }
            waitsUntilDrained = true
        case .timeout:
            guard let time = value.string.flatMap(DurationText.duration),
                time <= Self.timeoutLimit
            else { return "has to be a duration of at most one hour, such as \"30s\"" }
            timeout = time
        case .force:
            guard let claim = value.bool else { return "has to be true or false" }
            force = claim
        }
        return nil
    }

    private static func advice(_ keys: [Key]) -> String {
        if keys.isEmpty { return "send no body" }
        return "send an object with any of "
            + keys.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    }
}

/// Durations as people write them: `250ms`, `30s`, `5m`, `1h`.
enum DurationText {
    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), number >= 0, number <= 1e9 else { return nil }
        switch text[digits.endIndex...] {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3_600)
        default: return nil
        }
    }
}

extension String {
    /// Whether a terminal or a log could be led astray by it.
    var hasControlCharacters: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
