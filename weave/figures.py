"""The look of the book's figures, in light and in dark.

A figure is drawn once, on a transparent ground and in the light palette, then written a second
time with each colour of the palette exchanged for its dark twin.
"""

import io
import re
from dataclasses import dataclass
from typing import Any

# light: dark. Text and line colours reach contrast AA on the page's ground of their palette;
# the six data colours are told apart by the colour-blind and differ in lightness.
PALETTE = {
    "#1f2933": "#e4e7eb",  # ink
    "#616e7c": "#9aa5b1",  # muted
    "#cbd2d9": "#3e4c59",  # grid
    "#0b69b7": "#4da3ff",  # C0 blue
    "#c2410c": "#ff8a4c",  # C1 vermilion
    "#0f766e": "#2dd4bf",  # C2 green
    "#7c3aed": "#b794f6",  # C3 purple
    "#a16207": "#fbbf24",  # C4 amber
    "#be185d": "#f472b6",  # C5 pink
}
INK, MUTED, GRID, *CYCLE = PALETTE
RASTERISE_ABOVE = 2000

STYLE: dict[str, Any] = {
    "figure.figsize": (6.4, 3.8),
    "figure.facecolor": "none",
    "figure.max_open_warning": 0,
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "font.size": 11,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "patch.edgecolor": INK,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "weave",
}


@dataclass(frozen=True)
class Figure:
    """One figure in both palettes, with its size in CSS pixels."""

    light: str
    dark: str
    width: int
    height: int


def apply_style() -> None:
    """Set the book's look as matplotlib's defaults, and a backend that needs no screen."""
    import matplotlib as mpl
    from cycler import cycler

    mpl.use("Agg")
    settings: Any = mpl.rcParams
    settings.update(STYLE)
    settings["axes.prop_cycle"] = cycler(color=CYCLE)


def take_figures() -> list[Figure]:
    """Save and close every open figure, in the order of their making."""
    import matplotlib.pyplot as plt

    try:
        return [save(plt.figure(number)) for number in plt.get_fignums()]
    finally:
        plt.close("all")


def save(figure: Any) -> Figure:
    """A matplotlib figure as light and dark SVG; equal bytes for equal drawings."""
    import matplotlib as mpl

    for axes in figure.axes:
        for scatter in axes.collections:
            # A vector scatter of ten thousand points is megabytes; a picture of it is not.
            if len(scatter.get_offsets()) > RASTERISE_ABOVE:
                scatter.set_rasterized(True)
    buffer = io.StringIO()
    ours: Any = {name: value for name, value in STYLE.items() if name.startswith("svg.")}
    with mpl.rc_context(ours):  # the snippet may have set others, or matplotlib's defaults
        figure.savefig(
            buffer,
            format="svg",
            bbox_inches="tight",
            pad_inches=0.06,
            dpi=144,
            metadata={"Date": None, "Creator": None},
        )
    light = re.sub(r"[ \t]+$", "", buffer.getvalue(), flags=re.MULTILINE)
    viewbox = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', light)
    if viewbox is None:
        raise ValueError("matplotlib wrote an SVG without a viewBox")
    points_to_pixels = 4 / 3
    width, height = (round(float(size) * points_to_pixels) for size in viewbox.groups())
    return Figure(light, recolour(light), width, height)


def recolour(svg: str) -> str:
    """Exchange each colour of the light palette for its dark twin."""
    return re.sub(r"#[0-9a-fA-F]{6}\b", lambda m: PALETTE.get(m[0].lower(), m[0]), svg)
