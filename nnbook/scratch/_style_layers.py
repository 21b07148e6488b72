r"""The parts of a style-based generator, each with its `backward`.

Source: Karras, Laine and Aila (2019), A style-based generator architecture for generative
adversarial networks, CVPR.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnbook import nn
from nnbook._rng import layer_generator
from nnbook._style import EPS, SLOPE, check_features, check_maps, check_noise, he
from nnbook.nn._checks import as_grad, as_input, float_dtype, positive

Array = NDArray[Any]
Rng = int | np.random.Generator | None


def started(layer: Any, generator: np.random.Generator) -> Any:
    """A `Linear` or `Conv2d` with He's weights and no biases yet."""
    layer.weight.data[...] = he(layer.weight.shape, generator)
    layer.bias.data[...] = 0.0
    return layer


class MappingNetwork(nn.Sequential):
    r"""From a latent $\mathbf{z}$ to a style $\mathbf{w}$: a multi-layer perceptron.

    First every $\mathbf{z}$ is scaled to a root mean square of 1, so that only its direction
    counts; then come layers of neurons with a leaky rectifier (slope 0.2) after each. The paper has
    eight layers of 512.

    Args:
        latent: How many numbers $\mathbf{z}$ has.
        style: How many $\mathbf{w}$ has, and each hidden layer.
        layers: The number of layers.
        rng: A generator or seed for the start. The twin in PyTorch starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, latent) to (N, style), or (N, L, latent) to (N, L, style).

    Examples:
        >>> mapping = MappingNetwork(4, 8, rng=0)
        >>> z = np.random.default_rng(0).normal(size=(3, 4))
        >>> mapping(z).shape
        (3, 8)
        >>> bool(np.allclose(mapping(z), mapping(10 * z)))  # only the direction counts
        True
    """

    def __init__(
        self, latent: int, style: int, layers: int = 2, *, rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ) -> None:  # fmt: skip
        positive(latent=latent, style=style, layers=layers)
        generator = layer_generator(rng)
        parts: list[nn.Module] = []
        for inputs in (latent, *(style,) * (layers - 1)):
            linear = nn.Linear(inputs, style, dtype=float_dtype(dtype), rng=0)
            parts += [started(linear, generator), nn.LeakyReLU(SLOPE)]
        super().__init__(*parts)
        self.latent, self.style = latent, style

    def forward(self, z: ArrayLike) -> Array:
        """The style of each latent."""
        z = as_input(z, next(self.parameters()).data, "z")
        check_features("z", z.shape, self.latent, dims=(2, 3))
        size = np.sqrt((z**2).mean(axis=-1, keepdims=True) + EPS)
        direction = z / size
        self.save_for_backward(direction, size)
        return np.asarray(super().forward(direction))

    def backward(self, grad_output: ArrayLike) -> Array:
        r"""Through the layers, and then through the scaling.

        With $\mathbf{u} = \mathbf{z} / \rho$ and $\rho^2 = \frac1d \sum_j z_j^2$ the quotient rule
        gives $\partial L/\partial z_j = \frac1\rho \left( G_j - u_j\, \frac1d \sum_m G_m u_m
        \right)$: what would only make $\mathbf{z}$ longer is taken out.
        """
        direction, size = self.saved
        grad = super().backward(grad_output)
        along = (grad * direction).mean(axis=-1, keepdims=True)
        answer: Array = (grad - direction * along) / size
        return answer

    @classmethod
    def _of(cls, modules: Any) -> Any:
        return nn.Sequential._of(modules)


class AdaIN(nn.Module):
    r"""Adaptive instance normalization: a style says how strong each map is, and how bright.

    $$y_{n,c} = s_{n,c}\, \frac{x_{n,c} - \mu(x_{n,c})}{\sigma(x_{n,c})} + b_{n,c},
    \qquad (\mathbf{s}_n, \mathbf{b}_n) = \mathbf{A} \mathbf{w}_n + \mathbf{a}$$

    Mean and standard deviation are those of one map of one picture. Scales start around 1, shifts
    around 0.

    Source: Huang and Belongie (2017), Arbitrary style transfer in real-time with adaptive instance
    normalization, ICCV, equation 8; the affine map of a style is Karras, Laine and Aila's.

    Args:
        style: How many numbers a style has.
        channels: The number of maps.
        eps: Added to the variance.
        rng: A generator or seed for the start.
        dtype: The type of the parameters; inputs must have it too.

    Attributes:
        affine: The linear layer from a style to scales, the first half, and shifts.

    Shapes:
        (N, channels, H, W) and (N, style) to (N, channels, H, W).

    Examples:
        >>> layer = AdaIN(2, 1, rng=0)
        >>> layer.affine.load_state_dict({"weight": [[0.0, 0.0], [1.0, 0.0]], "bias": [2.0, 0.0]})
        >>> x = np.array([[[[1.0, 3.0]]]])
        >>> layer(x, np.array([[5.0, 0.0]])).round(3)  # 2 * (-1, 1) + 5
        array([[[[3., 7.]]]])
    """

    def __init__(
        self, style: int, channels: int, eps: float = 1e-5, *, rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ) -> None:  # fmt: skip
        positive(style=style, channels=channels)
        affine: Any = nn.Linear(style, 2 * channels, dtype=float_dtype(dtype), rng=0)
        weight, bias = affine.weight.data, affine.bias.data
        weight[...] = he(weight.shape, layer_generator(rng), gain=1.0)
        bias[:channels], bias[channels:] = 1.0, 0.0
        self.affine, self.channels, self.eps = affine, channels, eps

    def forward(self, x: ArrayLike, w: ArrayLike) -> Array:
        """Every map normalized, then scaled and shifted as its picture's style says."""
        x = as_input(x, self.affine.weight.data)
        check_maps(x.shape, self.channels, np.shape(w))
        style = self.affine(w)[:, :, None, None]  # (N, 2 C, 1, 1)
        scale, shift = style[:, : self.channels], style[:, self.channels :]
        centered = x - x.mean(axis=(2, 3), keepdims=True)
        sigma = np.sqrt((centered**2).mean(axis=(2, 3), keepdims=True) + self.eps)
        x_hat = centered / sigma
        self.save_for_backward(x_hat, sigma, scale)
        return scale * x_hat + shift

    def backward(self, grad_output: ArrayLike) -> tuple[Array, Array]:
        r"""By the maps as in any normalization, by the style through two sums over the places.

        With $G = \partial L/\partial y$ and means $\langle \cdot \rangle$ over the places of a map,
        $\partial L/\partial s = \sum G \hat{x}$, $\partial L/\partial b = \sum G$, and

        $$\frac{\partial L}{\partial x} = \frac{s}{\sigma} \left( G - \langle G \rangle
        - \hat{x}\, \langle G \hat{x} \rangle \right) .$$

        Returns:
            The gradients by `x` and by `w`.
        """
        x_hat, sigma, scale = self.saved
        grad = as_grad(grad_output, x_hat.shape, x_hat.dtype)
        mean = grad.mean(axis=(2, 3), keepdims=True)
        along = (grad * x_hat).mean(axis=(2, 3), keepdims=True)
        places = x_hat.shape[2] * x_hat.shape[3]
        grad_style = np.concatenate([along, mean], axis=1)[:, :, 0, 0] * places  # (N, 2 C)
        grad_w = self.affine.backward(np.ascontiguousarray(grad_style))
        return scale / sigma * (grad - mean - x_hat * along), grad_w

    def extra_repr(self) -> str:
        """Channels."""
        return f"{self.channels}"


