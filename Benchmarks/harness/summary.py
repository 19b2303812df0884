"""Figures of several rounds as one: medians, and ratios taken within a round."""

import statistics

REFERENCES = ["nginx", "nginx-tuned", "haproxy"]


def median(rounds, key):
    values = [figures[key] for figures in rounds if figures.get(key) is not None]
    return statistics.median(values) if values else None


def ratios(rounds, reference, key):
    """Median, least and greatest of `rounds` over `reference`, round by round."""
    values = [
        own[key] / other[key] for own, other in zip(rounds, reference)
        if own[key] > 0 and other[key] > 0
    ]
    if not values:
        return None
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def of_workload(measured):
    """The summary of one workload for each contestant."""
    return {name: of_contestant(name, measured) for name in measured}


def of_contestant(name, measured):
    closed, fixed = measured[name]["closed"], measured[name]["fixed"]
    result = {
        "requests_per_second": median(closed, "requests_per_second"),
        "cpu_us_per_request": median(closed, "cpu_us_per_request"),
        "busy": statistics.median(
            (figures["user_seconds"] + figures["system_seconds"]) / figures["seconds"]
            for figures in closed
        ),
        "resident_bytes": median(closed, "resident_bytes"),
        "failed": sum(figures["failed"] for figures in closed + fixed),
        "cpu_ratio": {},
        "throughput_ratio": {},
    }
    for reference in REFERENCES:
        if reference in measured:
            other = measured[reference]["closed"]
            result["cpu_ratio"][reference] = ratios(closed, other, "cpu_us_per_request")
            result["throughput_ratio"][reference] = ratios(closed, other, "requests_per_second")
    if fixed:
        result["fixed"] = {
            key: median(fixed, key)
            for key in ("p50_us", "p99_us", "p999_us", "cpu_us_per_request")
        }
    return result
