"""Runs the origin and the load generator."""

import contextlib
import json
import subprocess
import time

from . import paths
from .processes import Failed, Process, answers, free_port, wait_until


@contextlib.contextmanager
def origin():
    """An origin that runs for the length of the block; gives its port."""
    port = free_port()
    with Process([paths.ORIGIN, port], paths.WORKPLACE / "origin" / "log") as process:
        wait_until(lambda: answers(port, "/1k"), process, 5, "ready")
        yield port


def run_workload(workload, running, seconds, warm_up, rate=None):
    """The figures of one window of `workload` against `running`."""
    arguments = workload.load() + (["--rate", str(rate)] if rate else [])
    figures = measure(running.port, arguments, running, seconds, warm_up)
    if workload.body_bytes:
        # A response that the window cuts counts by the share of its bytes within.
        requests = figures["bytes"] / workload.body_bytes
        cpu = figures["user_seconds"] + figures["system_seconds"]
        figures["requests_per_second"] = requests / figures["seconds"]
        figures["cpu_us_per_request"] = cpu * 1e6 / requests if requests else 0
    return figures


def measure(port, arguments, running=None, seconds=None, warm_up=0.0, patience=30.0):
    """One run of the generator against `port`; its figures, and the memory of `running`."""
    command = [str(paths.GENERATOR), "--port", str(port), *arguments]
    if running is not None:
        command += ["--watch", ",".join(str(pid) for pid in running.pids())]
    if seconds is not None:
        command += ["--seconds", str(seconds), "--warm-up", str(warm_up)]
    generator = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )
    try:
        resident = None
        if running is not None and seconds is not None:
            time.sleep(warm_up + seconds * 0.8)
            resident = running.resident_bytes()
        output, errors = generator.communicate(timeout=(seconds or 0) + warm_up + patience)
    except subprocess.TimeoutExpired:
        raise Failed(f"no end after {patience} s: {' '.join(command)}") from None
    finally:
        if generator.poll() is None:
            generator.kill()
            generator.wait()
    if generator.returncode != 0:
        raise Failed(f"{' '.join(command)}: {errors.strip()}")
    figures = json.loads(output)
    if resident is not None:
        figures["resident_bytes"] = resident
    return figures
