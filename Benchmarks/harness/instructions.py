"""Instructions and allocations per request, which repeat: the gate of the tests."""

import json
import subprocess
import sys
from collections import Counter

from . import callgrind, contestants, load, paths, results, tables, workloads
from .processes import Failed

WORKLOADS = ["get-1k-keepalive-c64", "get-1k-browser-c64"]
# Most user-space instructions that a request may take (nginx 1.22: 30,437 and 45,935).
LIMITS = {"get-1k-keepalive-c64": 8_000, "get-1k-browser-c64": 13_000}
# Room above the baseline: how events fall together moves the count by less than half of it, and a
# feature that is off may cost one branch. What needs more is recorded anew, with its reason.
TOLERANCE = 0.03
# What counting for the judge may take of a request.
JUDGE_SHARE = 0.02
# Fewer than this per request are not of requests but of a table that grew once.
ALLOCATION_LIMIT = 0.01

ALLOCATIONS = [
    "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign",
]
RETAINS = ["swift_retain", "swift_bridgeObjectRetain"]
RELEASES = ["swift_release", "swift_bridgeObjectRelease"]
# Checks at run time that no two accesses to a property overlap.
EXCLUSIVITY = ["swift_beginAccess"]


def measure(proxy, workload, origin, requests, judged=True):
    """Counts one workload: the difference between a run of 2N requests and one of N.

    Not `judged`, the one route of the proxy is left out of judging.
    """
    folder = paths.WORKPLACE / "callgrind"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("out*"):
        old.unlink()
    out = folder / "out"
    running = proxy.start(
        origin,
        wrapper=[
            "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
            # Health checks and the judge wake by the clock; they are no part of a request.
            "--separate-threads=yes",
        ],
        # Tables of the standard library would otherwise be seeded anew in each process.
        environment={"SWIFT_DETERMINISTIC_HASHING": "1", "PATH": "/usr/bin:/bin"},
        single_process=True,
        # Probes come by the clock, and the clock runs on while valgrind is slow.
        health_check=False,
        judged=judged,
        patience=60,
    )
    with running:
        # The first run fills pools and buffers; each dump starts the counting anew.
        for number, count in enumerate((requests, requests, 2 * requests), start=1):
            load.measure(running.port, [*workload.load(), "--requests", str(count)])
            dump(running, number)
    return per_request(*(busiest_thread(folder, number) for number in (2, 3)), requests)


def busiest_thread(folder, number):
    """The profile of the thread that served the requests of a dump."""
    profiles = [callgrind.Profile.read(path) for path in folder.glob(f"out.{number}-*")]
    if not profiles:
        raise Failed(f"callgrind wrote no dump {number} into {folder}")
    return max(profiles, key=lambda profile: profile.instructions)


def dump(running, number):
    result = subprocess.run(
        ["vgdb", f"--pid={running.pid}", "dump", f"part {number}"],
        capture_output=True, text=True, timeout=30,
    )
    if result.returncode != 0:
        raise Failed(f"callgrind did not dump: {result.stderr}")


def per_request(single, double, requests):
    def difference(count):
        return (count(double) - count(single)) / requests

    functions = {
        name: (double.own[name] - single.own[name]) / requests for name in double.own
    }
    watched = tuple(ALLOCATIONS + RETAINS + RELEASES + EXCLUSIVITY)
    callers = {
        f"{caller} calls {callee}": (count - single.edges[caller, callee]) / requests
        for (caller, callee), count in double.edges.items() if callee.startswith(watched)
    }
    return {
        "instructions": difference(lambda profile: profile.instructions),
        "allocations": difference(lambda profile: profile.calls_named(ALLOCATIONS)),
        "frees": difference(lambda profile: profile.calls_named(["free"])),
        "retains": difference(lambda profile: profile.calls_of(RETAINS)),
        "releases": difference(lambda profile: profile.calls_of(RELEASES)),
        "functions": largest(functions),
        "callers": largest(callers),
    }


