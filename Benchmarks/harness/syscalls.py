"""System calls per request, counted by strace under load."""

import re
import signal
import subprocess
import time

from . import contestants, load, paths, results, tables, workloads
from .processes import Failed, Process, wait_until

WORKLOAD = "get-1k-keepalive-c64"
# Most system calls that a request may take.
LIMIT = 4.3


def run(names, requests):
    workload = workloads.named(WORKLOAD)
    counted = {}
    with load.origin() as origin:
        for proxy in contestants.present(names):
            with proxy.start(origin) as running:
                load.measure(running.port, [*workload.load(), "--requests", "2000"])
                counted[proxy.name] = count(running, workload, requests)
    rows = [["proxy", "per request", "epoll_ctl in all", "calls per request"]]
    for name, calls in counted.items():
        ordered = sorted(calls.items(), key=lambda item: -item[1])
        rows.append([
            name,
            f"{sum(calls.values()) / requests:.2f}",
            str(calls.get("epoll_ctl", 0)),
            ", ".join(f"{call} {n / requests:.2f}" for call, n in ordered if n / requests >= 0.01),
        ])
    print(tables.text(rows))
    print(f"{requests} requests on {workload.connections} connections, which were opened meanwhile")
    results.save("syscalls", {"requests": requests, "limit": LIMIT, "calls": counted})
    return 0


def count(running, workload, requests):
    """Calls by name that `running` makes while it serves `requests`."""
    out = paths.WORKPLACE / "strace" / "out"
    targets = [part for pid in running.pids() for part in ("-p", pid)]
    log = out.with_name("log")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    with Process(["strace", "-c", "-f", "-o", out, *targets], log) as strace:
        wait_until(lambda: "attached" in log.read_text(), strace, 10, "attached")
        time.sleep(0.2)
        load.measure(running.port, [*workload.load(), "--requests", str(requests)], patience=120)
        strace.stop(signal.SIGINT)
    return parse(out.read_text())


def parse(text):
    """The call counts of a summary of `strace -c`."""
    calls = {}
    for line in text.splitlines():
        # % time, seconds, usecs/call, calls, errors (may be absent), name
        match = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
        if match and match.group(2) != "total":
            calls[match.group(2)] = int(match.group(1))
    if not calls:
        raise Failed(f"strace counted nothing:\n{text}")
    return calls
