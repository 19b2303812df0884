/// Collects the issues of one text while it is read.
struct ConfigCheck {
    private let text: [UInt8]
    private var found: [(offset: Int, issue: ConfigIssue)] = []
    /// Issues beyond `ConfigLimits.issues`.
    private var omitted = 0
    /// Where the values stand that were read, by path.
    private var offsets: [String: Int] = [:]
    /// Slots that were named, to be looked up when all are known.
    var slotReferences: [(name: String, place: ConfigPlace)] = []

    init(text: [UInt8]) { self.text = text }

    var hasIssues: Bool { !found.isEmpty }

    /// In the order of the text.
    var issues: [ConfigIssue] {
        let issues = found.enumerated()
            .sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
            .map(\.element.issue)
        guard omitted > 0 else { return issues }
        let found = "\(omitted) more mistakes"
        return issues + [ConfigIssue(path: "$", found: found, message: "mend the first ones")]
    }

    /// Whether nothing is wrong in what stands under `path`.
    func isClean(_ path: String) -> Bool {
        !found.contains { found in
            guard found.issue.path.hasPrefix(path) else { return false }
            let next = found.issue.path.dropFirst(path.count).first
            return next == nil || next == "." || next == "["
        }
    }

    mutating func note(_ place: ConfigPlace) { offsets[place.path] = place.offset }

    /// The place of `path`; of what is left out, the place of what it should stand in.
    func place(_ path: String, in parent: String = "$") -> ConfigPlace {
        ConfigPlace(path: path, offset: offsets[path] ?? offsets[parent] ?? 0)
    }

    mutating func refuse(
        _ place: ConfigPlace,
        found: @autoclosure () -> String,
        _ message: @autoclosure () -> String
    ) {
        guard self.found.count < ConfigLimits.issues else {
            omitted += 1
            return
        }
        let before = text[..<min(place.offset, text.count)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        // Characters, not bytes: the bytes that continue a UTF-8 sequence are not counted.
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let issue = ConfigIssue(
            path: place.path,
            found: found(),
            message: message(),
            line: line,
            column: column
        )
        self.found.append((place.offset, issue))
    }
}

/// Where a value stands: its JSON path and its place in the text.
struct ConfigPlace: Equatable {
    var path: String
    var offset = 0

    static var root: ConfigPlace { ConfigPlace(path: "$") }

    func member(_ name: String, at offset: Int) -> ConfigPlace {
        let isPlain = name.utf8.allSatisfy {
            $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 == UInt8(ascii: "_")
        }
        let step = isPlain && !name.isEmpty ? ".\(name)" : "[\(JSON.quoted(name))]"
        return ConfigPlace(path: path + step, offset: offset)
    }

    func element(_ index: Int) -> ConfigPlace {
        ConfigPlace(path: "\(path)[\(index)]", offset: offset)
    }
}

/// A value that was read, with where it stood, for the checks that compare values.
struct Located<Value> {
    var value: Value
    var place = ConfigPlace.root
}

/// Finds the key that somebody meant.
enum Spelling {
    /// What to write instead of `word`.
    static func hint(for word: String, of candidates: [String]) -> String {
        if let nearest = nearest(to: word, of: candidates) { return "did you mean `\(nearest)`?" }
        return "write one of " + candidates.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// The candidate that differs least from `word`; nil when none is near.
    static func nearest(to word: String, of candidates: [String]) -> String? {
        let plainWord = plain(word)
        let near = candidates.compactMap { candidate -> (word: String, distance: Int)? in
            let other = plain(candidate)
            let common = min(plainWord.count, other.count)
            if common >= 4, plainWord.prefix(common) == other.prefix(common) {
                return (candidate, 1)
            }
            let distance = distance(plainWord, other)
            let limit = max(1, max(plainWord.count, other.count) / 3)
            return distance <= limit ? (candidate, distance) : nil
        }
        return near.min { $0.distance < $1.distance }?.word
    }

    /// `healthCheck`, `health-check` and `health_check` are one word.
    private static func plain(_ word: String) -> [UInt8] {
        word.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }

    /// Letters to insert, remove, replace or swap with their neighbour (Damerau, Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
