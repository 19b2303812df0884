import Testing

@testable import Proxy

@Suite("Config key")
struct ConfigKeyTests {
    struct Train: Equatable {
        var wagons = 3
        var name: String?
    }

    static var rule: ConfigRule<Train> {
        .object(
            "a train",
            from: Train(),
            [
                ConfigKey("wagons", "How many.", \.wagons, .integer(1...9)),
                ConfigKey("name", "What it is called.", ifPresent: \.name, .name, isRequired: true),
                ConfigKey("note", "For people.", .any, written: nil),
            ]
        )
    }

    func read(_ text: String) throws -> (train: Train?, issues: [String]) {
        var check = ConfigCheck(text: Array(text.utf8))
        let train = Self.rule.value(try JSONParser.parse(Array(text.utf8)), at: .root, &check)
        return (train, check.issues.map { "\($0.path): \($0.found); \($0.message)" })
    }

    @Test(
        "keys fill their properties, those left out keep the default",
        arguments: [
            (#"{"name": "a"}"#, Train(wagons: 3, name: "a")),
            (#"{"note": "x", "wagons": 9, "name": "a"}"#, Train(wagons: 9, name: "a")),
        ]
    )
    func reading(text: String, train: Train) throws {
        let result = try read(text)

        #expect(result.train == train)
        #expect(result.issues.isEmpty)
    }

    @Test(
        "each wrong key is an issue, and the others are read",
        arguments: [
            ("{}", ["$.name: nothing; write \(ConfigRule.name.expected)"]),
            (#"{"name": "a", "wagon": 1}"#, ["$.wagon: an unknown key; did you mean `wagons`?"]),
            (
                #"{"name": "a", "x": 1}"#,
                ["$.x: an unknown key; write one of `wagons`, `name`, `note`"]
            ),
            (
                #"{"name": "a", "wagons": 1, "wagons": 0}"#,
                ["$.wagons: the key a second time; write it once"]
            ),
            (
                #"{"name": "a", "wagons": 10, "note": 1}"#,
                [
                    "$.wagons: 10; write a whole number from 1 to 9",
                    "$.note: 1; write a string",
                ]
            ),
            ("[]", ["$: an empty list; write a train"]),
        ]
    )
    func mistakes(text: String, issues: [String]) throws {
        #expect(try read(text).issues == issues)
    }

    @Test func `a key without a value is not written`() {
        let written = Self.rule.write(Train(wagons: 2))

        #expect(written == .object([("wagons", .number(2))]))
    }

    @Test func `the schema knows the keys, which of them are required, and the defaults`() {
        let wagons = JSON.object([
            ("description", "How many."), ("type", "integer"), ("minimum", .number(1)),
            ("maximum", .number(9)), ("default", .number(3)),
        ])

        guard case .object(let members) = Self.rule.schema.kind else {
            Issue.record("no object")
            return
        }
        #expect(members.first { $0.name == "required" }?.value == .array(["name"]))
        #expect(members.first { $0.name == "additionalProperties" }?.value == .bool(false))
        guard case .object(let keys) = members.first(where: { $0.name == "properties" })?.value.kind
        else {
            Issue.record("no properties")
            return
        }
        #expect(keys.map(\.name) == ["wagons", "name", "note"])
        #expect(keys[0].value == wagons)
    }
}
