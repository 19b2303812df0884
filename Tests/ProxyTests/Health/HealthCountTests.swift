import Testing

@testable import Proxy

@Suite("Health count")
struct HealthCountTests {
    /// The verdicts after each probe, `+` passed or `-` failed: `H` healthy, `U` unhealthy.
    private static func verdicts(_ probes: String, rise: Int, fall: Int) -> String {
        var count = HealthCount(rise: rise, fall: fall)
        return String(
            probes.map { probe -> Character in
                count.note(passed: probe == "+")
                switch count.health {
                case .healthy: return "H"
                case .unhealthy: return "U"
                case .unknown: return "?"
                }
            }
        )
    }

    @Test func `before the first probe there is no verdict`() {
        #expect(HealthCount(rise: 1, fall: 1).health == .unknown)
    }

    @Test(
        "probes in a row turn a verdict",
        arguments: [
            // The first probe decides alone, whatever rise and fall are.
            ("+", 5, 5, "H"),
            ("-", 5, 5, "U"),
            // A single contrary probe does, where one is asked for.
            ("+-+-", 1, 1, "HUHU"),
            ("+---", 2, 3, "HHHU"),
            ("-++", 2, 3, "UUH"),
            // A probe that agrees with the verdict starts the count over.
            ("+--+--+---", 2, 3, "HHHHHHHHHU"),
            ("-+-+-++", 2, 3, "UUUUUUH"),
            // The count starts over with a new verdict, too.
            ("+---+---++", 2, 3, "HHHUUUUUUH"),
            ("-++--+---", 2, 3, "UUHHHHHHU"),
        ]
    )
    func turns(probes: String, rise: Int, fall: Int, expected: String) {
        #expect(Self.verdicts(probes, rise: rise, fall: fall) == expected)
    }
}
