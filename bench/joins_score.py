"""Which claims papers that came alone find, among claims made to be mistaken for them.

    python -m bench.joins_score --papers 160

Each paper is of a claim in the record. Beside it lie, for each: another visit of the patient, with
the next account number; somebody else of the same provider and days, whose account differs by one
character; one of the family on the same card on the same days; somebody of the same name whose
member ID differs by one character. Every paper is asked for twice: with its claim there, and with
its claim not there, when it has to find none.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import itertools
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from sqlalchemy.orm import Session

from bench.attachments import MadePage, make
from edits.claim import build
from extractors.language.labels import normal
from extractors.readers import Readers, load
from ledger import database, documents, identities, scans
from ledger.database import Database, now
from ledger.documents import Found
from ledger.matching import match
from ledger.scans import Arrived
from models.clock import Stages
from models.clues import Clues
from models.page import Form
from models.reading import DocumentReading, Entity, FieldReading
from models.state import State
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples.attachments import facts
from samples.attachments.facts import Facts
from samples.attachments.papers import KINDS
from samples.attachments.wording import Split
from service.arrivals import clues_of

SEED = 11
PAPERS = 160
_TURNED = 0.05


@dataclass(slots=True)
class Joins:
    """What became of papers.

    Attributes:
        right: papers whose print tells their claim and that found it, by what found it.
        missed: of those, the ones left to a person.
        wrong: papers joined to another claim, while theirs was there or while it was not.
    """

    right: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str, Clues, Clues]] = field(default_factory=list)
    wrong: list[tuple[str, str, Clues, Clues]] = field(default_factory=list)


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
    form = Form.CMS1500
    claim = build(form, fields)
    return DocumentReading(form=form, pages=[1], status="review", fields=fields, claim=claim)


def strangers(case: Facts, rng: random.Random) -> Iterator[Facts]:
    """Claims that a careless clerk would take for this one."""
    other = facts.make(rng)
    away = dt.timedelta(days=rng.choice((-1, 1)) * rng.randint(12, 90))
    moved = tuple(dataclasses.replace(line, day=line.day + away) for line in case.lines)
    yield dataclasses.replace(case, account=_next(case.account), lines=moved)
    yield dataclasses.replace(
        case, account=_one_off(case.account, rng), patient=other.patient, member_id=other.member_id
    )
    sibling = dataclasses.replace(case.patient, first=other.patient.first, born=other.patient.born)
    yield dataclasses.replace(case, account=other.account, patient=sibling)
    yield dataclasses.replace(
        other, patient=case.patient, member_id=_one_off(case.member_id, rng), lines=case.lines
    )


def _next(number: str) -> str:
    head = number.rstrip("0123456789")
    figures = number[len(head) :]
    return f"{head}{(int(figures) + 1) % 10 ** len(figures):0{len(figures)}d}"


def _one_off(number: str, rng: random.Random) -> str:
    """A number with one figure in place of another."""
    at = rng.choice([i for i, c in enumerate(number) if c.isdigit()])
    figure = rng.choice([c for c in "0123456789" if c != number[at]])
    return number[:at] + figure + number[at + 1 :]


def enter(db: Session, cases: Sequence[Facts]) -> list[str]:
    """Control numbers of the claims of cases, entered in the record."""
    found = []
    for case in cases:
        name = f"{db.query(scans.Scan).count():064d}"
        scan, _ = scans.enter(db, Arrived(name[-9:], name, 1, "a.tif", (), now()))
        reading = claim_of(case)
        (document,) = documents.create(db, scan, [Found(reading)])
        documents.move(db, document, State.READING)
        documents.move(db, document, State.REVIEW)
        identities.keep(db, document.dcn, reading)
        found.append(document.dcn)
    return found


def printed(made: MadePage) -> Clues:
    """What a paper says of its claim, read without a mistake."""
    entities = [
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
    said = DocumentReading(form=Form.ATTACHMENT, pages=[1], status="information", entities=entities)
    return clues_of(said)


def tells(said: Clues, own: str) -> bool:
    """Whether a paper has one of the keys of a mailroom: what is less is found now and then."""
    account = bool(said.account and said.providers)
    return own in said.control_numbers or account or bool(said.member and said.first_day)


def papers_that_tell(
    record: Database, n: int, split: Split, seed: int
) -> Iterator[tuple[str, MadePage]]:
    """Papers whose print tells their claim, with its control number; and claims of strangers."""
    found = 0
    for number in itertools.count():
        rng = random.Random(f"joins {seed} {number}")
        case = facts.make(rng)
        with record.begin() as db:
            own = enter(db, [case, *strangers(case, rng)])[0]
        turns = rng.choice((1, 2, 3)) if rng.random() < _TURNED else 0
        # our own number is known to the provider once the claim is here
        case = dataclasses.replace(case, control_number=own)
        made = make(KINDS[number % len(KINDS)], case, rng, split, turns)
        said = printed(made)
        with record.begin() as db:
            one = match(db, said)
        if one is not None and one.dcn == own and tells(said, own):
            yield own, made
            found += 1
        if found == n:
            return


def measure(
    n: int, readers: Readers, folder: Path, split: Split = "test", seed: int = SEED
) -> Joins:
    """Read papers and look for their claims."""
    record = database.open(f"sqlite:///{folder / 'joins.db'}")
    read = [
        (own, made, clues_of(assemble([read_image(made.page, readers, Stages())])[0]))
        for own, made in papers_that_tell(record, n, split, seed)
    ]
    joined = Joins()
    with record.begin() as db:
        for own, made, clues in read:
            told = (made.paper.kind, made.scanner, printed(made), clues)
            there, gone = match(db, clues), match(db, clues, besides=[own])
            if gone is not None or (there is not None and there.dcn != own):
                joined.wrong.append(told)
            elif there is None:
                joined.missed.append(told)
            else:
                joined.right[there.by] += 1
    record.dispose()
    return joined


def report(joined: Joins) -> None:
    """Print what was measured."""
    right = sum(joined.right.values())
    whole = right + len(joined.missed) + len(joined.wrong)
    print(
        f"\njoins: of {whole} papers that tell their claim {right} found it ({right / whole:.4f}),"
    )
    print("  by", ", ".join(f"{by} {count}" for by, count in joined.right.most_common()))
    print(f"  {len(joined.missed)} left to a person; {len(joined.wrong)} wrong, claim there or not")
    for name, each in (("missed", joined.missed), ("wrong", joined.wrong)):
        for kind, scanner, true, seen in each:
            print(f"  {name}: {kind} {scanner}\n    print {true}\n    read  {seen}")


def run(papers: int = PAPERS, split: Split = "test", seed: int = SEED) -> Joins:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="paperclaim-joins-") as temporary:
        joined = measure(papers, load(), Path(temporary), split, seed)
    report(joined)
    return joined


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.joins_score", description=__doc__)
    parser.add_argument("--papers", type=int, default=PAPERS)
    parser.add_argument("--split", choices=get_args(Split), default="test")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    run(chosen.papers, chosen.split, chosen.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
