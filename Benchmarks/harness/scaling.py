"""One worker against two: throughput, and what the machine lets one conclude."""

import statistics
from pathlib import Path

from . import compare, contestants, load, results, tables, workloads

WORKLOAD = "get-1k-keepalive-c64"
AIM = 1.8


def run(names, rounds, seconds, warm_up):
    workload = workloads.named(WORKLOAD)
    proxies = contestants.present(names)
    measured = {}
    with load.origin() as origin:
        for proxy in proxies:
            with proxy.start(origin, workers=1) as one, proxy.start(origin, workers=2) as two:
                measured[proxy.name] = {1: [], 2: []}
                for number in range(rounds):
                    for workers in compare.rotated([1, 2], number):
                        running = one if workers == 1 else two
                        before = thread_seconds(running)
                        figures = load.measure(
                            running.port, workload.load(), running, seconds, warm_up
                        )
                        figures["busiest_share"] = busiest_share(before, thread_seconds(running))
                        measured[proxy.name][workers].append(figures)
    summaries = {name: summary(by_workers) for name, by_workers in measured.items()}
    print(table(summaries))
    print(
        f"Processor-limited gain: 2 x CPU per request with one worker / with two; {AIM} is wanted."
        "\nOrigin and generator take their time from the same cores, so requests/s cannot double"
        "\nwhere there are only two."
    )
    results.save("scaling", {"aim": AIM, "rounds": measured, "proxies": summaries})
    return 0


def summary(by_workers):
    def median(workers, key):
        return statistics.median(figures[key] for figures in by_workers[workers])

    gains = [
        2 * one["cpu_us_per_request"] / two["cpu_us_per_request"]
        for one, two in zip(by_workers[1], by_workers[2])
    ]
    return {
        "requests_per_second": {n: median(n, "requests_per_second") for n in (1, 2)},
        "cpu_us_per_request": {n: median(n, "cpu_us_per_request") for n in (1, 2)},
        "busiest_share": median(2, "busiest_share"),
        "gain": statistics.median(gains),
    }


def table(summaries):
    rows = [[
        "proxy", "requests/s, 1", "requests/s, 2", "CPU µs, 1", "CPU µs, 2",
        "busier worker's share", "processor-limited gain",
    ]]
    for name, figures in summaries.items():
        rows.append([
            name,
            *(f"{figures['requests_per_second'][n]:,.0f}" for n in (1, 2)),
            *(f"{figures['cpu_us_per_request'][n]:.1f}" for n in (1, 2)),
            f"{figures['busiest_share'] * 100:.0f} %",
            f"{figures['gain']:.2f}",
        ])
    return tables.text(rows)


def thread_seconds(running):
    """CPU time of each thread of `running`."""
    times = {}
    for pid in running.pids():
        for task in Path(f"/proc/{pid}/task").iterdir():
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            times[task.name] = int(fields[11]) + int(fields[12])
    return times


def busiest_share(before, after):
    """Share of the busiest thread in the work of all between two readings."""
    spent = [after[name] - before.get(name, 0) for name in after]
    return max(spent) / sum(spent) if sum(spent) else 1.0
