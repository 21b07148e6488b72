"""What multi-head attention does to its arrays around attention itself: heads, masks, layouts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._attention import added_mask
from nnbook.nn._checks import as_grad
from nnbook.nn._floats import FloatArray


def split_heads(x: FloatArray, num_heads: int) -> FloatArray:
    """The features shared out among the heads: (N, L, h d) to (N, h, L, d)."""
    n, length, features = x.shape
    return x.reshape(n, length, num_heads, features // num_heads).swapaxes(1, 2)


def join_heads(x: FloatArray) -> FloatArray:
    """The heads side by side again: (N, h, L, d) to (N, L, h d)."""
    n, heads, length, d = x.shape
    return x.swapaxes(1, 2).reshape(n, length, heads * d)


def batch_first(x: FloatArray, is_first: bool) -> FloatArray:
    """(N, L, E), from this, from (L, N, E), or from (L, E) without a batch."""
    if x.ndim == 2:
        return x[None]
    return x if is_first else x.swapaxes(0, 1)


def as_given(x: FloatArray, is_first: bool, ndim: int) -> FloatArray:
    """The way back from `batch_first`."""
    if ndim == 2:
        return x[0]
    return x if is_first else x.swapaxes(0, 1)


def check_inputs(arrays: dict[str, FloatArray], features: Sequence[int], is_first: bool) -> None:
    """Query, key and value fit each other, and the layer."""
    shapes = ", ".join(f"{name} has shape {x.shape}" for name, x in arrays.items())
    if {x.ndim for x in arrays.values()} not in ({2}, {3}):
        raise ValueError(f"{shapes}; they must be (length, features), or all have a batch as well")
    for (name, x), size in zip(arrays.items(), features, strict=True):
        if x.shape[-1] != size:
            raise ValueError(f"{name} has {x.shape[-1]} features; the layer expects {size}")
    q, k, v = (batch_first(x, is_first).shape for x in arrays.values())
    if q[0] != k[0] or k[:2] != v[:2]:
        raise ValueError(f"{shapes}; one batch size is needed, and a value for every key")


def merged_mask(
    attn_mask: ArrayLike | None,
    key_padding_mask: ArrayLike | None,
    q: FloatArray,
    sizes: tuple[int, int, int, int],
    unbatched: bool,
) -> FloatArray | None:
    """Both masks as numbers to be added to the scores, broadcastable to their (N, h, L, S)."""
    n, h, length, places = sizes
    masks = []
    if attn_mask is not None:
        mask = added_mask(attn_mask, True, q, "attn_mask")
        one, many = (length, places), (n * h, length, places)
        if mask.shape not in (one, many):
            raise ValueError(f"attn_mask has shape {mask.shape}; it must be {one} or {many}")
        masks.append(mask[None, None] if mask.shape == one else mask.reshape(sizes))
    if key_padding_mask is not None:
        mask = added_mask(key_padding_mask, True, q, "key_padding_mask")
        expected = (places,) if unbatched else (n, places)
        if mask.shape != expected:
            raise ValueError(f"key_padding_mask has shape {mask.shape}; it must be {expected}")
        masks.append(mask.reshape(n, 1, 1, places))
    return sum(masks[1:], masks[0]) if masks else None


def shown_weights(used: FloatArray, average: bool, ndim: int) -> FloatArray:
    """The weights as they are given out: their mean over the heads, or a copy of all."""
    shown: FloatArray = used.mean(axis=1) if average else np.copy(used)
    return shown if ndim == 3 else shown[0]


def shown_weights_backward(
    grad: ArrayLike | None, weights: FloatArray, shown: tuple[int, ...] | None, ndim: int
) -> FloatArray | None:
    """The gradient by each head's weights, (N, h or 1, L, S), from that by those given out."""
    if grad is None:
        return None
    if np.shape(grad) != shown:
        raise ValueError(f"grad_weights has shape {np.shape(grad)}; the weights have {shown}")
    array = as_grad(grad, shown, weights.dtype)
    array = array if ndim == 3 else array[None]
    # Of a mean over h heads, each head moves 1/h; (N, L, S) -> (N, 1, L, S), the same for all.
    return array if array.ndim == 4 else array[:, None] / weights.shape[1]
