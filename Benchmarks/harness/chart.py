"""Draws the comparison as bars: CPU time per request, relative to nginx in the same round."""

from xml.sax.saxutils import escape

from . import tables

# Colours that stand apart on white and on black, also for people who do not see red and green.
COLOURS = {
    "switchyard": "#2f81f7", "nginx": "#8b949e", "nginx-tuned": "#b8a04a", "haproxy": "#d9762b",
}
WIDTH = 880
LABEL_WIDTH = 266
BAR_HEIGHT = 13
BAR_GAP = 3
GROUP_GAP = 16
TOP = 92
BOTTOM = 46
# Room at the right for the figures beside the longest bar.
VALUE_WIDTH = 130

STYLE = """
    text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
    text { fill: #1f2328; }
    .title { font-size: 16px; font-weight: 600; }
    .quiet { fill: #59636e; }
    .own { font-weight: 600; }
    .card { fill: #ffffff; stroke: #d1d9e0; }
    .grid { stroke: #d1d9e0; stroke-width: 1; }
    .reference { stroke: #59636e; stroke-width: 1.5; stroke-dasharray: 4 3; }
    .range { stroke: #1f2328; stroke-width: 1; opacity: 0.55; }
    @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3; }
        .quiet { fill: #9198a1; }
        .card { fill: #0d1117; stroke: #3d444d; }
        .grid { stroke: #2a313c; }
        .reference { stroke: #9198a1; }
        .range { stroke: #e6edf3; }
    }
"""


def draw(document):
    """The chart as SVG; it adapts to a light or dark page."""
    groups = [
        (workload, bars(workload)) for workload in document["workloads"] if bars(workload)
    ]
    longest = max((bar["max"] for _, group in groups for _, bar, _ in group), default=1.0)
    scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / max(1.0, longest)
    bottom = TOP + sum(group_height(group) for _, group in groups)
    parts = [*grid(scale, longest, bottom)]
    top = TOP
    for workload, group in groups:
        parts += draw_group(workload, group, top, scale)
        top += group_height(group)
    x = LABEL_WIDTH + scale
    parts.append(
        f'<line class="reference" x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom - 8}"/>'
    )
    height = bottom + BOTTOM
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="CPU time per request">',
        f"<style>{STYLE}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        *heading(document), *parts, *footer(document, height), "</svg>", "",
    ])


def bars(workload):
    """(contestant, ratio, CPU time) of all that are drawn: nginx itself is the line at 1."""
    drawn = []
    for name in ("switchyard", "haproxy", "nginx-tuned"):
        figures = workload["summary"].get(name)
        relative = figures and figures["cpu_ratio"].get("nginx")
        if relative:
            drawn.append((name, relative, figures["cpu_us_per_request"]))
    return drawn


def group_height(group):
    return len(group) * (BAR_HEIGHT + BAR_GAP) + GROUP_GAP


def label(x, y, content, style="", anchor="start"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">'
        f"{escape(content)}</text>"
    )


def heading(document):
    parts = [
        label(20, 30, "CPU time per request, relative to nginx", "title"),
        label(20, 50, "shorter is better; thin lines: least and greatest of "
              f"{document['settings']['rounds']} rounds", "quiet"),
    ]
    x = 20.0
    for name in ("switchyard", "haproxy", "nginx-tuned", "nginx"):
        version = document["versions"].get(name)
        if version is None:
            continue
        text = f"{name} {version}" if name != "nginx" else f"nginx {version} (dashed line)"
        parts.append(
            f'<rect x="{x:.1f}" y="62" width="11" height="11" rx="2" fill="{COLOURS[name]}"/>'
        )
        parts.append(label(x + 16, 72, text))
        x += 32 + 7.0 * len(text)
    return parts


def grid(scale, longest, bottom):
    step = 0.25 if longest <= 2 else 0.5
    parts = []
    value = 0.0
    while value <= max(1.0, longest) + 0.001:
        x = LABEL_WIDTH + value * scale
        parts.append(
            f'<line class="grid" x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom - 8}"/>'
        )
        parts.append(label(x, bottom + 8, f"{value:g}", "quiet", "middle"))
        value += step
    return parts


def draw_group(workload, group, top, scale):
    parts = []
    middle = top + (len(group) * (BAR_HEIGHT + BAR_GAP) - BAR_GAP) / 2
    reference = workload["summary"]["nginx"]["cpu_us_per_request"]
    parts.append(label(LABEL_WIDTH - 12, middle - 1, workload["title"], "", "end"))
    parts.append(
        label(LABEL_WIDTH - 12, middle + 13, f"nginx {tables.duration(reference)}", "quiet", "end")
    )
    for number, (name, relative, microseconds) in enumerate(group):
        y = top + number * (BAR_HEIGHT + BAR_GAP)
        length = relative["median"] * scale
        parts.append(
            f'<rect x="{LABEL_WIDTH}" y="{y}" width="{length:.1f}" height="{BAR_HEIGHT}" '
            f'rx="2" fill="{COLOURS[name]}"/>'
        )
        low, high = (LABEL_WIDTH + relative[end] * scale for end in ("min", "max"))
        line = y + BAR_HEIGHT / 2
        parts.append(
            f'<line class="range" x1="{low:.1f}" y1="{line}" x2="{high:.1f}" y2="{line}"/>'
        )
        text = f"{relative['median']:.2f}  ({tables.duration(microseconds)})"
        style = "own" if name == "switchyard" else "quiet"
        start = max(LABEL_WIDTH + length, high) + 6
        parts.append(label(start, y + BAR_HEIGHT - 2.5, text, style))
    return parts


def footer(document, height):
    machine = document["machine"]
    text = (
        f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}; one worker "
        f"each, in turns; {machine['date']}"
    )
    return [label(20, height - 14, text, "quiet")]
