"""`make bench`: what the reader gets right, what it costs, and beside what.

    python -m bench [FOLDER...] [--pages N] [--jobs N] [--by form,print,scan,kind]

Every FOLDER holds scans with a truth JSON each. Without any, two are measured: the real forms in
../shared/scans where they are there, and N pages of our own corpus's test split, whose type
faces and scanners nothing was fitted to. Seconds are CPU seconds of one process, children
included, decode to JSON.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure

from bench.corpus import make_corpus
from bench.score import HEAD, Outcome, score, table
from extractors.readers import Readers, load
from intake.limits import Limits
from models.clock import cpu
from models.errors import PaperclaimError
from models.reading import Reading, ReadingError, Source
from pipeline.documents import assemble
from pipeline.scan import read_pages

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "scans"
PLOTS = Path(__file__).resolve().parent / "out"
#: pages of the corpus where no folder is named: more would be surer, and slower
PAGES = 60
SEED = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What one scan cost: CPU seconds by stage and in all, fields printed, peak memory in MB."""

    stages: dict[str, float]
    seconds: float
    fields: int
    pages: int
    memory: float


@functools.cache
def _readers() -> Readers:
    os.environ["OMP_THREAD_LIMIT"] = "1"
    cv2.setNumThreads(1)
    return load()


def read_one(scan: Path, out: Path) -> Cost:
    """Read a scan, write its JSON, and say what that cost."""
    readers = _readers()
    source = Source(name=scan.name, sha256="0" * 64, pages=0)
    began = cpu()
    try:
        pages = read_pages(scan, readers, Limits())
        reading = Reading(source=source, documents=assemble(pages))
    except PaperclaimError as error:
        pages = []
        reading = Reading(source=source, error=ReadingError(code=error.code, message=""))
    content = reading.model_dump_json(by_alias=True)
    seconds = cpu() - began
    (out / f"{scan.name}.json").write_text(content, encoding="utf-8")
    stages: Counter[str] = Counter()
    for page in pages:
        stages.update(page.seconds)
    return Cost(
        stages=dict(stages),
        seconds=seconds,
        fields=sum(len(page.fields) for page in pages),
        pages=len(pages),
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def scans_in(folder: Path) -> list[Path]:
    """The scans of a folder that have a truth beside them."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix != ".json" and path.is_file() and path.with_suffix(".json").exists()
    )


def measure(folder: Path, out: Path, jobs: int) -> list[Cost]:
    """Read every scan of `folder` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    work = functools.partial(read_one, out=out)
    if jobs == 1:
        return [work(scan) for scan in scans_in(folder)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        return pool.map(work, scans_in(folder), chunksize=1)


def report(name: str, folder: Path, out: Path, costs: list[Cost], by: list[str]) -> None:
    """Print what was measured."""
    scored = score(out, folder)
    print(f"\n== {name}: {scored.scans} scans, {sum(c.pages for c in costs)} pages")
    for key in ["all", *by]:
        print(f"\n{HEAD.replace(' ' * 24, f'{key:24s}', 1)}")
        for tally in table(scored.outcomes, key, scored.empty[key]):
            print(tally.row())
    known = sorted(e for e in scored.errors_in or [] if e is not None)
    print(f"\nforms right {scored.forms_right} of {scored.scans}; registered {len(known)}", end="")
    if known:
        within = sum(e <= 0.03 for e in known)
        print(f", {within} within 0.03 in (median {np.median(known):.4f}, worst {known[-1]:.4f})")
    else:
        print()
    print(f"claims ready {scored.ready}, of those with a wrong field {scored.ready_wrong}")
    _reliability(scored.outcomes, PLOTS / f"reliability-{folder.name}.png")
    _seconds(costs)


def _reliability(outcomes: list[Outcome], plot: Path) -> None:
    """Of the fields in each band of confidence, how many were right; and accepted shares.

    Printed, and drawn: said against right, on logarithmic scales of what is wrong.
    """
    read = [o for o in outcomes if o.confidence is not None and o.text is not None]
    if not read:
        return
    confidence = np.array([o.confidence for o in read])
    right = np.array([o.right for o in read])
    print(f"\n{'confidence':24s}{'fields':>7s}{'said':>8s}{'right':>8s}")
    points: list[tuple[float, float]] = []
    edges = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.01)
    for low, high in itertools.pairwise(edges):
        band = (confidence >= low) & (confidence < high)
        if band.any():
            said, was = confidence[band].mean(), right[band].mean()
            print(
                f"{low:5.3f} to {min(high, 1):5.3f}          {band.sum():7d}{said:8.3f}{was:8.3f}"
            )
    _draw(points, plot)
    order = np.argsort(-confidence)
    wrong = np.cumsum(~right[order])
    count = np.arange(1, len(order) + 1)
    for target in (0.99, 0.995, 0.999, 0.9995):
        fits = np.nonzero(wrong / count <= 1 - target)[0]
        share = (fits[-1] + 1) / len(order) if len(fits) else 0.0
        print(f"share that could be accepted at {target:.2%} right: {share:.1%}")


def _draw(points: list[tuple[float, float]], plot: Path) -> None:
    """The reliability diagram, as a picture."""
    figure = Figure(figsize=(5, 5))
    axes = figure.add_subplot(xscale="log", yscale="log")
    said, was = np.maximum(np.array(points).T, 1e-4)
    axes.plot([1e-4, 1], [1e-4, 1], color="grey", linewidth=1)
    axes.plot(said, was, "o-")
    axes.set_xlabel("share said to be wrong")
    axes.set_ylabel("share that is wrong")
    plot.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(plot, dpi=100)
    print(f"drawn in {plot}")


def _seconds(costs: list[Cost]) -> None:
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


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; exit 1 when there was nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--by", default="form,print,scan,kind")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="paperclaim-bench-") as temporary:
        folders = {f.name: f for f in chosen.folders}
        if not folders:
            if SHARED.is_dir():
                folders["real forms"] = SHARED
            if chosen.pages:
                folders["our own corpus, test split"] = Path(temporary) / "corpus"
                make_corpus(Path(temporary) / "corpus", chosen.pages, "test", SEED)
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        found = False
        for number, (name, folder) in enumerate(folders.items()):
            out = Path(temporary) / f"out-{number}"
            costs = measure(folder, out, chosen.jobs)
            if costs:
                report(name, folder, out, costs, [b for b in chosen.by.split(",") if b])
                found = True
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
