"""What Prometheus makes of a stack with traffic: every query and every alert that users rely on."""

import json
import math
import re
import unittest

from yard import ROOT, Yard, running_yard

BACKENDS = {"backend-blue", "backend-green"}
# The queries of the setup that switchyard stands in for, word for word, and which jobs have a sample
# for each. They have no sum: Prometheus matches label by label.
KNOWN_QUERIES = [
    ('rate(http_requests_total{status=~"5.."}[2m]) / rate(http_requests_total[2m])',
     {"backend-green", "switchyard"}),
    ("histogram_quantile(0.95, rate(http_request_duration_seconds_bucket[2m]))",
     BACKENDS | {"frontend-blue", "frontend-green", "switchyard"}),
    ('rate(http_requests_total{job=~"backend-blue|backend-green"}[5m])', BACKENDS),
    ('rate(http_requests_total{job=~"backend-blue|backend-green",status=~"5.."}[5m])\n'
     '/ rate(http_requests_total{job=~"backend-blue|backend-green"}[5m])\n'
     "* 100", {"backend-green"}),
    ("histogram_quantile(0.95,\n"
     '  rate(http_request_duration_seconds_bucket{job=~"backend-blue|backend-green"}[5m])\n'
     ")", BACKENDS),
    ('up{job=~"backend-blue|backend-green"}', BACKENDS),
]


class Queries(unittest.TestCase):
    """A stack in which both slots answered, green with errors, and traffic was switched."""

    @classmethod
    def setUpClass(cls):
        cls.yard = Yard()
        cls.addClassCleanup(cls.yard.stop)
        cls.yard.start()
        cls.yard.knobs("green", error_percent=20)
        for rounds in (1, 2):
            # Twice with a whole scrape between, for a rate takes two samples of each series.
            cls.yard.send(40)
            cls.yard.send(40, slot="green")
            cls.yard.send(10, path="/", service="frontend")
            cls.yard.wait_counted("blue", 40 * rounds)
            cls.yard.wait_counted("green", 40 * rounds)
            cls.yard.wait_counted("blue", 10 * rounds, service="frontend")
            everything = f'sum(http_requests_total{{job="switchyard"}}) >= {90 * rounds}'
            cls.yard.wait("all of it is scraped", lambda asked=everything: cls.yard.vector(asked))
        cls.yard.run("./scripts/switch-traffic.sh green && ./scripts/switch-traffic.sh blue")
        cls.yard.run(f"{cls.yard.stack.program} canary set 10")
        cls.yard.send(200)
        cls.yard.wait("the change is scraped", lambda: cls.yard.value(
            'slot_generation{job="switchyard"}') == 4)
        cls.yard.wait("the rules know the traffic", lambda: cls.yard.vector(
            'slot:http_error_ratio:rate2m{slot="green"} > 0'))

    def test_the_known_queries_work_word_for_word(self):
        for query, jobs in KNOWN_QUERIES:
            with self.subTest(query):
                samples = self.yard.vector(query)
                self.assertEqual({labels["job"] for labels, _ in samples}, jobs)
                self.assertTrue(any(math.isfinite(value) for _, value in samples))

    def test_errors_are_a_share_once_they_are_summed(self):
        """Label by label the share is 1 whatever happened; the rules tell the truth."""
        matched = self.yard.vector(KNOWN_QUERIES[0][0])
        self.assertEqual({value for _, value in matched}, {1.0})

        share = self.yard.value('slot:http_error_ratio:rate2m{slot="green",service="backend"}')
        self.assertGreater(share, 0.1)
        self.assertLess(share, 0.3)
        self.assertEqual(
            self.yard.value('slot:http_error_ratio:rate2m{slot="blue",service="backend"}'), 0)

    def test_every_question_of_the_dashboard_has_an_answer(self):
        page = json.loads((ROOT / "deploy/grafana/dashboards/blue-green.json").read_text())
        asked = [(panel["title"], target["expr"]) for panel in page["panels"]
                 for target in panel["targets"]]
        asked += [(note["name"], note["expr"]) for note in page["annotations"]["list"]]
        self.assertGreater(len(asked), 12)
        for title, query in asked:
            with self.subTest(title):
                samples = self.yard.vector(query)
                self.assertTrue(samples, f"{query} has no answer")
                self.assertTrue(any(math.isfinite(value) for _, value in samples), query)

    def test_a_legend_names_labels_that_there_are(self):
        page = json.loads((ROOT / "deploy/grafana/dashboards/blue-green.json").read_text())
        for panel in page["panels"]:
            for target in panel["targets"]:
                named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
                for labels, _ in self.yard.vector(target["expr"]):
                    self.assertLessEqual(named, set(labels), target["expr"])

    def test_every_rule_is_evaluated_without_a_complaint(self):
        rules = [rule for group in self.yard.ask("rules")["groups"] for rule in group["rules"]]
        self.assertGreaterEqual(len(rules), 15)
        for rule in rules:
            with self.subTest(rule["name"]):
                self.assertEqual((rule["health"], rule.get("lastError", "")), ("ok", ""))
                if rule["type"] == "recording":
                    self.assertTrue(self.yard.vector(rule["name"]), "nothing is recorded")

    def test_every_metric_in_a_rule_is_one_that_is_scraped(self):
        """A misspelt metric would be an alert that can never fire."""
        names = set(self.yard.ask("label/__name__/values"))
        for group in self.yard.ask("rules")["groups"]:
            for rule in group["rules"]:
                bare = re.sub(r"\b(by|on|group_left|group_right|ignoring) \([^)]*\)", "", rule["query"])
                bare = re.sub(r'"[^"]*"', "", bare)
                for name in re.findall(r"\b([a-z_:0-9]+)(?=[{\[])", bare):
                    self.assertIn(name, names, rule["query"])

    def test_the_configured_and_the_actual_split(self):
        weights = {labels["slot"]: value for labels, value
                   in self.yard.vector('slot_weight{job="switchyard"}')}
        self.assertEqual(weights, {"blue": 0.9, "green": 0.1})
        self.assertAlmostEqual(self.yard.value("sum(slot:traffic_share:ratio2m)"), 1)


