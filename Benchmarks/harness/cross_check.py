"""Checks bench-load against wrk: both have to find the same CPU time per request."""

import os
import re
import subprocess

from . import contestants, load, tables, workloads
from .processes import Failed
from .tools import find


def run(rounds, seconds):
    workload = workloads.named("get-1k-keepalive-c64")
    rows = [["round", "requests/s by bench-load", "by wrk", "CPU µs by bench-load", "by wrk"]]
    with load.origin() as origin, contestants.named("nginx").start(origin) as running:
        for number in range(rounds):
            own = load.measure(running.port, workload.load(), running, seconds, 0.3)
            other = wrk(running, workload, seconds)
            rows.append([
                str(number + 1),
                f"{own['requests_per_second']:,.0f}", f"{other[0]:,.0f}",
                f"{own['cpu_us_per_request']:.1f}", f"{other[1]:.1f}",
            ])
    print(tables.text(rows))
    return 0


def wrk(running, workload, seconds):
    """Requests per second and CPU time per request as wrk finds them."""
    def spent():
        return sum(cpu_seconds(pid) for pid in running.pids())

    before = spent()
    url = f"http://127.0.0.1:{running.port}{workload.path}"
    duration = f"-d{max(1, round(seconds))}s"
    result = subprocess.run(
        [find("wrk"), "-t1", f"-c{workload.connections}", duration, url],
        capture_output=True, text=True, timeout=seconds + 30,
    )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", result.stdout)
    count = re.search(r"(\d+) requests in", result.stdout)
    if not rate or not count:
        raise Failed(f"wrk said:\n{result.stdout}{result.stderr}")
    return float(rate.group(1)), (spent() - before) * 1e6 / int(count.group(1))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
