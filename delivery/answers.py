"""What people said of fields, laid over what the machine read.

The machine's reading is never changed; answers are kept beside it, and this is the one place
where the two are put together, for the review page and for delivery alike.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from pydantic import AwareDatetime

from delivery.document import Action, Confirmation
from delivery.places import base, box_of, page_of, spec_of
from edits.check import Context
from extractors.kinds.table import kind_for
from models.page import Form
from models.reading import DocumentReading, FieldReading
from models.record import Record
from pipeline.documents import recheck

ILLEGIBLE = "illegible"


class Answer(Record):
    """A person's last word on one field.

    Attributes:
        action: see `Confirmation`.
        text: as printed, for `confirmed` and `corrected`; the name of the box for a check box.
        by: user name.
        at: when.
        paper: see `Confirmation`.
    """

    action: Action
    text: str = ""
    by: str
    at: AwareDatetime
    paper: str | None = None

    def confirmation(self) -> Confirmation:
        """The answer as a delivered claim tells it: without the text."""
        return Confirmation(by=self.by, at=self.at, action=self.action, paper=self.paper)


def apply(
    reading: DocumentReading,
    answers: Mapping[str, Answer],
    received: dt.date,
    context: Context | None = None,
) -> DocumentReading:
    """The reading with the answers in it, its claim, findings and status made anew.

    Args:
        reading: as the machine read it.
        answers: by field id.
        received: the day the paper arrived, which some rules look at.
        context: what else the rules are told (`ledger.knowledge`); None for nothing, and then a
            reading without answers stays as it is.
    """
    if not answers and context is None:
        return reading
    fields = dict(reading.fields)
    for name, answer in answers.items():
        if answer.action == "not_present":
            fields.pop(name, None)
        else:
            fields[name] = _field(reading, name, answer)
    empty = frozenset(n for n, answer in answers.items() if answer.action == "not_present")
    known = dataclasses.replace(context or Context(), received=received, empty=empty)
    return recheck(reading.model_copy(update={"fields": fields}), known)


def value_of(form: Form, field_id: str, text: str) -> str | None:
    """`text` in the normal form of the field's kind, None where it has none."""
    try:
        return kind_for(form, base(field_id)).value(text)
    except KeyError:
        return " ".join(text.upper().split()) or None


def _field(reading: DocumentReading, name: str, answer: Answer) -> FieldReading:
    """One field as a person says it is; where they only confirm it, as it was read."""
    read = reading.fields.get(name)
    text, value, doubts = answer.text, None, []
    if answer.action == "illegible":
        text, doubts = "", [ILLEGIBLE]
    elif answer.action == "confirmed" and read is not None:
        text, value = read.text, read.value
    elif (spec := spec_of(reading.form, name)) is not None and spec.choices:
        text, value = "X", answer.text
    else:
        value = value_of(reading.form, name, text)
    return FieldReading(
        text=text,
        value=value,
        confidence=1.0,
        accepted=True,
        page=page_of(reading, name),
        box=box_of(reading, name) or (0, 0, 0, 0),
        source="person",
        alternatives=[],
        doubts=doubts,
    )
