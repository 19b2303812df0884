extension Config {
    /// The JSON Schema of `proxy.json` (draft 2020-12), for editors.
    package static func schema() -> String {
        let rule = ConfigRule<ConfigFile>.file
        guard case .object(let members) = rule.schema.kind else { return rule.schema.text }
        let head: [(name: String, value: JSON)] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "switchyard"),
            ("description", "Configuration of the switchyard proxy, made by its own check."),
        ]
        return JSON.object(head + members.map { ($0.name, $0.value) }).text
    }

    /// What runs, as one would write it, with all defaults filled in.
    ///
    /// Token contents are left out, the paths of their files stay.
    package func redactedJSON() -> String {
        ConfigRule<ConfigFile>.file.write(ConfigFile(describing: self)).text
    }

    /// Tells two configurations apart: FNV-1a of the redacted text, 16 hexadecimal digits.
    package var hash: String {
        let hash = redactedJSON().utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { state, byte in
            (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
