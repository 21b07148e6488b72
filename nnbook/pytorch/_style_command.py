"""`python -m nnbook.pytorch.style`: the style-based generator at 32 x 32 or 64 x 64 pixels.

It wants a GPU, and nobody has run it on one yet. Counted in multiplications and additions, at ten
trillion a second: an hour for 30,000 steps at 32 x 32, three and a half for 60,000 at 64 x 64. What
should come out are clean digits, and pictures that look like those of the
folder if it has many thousands that look alike. That is an expectation, not a result.
"""

import argparse
import copy
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nnbook import data
from nnbook.nn._checks import positive
from nnbook.pytorch._device import resolve_device
from nnbook.pytorch._pictures import follow, from_folder, save, say, sheet
from nnbook.pytorch._style_layers import started

Array = NDArray[Any]

START = 4  # the height of the constant


def command(generator: Callable[..., Any], sampler: Callable[..., Any], arguments: Any) -> None:
    """Train a generator on pictures, and save it, with sheets of samples and of mixtures.

    Args:
        generator: The class `StyleGenerator`.
        sampler: The function `style_mixing`.
        arguments: What stands on the command line; `None` for the real one.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        _run(generator, sampler, options)
    except (OSError, ValueError, ImportError) as error:
        parser.error(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nnbook.pytorch.style",
        description="Train a style-based generator. Not run on a GPU by its authors yet.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--data", default="mnist", help="mnist, fashion_mnist, or a folder of pictures")
    add("--size", type=int, default=32, help="pixels a side: 8, 16, 32, 64 ...")
    add("--steps", type=int, default=30_000, help="steps of the game")
    add("--batch-size", type=int, default=64, help="pictures at once")
    add("--width", type=int, default=256, help="maps of the smallest sizes")
    add("--latent", type=int, default=128, help="numbers of a latent, and of a style")
    add("--lr", type=float, default=0.002, help="learning rate")
    add("--penalty", type=float, default=5.0, help="weight of the squared slope, R1")
    add("--mixing", type=float, default=0.9, help="how often two latents are mixed")
    add("--every", type=int, default=1000, help="steps between two reports")
    add("--seed", type=int, default=0, help="for all that is drawn at random")
    add("--device", default="auto", help="where to compute")
    add("--out", required=True, help="the folder for what comes out")
    return parser


def _run(generator: Callable[..., Any], sampler: Callable[..., Any], options: Any) -> None:
    from nnbook.pytorch.gan import train_gan  # here: it is not needed for the class alone

    sizes = widths(options.size, options.width)
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)  # now rather than hours later
    device = resolve_device(options.device)
    rng = np.random.default_rng(options.seed)
    kind: dict[str, Any] = {"dtype": torch.float32, "device": device}
    latent: dict[str, int] = {"latent": options.latent, "style": options.latent}
    model = generator(sizes, **latent, start=START, mapping_layers=4, rng=rng, **kind)
    critic = discriminator(sizes, rng).to(device)
    pictures = torch.from_numpy(load(options.data, options.size, rng)).to(device)
    say(f"{len(pictures)} pictures of {options.size} x {options.size} on {device}")
    average = copy.deepcopy(model)
    adam = {"lr": options.lr, "betas": (0.0, 0.99)}
    train_gan(
        model, critic, pictures, latent=sampler(model.layers, options.latent, options.mixing),
        steps=options.steps, batch_size=options.batch_size, penalty=(options.penalty, 0.0),
        generator_optimizer=torch.optim.Adam(model.parameters(), **adam),
        discriminator_optimizer=torch.optim.Adam(critic.parameters(), **adam), rng=rng,
        device=device, on_step=_follower(model, average, options, out),
    )  # fmt: skip
    _save(average, out, options.seed)
    say(f"saved to {out}")


def widths(size: int, width: int) -> tuple[int, ...]:
    """The number of maps at 4, 8, 16 ... pixels: `width`, and half as many from 32 on."""
    positive(size=size, width=width)
    sizes = [START * 2**i for i in range(20) if START * 2**i <= size]
    if not sizes or sizes[-1] != size:
        raise ValueError(f"size is {size}; it must be 4, 8, 16, 32, 64 or so on")
    return tuple(max(1, width * 16 // max(s, 16)) for s in sizes)


def discriminator(sizes: Sequence[int], rng: np.random.Generator) -> nn.Sequential:
    """A generator's opposite: two convolutions for each size, the second halving it."""
    down = tuple(sizes)[::-1]
    layers: list[nn.Module] = [started(nn.Conv2d(3, down[0], 1), rng), nn.LeakyReLU(0.2)]
    for now, after in pairwise(down):
        for conv in (nn.Conv2d(now, now, 3, padding=1), nn.Conv2d(now, after, 4, 2, 1)):
            layers += [started(conv, rng), nn.LeakyReLU(0.2)]
    flat = START * START * down[-1]
    layers += [nn.Flatten(), started(nn.Linear(flat, down[-1]), rng), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, started(nn.Linear(down[-1], 1), rng))


def load(source: str, size: int, rng: np.random.Generator) -> Array:
    """Pictures (N, 3, size, size) from -1 to 1: digits or clothes in random ink, or a folder's."""
    if source in ("mnist", "fashion_mnist"):
        gray = getattr(data, source)("train", dtype=np.float32).x.reshape(-1, 28, 28)
        if size != 32:
            raise ValueError(f"size is {size}; {source} has 28 x 28 pixels and is padded to 32")
        return in_ink(np.pad(gray, ((0, 0), (2, 2), (2, 2))), rng)
    return from_folder(source, size)


def in_ink(gray: Array, rng: np.random.Generator) -> Array:
    """Gray pictures (N, H, W), 0 for paper, in ink of a random hue, (N, 3, H, W) from -1 to 1."""
    corner = 6 * rng.random(len(gray), dtype=np.float32)[:, None] + np.array([0, 4, 2], np.float32)
    color = np.clip(np.abs(corner % 6 - 3) - 1, 0, 1)  # (N, 3), around the circle of hues
    return 1 - 2 * gray[:, None] * (1 - color)[:, :, None, None]


def _follower(model: Any, average: Any, options: Any, out: Path) -> Callable[..., None]:
    """What happens after each step: the average follows, and now and then there is a report."""
    start = time.monotonic()

    def after(step: int, _: Any) -> None:
        follow(average, model, step)
        if (step + 1) % options.every == 0:
            say(f"step {step + 1}, {time.monotonic() - start:.0f} s")
            sheet(out / "samples.png", _samples(average, options.seed), 8)

    return after


def _save(model: Any, out: Path, seed: int) -> None:
    save(model, out / "generator.npz")
    sheet(out / "samples.png", _samples(model, seed), 8)
    sheet(out / "mixtures.png", torch.cat(list(_mixtures(model, seed))), 8)


def _latents(model: Any, n: int, seed: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(n, model.latent))).to(
        model.constant
    )


@torch.no_grad()
def _samples(model: Any, seed: int) -> Tensor:
    pictures: Tensor = model(_latents(model, 64, seed))
    return pictures


@torch.no_grad()
def _mixtures(model: Any, seed: int) -> Iterator[Tensor]:
    """Rows of eight: coarse styles, up to 8 x 8 pixels, from one picture, the rest from eight."""
    styles = model.styles(_latents(model, 16, seed + 1))
    yield model.synthesize(styles[8:])
    for coarse in styles[:8]:
        mixed = styles[8:].clone()
        mixed[:, :4] = coarse[:4]
        yield model.synthesize(mixed)
