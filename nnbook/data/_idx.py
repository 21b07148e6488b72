"""The IDX format, in which MNIST comes: a head that gives the shape, then the bytes, gzipped.

Source: LeCun, Cortes and Burges (1998), The MNIST database of handwritten digits, "File formats".
"""

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_UNSIGNED_BYTES = 0x08  # the format knows other types; MNIST and its kin use none
_LIMIT = 1 << 28  # bytes: five times the largest file there is
_PIECE = 1 << 20  # bytes


def read_idx(path: str | os.PathLike[str], item: tuple[int, ...]) -> NDArray[Any]:
    """The array in a gzipped IDX file of unsigned bytes.

    Never more is unpacked than the head promises, and one byte to see that it kept its word.

    Args:
        path: The file.
        item: The shape of one example: (28, 28) for images, () for labels.

    Returns:
        (N, *item) uint8.

    Raises:
        ValueError: If the file is not gzipped, not IDX, of another type or shape, of absurd size,
            or longer or shorter than its head says.

    Examples:
        >>> import tempfile
        >>> head = bytes([0, 0, 8, 1]) + (3).to_bytes(4, "big")  # bytes, 1 dimension, of length 3
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "labels.gz"
        ...     _ = path.write_bytes(gzip.compress(head + bytes([7, 2, 1])))
        ...     read_idx(path, ())
        array([7, 2, 1], dtype=uint8)
    """
    name = Path(path).name
    try:
        with gzip.open(path, "rb") as stream:
            shape = _shape(stream, name, item)
            body = _body(stream, name, math.prod(shape))
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{name} is no sound gzip file: {error}") from error
    return np.frombuffer(body, np.uint8).reshape(shape)


def _shape(stream: gzip.GzipFile, name: str, item: tuple[int, ...]) -> tuple[int, ...]:
    """Read the head: two zeros, the type, the number of dimensions, then each of them."""
    ndim = 1 + len(item)
    wanted = bytes([0, 0, _UNSIGNED_BYTES, ndim])
    magic = bytes(_exactly(stream, name, "head", 4))
    if magic != wanted:
        raise ValueError(f"{name} begins with {magic.hex(' ')}; it must be {wanted.hex(' ')}")
    head = _exactly(stream, name, "head", 4 * ndim)
    shape = tuple(np.frombuffer(head, ">u4").tolist())
    if shape[1:] != item:
        raise ValueError(f"{name} holds items of shape {shape[1:]}; expected {item}")
    if (size := math.prod(shape)) > _LIMIT:
        raise ValueError(f"{name} promises {size:,} bytes; no more than {_LIMIT:,} are read")
    return shape


def _body(stream: gzip.GzipFile, name: str, size: int) -> bytearray:
    body = _exactly(stream, name, "body", size)
    if stream.read(1):
        raise ValueError(f"{name} goes on after the {size:,} bytes that its head promises")
    return body


def _exactly(stream: gzip.GzipFile, name: str, what: str, size: int) -> bytearray:
    """So many bytes. Memory is taken as they come, not as they are promised."""
    data = bytearray()
    while len(data) < size:
        try:
            piece = stream.read(min(size - len(data), _PIECE))
        except EOFError:  # the gzip stream itself is cut off
            piece = b""
        if not piece:
            raise ValueError(f"{name} has a {what} of {len(data):,} bytes; expected {size:,}")
        data += piece
    return data
