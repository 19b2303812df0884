"""The example workflows, step by step: what a runner on the deployment's machine would do.

Every command of theirs runs as it stands. `docker exec` calls the program, `docker-compose` writes down
what it was told, and the steps' pauses are short; the test deploys and waits where they say so.
"""

import os
import pathlib
import re
import tempfile
import unittest

from yard import ROOT, passing, read_yaml, running_yard

STUBS = {
    "docker": """[ "$1 $2 $3" = "exec llm-switchyard /usr/local/bin/switchyard" ] || exit 125
shift 3
exec "$PROGRAM" "${@/#\\/run\\/secrets\\/switchyard_token/$TOKEN_FILE}"
""",
    "docker-compose": 'echo "$*" >>"$COMPOSE_LOG"\n',
    "sleep": "exec /bin/sleep 0.02\n",
    # How often a step tries.
    "seq": 'exec /usr/bin/seq "${TRIES:-$1}"\n',
}


class Workflows(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name, text in STUBS.items():
            (self.folder / name).write_text("#!/bin/bash\n" + text)
            (self.folder / name).chmod(0o755)
        self.known = {"github.sha": "4f2c", "github.run_id": "7", "github.actor": "somebody"}

    def filled(self, text):
        """With GitHub's expressions replaced by what is known."""
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda match: self.known[match[1]], text)

    def step(self, job, name, **environment):
        """Runs one step as GitHub does; (exit code, output)."""
        step = next(step for step in job["steps"] if step["name"] == name)
        self.assertEqual(job["defaults"]["run"]["working-directory"], "/srv/switchyard/deploy")
        values = {key: self.filled(value) for key, value
                  in {**job.get("env", {}), **step.get("env", {})}.items()}
        self.assertNotIn("${{", step["run"], "values reach a shell as variables alone")
        code, output, complaints = self.yard.run(
            "set -e\ncd deploy\n" + step["run"],
            **{**values, **environment}, PATH=f"{self.folder}:{os.environ['PATH']}",
            PROGRAM=self.yard.stack.program, TOKEN_FILE=str(self.yard.stack.folder / "token"),
            COMPOSE_LOG=str(self.folder / "compose.log"),
            GITHUB_OUTPUT=str(self.folder / "output"))
        return code, output + complaints

    def passes(self, job, name, **environment):
        code, output = self.step(job, name, **environment)
        self.assertEqual(code, 0, f"{name}: {output}")
        return output

    def test_deploy_promote_and_roll_back(self):
        # The shipped plan takes minutes: this one has its probes, and neither steps nor watch.
        plan = {"promotion": "automatic", "steps": [], "bake": None}
        with running_yard(["blue"], read_token="look", changes={"rollout": plan}) as self.yard:
            jobs = read_yaml(ROOT / "deploy/github/deploy.yml")["jobs"]
            self.deploy(jobs["deploy-canary"])
            self.promote(jobs["promote-to-production"])
            self.roll_back(read_yaml(ROOT / "deploy/github/rollback.yml")["jobs"]["rollback"])

    def deploy(self, job):
        self.passes(job, "Determine the inactive slot")
        outputs = dict(line.split("=") for line in (self.folder / "output").read_text().split())
        self.assertEqual(outputs, {"canary": "green", "production": "blue"})
        self.known.update({f"steps.slot.outputs.{name}": slot for name, slot in outputs.items()})

        code, output = self.step(job, "Take a lease on it", SLOT="blue")
        self.assertEqual(code, 1, output)
        self.passes(job, "Take a lease on it")

        self.passes(job, "Deploy to it")
        told = (self.folder / "compose.log").read_text()
        self.assertIn("docker-compose.blue-green.yml up -d --no-deps backend-green frontend-green\n", told)
        code, output = self.step(job, "Wait until switchyard finds it healthy", TRIES="3")
        self.assertEqual(code, 1, output)
        self.yard.stack.launch_slot("green")
        self.yard.wait("green is healthy", lambda: self.step(
            job, "Wait until switchyard finds it healthy", TRIES="3")[0] == 0)
        self.yard.wait("Prometheus knows it", lambda: self.yard.value('up{job="backend-green"}') == 1)

        self.passes(job, "Generate test traffic", TRIES="60")
        self.yard.wait_counted("green", 60)
        self.yard.wait_counted("blue", 60)
        code, output = passing(lambda: self.step(job, "Validate the metrics"),
                               lambda: self.yard.send_in_turn(100))
        self.assertEqual(code, 0, output)
        self.assertIn("backend-green may be promoted", output)
        self.passes(job, "Give the lease back")
        self.assertEqual(job["outputs"], {"canary-slot": "${{ steps.slot.outputs.canary }}"})
        self.known["needs.deploy-canary.outputs.canary-slot"] = outputs["canary"]

    def promote(self, job):
        self.assertIn("promoted", self.passes(job, "Promote"))
        self.assertIn('"slot":"green"', self.passes(job, "Verify"))
        # The slot that is live is no candidate.
        self.assertEqual(self.step(job, "Promote")[0], 1)

    def roll_back(self, job):
        self.known["inputs.rollback_slot"] = "blue"
        self.assertNotEqual(self.step(job, "Verify")[0], 0)
        self.passes(job, "Switch traffic")
        output = self.passes(job, "Verify")
        self.assertIn('"slot":"blue"', output)
        self.assertIn("rollback by somebody, run 7", output)
