"""The command line of `Benchmarks/run`."""

import argparse
import shutil
import sys

from . import (
    check, compare, contestants, cross_check, idle, instructions, judging, paths, report, results, rolling, scaling,
    startup, switching, syscalls, tables, tools, workloads,
)
from .processes import Failed

BENCH_TOOLS = ["bench-origin", "bench-load"]
RIVALS = ["nginx", "haproxy"]
# Large buffers change nothing in what these measure.
TRIO = [*RIVALS, "switchyard"]


def common(suppressed):
    """The options of every command; after a command they must not reset what stood before it."""
    def default(value):
        return argparse.SUPPRESS if suppressed else value

    options = argparse.ArgumentParser(add_help=False)
    add = options.add_argument
    add("--rounds", type=int, default=default(5), help="rounds per workload (5)")
    add("--seconds", type=float, default=default(2.5), help="length of one measurement (2.5)")
    add("--warm-up", type=float, default=default(0.7), help="seconds before it (0.7)")
    add("--workloads", default=default(None), help="names, with commas between (all)")
    add("--contestants", default=default(None), help="names, with commas between (all there are)")
    add("--quick", action="store_true", default=default(False), help="one round of 0.5 s each")
    add("--no-build", action="store_true", default=default(False), help="use what was built before")
    return options


def parser():
    top = argparse.ArgumentParser(
        prog="Benchmarks/run", parents=[common(suppressed=False)],
        description="Measures switchyard beside nginx and HAProxy; see docs/benchmarks.md. "
        "Without a command: the comparison.",
    )
    top.add_argument("--report", action="store_true", help="write the last results into the docs")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    after = common(suppressed=True)

    def command(name, text):
        return commands.add_parser(name, help=text, parents=[after])

    one = command("instructions", "instructions and allocations per request")
    one.add_argument("--gate", action="store_true", help="exit 1 when a limit is passed")
    one.add_argument("--record", action="store_true", help="write baseline.json")
    one.add_argument("--functions", action="store_true", help="show the costly functions")
    one.add_argument("--judge", action="store_true", help="only what the judge takes, 2 %% at most")
    one.add_argument("--requests", type=int, default=1_000, help="N of N and 2N (1,000)")
    one = command("syscalls", "system calls per request")
    one.add_argument("--requests", type=int, default=20_000)
    one = command("idle", "memory of idle connections")
    one.add_argument("--connections", type=int, default=10_000)
    one = command("startup", "time and memory of a start")
    one.add_argument("--repetitions", type=int, default=20)
    command("scaling", "one worker against two")
    one = command("switch", "switches under load")
    one.add_argument("--switches", type=int, default=1_000)
    one.add_argument("--rate", type=int, default=5_000, help="requests per second meanwhile")
    command("all", "the comparison, every other measurement, and the report")
    one = command("judge", "false alarms and missed canaries of the judge, simulated")
    one.add_argument("--rollouts", type=int, default=10_000, help="of good canaries (10,000), a fifth of bad ones")
    one = command("rollouts", "false alarms of rollouts as a whole, simulated")
    one.add_argument("--rollouts", type=int, default=10_000, help="of good canaries (10,000), a fifth of bad ones")
    command("cross-check", "bench-load against wrk")
    command("check", "tests of the harness itself, with tiny loads")
    return top


def main(arguments):
    options = parser().parse_args(arguments)
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 1, 0.5, 0.2
    try:
        if options.report:
            return report.run()
        prepare(options)
        status = run(options)
        shutil.rmtree(paths.WORKPLACE, ignore_errors=True)
        return status
    except (Failed, tools.Missing) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def prepare(options):
    """Installs and builds what the command needs."""
    needed = {
        "instructions": ["valgrind"], "check": ["valgrind"],
        "syscalls": [*RIVALS, "strace"], "switch": [],
        "cross-check": ["nginx", "wrk"], "judge": [], "rollouts": [], "all": [*RIVALS, "strace", "valgrind"],
    }.get(options.command, RIVALS)
    tools.install(needed)
    if not options.no_build:
        tools.build(products(options.command))


def products(command):
    """What a command runs of ours."""
    if command in ("judge", "rollouts"):
        return ["judge-simulation"]
    return BENCH_TOOLS if command == "cross-check" else [*BENCH_TOOLS, "switchyard"]


def run(options):
    names = options.contestants.split(",") if options.contestants else None
    match options.command:
        case "instructions" if options.judge:
            return instructions.run_judge(options.requests)
        case "instructions":
            return instructions.run(
                names or ["switchyard"], options.requests, options.gate, options.record,
                options.functions,
            )
        case "syscalls":
            return syscalls.run(names or TRIO, options.requests)
        case "idle":
            return idle.run(names or TRIO, options.connections)
        case "startup":
            return startup.run(names or TRIO, options.repetitions)
        case "scaling":
            return scaling.run(names or TRIO, options.rounds, options.seconds, options.warm_up)
        case "switch":
            return switching.run(options.switches, options.rate, options.seconds)
        case "cross-check":
            return cross_check.run(options.rounds, options.seconds)
        case "judge":
            return judging.run(options.rollouts)
        case "rollouts":
            return rolling.run(options.rollouts)
        case "check":
            return check.run()
        case "all":
            return everything(options, names)
        case _:
            return comparison(options, names)


def everything(options, names):
    """All measurements one after the other; the report is written even if a limit is missed."""
    statuses = [comparison(options, names)]
    for command in ("instructions", "syscalls", "idle", "startup", "scaling", "switch"):
        tools.say(f"measuring: {command}")
        arguments = parser().parse_args([command])
        for name in ("rounds", "seconds", "warm_up", "contestants", "quick"):
            setattr(arguments, name, getattr(options, name))
        if command == "instructions" and not names:
            arguments.contestants = ",".join(TRIO)
        print()
        statuses.append(run(arguments))
    report.run()
    return max(statuses)


def comparison(options, names):
    chosen = (
        [workloads.named(name) for name in options.workloads.split(",")]
        if options.workloads else workloads.WORKLOADS
    )
    document = compare.run(
        chosen, contestants.present(names), options.rounds, options.seconds, options.warm_up
    )
    print(tables.text(tables.comparison(document)))
    results.save("latest", document)
    report.write_chart(document)
    print(f"written: {paths.LATEST}, {paths.FIGURE}")
    return 0
