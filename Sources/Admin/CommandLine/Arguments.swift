/// Wrong usage: a sentence for the person at the keyboard.
package struct UsageFailure: Error, Equatable {
    package let message: String

    package init(message: String) { self.message = message }
}

/// An option of a verb, such as `--timeout 30s` or `--force`.
package struct Option: Sendable, Equatable {
    /// Without the dashes.
    package let name: String
    /// What stands behind it; nil for a flag.
    package let value: String?
    package let help: String

    package init(_ name: String, _ value: String? = nil, help: String) {
        self.name = name
        self.value = value
        self.help = help
    }
}

/// A verb's arguments, sorted into options and the rest.
package struct Arguments: Sendable, Equatable {
    package private(set) var positional: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []

    /// Sorts `words`; throws at the first that is no option of `options`.
    ///
    /// `--name value` and `--name=value` are the same; everything after `--` is positional.
    package init(_ words: [String], options: [Option]) throws(UsageFailure) {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                positional += rest
                return
            }
            guard word.hasPrefix("--") else {
                guard !word.hasPrefix("-") || word == "-" || Double(word) != nil else {
                    throw UsageFailure(message: "\(word) is unknown; options have two dashes")
                }
                positional.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let name = String(parts[0])
            guard let option = options.first(where: { $0.name == name }) else {
                throw UsageFailure(message: "--\(name) is unknown")
            }
            guard values[name] == nil, !flags.contains(name) else {
                throw UsageFailure(message: "--\(name) stands twice")
            }
            if option.value == nil {
                guard parts.count == 1 else {
                    throw UsageFailure(message: "--\(name) takes no value")
                }
                flags.insert(name)
            } else if let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() {
                values[name] = value
            } else {
                throw UsageFailure(message: "--\(name) needs a value: \(option.value ?? "")")
            }
        }
    }

    package subscript(_ name: String) -> String? { values[name] }

    package func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// Throws unless there are as many positional words as `names`, the last of which may be
    /// left out when `optional`.
    package func require(_ names: String..., optional: Bool = false) throws(UsageFailure) {
        if positional.count > names.count {
            throw UsageFailure(message: "\(positional[names.count]) is one word too many")
        }
        let needed = optional ? names.count - 1 : names.count
        if positional.count < needed {
            throw UsageFailure(message: "\(names[positional.count]) is missing")
        }
    }
}
