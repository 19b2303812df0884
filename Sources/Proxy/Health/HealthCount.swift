/// Turns the results of probes into a verdict: counts passes and failures in a row.
struct HealthCount: Equatable {
    private let rise: Int
    private let fall: Int
    private(set) var health = Health.unknown
    /// Results in a row that speak against the present verdict.
    private var contrary = 0

    init(rise: Int, fall: Int) {
        self.rise = rise
        self.fall = fall
    }

    /// Takes one result; the very first decides alone.
    mutating func note(passed: Bool) {
        switch (health, passed) {
        case (.unknown, _): health = passed ? .healthy : .unhealthy
        case (.healthy, true), (.unhealthy, false): contrary = 0
        case (.healthy, false): turn(to: .unhealthy, after: fall)
        case (.unhealthy, true): turn(to: .healthy, after: rise)
        }
    }

    private mutating func turn(to next: Health, after limit: Int) {
        contrary += 1
        guard contrary >= limit else { return }
        health = next
        contrary = 0
    }
}
