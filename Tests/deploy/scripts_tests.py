"""The three scripts against a real stack: what passes, and each reason not to, by its own words."""

import re
import unittest

from yard import ROOT, Yard, passing, running_yard

CHECK = "./scripts/check-canary-metrics.sh backend-green backend-blue http://localhost:9090"


class GoodAndBadCanaries(unittest.TestCase):
    """Each with a stack of its own, for a check looks back at all that happened in its window."""

    def traffic(self, yard, ours=60, theirs=60):
        if ours:
            yard.send(ours, slot="green")
            yard.wait_counted("green", ours)
        if theirs:
            yard.send(theirs)
            yard.wait_counted("blue", theirs)

    def passes(self, yard, command=CHECK):
        code, output = passing(lambda: yard.run(command)[:2], lambda: yard.send_in_turn(100))
        self.assertEqual(code, 0, output)
        self.assertTrue(output.endswith("backend-green may be promoted\n"), output)
        return output

    def test_errors_fail(self):
        with running_yard() as yard:
            yard.knobs("green", error_percent=10)
            self.traffic(yard)

            code, output, _ = yard.run(CHECK)

            self.assertEqual(code, 1, output)
            self.assertIn("FAIL error rate: 6 of 60 requests = 10.00 %, less than 5.00 %", output)
            self.assertIn("FAIL error rate against production: 10.00 % against 0.00 %", output)
            self.assertIn("PASS p95 latency", output)
            self.assertIn("backend-green must not be promoted\n", output)
            # The runbook shows this very case.
            shown = re.search(r"```text\n(Canary .*?)```", (ROOT / "docs/runbook.md").read_text(), re.S)[1]
            self.assertEqual(self.form(output), self.form(shown))

    @staticmethod
    def form(output):
        """Without figures, and what depends on the first scrape and on how busy the machine is."""
        steady = output.replace(" since its first request", "")
        steady = re.sub(r"(PASS|FAIL) (p95 latency against)", r"\2", steady)
        return re.sub(r"\d+(\.\d+)?", "N", steady)

    def test_a_burst_of_errors_between_two_scrapes_fails(self):
        """The series of errors is new and does not grow: `rate` alone would not see it."""
        with running_yard() as yard:
            self.traffic(yard)
            yard.knobs("green", error_percent=100)
            yard.send(10, slot="green")
            yard.wait_counted("green", 70)

            code, output, _ = yard.run(CHECK)

            self.assertEqual(code, 1, output)
            self.assertIn("FAIL error rate: 10 of 70 requests = 14.29 %", output)

    def test_latency_fails_and_its_figure_is_that_of_prometheus(self):
        with running_yard() as yard:
            yard.knobs("green", delay_ms=400)
            yard.send_together(60, slot="green")
            yard.wait_counted("green", 60)
            self.traffic(yard, ours=0)

            code, output, _ = yard.run(CHECK)

            self.assertEqual(code, 1, output)
            self.assertRegex(output, r"PASS p95 latency: [01]\.")
            self.assertRegex(output, r"FAIL p95 latency against production: [01]\.")
            self.assertNotIn("FAIL error", output)

            # By number, not by text: 10 > 2, although "10" < "2".
            yard.knobs("green", delay_ms=2_600)
            yard.send_together(20, slot="green")
            yard.wait_counted("green", 80)
            code, output, _ = yard.run(CHECK)
            self.assertEqual(code, 1, output)
            quantile = yard.value(
                "histogram_quantile(0.95, sum by (le) ("
                'rate(http_request_duration_seconds_bucket{job="backend-green"}[2m])))')
            self.assertGreater(quantile, 2)
            self.assertIn(f"FAIL p95 latency: {quantile:.3f} s over 80 requests", output)

    def test_no_traffic_is_too_little(self):
        with running_yard() as yard:
            code, output, _ = yard.run(CHECK)
            self.assertEqual(code, 2, output)
            self.assertIn("NONE traffic of backend-green: ", output)
            self.assertNotIn("may be promoted", output)

            self.traffic(yard, ours=49)
            code, output, _ = yard.run(CHECK)
            self.assertEqual(code, 2, output)
            self.assertIn("NONE traffic of backend-green: 49 requests, 50 are needed", output)

            yard.send(1, slot="green")
            yard.wait_counted("green", 50)
            code, output, _ = yard.run(CHECK, CHECK_MIN_REQUESTS="59")
            self.assertEqual(code, 2, output)
            self.passes(yard)

    def test_production_without_traffic_is_nothing_to_compare_with(self):
        with running_yard() as yard:
            self.traffic(yard, theirs=0)

            code, output, _ = yard.run(CHECK)
            self.assertEqual(code, 2, output)
            self.assertIn("NONE traffic of backend-blue: ", output)

            code, output, _ = yard.run(CHECK, CHECK_PRODUCTION="no")
            self.assertEqual(code, 0, output)
            self.assertIn("SKIP production: not compared, as asked for", output)

    @staticmethod
    def outage(yard):
        for value in (0, 1):
            yard.knobs("green", healthy=bool(value))
            yard.wait(f"up is {value}", lambda: yard.value('up{job="backend-green"}') == value)

    def test_a_canary_that_was_down_fails(self):
        with running_yard() as yard:
            self.traffic(yard)
            self.outage(yard)
            # What it counted before must not be taken for new.
            code, output, _ = yard.run(CHECK)

            self.assertEqual(code, 1, output)
            self.assertRegex(output, r"FAIL availability of backend-green: up in \d+ of \d+ scrapes")
            self.assertIn("PASS error rate: 0 of 60 requests", output)


    def test_one_outage_before_any_request_is_a_deployment_and_two_are_not(self):
        with running_yard() as yard:
            self.outage(yard)
            self.traffic(yard)
            self.assertIn(" before, as in a deployment\n", self.passes(yard))

        with running_yard() as yard:
            self.outage(yard)
            self.outage(yard)
            self.traffic(yard)
            code, output, _ = yard.run(CHECK)
            self.assertEqual(code, 1, output)
            self.assertRegex(output, r"FAIL availability of backend-green: up in (\d+) of \1 scrapes since its"
                             " first request; all are needed; down 2 times before")
            self.assertIn("PASS error rate: 0 of 60 requests", output)


