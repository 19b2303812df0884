"""The walk through local testing that users know: start, check, validate, switch, roll back.

The commands are theirs, word for word, but for those that need Docker.
"""

import json
import unittest

from yard import running_yard


class Walk(unittest.TestCase):
    """One walk; each step stands on the one before."""

    def test_the_walk(self):
        with running_yard() as self.yard:
            self.start_with_blue()
            self.validate_green()
            self.switch_to_green()
            self.roll_back()
            self.troubleshoot()

    def says(self, command, expected):
        code, output, complaints = self.yard.run(command)
        self.assertEqual(code, 0, f"{command}: {output}{complaints}")
        self.assertEqual(output, expected, command)

    def answers_from(self, slot):
        code, output, _ = self.yard.run("curl http://localhost:8080/health")
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(output)["slot"], slot)

    def start_with_blue(self):
        self.says("curl http://localhost:8081/active-slot", "blue\n")
        self.answers_from("blue")

    def validate_green(self):
        self.assertEqual(self.yard.run("./scripts/get-inactive-slot.sh")[:2], (0, "green\n"))
        # Instead of `docker exec llm-nginx curl -sf http://backend-green:8000/health`: a preview, which
        # switchyard counts; and as much for blue, to compare with.
        code, _, complaints = self.yard.run(
            "for i in {1..50}; do\n"
            "  curl -sf -H 'X-Slot: green' http://localhost:8080/health > /dev/null\n"
            "  curl -sf http://localhost:8080/health > /dev/null\n"
            "done")
        self.assertEqual(code, 0, complaints)
        # Instead of `sleep 20`: until it is so.
        self.yard.wait_counted("green", 50)
        self.yard.wait_counted("blue", 51)
        code, output, complaints = self.yard.run(
            "chmod +x scripts/check-canary-metrics.sh\n"
            "./scripts/check-canary-metrics.sh backend-green backend-blue http://localhost:9090")
        self.assertEqual(code, 0, output + complaints)
        self.assertIn("PASS error rate: 0 of 50 requests = 0.00 %, less than 5.00 %", output)
        self.assertIn("with 95 % confidence at most 5.82 %", output)
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
