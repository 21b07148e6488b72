r"""Autoencoders: networks that learn to say what they were told, through a narrow gate.

An encoder turns an example into a code of a few numbers, a decoder turns the code into the example,
more or less. No labels are needed: the example is its own target. All of them are trained by
`nnbook.scratch.training.fit`, with the examples as inputs and again as targets.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnbook import nn
from nnbook._autoencoder import check_sizes, halvings, principal_angles
from nnbook._rng import layer_generator
from nnbook.nn._checks import positive
from nnbook.scratch._autoencoder_layers import Coder, Corruption, SparseCoder, VariationalCoder
from nnbook.scratch._autoencoder_losses import SparseLoss, VariationalLoss, elbo, sparsity
from nnbook.scratch.mlp import MLP, _made

__all__ = [
    "Autoencoder",
    "ConvAutoencoder",
    "Corruption",
    "SparseAutoencoder",
    "SparseLoss",
    "VariationalAutoencoder",
    "VariationalLoss",
    "elbo",
    "principal_angles",
    "sparsity",
]

Activation = str | Callable[[], Any]
Rng = int | np.random.Generator | None


class Autoencoder(Coder):
    r"""An encoder of dense layers, and a decoder that is its mirror image.

    $$\hat{\mathbf{x}} = d(e(\mathbf{x}))$$

    Neither the code nor the output has an activation. With "identity" for the others, too, what it
    learns is principal component analysis, up to a change of coordinates in the code.

    Sources: Rumelhart, Hinton and Williams (1986), Learning internal representations by error
    propagation; Hinton and Salakhutdinov (2006), Reducing the dimensionality of data with neural
    networks, Science 313.

    Args:
        sizes: The number of inputs, of neurons in each hidden layer of the encoder, and of numbers
            in the code.
        activation: Of the hidden layers, as for `nnbook.scratch.mlp.MLP`.
        rng: A generator or seed for the start. The twin in PyTorch starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Attributes:
        sizes: As given.
        encoder: An `MLP`, whose answer is the code; `encode` calls it.
        decoder: An `MLP` the other way; `decode` calls it.

    Shapes:
        (N, sizes[0]), and the same again; codes are (N, sizes[-1]).

    Raises:
        ValueError: If there are fewer than two sizes, or one is not positive.

    Examples:
        >>> model = Autoencoder((64, 32, 2), rng=0)
        >>> x = np.zeros((5, 64))
        >>> model.encode(x).shape, model(x).shape
        ((5, 2), (5, 64))
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation = "tanh",
        *,
        rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        check_sizes(sizes)
        generator = layer_generator(rng)
        self.sizes = tuple(sizes)
        self.encoder = MLP(self.sizes, activation, rng=generator, dtype=dtype)
        self.decoder = MLP(self.sizes[::-1], activation, rng=generator, dtype=dtype)


