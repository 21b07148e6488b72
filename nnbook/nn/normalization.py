r"""Batch and layer normalization: every layer finds its inputs centered, and of one size.

Without it, each step of the layers below changes the scale that the layers above have learned for.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnbook.nn._checks import float_dtype, positive, refuse, whole
from nnbook.nn._floats import FloatArray, as_floats
from nnbook.nn._normalization import (
    all_but_channels,
    batch_normalized,
    channels,
    layer_normalized,
)
from nnbook.nn._normalize import Normalized, affine, affine_backward, matching
from nnbook.nn.module import Module
from nnbook.nn.parameter import Parameter


class _Norm(Module):
    """What batch and layer normalization share: a scale and a shift to learn, and the way back.

    They start at 1 and 0: at first, the output is what was normalized.
    """

    weight: Parameter | None
    bias: Parameter | None

    def _start(self, shape: tuple[int, ...], weight: bool, bias: bool, dtype: DTypeLike) -> None:
        dtype = float_dtype(dtype)
        self.weight = Parameter(np.ones(shape, dtype)) if weight else None
        self.bias = Parameter(np.zeros(shape, dtype)) if weight and bias else None

    def _shaped(self, x: FloatArray, name: str, value: Any) -> FloatArray | None:
        """A parameter in the shape that goes with `x`."""
        raise NotImplementedError

    def _scale_and_shift(
        self, x: FloatArray, normalized: Normalized, shared: tuple[int, ...]
    ) -> FloatArray:
        weight = self._shaped(x, "weight", self.weight)
        self.save_for_backward(normalized, weight, shared)
        return affine(normalized.x_hat, weight, self._shaped(x, "bias", self.bias))

    def backward(self, grad_output: ArrayLike) -> FloatArray:
        r"""What arrives, without its mean and without its share along $\hat{x}$.

        With $g = \gamma\, \partial L/\partial y$ and $n$ numbers that share a mean,

        $$\frac{\partial L}{\partial x_i} = \frac{1}{\sqrt{\sigma^2 + \epsilon}} \left[ g_i
        - \frac{1}{n} \sum_j g_j - \hat{x}_i\, \frac{1}{n} \sum_j g_j \hat{x}_j \right]$$

        Where mean and variance are constants, the bracket is just $g_i$. The derivation stands at
        `functional.batch_norm_backward`.
        """
        grad_x, grad_weight, grad_bias = affine_backward(grad_output, *self.saved)
        if self.weight is not None:
            self.weight.add_grad(grad_weight)
        if self.bias is not None:
            self.bias.add_grad(grad_bias)
        return grad_x


class _BatchNorm(_Norm):
    """Batch normalization for any number of dimensions; the classes below say which they take."""

    _layouts: tuple[str, ...]
    running_mean: FloatArray | None
    running_var: FloatArray | None
    num_batches_tracked: Any

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: None = None,
        dtype: DTypeLike = np.float64,
        *,
        bias: bool = True,
    ) -> None:
        refuse(type(self).__name__, device=device)
        positive(num_features=num_features)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._start((num_features,), affine, bias, dtype)
        tracked = track_running_stats
        self.register_buffer("running_mean", np.zeros(num_features, dtype) if tracked else None)
        self.register_buffer("running_var", np.ones(num_features, dtype) if tracked else None)
        counter: Any = np.array(0, dtype=np.int64) if tracked else None
        self.register_buffer("num_batches_tracked", counter)

    def _shaped(self, x: FloatArray, name: str, value: Parameter | None) -> FloatArray | None:
        return channels(x, name, None if value is None else value.data)

    def forward(self, x: ArrayLike) -> FloatArray:
        """Each channel normalized, with the batch's mean and variance or with the running ones."""
        x = self._checked(x)
        mean, var = self.running_mean, self.running_var
        use_batch = self.training or mean is None or var is None
        if self.training and not self.track_running_stats:
            mean = var = None
        normalized = batch_normalized(x, mean, var, use_batch, self._momentum(), self.eps)
        return self._scale_and_shift(x, normalized, all_but_channels(x))

    def _checked(self, x: ArrayLike) -> FloatArray:
        array, name = as_floats(x), type(self).__name__
        if array.ndim not in [layout.count(",") + 1 for layout in self._layouts]:
            raise ValueError(
                f"x has shape {array.shape}; {name} takes {' or '.join(self._layouts)}"
            )
        if array.shape[1] != self.num_features:
            features = self.num_features
            raise ValueError(f"x has {array.shape[1]} channels; {name} has {features} features")
        return array

    def _momentum(self) -> float:
        """How much of this batch goes into the running values; counts the batch."""
        if not (self.training and self.track_running_stats):
            return 0.0
        self.num_batches_tracked += 1
        # With 1, 1/2, 1/3, ... the running mean is the mean of all batches so far.
        return 1.0 / int(self.num_batches_tracked) if self.momentum is None else self.momentum

    def extra_repr(self) -> str:
        """The options, as PyTorch shows them."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    r"""Each feature with mean 0 and variance 1 over the batch, then scaled and shifted.

    $$y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    In training, $\mu$ and $\sigma^2$ are those of the batch. A running mean and variance follow
    them, $r \leftarrow (1 - m)\, r + m\, \mu$, and take their place in `eval` mode: there the
    answer for one example must not depend on the others.

    Source: Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing
    internal covariate shift, 2015.

    Args:
        num_features: How many features, or channels.
        eps: $\epsilon$, so that a feature that never changes is divided by something.
        momentum: $m$; with `None`, the running values are the means over all batches.
        affine: Whether there are $\gamma$ and $\beta$ to learn.
        track_running_stats: Whether there are running values; if not, `eval` uses its batch too.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        bias: Whether there is a $\beta$.

    Attributes:
        weight: $\gamma$, (num_features,), or `None`.
        bias: $\beta$, (num_features,), or `None`.
        running_mean: (num_features,), or `None`.
        running_var: (num_features,), or `None`; without bias, divided by $n - 1$.
        num_batches_tracked: How many batches they have seen, or `None`.

    Shapes:
        (N, C) or (N, C, L), and the same again.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> norm = nn.BatchNorm1d(2)
        >>> norm(np.array([[1.0, 10.0], [3.0, 30.0]])).round(3)
        array([[-1., -1.],
               [ 1.,  1.]])
        >>> norm.running_mean
        array([0.2, 2. ])
    """

    _layouts = ("(N, C)", "(N, C, L)")


class BatchNorm2d(_BatchNorm):
    r"""As `BatchNorm1d`, for images: a channel's mean is taken over the batch and over all pixels.

    Args:
        num_features: How many channels.
        eps: $\epsilon$.
        momentum: $m$; with `None`, the running values are the means over all batches.
        affine: Whether there are $\gamma$ and $\beta$ to learn.
        track_running_stats: Whether there are running values.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.
        bias: Whether there is a $\beta$.

    Shapes:
        (N, C, H, W), and the same again.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> norm = nn.BatchNorm2d(3)
        >>> y = norm(np.random.default_rng(0).normal(5.0, 2.0, size=(4, 3, 8, 8)))
        >>> y.shape, abs(y.mean(axis=(0, 2, 3))).round(6), y.var(axis=(0, 2, 3)).round(4)
        ((4, 3, 8, 8), array([0., 0., 0.]), array([1., 1., 1.]))
    """

    _layouts = ("(N, C, H, W)",)


class LayerNorm(_Norm):
    r"""Each example with mean 0 and variance 1 over its features, then scaled and shifted.

    $$y = \gamma\, \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta$$

    An example is normalized by itself: there is no batch to look at, and so nothing that differs
    between training and use.

    Source: Ba, Kiros and Hinton, Layer normalization, 2016.

    Args:
        normalized_shape: The last dimensions, over which mean and variance are taken; a number, if
            it is only one.
        eps: $\epsilon$, so that equal features are divided by something.
        elementwise_affine: Whether there are $\gamma$ and $\beta$ to learn.
        bias: Whether there is a $\beta$.
        device: Not supported.
        dtype: The type of the parameters; inputs must have it too.

    Attributes:
        weight: $\gamma$, in the shape `normalized_shape`, or `None`.
        bias: $\beta$, likewise.

    Shapes:
        (..., *normalized_shape), and the same again.

    Examples:
        >>> import numpy as np
        >>> from nnbook import nn
        >>> nn.LayerNorm(2)(np.array([[1.0, 3.0], [10.0, 30.0]])).round(3)
        array([[-1.,  1.],
               [-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        refuse("LayerNorm", device=device)
        sizes = normalized_shape if isinstance(normalized_shape, Sequence) else [normalized_shape]
        for size in sizes:
            whole(normalized_shape=size)
        self.normalized_shape = tuple(int(size) for size in sizes)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self._start(self.normalized_shape, elementwise_affine, bias, dtype)

    def _shaped(self, x: FloatArray, name: str, value: Parameter | None) -> FloatArray | None:
        return matching(x, name, None if value is None else value.data, self.normalized_shape)

    def forward(self, x: ArrayLike) -> FloatArray:
        """Each example normalized."""
        x = as_floats(x)
        normalized = layer_normalized(x, self.normalized_shape, self.eps)
        examples = tuple(range(x.ndim - len(self.normalized_shape)))
        return self._scale_and_shift(x, normalized, examples)

    def extra_repr(self) -> str:
        """The options, as PyTorch shows them."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )
