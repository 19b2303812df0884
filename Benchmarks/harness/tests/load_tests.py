"""Origin, generator and proxies, live on loopback, with as few requests as show that they work."""

import http.client
import subprocess
import unittest

from harness import contestants, load, paths, workloads
from harness.tests.recorder import Recorder

PATHS = {
    "/0": 0, "/1k": 1 << 10, "/64k": 64 << 10, "/64k-chunked": 64 << 10, "/1m": 1 << 20,
    "/100m": 100 << 20,
}
# Bodies repeat this; a block of 1 MiB begins anew.
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
BLOCK = 1 << 20


def expected(size):
    block = (ALPHABET * (BLOCK // len(ALPHABET) + 1))[:BLOCK]
    return (block * (size // BLOCK + 1))[:size]


def body(port, method, path, content=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body=content)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class LoadTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = load.origin()
        cls.port = cls.origin.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.origin.__exit__(None, None, None)

    def test_the_origin_answers_with_the_body_that_the_path_names(self):
        for path, size in PATHS.items():
            with self.subTest(path):
                self.assertEqual(body(self.port, "GET", path), (200, expected(size)))

    def test_the_origin_reads_a_body_to_its_end_and_refuses_what_it_does_not_know(self):
        self.assertEqual(body(self.port, "POST", "/upload", b"x" * 300_000), (200, b""))
        self.assertEqual(body(self.port, "GET", "/unknown")[0], 404)

    def test_every_workload_gets_every_answer(self):
        for workload in workloads.WORKLOADS:
            with self.subTest(workload.name):
                requests = 8 if workload.path == "/100m" else 600
                figures = load.measure(
                    self.port, [*workload.load(), "--requests", str(requests)]
                )
                self.assertEqual((figures["requests"], figures["failed"]), (requests, 0))
                self.assertGreater(figures["p50_us"], 0)

    def test_a_fixed_rate_sends_as_many_as_are_due(self):
        figures = load.measure(
            self.port, ["--connections", "8", "--rate", "500"], seconds=0.4, warm_up=0.1
        )

        self.assertAlmostEqual(figures["scheduled"], 200, delta=5)
        self.assertEqual(figures["requests"], figures["scheduled"])

    def test_what_waits_for_a_connection_counts_from_when_it_was_due(self):
        # One connection carries answers of 100 MiB one by one, so later requests have to wait.
        figures = load.measure(
            self.port, ["--path", "/100m", "--connections", "1", "--rate", "200"],
            seconds=0.3, warm_up=0.0,
        )

        self.assertGreater(figures["max_us"], 100_000)

    def test_an_error_is_no_answer(self):
        result = subprocess.run(
            [str(paths.GENERATOR), "--port", str(self.port), "--path", "/unknown",
             "--requests", "5", "--connections", "1"],
            capture_output=True, text=True, timeout=20,
        )

        self.assertIn('"requests": 0, ', result.stdout)
        self.assertIn("404", result.stdout)

    def test_held_connections_are_served_once_and_stay(self):
        holder = subprocess.Popen(
            [str(paths.GENERATOR), "--port", str(self.port), "--hold", "64",
             "--connections", "100"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

        output, _ = holder.communicate("\n\n", timeout=20)

        self.assertEqual(output, '{"connected": 100}\n{"served": 100}\n')

    def test_wrong_usage_is_refused_with_a_sentence(self):
        result = subprocess.run(
            [str(paths.GENERATOR), "--rate", "fast"], capture_output=True, text=True, timeout=20
        )

        self.assertEqual(result.returncode, 1)
        self.assertIn("--rate wants a number in", result.stderr)


class ContestantTests(unittest.TestCase):
    def test_every_contestant_relays_every_body(self):
        for proxy in contestants.present():
            with load.origin() as origin, proxy.start(origin) as running:
                for path, size in PATHS.items():
                    with self.subTest(proxy=proxy.name, path=path):
                        self.assertEqual(body(running.port, "GET", path), (200, expected(size)))
                with self.subTest(proxy=proxy.name, path="POST"):
                    posted = body(running.port, "POST", "/upload", b"x" * (64 << 10))
                    self.assertEqual(posted, (200, b""))

    def test_every_contestant_sends_the_same_fields_on(self):
        for proxy in contestants.present():
            with self.subTest(proxy.name), Recorder() as recorder:
                with proxy.start(recorder.port) as running:
                    self.assertEqual(body(running.port, "GET", "/recorded")[0], 200)
                fields = recorder.fields("/recorded")
                self.assertEqual(fields["x-forwarded-for"], "127.0.0.1")
                self.assertEqual(fields["x-forwarded-proto"], "http")
                self.assertEqual(fields["x-forwarded-host"], f"127.0.0.1:{running.port}")
                self.assertGreaterEqual(len(fields["x-request-id"]), 16)
                self.assertNotIn("close", fields.get("connection", ""))
