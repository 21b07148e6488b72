"""The code of the book nnbook: neural networks that you can read.

Layers and functions in clear NumPy under the names of `torch.nn` (`nnbook.nn`), the models of the
chapters twice, in NumPy (`nnbook.scratch`) and in PyTorch (`nnbook.pytorch`), data sets
(`nnbook.data`) and the drawings of the chapters (`nnbook.plot`).

Examples:
    >>> import nnbook
    >>> x, y = nnbook.data.circle(200, rng=0)
    >>> x.shape, y.shape
    ((200, 2), (200,))
"""

import importlib
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnbook import data, nn, optim, plot, pytorch, scratch

__all__ = ["__version__", "data", "nn", "optim", "plot", "pytorch", "scratch"]

try:
    __version__ = version("nnbook")
except PackageNotFoundError:  # a checkout that was never installed has no version
    __version__ = "0+unknown"


def __getattr__(name: str) -> ModuleType:
    """Import a subpackage when it is first asked for, so that `import nnbook` stays quick."""
    if name in __all__:
        return importlib.import_module(f"nnbook.{name}")
    raise AttributeError(f"module 'nnbook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
