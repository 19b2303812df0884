"""Tables as text for a terminal and as Markdown for the documents."""


def text(rows):
    """Columns side by side; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def markdown(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def milliseconds(microseconds):
    """A latency with three digits that count."""
    value = microseconds / 1_000
    return f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def duration(microseconds):
    """CPU time per request, in the unit that suits it."""
    if microseconds < 10_000:
        return f"{microseconds:.1f} µs" if microseconds < 1_000 else f"{microseconds:,.0f} µs"
    return f"{microseconds / 1_000:.1f} ms"


def ratio(figures):
    """Median and range of a ratio."""
    if figures is None:
        return "–"
    return f"{figures['median']:.2f} ({figures['min']:.2f}–{figures['max']:.2f})"


HEAD = [
    "workload", "proxy", "requests/s", "× nginx", "CPU per request", "CPU ÷ nginx",
    "CPU ÷ HAProxy", "at most", "p50 / p99 / p99.9", "memory",
]


def comparison(document):
    """All figures: one row for each contestant in each workload."""
    rows = [HEAD]
    for workload in document["workloads"]:
        for proxy, figures in workload["summary"].items():
            rows.append(comparison_row(workload, proxy, figures))
    return rows


def comparison_row(workload, proxy, figures):
    fixed = figures.get("fixed")
    throughput = figures["throughput_ratio"].get("nginx")
    failed = f" ({figures['failed']} failed)" if figures["failed"] else ""
    return [
        workload["title"],
        proxy,
        f"{figures['requests_per_second']:,.0f}{failed}",
        f"{throughput['median']:.2f}" if throughput else "–",
        duration(figures["cpu_us_per_request"]),
        ratio(figures["cpu_ratio"].get("nginx")),
        ratio(figures["cpu_ratio"].get("haproxy")),
        f"{workload['aim']:.2f}" if proxy == "switchyard" and workload["aim"] else "",
        latencies(fixed, workload["fixed_rate"]) if fixed else "",
        f"{figures['resident_bytes'] / 2**20:.1f} MiB",
    ]


def latencies(fixed, rate):
    values = " / ".join(f"{fixed[key] / 1_000:.2f}" for key in ("p50_us", "p99_us", "p999_us"))
    return f"{values} ms at {rate:,}/s"


def overview(document):
    """CPU per request of each contestant, one row a workload."""
    proxies = list(document["versions"])
    rows = [["workload", *proxies]]
    for workload in document["workloads"]:
        row = [workload["title"]]
        for proxy in proxies:
            figures = workload["summary"].get(proxy)
            if figures is None:
                row.append("")
                continue
            relative = figures["cpu_ratio"].get("nginx")
            suffix = f" ({relative['median']:.2f})" if relative and proxy != "nginx" else ""
            row.append(duration(figures["cpu_us_per_request"]) + suffix)
        rows.append(row)
    return rows
