"""run.py [NAME...]: every test in a process of its own, a few at a time; prints what failed.

Nearly all of their time is waiting for a scrape or an alert, so that they need not wait in turn.
"""

import concurrent.futures
import pathlib
import subprocess
import sys
import time
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
AT_A_TIME = 6
# Classes that start one stack for all of their tests stay together.
SHARED = "setUpClass"
TEST_LIMIT_SECONDS = 900


def names(suite):
    """What to run: a test, or a class whose tests share what it sets up."""
    found = []
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            found += names(test)
        else:
            together = SHARED in vars(type(test))
            found.append(test.id().rpartition(".")[0] if together else test.id())
    return list(dict.fromkeys(found))


def run(name):
    started = time.monotonic()
    try:
        done = subprocess.run([sys.executable, "-B", "-m", "unittest", name], cwd=FOLDER,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TEST_LIMIT_SECONDS, check=False)
        code, output = done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as expired:
        code, output = 1, (expired.stdout or b"").decode("utf-8", "replace") + "\ntook too long"
    return name, code, output, time.monotonic() - started


def main():
    sys.path.insert(0, str(FOLDER))
    loader = unittest.TestLoader()
    wanted = sys.argv[1:]
    suite = (loader.loadTestsFromNames(wanted) if wanted
             else loader.discover(str(FOLDER), pattern="*_tests.py"))
    if loader.errors:
        print("\n".join(loader.errors), file=sys.stderr)
        return 1
    # Backwards, for what is quick begins with the first letters of the alphabet and fills the gaps.
    found, failed, started = names(suite)[::-1], 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        for name, code, output, took in pool.map(run, found):
            failed += code != 0
            print(f"{'ok' if code == 0 else 'FAILED'} {name} ({took:.0f} s)")
            if code != 0:
                print(output)
    print(f"{len(found)} tests of the deployment in {time.monotonic() - started:.0f} s, {failed} failed")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
