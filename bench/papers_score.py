"""How well attachments are read: kinds, values by label, the claims they join, pages a second.

    python -m bench.papers_score --pages 110

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.attachments import MadePage, make
from extractors.language.labels import LABELS, normal
from extractors.readers import Readers, load
from intake.limits import Limits
from ledger import database, documents, identities, scans
from ledger.database import Database, now
from ledger.documents import Found
from ledger.matching import match
from ledger.scans import Arrived
from models.clock import cpu
from models.page import Form
from models.reading import DocumentReading, Entity, FieldReading
from models.state import State
from pipeline.documents import recheck
from pipeline.scan import read_scan
from samples.attachments import facts
from samples.attachments.facts import Facts
from samples.attachments.papers import KINDS
from samples.files import Sheet, write
from samples.scanners import SCANNERS
from service.arrivals import clues_of

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
        documents: each page's case, its kind, and what was read of it.
        seconds: CPU seconds a page.
    """

    kinds: list[tuple[str, str, str, float]] = field(default_factory=list)
    values: dict[str, dict[str, Tally]] = field(default_factory=dict)
    sure: list[tuple[float, bool]] = field(default_factory=list)
    documents: list[tuple[Facts, MadePage, DocumentReading]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def sort_of(scanner: str) -> str:
    """`clean`, `fax` or `photo`."""
    name = scanner.partition("-")[0]
    return name if name in ("fax", "photo") else "clean"


def measure(pages: int, readers: Readers, folder: Path) -> Scored:
    """Read made-up papers of all kinds."""
    scored = Scored()
    for number in range(pages):
        rng = random.Random(f"papers {SEED} {number}")
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
        scored.documents.append((case, made, document))
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


def claim_of(case: Facts) -> DocumentReading:
    """The claim of a case, as it would be read."""
    texts: dict[str, tuple[str, str]] = {
        "1a": (case.member_id, case.member_id),
        "2": (f"{case.patient.last}, {case.patient.first}",) * 2,
        "25": (case.tax_id, case.tax_id),
        "26": (case.account, case.account),
        "33a": (case.npi, case.npi),
    }
    for number, line in enumerate(case.lines[:6], start=1):
        texts[f"24.{number}.from"] = texts[f"24.{number}.to"] = (
            f"{line.day:%m %d %y}",
            line.day.isoformat(),
        )
        texts[f"24.{number}.procedure"] = (line.procedure, line.procedure)
        texts[f"24.{number}.charges"] = (str(line.billed), str(line.billed))
    fields = {
        name: FieldReading(
            text=text, value=value, confidence=1, accepted=True, page=1, box=(0, 0, 1, 1)
        )
        for name, (text, value) in texts.items()
    }
    return recheck(DocumentReading(form=Form.CMS1500, pages=[1], status="review", fields=fields))


def _entered(record: Database, cases: Sequence[Facts]) -> list[str]:
    """Control numbers of the claims of all cases, entered in the record."""
    found = []
    with record.begin() as db:
        for number, case in enumerate(cases):
            arrived = Arrived(str(number), f"{number:064d}", 1, "a.tif", (), now())
            scan, _ = scans.enter(db, arrived)
            (document,) = documents.create(db, scan, [Found(claim_of(case))])
            documents.move(db, document, State.READING)
            documents.move(db, document, State.REVIEW)
            identities.keep(db, document.dcn, claim_of(case))
            found.append(document.dcn)
    return found


@dataclass(frozen=True, slots=True)
class Joins:
    """What became of papers that came alone.

    Attributes:
        could: papers whose print tells their claim.
        right: of those, joined to it.
        wrong: papers joined to another claim, or to one where theirs never came.
        rest: papers that don't tell and were left to a person.
        papers: all of them.
    """

    could: int
    right: int
    wrong: int
    rest: int
    papers: int


def joins(scored: Scored, folder: Path) -> Joins:
    """Every second paper's claim is in the record, among as many claims of strangers."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    record = database.open(url)
    rng = random.Random(SEED)
    here = [at % 4 != 3 for at in range(len(scored.documents))]
    cases = [one[0] for one, came in zip(scored.documents, here, strict=True) if came]
    strangers = [facts.make(rng) for _ in range(len(cases))]
    numbers = dict(zip(map(id, cases), _entered(record, [*cases, *strangers]), strict=False))
    could = right = wrong = rest = 0
    with record.begin() as db:
        for (case, made, document), came in zip(scored.documents, here, strict=True):
            own = numbers.get(id(case)) if came else None
            told = DocumentReading(
                form=Form.ATTACHMENT, pages=[1], status="information", entities=_printed(made)
            )
            true = match(db, clues_of(told))
            found = match(db, clues_of(document))
            tells = own is not None and true is not None and true.dcn == own
            could += tells
            if found is None:
                rest += not tells
            elif found.dcn == own:
                right += tells
            else:
                wrong += 1
    record.dispose()
    return Joins(could, right, wrong, rest, len(scored.documents))


def _printed(made: MadePage) -> list[Entity]:
    return [
        Entity(
            label=s.label,
            text=s.text,
            value=normal(s.label, s.text),
            confidence=1,
            page=1,
            box=s.box,
        )
        for s in made.said
    ]


def report(scored: Scored, joined: Joins) -> None:
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
    print(
        f"\njoins: {joined.papers} papers, {joined.could} tell their claim: "
        f"{joined.right} joined ({joined.right / max(1, joined.could):.4f}), "
        f"{joined.wrong} wrong; {joined.rest} left to a person as they should be"
    )
    mean = sum(scored.seconds) / count
    print(f"{mean:.2f} CPU s a page from file to JSON, {1 / mean:.2f} pages a CPU second")


def _whole(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.there += tally.there
        whole.found += tally.found
        whole.right += tally.right
    return whole


def run(pages: int = PAGES) -> Scored:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="paperclaim-papers-") as temporary:
        folder = Path(temporary)
        scored = measure(pages, load(), folder)
        report(scored, joins(scored, folder))
    return scored


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.papers_score", description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    run(parser.parse_args().pages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
