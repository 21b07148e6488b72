"""State as trees of dictionaries and lists, taken apart into arrays and a text of the rest.

So a checkpoint needs no pickle: arrays go to a file format for arrays, and all else is JSON, which
can do no harm when it is read.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def split(value: Any, path: str, arrays: dict[str, Any], is_array: Callable[[Any], bool]) -> Any:
    """What JSON can hold of a value; its arrays are put into `arrays` under their paths.

    >>> arrays = {}
    >>> split({0: (1, np.ones(2))}, "state", arrays, lambda v: isinstance(v, np.ndarray))
    {'dict': [[0, {'tuple': [1, {'array': 'state/0/1'}]}]]}
    >>> arrays
    {'state/0/1': array([1., 1.])}
    """
    if is_array(value):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, (str, int)):
                raise TypeError(f"{path} has the key {key!r}; a checkpoint knows text and numbers")
        kind = "counter" if isinstance(value, Counter) else "dict"  # MultiStepLR has a Counter
        entries = value.items()
        return {kind: [[k, split(v, f"{path}/{k}", arrays, is_array)] for k, v in entries]}
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [split(v, f"{path}/{i}", arrays, is_array) for i, v in enumerate(value)]}
    raise TypeError(f"{path} is a {type(value).__name__}, which a checkpoint cannot hold")


def join(value: Any, arrays: Mapping[str, Any]) -> Any:
    """The tree that was split.

    >>> join({"dict": [[0, {"tuple": [1, {"array": "state/0/1"}]}]]}, {"state/0/1": "the array"})
    {0: (1, 'the array')}
    """
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "array":
        return arrays[inner]
    if kind in ("list", "tuple"):
        row = [join(v, arrays) for v in inner]
        return row if kind == "list" else tuple(row)
    found = {k: join(v, arrays) for k, v in inner}
    return Counter(found) if kind == "counter" else found
