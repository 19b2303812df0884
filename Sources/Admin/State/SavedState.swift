import Proxy

/// What survives a restart: slots stand by name, since their places may change with the file.
package struct SavedState: Sendable, Equatable {
    package var generation: Generation
    package var active: String
    package var previous: String?
    package var canary: Weight?
    /// The generation in which the canary began.
    package var splitSince: Generation?
    /// What signs session cookies, so that they stay good over a restart.
    package var sessionKey: SessionKey?
    /// When the active slot became active (RFC 3339 in UTC).
    package var activeSince: String
    /// The rollout that runs or ran last, as `Rollout+JSON.swift` writes it; nil before the first.
    package var rollout: String?
    /// By the slot's name.
    package var leases: [String: Lease] = [:]
    package var history = History()

    package init(
        generation: Generation,
        active: String,
        previous: String? = nil,
        canary: Weight? = nil,
        activeSince: String
    ) {
        self.generation = generation
        self.active = active
        self.previous = previous
        self.canary = canary
        self.activeSince = activeSince
    }
}

/// Why a state's text is not to be trusted.
package enum SavedStateDamage: Error, Equatable {
    case unknownVersion(String)
    case notWhole
    case wrongChecksum
    case unreadable(String)
}

// MARK: Text

extension SavedState {
    /// Grows when the text's meaning changes.
    static let version = 1

    /// The file: one JSON document whose `state` is guarded by the checksum before it.
    var fileText: [UInt8] {
        let payload = payloadText
        let checksum = Self.hexadecimal(CRC32.checksum(of: payload))
        return Array(#"{"version":\#(Self.version),"crc32":"\#(checksum)","state":"#.utf8)
            + payload + Self.ending
    }

    /// Reads the file's text; every byte counts, so nothing that is not exactly ours is read.
    init(fileText bytes: [UInt8]) throws(SavedStateDamage) {
        let opening = Array(#"{"version":"#.utf8)
        guard bytes.starts(with: opening) else { throw .notWhole }
        let version = bytes[opening.count...].prefix { $0 != UInt8(ascii: ",") }
        guard version.elementsEqual(String(Self.version).utf8) else {
            throw .unknownVersion(String(decoding: version.prefix(20), as: UTF8.self))
        }
        let checksumStart = version.endIndex
        let opened = Array(#","crc32":""#.utf8)
        let closed = Array(#"","state":"#.utf8)
        let payloadStart = checksumStart + opened.count + 8 + closed.count
        guard bytes.count >= payloadStart + Self.ending.count,
            bytes[checksumStart...].starts(with: opened),
            bytes[..<payloadStart].suffix(closed.count).elementsEqual(closed),
            bytes.suffix(Self.ending.count).elementsEqual(Self.ending)
        else { throw .notWhole }

        let payload = Array(bytes[payloadStart..<bytes.count - Self.ending.count])
        let written = bytes[(checksumStart + opened.count)..<(payloadStart - closed.count)]
        let expected = Self.hexadecimal(CRC32.checksum(of: payload))
        guard written.elementsEqual(expected.utf8) else { throw .wrongChecksum }
        try self.init(payloadText: payload)
    }

    private static let ending = Array("}\n".utf8)

    private static func hexadecimal(_ checksum: UInt32) -> String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private var payloadText: [UInt8] {
        let facts: JSON = [
            "generation": JSON(generation), "active": .string(active),
            "previous": JSON(previous),
            "canary_percent": canary.map { JSON($0.percent) } ?? .null,
            "active_since": .string(activeSince),
            "leases": .object(
                leases.sorted { $0.key < $1.key }.map { ($0.key, $0.value.savedJSON) }
            ),
            "split_since": splitSince.map { JSON($0) } ?? .null,
            "session_key": JSON(sessionKey?.hexadecimal),
        ]
        var text = Array(facts.line.utf8)
        text.removeLast()
        if let rollout { text += ",\n\"rollout\":\(rollout)".utf8 }
        text += ",\"history\":[".utf8
        for (place, entry) in history.texts.enumerated() {
            text += (place == 0 ? "\n" : ",\n").utf8
            text += entry
        }
        text += "\n]}".utf8
        return text
    }

    private init(payloadText: [UInt8]) throws(SavedStateDamage) {
        let json: JSON
        do { json = try JSONParser.parse(payloadText) } catch {
            throw .unreadable("at byte \(error.offset): \(error.message)")
        }
        guard let generation = json["generation"]?.integer.flatMap({ Generation(exactly: $0) }),
            let active = json["active"]?.string,
            let activeSince = json["active_since"]?.string,
            let entries = json["history"]?.array,
            let percent = json["canary_percent"]
        else { throw .unreadable("a member is missing") }
        let canary = percent.double.flatMap { Weight(percent: $0) }
        guard percent.isNull || canary != nil else { throw .unreadable("canary_percent") }
        self.init(
            generation: generation,
            active: active,
            previous: json["previous"]?.string,
            canary: canary,
            activeSince: activeSince
        )
        rollout = json["rollout"]?.line
        for lease in json["leases"]?.members ?? [] {
            guard let read = Lease(saved: lease.value) else { throw .unreadable("a lease") }
            leases[lease.name] = read
        }
        // Both are missing in files of the first version.
        splitSince = json["split_since"]?.integer.flatMap { Generation(exactly: $0) }
        sessionKey = json["session_key"]?.string.flatMap { SessionKey(hexadecimal: $0) }
        for json in entries {
            guard let entry = HistoryEntry(json) else { throw .unreadable("a history entry") }
            history.append(entry)
        }
    }
}
