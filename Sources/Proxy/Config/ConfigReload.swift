extension Config {
    /// What keeps a reload from changing to `new`: settings that hold from start to end.
    package func restartReasons(changingTo new: Config) -> [ConfigIssue] {
        var reasons: [ConfigIssue] = []
        func compare<Value: Equatable>(
            _ path: String,
            _ property: KeyPath<Config, Value>,
            _ text: (Value) -> String
        ) {
            let (old, changed) = (self[keyPath: property], new[keyPath: property])
            guard old != changed else { return }
            reasons.append(
                ConfigIssue(
                    path: path,
                    found: "\(text(changed)) where \(text(old)) runs",
                    message: "restart the program to change it, a reload cannot"
                )
            )
        }
        let optional: (String?) -> String = { $0.map { JSON.quoted($0) } ?? "nothing" }
        compare("$.slots", \.slotNames) { $0.map { JSON.quoted($0) }.joined(separator: " and ") }
        compare("$.admin.address", \.admin.address) { JSON.quoted($0) }
        compare("$.admin.token_file", \.admin.tokenFile, optional)
        compare("$.admin.read_token_file", \.admin.readTokenFile, optional)
        compare("$.state_file", \.stateFile, optional)
        compare("$.workers", \.workers) { $0.map { String($0) } ?? "one for each core" }
        compare("$.metrics.buckets_seconds", \.metrics.bucketsSeconds) { bounds in
            JSON.array(bounds.map { .number($0) }).summary
        }
        return reasons
    }

    private var slotNames: [String] { slots.map(\.name) }
}
