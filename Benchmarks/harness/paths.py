"""Where things are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARIES = ROOT / ".build" / "release"
SWITCHYARD = BINARIES / "switchyard"
ORIGIN = BINARIES / "bench-origin"
GENERATOR = BINARIES / "bench-load"
SIMULATION = BINARIES / "judge-simulation"
# Configurations, logs and state of what is being measured; on the same disk as the build. It is
# removed after a run that went well.
WORKPLACE = ROOT / ".build" / "benchmarks" / str(os.getpid())

RESULTS = ROOT / "Benchmarks" / "results"
LATEST = RESULTS / "latest.json"
BASELINE = ROOT / "Benchmarks" / "baseline.json"
FIGURE = ROOT / "docs" / "figures" / "benchmarks.svg"
REPORTS = [ROOT / "docs" / "benchmarks.md", ROOT / "README.md"]
