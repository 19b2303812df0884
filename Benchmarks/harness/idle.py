"""Memory that an idle connection costs once it has been served."""

import json
import subprocess
import time

from . import contestants, load, paths, results, tables, workloads
from .processes import Failed, raise_descriptor_limit

# Source addresses, so that no port of one runs out.
SOURCES = 8
# Time after the last answer before memory is read.
SETTLING_SECONDS = 1.0
LIMIT = 512


def run(names, connections):
    allowed = raise_descriptor_limit()
    if allowed < connections + 1_000:
        raise Failed(f"{connections} connections need more than the {allowed} open files allowed")
    measured = {}
    with load.origin() as origin:
        for proxy in contestants.present(names):
            with proxy.start(origin) as running:
                measured[proxy.name] = measure(running, connections)
    rows = [["proxy", "without connections", "bytes per new one", "bytes per served one"]]
    for name, figures in measured.items():
        rows.append([
            name, f"{figures['empty_bytes'] / 2**20:.1f} MiB",
            f"{figures['connected_bytes_each']:.0f}", f"{figures['served_bytes_each']:.0f}",
        ])
    print(tables.text(rows))
    results.save("idle", {"connections": connections, "limit": LIMIT, "proxies": measured})
    return 0


def measure(running, connections):
    """Memory before, with all connections open, and after each has had one answer."""
    # Pools and buffers that any load makes are there before; they are no cost of idle ones.
    warm_up = workloads.named("get-1k-keepalive-c64").load()
    load.measure(running.port, [*warm_up, "--requests", "5000"])
    time.sleep(SETTLING_SECONDS)
    empty = running.resident_bytes()
    command = [
        str(paths.GENERATOR), "--port", str(running.port), "--hold",
        "--connections", str(connections), "--sources", str(SOURCES),
    ]
    holder = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        connected = after(holder, "connected", running)
        holder.stdin.write("\n")
        holder.stdin.flush()
        served = after(holder, "served", running)
        holder.stdin.close()
        holder.wait(timeout=30)
    finally:
        if holder.poll() is None:
            holder.kill()
            holder.wait()
    return {
        "empty_bytes": empty,
        "connected_bytes_each": (connected - empty) / connections,
        "served_bytes_each": (served - empty) / connections,
    }


def after(holder, word, running):
    """Memory of `running` once the generator says `word`."""
    line = holder.stdout.readline()
    if word not in (json.loads(line) if line else {}):
        raise Failed(f"connections could not be held: {holder.stderr.read().strip()}")
    time.sleep(SETTLING_SECONDS)
    running.require_alive()
    return running.resident_bytes()
