"""Multi-head attention: several questions at once about every place of a sequence."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook._rng import layer_generator
from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn import init
from nnbook.nn._attention import attention_backward, attention_weights
from nnbook.nn._checks import as_grad, as_input, float_dtype, fraction, positive, refuse
from nnbook.nn._dropout import apply_mask
from nnbook.nn._floats import FloatArray
from nnbook.nn._heads import (
    as_given,
    batch_first,
    check_inputs,
    join_heads,
    merged_mask,
    shown_weights,
    shown_weights_backward,
    split_heads,
)
from nnbook.nn.linear import Linear
from nnbook.nn.module import Module
from nnbook.nn.parameter import Parameter


class MultiheadAttention(Module):
    r"""Attention by several heads, each with its own view of queries, keys and values.

    $$\text{head}_i = \operatorname{softmax}\left( \frac{Q_i K_i^\top}{\sqrt{d}} + M \right) V_i,
    \qquad Q_i = X_Q W_i^{Q\top} + b_i^Q, \quad \text{and so on}$$

    The heads, of $d = E / h$ numbers each, are put side by side and go through one more linear
    layer, `out_proj`.

    Source: Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin, Attention is
    all you need, 2017.

    Args:
        embed_dim: $E$, how many numbers describe a place of the sequence.
        num_heads: $h$; it divides $E$.
        dropout: The probability with which a weight is dropped in training.
        bias: Whether the projections have biases.
        add_bias_kv: Whether to add one more key and value, both learned.
        add_zero_attn: Whether to add one more key and value, both zero.
        kdim: How many numbers describe a key, if not $E$.
        vdim: How many describe a value, if not $E$.
        batch_first: Whether the batch is the first dimension, (N, L, E), or the second, (L, N, E).
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        rng: A generator or seed for the start, and for what is dropped.

    Attributes:
        in_proj_weight: The weights for queries, keys and values, one below the other, (3 E, E);
            `None` if keys or values have a size of their own.
        q_proj_weight: In that case (E, E), else `None`.
        k_proj_weight: In that case (E, kdim), else `None`.
        v_proj_weight: In that case (E, vdim), else `None`.
        in_proj_bias: (3 E,), or `None`.
        bias_k: (1, 1, E), or `None`.
        bias_v: (1, 1, E), or `None`.
        out_proj: The linear layer after the heads.

    Shapes:
        A query (L, N, E), a key (S, N, kdim) and a value (S, N, vdim) to an output (L, N, E) and
        weights (N, L, S). Without N, the same without a batch.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> attention = nn.MultiheadAttention(4, num_heads=2, batch_first=True, rng=0)
        >>> x = np.random.default_rng(0).normal(size=(3, 5, 4))
        >>> output, weights = attention(x, x, x)
        >>> output.shape, weights.shape
        ((3, 5, 4), (3, 5, 5))
        >>> grad_query, grad_key, grad_value = attention.backward(np.ones((3, 5, 4)))
        >>> (grad_query + grad_key + grad_value).shape  # by x, which has gone in three times
        (3, 5, 4)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        rng: int | np.random.Generator | None = None,
    ) -> None:
        refuse("MultiheadAttention", device=device)
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        positive(embed_dim=embed_dim, num_heads=num_heads, kdim=self.kdim, vdim=self.vdim)
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim is {embed_dim}; num_heads, {num_heads}, must divide it")
        fraction("dropout", dropout)
        self.dropout, self.head_dim = dropout, embed_dim // num_heads
        self.batch_first, self.add_zero_attn = batch_first, add_zero_attn
        self._rng = layer_generator(rng)
        self._start(bias, add_bias_kv, float_dtype(dtype))

    def _start(self, bias: bool, add_bias_kv: bool, dtype: Any) -> None:
        """The parameters: projections as Glorot and Bengio say, their biases zero."""

        def weight(*shape: int) -> Parameter:
            table = Parameter(np.empty(shape, dtype))
            init.xavier_uniform_(table, rng=self._rng)
            return table

        def extra() -> Parameter:
            row = Parameter(np.empty((1, 1, e), dtype))
            init.xavier_normal_(row, rng=self._rng)
            return row

        e = self.embed_dim
        one_table = self.kdim == self.vdim == e
        self.q_proj_weight = None if one_table else weight(e, e)
        self.k_proj_weight = None if one_table else weight(e, self.kdim)
        self.v_proj_weight = None if one_table else weight(e, self.vdim)
        self.in_proj_weight = weight(3 * e, e) if one_table else None
        self.in_proj_bias = Parameter(np.zeros(3 * e, dtype)) if bias else None
        self.bias_k = extra() if add_bias_kv else None
        self.bias_v = extra() if add_bias_kv else None
        self.out_proj = Linear(e, e, bias=bias, dtype=dtype, rng=self._rng)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    @np.errstate(all="ignore")  # where inf - inf = nan, PyTorch answers nan as well
    def forward(
        self,
        query: ArrayLike,
        key: ArrayLike,
        value: ArrayLike,
        key_padding_mask: ArrayLike | None = None,
        need_weights: bool = True,
        attn_mask: ArrayLike | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[FloatArray, FloatArray | None]:
        r"""What the queries have gathered from the values, and with which weights.

        Args:
            query: Those who ask, (L, N, E).
            key: What they compare with, (S, N, kdim).
            value: What they get, (S, N, vdim).
            key_padding_mask: Keys that nobody may see, (N, S): true, or minus infinity.
            need_weights: Whether to give out the weights. If so, a query that may see no key gets
                `nan`, as in PyTorch; if not, it gets zeros.
            attn_mask: Keys that a query may not see, (L, S) or (N * num_heads, L, S): true; or
                numbers to be added to the scores.
            average_attn_weights: Whether to give out their mean over the heads.
            is_causal: That `attn_mask` is the causal one. A hint, that nothing depends on here.

        Returns:
            The output, (L, N, E), and the weights, (N, L, S) or (N, num_heads, L, S), or `None`.

        Raises:
            TypeError: If a dtype is not that of the parameters; a mask may also be of booleans.
            ValueError: If the shapes do not fit, or the hint comes without a mask.
        """
        if is_causal and attn_mask is None:
            raise ValueError("is_causal=True only says what attn_mask is; attn_mask is None")
        ndim, inputs = np.ndim(query), self._inputs(query, key, value)  # (N, L or S, features)
        mask = self._mask(inputs, attn_mask, key_padding_mask, ndim == 2)
        q, k, v = heads = self._heads(inputs)  # (N, h, L, d), (N, h, S, d), (N, h, S, d)
        weights = attention_weights(q, k, mask, self.head_dim**-0.5, zeros=not need_weights)
        dropped = None  # the mask of dropout, where there is dropout
        if self.training and self.dropout:
            dropped = F.dropout_mask(weights.shape, self.dropout, weights.dtype, self._rng)
        used = weights if dropped is None else apply_mask(weights, dropped)
        output = self.out_proj(join_heads(used @ v))  # (N, h, L, S) @ (N, h, S, d) -> (N, h, L, d)
        shown = shown_weights(used, average_attn_weights, ndim) if need_weights else None
        shape = None if shown is None else shown.shape
        self.save_for_backward(inputs, heads, weights, dropped, ndim, shape)
        return as_given(output, self.batch_first, ndim), shown

    @np.errstate(all="ignore")
    def backward(
        self, grad_output: ArrayLike, grad_weights: ArrayLike | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        r"""The way back: through `out_proj`, through the heads, through the projections.

        Attention has its derivation at `functional.scaled_dot_product_attention_backward`, the
        projections have theirs at `functional.linear_backward`. Heads do not meet on the way. The
        key and the value that were added with `add_bias_kv` served every example, and so their
        gradients are summed over the batch.

        Args:
            grad_output: The gradient by the output.
            grad_weights: The gradient by the weights that were given out, if the loss has looked
                at them. Of a mean over $h$ heads, each head gets $1/h$.

        Returns:
            The gradients by query, key and value. If one array was all three, its gradient is
            their sum.

        Raises:
            ValueError: If a shape is not that of what was given out.
        """
        inputs, (q, k, v), weights, dropped, ndim, shown = self.saved
        first, (x_q, x_k, _) = self.batch_first, inputs
        grad = as_grad(grad_output, as_given(x_q, first, ndim).shape, x_q.dtype)
        grad_used = shown_weights_backward(grad_weights, weights, shown, ndim)
        grad = split_heads(self.out_proj.backward(batch_first(grad, first)), self.num_heads)
        scale = self.head_dim**-0.5
        grads = attention_backward(grad, grad_used, weights, dropped, q, k, v, scale)
        grad_q, grad_k, grad_v = (join_heads(g) for g in grads)  # (N, L or S + extra, E)
        grad_k = self._without_extra(grad_k, self.bias_k, x_k.shape[1])
        grad_v = self._without_extra(grad_v, self.bias_v, x_k.shape[1])
        grad_inputs = self._projections_backward((grad_q, grad_k, grad_v), inputs)
        grad_q, grad_k, grad_v = (as_given(g, first, ndim) for g in grad_inputs)
        return grad_q, grad_k, grad_v

    # The steps

    def _inputs(self, *given: ArrayLike) -> list[FloatArray]:
        names, weight = ("query", "key", "value"), self.out_proj.weight.data
        arrays = {n: as_input(x, weight, n) for n, x in zip(names, given, strict=True)}
        check_inputs(arrays, (self.embed_dim, self.kdim, self.vdim), self.batch_first)
        return [batch_first(x, self.batch_first) for x in arrays.values()]

    def _mask(self, inputs: Any, attn_mask: Any, padding: Any, unbatched: bool) -> Any:
        (n, length, _), places = inputs[0].shape, inputs[1].shape[1]
        sizes = (n, self.num_heads, length, places)
        mask = merged_mask(attn_mask, padding, inputs[0], sizes, unbatched)
        extra = (self.bias_k is not None) + self.add_zero_attn  # everyone may see these
        return None if mask is None else np.pad(mask, [(0, 0)] * 3 + [(0, extra)])

    def _projections(self) -> tuple[list[FloatArray], list[Any]]:
        """The weights and the biases that make queries, keys and values."""
        biases = [None] * 3 if self.in_proj_bias is None else np.split(self.in_proj_bias.data, 3)
        if self.in_proj_weight is not None:
            return np.split(self.in_proj_weight.data, 3), biases
        return [p.data for p in self._own_tables()], biases

    def _heads(self, inputs: list[FloatArray]) -> list[FloatArray]:
        """What each head works on."""
        weights, biases = self._projections()
        q, k, v = (F.linear(*each) for each in zip(inputs, weights, biases, strict=True))
        k, v = self._with_extra(k, self.bias_k), self._with_extra(v, self.bias_v)
        return [split_heads(x, self.num_heads) for x in (q, k, v)]

    def _with_extra(self, x: FloatArray, bias: Parameter | None) -> FloatArray:
        """The keys, or values, and after them those that are learned, or zero."""
        parts, shape = [x], (len(x), 1, self.embed_dim)
        if bias is not None:
            parts.append(np.broadcast_to(bias.data, shape))
        if self.add_zero_attn:
            parts.append(np.zeros(shape, x.dtype))
        return np.concatenate(parts, axis=1)  # (N, S, E) -> (N, S + extra, E)

    def _without_extra(self, grad: FloatArray, bias: Parameter | None, places: int) -> FloatArray:
        if bias is not None:
            bias.add_grad(grad[:, places : places + 1].sum(axis=0, keepdims=True))
        return grad[:, :places]

    def _own_tables(self) -> list[Any]:
        return [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]

    def _projections_backward(
        self, grads: tuple[FloatArray, ...], inputs: list[FloatArray]
    ) -> list[Any]:
        """The gradients by the inputs; those by weights and biases are added to theirs."""
        triples = zip(grads, inputs, self._projections()[0], strict=True)
        grad_inputs, grad_weights, grad_biases = zip(
            *(F.linear_backward(*each) for each in triples), strict=True
        )
        if self.in_proj_weight is not None:
            self.in_proj_weight.add_grad(np.concatenate(grad_weights))
        else:
            for parameter, grad in zip(self._own_tables(), grad_weights, strict=True):
                parameter.add_grad(grad)
        if self.in_proj_bias is not None:
            self.in_proj_bias.add_grad(np.concatenate(grad_biases))
        return list(grad_inputs)