class NoiseInjection(nn.Module):
    r"""Adds one map of noise to all maps, each of which has learned how much of it to take.

    $$y_{n,c} = x_{n,c} + v_c\, \boldsymbol{\varepsilon}_n$$

    The $v_c$ start at 0: a map that has no use for noise gets none.

    Args:
        channels: The number of maps.
        dtype: The type of the parameters.

    Attributes:
        weight: The $v_c$, (channels,).

    Shapes:
        (N, channels, H, W) and noise (N, 1, H, W) to (N, channels, H, W).

    Examples:
        >>> layer = NoiseInjection(2)
        >>> layer.load_state_dict({"weight": [0.0, 10.0]})
        >>> layer(np.zeros((1, 2, 1, 2)), np.array([[[[-1.0, 1.0]]]]))[0, :, 0] + 0.0
        array([[  0.,   0.],
               [-10.,  10.]])
    """

    def __init__(self, channels: int, *, dtype: DTypeLike = np.float64) -> None:
        positive(channels=channels)
        self.weight = nn.Parameter(np.zeros(channels, float_dtype(dtype)))

    def forward(self, x: ArrayLike, noise: ArrayLike) -> Array:
        """The maps with their share of the noise."""
        x, noise = as_input(x, self.weight.data), as_input(noise, self.weight.data, "noise")
        check_maps(x.shape, len(self.weight.data))
        check_noise(noise.shape, x.shape)
        self.save_for_backward(noise, x.shape)
        return x + self.weight.data[:, None, None] * noise

    def backward(self, grad_output: ArrayLike) -> Array:
        r"""By `x` what arrives; $\partial L/\partial v_c$ is the sum of it, times the noise.

        The noise itself is nobody's to change, and gets no gradient.
        """
        noise, shape = self.saved
        grad = as_grad(grad_output, shape, noise.dtype)
        self.weight.add_grad((grad * noise).sum(axis=(0, 2, 3)))
        return grad

    def extra_repr(self) -> str:
        """Channels."""
        return f"{len(self.weight.data)}"


class StyleBlock(nn.Module):
    r"""What one style governs: a convolution, noise, a leaky rectifier, and AdaIN.

    Args:
        in_channels: The maps that come in; `None` for the first block, whose maps are the constant
            and need no convolution.
        out_channels: The maps that go out.
        style: How many numbers a style has.
        upsample: Whether to double height and width first, each pixel becoming a square of four.
        rng: A generator or seed for the start.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, in_channels, H, W), a style (N, style) and noise (N, 1, h, w) to
        (N, out_channels, h, w), with h = 2 H if upsampling.

    Examples:
        >>> block = StyleBlock(4, 2, style=3, upsample=True, rng=0)
        >>> block(np.ones((5, 4, 2, 2)), np.ones((5, 3)), np.zeros((5, 1, 4, 4))).shape
        (5, 2, 4, 4)
    """

    def __init__(
        self, in_channels: int | None, out_channels: int, style: int, upsample: bool = False, *,
        rng: Rng = None, dtype: DTypeLike = np.float64,
    ) -> None:  # fmt: skip
        generator, kind = layer_generator(rng), float_dtype(dtype)
        self.conv: Any = nn.Identity()
        if in_channels is not None:
            conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, dtype=kind, rng=0)
            self.conv = started(conv, generator)
        self.noise = NoiseInjection(out_channels, dtype=kind)
        self.activation = nn.LeakyReLU(SLOPE)
        self.adain = AdaIN(style, out_channels, rng=generator, dtype=kind)
        self.upsample = upsample

    def forward(self, x: ArrayLike, w: ArrayLike, noise: ArrayLike) -> Array:
        """The maps in their new style."""
        x = enlarged(np.asarray(x)) if self.upsample else x
        maps: Array = self.activation(self.noise(self.conv(x), noise))
        return np.asarray(self.adain(maps, w))

    def backward(self, grad_output: ArrayLike) -> tuple[Array, Array]:
        """Part by part; a pixel that was enlarged to four gets the sum of their gradients.

        Returns:
            The gradients by `x` and by `w`.
        """
        grad, grad_w = self.adain.backward(grad_output)
        grad = self.conv.backward(self.noise.backward(self.activation.backward(grad)))
        return (shrunk(grad) if self.upsample else grad), grad_w


def enlarged(x: Array) -> Array:
    """Each pixel four times, (N, C, H, W) to (N, C, 2 H, 2 W)."""
    return x.repeat(2, axis=2).repeat(2, axis=3)


def shrunk(grad: Array) -> Array:
    """The way back from `enlarged`: the sum of each four."""
    rows: Array = grad[:, :, ::2] + grad[:, :, 1::2]
    return rows[..., ::2] + rows[..., 1::2]
