"""The command line of `Benchmarks/run`."""

import argparse
import shutil
import sys

from . import (
    check, compare, contestants, cross_check, idle, instructions, paths, report, results, scaling,
    startup, switching, syscalls, tables, tools, workloads,
)
from .processes import Failed

BENCH_TOOLS = ["bench-origin", "bench-load"]
RIVALS = ["nginx", "haproxy"]


def parser():
    top = argparse.ArgumentParser(
        prog="Benchmarks/run",
        description="Measures switchyard beside nginx and HAProxy; see docs/benchmarks.md.",
    )
    top.add_argument("--rounds", type=int, default=5, help="rounds per workload (5)")
    top.add_argument("--seconds", type=float, default=3.0, help="length of one measurement (3)")
    top.add_argument("--warm-up", type=float, default=0.7, help="seconds before it (0.7)")
    top.add_argument("--workloads", help="names, with commas between (all)")
    top.add_argument("--contestants", help="names, with commas between (all that are there)")
    top.add_argument("--quick", action="store_true", help="one round of 0.5 s each")
    top.add_argument("--no-build", action="store_true", help="use what was built before")
    top.add_argument("--report", action="store_true", help="write the last results into the docs")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    one = commands.add_parser("instructions", help="instructions and allocations per request")
    one.add_argument("--gate", action="store_true", help="exit 1 when a limit is passed")
    one.add_argument("--record", action="store_true", help="write baseline.json")
    one.add_argument("--functions", action="store_true", help="show the costly functions")
    one.add_argument("--requests", type=int, default=1_000, help="N of N and 2N (1,000)")
    one = commands.add_parser("syscalls", help="system calls per request")
    one.add_argument("--requests", type=int, default=20_000)
    one = commands.add_parser("idle", help="memory of idle connections")
    one.add_argument("--connections", type=int, default=10_000)
    one = commands.add_parser("startup", help="time and memory of a start")
    one.add_argument("--repetitions", type=int, default=20)
    commands.add_parser("scaling", help="one worker against two")
    one = commands.add_parser("switch", help="switches under load")
    one.add_argument("--switches", type=int, default=1_000)
    one.add_argument("--rate", type=int, default=5_000, help="requests per second meanwhile")
    commands.add_parser("cross-check", help="bench-load against wrk")
    commands.add_parser("check", help="tests of the harness itself, with tiny loads")
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
        "cross-check": ["nginx", "wrk"],
    }.get(options.command, RIVALS)
    tools.install(needed)
    if not options.no_build:
        tools.build([*BENCH_TOOLS, *([] if options.command == "cross-check" else ["switchyard"])])


def run(options):
    names = options.contestants.split(",") if options.contestants else None
    match options.command:
        case "instructions":
            return instructions.run(
                names or ["switchyard"], options.requests, options.gate, options.record,
                options.functions,
            )
        case "syscalls":
            return syscalls.run(names, options.requests)
        case "idle":
            return idle.run(names, options.connections)
        case "startup":
            return startup.run(names, options.repetitions)
        case "scaling":
            return scaling.run(names, options.rounds, options.seconds, options.warm_up)
        case "switch":
            return switching.run(options.switches, options.rate, options.seconds)
        case "cross-check":
            return cross_check.run(options.rounds, options.seconds)
        case "check":
            return check.run()
        case _:
            return comparison(options, names)


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
    print(f"written: {paths.LATEST.relative_to(paths.ROOT)}, {paths.FIGURE.relative_to(paths.ROOT)}")
    return 0
