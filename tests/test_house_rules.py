"""The rules of the house: what may import what, and that every public name is explained."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import nnbook
from nnbook.nn import functional

ROOT = Path(nnbook.__file__).parent
HEAVY = ("torch", "matplotlib", "sklearn", "scipy")


def imported(path):
    """The modules that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def files(*folders):
    found = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    assert found
    return found


@pytest.mark.parametrize(
    "module",
    ["nnbook", "nnbook.nn", "nnbook.nn.functional", "nnbook.optim", "nnbook.data", "nnbook.scratch",
     "nnbook.scratch.perceptron", "nnbook.plot"],
)  # fmt: skip
def test_importing_is_light(module):
    code = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_check_for_light_imports_would_notice():
    code = f"import sys, nnbook.pytorch.perceptron; print('torch' in sys.modules, {HEAVY})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("True")


def test_subpackages_come_when_named():
    code = "import nnbook; print(len(nnbook.data.circle(5)), nnbook.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("5 ")
    with pytest.raises(AttributeError, match="no_such"):
        _ = nnbook.no_such


def test_every_subpackage_is_reachable_by_its_name():
    on_disk = {m.name for m in pkgutil.iter_modules(nnbook.__path__) if not m.name.startswith("_")}
    assert on_disk == set(nnbook.__all__) - {"__version__"}
    assert set(nnbook.__all__) <= set(dir(nnbook))


def test_scratch_and_pytorch_never_import_one_another():
    for path in files("scratch"):
        assert not [m for m in imported(path) if m.startswith(("nnbook.pytorch", "torch"))], path
    for path in files("pytorch"):
        assert not [m for m in imported(path) if m.startswith("nnbook.scratch")], path


def test_the_package_knows_nothing_of_the_engine():
    for path in files("."):
        assert not [m for m in imported(path) if m.split(".")[0] in ("weave", "mkdocs")], path


def test_no_file_is_long():
    for path in files("."):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 320, path


def public_names():
    for info in pkgutil.walk_packages(nnbook.__path__, "nnbook."):
        if any(part.startswith("_") for part in info.name.split(".")):
            continue
        module = importlib.import_module(info.name)
        assert module.__doc__, info.name
        for name, value in vars(module).items():
            own = getattr(value, "__module__", None) == info.name
            if not name.startswith("_") and own and callable(value):
                yield f"{info.name}.{name}", value


def test_every_public_name_is_explained_and_shown():
    names = dict(public_names())
    names |= {f"F.{n}": getattr(functional, n) for n in functional.__all__}
    assert len(names) > 30
    without = [n for n, value in names.items() if ">>>" not in (inspect.getdoc(value) or "")]
    assert without == []
