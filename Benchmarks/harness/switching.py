"""How long a switch takes under load, and what the requests notice of it."""

import http.client
import math
import statistics
import threading
import time

from . import contestants, load, paths, results, tables, workloads
from .processes import Failed

WORKLOAD = "get-1k-keepalive-c64"
LIMITS_MILLISECONDS = {"median": 5, "p99": 20}


def run(switches, rate, seconds):
    switchyard = contestants.named("switchyard")
    workload = workloads.named(WORKLOAD)
    arguments = [*workload.load(), "--rate", str(rate)]
    # On a disk: a switch is acknowledged only when it is durable.
    state = paths.WORKPLACE / "switchyard" / "state.json"
    with load.origin() as blue, load.origin() as green:
        state.unlink(missing_ok=True)
        with switchyard.start(blue, green=green, state_file=str(state)) as running:
            load.measure(running.port, arguments, running, 1.0, 0.3)
            before = load.measure(running.port, arguments, running, seconds, 0.3)
            trial = switch(running.admin, 20)
            needed = max(seconds, 1.5 * switches * statistics.median(trial))
            taken = []
            switcher = threading.Thread(
                target=lambda: taken.extend(switch(running.admin, switches)), daemon=True
            )
            switcher.start()
            during = load.measure(running.port, arguments, running, needed, 0.0)
            switcher.join(timeout=60)
    if len(taken) != switches:
        raise Failed(f"only {len(taken)} of {switches} switches were acknowledged")
    ordered = sorted(taken)
    figures = {
        "switches": switches, "rate": rate, "before": before, "during": during,
        "limits_ms": LIMITS_MILLISECONDS,
        "median_ms": statistics.median(ordered) * 1_000,
        "p99_ms": ordered[math.ceil(0.99 * len(ordered)) - 1] * 1_000,
        "max_ms": ordered[-1] * 1_000,
        "under_load_seconds": needed, "switching_seconds": sum(taken),
    }
    print(table(figures))
    results.save("switch", figures)
    return 1 if during["failed"] or before["failed"] else 0


def table(figures):
    rows = [["requests", "p50", "p99", "p99.9", "failed"]]
    for name in ("before", "during"):
        one = figures[name]
        rows.append([
            f"{name} {figures['switches'] if name == 'during' else 'any'} switches",
            *(tables.milliseconds(one[key]) for key in ("p50_us", "p99_us", "p999_us")),
            str(one["failed"]),
        ])
    return (
        f"switch acknowledged: median {figures['median_ms']:.2f} ms, "
        f"p99 {figures['p99_ms']:.2f} ms, longest {figures['max_ms']:.2f} ms\n{tables.text(rows)}"
    )


def switch(admin, count):
    """Switches to and fro `count` times on one connection; seconds until each acknowledgement."""
    connection = http.client.HTTPConnection("127.0.0.1", admin, timeout=10)
    taken = []
    for number in range(count):
        slot = ("green", "blue")[number % 2]
        start = time.perf_counter()
        connection.request("POST", f"/switch/{slot}")
        response = connection.getresponse()
        body = response.read()
        taken.append(time.perf_counter() - start)
        if response.status != 200:
            raise Failed(f"POST /switch/{slot}: {response.status} {body[:200]!r}")
    connection.close()
    return taken
