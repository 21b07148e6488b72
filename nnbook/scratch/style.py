r"""A style-based generator, small enough to learn on one page.

Pictures grow from a constant. What kind of picture it is, says at every layer a style, which is
computed from a random latent and scales and shifts that layer's maps.

Source: Karras, Laine and Aila (2019), A style-based generator architecture for generative
adversarial networks, CVPR.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnbook import _style, nn
from nnbook._rng import as_generator, layer_generator
from nnbook.nn._checks import as_input, float_dtype
from nnbook.scratch._style_layers import (
    AdaIN,
    MappingNetwork,
    NoiseInjection,
    StyleBlock,
    started,
)

__all__ = [
    "AdaIN",
    "MappingNetwork",
    "NoiseInjection",
    "StyleBlock",
    "StyleGenerator",
    "style_mixing",
    "truncate",
]

Array = NDArray[Any]


class _Generator(nn.Module):
    """From latents to pictures, and the way back."""

    mapping: MappingNetwork
    constant: nn.Parameter
    blocks: nn.ModuleList
    to_color: nn.Conv2d

    def styles(self, z: ArrayLike) -> Array:
        """The style of every layer."""
        raise NotImplementedError

    def synthesize(self, w: ArrayLike) -> Array:
        """Pictures of styles."""
        raise NotImplementedError

    def forward(self, z: ArrayLike) -> Array:
        """Pictures of latents, with fresh noise."""
        self.save_for_backward(np.ndim(z) == 2)
        return self.synthesize(self.styles(z))

    def backward(self, grad_output: ArrayLike) -> Array:
        """The gradient by the latents, after `forward`: each style's part, added up."""
        (shared,) = self.saved
        grad_w = self.synthesize_backward(grad_output)
        if shared:
            grad_w = grad_w.sum(axis=1)  # (N, L, style) -> (N, style): one w was used L times
        return self.mapping.backward(grad_w)

    def synthesize_backward(self, grad_output: ArrayLike) -> Array:
        """The gradient by the styles, (N, L, style), after `synthesize`."""
        grad: Any = self.to_color.backward(grad_output)
        grads_w = []
        for block in reversed(list(self.blocks)):
            grad, grad_w = block.backward(grad)
            grads_w.append(grad_w)
        self.constant.add_grad(grad.sum(axis=0, keepdims=True))
        return np.stack(grads_w[::-1], axis=1)