class UnknownIsNotGood(unittest.TestCase):
    """What the scripts do where they cannot know."""

    @classmethod
    def setUpClass(cls):
        cls.yard = Yard()
        cls.addClassCleanup(cls.yard.stop)
        cls.yard.start()

    def fails(self, command, expected, code, **environment):
        done, output, complaints = self.yard.run(command, **environment)
        self.assertEqual(done, code, output + complaints)
        self.assertIn(expected, complaints)
        return output

    def test_a_wrong_selector(self):
        for command in (CHECK.replace("backend-green", "backend-gren"),
                        CHECK.replace("backend-blue", "backend-bleu")):
            output = self.fails(command, "Prometheus has no job \"backend-", 2)
            self.assertEqual(output, "")

    def test_arguments(self):
        usage = "usage: check-canary-metrics.sh CANARY PRODUCTION PROMETHEUS_URL"
        self.fails("./scripts/check-canary-metrics.sh backend-green", usage, 64)
        self.fails(CHECK.replace("backend-green", "'a\"} or vector(1) #'"), "is no name of a job", 64)
        self.fails(CHECK, '"ten" is no whole number', 64, CHECK_MIN_REQUESTS="ten")
        self.fails(CHECK, "is yes or no", 64, CHECK_PRODUCTION="maybe")
        self.fails("./scripts/switch-traffic.sh", "usage: switch-traffic.sh SLOT", 64)
        self.fails("./scripts/switch-traffic.sh 'green\"'", "is no name of a slot", 64)
        self.fails("./scripts/get-inactive-slot.sh x", "usage: get-inactive-slot.sh", 64)

    def test_no_prometheus(self):
        self.fails("./scripts/check-canary-metrics.sh backend-green backend-blue http://127.0.0.1:1",
                   "Prometheus does not answer at http://127.0.0.1:1", 69)
        # Something else answers there.
        self.fails(CHECK.replace("9090", "8080"), "is no Prometheus", 69)

    def test_an_unreachable_admin_port_prints_no_slot(self):
        nowhere = {"SWITCHYARD_ADMIN": "http://127.0.0.1:1"}
        output = self.fails("./scripts/get-inactive-slot.sh", "deploy nowhere", 69, **nowhere)
        self.assertEqual(output, "")
        self.fails("./scripts/switch-traffic.sh green", "does not answer", 69, **nowhere)
        # Something else answers there: a page, and no name of a slot.
        elsewhere = {"SWITCHYARD_ADMIN": self.yard.url("backend")}
        output = self.fails("./scripts/get-inactive-slot.sh", "deploy nowhere", 1, **elsewhere)
        self.assertEqual(output, "")

    def test_a_switch_to_no_slot_and_to_an_unhealthy_one_is_refused(self):
        self.fails("./scripts/switch-traffic.sh red", "refused with 404: there is no slot", 1)
        self.yard.knobs("green", healthy=False)
        self.yard.wait("green is down", lambda: self.yard.value('up{job="backend-green"}') == 0)
        self.fails("./scripts/switch-traffic.sh green", "refused with 409: the slot green is not healthy", 1)
        self.assertEqual(self.yard.run("curl -s http://localhost:8081/active-slot")[1], "blue\n")
        self.yard.knobs("green", healthy=True)


class Tokens(unittest.TestCase):
    """The admin port as it is between containers: with a token for each role."""

    def test_who_needs_a_token(self):
        with running_yard(read_token="look") as yard:
            # Prometheus scrapes with the read token: `running_yard` has waited for every job.
            code, output, complaints = yard.run("./scripts/get-inactive-slot.sh")
            self.assertEqual((code, output), (1, ""))
            self.assertIn("answers 401", complaints)
            for token in ("look", "switch-look"):
                done = yard.run("./scripts/get-inactive-slot.sh", SWITCHYARD_TOKEN=token)
                self.assertEqual(done[:2], (0, "green\n"))
            done = yard.run("./scripts/get-inactive-slot.sh",
                            SWITCHYARD_TOKEN_FILE=str(yard.stack.folder / "read-token"))
            self.assertEqual(done[:2], (0, "green\n"))
            code, _, complaints = yard.run("./scripts/switch-traffic.sh green", SWITCHYARD_TOKEN="look")
            self.assertEqual(code, 1)
            self.assertIn("refused with 403: this token may only read", complaints)
            code, output, _ = yard.run("./scripts/switch-traffic.sh green",
                                       SWITCHYARD_TOKEN="switch-look", SWITCH_REASON='a "reason"')
            self.assertEqual(code, 0, output)
            code, output, _ = yard.run(f"{yard.stack.program} history --json",
                                       SWITCHYARD_TOKEN="look")
            self.assertIn('"a \\"reason\\""', output)
