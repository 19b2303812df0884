"""Results as files, so that a report can be written from them later."""

import json

from . import machine, paths


def save(name, figures):
    """Writes `figures` with the machine they were taken on."""
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    document = figures if "machine" in figures else {
        "machine": machine.description(), "figures": figures
    }
    path(name).write_text(json.dumps(document, indent=1) + "\n")


def read(name):
    """What was saved under `name`, or None."""
    return json.loads(path(name).read_text()) if path(name).exists() else None


def path(name):
    return paths.RESULTS / f"{name}.json"
