"""`make stack` as its users meet it: ports of the documents, what it tells to try, and Ctrl-C."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

from yard import PATIENCE_SECONDS, PROGRAM, ROOT, passing

# A network of its own has all ports free.
START = ["sh", "-c", f'"{sys.executable}" -B -c "import jail; jail.raise_loopback()" && cd "{ROOT}"'
         f' && exec scripts/stack --without green "{PROGRAM}"']


class StackSession(unittest.TestCase):
    def setUp(self):
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith(("SWITCHYARD_", "ACTIVE_SLOT", "CHECK_"))}
        environment["SWITCHYARD_TOKEN_FILE"] = os.devnull
        # A session of its own, to which Ctrl-C goes as a whole.
        self.stack = subprocess.Popen(
            ["unshare", "--net", "--mount", *user, *START], cwd=ROOT / "Tests/deploy",
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.addCleanup(self.end)
        as_its_user = ["--user", "--preserve-credentials"] if user else []
        self.enter = ["nsenter", "-t", str(self.stack.pid), "--net", *as_its_user]
        self.environment = environment
        self.greeting = self.read_greeting()

    def end(self):
        if self.stack.poll() is None:
            os.killpg(self.stack.pid, signal.SIGTERM)
            self.stack.wait(timeout=PATIENCE_SECONDS)
        self.stack.stdout.close()

    def read_greeting(self):
        lines = []
        for line in self.stack.stdout:
            lines.append(line)
            if line.startswith("  cd "):
                return "".join(lines)
        raise AssertionError("".join(lines))

    def run_in_it(self, command, expected=0):
        code, output = self.try_in_it(command)
        self.assertEqual(code, expected, f"{command}\n{output}")
        return output

    def try_in_it(self, command):
        done = subprocess.run([*self.enter, "bash", "-c", command], cwd=ROOT, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE_SECONDS, check=False)
        return done.returncode, done.stdout.decode()

    def wait(self, what, command):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while subprocess.call([*self.enter, "bash", "-c", command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL):
            self.assertLess(time.monotonic(), deadline, f"it is not so that {what}")
            time.sleep(0.2)

    @staticmethod
    def living(folder):
        """Processes that run in that folder."""
        found = []
        for place in pathlib.Path("/proc").glob("[0-9]*/cwd"):
            with contextlib.suppress(OSError):
                if os.readlink(place).startswith(str(folder)):
                    found.append(int(place.parent.name))
        return found

    def test_what_it_tells_to_try_works_and_ctrl_c_leaves_nothing(self):
        folder = pathlib.Path(re.search(r"^  logs +(\S+)$", self.greeting, re.M)[1])
        deploy = re.search(r"^  (cd .*)$", self.greeting, re.M)[1]
        tries = [re.split(r" {4,}", line.strip())[0] for line in re.search(
            r"another terminal:\n((?:  .*\n)+)", self.greeting)[1].splitlines()]
        green = subprocess.Popen([*self.enter, "bash", "-c", deploy.replace("&& ", "&& exec env ", 1)],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            self.wait("green is healthy", "curl -sf http://localhost:8081/metrics/slots/green")
            # Each job has its own moment within the interval, and what came before the first is unknown.
            self.wait("Prometheus knows all", "curl -sG http://localhost:9090/api/v1/query --data-urlencode"
                      " 'query=count(up == 1)' | jq -e '.data.result[0].value[1] == \"6\"'")
            active, health, traffic, check, switch, inactive, *knobs = tries
            self.assertEqual(self.run_in_it(active).splitlines()[-1], "blue")
            self.assertIn('"slot":"blue"', self.run_in_it(health))
            self.run_in_it(traffic)
            code, output = passing(lambda: self.try_in_it(check), lambda: self.run_in_it(traffic))
            self.assertEqual(code, 0, output)
            self.assertIn("Traffic switched from blue to green", self.run_in_it(switch))
            self.assertEqual(self.run_in_it(inactive), "blue\n")
            for command in knobs:
                self.run_in_it(command)
            self.wait("green is unhealthy", "! curl -sf http://localhost:8081/metrics/slots/green")
            self.assertEqual(len(self.living(folder)), 4)
        finally:
            green.terminate()
            self.assertEqual(green.wait(timeout=PATIENCE_SECONDS), 0)

        os.killpg(self.stack.pid, signal.SIGINT)
        self.assertEqual(self.stack.wait(timeout=PATIENCE_SECONDS), 0)
        self.assertEqual(self.stack.stdout.read().strip(), "")
        self.assertEqual(self.living(folder), [])
        self.assertFalse(folder.exists())

    def test_a_port_that_is_taken_is_named(self):
        again = self.run_in_it(f'scripts/stack "{PROGRAM}"', expected=1)
        self.assertRegex(again, r"^stack: port \d+ for \w+ is not to be had \(Address already in use\): stop what")
