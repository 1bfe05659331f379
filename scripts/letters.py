"""Three letters about made-up claims, `samples/letters/*.pdf`: `make docs` draws them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from pathlib import Path
from typing import Final

from bench.edits_score import truth_of
from edits.context import Context
from edits.profile import LetterPolicy
from ledger.requests import Stage
from letters import policy
from letters.draft import Draft, items, recipient
from letters.paper import Content, Head, pdf
from letters.reference import reference
from models import dcn as control_numbers
from models.page import Form
from models.reading import DocumentReading, PageFacts
from pipeline.documents import recheck
from samples import claims
from samples.wording import Wording

FOLDER: Final = Path("samples/letters")
_RECEIVED: Final = dt.date(2026, 11, 2)
_FIRST: Final = dt.date(2026, 11, 9)
_HEAD: Final = Head(
    "Fernhill Health Plan",
    ("Claims Department", "PO Box 4180", "Columbus OH 43218"),
    "(555) 010-4400",
    "(555) 010-4401",
)
_REMARK: Final = (
    "The copy that reached us is cut off at the right edge; if you have the original form at hand, "
    "a clean copy of it answers most of the questions above."
)


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One letter: about which claim, with which mistakes, and which letter of its request."""

    name: str
    form: Form
    seed: int
    faults: tuple[str, ...]
    stage: Stage = Stage.LETTER
    days: int = 0
    remark: str = ""
    left_out: tuple[str, ...] = ()


SAMPLES: Final = (
    Sample("1-professional", Form.CMS1500, 21, ("no_25", "no_24.1.pointer", "no_31.signature")),
    Sample(
        "2-institutional",
        Form.UB04,
        22,
        ("no_4", "no_56", "no_67", "no_58A", "no_76.npi", "no_17", "bad_total"),
        remark=_REMARK,
        left_out=("59A", "52A", "12", "14", "15", "9a"),
    ),
    Sample(
        "3-second",
        Form.CMS1500,
        23,
        ("bad_npi", "bad_total"),
        stage=Stage.SECOND,
        days=46,
        left_out=("26",),
    ),
)


def claim(sample: Sample) -> DocumentReading:
    """A made-up claim as if it had been read without doubt."""
    rng = random.Random(f"letter {sample.seed}")  # noqa: S311 - seeded chance, never a secret
    made = claims.make(sample.form, rng, Wording(), today=_RECEIVED, faults=sample.faults)
    form, fields = truth_of({"form": sample.form, "fields": made.pages[0]})
    fields = {name: field for name, field in fields.items() if name not in sample.left_out}
    facts = PageFacts(number=1, width=1, height=1, form=form, method="rules", quality=1)
    reading = DocumentReading(
        form=form, pages=[1], status="review", fields=fields, page_facts=[facts]
    )
    return recheck(reading, Context(received=_RECEIVED, today=_FIRST, attachments=()))


def letter(sample: Sample) -> bytes:
    """The letter of a sample."""
    reading = claim(sample)
    wanted, notes = items(reading)
    dated = _FIRST + dt.timedelta(days=sample.days)
    due = policy.due(LetterPolicy(), _FIRST, sample.stage, dated)
    return pdf(
        Content(
            head=_HEAD,
            draft=Draft(
                items=wanted, notes=notes, remark=sample.remark, recipient=recipient(reading)
            ),
            reference=reference(control_numbers.make(_RECEIVED, sample.seed), _RECEIVED, reading),
            number=1,
            stage=sample.stage,
            dated=dated,
            due=due,
            first=_FIRST,
            closing=policy.closing(LetterPolicy(), due),
        )
    )


def main() -> None:
    """Write the letters."""
    FOLDER.mkdir(exist_ok=True)
    for sample in SAMPLES:
        path = FOLDER / f"{sample.name}.pdf"
        path.write_bytes(letter(sample))
        print(path)


if __name__ == "__main__":
    main()
