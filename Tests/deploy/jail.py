"""jail.py ROOT USER STEPS: runs programs in a tree, as a user, in the namespaces that it is in.

STEPS is a list of objects: start, until, get, run, user and stop; prints the list of their results.
"""

import fcntl
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 60
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def raise_loopback():
    """A new network has a loopback that is down, and no port below 1024 for other users."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
    # As Docker sets it in every container; and in one, these settings are mounted read-only.
    settings = pathlib.Path("/proc/sys")
    if os.statvfs(settings).f_flag & os.ST_RDONLY:
        subprocess.run(["mount", "-o", "remount,bind,rw", str(settings)], check=True)
    (settings / "net/ipv4/ip_unprivileged_port_start").write_text("0")


def mount_proc(root):
    """Every container has /proc; a program learns its own arguments there."""
    place = pathlib.Path(root) / "proc"
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "--rbind", "/proc", str(place)], check=True)


class Jail:
    def __init__(self, root, user):
        self.root, self.user, self.programs = root, user, {}
        mapped = pathlib.Path("/proc/self/uid_map").read_text().split()
        self.changes_user = int(mapped[2]) > user

    def enter(self):
        os.chroot(self.root)
        os.chdir("/var/lib/switchyard")
        if self.changes_user:
            os.setgroups([])
            os.setgid(self.user)
            os.setuid(self.user)

    def launch(self, command, environment, **streams):
        return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                preexec_fn=self.enter, **streams)

    def do(self, step):
        if "start" in step:
            self.programs[step["start"]] = self.launch(
                step["command"], step["environment"], stdout=sys.stderr, stderr=sys.stderr)
            return {}
        if "until" in step:
            return self.until(step["until"], step.get("headers", {}))
        if "get" in step:
            return self.get(step["get"])
        if "run" in step:
            program = self.launch(step["run"], {}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            output = program.communicate(timeout=PATIENCE_SECONDS)[0]
            return {"code": program.returncode, "output": output.decode()}
        if "user" in step:
            status = pathlib.Path(f"/proc/{self.programs[step['user']].pid}/status").read_text()
            return {"uid": int(status.split("Uid:")[1].split()[0])}
        program = self.programs.pop(step["stop"])
        program.send_signal(signal.SIGTERM)
        return {"code": program.wait(timeout=PATIENCE_SECONDS)}

    def get(self, url, headers=None):
        try:
            request = urllib.request.Request(url, headers=headers or {})
            with urllib.request.urlopen(request, timeout=10) as answer:
                return {"status": answer.status, "body": answer.read().decode()}
        except urllib.error.HTTPError as error:
            return {"status": error.code, "body": error.read().decode()}

    def until(self, url, headers):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            for name, program in self.programs.items():
                if program.poll() is not None:
                    sys.exit(f"{name} ended with {program.returncode}")
            try:
                answer = self.get(url, headers)
                if answer["status"] == 200:
                    return answer
            except OSError:
                answer = "nothing"
            if time.monotonic() > deadline:
                sys.exit(f"{url} does not answer with 200 but with {answer}")
            time.sleep(0.05)

    def end(self):
        for program in self.programs.values():
            program.terminate()
        for program in self.programs.values():
            program.wait(timeout=PATIENCE_SECONDS)


def main():
    jail = Jail(sys.argv[1], int(sys.argv[2]))
    raise_loopback()
    mount_proc(sys.argv[1])
    try:
        results = [jail.do(step) for step in json.loads(sys.argv[3])]
    finally:
        jail.end()
    print(json.dumps(results))


if __name__ == "__main__":
    main()
