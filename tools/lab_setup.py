# Run this first. It installs what is missing, and changes nothing that is there.
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from IPython import get_ipython

os.environ.setdefault("KERAS_BACKEND", "torch")  # Keras asks for it once, when it is imported
wanted = {
    "nnbook": "nnbook", "torch": "torch", "matplotlib": "matplotlib", "sklearn": "scikit-learn",
    "PIL": "pillow", "keras": "keras>=3",
}  # fmt: skip
missing = [package for name, package in wanted.items() if importlib.util.find_spec(name) is None]
if missing:
    here = {d.name: d.version for d in importlib.metadata.distributions() if d.name}
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder, "versions.txt")  # pip must leave all these as they are
        versions.write_text("".join(f"{name}=={version}\n" for name, version in here.items()))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", str(versions)]
        failed = [package for package in missing if subprocess.run([*pip, package]).returncode]
    importlib.invalidate_caches()
    if failed:
        print(f"Not installed: {', '.join(failed)}. Without a network, or where a version that is")
        print("here stands in the way, install them yourself. All but Keras are needed.")


def needs(library, cell):
    """Run a cell that begins with %%needs if its library is there."""
    if importlib.util.find_spec(library.strip()) is None:
        print(f"{library.strip()} is not installed, so this cell is passed over.")
    else:
        get_ipython().run_cell(cell).raise_error()


get_ipython().register_magic_function(needs, "cell")
