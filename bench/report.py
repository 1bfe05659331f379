"""Prints what was measured: fields, pages, confidence, cost, and the baselines beside ours."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import plots
from bench.measure import Cost
from bench.score import HEAD, Outcome, PageOutcome, Scored, table

#: inches within which a page counts as registered
LAID = 0.03
#: shares of right fields among accepted ones, at which the accepted share is told
TARGETS = (0.99, 0.995, 0.999, 0.9995)
#: bands of confidence
_EDGES = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.01)
_PAGES = (
    f"{'':24s}{'pages':>7s}{'found':>7s}{'laid':>6s}{'off in':>8s}{'worst':>7s}"
    f"{'ready':>7s}{'wrong':>7s}{'CPU s':>8s}{'per 70':>8s}"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One reader on one folder: what came out, and what it cost."""

    name: str
    scored: Scored
    costs: Sequence[Cost]


def report(title: str, run: Run, by: Sequence[str], folder: Path) -> None:
    """Print everything that was measured of our own reader, and draw it into `folder`."""
    scored, costs = run.scored, run.costs
    print(f"\n== {title}: {scored.scans} scans, {sum(c.pages for c in costs)} pages")
    for key in ["all", *by]:
        tallies = table(scored.outcomes, key, scored.empty[key])
        print(f"\n{HEAD.replace(' ' * 24, f'{key:24s}', 1)}")
        for tally in tallies:
            print(tally.row())
        if key != "all":
            plots.shares(tallies, key, folder / f"fields-by-{key}.png")
    for key in ["all", *(k for k in by if k not in ("kind", "ink", "field"))]:
        _pages(key, scored.pages, {c.scan: c for c in costs})
    _reliability(scored.outcomes, folder)
    _seconds(costs)
    print(f"\ndrawn in {folder}")


def _pages(key: str, pages: Sequence[PageOutcome], costs: Mapping[str, Cost]) -> None:
    """Found, registered, ready, and what a page costs, by one of a style's keys."""
    groups: dict[str, list[PageOutcome]] = defaultdict(list)
    for page in pages:
        groups[page.style[key]].append(page)
    print(f"\n{_PAGES.replace(' ' * 24, f'{key:24s}', 1)}")
    for name, group in sorted(groups.items()):
        off = sorted(p.error_in for p in group if p.error_in is not None)
        spent = [costs[p.scan] for p in group if p.scan in costs]
        per = [70 * c.seconds / c.fields for c in spent if c.fields]
        known = f"{np.median(off):8.4f}{off[-1]:7.3f}" if off else f"{'-':>8s}{'-':>7s}"
        print(
            f"{name:24s}{len(group):7d}{sum(p.found for p in group):7d}"
            f"{sum(e <= LAID for e in off):6d}{known}"
            f"{sum(p.ready for p in group):7d}{sum(p.ready_wrong for p in group):7d}"
            f"{sum(c.seconds for c in spent) / max(1, sum(c.pages for c in spent)):8.2f}"
            f"{statistics.median(per) if per else 0.0:8.2f}"
        )


def acceptable(outcomes: Iterable[Outcome]) -> dict[float, float]:
    """For each target the largest share of the fields read that could be accepted at it."""
    read = [o for o in outcomes if o.text is not None]
    order = sorted(read, key=lambda o: -o.confidence)
    if not order:
        return dict.fromkeys(TARGETS, 0.0)
    wrong = np.cumsum([not o.right for o in order])
    count = np.arange(1, len(order) + 1)
    shares = {}
    for target in TARGETS:
        fits = np.nonzero(wrong / count <= 1 - target)[0]
        shares[target] = (int(fits[-1]) + 1) / len(order) if len(fits) else 0.0
    return shares


def _reliability(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Of the fields in each band of confidence, how many were right; and accepted shares."""
    read = [o for o in outcomes if o.text is not None]
    if not read:
        return
    confidence = np.array([o.confidence for o in read])
    right = np.array([o.right for o in read])
    print(f"\n{'confidence':24s}{'fields':>7s}{'said':>8s}{'right':>8s}")
    points: list[tuple[float, float]] = []
    for low, high in itertools.pairwise(_EDGES):
        band = (confidence >= low) & (confidence < high)
        if band.any():
            said, was = float(confidence[band].mean()), float(right[band].mean())
            points.append((1 - said, 1 - was))
            print(
                f"{low:5.3f} to {min(high, 1):5.3f}          {band.sum():7d}{said:8.3f}{was:8.3f}"
            )
    plots.reliability(points, folder / "reliability.png")
    shares = acceptable(outcomes)
    for target, share in shares.items():
        print(f"share that could be accepted at {target:.2%} right: {share:.1%}")
    plots.accepted(shares, folder / "accepted.png")


def _seconds(costs: Sequence[Cost]) -> None:
    pages = sum(c.pages for c in costs)
    if not pages:
        return
    stages: Counter[str] = Counter()
    for cost in costs:
        stages.update(cost.stages)
    total = sum(c.seconds for c in costs)
    print(f"\nCPU seconds a page {total / pages:.2f}:", end=" ")
    print(", ".join(f"{k} {v / pages:.3f}" for k, v in stages.most_common()))
    per = [70 * c.seconds / c.fields for c in costs if c.fields]
    if per:
        print(f"CPU seconds per 70 printed fields: median {statistics.median(per):.2f}")
    print(f"peak memory of a reader {max(c.memory for c in costs):.0f} MB")


def beside(runs: Sequence[Run], of: int) -> None:
    """Ours beside the baselines, all on the same pages; `of`: how many pages there are."""
    print(f"\nbeside the baselines, on {runs[0].scored.scans} of the {of} pages:")
    print(
        f"{'reader':26s}{'fields':>7s}{'exact%':>8s}{'boxes%':>8s}{'invented%':>10s}"
        f"{'CPU s/page':>11s}{'MB':>6s}"
    )
    for run in runs:
        tally = next(iter(table(run.scored.outcomes, "all", run.scored.empty["all"])), None)
        if tally is None:
            continue
        pages = max(1, len(run.costs))
        boxes = 100 * tally.boxes_right / max(1, tally.boxes)
        print(
            f"{run.name:26s}{tally.printed:7d}"
            f"{100 * tally.what['exact'] / max(1, tally.printed):8.2f}{boxes:8.2f}"
            f"{100 * tally.what['invented'] / max(1, tally.empty):10.2f}"
            f"{sum(c.seconds for c in run.costs) / pages:11.2f}"
            f"{max((c.memory for c in run.costs), default=0):6.0f}"
        )
