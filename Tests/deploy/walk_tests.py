"""The walk through local testing that users know: start, check, deploy green, validate, switch, verify,
roll back.

The commands are theirs, word for word, but for those that need Docker; beside each of these stands what
it was.
"""

import json
import os
import unittest
from unittest import mock

from yard import passing, running_yard


class Walk(unittest.TestCase):
    """One walk; each step stands on the one before."""

    def test_the_walk(self):
        # Green is there in the files alone; what shall stand in its slot has not been deployed.
        with mock.patch.dict(os.environ, ACTIVE_SLOT="blue"), running_yard(["blue"]) as self.yard:
            self.start_with_blue()
            self.green_is_refused()
            self.deploy_green()
            self.validate_green()
            self.switch_to_green()
            self.roll_back()
            self.troubleshoot()

    def says(self, command, expected):
        code, output, complaints = self.yard.run(command)
        self.assertEqual(code, 0, f"{command}: {output}{complaints}")
        self.assertEqual(output, expected, command)

    def answers_from(self, slot, command="curl http://localhost:8080/health"):
        code, output, complaints = self.yard.run(command)
        self.assertEqual(code, 0, complaints)
        answer = json.loads(output)
        version = {"blue": "1.4.2", "green": "1.5.0"}[slot]
        self.assertEqual((answer["slot"], answer["version"]), (slot, version))

    def health(self):
        """What there is for each service of each slot. Instead of `docker ps`."""
        code, output, complaints = self.yard.run(f"{self.yard.stack.program} status --json")
        self.assertEqual(code, 0, complaints)
        return {name: {service: [endpoint["health"] for endpoint in found["endpoints"]]
                       for service, found in slot["services"].items()}
                for name, slot in json.loads(output)["slots"].items()}

    def start_with_blue(self):
        # Instead of `ACTIVE_SLOT=blue docker-compose -f docker-compose.blue-green.yml up -d`, without
        # green: what the stack has started.
        self.assertEqual(self.health(), {
            "blue": {"backend": ["healthy"], "frontend": ["healthy"]},
            "green": {"backend": ["unhealthy"], "frontend": ["unhealthy"]}})
        self.says("curl http://localhost:8081/active-slot", "blue\n")
        self.answers_from("blue")

    def green_is_refused(self):
        code, output, complaints = self.yard.run("./scripts/switch-traffic.sh green")
        self.assertEqual(code, 1, output)
        self.assertIn("refused with 409: the slot green is not healthy: backend", complaints)
        self.assertIn("refused", complaints.partition("not healthy")[2], "why: nothing listens there")
        self.yard.wait("Prometheus knows", lambda: self.yard.value('up{job="backend-green"}') == 0)
        # A preview reaches green alone, and blue never stands in for it.
        code, output, _ = self.yard.run("curl -sf -H 'X-Slot: green' http://localhost:8080/health")
        self.assertEqual((code, output), (22, ""))
        self.says("curl http://localhost:8081/active-slot", "blue\n")

    def deploy_green(self):
        self.says("./scripts/get-inactive-slot.sh", "green\n")
        # Instead of `docker-compose -f docker-compose.blue-green.yml up -d backend-green frontend-green`:
        # the program that stands in these containers, with the file that it has there.
        self.yard.stack.launch_slot("green")
        # Instead of `docker ps --filter "name=llm-backend-green"`.
        self.yard.wait("green is healthy", lambda: self.health()["green"] == self.health()["blue"])
        self.yard.wait("Prometheus knows it", lambda: self.yard.value('up{job="backend-green"}') == 1)
        # Instead of `docker exec llm-backend-green curl http://localhost:8000/health`.
        self.answers_from("green", "curl -H 'X-Slot: green' http://localhost:8080/health")
        # Users have not noticed.
        self.answers_from("blue")

    def validate_green(self):
        # Instead of `docker exec llm-nginx curl -sf http://backend-green:8000/health`: a preview, which
        # switchyard counts; and as much for blue, to compare with.
        code, _, complaints = self.yard.run(
            "for i in {1..50}; do\n"
            "  curl -sf -H 'X-Slot: green' http://localhost:8080/health > /dev/null\n"
            "  curl -sf http://localhost:8080/health > /dev/null\n"
            "done")
        self.assertEqual(code, 0, complaints)
        # Instead of `sleep 20`: until it is so.
        # One of green's was refused, before Prometheus saw it.
        self.yard.wait_counted("green", 52)
        self.yard.wait_counted("blue", 52)
        code, output = passing(
            lambda: self.yard.run(
                "chmod +x scripts/check-canary-metrics.sh\n"
                "./scripts/check-canary-metrics.sh backend-green backend-blue http://localhost:9090")[:2],
            lambda: self.yard.send_in_turn(100))
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"PASS availability of backend-green: up in (\d+) of \1 scrapes since its"
                         r" first request; all are needed; down in \d+ of \d+ before, as in a deployment\n")
        self.assertRegex(output, r"PASS error rate: 0 of \d+ requests = 0.00 %, less than 5.00 % is needed;"
                         r" with 95 % confidence at most \d\.\d\d %\n")
        self.assertTrue(output.endswith("backend-green may be promoted\n"), output)

    def switch_to_green(self):
        self.says(
            "chmod +x scripts/switch-traffic.sh\n./scripts/switch-traffic.sh green",
            "Active slot: blue\nSwitching traffic to green...\n"
            "Traffic switched from blue to green (generation 2)\n")
        self.says("curl http://localhost:8081/active-slot", "green\n")
        self.answers_from("green")

    def roll_back(self):
        self.says(
            "./scripts/switch-traffic.sh blue",
            "Active slot: green\nSwitching traffic to blue...\n"
            "Traffic switched from green to blue (generation 3)\n")
        self.says("curl http://localhost:8081/active-slot", "blue\n")
        self.answers_from("blue")

    def troubleshoot(self):
        code, output, _ = self.yard.run(
            "curl http://localhost:9090/api/v1/targets | jq '.data.activeTargets[] | "
            "select(.labels.job | contains(\"backend\"))' | jq -s 'map(.health)' -c")
        self.assertEqual((code, output), (0, '["up","up"]\n'))
        code, output, _ = self.yard.run(
            "curl http://localhost:8080/metrics | grep http_requests_total")
        self.assertEqual(code, 0)
        self.assertIn('http_requests_total{method="GET",endpoint="/health",status="200"}', output)
        self.says("curl -X POST http://localhost:9090/-/reload", "")
