"""Draws what the benchmark measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.score import Tally

#: nothing that was measured on a few thousand fields is known better
_LEAST = 1e-4


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, bbox_inches="tight")


def reliability(points: Sequence[tuple[float, float]], path: Path) -> None:
    """The reliability diagram: share said to be wrong against share that is, a point a band."""
    figure = Figure(figsize=(5, 5))
    axes: Axes = figure.add_subplot(xscale="log", yscale="log")
    axes.plot([_LEAST, 1], [_LEAST, 1], color="grey", linewidth=1)
    if points:
        said, was = np.maximum(np.array(points).T, _LEAST)
        axes.plot(said, was, "o-")
    axes.set_xlabel("share said to be wrong")
    axes.set_ylabel("share that is wrong")
    _save(figure, path)


def accepted(shares: Mapping[float, float], path: Path) -> None:
    """The share of fields that could be accepted at each share of right ones among them."""
    figure = Figure(figsize=(5, 3))
    axes: Axes = figure.add_subplot()
    names = [f"{100 * target:g} %" for target in shares]
    bars = axes.bar(names, [100 * share for share in shares.values()])
    axes.bar_label(bars, fmt="%.0f")
    axes.set_ylim(0, 105)
    axes.set_xlabel("right among accepted")
    axes.set_ylabel("% of fields accepted")
    _save(figure, path)


def shares(tallies: Sequence[Tally], key: str, path: Path) -> None:
    """Fields wholly right and fields accepted, a pair of bars for each group."""
    groups = [t for t in tallies if t.printed]
    figure = Figure(figsize=(6, 0.8 + 0.4 * len(groups)))
    axes: Axes = figure.add_subplot()
    rows = np.arange(len(groups))
    exact = [100 * t.what["exact"] / t.printed for t in groups]
    taken = [100 * t.accepted / t.printed for t in groups]
    axes.barh(rows - 0.2, exact, 0.4, label="wholly right")
    axes.barh(rows + 0.2, taken, 0.4, label="accepted")
    axes.set_yticks(rows, [t.name for t in groups])
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of printed fields")
    axes.set_title(f"by {key}")
    axes.legend(loc="lower left")
    _save(figure, path)
