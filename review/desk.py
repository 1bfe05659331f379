"""What the claim page shows: a claim's fields in the form's order, and what is asked of whom."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Mapping

from delivery.answers import Answer
from delivery.places import base, box_of, page_of, spec_of
from forms.layout import layout
from models.page import BoxPx
from models.reading import DocumentReading, FieldReading, Finding, PageFacts
from review import words

_TURNS = 4


class State(enum.StrEnum):
    """How a field stands. Each has its own sign, word and colour on the page."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    DOUBT = "doubt"
    FAILED = "failed"
    MISSING = "missing"
    ILLEGIBLE = "illegible"
    EMPTY = "empty"


@dataclasses.dataclass(frozen=True, slots=True)
class PageView:
    """A page, upright.

    Attributes:
        number: in the scan.
        width: pixels, with `height` its proportions.
        height: pixels.
        label: for people.
        attached: it is not the claim itself.
    """

    number: int
    width: int
    height: int
    label: str
    attached: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class FieldView:
    """One row of the page.

    Attributes:
        id: of the contract, with `#n` on further pages.
        number: the item as printed on the form, such as `24`.
        label: for people.
        page: of the scan.
        box: x0, y0, x1, y1 as shares of the upright page, or None.
        text: what the input starts with.
        state: how it stands.
        needed: a person must look before the claim can be finished.
        why: reasons, in words.
        alternatives: other readings, best first.
        choices: names of the check boxes, for a choice.
        by: who answered.
    """

    id: str
    number: str
    label: str
    page: int
    box: tuple[float, float, float, float] | None
    text: str
    state: State
    needed: bool
    why: list[str]
    alternatives: list[str]
    choices: list[str]
    by: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """A claim as the page shows it.

    Attributes:
        form: its name.
        is_claim: false for a page that nobody knows what it is.
        pages: its own, then those of what came with it.
        fields: in the form's order.
        findings: rules that fired.
    """

    form: str
    is_claim: bool
    pages: list[PageView]
    fields: list[FieldView]
    findings: list[Finding]

    @property
    def remaining(self) -> int:
        """How many fields still need a person."""
        return sum(field.needed for field in self.fields)


