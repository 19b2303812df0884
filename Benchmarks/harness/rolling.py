"""How often rollouts as a whole raise a false alarm: every step, every look, and the watch."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import judging, paths, results, tables
from .processes import Failed

MARKS = ("<!-- rollouts:start -->", "<!-- rollouts:end -->")
# What has not passed its steps by then stays open.
SECONDS = 1_200
SEED = 20261129
COUNTS = ("rollouts", "promoted", "alarmed", "open", "looks")


def simulate(scenario, rollouts, parts):
    """One scenario, cut into parts that run side by side with seeds of their own."""
    # The remainder goes to the first parts, so that no rollout is lost.
    shares = [rollouts // parts + (part < rollouts % parts) for part in range(parts)]
    with ThreadPoolExecutor(parts) as pool:
        lines = pool.map(
            lambda part: subprocess.run(
                [paths.SIMULATION, "whole", str(scenario), str(shares[part]), str(SECONDS),
                 str(SEED + part)],
                capture_output=True, text=True, check=True,
            ).stdout,
            range(parts),
        )
        found = [json.loads(line) for line in lines]
    whole = {key: found[0][key] for key in ("scenario", "good")}
    return whole | {key: sum(part[key] for part in found) for key in COUNTS}


def rows(figures):
    head = ["both slots", "rollouts", "looks", "bad window", "promoted", "open after 20 min"]
    share = lambda one, key: f"{100 * one[key] / one['rollouts']:.2f} %"
    return [head] + [
        [
            one["scenario"] if one["good"] else f"canary with {one['scenario']}",
            f"{one['rollouts']:,}", f"{one['looks']:,}",
            share(one, "alarmed"), share(one, "promoted"), share(one, "open"),
        ]
        for one in figures
    ]


def write(figures):
    text = judging.DOCUMENT.read_text()
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    table = judging.markdown(rows(figures))
    judging.DOCUMENT.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}")


def broken(figures):
    """Promises that the figures do not keep, as sentences."""
    found = []
    for one in figures:
        wrong = one["alarmed"] if one["good"] else one["promoted"]
        if wrong > judging.PROMISE * one["rollouts"]:
            found.append(f"{one['scenario']}: {wrong} of {one['rollouts']} were judged wrongly")
    return found


def run(rollouts):
    names = subprocess.run(
        [paths.SIMULATION, "whole"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    parts = os.cpu_count() or 1
    figures = [
        simulate(scenario, rollouts if name.startswith("same") else max(1, rollouts // 5), parts)
        for scenario, name in enumerate(names)
    ]
    print(tables.text(rows(figures)))
    results.save("rollouts", figures)
    write(figures)
    found = broken(figures)
    if found:
        raise Failed("\n".join(found))
    return 0
