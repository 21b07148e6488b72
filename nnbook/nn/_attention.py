"""Attention: every query asks all keys, and takes the values of those that answer."""

import math

import numpy as np
from numpy.typing import ArrayLike

from nnbook.nn._checks import as_grad, as_input, refuse
from nnbook.nn._dropout import apply_mask
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._softmax import softmax, softmax_backward

Three = tuple[FloatArray, FloatArray, FloatArray]


@np.errstate(all="ignore")  # where inf - inf = nan, PyTorch answers nan as well
def scaled_dot_product_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    attn_mask: ArrayLike | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> FloatArray:
    r"""Means of the values, weighted by how well their keys fit the query.

    $$A = \operatorname{softmax}\left( \frac{Q K^\top}{\sqrt{d}} + M \right), \qquad Y = A V$$

    The product of a query and a key with $d$ numbers of variance 1 has the variance $d$; the root
    brings it back to 1, so that softmax does not start out where it is flat.

    Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, Attention is
    all you need, 2017.

    Args:
        query: $Q$, (..., L, d).
        key: $K$, (..., S, d).
        value: $V$, (..., S, e).
        attn_mask: $M$, broadcastable to (..., L, S): numbers to be added, or booleans, true where
            a query may see a key.
        dropout_p: Not supported; `MultiheadAttention` has it.
        is_causal: Whether a query sees only the keys up to its own place, instead of `attn_mask`.
        scale: A factor instead of $1/\sqrt{d}$.
        enable_gqa: Not supported.

    Returns:
        $Y$, (..., L, e). Where a query may see no key at all, zeros.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit, or both a mask and `is_causal` are given.

    Examples:
        >>> import numpy as np
        >>> from nnbook.nn import functional as F
        >>> query, key = np.array([[2.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]])
        >>> F.scaled_dot_product_attention(query, key, np.array([[1.0], [0.0]])).round(3)
        array([[0.944]])
    """
    refuse("attention", dropout_p=dropout_p or None, enable_gqa=enable_gqa)
    q, k, v = _checked(query, key, value)
    mask = _mask(attn_mask, is_causal, q, k)
    weights = attention_weights(q, k, mask, _scale(scale, q))
    return weights @ v  # (..., L, S) @ (..., S, e) -> (..., L, e)


