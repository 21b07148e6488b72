"""Logic gates as data sets: four examples each, and one of them made history."""

import numpy as np

from nnbook.data.dataset import Dataset

_OUTPUTS = {  # for the inputs 00, 01, 10, 11
    "AND": (0, 0, 0, 1),
    "OR": (0, 1, 1, 1),
    "NAND": (1, 1, 1, 0),
    "NOR": (1, 0, 0, 0),
    "XOR": (0, 1, 1, 0),
    "XNOR": (1, 0, 0, 1),
}


def logic_gate(name: str) -> Dataset:
    """The truth table of a gate with two inputs.

    Args:
        name: AND, OR, NAND, NOR, XOR or XNOR, in capitals or not.

    Returns:
        x (4, 2) float64, the inputs 00, 01, 10, 11; y (4,) int64.

    Raises:
        ValueError: If there is no such gate.

    Examples:
        >>> x, y = logic_gate("xor")
        >>> y
        array([0, 1, 1, 0])
    """
    if name.upper() not in _OUTPUTS:
        raise ValueError(f"no gate {name!r}; there are {', '.join(_OUTPUTS)}")
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)
    y = np.array(_OUTPUTS[name.upper()], dtype=np.int64)
    return Dataset(x, y, ("x1", "x2"), ("0", "1"))
