"""Data that is downloaded once: 70,000 images of digits, and as many of clothes.

What fetches and unpacks them is imported when they are asked for, so that `import nnbook` is quick.
"""

import os

import numpy as np
from numpy.typing import DTypeLike

from nnbook.data._sources import FASHION_MNIST, MNIST, Source
from nnbook.data.dataset import Dataset

_SIDE = 28  # pixels
_DIGITS = tuple(str(digit) for digit in range(10))
_CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def mnist(
    split: str = "train",
    *,
    root: str | os.PathLike[str] | None = None,
    download: bool = True,
    progress: bool = False,
    dtype: DTypeLike = np.float64,
) -> Dataset:
    """Handwritten digits of 28 x 28 pixels, read row by row; grey values from 0 to 1.

    Fetched on first use, 11.6 MB for both splits, and kept in the folder `mnist` of `root`. As
    images they are `x.reshape(-1, 1, 28, 28)`.

    Args:
        split: "train", 60,000 digits, or "test", 10,000 by other hands.
        root: The folder for data; if not given, the one that the environment variable `NNBOOK_DATA`
            names; if none, `nnbook` among the user's caches (`~/.cache`; `~/Library/Caches` on
            macOS; `%LOCALAPPDATA%` on Windows).
        download: Whether to fetch what is not there yet.
        progress: Whether to show a bar meanwhile; needs tqdm.
        dtype: That of x. The training split takes 376 MB in float64, 188 MB in float32.

    Returns:
        x (N, 784) of `dtype`; y (N,) int64, the digit.

    Raises:
        ConnectionError: If no mirror gives the files. The message says what to do.
        FileNotFoundError: If `download` is false and a file is not there.
        OSError: If the folder cannot be written to.
        ValueError: If there is no such split, or a file in the folder is not the one published.
        TypeError: If `dtype` is not a floating-point type.

    Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
    recognition, section III.A.

    Examples:
        >>> mnist("validation")
        Traceback (most recent call last):
        ValueError: no split 'validation'; there are train, test
        >>> x, y = mnist("test")  # doctest: +SKIP
        >>> x.shape, float(x.min()), float(x.max())  # doctest: +SKIP
        ((10000, 784), 0.0, 1.0)
    """
    return _load(MNIST, _DIGITS, split, root, download, progress, dtype)


def fashion_mnist(
    split: str = "train",
    *,
    root: str | os.PathLike[str] | None = None,
    download: bool = True,
    progress: bool = False,
    dtype: DTypeLike = np.float64,
) -> Dataset:
    """Photographs of clothes in the format of MNIST, and harder to tell apart.

    Fetched on first use, 30.9 MB for both splits, and kept in the folder `fashion-mnist` of `root`.

    Args:
        split: "train", 60,000 images, or "test", 10,000.
        root: The folder for data, as for `mnist`.
        download: Whether to fetch what is not there yet.
        progress: Whether to show a bar meanwhile; needs tqdm.
        dtype: That of x.

    Returns:
        x (N, 784) of `dtype`, from 0 to 1; y (N,) int64, the class.

    Raises:
        ConnectionError: If no mirror gives the files. The message says what to do.
        FileNotFoundError: If `download` is false and a file is not there.
        OSError: If the folder cannot be written to.
        ValueError: If there is no such split, or a file in the folder is not the one published.
        TypeError: If `dtype` is not a floating-point type.

    Source: Xiao, Rasul and Vollgraf (2017), Fashion-MNIST: a novel image dataset for benchmarking
    machine learning algorithms, arXiv:1708.07747.

    Examples:
        >>> fashion_mnist("validation")
        Traceback (most recent call last):
        ValueError: no split 'validation'; there are train, test
        >>> fashion_mnist("test").target_names[9]  # doctest: +SKIP
        'Ankle boot'
    """
    return _load(FASHION_MNIST, _CLOTHES, split, root, download, progress, dtype)


def _load(
    source: Source,
    classes: tuple[str, ...],
    split: str,
    root: str | os.PathLike[str] | None,
    download: bool,
    progress: bool,
    dtype: DTypeLike,
) -> Dataset:
    from nnbook.data._download import fetch
    from nnbook.data._folders import data_folder
    from nnbook.data._idx import read_idx

    if split not in source.splits:
        raise ValueError(f"no split {split!r}; there are {', '.join(source.splits)}")
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"dtype is {dtype}; grey values from 0 to 1 need a floating-point type")
    images, labels = (
        fetch(source, file, data_folder(root), download=download, progress=progress)
        for file in source.splits[split]
    )
    x = read_idx(images, (_SIDE, _SIDE)).reshape(-1, _SIDE * _SIDE)
    y = read_idx(labels, ()).astype(np.int64)
    pixels = tuple(f"pixel {row},{column}" for row in range(_SIDE) for column in range(_SIDE))
    return Dataset(np.divide(x, 255, dtype=dtype), y, pixels, classes)