class SparseAutoencoder(SparseCoder):
    r"""One whose code may be large, but of which only little may speak at a time.

    The code has an activation, and a call answers it along with the reconstruction, as
    `SparseLoss` wants them.

    Sources: Olshausen and Field (1996), Emergence of simple-cell receptive field properties by
    learning a sparse code for natural images, Nature 381; for the penalties, Ng (2011), Sparse
    autoencoder, Stanford lecture notes, and Tibshirani (1996).

    Args:
        sizes: As for `Autoencoder`; the code may have more numbers than there are inputs.
        activation: Of the hidden layers, if there are any.
        code_activation: Of the code: "relu" can be silent, with the penalty "l1"; "sigmoid" has
            the shares that "kl" needs.
        rng: A generator or seed for the start. The twin in PyTorch starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, sizes[0]) to (N, sizes[0]) and (N, sizes[-1]).

    Examples:
        >>> x_hat, code = SparseAutoencoder((64, 100), rng=0)(np.ones((5, 64)))
        >>> x_hat.shape, code.shape, bool(code.min() >= 0)
        ((5, 64), (5, 100), True)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation = "tanh",
        code_activation: Activation = "relu",
        *,
        rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        check_sizes(sizes)
        generator = layer_generator(rng)
        self.sizes = tuple(sizes)
        encoder = MLP(self.sizes, activation, rng=generator, dtype=dtype)
        self.encoder = nn.Sequential(*encoder, _made(code_activation))
        self.decoder = MLP(self.sizes[::-1], activation, rng=generator, dtype=dtype)


class ConvAutoencoder(Coder):
    r"""One for pictures: convolutions that halve the side, and transposed ones that double it.

    Source: Masci, Meier, Cireşan and Schmidhuber (2011), Stacked convolutional auto-encoders for
    hierarchical feature extraction, ICANN. They pool; here the convolutions take steps of two.

    Args:
        code: How many numbers the code has.
        channels: How many maps after each halving.
        size: The side of the pictures.
        in_channels: How many channels they have.
        activation: After each layer but the code's and the last.
        rng: A generator or seed for the start. The twin in PyTorch starts from the same weights.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, in_channels, size, size), and the same again; codes are (N, code).

    Raises:
        ValueError: If a size is not positive, or the side cannot be halved so often.

    Examples:
        >>> model, x = ConvAutoencoder(code=2, rng=0), np.zeros((5, 1, 8, 8))
        >>> model.encode(x).shape, model(x).shape
        ((5, 2), (5, 1, 8, 8))
    """

    def __init__(
        self,
        code: int = 2,
        channels: Sequence[int] = (8, 16),
        size: int = 8,
        in_channels: int = 1,
        activation: Activation = "relu",
        *,
        rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        positive(code=code, in_channels=in_channels)
        side, generator = halvings(size, channels), layer_generator(rng)
        options: dict[str, Any] = {"dtype": dtype, "rng": generator}
        steps = (in_channels, *channels)
        down: list[nn.Module] = []
        for few, many in pairwise(steps):
            down += [nn.Conv2d(few, many, 3, stride=2, padding=1, **options), _made(activation)]
        last = channels[-1] * side**2
        self.encoder = nn.Sequential(*down, nn.Flatten(), nn.Linear(last, code, **options))
        up = [nn.Linear(code, last, **options), nn.Unflatten(1, (channels[-1], side, side))]
        for many, few in pairwise(reversed(steps)):
            up += [
                _made(activation),
                nn.ConvTranspose2d(many, few, 4, stride=2, padding=1, **options),
            ]
        self.decoder = nn.Sequential(*up)


class VariationalAutoencoder(VariationalCoder):
    r"""One whose codes are drawn at random, and so close together that new ones can be drawn, too.

    $$(\boldsymbol{\mu}, \boldsymbol{\ell}) = e(\mathbf{x}), \qquad
    \mathbf{z} = \boldsymbol{\mu} + e^{\boldsymbol{\ell} / 2} \odot \boldsymbol{\varepsilon},
    \quad \boldsymbol{\varepsilon} \sim \mathcal{N}(0, 1), \qquad
    \hat{\mathbf{x}} = d(\mathbf{z})$$

    A call answers $\hat{\mathbf{x}}$, $\boldsymbol{\mu}$ and $\boldsymbol{\ell}$, as
    `VariationalLoss` wants them; `encode` answers the last two, and `decode` takes codes.

    Source: Kingma and Welling (2014), Auto-encoding variational Bayes, ICLR.

    Args:
        sizes: The number of inputs, of neurons in each hidden layer of the encoder, and of numbers
            in the code; the encoder's last layer has twice as many.
        activation: Of the hidden layers.
        rng: A generator or seed for the start and then for the noise. The twin in PyTorch draws
            the same.
        dtype: The type of the parameters; inputs must have it too.

    Shapes:
        (N, sizes[0]) to (N, sizes[0]), (N, sizes[-1]) and (N, sizes[-1]).

    Examples:
        >>> model = VariationalAutoencoder((64, 32, 2), rng=0)
        >>> x_hat, mean, log_variance = model(np.zeros((5, 64)))
        >>> x_hat.shape, mean.shape, log_variance.shape
        ((5, 64), (5, 2), (5, 2))
        >>> model.decode(np.zeros((3, 2))).shape
        (3, 64)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation = "tanh",
        *,
        rng: Rng = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        check_sizes(sizes)
        generator = layer_generator(rng)
        self.sizes = tuple(sizes)
        twice = (*self.sizes[:-1], 2 * self.sizes[-1])
        self.encoder = MLP(twice, activation, rng=generator, dtype=dtype)
        self.decoder = MLP(self.sizes[::-1], activation, rng=generator, dtype=dtype)
        self._rng = generator