def desk(
    read: DocumentReading,
    now: DocumentReading,
    answers: Mapping[str, Answer],
    drafts: Mapping[str, str],
) -> Desk:
    """Lay a claim out for a person.

    Args:
        read: as the machine read it: alternatives and first confidence come from here.
        now: with all answers in it.
        answers: by field id.
        drafts: typed and not confirmed, by field id.
    """
    by_field: dict[str, list[Finding]] = {}
    for finding in now.findings:
        for name in finding.fields:
            by_field.setdefault(name, []).append(finding)
    names = {*_layout_fields(now), *now.fields, *read.fields, *by_field}
    views = []
    for name in sorted(names, key=_Order(now)):
        row = _Row(name, read.fields.get(name), now.fields.get(name), answers.get(name))
        views.append(_view(now, row, by_field.get(name, []), drafts.get(name)))
    return Desk(
        form=words.FORMS[now.form],
        is_claim=now.form.is_claim,
        pages=[_page_view(facts, f"Page {facts.number}") for facts in now.page_facts],
        fields=views,
        findings=now.findings,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """A field from all sides: as read, as it is now, as answered."""

    name: str
    read: FieldReading | None
    now: FieldReading | None
    answer: Answer | None


def _layout_fields(reading: DocumentReading) -> list[str]:
    try:
        return list(layout(reading.form).fields)
    except KeyError:
        return []


def _view(
    reading: DocumentReading, row: _Row, findings: list[Finding], draft: str | None
) -> FieldView:
    spec = spec_of(reading.form, row.name)
    capture = row.answer is None and any(
        f.cause == "capture" and f.severity != "warn" for f in findings
    )
    unsure = row.answer is None and row.now is not None and not row.now.accepted
    why = [f.message for f in findings]
    if unsure and row.now is not None:
        why = words.why(row.now) + why
    page = page_of(reading, row.name)
    facts = next((f for f in reading.page_facts if f.number == page), None)
    box = box_of(reading, row.name)
    choices = [choice.name for choice in spec.choices] if spec else []
    return FieldView(
        id=row.name,
        number=_item(row.name),
        label=spec.label if spec else row.name,
        page=page,
        box=_upright(box, facts) if box and facts else None,
        text=_text(row, draft, choices),
        state=_state(row, findings, unsure=unsure or capture),
        needed=unsure or capture,
        why=why,
        alternatives=_alternatives(row.read, choices),
        choices=choices,
        by=row.answer.by if row.answer else None,
    )


def _text(row: _Row, draft: str | None, choices: list[str]) -> str:
    if draft is not None:
        return draft
    if row.now is None:
        return ""
    return (row.now.value or "") if choices else row.now.text


def _alternatives(read: FieldReading | None, choices: list[str]) -> list[str]:
    """The reader's other readings, once each, at most nine: they are taken by a figure key."""
    if read is None or choices:
        return []
    others = dict.fromkeys(a.text for a in read.alternatives if a.text != read.text)
    return list(others)[:9]


def _state(row: _Row, findings: list[Finding], *, unsure: bool) -> State:
    if row.answer is not None and row.answer.action == "illegible":
        return State.ILLEGIBLE
    if unsure:
        return State.MISSING if row.now is None else State.DOUBT
    hard = any(finding.severity != "warn" for finding in findings)
    if row.now is None:
        return State.MISSING if hard else State.EMPTY
    if hard:
        return State.FAILED
    return State.CONFIRMED if row.answer else State.ACCEPTED


def attached(reading: DocumentReading) -> list[PageView]:
    """The pages of something that came with a claim."""
    kind = (reading.kind or words.FORMS[reading.form]).replace("_", " ").capitalize()
    return [
        dataclasses.replace(_page_view(facts, f"{kind} {facts.number}"), attached=True)
        for facts in reading.page_facts
    ]


def _page_view(facts: PageFacts, label: str) -> PageView:
    size = (facts.width, facts.height)
    width, height = size if facts.quarter_turns % 2 == 0 else size[::-1]
    return PageView(facts.number, width, height, label)


def _upright(box: BoxPx, facts: PageFacts) -> tuple[float, float, float, float]:
    """A box in scanned pixels as shares of the page turned upright."""
    x0, y0, x1, y1 = (
        box[0] / facts.width,
        box[1] / facts.height,
        box[2] / facts.width,
        box[3] / facts.height,
    )
    for _ in range(facts.quarter_turns % _TURNS):
        x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
    return round(x0, 5), round(y0, 5), round(x1, 5), round(y1, 5)


_NAME = re.compile(r"(?P<item>\d*)(?P<letter>[^.]*)(\.(?P<line>\d+))?.*")
#: columns of the UB-04 service lines: read by line, not by column
_UB_LINES = range(42, 50)


def _item(name: str) -> str:
    """The item number that the form itself prints: `24.1.charges` is in item 24."""
    first = base(name).partition(".")[0]
    return "" if first == "carrier" else first


class _Order:
    """The form's own order: by page of the claim, item number, line, place."""

    def __init__(self, reading: DocumentReading) -> None:
        self._places = {name: n for n, name in enumerate(_layout_fields(reading))}

    def __call__(self, name: str) -> tuple[int, int, str, int, int, int]:
        """A sort key of a field id: page, item, letter, line, column, place on the form."""
        on_page, _, sheet = name.partition("#")
        parts = _NAME.fullmatch(on_page)
        item = int(parts["item"] or 0) if parts else 0
        letter = (parts["letter"] if parts and item else "") or ""
        line = int(parts["line"] or 0) if parts else 0
        column = 0
        if item in _UB_LINES and line:
            item, column = _UB_LINES.start, item
        place = self._places.get(on_page, len(self._places))
        return (int(sheet or 1), item, letter, line, column, place)