class Alerts(unittest.TestCase):
    """Alerts that fire and are resolved, with the shipped rules and their own waiting times."""

    def test_errors_of_the_live_slot_and_a_slot_that_is_down(self):
        with running_yard() as yard:
            self.assertEqual(yard.firing(), set())
            # Errors of blue; what is down is green. A Prometheus that has just started knows of no
            # growth before the second scrape of a series.
            yard.knobs("blue", error_percent=50)
            for total in (60, 120, 180):
                yard.send(60)
                yard.wait_counted("blue", total)
            yard.knobs("blue", error_percent=0)
            yard.knobs("green", healthy=False)
            yard.wait("green is down", lambda: yard.value('up{job="backend-green"}') == 0)
            self.assertEqual(yard.value('up{job="backend-blue"}'), 1)
            self.assertEqual(yard.value('up{job="frontend-green"}'), 1)

            expected = {("SlotErrorRateHigh", "blue"), ("SlotDown", "backend-green"),
                        ("SlotWithoutHealthyEndpoint", "green")}
            yard.wait(f"{expected} fire", lambda: expected <= yard.firing())
            self.assertEqual(yard.firing(), expected)

            yard.knobs("green", healthy=True)
            yard.send(1_500)
            yard.wait("nothing fires any more", lambda: not yard.firing())

    def test_the_live_slot_without_an_endpoint_and_no_switchyard_at_all(self):
        with running_yard() as yard:
            yard.knobs("blue", healthy=False)
            alone = ("ActiveSlotWithoutHealthyEndpoint", "blue")
            yard.wait("it fires at once", lambda: alone in yard.firing())
            yard.knobs("blue", healthy=True)
            yard.wait("it is resolved", lambda: alone not in yard.firing())

            code = yard.stack.end("switchyard")
            self.assertEqual(code, 0)
            yard.wait("every job is down", lambda: len(yard.vector("up == 0")) == 5)
            yard.wait("it fires", lambda: ("SwitchyardDown", "switchyard") in yard.firing())
            yard.stack.launch_proxy()
            yard.wait("nothing fires any more", lambda: not yard.firing())


