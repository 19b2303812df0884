"""Writes the last results into the documents, between their markers."""

from . import chart, paths, results, tables
from .idle import rows as idle_rows

START = "<!-- bench:start -->"
END = "<!-- bench:end -->"


def run():
    document = results.read("latest")
    if document is None:
        raise SystemExit("there are no results yet: run `Benchmarks/run` first")
    write_chart(document)
    for path, text in zip(paths.REPORTS, (full(document), short(document))):
        if not path.exists() or START not in path.read_text():
            print(f"{path.relative_to(paths.ROOT)}: no {START}, left as it is")
            continue
        path.write_text(between_markers(path.read_text(), text))
        print(f"{path.relative_to(paths.ROOT)}: written")
    return 0


def write_chart(document):
    paths.FIGURE.parent.mkdir(parents=True, exist_ok=True)
    paths.FIGURE.write_text(chart.draw(document))


def between_markers(document, text):
    """`document` with `text` in place of what stood between the markers."""
    before, _, rest = document.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{text.strip()}\n{END}{after}"


def origin_of(document):
    """One sentence: machine, versions, commit and date."""
    machine, settings = document["machine"], document["settings"]
    versions = ", ".join(
        f"{name} {version}" for name, version in document["versions"].items()
        if name != "nginx-tuned"
    )
    return (
        f"{machine['processor']}, {machine['cores']} cores, "
        f"{machine['memory_bytes'] / 2**30:.0f} GiB, {machine['system']}, "
        f"Linux {machine['kernel']}; {versions}; one worker each; "
        f"{settings['rounds']} rounds of {settings['seconds']:g} s; "
        f"commit {machine['commit']}, {machine['date']}."
    )


def short(document):
    return "\n\n".join([
        "![CPU time per request relative to nginx](docs/figures/benchmarks.svg)",
        "CPU time per request, in brackets relative to nginx in the same round (median).",
        tables.markdown(tables.overview(document)),
        origin_of(document),
    ])


def full(document):
    rows = tables.comparison(document)
    parts = [
        "![CPU time per request relative to nginx](figures/benchmarks.svg)",
        origin_of(document),
        tables.markdown([
            [f"**{cell}**" if cell and row[1] == "switchyard" else cell for cell in row]
            for row in rows
        ]),
    ]
    for name, title, describe in EXTRAS:
        saved = results.read(name)
        if saved is not None:
            machine = saved["machine"]
            parts.append(f"### {title}")
            parts.append(describe(saved["figures"]))
            parts.append(f"Commit {machine['commit']}, {machine['date']}.")
    return "\n\n".join(parts)


def instructions(figures):
    rows = [["workload", "proxy", "instructions", "allocations", "retains", "releases"]]
    for proxy, of_proxy in figures.items():
        for name, one in of_proxy.items():
            rows.append([
                name, proxy, f"{one['instructions']:,.0f}", f"{one['allocations']:.2f}",
                f"{one['retains']:.1f}", f"{one['releases']:.1f}",
            ])
    return tables.markdown([rows[0], *sorted(rows[1:])])


def syscalls(figures):
    rows = [["proxy", "system calls per request", "epoll_ctl in all"]]
    for name, calls in figures["calls"].items():
        each = sum(calls.values()) / figures["requests"]
        rows.append([name, f"{each:.2f}", str(calls.get("epoll_ctl", 0))])
    return (
        f"{figures['requests']:,} requests on 64 connections that were opened meanwhile; at most "
        f"{figures['limit']} are wanted.\n\n{tables.markdown(rows)}"
    )


def idle(figures):
    rows = tables.markdown(idle_rows(figures["proxies"]))
    return f"{figures['connections']:,} connections; bytes of resident memory for each.\n\n{rows}"


def startup(figures):
    rows = [["proxy", "median", "longest", "resident"]]
    for name, one in figures["proxies"].items():
        rows.append([
            name, f"{one['median_ms']:.1f} ms", f"{one['max_ms']:.1f} ms",
            f"{one['resident_bytes'] / 2**20:.1f} MiB",
        ])
    return f"{figures['repetitions']} starts.\n\n{tables.markdown(rows)}"


def scaling(figures):
    rows = [[
        "proxy", "requests/s with 1 / 2 workers", "CPU per request with 1 / 2",
        "processor-limited gain",
    ]]
    for name, one in figures["proxies"].items():
        rate, cpu = one["requests_per_second"], one["cpu_us_per_request"]
        rows.append([
            name, f"{rate['1']:,.0f} / {rate['2']:,.0f}", f"{cpu['1']:.1f} / {cpu['2']:.1f} µs",
            f"{one['gain']:.2f}",
        ])
    return tables.markdown(rows)


def switching(figures):
    rows = [["requests", "p50", "p99", "p99.9", "failed"]]
    for name in ("before", "during"):
        one = figures[name]
        rows.append([
            f"{name} the switches",
            *(tables.milliseconds(one[key]) for key in ("p50_us", "p99_us", "p999_us")),
            str(one["failed"]),
        ])
    return (
        f"{figures['switches']:,} switches under {figures['rate']:,} requests/s: acknowledged in "
        f"{figures['median_ms']:.2f} ms (median), {figures['p99_ms']:.2f} ms (p99), "
        f"{figures['max_ms']:.2f} ms (longest).\n\n{tables.markdown(rows)}"
    )


EXTRAS = [
    ("instructions", "Instructions and allocations per request", instructions),
    ("syscalls", "System calls per request", syscalls),
    ("idle", "Memory of idle connections", idle),
    ("startup", "From exec to the first answer", startup),
    ("scaling", "Two workers", scaling),
    ("switch", "Switching under load", switching),
]
