"""How well attachments are read: kinds, values by label, the claims they join, pages a second.

    python -m bench.papers_score --pages 110 --joins 160

On generated papers of the test split: layouts, wordings, type faces and scanners that the training
never saw, written as files and read as any scan is.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench import joins_score
from bench.attachments import MadePage, make
from extractors.language.labels import LABELS, normal
from extractors.readers import Readers, load
from intake.limits import Limits
from models.clock import cpu
from models.reading import DocumentReading, Entity
from pipeline.scan import read_scan
from samples.attachments import facts
from samples.attachments.papers import KINDS
from samples.files import Sheet, write
from samples.scanners import SCANNERS

SEED = 11
PAGES = 110
_BANDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.01)


@dataclass(slots=True)
class Tally:
    """Values that were there, were found, and were both."""

    there: int = 0
    found: int = 0
    right: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of the shares found of those there, and right of those found."""
        return 2 * self.right / max(1, self.there + self.found)


@dataclass(slots=True)
class Scored:
    """What came of reading papers.

    Attributes:
        kinds: of each page: right kind, kind given, likeliest guess, and its probability.
        values: by (`clean`, `fax` or `photo`), then label.
        sure: confidence and rightness of each value.
        seconds: CPU seconds a page.
    """

    kinds: list[tuple[str, str, str, float]] = field(default_factory=list)
    values: dict[str, dict[str, Tally]] = field(default_factory=dict)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def sort_of(scanner: str) -> str:
    """`clean`, `fax` or `photo`."""
    name = scanner.partition("-")[0]
    return name if name in ("fax", "photo") else "clean"


def measure(pages: int, readers: Readers, folder: Path, seed: int = SEED) -> Scored:
    """Read made-up papers of all kinds."""
    scored = Scored()
    for number in range(pages):
        rng = random.Random(f"papers {seed} {number}")
        case = facts.make(rng)
        turns = rng.choice((1, 2, 3)) if rng.random() < 0.05 else 0
        made = make(KINDS[number % len(KINDS)], case, rng, "test", turns)
        path = _written(made, folder / f"paper-{number}")
        began = cpu()
        reading = read_scan(path, readers, Limits())
        scored.seconds.append(cpu() - began)
        path.unlink()
        document = reading.documents[0]
        _count(scored, made, document)
    return scored


def _written(made: MadePage, stem: Path) -> Path:
    machine = SCANNERS[made.scanner]
    bitonal = machine.mode == "bitonal"
    dots = (round(made.page.dpi),) * 2 if made.page.dpi else (0, 0)
    sheet = Sheet(made.page.pixels, (dots[0], dots[1]), bitonal, machine.quality or 80)
    return write([sheet], stem.with_suffix(".tif" if bitonal else ".jpg"))


def _count(scored: Scored, made: MadePage, document: DocumentReading) -> None:
    best = document.kinds[0] if document.kinds else None
    scored.kinds.append(
        (
            made.paper.kind,
            document.kind or "",
            best.kind if best else "",
            best.probability if best else 0.0,
        )
    )
    by_label = scored.values.setdefault(sort_of(made.scanner), defaultdict(Tally))
    there = Counter((s.label, normal(s.label, s.text)) for s in made.said)
    left = Counter(there)
    for label, _ in there.elements():
        by_label[label].there += 1
    for entity in document.entities:
        key = (entity.label, _normal(entity))
        right = left[key] > 0
        left[key] -= right
        by_label[entity.label].found += 1
        by_label[entity.label].right += right
        scored.sure.append((entity.confidence, right))


def _normal(entity: Entity) -> str | None:
    return normal(entity.label, entity.text) if entity.label in LABELS else entity.value


def report(scored: Scored) -> None:
    """Print what was measured."""
    count = len(scored.kinds)
    best = sum(true == given for true, given, _, _ in scored.kinds)
    unsure = [k for k in scored.kinds if k[1] == "other" and k[2] != "other"]
    wrong = sum(given not in (true, "other") for true, given, _, _ in scored.kinds)
    print(f"\n== attachments: {count} pages of layouts, faces and scanners never trained on")
    print(f"kind right {best / count:.4f}  unsure {len(unsure)}  sure and wrong {wrong}")
    for true, given, guess, probability in scored.kinds:
        if true != given:
            print(f"  {true}: said {given}, likeliest {guess} ({probability:.2f})")
    for sort, by_label in sorted(scored.values.items()):
        whole = _whole(by_label.values())
        print(f"\n{sort:36s}{'there':>7s}{'found':>7s}{'right':>7s}{'F1':>8s}")
        for name, tally in [("all", whole), *sorted(by_label.items())]:
            print(f"  {name:34s}{tally.there:7d}{tally.found:7d}{tally.right:7d}{tally.f1:8.4f}")
    print("\nconfidence of values        n    mean   right")
    for low, high in itertools.pairwise(_BANDS):
        inside = [(c, r) for c, r in scored.sure if low <= c < high]
        if inside:
            mean = sum(c for c, _ in inside) / len(inside)
            share = sum(r for _, r in inside) / len(inside)
            band = f"  {low:.2f} to {min(high, 1):.2f}"
            print(f"{band}      {len(inside):7d}  {mean:6.4f}  {share:6.4f}")
    mean = sum(scored.seconds) / count
    print(f"{mean:.2f} CPU s a page from file to JSON, {1 / mean:.2f} pages a CPU second")


def _whole(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.there += tally.there
        whole.found += tally.found
        whole.right += tally.right
    return whole


def run(pages: int = PAGES, joins: int = joins_score.PAPERS, seed: int = SEED) -> Scored:
    """Measure and print; joins only where any papers are to be joined."""
    readers = load()
    with tempfile.TemporaryDirectory(prefix="paperclaim-papers-") as temporary:
        scored = measure(pages, readers, Path(temporary), seed)
        report(scored)
        if joins:
            found = joins_score.measure(joins, readers, Path(temporary), seed=seed)
            joins_score.report(found)
    return scored


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.papers_score", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--joins", type=int, default=joins_score.PAPERS)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    run(chosen.pages, chosen.joins, chosen.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
