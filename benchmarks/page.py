"""The results as a page of the book: a figure, the numbers, and how to read them."""

from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"

TEXT = """\
<!-- Written by `make bench`: change benchmarks/page.py, not this file. -->

# How fast is it?

The layers of `nnbook.nn` are written to be read. How much does that cost? At the sizes of this
book, on one core of a processor, less than one might think: most of the time goes into matrix
products, and those are not made by Python. PyTorch's eager mode makes them too, and spends time
besides on each operation of a small model, as its own fused optimizers show below. So a small
network can train faster here than in PyTorch eager on the same processor. A larger convolution does
not.

That is a statement about a CPU, one thread, and small models, and about nothing else. For many
cores, for a GPU, and for models of the size that people use in earnest, there is the second half of
every chapter: PyTorch.

## The ratios

Each bar is the time of `nnbook`, divided by that of PyTorch in its eager mode: shorter is faster,
and at the line both are equal. The whiskers reach from the lower to the upper quartile. A tick
marks the ratio that we set out to reach with code that a student can follow.

<!-- figure: {caption} | alt: {alt} -->

```python title="The figure, drawn from the table below"
import matplotlib.pyplot as plt

# What is done, the ratio, its quartiles, the aim.
rows = [
{rows}
]

fig, ax = plt.subplots(figsize=(7.5, 0.38 * len(rows) + 1))
for y, (name, ratio, low, high, aim) in enumerate(reversed(rows)):
    ax.barh(y, ratio, height=0.6, color="C0")
    ax.plot([low, high], [y, y], color="0.5", lw=1.5)
    if aim is not None:
        ax.plot([aim, aim], [y - 0.4, y + 0.4], color="C1", lw=2)
    ax.text(max(ratio, high, aim or 0) + 0.03, y, f"{{ratio:.2f}}", va="center")
ax.axvline(1, color="0.5", lw=1, ls="--")
ax.set_yticks(range(len(rows)), [row[0] for row in reversed(rows)])
ax.set(xlabel="time relative to PyTorch eager", xlim=(0, {limit}))
fig.tight_layout()
```

{short}

## The numbers

Measured on {date}, on one thread of a machine that calls its processor
`{processor}`, in `float32`, with {versions}. Contenders take turns in one process, {rounds} times;
a ratio is the median of the ratios within each turn, so that a slow moment of the machine slows
both sides. `make bench` measures again, on your machine, and rewrites this page.

{tables}
"""

CAPTION = (
    "The time that nnbook takes, as a share of PyTorch's eager mode, on one thread. "
    "Where the bar ends left of the line, nnbook is faster."
)
ABOUT = {
    "MLP": "A training step: forward, cross entropy, backward, optimizer, for 64 examples.",
    "LeNet": "A training step, for 64 images.",
    "Conv2d": "Forward and backward, the gradient by the input included.",
    "MaxPool2d": "Forward and backward.",
    "RNN": "Forward and backward, the gradient by the input included.",
    "LSTM": "Forward and backward, the gradient by the input included.",
    "GRU": "Forward and backward, the gradient by the input included.",
    "word2vec": "A step of skip-gram: 512 pairs, five words of noise each, vectors of 100 numbers.",
    "import": "A fresh interpreter each time; what counts is the difference from NumPy alone.",
}


def render(data: dict[str, Any]) -> str:
    """The page for the data of `results.json`."""
    results = data["results"]
    own = [r for r in results if r["contender"] == "nnbook" and r["case"] != "import"]
    versions = ", ".join(f"{k} {v}" for k, v in data["versions"].items() if k != "nnbook")
    return TEXT.format(
        caption=CAPTION,
        alt=_alt(own),
        rows="\n".join(_row(r) for r in own),
        limit=round(max(r["ratio"] for r in own) + 0.4, 1),
        short=_short(own),
        date=data["date"],
        processor=data["processor"],
        versions=versions,
        rounds=data["rounds"],
        tables="\n\n".join(
            _table(case, list(group)) for case, group in groupby(results, lambda r: r["case"])
        ),
    )


def _row(result: dict[str, Any]) -> str:
    aim = result["aim"][0] if result["aim"] else None
    numbers = ", ".join(f"{result[k]:.2f}" for k in ("ratio", "low", "high"))
    return f'    ("{result["case"]}", {numbers}, {aim}),'


def _alt(own: list[dict[str, Any]]) -> str:
    said = "; ".join(f"{r['case'].replace('|', '')}, {r['ratio']:.2f}" for r in own)
    return f"Horizontal bars, one for each task, with these ratios: {said}."


def _short(own: list[dict[str, Any]]) -> str:
    """Where readable code stops short of its aim, and by how much."""
    missed = [r for r in own if r["aim"] and round(r["ratio"], 2) > r["aim"][0]]
    if not missed:
        return "In this run, every task with an aim reached it."
    said = "; ".join(f"{r['case']} at {r['ratio']:.2f}, for {r['aim'][0]:.2f}" for r in missed)
    return (
        f"Where readable code stopped short of its aim in this run: {said}. What would close the "
        "gap is code that works on blocks of the matrices, or of the tables, while they are in the "
        "processor's cache, and nobody would want to read that here."
    )


def _table(case: str, results: list[dict[str, Any]]) -> str:
    about = next(text for start, text in ABOUT.items() if case.startswith(start))
    aim = results[0]["aim"]
    if aim:
        about += f" The aim: {aim[0]:.2f} with clear code" + (
            f", {aim[1]:.2f} if it can be had." if aim[1] != aim[0] else "."
        )
    lines = [f"### {case}", "", about, "", "| | ms | ratio | quartiles |", "|---|--:|--:|--:|"]
    lines += [
        f"| {r['contender']} | {r['milliseconds']:.3f} | {r['ratio']:.2f} "
        f"| {r['low']:.2f} to {r['high']:.2f} |"
        for r in results
    ]
    return "\n".join(lines)
