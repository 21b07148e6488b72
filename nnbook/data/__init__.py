"""Data sets as NumPy arrays: made by geometry, typed, bundled with scikit-learn, or downloaded.

Every function returns a `Dataset`, which unpacks into inputs and targets: `x, y = data.circle()`.
`Loader` cuts any data into minibatches.
"""

from nnbook.data.bundled import digits, iris
from nnbook.data.dataset import Dataset
from nnbook.data.downloaded import fashion_mnist, mnist
from nnbook.data.gates import logic_gate
from nnbook.data.loader import Loader
from nnbook.data.made import circle, gauss, multi_gauss, plane, spiral, xor
from nnbook.data.sequences import dna, tone
from nnbook.data.texts import sentences, text

__all__ = [
    "Dataset",
    "Loader",
    "circle",
    "digits",
    "dna",
    "fashion_mnist",
    "gauss",
    "iris",
    "logic_gate",
    "mnist",
    "multi_gauss",
    "plane",
    "sentences",
    "spiral",
    "text",
    "tone",
    "xor",
]
