r"""A style-based generator in PyTorch: the twin of `nnbook.scratch.style`.

`python -m nnbook.pytorch.style --help` tells how to train it at 32 x 32 or 64 x 64 pixels, which
wants a GPU and has not been run yet.

Source: Karras, Laine and Aila (2019), A style-based generator architecture for generative
adversarial networks, CVPR.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nnbook import _style
from nnbook._rng import as_generator, layer_generator
from nnbook.pytorch._device import resolve_device
from nnbook.pytorch._style_layers import (
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


class StyleGenerator(nn.Module):
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
        rng: A generator or seed, for the start and for the noise. The twin in NumPy starts from the
            same weights and draws the same noise.
        dtype: The type of the parameters; inputs must have it too.
        device: Where they lie; "auto" takes a GPU if there is one.

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
        >>> generator = StyleGenerator((8, 4), latent=5, style=6, rng=0, device="cpu")
        >>> generator.layers, generator.size
        (4, 8)
        >>> generator(torch.ones(3, 5, dtype=torch.float64)).shape
        torch.Size([3, 3, 8, 8])
    """

    def __init__(
        self, channels: Sequence[int] = (12, 8), *, latent: int = 8, style: int = 16,
        start: int = 4, colors: int = 3, mapping_layers: int = 2,
        rng: int | np.random.Generator | None = None, dtype: torch.dtype = torch.float64,
        device: str | torch.device = "auto",
    ) -> None:  # fmt: skip
        super().__init__()
        _style.check_generator(channels, latent=latent, style=style, start=start, colors=colors)
        generator = layer_generator(rng)
        made: Any = {"rng": generator, "dtype": dtype}
        self.mapping = MappingNetwork(latent, style, mapping_layers, **made)
        constant = generator.normal(size=(1, channels[0], start, start))
        self.constant = nn.Parameter(torch.from_numpy(constant).to(dtype))
        blocks = [StyleBlock(None, channels[0], style, **made)]
        blocks += [StyleBlock(channels[0], channels[0], style, **made)]
        for before, now in pairwise(channels):
            blocks += [StyleBlock(before, now, style, upsample=True, **made)]
            blocks += [StyleBlock(now, now, style, **made)]
        self.blocks = nn.ModuleList(blocks)
        self.to_color = started(nn.Conv2d(channels[-1], colors, 1, dtype=dtype), generator)
        self.channels, self.latent, self.style, self.start = tuple(channels), latent, style, start
        self.layers, self.size = len(blocks), start * 2 ** (len(channels) - 1)
        self._generator = generator
        self.to(resolve_device(device, dtype))

    def forward(self, z: Tensor) -> Tensor:
        """Pictures of latents, with fresh noise."""
        return self.synthesize(self.styles(z))

    def styles(self, z: Tensor) -> Tensor:
        """The style of every layer, (N, layers, style), of latents (N, latent) or one per layer."""
        w: Tensor = self.mapping(z)
        if w.ndim == 2:
            w = w[:, None].expand(-1, self.layers, -1)
        _style.check_styles(w.shape, self.layers, self.style)
        return w

    def synthesize(self, w: Tensor, noise: Sequence[Tensor] | None = None) -> Tensor:
        """Pictures of styles.

        Args:
            w: A style for every layer, (N, layers, style).
            noise: A map for every layer, (N, 1, h, w), as `draw_noise` gives; drawn if `None`.

        Returns:
            (N, colors, size, size).
        """
        _style.check_styles(w.shape, self.layers, self.style)
        noise = self.draw_noise(len(w)) if noise is None else noise
        _style.check_noises(len(noise), self.layers)
        x: Tensor = self.constant.expand(len(w), -1, -1, -1)
        for i, block in enumerate(self.blocks):
            x = block(x, w[:, i], noise[i])
        pictures: Tensor = self.to_color(x)
        return pictures

    def draw_noise(self, n: int, rng: int | np.random.Generator | None = None) -> list[Tensor]:
        """A map of noise for every layer of n pictures, from `rng` or the generator's own.

        NumPy draws it, so that the twins see the same; on a GPU, where this would cost more than
        the rest, PyTorch does.
        """
        if self.constant.is_cuda and rng is None:
            shapes = _style.noise_shapes(self.channels, self.start)
            return [self.constant.new_empty(n, 1, *size).normal_() for size in shapes]
        source = self._generator if rng is None else as_generator(rng)
        maps = _style.draw_noise(n, self.channels, self.start, source)
        return [torch.from_numpy(m).to(self.constant) for m in maps]


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
        A function of `n` and `rng` that draws (n, layers, latent), as `train_gan` wants it. NumPy
        draws, so that both twins see the same.

    Examples:
        >>> style_mixing(4, 2, probability=1.0)(3, np.random.default_rng(0)).shape
        (3, 4, 2)
    """
    return _style.style_mixing(layers, latent, probability)


def truncate(w: Tensor, center: Tensor, psi: float) -> Tensor:
    r"""The truncation trick: styles drawn toward their mean, $\bar{w} + \psi (w - \bar{w})$.

    Args:
        w: Styles, (..., style).
        center: The mean style, (style,).
        psi: What remains of the distance: 1 all of it, 0 nothing.

    Examples:
        >>> truncate(torch.tensor([[3.0, 1.0]]), torch.tensor([1.0, 1.0]), 0.5)
        tensor([[2., 1.]])
    """
    _style.check_features("w", w.shape, len(center), dims=(2, 3))
    return center + psi * (w - center)


if __name__ == "__main__":
    from nnbook.pytorch._style_command import command

    command(StyleGenerator, style_mixing, None)
