r"""The parts of a style-based generator: the twin of `nnbook.scratch._style_layers`.

Source: Karras, Laine and Aila (2019), A style-based generator architecture for generative
adversarial networks, CVPR.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from nnbook._rng import layer_generator
from nnbook._style import EPS, SLOPE, check_features, check_maps, check_noise, he
from nnbook.nn._checks import positive

Rng = int | np.random.Generator | None


@torch.no_grad()
def started(layer: Any, generator: np.random.Generator) -> Any:
    """A `Linear` or `Conv2d` with He's weights, drawn by NumPy, and no biases yet."""
    layer.weight.copy_(torch.from_numpy(he(layer.weight.shape, generator)))
    layer.bias.zero_()
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
        rng: A generator or seed for the start. The twin in NumPy starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, latent) to (N, style), or (N, L, latent) to (N, L, style).

    Examples:
        >>> MappingNetwork(4, 8, rng=0)(torch.ones(3, 4, dtype=torch.float64)).shape
        torch.Size([3, 8])
    """

    def __init__(
        self, latent: int, style: int, layers: int = 2, *, rng: Rng = None,
        dtype: torch.dtype = torch.float64,
    ) -> None:  # fmt: skip
        positive(latent=latent, style=style, layers=layers)
        generator = layer_generator(rng)
        parts: list[nn.Module] = []
        for inputs in (latent, *(style,) * (layers - 1)):
            linear = started(nn.Linear(inputs, style, dtype=dtype), generator)
            parts += [linear, nn.LeakyReLU(SLOPE)]
        super().__init__(*parts)
        self.latent, self.style = latent, style

    def forward(self, z: Tensor) -> Tensor:
        """The style of each latent."""
        check_features("z", z.shape, self.latent, dims=(2, 3))
        x = z / torch.sqrt((z**2).mean(dim=-1, keepdim=True) + EPS)
        for layer in self:
            x = layer(x)
        return x

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return nn.Sequential(*list(self)[index])
        return super().__getitem__(index)


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
        >>> AdaIN(2, 3, rng=0, dtype=torch.float32)(torch.ones(1, 3, 4, 4), torch.ones(1, 2)).shape
        torch.Size([1, 3, 4, 4])
    """

    def __init__(
        self, style: int, channels: int, eps: float = 1e-5, *, rng: Rng = None,
        dtype: torch.dtype = torch.float64,
    ) -> None:  # fmt: skip
        super().__init__()
        positive(style=style, channels=channels)
        self.affine = nn.Linear(style, 2 * channels, dtype=dtype)
        weight = he(self.affine.weight.shape, layer_generator(rng), gain=1.0)
        with torch.no_grad():
            self.affine.weight.copy_(torch.from_numpy(weight))
            self.affine.bias.copy_(torch.arange(2 * channels) < channels)  # ones, then zeros
        self.channels, self.eps = channels, eps

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Every map normalized, then scaled and shifted as its picture's style says."""
        check_maps(x.shape, self.channels, w.shape)
        scale, shift = self.affine(w)[:, :, None, None].chunk(2, dim=1)  # (N, C, 1, 1) each
        variance, mean = torch.var_mean(x, dim=(2, 3), correction=0, keepdim=True)
        return scale * ((x - mean) / torch.sqrt(variance + self.eps)) + shift

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
        >>> layer = NoiseInjection(2, dtype=torch.float32)
        >>> layer(torch.ones(1, 2, 1, 1), torch.ones(1, 1, 1, 1)).sum().item()  # no noise yet
        2.0
    """

    def __init__(self, channels: int, *, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        positive(channels=channels)
        self.weight = nn.Parameter(torch.zeros(channels, dtype=dtype))

    def forward(self, x: Tensor, noise: Tensor) -> Tensor:
        """The maps with their share of the noise."""
        check_maps(x.shape, len(self.weight))
        check_noise(noise.shape, x.shape)
        return x + self.weight[:, None, None] * noise

    def extra_repr(self) -> str:
        """Channels."""
        return f"{len(self.weight)}"


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
        >>> block = StyleBlock(4, 2, style=3, upsample=True, rng=0, dtype=torch.float32)
        >>> block(torch.ones(5, 4, 2, 2), torch.ones(5, 3), torch.zeros(5, 1, 4, 4)).shape
        torch.Size([5, 2, 4, 4])
    """

    def __init__(
        self, in_channels: int | None, out_channels: int, style: int, upsample: bool = False, *,
        rng: Rng = None, dtype: torch.dtype = torch.float64,
    ) -> None:  # fmt: skip
        super().__init__()
        generator = layer_generator(rng)
        self.conv: Any = nn.Identity()
        if in_channels is not None:
            conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, dtype=dtype)
            self.conv = started(conv, generator)
        self.noise = NoiseInjection(out_channels, dtype=dtype)
        self.activation = nn.LeakyReLU(SLOPE)
        self.adain = AdaIN(style, out_channels, rng=generator, dtype=dtype)
        self.upsample = upsample

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        """The maps in their new style."""
        x = F.interpolate(x, scale_factor=2, mode="nearest") if self.upsample else x
        answer: Tensor = self.adain(self.activation(self.noise(self.conv(x), noise)), w)
        return answer
