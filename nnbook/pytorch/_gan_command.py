"""`python -m nnbook.pytorch.gan`: DCGAN at 28 x 28, 32 x 32 or 64 x 64 pixels.

It wants a GPU, and nobody has run it on one yet. Counted in multiplications and additions, at ten
trillion a second, twenty epochs of MNIST take some minutes, and fifty of a folder at 64 x 64 about
two minutes for each ten thousand pictures. What should come out are digits that one takes for
handwritten at a glance. That is an expectation, not a result.

Source: Radford, Metz and Chintala (2016), Unsupervised representation learning with deep
convolutional generative adversarial networks.
"""

import argparse
import copy
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnbook import data
from nnbook.nn._checks import positive
from nnbook.pytorch._device import resolve_device
from nnbook.pytorch._pictures import follow, from_folder, save, say, sheet

Array = NDArray[Any]


def command(train: Callable[..., Any], arguments: Any) -> None:
    """Train a DCGAN on pictures; a sheet of samples and the weights are saved after each epoch.

    Args:
        train: The function `train_gan`.
        arguments: What stands on the command line; `None` for the real one.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        _run(train, options)
    except (OSError, ValueError, ImportError) as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nnbook.pytorch.gan",
        description="Train a DCGAN. Not run on a GPU by its authors yet.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--data", default="mnist", help="mnist, fashion_mnist, or a folder of pictures")
    add("--size", type=int, default=32, help="pixels a side: 8, 16, 28, 32, 64 ...")
    add("--epochs", type=int, default=20, help="how often to go through the pictures")
    add("--batch-size", type=int, default=128, help="pictures at once")
    add("--width", type=int, default=64, help="maps of the largest size; twice as many below")
    add("--latent", type=int, default=100, help="numbers of a latent")
    add("--lr", type=float, default=0.0002, help="learning rate")
    add("--penalty", type=float, default=0.0, help="weight of the squared slope, R1; 0 for none")
    add("--seed", type=int, default=0, help="for all that is drawn at random")
    add("--device", default="auto", help="where to compute")
    add("--out", required=True, help="the folder for what comes out")
    return parser


def _run(train: Callable[..., Any], options: Any) -> None:
    positive(epochs=options.epochs, batch_size=options.batch_size, latent=options.latent)
    maps = widths(options.size, options.width)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)  # now rather than an hour later
    device = resolve_device(options.device)
    rng = np.random.default_rng(options.seed)
    pictures = torch.from_numpy(load(options.data, options.size)).to(device)
    channels = pictures.shape[1]
    generator = painter(maps, options.size, options.latent, channels, rng).to(device)
    critic = judge(maps, options.size, channels, rng, calm=options.penalty > 0).to(device)
    say(f"{len(pictures)} pictures of {options.size} x {options.size} on {device}")
    in_epoch = max(1, len(pictures) // options.batch_size)
    average = copy.deepcopy(generator).eval()
    adam = {"lr": options.lr, "betas": (0.5, 0.999)}
    train(
        generator, critic, pictures, latent=options.latent, steps=options.epochs * in_epoch,
        batch_size=options.batch_size,
        penalty=(options.penalty, 0.0) if options.penalty > 0 else None,
        generator_optimizer=torch.optim.Adam(generator.parameters(), **adam),
        discriminator_optimizer=torch.optim.Adam(critic.parameters(), **adam), rng=rng,
        device=device, on_step=_follower(generator, average, in_epoch, options, out),
    )  # fmt: skip
    say(f"saved to {out}")


def widths(size: int, width: int) -> tuple[int, ...]:
    """The maps at the smallest size, at its double and so on, below the picture's own size."""
    positive(size=size, width=width)
    doublings = 0
    while size % 2 == 0 and size > 4 and size != 7:
        size //= 2
        doublings += 1
    if size not in (4, 7) or doublings == 0:
        raise ValueError(f"size is {size * 2**doublings}; it must be 4 or 7 times 2, 4, 8 or so on")
    return tuple(width * 2**k for k in range(doublings))[::-1]


def started(layer: Any, rng: np.random.Generator) -> Any:
    """A convolution with the paper's weights, normally distributed and small; no bias but zero."""
    weight = rng.normal(0, 0.02, tuple(layer.weight.shape)).astype(np.float32)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        if layer.bias is not None:
            layer.bias.zero_()
    return layer


def painter(
    maps: tuple[int, ...], size: int, latent: int, channels: int, rng: np.random.Generator
) -> nn.Sequential:
    """The generator: latents (N, latent) -> pictures (N, channels, size, size) from -1 to 1."""
    up = nn.ConvTranspose2d
    first = size // 2 ** len(maps)
    layers: list[nn.Module] = [
        nn.Unflatten(1, (latent, 1, 1)),
        started(up(latent, maps[0], first, bias=False), rng),  # -> (N, maps, first, first)
    ]
    for now, after in pairwise(maps):
        layers += [nn.BatchNorm2d(now), nn.ReLU()]
        layers += [started(up(now, after, 4, 2, 1, bias=False), rng)]  # twice the size
    last = started(up(maps[-1], channels, 4, 2, 1), rng)
    return nn.Sequential(*layers, nn.BatchNorm2d(maps[-1]), nn.ReLU(), last, nn.Tanh())


def judge(
    maps: tuple[int, ...], size: int, channels: int, rng: np.random.Generator, *, calm: bool
) -> nn.Sequential:
    """The discriminator: pictures -> scores (N, 1). `calm` is without batch normalization.

    A penalty is about the slope at each single picture, and a batch normalization mixes them.
    """
    down = (channels, *maps[::-1])
    layers: list[nn.Module] = []
    for i, (now, after) in enumerate(pairwise(down)):
        layers.append(started(nn.Conv2d(now, after, 4, 2, 1, bias=calm or i == 0), rng))
        if i > 0 and not calm:
            layers.append(nn.BatchNorm2d(after))
        layers.append(nn.LeakyReLU(0.2))
    last = started(nn.Conv2d(maps[0], 1, size // 2 ** len(maps)), rng)
    return nn.Sequential(*layers, last, nn.Flatten())


def load(source: str, size: int) -> Array:
    """Pictures from -1 to 1: MNIST's (N, 1, 28, 28), black on white, or (N, 3, size, size)."""
    if source not in ("mnist", "fashion_mnist"):
        return from_folder(source, size)
    if size not in (28, 32):
        raise ValueError(f"size is {size}; {source} has 28 x 28 pixels, and can be padded to 32")
    gray = getattr(data, source)("train", dtype=np.float32).x.reshape(-1, 1, 28, 28)
    border = (size - 28) // 2
    return 1 - 2 * np.pad(gray, ((0, 0), (0, 0), (border, border), (border, border)))


def _follower(
    generator: nn.Module, average: nn.Module, in_epoch: int, options: Any, out: Path
) -> Callable[..., None]:
    """What happens after each step: the average follows, and after each epoch it is shown."""
    start = time.monotonic()
    z = np.random.default_rng(options.seed).normal(size=(64, options.latent)).astype(np.float32)

    def after(step: int, history: Any) -> None:
        follow(average, generator, step)
        if (step + 1) % in_epoch == 0:
            epoch = (step + 1) // in_epoch
            real, fake = history.real[-1], history.fake[-1]
            say(
                f"epoch {epoch}, {time.monotonic() - start:.0f} s; "
                f"mean scores: real {real:.2f}, made {fake:.2f}"
            )
            with torch.no_grad():
                samples = average(torch.from_numpy(z).to(next(average.parameters())))
            sheet(out / f"epoch-{epoch:03d}.png", samples, 8)
            save(average, out / "generator.npz")

    return after
