"""Memory that an idle connection costs once it has been served."""

import json
import subprocess
import time

from . import contestants, load, paths, results, tables, workloads
from .processes import Failed, raise_descriptor_limit

# Source addresses, so that no port of one runs out.
SOURCES = 8
# Requests at the same time: a trickle that reuses memory, a burst that leaves a high-water mark.
# The burst is limited by the descriptors that its connections to the origin take besides.
AT_ONCE = [64, 4_000]
# Time after the last answer before memory is read: what a burst needed is given back by then.
SETTLING_SECONDS = 2.0
LIMIT = 512


def run(names, connections):
    allowed = raise_descriptor_limit()
    if allowed < connections + 1_000:
        raise Failed(f"{connections} connections need more than the {allowed} open files allowed")
    measured = {}
    with load.origin() as origin:
        for proxy in contestants.present(names):
            measured[proxy.name] = {}
            for at_once in AT_ONCE:
                with proxy.start(origin) as running:
                    measured[proxy.name][at_once] = measure(running, connections, at_once)
    print(tables.text(rows(measured)))
    results.save("idle", {"connections": connections, "limit": LIMIT, "proxies": measured})
    return 0


def rows(measured):
    head = ["proxy", "without connections", "bytes per new one"]
    head += [f"served, {at_once:,} at once" for at_once in AT_ONCE]
    body = []
    for name, by_batch in measured.items():
        of_batch = list(by_batch.values())
        body.append([
            name, f"{of_batch[0]['empty_bytes'] / 2**20:.1f} MiB",
            f"{of_batch[0]['connected_bytes_each']:,.0f}",
            *(f"{figures['served_bytes_each']:,.0f}" for figures in of_batch),
        ])
    return [head, *body]


def measure(running, connections, at_once):
    """Memory before, with all connections open, and after each has had one answer."""
    # Pools and buffers that any load makes are there before; they are no cost of idle ones.
    warm_up = workloads.named("get-1k-keepalive-c64").load()
    load.measure(running.port, [*warm_up, "--requests", "5000"])
    time.sleep(SETTLING_SECONDS)
    empty = running.resident_bytes()
    command = [
        str(paths.GENERATOR), "--port", str(running.port), "--hold", str(at_once),
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
