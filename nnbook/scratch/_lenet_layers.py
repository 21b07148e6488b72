r"""The parts of LeNet-5 that later networks dropped, each with its `backward`.

Source: LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
recognition, Proceedings of the IEEE 86, section II.B and III.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnbook import nn
from nnbook._lenet import (
    SUBSAMPLED,
    A,
    S,
    check_answers,
    check_classes,
    check_codes,
    check_j,
    check_maps,
    crosses,
    uniform,
)
from nnbook._rng import layer_generator
from nnbook.nn import functional as F  # noqa: N812 - PyTorch's own name for it
from nnbook.nn._checks import as_grad, as_input, float_dtype, positive
from nnbook.nn._floats import FloatArray, as_floats, elementwise
from nnbook.nn.activation import _Elementwise

Array = NDArray[Any]


class ScaledTanh(_Elementwise):
    r"""The squashing function $f(a) = 1.7159 \tanh(\tfrac23 a)$, with $f(\pm 1) = \pm 1$.

    Source: the paper's appendix A. At $\pm 1$ it is most curved, so that targets of $\pm 1$ do not
    drive a unit into saturation.

    Examples:
        >>> ScaledTanh()(np.array([-1.0, 0.0, 1.0, 10.0])).round(3)
        array([-1.   ,  0.   ,  1.   ,  1.716])
    """

    def function(self, x: FloatArray) -> FloatArray:
        r"""$A \tanh(S a)$."""
        return _scaled_tanh(x)

    def slope(self, x: FloatArray, y: FloatArray) -> Any:  # noqa: ARG002
        r"""$f' = A S (1 - \tanh^2(S a)) = A S (1 - (f/A)^2)$."""
        return A * S * (1.0 - (y / A) ** 2)


@elementwise
def _scaled_tanh(x: FloatArray) -> FloatArray:
    return A * np.tanh(S * x)


