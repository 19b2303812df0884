import unittest

from harness import instructions
from harness.callgrind import Profile

DUMP = """\
events: Ir
fl=(1) loop.swift
fn=(1) serve
16 40
+2 5
cfi=(2) memory.c
cfn=(2) malloc
calls=3 10
+1 300
* 7

fn=(2)
10 270
cfn=(3) swift_retain
calls=2 0
0 30

fn=(3)
0 30
totals: 352
"""


class CallgrindTests(unittest.TestCase):
    def test_own_cost_leaves_out_the_cost_of_calls(self):
        profile = Profile(DUMP.splitlines(keepends=True))

        self.assertEqual(profile.own, {"serve": 52, "malloc": 270, "swift_retain": 30})
        self.assertEqual(profile.instructions, 352)
        self.assertEqual(sum(profile.own.values()), profile.instructions)

    def test_calls_are_counted_by_the_name_of_what_is_called(self):
        profile = Profile(DUMP.splitlines())

        self.assertEqual(profile.calls_named(["malloc", "calloc"]), 3)
        self.assertEqual(profile.calls_of(["swift_retain"]), 2)
        self.assertEqual(profile.edges["serve", "malloc"], 3)

    def test_per_request_is_the_difference_of_the_runs(self):
        single = Profile(DUMP.splitlines())
        double = Profile(DUMP.replace("totals: 352", "totals: 1352").splitlines())

        self.assertEqual(instructions.per_request(single, double, 100)["instructions"], 10)


class GateTests(unittest.TestCase):
    NAME = "get-1k-keepalive-c64"

    def verdicts(self, count, baseline, allocations=0.0):
        counted = {"instructions": count, "allocations": allocations}
        known = {self.NAME: {"instructions": baseline}} if baseline else {}
        return instructions.verdicts(self.NAME, counted, known)

    def test_a_count_within_three_percent_of_the_baseline_passes(self):
        self.assertEqual(self.verdicts(5_140, 5_000), [])
        self.assertEqual(len(self.verdicts(5_160, 5_000)), 1)

    def test_the_limit_holds_whatever_the_baseline_says(self):
        self.assertEqual(len(self.verdicts(8_001, 9_000)), 1)

    def test_without_a_baseline_nothing_passes(self):
        self.assertEqual(len(self.verdicts(5_000, None)), 1)

    def test_one_allocation_in_ten_requests_does_not_pass(self):
        self.assertEqual(len(self.verdicts(5_000, 5_000, allocations=0.1)), 1)


class JudgeTests(unittest.TestCase):
    def test_the_judge_may_take_two_percent(self):
        self.assertEqual(instructions.judge_verdicts("get", 1_020, 1_000), [])
        self.assertEqual(len(instructions.judge_verdicts("get", 1_021, 1_000)), 1)

    def test_a_judge_that_takes_nothing_was_not_measured(self):
        self.assertEqual(len(instructions.judge_verdicts("get", 1_000, 1_000)), 1)


if __name__ == "__main__":
    unittest.main()
