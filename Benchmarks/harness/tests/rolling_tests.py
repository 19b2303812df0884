import unittest

from harness import rolling


def figures(good, **counts):
    return {
        "scenario": "same version" if good else "10 % errors", "good": good, "rollouts": 1_000,
        "promoted": 1_000 if good else 0, "alarmed": 0, "open": 0, "looks": 480_000,
    } | counts


class RollingTests(unittest.TestCase):
    def test_one_in_a_hundred_good_rollouts_may_be_disturbed(self):
        self.assertEqual(rolling.broken([figures(True, alarmed=10), figures(False)]), [])
        self.assertEqual(len(rolling.broken([figures(True, alarmed=11)])), 1)

    def test_and_one_in_a_hundred_bad_ones_promoted(self):
        self.assertEqual(rolling.broken([figures(False, alarmed=1_000, promoted=10)]), [])
        self.assertEqual(len(rolling.broken([figures(False, promoted=11)])), 1)

    def test_the_table_has_a_row_for_each(self):
        table = rolling.rows([figures(True, alarmed=1), figures(False, alarmed=1_000)])

        self.assertEqual(
            table[1:],
            [
                ["same version", "1,000", "480,000", "0.10 %", "100.00 %", "0.00 %"],
                ["canary with 10 % errors", "1,000", "480,000", "100.00 %", "0.00 %", "0.00 %"],
            ],
        )
