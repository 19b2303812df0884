// judge-simulation SCENARIO ROLLOUTS SECONDS SEED judges windows at one share of the traffic;
// judge-simulation whole SCENARIO ROLLOUTS SECONDS SEED runs rollouts as a whole. Both print one
// line of JSON; without numbers, the names of the scenarios, a line each. `Benchmarks/run judge`
// and `Benchmarks/run rollouts` run them all.

let isWhole = CommandLine.arguments.dropFirst().first == "whole"
let numbers = CommandLine.arguments.dropFirst(isWhole ? 2 : 1).compactMap { Int($0) }
let scenarios = isWhole ? WholeRollouts.scenarios : Scenario.all
if numbers.count == 4, scenarios.indices.contains(numbers[0]) {
    let scenario = scenarios[numbers[0]]
    let (rollouts, seconds, seed) = (numbers[1], numbers[2], UInt64(numbers[3]))
    print(
        isWhole
            ? WholeRollouts(scenario, rollouts: rollouts, seconds: seconds, seed: seed).line
            : Tally(scenario, rollouts: rollouts, seconds: seconds, seed: seed).line
    )
} else {
    for scenario in scenarios { print(scenario.name) }
}
