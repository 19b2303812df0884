"""Time from exec to the first answered request, and memory then."""

import socket
import statistics
import time

from . import contestants, load, results, tables
from .processes import Failed

LIMIT_MILLISECONDS = 50
LIMIT_BYTES = 15 * 2**20
REQUEST = b"GET /1k HTTP/1.1\r\nHost: bench.example\r\n\r\n"


def run(names, repetitions):
    measured = {}
    with load.origin() as origin:
        for proxy in contestants.present(names):
            runs = [measure(proxy, origin) for _ in range(repetitions)]
            times = [one[0] for one in runs]
            measured[proxy.name] = {
                "median_ms": statistics.median(times), "max_ms": max(times),
                "resident_bytes": statistics.median(one[1] for one in runs),
            }
    rows = [["proxy", "median", "longest", "resident"]]
    for name, figures in measured.items():
        rows.append([
            name, f"{figures['median_ms']:.1f} ms", f"{figures['max_ms']:.1f} ms",
            f"{figures['resident_bytes'] / 2**20:.1f} MiB",
        ])
    print(tables.text(rows))
    results.save("startup", {
        "repetitions": repetitions, "limit_ms": LIMIT_MILLISECONDS, "limit_bytes": LIMIT_BYTES,
        "proxies": measured,
    })
    return 0


def measure(proxy, origin):
    """Milliseconds until the first answer, and resident bytes after it."""
    with proxy.launch(origin) as running:
        while not first_answer(running.port):
            running.require_alive()
            if time.monotonic() - running.started > 10:
                raise Failed(f"{proxy.name} gave no answer within 10 s")
            time.sleep(0.0002)
        elapsed = time.monotonic() - running.started
        return elapsed * 1_000, running.resident_bytes()


def first_answer(port):
    """Whether a request is answered; waits for the answer once connected."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(REQUEST)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
