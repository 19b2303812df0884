import Testing

@testable import Proxy

/// The schema may allow more than the check, never less: an editor must not reject what runs.
@Suite("Config rule")
struct ConfigRuleTests {
    static let samples: [String] = {
        let bytes = (0x20...0x7E).map { String(UnicodeScalar(UInt8($0))) }
        let texts = [
            "", "a", "GET", "M-SEARCH", "/", "/api/", "/a%20b", "example.org", "*.example.org",
            "[::1]", "[::1]:80", "127.0.0.1:80", ":80", "a:1", "unix:/run/x.sock", "10.0.0.0/8",
            "fd00::/8", "::1", "1ms", "24h", "25h", "0s", "512B", "1GiB", "1KB", "X-Slot", "Host",
            "two words", " a", "ä", "a\n", "a_b-c.d", "client_address", "least_request",
            String(repeating: "a", count: 63), String(repeating: "a", count: 64),
            String(repeating: "a", count: 65), String(repeating: "a", count: 129),
        ]
        return texts + bytes + bytes.map { "a\($0)a" } + bytes.map { "/\($0)" }
    }()

    /// The pattern of a rule for texts, wherever in its schema it is.
    func pattern(_ schema: JSON) -> String? {
        guard case .object(let members) = schema.kind else { return nil }
        if let own = members.first(where: { $0.name == "pattern" }) { return own.value.string }
        for member in members where member.name == "anyOf" || member.name == "allOf" {
            guard case .array(let schemas) = member.value.kind else { continue }
            return schemas.lazy.compactMap(pattern).first
        }
        return nil
    }

    func expectAgreement<Value>(_ rule: ConfigRule<Value>, exact: Bool = false) throws {
        let regex = try Regex(try #require(pattern(rule.schema)))
        for sample in Self.samples {
            var check = ConfigCheck(text: [])
            let isTaken = rule.value(.string(sample), at: .root, &check) != nil
            let matches = try regex.wholeMatch(in: sample) != nil
            #expect(exact ? isTaken == matches : !isTaken || matches, "\(rule.expected): \(sample)")
        }
    }

    @Test func `patterns of names and paths say what the check says`() throws {
        try expectAgreement(.name, exact: true)
        try expectAgreement(.fieldName, exact: true)
        try expectAgreement(.cookieName, exact: true)
        try expectAgreement(.method, exact: true)
        try expectAgreement(.path, exact: true)
        try expectAgreement(.fieldValue, exact: true)
    }

    @Test func `patterns take whatever the check takes`() throws {
        try expectAgreement(.ownFieldName)
        try expectAgreement(.host)
        try expectAgreement(.authority)
        try expectAgreement(.listenAddress)
        try expectAgreement(.endpointAddress)
        try expectAgreement(.addressRange)
        try expectAgreement(.duration)
        try expectAgreement(.size(1...1 << 40))
    }

    @Test func `every key is described`() {
        var names: [String] = []
        func walk(_ schema: JSON) {
            guard case .object(let members) = schema.kind else { return }
            for member in members where member.name == "properties" {
                guard case .object(let keys) = member.value.kind else { continue }
                for key in keys {
                    names.append(key.name)
                    guard case .object(let parts) = key.value.kind else { continue }
                    #expect(parts.first?.name == "description", "\(key.name)")
                }
            }
            for member in members { walk(member.value) }
        }
        walk(ConfigRule<ConfigFile>.file.schema)

        #expect(names.contains("listeners") && names.contains("stream_drain"))
    }
}
