"""A process that fetches a file, to be watched or killed: `fetching.py URL ROOT NAME SIZE SHA`."""

import sys
from pathlib import Path

from nnbook.data import _download, _transfer
from nnbook.data._sources import RemoteFile, Source

if __name__ == "__main__":
    url, root, name, size, digest = sys.argv[1:]
    _transfer._SCHEMES = ("http",)
    file = RemoteFile(name, int(size), digest)
    source = Source("Tiny", "tiny", (url,), {"train": (file, file)})
    _download.fetch(source, file, Path(root), download=True, progress=False)
