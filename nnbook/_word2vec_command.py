"""`python -m nnbook.scratch.word2vec`, and the same for PyTorch."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nnbook._vocabulary import Vocabulary
from nnbook._word2vec_batches import MODELS
from nnbook.data import sentences


def command(
    word2vec: Callable[..., Any], module: str, arguments: Sequence[str] | None = None
) -> None:
    """Train word vectors on a file, and save them.

    Args:
        word2vec: Makes a model of a vocabulary.
        module: Its module, as one names it on the command line.
        arguments: What stands on the command line behind it.
    """
    parser = _parser(module)
    options = parser.parse_args(arguments)
    try:
        _run(word2vec, options)
    except (OSError, ValueError, TypeError) as error:
        parser.error(str(error))


def _run(word2vec: Callable[..., Any], options: argparse.Namespace) -> None:
    if not Path(options.out).absolute().parent.is_dir():
        raise FileNotFoundError(f"no folder for {options.out!r}")  # now rather than hours later
    text, start = sentences(options.corpus), time.monotonic()
    vocabulary = Vocabulary(text, options.min_count)
    _say(f"{vocabulary!r}")
    model = word2vec(vocabulary, options.dim, options.model, rng=options.seed)
    settings = {
        k: getattr(options, k) for k in ("window", "negative", "epochs", "lr", "batch_size")
    }
    losses = model.train(text, subsample=options.subsample or None, rng=options.seed, **settings)
    model.save(options.out)
    seconds = time.monotonic() - start
    _say(f"loss of each epoch: {' '.join(f'{loss:.3f}' for loss in losses)}; {seconds:.0f} s")
    _say(f"saved to {options.out}")


def _parser(module: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description="Learn a vector for each word of a text (UTF-8, of any size).",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--corpus", default="python-docs", help="the text; 'python-docs' for Python's own help")
    add("--out", required=True, help="the file to write, such as vectors.npz")
    add("--model", choices=MODELS, default="skip-gram", help="what is asked about what")
    add("--dim", type=int, default=100, help="numbers for each word")
    add("--window", type=int, default=5, help="words to either side")
    add("--negative", type=int, default=5, help="words of noise for each true one")
    add("--min-count", type=int, default=5, help="rarer words are left out")
    add("--subsample", type=float, default=1e-3, help="frequent words are thinned out; 0: none")
    add("--epochs", type=int, default=5, help="how often the text is read")
    add("--lr", type=float, default=0.025, help="learning rate at the start")
    add("--batch-size", type=int, default=512, help="examples at once")
    add("--seed", type=int, default=0, help="for all that is drawn at random")
    return parser


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
