"""Every file of the deployment by the checker of its kind."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from yard import PROGRAM, ROOT, TOOLS, Yard, read_yaml

DEPLOY = ROOT / "deploy"


def run(*command, cwd=ROOT):
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


class Files(unittest.TestCase):
    def passes(self, *command, cwd=ROOT):
        code, output = run(*command, cwd=cwd)
        self.assertEqual(code, 0, f"{' '.join(map(str, command))}:\n{output}")
        return output

    def finds_nothing(self, *command):
        self.assertEqual(self.passes(*command).strip(), "")

    @staticmethod
    def with_secrets(folder):
        """A copy of deploy/ with the files that an operator makes."""
        shutil.copytree(DEPLOY, folder / "deploy")
        (folder / "deploy/secrets").mkdir()
        for name in ("switchyard_token", "switchyard_read_token", "grafana_password"):
            (folder / "deploy/secrets" / name).write_text(name)
        for slot in ("blue", "green"):
            shutil.copy(DEPLOY / f".env.{slot}.example", folder / f"deploy/.env.{slot}")
        return folder / "deploy"

    def test_prometheus_and_its_rules(self):
        self.passes("promtool", "check", "config", "--syntax-only",
                    DEPLOY / "prometheus-blue-green.yml")
        self.passes("promtool", "check", "rules", *sorted(DEPLOY.glob("rules/*.yml")))
        self.passes("promtool", "test", "rules", ROOT / "Tests/deploy/rules.test.yml")

    def test_every_alert_has_a_test_that_it_fires(self):
        alerts = set(re.findall(r"- alert: (\w+)", (DEPLOY / "rules/alerts.rules.yml").read_text()))
        tests = (ROOT / "Tests/deploy/rules.test.yml").read_text()
        fired = set(re.findall(r"alertname: (\w+)\n +exp_alerts:", tests))
        self.assertEqual(alerts, fired)

    def test_the_variant_that_the_stack_runs_differs_in_places_and_intervals_alone(self):
        yard = Yard()
        self.addCleanup(yard.stop)
        shipped = (DEPLOY / "prometheus-blue-green.yml").read_text()
        kept = [line for line in yard.stack.prometheus_config().splitlines()
                if not re.search(r"targets:|(interval|timeout):", line)]
        for line in kept:
            self.assertIn(line, shipped)
        self.assertEqual(len(re.findall("job_name", shipped)), 6)
        self.assertEqual(len([line for line in kept if "job_name" in line]), 6)
        # With all that it names in place it is checked whole, rules and all.
        yard.stack.prepare()
        output = self.passes("promtool", "check", "config", yard.stack.folder / "prometheus.yml")
        self.assertIn("SUCCESS: 2 rule files found", output)
        for path in DEPLOY.glob("rules/*.yml"):
            self.assertEqual((yard.stack.folder / "rules" / path.name).read_text(), path.read_text())

    def test_proxy_configurations(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("proxy.json", "demo.json"):
                text = (DEPLOY / name).read_text()
                path = pathlib.Path(folder) / name
                for secret in set(re.findall(r'"(/run/secrets/\w+)"', text)):
                    stand_in = pathlib.Path(folder) / pathlib.Path(secret).name
                    stand_in.write_text(secret.replace("/", "-"))
                    text = text.replace(secret, str(stand_in))
                path.write_text(text)
                self.assertIn("is fine", self.passes(PROGRAM, "check", path))
                self.passes(TOOLS / "check-jsonschema", "--schemafile", ROOT / "proxy.schema.json",
                            DEPLOY / name)

    def test_ports_and_names_agree_between_the_files(self):
        config = json.loads((DEPLOY / "proxy.json").read_text())
        services = {listener["address"].rpartition(":")[2]: listener["routes"]
                    for listener in config["listeners"]}
        self.assertEqual(services, {"80": [{"service": "frontend"}], "8080": [{"service": "backend"}]})
        compose = (DEPLOY / "docker-compose.blue-green.yml").read_text()
        for slot in config["slots"].values():
            for endpoint in slot["backend"] + slot["frontend"]:
                self.assertIn(f"\n  {endpoint.partition(':')[0]}:\n", compose)
        demo = json.loads((DEPLOY / "demo.json").read_text())
        self.assertEqual([listener["address"] for listener in demo["listeners"]],
                         ["0.0.0.0:80", "0.0.0.0:8000"])

    def test_docker_compose_1_and_2_take_the_file(self):
        compose = "docker-compose.blue-green.yml"
        with tempfile.TemporaryDirectory() as folder:
            deploy = self.with_secrets(pathlib.Path(folder))
            text = self.passes("env", "ACTIVE_SLOT=green", "BACKEND_VERSION=1.2.3",
                               "docker-compose", "-f", compose, "config", cwd=deploy)
            (deploy / ".env").write_text("NETWORK=app_default\nNETWORK_EXTERNAL=true\n")
            beside = self.passes("env", "ADMIN_PORT=9081", "BACKEND_PORT=9080", "FRONTEND_PORT=9000",
                                 "docker-compose", "-f", compose, "config", cwd=deploy)
        self.assertIn("ACTIVE_SLOT: green", text)
        self.assertIn("switchyard-demo:1.2.3", text)
        self.assertIn("127.0.0.1:8081:8081/tcp", text)
        self.assertIn("published: 8080\n", text)
        self.assertIn("\n  blue-green:\n    external: false\n    name: blue-green\n", text)
        # Beside nginx, in the network of containers that there are.
        self.assertIn("127.0.0.1:9081:8081/tcp", beside)
        for port in (9080, 9000):
            self.assertIn(f"published: {port}\n", beside)
        self.assertIn("\n  blue-green:\n    external: true\n    name: app_default\n", beside)
        # Compose v2 checks a file against this schema.
        self.passes(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec",
                    DEPLOY / compose)

    def test_dockerfile(self):
        self.finds_nothing(TOOLS / "hadolint", DEPLOY / "Dockerfile")

    def test_workflows(self):
        workflows = [path for folder in (ROOT / ".github/workflows", DEPLOY / "github")
                     for path in sorted(folder.glob("*.yml"))]
        self.assertGreaterEqual(len(workflows), 1)
        self.passes(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows",
                    *workflows)
        self.passes(TOOLS / "zizmor", "--offline", "--no-progress",
                    *workflows)
        for path in workflows:
            for action in re.findall(r"uses: (\S+)", path.read_text()):
                if not action.startswith("./"):
                    self.assertRegex(action, r"@[0-9a-f]{40}$", path.name)
            for name, job in read_yaml(path)["jobs"].items():
                self.assertLessEqual(job["timeout-minutes"], 90, name)
                self.assertLessEqual(set(job["permissions"]), {"contents"}, name)

    def test_kubernetes(self):
        manifests = DEPLOY / "kubernetes/switchyard.yaml"
        self.passes(TOOLS / "kubernetes-validate", manifests)
        text = manifests.read_text().split("  proxy.json: |\n")[1].split("\n---")[0]
        config = json.loads(text)
        shipped = json.loads((DEPLOY / "proxy.json").read_text())
        del shipped["$schema"]
        self.assertEqual(config, shipped)

    def test_scripts(self):
        self.finds_nothing("shellcheck", *sorted((ROOT / "scripts").glob("*.sh")), DEPLOY / "switchyard",
                           ROOT / "scripts/check-deploy")

    def test_the_dashboard_is_the_one_that_the_program_prints(self):
        page = DEPLOY / "grafana/dashboards/blue-green.json"
        printed = self.passes(PROGRAM, "dashboard-json")
        self.assertEqual(printed, page.read_text())
        source = (DEPLOY / "grafana/provisioning/dashboards/switchyard.yml").read_text()
        self.assertIn("/var/lib/grafana/dashboards", source)
        sources = read_yaml(DEPLOY / "grafana/provisioning/datasources/prometheus.yml")["datasources"]
        self.assertEqual([(one["type"], one["isDefault"]) for one in sources], [("prometheus", True)])

    def test_the_dashboard_asks_the_source_that_is_chosen_and_its_panels_have_places(self):
        page = json.loads((DEPLOY / "grafana/dashboards/blue-green.json").read_text())
        self.assertEqual([(one["type"], one["query"]) for one in page["templating"]["list"]],
                         [("datasource", "prometheus")])
        source = {"type": "prometheus", "uid": "${" + page["templating"]["list"][0]["name"] + "}"}
        for part in page["panels"] + page["annotations"]["list"]:
            self.assertEqual(part["datasource"], source)
        panels = page["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        self.assertLessEqual({"Request Rate by Slot", "Error Rate by Slot", "P95 Latency by Slot",
                              "Active Slot Indicator"}, {panel["title"] for panel in panels})
        taken = [(x, y) for panel in panels
                 for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
                 for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])]
        self.assertEqual(len(set(taken)), len(taken), "no panel covers another")
        self.assertTrue(all(x < 24 for x, _ in taken))

    def test_a_checker_that_finds_something_fails(self):
        """The checkers are there and look: each is given a file with a mistake."""
        with tempfile.TemporaryDirectory() as folder:
            bad = pathlib.Path(folder) / "bad.yml"
            bad.write_text("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: a/b@v1}]}}\n")
            self.assertNotEqual(run(TOOLS / "zizmor", "--offline", bad)[0], 0)
            bad.write_text("on: push\njobs: {a: {steps: []}}\n")
            self.assertNotEqual(run(TOOLS / "check-jsonschema", "--builtin-schema",
                                    "vendor.github-workflows", bad)[0], 0)
            docker = pathlib.Path(folder) / "Dockerfile"
            docker.write_text("FROM debian\nRUN cd /tmp\n")
            self.assertNotEqual(run(TOOLS / "hadolint", docker)[0], 0)
