import Testing

@testable import Proxy

@Suite("Config check")
struct ConfigCheckTests {
    @Test(
        "a place is told by line and column, in characters",
        arguments: [
            (0, 1, 1), (1, 1, 2), (2, 2, 1), (3, 2, 2), (5, 2, 3), (6, 3, 1), (9, 3, 4), (99, 3, 4),
        ]
    )
    func position(offset: Int, line: Int, column: Int) {
        var check = ConfigCheck(text: Array("a\nbä\nccc".utf8))

        check.refuse(ConfigPlace(path: "$", offset: offset), found: "x", "y")

        #expect(check.issues.map(\.line) == [line])
        #expect(check.issues.map(\.column) == [column])
    }

    @Test func `issues stand in the order of the text`() {
        var check = ConfigCheck(text: Array("abc".utf8))

        for (path, offset) in [("c", 2), ("a1", 0), ("b", 1), ("a2", 0)] {
            check.refuse(ConfigPlace(path: path, offset: offset), found: "x", "y")
        }

        #expect(check.issues.map(\.path) == ["a1", "a2", "b", "c"])
    }

    @Test func `the number of issues is bounded, the rest is counted`() {
        let members = (0..<250).map { "\"x\($0)\": 1" }.joined(separator: ",")

        let issues = Config.issues(of: "{\(members)}")

        #expect(issues.count == 101)
        #expect(issues.last?.found == "154 more mistakes")
    }

    @Test(
        "names that are no plain words are quoted in a path",
        arguments: [
            ("a_1", "$.a_1"), ("x y", #"$["x y"]"#), ("a.b", #"$["a.b"]"#), ("", #"$[""]"#),
            ("a\"]", #"$["a\"]"]"#), ("ä", #"$["ä"]"#),
        ]
    )
    func paths(name: String, path: String) {
        #expect(ConfigPlace.root.member(name, at: 0).path == path)
    }

    @Test(
        "the key that was meant",
        arguments: [
            ("helth_check", "health_check"), ("healthCheck", "health_check"),
            ("health-check", "health_check"), ("HEALTH_CHECK", "health_check"),
            ("interval_seconds", "interval"), ("intreval", "interval"), ("fal", "fall"),
            ("xyz", nil), ("", nil), ("r", nil), ("hook", nil),
        ] as [(String, String?)]
    )
    func spelling(word: String, nearest: String?) {
        let known = ["health_check", "interval", "rise", "fall"]

        #expect(Spelling.nearest(to: word, of: known) == nearest)
    }
}
