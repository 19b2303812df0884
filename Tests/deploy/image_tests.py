"""What the container image does, without building one.

The release binary goes alone into an empty tree with exactly the files that the Dockerfile copies and
the libraries that its base has, and runs there as another user, in a network of its own, so that the
shipped configuration keeps its ports and its paths.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from yard import PROGRAM, ROOT

# What gcr.io/distroless/cc has: glibc, libgcc and libstdc++.
BASE_LIBRARIES = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libdl.so.2",
                  "libpthread.so.0", "librt.so.1", "libresolv.so.2"}
LOADER = "/lib64/ld-linux-x86-64.so.2"
# Debian 12, the base of the image, has glibc 2.36.
BASE_GLIBC = (2, 36)


def dockerfile():
    """(instruction, rest) of every line, with continued lines joined."""
    text = (ROOT / "deploy/Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]
    return [tuple(line.split(None, 1)) for line in lines]


def stage(name):
    """The instructions of one stage and of those that it stands on, base first."""
    stages, current = {}, None
    for instruction, rest in dockerfile():
        if instruction == "FROM":
            base, _, current = rest.partition(" AS ")
            stages[current] = list(stages.get(base, []))
        else:
            stages[current].append((instruction, rest))
    return stages[name]


def last(instructions, name):
    return [rest for instruction, rest in instructions if instruction == name][-1]


def libraries():
    output = subprocess.run(["ldd", PROGRAM], stdout=subprocess.PIPE, check=True).stdout.decode()
    return {match[1]: match[2] for match in re.finditer(r"(\S+) => (/\S+)", output)}


class Tree:
    """The file system of the image."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="switchyard-image-"))
        self.root.chmod(0o755)
        for instruction, rest in stage("proxy"):
            if instruction == "COPY":
                self.copy(*re.sub(r"--\S+ ", "", rest).split())
        for path in [*libraries().values(), LOADER]:
            place = self.root / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(pathlib.Path(path).resolve(), place)
        self.owner = int(last(stage("proxy"), "USER").partition(":")[0])
        if os.geteuid() == 0:
            os.chown(self.root / "var/lib/switchyard", self.owner, self.owner)

    def copy(self, source, target):
        """COPY from the stage that built: what is at `source` there."""
        place = self.root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if source == "/image/usr/local/bin/switchyard":
            subprocess.run(["install", "-s", PROGRAM, place], check=True)
        elif source == "/image/etc/switchyard":
            place.mkdir()
            copied = last(stage("build"), "COPY").split()[:-1]
            for file in copied:
                shutil.copy(ROOT / file, place)
        elif source == "/image/var/lib/switchyard":
            place.mkdir()
        else:
            raise AssertionError(f"the Dockerfile copies {source}; teach this test where it is from")

    def add(self, path, text):
        """A file that the container's surroundings bring, such as a secret."""
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def remove(self):
        shutil.rmtree(self.root)


