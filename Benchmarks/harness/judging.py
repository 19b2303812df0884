"""How well the judge judges: many simulated rollouts, beside a script and a plain threshold."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import paths, results, tables
from .processes import Failed

JUDGES = {"switchyard": "switchyard", "script": "seed's script", "threshold": "plain threshold"}
FIGURE = paths.ROOT / "docs" / "figures" / "judge.svg"
DOCUMENT = paths.ROOT / "docs" / "judge.md"
MARKS = ("<!-- judge:start -->", "<!-- judge:end -->")
SECONDS = 60
SEED = 20261128
# A rollout in which nothing is wrong has to be left alone 99 times of 100, and one in which
# something is has to be caught as often.
PROMISE = 0.01


def simulate(scenario, rollouts, parts):
    """One scenario, cut into parts that run side by side with seeds of their own."""
    command = [paths.SIMULATION, str(scenario), str(rollouts // parts), str(SECONDS)]
    with ThreadPoolExecutor(parts) as pool:
        lines = pool.map(
            lambda part: subprocess.run(
                [*command, str(SEED + part)], capture_output=True, text=True, check=True
            ).stdout,
            range(parts),
        )
        return merged([json.loads(line) for line in lines])


def merged(parts):
    """The sum of the parts; quantiles are those of the worst part."""
    whole = {key: parts[0][key] for key in ("scenario", "good")}
    whole["rollouts"] = sum(part["rollouts"] for part in parts)
    for judge in JUDGES:
        whole[judge] = {
            key: combine([part[judge][key] for part in parts], key)
            for key in parts[0][judge]
        }
    return whole


def combine(values, key):
    if not key.startswith("requests"):
        return sum(values)
    known = [value for value in values if value is not None]
    return max(known) if known else None


def rows(figures):
    head = ["rollouts", "judge", "fail", "pass", "open", "pass, then fail", "requests (99 %)"]
    body = []
    for one in figures:
        for judge, name in JUDGES.items():
            counts = one[judge]
            share = lambda key: f"{100 * counts[key] / one['rollouts']:.2f} %"
            p50, p99 = counts["requests_p50"], counts["requests_p99"]
            body.append([
                one["scenario"], name, share("caught"), share("passed"), share("undecided"),
                share("passed_before"),
                f"{p50:,} ({p99:,})" if p50 is not None and not one["good"] else "",
            ])
    return [head, *body]


def markdown(table):
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([lines[0], "|" + "---|" * len(table[0]), *lines[1:]])


def picture(figures):
    """Bars: of each scenario, the share that each judge ended with `fail`."""
    colours = {"switchyard": "#1f6feb", "script": "#9a6700", "threshold": "#8250df"}
    left, bar, gap = 230, 14, 18
    block = len(JUDGES) * bar + gap
    height = 50 + len(figures) * block
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="760" height="{height}" fill="#ffffff"/>',
        '<text x="10" y="20" font-weight="bold">Rollouts that ended with fail: none is right for '
        "the same version, all are for the others</text>",
    ]
    for place, (judge, name) in enumerate(JUDGES.items()):
        x = left + 150 * place
        parts.append(f'<rect x="{x}" y="28" width="10" height="10" fill="{colours[judge]}"/>')
        parts.append(f'<text x="{x + 15}" y="37">{name}</text>')
    for number, one in enumerate(figures):
        top = 48 + number * block
        parts.append(f'<text x="10" y="{top + 26}">{one["scenario"]}</text>')
        for place, judge in enumerate(JUDGES):
            share = one[judge]["caught"] / one["rollouts"]
            y = top + place * bar
            parts.append(
                f'<rect x="{left}" y="{y}" width="{max(1, 440 * share):.0f}" height="{bar - 3}" '
                f'fill="{colours[judge]}"/>'
            )
            parts.append(f'<text x="{left + 446 * share + 6:.0f}" y="{y + 10}">{share:.2%}</text>')
    return "\n".join([*parts, "</svg>", ""])


def write(figures):
    FIGURE.write_text(picture(figures))
    text = DOCUMENT.read_text()
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    image = "![Rollouts that each judge ended with fail](figures/judge.svg)"
    block = f"{image}\n\n{markdown(rows(figures))}"
    DOCUMENT.write_text(f"{before}{MARKS[0]}\n{block}\n{MARKS[1]}{after}")


def broken(figures):
    """Promises that the figures do not keep, as sentences."""
    found = []
    for one in figures:
        counts = one["switchyard"]
        wrong = counts["caught"] if one["good"] else one["rollouts"] - counts["caught"]
        if wrong > PROMISE * one["rollouts"]:
            found.append(f"{one['scenario']}: {wrong} of {one['rollouts']} were judged wrongly")
    return found


def run(rollouts):
    names = subprocess.run(
        [paths.SIMULATION], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    parts = os.cpu_count() or 1
    # Rare events need many rollouts, and only false alarms are rare.
    figures = [
        simulate(scenario, rollouts if name.startswith("same") else rollouts // 5, parts)
        for scenario, name in enumerate(names)
    ]
    print(tables.text(rows(figures)))
    results.save("judge", figures)
    write(figures)
    found = broken(figures)
    if found:
        raise Failed("\n".join(found))
    return 0
