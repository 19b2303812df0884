"""What the tests of the deployment share: a stack on free ports, and ways to use it as users do."""

import concurrent.futures
import contextlib
import http.client
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = pathlib.Path(os.environ.get("SWITCHYARD", ROOT / ".build/release/switchyard"))
TOOLS = ROOT / ".build/tools/bin"
# How long a state may take to come on a loaded machine; none of it is waited for blindly.
PATIENCE_SECONDS = 150
# A scrape may take as long as that, and one that a busy machine cuts off is a slot that is down.
SCRAPE_INTERVAL = "4s"
# Ports that the documents name, by the stack's name for each.
DOCUMENTED = {"80": "frontend", "8080": "backend", "8081": "admin", "9090": "prometheus"}


def read_yaml(path):
    """As JSON has it; the parser is that of a checker."""
    program = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"
    done = subprocess.run([TOOLS / "python", "-c", program], input=path.read_bytes(),
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def load_stack():
    loader = importlib.machinery.SourceFileLoader("stack", str(ROOT / "scripts/stack"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("stack", loader))
    loader.exec_module(module)
    return module


stack_program = load_stack()


def passing(check, traffic):
    """The (code, output) of a check that shall pass.

    A busy machine delays a few of so many requests, and these may all be of one slot: when nothing else
    is wrong there is more traffic, of both in turn, and another look.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        code, output = check()
        wrong = [line for line in output.splitlines() if line.startswith(("FAIL", "NONE"))]
        is_late = [line.startswith("FAIL p95 latency against production") for line in wrong]
        if not is_late or not all(is_late) or time.monotonic() > deadline:
            return code, output
        traffic()


# Ports that no outgoing connection takes, in blocks; a block belongs to the process that holds its name.
FIRST_PORT, PORTS_OF_A_BLOCK, BLOCKS = 10_000, 16, 1_300
held = []


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """Ports that no other test has until this process ends, however many run at once."""
    for block in random.sample(range(BLOCKS), BLOCKS):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0switchyard-ports-{block}")
        except OSError:
            name.close()
            continue
        held.append(name)
        first = FIRST_PORT + block * PORTS_OF_A_BLOCK
        free = [port for port in range(first, first + PORTS_OF_A_BLOCK) if is_free(port)]
        if len(free) >= count:
            return free[:count]
    raise AssertionError("no block of ports is free")


class Yard:
    """A running stack whose scrapes come often, and what users do with it."""

    def __init__(self, **options):
        names = list(stack_program.PORTS) + list(stack_program.ORIGINS)
        ports = dict(zip(names, free_ports(len(names))))
        self.stack = stack_program.Stack(
            PROGRAM,
            ports={name: ports[name] for name in stack_program.PORTS},
            origins={name: ports[name] for name in stack_program.ORIGINS},
            interval=SCRAPE_INTERVAL,
            **options,
        )
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", SWITCHYARD_ADMIN=self.url("admin"))
        for name in ("ACTIVE_SLOT", "SWITCHYARD_TOKEN", "CHECK_WINDOW_SECONDS", "http_proxy"):
            self.environment.pop(name, None)
        # None, but where a test has one: not the token of a deployment on this machine.
        self.environment["SWITCHYARD_TOKEN_FILE"] = os.devnull

    def url(self, name):
        return self.stack.url(name)

    def start(self, slots=("blue", "green")):
        try:
            self.stack.start(slots)
            # Prometheus and switchyard themselves, and two services of each slot.
            jobs = 2 + 2 * len(slots)
            self.wait(f"{jobs} jobs are up", lambda: len(self.vector("up == 1")) == jobs)
        except BaseException:
            self.stack.stop()
            raise

    def stop(self):
        self.stack.stop()

    # What users do.

    def run(self, command, **environment):
        """A command of the documents, with the ports in use: (exit code, output, complaints)."""
        command = re.sub(r"localhost:(\d+)", self.port_in_use, command)
        done = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, env=dict(self.environment, **environment),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=PATIENCE_SECONDS, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def port_in_use(self, match):
        return f"localhost:{self.stack.ports[DOCUMENTED[match[1]]]}"

    def send(self, count, slot=None, path="/api/x", service="backend"):
        """Requests one after the other; returns how many had which status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.ports[service], timeout=60)
        statuses = {}
        for _ in range(count):
            connection.request("GET", path, headers={"X-Slot": slot} if slot else {})
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
        connection.close()
        return statuses

    def send_together(self, count, slot=None):
        """As many requests, twenty at a time."""
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda _: self.send(1, slot=slot), range(count)))

    def send_in_turn(self, count):
        """To both slots, so that a busy machine delays both alike."""
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.ports["backend"], timeout=60)
        for slot in ("green", "blue") * count:
            connection.request("GET", "/api/x", headers={"X-Slot": slot})
            connection.getresponse().read()
        connection.close()

    def knobs(self, slot, service="backend", **knobs):
        """How the demo's origin of that slot misbehaves from now on."""
        url = f"http://127.0.0.1:{self.stack.origins[slot, service]}/knobs"
        with urllib.request.urlopen(url, data=json.dumps(knobs).encode(), timeout=10) as answer:
            return json.load(answer)

    # What Prometheus knows.

    def ask(self, path, **parameters):
        url = f"{self.url('prometheus')}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]

    def vector(self, expression):
        """The samples of an expression: a list of (labels, value)."""
        data = self.ask("query", query=expression)
        if data["resultType"] != "vector":
            raise AssertionError(f"{expression} is a {data['resultType']}")
        return [(one["metric"], float(one["value"][1])) for one in data["result"]]

    def value(self, expression):
        """The only sample of an expression; None when there is none."""
        samples = self.vector(expression)
        if len(samples) > 1:
            raise AssertionError(f"{expression} has {len(samples)} samples")
        return samples[0][1] if samples else None

    def firing(self):
        """Alerts that fire now, as (name, slot or job)."""
        return {(alert["labels"]["alertname"],
                 alert["labels"].get("slot") or alert["labels"].get("job"))
                for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"}

    def wait_counted(self, slot, count, service="backend"):
        """Until the slot's own job has seen that many requests in all."""
        counted = f'sum(http_requests_total{{job="{service}-{slot}"}}) >= {count}'
        self.wait(f"{count} requests of {slot} are scraped", lambda: self.vector(counted))

    def wait(self, what, condition):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"after {PATIENCE_SECONDS} s it is not so that {what}")
            self.stack.demand_alive()
            time.sleep(0.1)


@contextlib.contextmanager
def running_yard(slots=("blue", "green"), **options):
    yard = Yard(**options)
    yard.start(slots)
    try:
        yield yard
    finally:
        yard.stop()