class Image(unittest.TestCase):
    def setUp(self):
        self.tree = Tree()
        self.addCleanup(self.tree.remove)

    def jail(self, *steps):
        """Runs steps of jail.py in the tree, in a network of its own; their results."""
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        done = subprocess.run(
            ["unshare", "--net", "--mount", *user, sys.executable, "-B", "jail.py", self.tree.root,
             str(self.tree.owner), json.dumps(steps)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=pathlib.Path(__file__).parent, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return json.loads(done.stdout)

    def command(self, name, target):
        return json.loads(last(stage(target), "ENTRYPOINT")) + json.loads(last(stage(target), name))

    def test_the_base_has_what_the_binary_needs(self):
        self.assertLessEqual(set(libraries()), BASE_LIBRARIES)
        versions = subprocess.run(["readelf", "-V", PROGRAM], stdout=subprocess.PIPE, check=True)
        wanted = re.findall(r"GLIBC_(\d+)\.(\d+)", versions.stdout.decode())
        self.assertTrue(wanted)
        self.assertLessEqual(max((int(major), int(minor)) for major, minor in wanted), BASE_GLIBC)

    def test_it_has_no_more_than_the_program_and_its_configuration(self):
        files = {str(path.relative_to(self.tree.root)) for path in self.tree.root.rglob("*")
                 if path.is_file()}
        libs = {path.lstrip("/") for path in [*libraries().values(), LOADER]}
        self.assertEqual(files - libs, {
            "usr/local/bin/switchyard", "etc/switchyard/proxy.json", "etc/switchyard/demo.json"})

    def test_a_build_without_a_target_makes_the_proxy(self):
        final = [rest for instruction, rest in dockerfile() if instruction == "FROM"][-1]
        self.assertEqual(stage(final.partition(" AS ")[2]), stage("proxy"))

    def test_its_health_check_fails_where_nothing_runs(self):
        for target in ("proxy", "demo"):
            self.tree.add("/run/secrets/switchyard_read_token", "look\n")
            result = self.jail({"run": self.health_check(target)})[0]
            self.assertEqual(result["code"], 69, result)
            self.assertIn("does not answer", result["output"])

    def test_the_demo_answers_as_the_slot_that_its_environment_names(self):
        for slot in ("blue", "green"):
            results = self.jail(
                {"start": "demo", "command": self.command("CMD", "demo"),
                 "environment": {"ACTIVE_SLOT": slot}},
                {"until": "http://127.0.0.1:8000/health"},
                {"get": "http://127.0.0.1:8000/health"},
                {"get": "http://127.0.0.1:80/"},
                {"run": self.health_check("demo")},
                {"user": "demo"},
                {"stop": "demo"})
            self.assertEqual(json.loads(results[2]["body"])["slot"], slot)
            self.assertIn(f"<h1>{slot}</h1>", results[3]["body"])
            self.assertEqual(results[4]["code"], 0, results[4])
            self.assertEqual(results[6]["code"], 0)
            self.demand_other_user(results[5])

    def test_the_proxy_serves_the_shipped_configuration(self):
        """Names are resolved, port 80 is had, the state is written, the token is asked for.

        The slots share the proxy's network here, and have port 80 at addresses of their own: so the
        proxy must not take every address of that port.
        """
        shipped = self.tree.root / "etc/switchyard/proxy.json"
        text = shipped.read_text()
        self.assertEqual(text.count('"0.0.0.0:80"'), 1)
        shipped.write_text(text.replace('"0.0.0.0:80"', '"127.0.0.1:80"'))
        self.tree.add("/run/secrets/switchyard_token", "change\n")
        self.tree.add("/run/secrets/switchyard_read_token", "look\n")
        self.tree.add("/etc/hosts", "127.0.0.2 backend-blue frontend-blue\n"
                                    "127.0.0.3 backend-green frontend-green\n")
        started = []
        for slot, address in (("blue", "127.0.0.2"), ("green", "127.0.0.3")):
            self.tree.add(f"/slots/{slot}.json", self.application(slot, address))
            started.append({"start": slot, "environment": {"ACTIVE_SLOT": slot},
                            "command": ["/usr/local/bin/switchyard", "demo", f"/slots/{slot}.json"]})
        results = self.jail(
            *started,
            {"start": "proxy", "command": self.command("CMD", "proxy"), "environment": {}},
            {"until": "http://127.0.0.1:8081/readyz"},
            {"get": "http://127.0.0.1:8080/health"},
            {"get": "http://127.0.0.1:80/"},
            {"get": "http://127.0.0.1:8081/active-slot"},
            {"get": "http://127.0.0.1:8081/status"},
            {"run": self.health_check("proxy")},
            {"until": "http://127.0.0.1:8081/metrics/slots/green",
             "headers": {"Authorization": "Bearer look"}},
            {"run": ["/usr/local/bin/switchyard", "switch", "green", "--token-file",
                     "/run/secrets/switchyard_token"]},
            {"get": "http://127.0.0.1:8080/health"},
            {"user": "proxy"},
            {"stop": "proxy"})
        backend, frontend, active, status, health = results[4:9]
        self.assertEqual(json.loads(backend["body"])["slot"], "blue")
        self.assertIn("<h1>blue</h1>", frontend["body"])
        self.assertEqual(active["body"], "blue\n")
        self.assertEqual(status["status"], 401)
        self.assertEqual(health["code"], 0, health)
        self.assertEqual(results[10]["code"], 0, results[10])
        self.assertEqual(json.loads(results[11]["body"])["slot"], "green")
        self.demand_other_user(results[12])
        self.assertEqual(results[13]["code"], 0)
        self.assertIn('"green"', (self.tree.root / "var/lib/switchyard/state.json").read_text())

    def demand_other_user(self, result):
        if os.geteuid() == 0:
            self.assertEqual(result["uid"], self.tree.owner)
            self.assertNotEqual(result["uid"], 0)

    @staticmethod
    def health_check(target):
        return json.loads(last(stage(target), "HEALTHCHECK").partition(" CMD ")[2])

    def application(self, slot, address):
        """demo.json at one address and on ports of its origins that only this slot has."""
        text = (ROOT / "deploy/demo.json").read_text().replace("0.0.0.0", address)
        shift = {"blue": "91", "green": "92"}[slot]
        text = re.sub(r"127\.0\.0\.1:90(\d\d)", rf"127.0.0.1:{shift}\1", text)
        config = json.loads(text)
        config["admin"] = {
            "address": {"blue": "127.0.0.1:8091", "green": "127.0.0.1:8092"}[slot]}
        return json.dumps(config)
