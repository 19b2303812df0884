// judge-simulation SCENARIO ROLLOUTS SECONDS SEED prints one line of JSON; without arguments, the
// names of the scenarios, a line each. `Benchmarks/run judge` runs them all.

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
if numbers.count == 4, Scenario.all.indices.contains(numbers[0]) {
    let tally = Tally(
        Scenario.all[numbers[0]],
        rollouts: numbers[1],
        seconds: numbers[2],
        seed: UInt64(numbers[3])
    )
    print(tally.line)
} else {
    for scenario in Scenario.all { print(scenario.name) }
}
