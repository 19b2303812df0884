"""The way from nginx: nobody notices, and what the document tells to write is taken."""

import json
import os
import re
import subprocess
import sys
import unittest

from yard import ROOT

DOCUMENT = ROOT / "docs/migrate-from-nginx.md"


class Migration(unittest.TestCase):
    def test_nobody_notices_when_switchyard_takes_the_ports_of_nginx(self):
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        done = subprocess.run(
            ["unshare", "--net", "--mount", *user, sys.executable, "-B", "crossing.py"],
            cwd=ROOT / "Tests/deploy", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=400, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        report = json.loads(done.stdout)

        self.assertEqual(report["failures"], [])
        # What was half sent through the first nginx was answered by it after it was told to go.
        self.assertEqual(report["finished"], [200, "nginx"])
        self.assertEqual(report["left"], [0, 0])
        self.assertEqual(report["active"], "green\n")
        # No rule of ours is left behind.
        self.assertEqual(len(report["rules"]), 2, report["rules"])
        for server in ("nginx", "switchyard"):
            for port in (80, 8080):
                self.assertGreater(report["seen"][f"{port} {server}"], 40)