class StyleGenerator(_Generator):
    r"""Pictures from styles: a mapping network, and a synthesis network that starts at a constant.

    The synthesis has two blocks for each size: `start` by `start` pixels for the first, twice as
    many for the next. Each block has a style. A last convolution of one pixel turns the maps into
    colors, without an activation.

    What differs from the paper: pixels are enlarged without smoothing, and the weights are not
    rescaled at every step.

    Args:
        channels: The number of maps at each size, from the smallest.
        latent: How many numbers a latent $\mathbf{z}$ has.
        style: How many a style $\mathbf{w}$ has.
        start: Height and width of the constant.
        colors: The channels of a picture: 3, or 1 for gray.
        mapping_layers: The layers of the mapping network.
        rng: A generator or seed, for the start and for the noise. The twin in PyTorch starts from
            the same weights and draws the same noise.
        dtype: The type of the parameters; inputs must have it too.

    Attributes:
        mapping: The mapping network.
        constant: What every picture starts from, (1, channels[0], start, start).
        blocks: The blocks, one for each style.
        to_color: The last convolution.
        layers: The number of styles, 2 len(channels).
        size: Height and width of the pictures.

    Shapes:
        (N, latent) to (N, colors, size, size); or (N, layers, latent), a latent for every layer.

    Examples:
        >>> generator = StyleGenerator((8, 4), latent=5, style=6, rng=0)
        >>> generator.layers, generator.size
        (4, 8)
        >>> generator(np.random.default_rng(0).normal(size=(3, 5))).shape
        (3, 3, 8, 8)
    """

    def __init__(
        self, channels: Sequence[int] = (12, 8), *, latent: int = 8, style: int = 16,
        start: int = 4, colors: int = 3, mapping_layers: int = 2,
        rng: int | np.random.Generator | None = None, dtype: DTypeLike = np.float64,
    ) -> None:  # fmt: skip
        _style.check_generator(channels, latent=latent, style=style, start=start, colors=colors)
        generator, kind = layer_generator(rng), float_dtype(dtype)
        made: Any = {"rng": generator, "dtype": kind}
        self.mapping = MappingNetwork(latent, style, mapping_layers, **made)
        constant = generator.normal(size=(1, channels[0], start, start))
        self.constant = nn.Parameter(constant.astype(kind))
        blocks = [StyleBlock(None, channels[0], style, **made)]
        blocks += [StyleBlock(channels[0], channels[0], style, **made)]
        for before, now in pairwise(channels):
            blocks += [StyleBlock(before, now, style, upsample=True, **made)]
            blocks += [StyleBlock(now, now, style, **made)]
        self.blocks = nn.ModuleList(blocks)
        self.to_color = started(nn.Conv2d(channels[-1], colors, 1, dtype=kind, rng=0), generator)
        self.channels, self.latent, self.style, self.start = tuple(channels), latent, style, start
        self.layers, self.size = len(blocks), start * 2 ** (len(channels) - 1)
        self._generator = generator

    def styles(self, z: ArrayLike) -> Array:
        """The style of every layer, (N, layers, style), of latents (N, latent) or one per layer."""
        w = self.mapping(z)
        if w.ndim == 2:
            w = np.repeat(w[:, None], self.layers, axis=1)
        _style.check_styles(w.shape, self.layers, self.style)
        return w

    def synthesize(self, w: ArrayLike, noise: Sequence[ArrayLike] | None = None) -> Array:
        """Pictures of styles.

        Args:
            w: A style for every layer, (N, layers, style).
            noise: A map for every layer, (N, 1, h, w), as `draw_noise` gives; drawn if `None`.

        Returns:
            (N, colors, size, size).
        """
        w = as_input(w, self.constant.data, "w")
        _style.check_styles(w.shape, self.layers, self.style)
        noise = self.draw_noise(len(w)) if noise is None else noise
        _style.check_noises(len(noise), self.layers)
        x = np.repeat(self.constant.data, len(w), axis=0)
        for i, block in enumerate(self.blocks):
            x = block(x, np.ascontiguousarray(w[:, i]), noise[i])
        return np.asarray(self.to_color(x))

    def draw_noise(self, n: int, rng: int | np.random.Generator | None = None) -> list[Array]:
        """A map of noise for every layer of n pictures, from `rng` or the generator's own."""
        source = self._generator if rng is None else as_generator(rng)
        maps = _style.draw_noise(n, self.channels, self.start, source)
        return [m.astype(self.constant.dtype, copy=False) for m in maps]


def style_mixing(
    layers: int, latent: int, probability: float = 0.9
) -> Callable[[int, np.random.Generator], Array]:
    r"""What mixing regularization draws from: two latents for a picture, with a random crossover.

    The layers before the crossover get the first latent, the others the second. So no layer can
    rely on the others' having the same.

    Args:
        layers: The number of styles of the generator.
        latent: How many numbers a latent has.
        probability: How often a picture is mixed; the paper takes 0.9.

    Returns:
        A function of `n` and `rng` that draws (n, layers, latent), as `train_gan` wants it.

    Examples:
        >>> z = style_mixing(4, 2, probability=1.0)(3, np.random.default_rng(0))
        >>> z.shape
        (3, 4, 2)
        >>> bool((z[:, 0] != z[:, 3]).all())
        True
    """
    return _style.style_mixing(layers, latent, probability)


def truncate(w: ArrayLike, center: ArrayLike, psi: float) -> Array:
    r"""The truncation trick: styles drawn toward their mean, $\bar{w} + \psi (w - \bar{w})$.

    Args:
        w: Styles, (..., style).
        center: The mean style, (style,).
        psi: What remains of the distance: 1 all of it, 0 nothing.

    Examples:
        >>> truncate(np.array([[3.0, 1.0]]), np.array([1.0, 1.0]), 0.5)
        array([[2., 1.]])
    """
    w, center = np.asarray(w), np.asarray(center)
    _style.check_features("w", w.shape, len(center), dims=(2, 3))
    moved: Array = center + np.asarray(psi, w.dtype) * (w - center)
    return moved
