"""How long it takes to import the package, in a fresh interpreter."""

import subprocess
import sys
from collections.abc import Callable, Iterator

from benchmarks.harness import Case


def _import(name: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", f"import {name}"], check=True)  # noqa: S603


def cases() -> Iterator[Case]:
    """`import nnbook` against `import numpy`, which it contains."""
    contenders = {"nnbook": _import("nnbook"), "NumPy": _import("numpy")}
    yield Case("import", contenders, reference="NumPy", aim=(1.15, 1.15))
