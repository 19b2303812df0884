"""The comparison: every contestant does every workload, in turns, for several rounds."""

import contextlib
import statistics
import sys

from . import contestants, load, machine, summary, workloads
from .processes import raise_descriptor_limit

# The fixed rate, as a share of what nginx can do.
FIXED_SHARE = 0.4


class Progress:
    """One line on standard error that says how far the run is."""

    def __init__(self, steps):
        self.steps = steps
        self.done = 0
        self.is_terminal = sys.stderr.isatty()

    def step(self, text):
        self.done += 1
        line = f"[{self.done}/{self.steps}] {text}"
        if self.is_terminal:
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def end(self):
        if self.is_terminal:
            print(file=sys.stderr)


def entrants(workload, proxies):
    """Those that run `workload`: nginx with large buffers only where they matter."""
    return [proxy for proxy in proxies if workload.is_bulk or proxy.name != "nginx-tuned"]


def rotated(items, by):
    """The same order, begun somewhere else, so that none is always first."""
    start = by % len(items)
    return items[start:] + items[:start]


def run(chosen, proxies, rounds, seconds, warm_up):
    """Measures and returns the results as they are written to the file."""
    raise_descriptor_limit()
    steps = sum(
        len(entrants(workload, proxies)) * rounds * (2 if workload.has_fixed_rate else 1)
        for workload in chosen
    )
    progress = Progress(steps)
    results = []
    with load.origin() as origin:
        for workload in chosen:
            results.append(
                run_workload(workload, proxies, origin, rounds, seconds, warm_up, progress)
            )
    progress.end()
    return {
        "machine": machine.description(),
        "versions": {proxy.name: proxy.version() for proxy in proxies},
        "settings": {
            "rounds": rounds, "seconds": seconds, "warm_up_seconds": warm_up, "workers": 1,
            "fixed_rate_share_of_nginx": FIXED_SHARE,
        },
        "workloads": results,
    }


def run_workload(workload, proxies, origin, rounds, seconds, warm_up, progress):
    """All rounds of one workload, each proxy started afresh for it."""
    taking_part = entrants(workload, proxies)
    measured = {proxy.name: {"closed": [], "fixed": []} for proxy in taking_part}
    with contextlib.ExitStack() as stack:
        running = {
            proxy.name: stack.enter_context(proxy.start(origin)) for proxy in taking_part
        }
        for number in range(rounds):
            for proxy in rotated(taking_part, number):
                progress.step(f"{workload.name}: {proxy.name}, round {number + 1}")
                figures = load.run_workload(workload, running[proxy.name], seconds, warm_up)
                measured[proxy.name]["closed"].append(figures)
        rate = None
        if workload.has_fixed_rate:
            rate = fixed_rate(measured, taking_part)
            for number in range(rounds):
                for proxy in rotated(taking_part, number):
                    progress.step(f"{workload.name}: {proxy.name}, {rate}/s, round {number + 1}")
                    figures = load.run_workload(
                        workload, running[proxy.name], seconds, warm_up, rate
                    )
                    measured[proxy.name]["fixed"].append(figures)
    return {
        "name": workload.name,
        "title": workload.title,
        "aim": workload.aim,
        "fixed_rate": rate,
        "rounds": measured,
        "summary": summary.of_workload(measured),
    }


def fixed_rate(measured, taking_part):
    """The rate for the latencies: a share of what nginx did, or else of the slowest."""
    capacities = {
        proxy.name: statistics.median(
            figures["requests_per_second"] for figures in measured[proxy.name]["closed"]
        )
        for proxy in taking_part
    }
    return round(FIXED_SHARE * capacities.get("nginx", min(capacities.values())))
