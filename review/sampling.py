"""Accepted fields that somebody looks at once more: drawn by chance, checked without being told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from delivery.compose import current, said
from delivery.places import spec_of
from ledger import answers, documents, finishing
from ledger.audit import Act, note
from ledger.database import Database, now
from ledger.documents import Document
from ledger.quality import MACHINE, Sample, next_sample
from models.errors import PaperclaimError
from models.page import Form
from models.reading import DocumentReading, FieldReading
from models.state import State
from review.desk import FieldView, Spoken, desk
from review.policy import same

_RANGE: Final = 2**64
#: how many times as likely a risky field is drawn; whoever sums up weighs it that much less
RISK: Final = 4.0
#: a field that the machine accepted with less confidence is risky: the dial's rate is an average,
#: and those just over its bar are the worst of them
_RISKY: Final = 0.999
_OVER: Final = (State.READY, State.DELIVERED)


class SampleError(PaperclaimError):
    """A field can't be checked so."""

    code = "review.sample"
    remedy = "Take the next one: somebody else may have checked it."


@dataclass(frozen=True, slots=True)
class Look:
    """A field to be looked at once more.

    Attributes:
        id: of the sample.
        dcn: of the document.
        form: of the document.
        view: where it is, and nothing of what was read.
    """

    id: int
    dcn: str
    form: Form
    view: FieldView


def draw(db: Session, document: Document, printer: str, share: float) -> int:
    """Choose fields of a document that went out; the same ones however often; how many are new.

    Args:
        db: the ledger.
        document: that is ready, or delivered.
        printer: whose print it is.
        share: of its fields; of risky ones `RISK` times as many.
    """
    if share <= 0 or document.state not in _OVER or not Form(document.form).is_claim:
        return 0
    reading = current(db, document)
    spoken = said(db, document.dcn)
    read = DocumentReading.model_validate_json(document.reading)
    known = set(db.scalars(select(Sample.field).where(Sample.dcn == document.dcn)))
    count = 0
    for name, field in reading.fields.items():
        before = read.fields.get(name)
        owner = spoken[name].by if name in spoken else MACHINE
        confidence = before.confidence if before else 0.0
        chance = share * risk(owner, confidence)
        if name in known or not field.accepted or not _chosen(document.dcn, name, chance):
            continue
        db.add(
            Sample(
                dcn=document.dcn,
                form=document.form,
                field=name,
                owner=owner,
                printer=printer,
                confidence=confidence,
                text=_shown(reading.form, name, field),
                value=field.value or "",
                drawn=now(),
            )
        )
        count += 1
    return count


def risk(owner: str, confidence: float) -> float:
    """How many times as likely as others a field is drawn.

    It follows from what a sample keeps, so that the error rate can be freed of it.
    """
    return RISK if owner == MACHINE and confidence < _RISKY else 1.0


def _chosen(dcn: str, field: str, share: float) -> bool:
    """Chance that nobody can steer, and that falls alike whenever it is asked."""
    drawn = hashlib.sha256(f"sample {dcn} {field}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") < share * _RANGE


def _shown(form: Form, name: str, field: FieldReading) -> str:
    spec = spec_of(form, name)
    return (field.value or "") if spec is not None and spec.choices else field.text


class Sampling:
    """The fields that wait to be looked at once more.

    Args:
        database: the ledger's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def next(self, user: str) -> Look | None:
        """The next field that is not one's own."""
        with self._database.read() as db:
            sample = next_sample(db, user)
            if sample is None:
                return None
            reading = current(db, documents.get(db, sample.dcn))
        views = {view.id: view for view in desk(reading, reading, Spoken()).fields}
        return Look(sample.id, sample.dcn, reading.form, views[sample.field])

    def place(self, number: int, user: str) -> tuple[str, str]:
        """The document and the field that a sample is of.

        Raises:
            SampleError: it is one's own, or was checked already.
        """
        with self._database.read() as db:
            sample = self._open(db, number, user)
            return sample.dcn, sample.field

    def check(self, number: int, spoken: tuple[str, str], user: str) -> tuple[str, str] | None:
        """Compare what somebody saw with what was accepted.

        Returns:
            Where they differ, the two texts in an order that tells nothing: look again, and
            `decide`. None where they agree.

        Raises:
            SampleError: it is one's own, or was checked already.
        """
        with self._database.begin() as db:
            sample = self._open(db, number, user)
            mine = ("said", spoken[1]) if spoken[0] == "said" else spoken
            if same(Form(sample.form), sample.field, mine, ("said", sample.text)):
                _close(sample, user, sample.text, right=True)
                note(db, user, Act("checked", sample.dcn, sample.field))
                return None
            pair = sorted({sample.text, spoken[1].strip()}, key=lambda t: _mixed(number, t))
            return pair[0], pair[-1]

    def decide(self, number: int, text: str, user: str) -> bool:
        """Say what is printed after a second look; a wrong field is corrected, and sent anew.

        Returns:
            Whether what was accepted was right.

        Raises:
            SampleError: it is one's own, or was checked already.
        """
        with self._database.begin() as db:
            sample = self._open(db, number, user)
            form = Form(sample.form)
            right = same(form, sample.field, ("said", text), ("said", sample.text))
            _close(sample, user, text.strip(), right=right)
            if not right:
                _correct(db, documents.locked(db, sample.dcn), sample, user)
            found = "ok" if right else "wrong"
            note(db, user, Act("checked", sample.dcn, f"{sample.field} {found}"))
            return right

    @staticmethod
    def _open(db: Session, number: int, user: str) -> Sample:
        sample = db.get(Sample, number, with_for_update=True)
        if sample is None or sample.right is not None or sample.owner == user:
            raise SampleError("This field is not yours to check.")
        return sample


def _mixed(number: int, text: str) -> str:
    return hashlib.sha256(f"{number} {text}".encode()).hexdigest()


def _close(sample: Sample, user: str, seen: str, *, right: bool) -> None:
    sample.checked_by, sample.checked_at = user, now()
    sample.seen, sample.right = seen, right


def _correct(db: Session, document: Document, sample: Sample, user: str) -> None:
    """What went out was wrong: a further revision says so."""
    text = sample.seen or ""
    action = "corrected" if text else "not_present"
    if document.state == State.REVIEW:
        answers.keep_draft(
            db,
            answers.Draft(dcn=document.dcn, field=sample.field, text=text, by="quality", at=now()),
        )
    if document.state not in _OVER:
        return
    answers.say(
        db,
        answers.FieldAnswer(
            dcn=document.dcn, field=sample.field, action=action, text=text, by=user, at=now()
        ),
    )
    documents.move(db, document, State.REVIEW, user, "quality")
    finishing.ready(db, document, user, "quality")
