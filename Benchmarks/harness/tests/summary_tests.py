import unittest
import xml.dom.minidom

from harness import chart, report, summary, syscalls, tables


def figures(rate, cpu):
    return {
        "requests_per_second": rate, "cpu_us_per_request": cpu, "user_seconds": 0.4,
        "system_seconds": 0.5, "seconds": 1.0, "failed": 0, "resident_bytes": 9 << 20,
        "p50_us": 100.0, "p99_us": 1_000.0, "p999_us": 4_000.0,
    }


def document():
    measured = {
        "nginx": {"closed": [figures(100, 40), figures(100, 50)], "fixed": [figures(40, 60)]},
        "switchyard": {"closed": [figures(150, 20), figures(160, 30)], "fixed": [figures(40, 30)]},
    }
    return {
        "machine": {
            "processor": "A <fast> one", "cores": 2, "memory_bytes": 1 << 34, "kernel": "6.1",
            "system": "Debian", "commit": "abc", "date": "today",
        },
        "versions": {"nginx": "1.22.1", "switchyard": "0.1.0"},
        "settings": {"rounds": 2, "seconds": 1.0},
        "workloads": [{
            "name": "get", "title": "GET 1 KiB & more", "aim": 0.65, "fixed_rate": 40,
            "rounds": measured, "summary": summary.of_workload(measured),
        }],
    }


class SummaryTests(unittest.TestCase):
    def test_ratios_are_taken_within_a_round(self):
        ratio = document()["workloads"][0]["summary"]["switchyard"]["cpu_ratio"]["nginx"]

        self.assertEqual((ratio["min"], ratio["max"]), (0.5, 0.6))
        self.assertAlmostEqual(ratio["median"], 0.55)

    def test_every_row_of_the_table_has_every_column(self):
        rows = tables.comparison(document())

        self.assertEqual({len(row) for row in rows}, {len(tables.HEAD)})
        self.assertIn("0.55 (0.50–0.60)", tables.text(rows))

    def test_the_chart_is_xml_whatever_the_names_hold(self):
        drawing = chart.draw(document())

        self.assertIn("GET 1 KiB &amp; more", drawing)
        self.assertEqual(xml.dom.minidom.parseString(drawing).documentElement.tagName, "svg")

    def test_a_report_replaces_only_what_stands_between_the_markers(self):
        page = f"before\n{report.START}\nold\n{report.END}\nafter\n"

        written = report.between_markers(page, report.full(document()))

        self.assertTrue(written.startswith("before\n") and written.endswith("\nafter\n"))
        self.assertNotIn("\nold\n", written)
        self.assertIn("| **switchyard** |", written)

    def test_system_calls_are_read_with_and_without_errors(self):
        table = (
            "% time     seconds  usecs/call     calls    errors syscall\n"
            "------ ----------- ----------- --------- --------- ----------------\n"
            " 60.00    0.600000          10     20000         3 recvfrom\n"
            " 40.00    0.400000          20     10000           writev\n"
            "------ ----------- ----------- --------- --------- ----------------\n"
            "100.00    1.000000          33     30000         3 total\n"
        )

        self.assertEqual(syscalls.parse(table), {"recvfrom": 20_000, "writev": 10_000})