class Subsampling(nn.Module):
    r"""Trainable pooling: the sum of 2 x 2 numbers, times a coefficient, plus a bias.

    $$y_{m,r,c} = w_m \left( x_{m,2r,2c} + x_{m,2r,2c+1} + x_{m,2r+1,2c} + x_{m,2r+1,2c+1} \right)
    + b_m$$

    Both start uniformly within $\pm 2.4/4$. A last odd row or column is left out.

    Args:
        channels: The number of maps; each has a coefficient and a bias of its own.
        rng: A generator or seed for the start.
        dtype: The type of the parameters.

    Attributes:
        weight: (channels,).
        bias: (channels,).

    Shapes:
        (N, channels, H, W) to (N, channels, H/2, W/2), or both without N.

    Examples:
        >>> layer = Subsampling(1, rng=0)
        >>> layer.load_state_dict({"weight": [0.5], "bias": [1.0]})
        >>> layer(np.array([[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 2.0]]]))
        array([[[6., 2.]]])
    """

    def __init__(
        self, channels: int, *, rng: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:  # fmt: skip
        positive(channels=channels)
        generator, floats = layer_generator(rng), float_dtype(dtype)
        start = [uniform(SUBSAMPLED, (channels,), 2.4, generator) for _ in range(2)]
        self.weight, self.bias = (nn.Parameter(a.astype(floats)) for a in start)

    @np.errstate(all="ignore")  # inf - inf = nan, as in PyTorch
    def forward(self, x: ArrayLike) -> Array:
        """One number for every four."""
        x = as_input(x, self.weight.data)
        check_maps(x.shape, len(self.weight.data))
        sums = F.avg_pool2d(x, 2, divisor_override=1)  # (N, C, H, W) -> (N, C, H/2, W/2)
        self.save_for_backward(x, sums)
        return sums * self.weight.data[:, None, None] + self.bias.data[:, None, None]

    @np.errstate(all="ignore")
    def backward(self, grad_output: ArrayLike) -> Array:
        r"""A coefficient meets every sum of its map, the bias every place: sums over all of them.

        $\partial L/\partial w_m = \sum_{n,r,c} G_{nmrc}\, s_{nmrc}$ with the sums $s$,
        $\partial L/\partial b_m = \sum_{n,r,c} G_{nmrc}$, and each of the four numbers in a sum
        receives $G_{nmrc}\, w_m$.
        """
        x, sums = self.saved
        grad = as_grad(grad_output, sums.shape, sums.dtype)
        places = (*range(sums.ndim - 3), -2, -1)  # all axes but that of the channels
        self.weight.add_grad((grad * sums).sum(axis=places))
        self.bias.add_grad(grad.sum(axis=places))
        grad_sums = grad * self.weight.data[:, None, None]
        return F.avg_pool2d_backward(grad_sums, x, 2, divisor_override=1)

    def extra_repr(self) -> str:
        """The number of maps."""
        return f"{len(self.weight.data)}"


class TableConv2d(nn.Module):
    r"""A convolution in which each map looks at some of the maps before it, by a table.

    $$z_{o,r,c} = b_o + \sum_{m \in \text{table}_o} \sum_{i,j} W_{o,m,i,j}\; x_{m,r+i,c+j}$$

    There is one kernel for each cross of the table. They start uniformly within $\pm 2.4$ by the
    number of pixels that the map sees.

    Args:
        table: For each map that goes out, the maps that it looks at.
        in_channels: The number of maps that come in.
        kernel_size: Height and width of the kernels.
        rng: A generator or seed for the start.
        dtype: The type of the parameters.

    Attributes:
        weight: (crosses, kernel_size, kernel_size).
        bias: (maps,).

    Shapes:
        (N, in_channels, H, W) to (N, maps, out_h, out_w), or both without N.

    Raises:
        ValueError: If the table names a map that is not there, or one twice, or none.

    Examples:
        >>> layer = TableConv2d([(0,), (0, 1)], in_channels=2, kernel_size=3, rng=0)
        >>> layer(np.zeros((1, 2, 8, 8))).shape, layer.weight.shape
        ((1, 2, 6, 6), (3, 3, 3))
    """

    def __init__(
        self, table: Sequence[Sequence[int]], in_channels: int, kernel_size: int, *,
        rng: int | np.random.Generator | None = None, dtype: DTypeLike = np.float64,
    ) -> None:  # fmt: skip
        positive(in_channels=in_channels, kernel_size=kernel_size)
        self._crosses = crosses(table, in_channels)  # (out, in)
        looks_at, side = self._crosses.sum(axis=1), kernel_size
        pixels, generator = looks_at * side**2, layer_generator(rng)
        shape = (int(looks_at.sum()), side, side)
        weight = uniform(np.repeat(pixels, looks_at), shape, 2.4, generator)
        bias = uniform(pixels, (len(pixels),), 2.4, generator)
        floats = float_dtype(dtype)
        self.weight, self.bias = (nn.Parameter(a.astype(floats)) for a in (weight, bias))

    def full_weight(self) -> Array:
        """The kernels as those of a `Conv2d`, (out, in, h, w), zero where there is no cross."""
        kernels = self.weight.data
        full = np.zeros((*self._crosses.shape, *kernels.shape[1:]), dtype=kernels.dtype)
        full[self._crosses] = kernels
        return full

    def forward(self, x: ArrayLike) -> Array:
        """The convolution with `full_weight`."""
        x, full = as_input(x, self.weight.data), self.full_weight()
        check_maps(x.shape, full.shape[1])
        self.save_for_backward(x, full)
        return F.conv2d(x, full, self.bias.data)

    def backward(self, grad_output: ArrayLike) -> Any:
        """That of the full convolution; where there is no cross, nobody asks for the gradient."""
        x, full = self.saved
        grads = F.conv2d_backward(grad_output, x, full)
        self.weight.add_grad(grads.weight[self._crosses])
        self.bias.add_grad(grads.bias)
        return grads.x

    def extra_repr(self) -> str:
        """Maps in, maps out, the kernels' size and their number."""
        (out, maps), side = self._crosses.shape, self.weight.shape[1]
        return f"{maps}, {out}, kernel_size={(side, side)}, crosses={self.weight.shape[0]}"


class RBF(nn.Module):
    r"""How near an answer is to each of several codes: minus the squared distance.

    $$s_i = -\lVert \mathbf{x} - \mathbf{c}_i \rVert^2$$

    The paper's Euclidean radial basis function units give the distance itself, a penalty. Here the
    sign is turned, so that the largest is the answer, as for all other networks of the book.

    Args:
        codes: What the answers should be, (classes, features). They are not learned.
        dtype: Their type; inputs must have it too.

    Shapes:
        (N, features) to (N, classes).

    Examples:
        >>> RBF([[1.0, 1.0], [1.0, -1.0]])(np.array([[1.0, 0.0], [1.0, 1.0]]))
        array([[-1., -1.],
               [-0., -4.]])
    """

    codes: Array

    def __init__(self, codes: ArrayLike, dtype: DTypeLike = np.float64) -> None:
        self.register_buffer("codes", np.array(codes, dtype=float_dtype(dtype)))
        check_codes(self.codes.shape)

    @np.errstate(all="ignore")  # too far for its dtype is inf
    def forward(self, x: ArrayLike) -> Array:
        """Minus the squared distance to each code."""
        x = as_input(x, self.codes)
        check_answers(x.shape, self.codes.shape)
        apart = x[:, None] - self.codes  # (N, 1, F) - (K, F) -> (N, K, F)
        self.save_for_backward(apart)
        return -(apart**2).sum(axis=-1)

    @np.errstate(all="ignore")
    def backward(self, grad_output: ArrayLike) -> Array:
        r"""$\partial L/\partial \mathbf{x} = -2 \sum_i G_i\, (\mathbf{x} - \mathbf{c}_i)$."""
        (apart,) = self.saved
        grad = as_grad(grad_output, apart.shape[:2], apart.dtype)
        return -2.0 * np.einsum("nk,nkf->nf", grad, apart)

    def extra_repr(self) -> str:
        """Features and classes."""
        return f"{self.codes.shape[1]}, {self.codes.shape[0]}"


class MAPLoss(nn.Module):
    r"""The paper's discriminative criterion: near to the right code, and far from the others.

    $$\mathcal{L} = y_t + \ln \Bigl( e^{-j} + \sum_i e^{-y_i} \Bigr), \qquad y_i = -s_i$$

    with $t$ the right class. It is a cross-entropy with one class more, "none of these", whose
    score is always $-j$: a distance of less than $j$ is near enough. Source: equation 9.

    Args:
        j: How near is near enough; the paper has it positive.

    Examples:
        >>> loss_fn = MAPLoss(j=2.0)
        >>> print(f"{loss_fn(np.array([[-1.0, -9.0]]), np.array([0])):.3f}")
        0.314
        >>> loss_fn.backward().round(3)
        array([[-0.269,  0.   ]])
    """

    def __init__(self, j: float = 10.0) -> None:
        check_j(j)
        self.j = j

    def forward(self, scores: ArrayLike, target: ArrayLike) -> float:
        """The mean loss, of scores (N, classes) and classes (N,)."""
        given, target = as_floats(scores), np.asarray(target)
        check_classes(given.shape, target)
        none_of_these = np.full((len(given), 1), -self.j, dtype=given.dtype)
        extended = np.concatenate([given, none_of_these], axis=1)  # (N, K + 1)
        self.save_for_backward(extended, target)
        return float(F.cross_entropy(extended, target))

    def backward(self, grad_output: float = 1.0) -> Array:
        r"""As for the cross-entropy, $(\mathbf{p} - \text{one-hot}) / N$, without the last column.

        The last score is a constant, and a constant has no gradient.
        """
        return F.cross_entropy_backward(grad_output, *self.saved)[:, :-1].copy()

    def extra_repr(self) -> str:
        """How near is near enough."""
        return f"j={self.j}"
