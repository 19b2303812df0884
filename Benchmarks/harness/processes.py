"""Starts, watches and ends processes; each is ended by the id it was started with."""

import http.client
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path


class Failed(Exception):
    """A measured process did not do what it has to."""


def raise_descriptor_limit(wanted=100_000):
    """Lets this process and those it starts open `wanted` files, or as many as are allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (wanted, hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, max(limit, hard)))
            return limit
        except (ValueError, OSError):
            continue
    return soft


def free_port():
    """A port of 127.0.0.1 that nobody listens on; below the range of outgoing connections."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        if port in free_port.taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        free_port.taken.add(port)
        return port
    raise Failed("no free port between 20000 and 32000")


free_port.taken = set()


class Process:
    """A process that is ended when its `with` block is left."""

    def __init__(self, command, log, environment=None, stdin=None, stdout=None):
        self.command = [str(part) for part in command]
        self.log = Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as errors:
            self.started = time.monotonic()
            self.process = subprocess.Popen(
                self.command,
                stdin=stdin or subprocess.DEVNULL,
                stdout=stdout or errors,
                stderr=errors,
                env=environment,
                cwd=self.log.parent,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def pids(self):
        """The process and all its descendants."""
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    stat = Path(f"/proc/{entry}/stat").read_text()
                except OSError:
                    continue
                parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
        found, open_ends = [], [self.pid]
        while open_ends:
            pid = open_ends.pop()
            found.append(pid)
            open_ends += parents.get(pid, [])
        return found

    def resident_bytes(self):
        """Proportional set size, so that pages shared between master and worker count once."""
        total = 0
        for pid in self.pids():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total * 1024

    def require_alive(self):
        if self.process.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2_000:]
            raise Failed(f"{self.command[0]} ended with {self.process.returncode}:\n{tail}")

    def stop(self, how=signal.SIGTERM, patience=5.0):
        """Ends the process; a second, harder signal follows when the first does not help."""
        if self.process.poll() is not None:
            return
        for sign in (how, signal.SIGKILL):
            self.process.send_signal(sign)
            try:
                self.process.wait(timeout=patience)
                return
            except subprocess.TimeoutExpired:
                continue


def wait_until(condition, process, seconds, what):
    """Waits until `condition()` holds; fails when `process` ends or `seconds` have passed."""
    end = time.monotonic() + seconds
    while not condition():
        process.require_alive()
        if time.monotonic() > end:
            raise Failed(f"{process.command[0]} was not {what} after {seconds} s")
        time.sleep(0.005)


def answers(port, path, timeout=2.0):
    """Whether GET `path` on `port` is answered with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
