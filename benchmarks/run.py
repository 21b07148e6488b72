"""Measure everything, write the results and the page that shows them."""

import argparse
import json
import platform
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sklearn
import torch

import nnbook
from benchmarks import embeddings, imports, layers, training
from benchmarks.harness import Case, measure
from benchmarks.page import DATA, PAGE, render


def processor() -> str:
    """The processor's own name for itself, where the system tells."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def cases() -> Iterator[Case]:
    """All that is measured, in the order of the page."""
    for module in (training, layers, embeddings, imports):
        yield from module.cases()


def main() -> None:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="measure the cases whose name contains this")
    parser.add_argument("--rounds", type=int, default=41, help="turns for each contender")
    parser.add_argument("--dry", action="store_true", help="print, and write nothing")
    parser.add_argument("--page", action="store_true", help="only write the page anew")
    options = parser.parse_args()
    if options.page:
        PAGE.write_text(render(json.loads(DATA.read_text(encoding="utf-8"))), encoding="utf-8")
        return
    torch.set_num_threads(1)  # as `__main__` did for NumPy
    warnings.filterwarnings("ignore", category=FutureWarning)  # torch.compile's own affairs
    results = []
    for case in cases():
        if options.only.lower() not in case.name.lower():
            continue
        print(case.name, flush=True)
        for result in measure(case, options.rounds):
            span = f"{result.low:.2f} to {result.high:.2f}"
            print(
                f"  {result.contender:30} {result.milliseconds:8.3f} ms {result.ratio:6.2f}  {span}"
            )
            results.append(result.as_dict())
    if options.dry or options.only:
        return
    data = {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor(),
        "versions": {
            "nnbook": nnbook.__version__,
            "Python": platform.python_version(),
            "NumPy": np.__version__,
            "PyTorch": torch.__version__.split("+")[0],
            "scikit-learn": sklearn.__version__,
        },
        "rounds": options.rounds,
        "results": results,
    }
    DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(render(data), encoding="utf-8")
    print(f"wrote {DATA} and {PAGE}")
