"""Real data that comes with scikit-learn: nothing to download."""

from collections.abc import Sequence
from types import ModuleType

import numpy as np

from nnbook.data.dataset import Dataset

_SPECIES = ("setosa", "versicolor", "virginica")
_FEATURES = ("sepal length", "sepal width", "petal length", "petal width")


def iris(species: Sequence[str] | None = None, features: Sequence[str] | None = None) -> Dataset:
    """Measurements of irises, in centimetres; 50 flowers of each species.

    Args:
        species: Which of "setosa", "versicolor", "virginica", in the order of the classes;
            all if not given.
        features: Which of "sepal length", "sepal width", "petal length", "petal width", in the
            order of the columns; all if not given.

    Returns:
        x (50 * species, features) float64; y int64, 0 for the first species named.

    Raises:
        ValueError: If a name is unknown or named twice.
        ImportError: If scikit-learn is not installed.

    Source: Fisher (1936), The use of multiple measurements in taxonomic problems; collected by
    Anderson (1936), The species problem in Iris.

    Examples:
        >>> iris(species=("setosa", "versicolor"), features=("petal length",))
        Dataset(100 examples, 1 features, classes: setosa, versicolor)
    """
    chosen = _choose("species", species, _SPECIES)
    columns = _choose("feature", features, _FEATURES)
    bunch = _sklearn_datasets().load_iris()
    parts = [bunch.data[bunch.target == _SPECIES.index(name)] for name in chosen]  # (50, 4) each
    x = np.concatenate(parts)[:, [_FEATURES.index(name) for name in columns]]
    y = np.repeat(np.arange(len(chosen)), [len(part) for part in parts])
    return Dataset(x, y, tuple(columns), tuple(chosen))


def digits() -> Dataset:
    """Handwritten digits of 8 x 8 pixels, read row by row; grey values from 0 to 1.

    Returns:
        x (1797, 64) float64; y (1797,) int64, the digit.

    Raises:
        ImportError: If scikit-learn is not installed.

    Source: Alpaydin and Kaynak (1998), Optical recognition of handwritten digits, UCI Machine
    Learning Repository.

    Examples:
        >>> x, y = digits()
        >>> x.shape, float(x.min()), float(x.max())
        ((1797, 64), 0.0, 1.0)
    """
    bunch = _sklearn_datasets().load_digits()
    pixels = tuple(f"pixel {row},{column}" for row in range(8) for column in range(8))
    names = tuple(str(digit) for digit in range(10))
    return Dataset(bunch.data / 16.0, bunch.target.astype(np.int64), pixels, names)


def _choose(kind: str, wanted: Sequence[str] | None, known: tuple[str, ...]) -> Sequence[str]:
    if wanted is None:
        return known
    if isinstance(wanted, str):
        wanted = (wanted,)
    for name in wanted:
        if name not in known:
            raise ValueError(f"no {kind} {name!r}; there are {', '.join(known)}")
    if not wanted or len(set(wanted)) < len(wanted):
        raise ValueError(f"name at least one {kind}, and each once; got {list(wanted)}")
    return wanted


def _sklearn_datasets() -> ModuleType:
    try:
        from sklearn import datasets
    except ImportError as error:
        raise ImportError(
            "this data set comes with scikit-learn: pip install 'nnbook[data]'"
        ) from error
    module: ModuleType = datasets
    return module