class ImpatientAlerts(unittest.TestCase):
    """Alerts that fire and are resolved, with the shipped expressions.

    Only their waiting is shortened, to more than the one scrape that a busy machine may miss.
    """

    def test_a_canary_with_errors_and_delay_that_nobody_promotes(self):
        with running_yard(patience="5s", changes={"canary": {"percent": 10, "sticky": None}}) as yard:
            # It has been a canary since before Prometheus looked.
            forgotten = ("CanaryNobodyPromotes", "green")
            yard.wait(f"{forgotten} fires", lambda: forgotten in yard.firing())
            self.assertEqual(yard.firing(), {forgotten})

            yard.knobs("green", error_percent=20, delay_ms=2_600)
            expected = {forgotten, ("SlotLatencyHigh", "green"), ("SlotErrorRateHigh", "green"),
                        ("CanaryErrorRateAboveProduction", "green"),
                        ("CanaryLatencyAboveProduction", "green")}

            def fires():
                yard.send_together(40, slot="green")
                yard.send(40, slot="blue")
                return expected <= yard.firing()
            yard.wait(f"{expected} fire", fires)
            self.assertEqual(yard.firing(), expected)

            # Somebody changes it, and that is enough for an hour.
            yard.knobs("green", error_percent=0, delay_ms=0)
            self.assertEqual(yard.run(f"{yard.stack.program} canary set 20")[0], 0)
            yard.wait("it is no longer forgotten", lambda: forgotten not in yard.firing())

            def resolved():
                yard.send_in_turn(300)
                return not yard.firing()
            yard.wait("nothing fires any more", resolved)

    def test_the_live_slot_is_slow(self):
        with running_yard(patience="5s") as yard:
            yard.knobs("blue", delay_ms=2_600)

            def fires():
                yard.send_together(40)
                return yard.firing()
            yard.wait("it fires", fires)
            self.assertEqual(yard.firing(), {("SlotLatencyHigh", "blue")})

            yard.knobs("blue", delay_ms=0)

            def resolved():
                yard.send(500)
                return not yard.firing()
            yard.wait("nothing fires any more", resolved)

    def test_a_rollout_that_waits_for_a_person_or_a_verdict(self):
        plan = {"steps": [{"percent": 5, "approve": True, "requests": 1_000_000}],
                "deadline": "1s", "promotion": "automatic"}
        with running_yard(patience="5s", changes={"rollout": plan}) as yard:
            program = yard.stack.program
            self.assertEqual(yard.run(f"{program} rollout start green")[0], 0)
            # Nobody approves: before the first share, and beyond the deadline that this does not count for.
            self.stuck(yard, "person")
            self.assertEqual(yard.value('slot_weight{job="switchyard",slot="green"}'), 0)
            self.assertEqual(yard.value('rollout_overdue{job="switchyard"}'), 0)

            self.assertEqual(yard.run(f"{program} rollout promote")[0], 0)
            # It has its share, too few requests, and no more time.
            self.stuck(yard, "verdict")

            self.assertEqual(yard.run(f"{program} rollout pause")[0], 0)
            self.stuck(yard, "person", "verdict")

            self.assertEqual(yard.run(f"{program} rollout abort")[0], 0)
            yard.wait("nothing fires any more", lambda: not yard.firing())

    @staticmethod
    def stuck(yard, *expected):
        def waiting():
            return {alert["labels"]["waits_for"] for alert in yard.ask("alerts")["alerts"]
                    if alert["labels"]["alertname"] == "RolloutStuck" and alert["state"] == "firing"}
        yard.wait(f"it waits for {expected}", lambda: waiting() == set(expected))