def largest(counts):
    """The 40 largest of `counts`, least 0.1 each."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])[:40]
    return {name: round(count, 1) for name, count in ordered if count >= 0.1}


def verdicts(name, counted, baseline):
    """What of `counted` is beyond its limit, as sentences."""
    found = []
    limit, source = LIMITS[name], "the limit"
    known = baseline.get(name, {}).get("instructions")
    if known is None:
        found.append(f"{name}: no baseline; `Benchmarks/run instructions --record` makes it")
    elif known * (1 + TOLERANCE) < limit:
        limit, source = known * (1 + TOLERANCE), f"the baseline of {known:,.0f} + 3 %"
    if counted["instructions"] > limit:
        found.append(
            f"{name}: {counted['instructions']:,.0f} instructions per request, above {source} "
            f"({limit:,.0f})"
        )
    if counted["allocations"] > ALLOCATION_LIMIT:
        found.append(f"{name}: {counted['allocations']:.2f} allocations per request, none allowed")
    return found


def run(names, requests, gate, record, shows_functions):
    counted = {}
    with load.origin() as origin:
        for proxy in contestants.present(names):
            counted[proxy.name] = {
                name: measure(proxy, workloads.named(name), origin, requests)
                for name in WORKLOADS
            }
    if not counted:
        raise Failed(f"none of {', '.join(names)} can be run here")
    print(table(counted))
    if shows_functions:
        print_functions(counted)
    if record:
        write_baseline(counted["switchyard"])
    if not gate:
        results.save("instructions", without_functions(counted))
        return 0
    baseline = json.loads(paths.BASELINE.read_text()) if paths.BASELINE.exists() else {}
    found = [
        sentence
        for name in WORKLOADS
        for sentence in verdicts(name, counted["switchyard"][name], baseline)
    ]
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


def run_judge(requests):
    """Counts what the judge takes of a request, by the same program with its route left out."""
    found = []
    rows = [["workload", "judged", "not judged", "the judge"]]
    proxy = contestants.named("switchyard")
    with load.origin() as origin:
        for name in WORKLOADS:
            on, off = (
                measure(proxy, workloads.named(name), origin, requests, judged)["instructions"]
                for judged in (True, False)
            )
            rows.append([name, f"{on:,.0f}", f"{off:,.0f}", f"{(on - off) / off:.2%}"])
            found += judge_verdicts(name, on, off)
    print(tables.text(rows))
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


def judge_verdicts(name, judged, unjudged):
    """What of the judge's instructions is beyond its limit, as sentences."""
    # The same count twice would mean that nothing was left out.
    if judged == unjudged:
        return [f"{name}: the judge takes nothing, so it was not measured"]
    share = (judged - unjudged) / unjudged
    if share <= JUDGE_SHARE:
        return []
    return [f"{name}: the judge takes {share:.2%} of a request, above {JUDGE_SHARE:.0%}"]


def table(counted):
    rows = [
        [name, proxy, f"{one['instructions']:,.0f}", f"{one['allocations']:.2f}",
         f"{one['retains']:.1f}", f"{one['releases']:.1f}"]
        for proxy, of_proxy in counted.items()
        for name, one in of_proxy.items()
    ]
    head = ["workload", "proxy", "instructions", "allocations", "retains", "releases"]
    return tables.text([head, *sorted(rows)])


def print_functions(counted):
    for proxy, of_proxy in counted.items():
        for name, one in of_proxy.items():
            print(f"\n{proxy}, {name}: instructions per request by function")
            for function, cost in demangled(one["functions"]).items():
                print(f"{cost:10,.1f}  {function}")
            print(f"\n{proxy}, {name}: calls of allocator, counting and checks per request")
            for callers, count in demangled(one["callers"]).items():
                print(f"{count:10,.1f}  {callers}")


def demangled(counts):
    """The same with Swift's names as they are written in the source, if the tool is there."""
    try:
        result = subprocess.run(
            ["swift", "demangle", "--compact", "--simplified"], input="\n".join(counts),
            capture_output=True, text=True, timeout=60,
        )
    except OSError:
        return counts
    names = result.stdout.splitlines()
    if len(names) != len(counts):
        return counts
    # Specialised copies of a function have one name in the source.
    merged = Counter()
    for name, count in zip(names, counts.values()):
        merged[name] += count
    return dict(merged.most_common())


def without_functions(counted):
    return {
        proxy: {
            name: {key: value for key, value in one.items() if key not in ("functions", "callers")}
            for name, one in of_proxy.items()
        }
        for proxy, of_proxy in counted.items()
    }


def write_baseline(counted):
    baseline = {
        name: {
            "instructions": round(one["instructions"]),
            "retains": round(one["retains"], 1),
            "releases": round(one["releases"], 1),
        }
        for name, one in counted.items()
    }
    paths.BASELINE.write_text(json.dumps(baseline, indent=2) + "\n")
