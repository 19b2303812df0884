"""Runs the harness's own tests: pure parts, origin, generator and contestants under tiny loads."""

import unittest
from pathlib import Path


def run():
    folder = Path(__file__).resolve().parent
    suite = unittest.defaultTestLoader.discover(
        str(folder / "tests"), pattern="*_tests.py", top_level_dir=str(folder.parent)
    )
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1