def scaled_dot_product_attention_backward(
    grad_output: ArrayLike,
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    attn_mask: ArrayLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> Three:
    r"""The gradients of `scaled_dot_product_attention`.

    It is two matrix products with softmax in between. A product $Y = A V$ has the gradients

    $$\frac{\partial L}{\partial A} = \frac{\partial L}{\partial Y} V^\top, \qquad
    \frac{\partial L}{\partial V} = A^\top \frac{\partial L}{\partial Y}$$

    Through softmax (see `softmax_backward`), row by row, with the scores $Z = c\, Q K^\top + M$:

    $$\frac{\partial L}{\partial Z_{ls}} = A_{ls} \left( \frac{\partial L}{\partial A_{ls}}
    - \sum_t A_{lt} \frac{\partial L}{\partial A_{lt}} \right)$$

    Where the mask is $-\infty$, the weight $A_{ls}$ is 0, and so is the gradient. At last, the
    other product:

    $$\frac{\partial L}{\partial Q} = c\, \frac{\partial L}{\partial Z} K, \qquad
    \frac{\partial L}{\partial K} = c \left( \frac{\partial L}{\partial Z} \right)^\top Q$$

    Args:
        grad_output: $\partial L / \partial Y$, (..., L, e).
        query: As for `scaled_dot_product_attention`, and so are the others.
        key: (..., S, d).
        value: (..., S, e).
        attn_mask: Broadcastable to (..., L, S).
        is_causal: Whether a query saw only the keys up to its own place.
        scale: $c$, by default $1/\sqrt{d}$.

    Returns:
        The gradients by `query`, by `key` and by `value`.

    Raises:
        TypeError: If the dtypes differ or are no floats.
        ValueError: If the shapes do not fit, or both a mask and `is_causal` are given.

    Examples:
        >>> import numpy as np
        >>> from nnbook.nn import functional as F
        >>> query, key = np.array([[2.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]])
        >>> _, _, grad_value = F.scaled_dot_product_attention_backward(
        ...     np.array([[1.0]]), query, key, np.array([[1.0], [0.0]]))
        >>> grad_value.round(3)
        array([[0.944],
               [0.056]])
    """
    q, k, v = _checked(query, key, value)
    grad = as_grad(grad_output, (*q.shape[:-1], v.shape[-1]), q.dtype)
    factor = _scale(scale, q)
    weights = attention_weights(q, k, _mask(attn_mask, is_causal, q, k), factor)
    return attention_backward(grad, None, weights, None, q, k, v, factor)


@np.errstate(all="ignore")
def attention_weights(
    q: FloatArray, k: FloatArray, mask: FloatArray | None, scale: float, zeros: bool = True
) -> FloatArray:
    """The weight of each key for each query, (..., L, S), before dropout.

    Args:
        q: (..., L, d).
        k: (..., S, d).
        mask: What to add to the scores, or `None`.
        scale: What to multiply them by.
        zeros: Whether a query that may see no key gives all of them the weight 0, or `nan`.
    """
    scores: FloatArray = (q * scale) @ np.swapaxes(
        k, -1, -2
    )  # (..., L, d) @ (..., d, S) -> (..., L, S)
    if mask is not None:
        scores += mask
    weights: FloatArray = softmax(scores)
    if zeros:
        weights[np.isneginf(scores).all(axis=-1)] = 0.0
    return weights


@np.errstate(all="ignore")
def attention_backward(
    grad: FloatArray,
    grad_weights: FloatArray | None,
    weights: FloatArray,
    dropped: FloatArray | None,
    q: FloatArray,
    k: FloatArray,
    v: FloatArray,
    scale: float,
) -> Three:
    """`scaled_dot_product_attention_backward`, for the weights and the mask of dropout at hand.

    Args:
        grad: The gradient by the output, (..., L, e).
        grad_weights: That by the weights, if they were given out too, (..., L, S).
        weights: The weights, (..., L, S).
        dropped: The mask of dropout that they were multiplied by, or `None`.
        q: (..., L, d).
        k: (..., S, d).
        v: (..., S, e).
        scale: The factor of the scores.
    """
    used = weights if dropped is None else apply_mask(weights, dropped)
    grad_v = np.swapaxes(used, -1, -2) @ grad  # (..., S, L) @ (..., L, e) -> (..., S, e)
    grad_used: FloatArray = grad @ np.swapaxes(
        v, -1, -2
    )  # (..., L, e) @ (..., e, S) -> (..., L, S)
    if grad_weights is not None:
        grad_used = grad_used + grad_weights
    if dropped is not None:
        grad_used = apply_mask(grad_used, dropped)
    grad_scores = softmax_backward(grad_used, weights) * scale
    grad_k = np.swapaxes(grad_scores, -1, -2) @ q  # (..., S, L) @ (..., L, d) -> (..., S, d)
    return grad_scores @ k, grad_k, grad_v


def added_mask(mask: ArrayLike, hidden: bool, like: FloatArray, name: str) -> FloatArray:
    """A mask as numbers to be added to the scores: minus infinity hides a key.

    Args:
        mask: Numbers, which stay, or booleans.
        hidden: Which boolean hides. PyTorch's two kinds of attention do not agree on it.
        like: An array of the dtype that is wanted.
        name: What to call the mask in a message.
    """
    array = np.asarray(mask)
    if array.dtype == np.bool_:
        return np.where(array == hidden, -np.inf, 0.0).astype(like.dtype)
    if array.dtype != like.dtype:
        raise TypeError(f"{name} has dtype {array.dtype}; it needs bool, or {like.dtype} as query")
    return array


def _mask(
    attn_mask: ArrayLike | None, is_causal: bool, q: FloatArray, k: FloatArray
) -> FloatArray | None:
    shape = (*q.shape[:-1], k.shape[-2])  # (..., L, S)
    if is_causal:
        if attn_mask is not None:
            raise ValueError("attn_mask and is_causal were both given; one of them is the mask")
        attn_mask = np.tri(*shape[-2:], dtype=bool)
    if attn_mask is None:
        return None
    mask = added_mask(attn_mask, False, q, "attn_mask")
    try:
        fits = np.broadcast_shapes(mask.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"attn_mask has shape {mask.shape}; the scores have {shape}")
    return mask


def _scale(scale: float | None, q: FloatArray) -> float:
    return 1.0 / math.sqrt(max(1, q.shape[-1])) if scale is None else float(scale)


def _checked(query: ArrayLike, key: ArrayLike, value: ArrayLike) -> Three:
    q = as_floats(query)
    k, v = (as_input(x, q, name) for x, name in ((key, "key"), (value, "value")))
    shapes = f"query has shape {q.shape}, key {k.shape}, value {v.shape}"
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ValueError(f"{shapes}; they must be (..., length, features)")
    if q.shape[-1] != k.shape[-1]:
        raise ValueError(f"{shapes}; query and key need equally many features")
    if k.shape[-2] != v.shape[-2]:
        raise ValueError(f"{shapes}; every key needs a value")
    if not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        raise ValueError(f"{shapes}; all but the last two dimensions must be equal")
    return q, k, v
