"""What the claim page shows: a claim's fields in the form's order, and what is asked of whom."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Mapping
from typing import TypeAlias

from delivery.answers import Answer
from delivery.places import base, box_of, page_of, spec_of
from forms.layout import layout
from ledger.answers import Override
from models.page import BoxPx
from models.reading import ANSWER, DocumentReading, FieldReading, Finding, PageFacts
from review import words
from review.unasked import counted, unasked

#: x0, y0, x1, y1 as shares of the upright page
Share: TypeAlias = tuple[float, float, float, float]

_TURNS = 4


class State(enum.StrEnum):
    """How a field stands. Each has its own sign, word and colour on the page."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    DOUBT = "doubt"
    FAILED = "failed"
    DISPUTED = "disputed"
    MISSING = "missing"
    ILLEGIBLE = "illegible"
    EMPTY = "empty"


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """Something that an attachment says: what it is, and where it stands on the upright page."""

    label: str
    text: str
    box: Share


def _key(dcn: str, number: int) -> str:
    """What tells a page from the others of a case; `dcn` of its document, where that is another."""
    return f"{dcn}/{number}" if dcn else str(number)


@dataclasses.dataclass(frozen=True, slots=True)
class PageView:
    """A page, upright.

    Attributes:
        number: in the scan.
        width: pixels, with `height` its proportions.
        height: pixels.
        label: for people.
        attached: it is not the claim itself.
        dcn: of the document whose page it is, where that is another; else empty.
        marks: what is found on it.
        why: what is in doubt about all of it, in words; empty where nothing is.
        unread: nothing of it was read.
    """

    number: int
    width: int
    height: int
    label: str
    attached: bool = False
    dcn: str = ""
    marks: list[Mark] = dataclasses.field(default_factory=list)
    why: str = ""
    unread: bool = False

    @property
    def key(self) -> str:
        """What tells it from the other pages of the case."""
        return _key(self.dcn, self.number)


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """Where something stands: the key of a page, and a box on it; None for all of the page."""

    page: str
    box: Share | None


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
        by: who answered, and what, in words.
        line: of the service lines, such as `24.1` or `42.1#2`; empty for any other field.
        short: label inside its line.
        waits: this person keyed it, and another has to.
        start: what the input is put back to: its text without what this person typed.
        typed: nothing is in doubt but what this person typed and did not confirm.
        weak: characters of the text that the reader is not sure of.
        sent: where a paper of the provider's says it, while a person compares the two.
    """

    id: str
    number: str
    label: str
    page: int
    box: Share | None
    text: str
    state: State
    needed: bool
    why: list[str]
    alternatives: list[str]
    choices: list[str]
    by: str | None
    line: str = ""
    short: str = ""
    waits: bool = False
    start: str = ""
    typed: bool = False
    weak: frozenset[int] = frozenset()
    sent: Seen | None = None

    @property
    def seen(self) -> Seen:
        """What is shown of it: its own place, or that of the paper which it is compared with."""
        return self.sent or Seen(str(self.page), self.box)


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """A claim as the page shows it.

    Attributes:
        form: its name.
        is_claim: false for a page that nobody knows what it is.
        pages: its own, then those of what came with it.
        fields: in the form's order.
        findings: rules that fired.
        unasked: those of the provider's that nobody asked about.
    """

    form: str
    is_claim: bool
    pages: list[PageView]
    fields: list[FieldView]
    findings: list[Finding]
    unasked: list[Finding] = dataclasses.field(default_factory=list)

    def groups(self, *, whole: bool = False) -> list[tuple[str, list[FieldView]]]:
        """The fields, those of a service line together, with the line; others by themselves.

        Args:
            whole: with all empty ones; else only those of lines that have something printed.
        """
        kept: dict[str, list[FieldView]] = {}
        for field in self.fields:
            kept.setdefault(f"line {field.line}" if field.line else field.id, []).append(field)
        return [
            (group[0].line, group)
            for group in kept.values()
            if whole or any(field.state is not State.EMPTY for field in group)
        ]

    @property
    def waits(self) -> bool:
        """Whether something that this person keyed has to be keyed by another."""
        return any(field.waits for field in self.fields)

    @property
    def goes_with(self) -> list[str]:
        """Rules that it would be sent on with; none where it isn't sent on, only handed on."""
        return [] if self.waits else sorted({finding.rule for finding in self.unasked})

    @property
    def counted(self) -> str:
        """How many those are, by severity, in words."""
        return counted(self.unasked)

    @property
    def grave(self) -> bool:
        """Whether a rule fired that does more than warn."""
        return any(finding.severity != "warn" for finding in self.findings)

    @property
    def remaining(self) -> int:
        """How many fields still need a person."""
        return sum(field.needed for field in self.fields)


@dataclasses.dataclass(frozen=True, slots=True)
class Spoken:
    """What people said of a claim's fields.

    Attributes:
        answers: by field id.
        drafts: typed and not confirmed, by field id.
        overrides: who let a field pass that a rule speaks against, and why.
        blind: fields that are keyed without seeing what anybody else made of them.
        waiting: fields that this person has keyed, and somebody else has not.
        disputed: fields that two people read differently.
        own: what this person keyed of those.
        suggested: papers that a draft comes from, by field id: an answer or a corrected form.
        letters: rule and field of everything that letters asked for.
    """

    answers: dict[str, Answer] = dataclasses.field(default_factory=dict)
    drafts: dict[str, str] = dataclasses.field(default_factory=dict)
    overrides: Mapping[str, Override] = dataclasses.field(default_factory=dict)
    blind: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    disputed: frozenset[str] = frozenset()
    own: Mapping[str, str] = dataclasses.field(default_factory=dict)
    suggested: Mapping[str, str] = dataclasses.field(default_factory=dict)
    letters: frozenset[tuple[str, str]] = frozenset()

    @property
    def passed(self) -> dict[str, Override]:
        """The overrides in force: of fields whose answer was not taken back."""
        return {name: one for name, one in self.overrides.items() if name in self.answers}


def desk(
    read: DocumentReading,
    now: DocumentReading,
    said: Spoken,
    papers: Mapping[str, DocumentReading] | None = None,
) -> Desk:
    """Lay a claim out for a person.

    Args:
        read: as the machine read it: alternatives and first confidence come from here.
        now: with all answers in it.
        said: what people said.
        papers: what came after it, by control number.
    """
    by_field: dict[str, list[Finding]] = {}
    for finding in now.findings:
        for name in finding.fields:
            by_field.setdefault(name, []).append(finding)
    names = {*_every_field(now), *now.fields, *read.fields, *by_field}
    views = []
    for name in sorted(names, key=_Order(now)):
        row = _Row(name, read.fields.get(name), now.fields.get(name), said.answers.get(name))
        view = _view(now, row, by_field.get(name, []), said)
        paper = (papers or {}).get(said.suggested.get(name, ""))
        if paper is not None:
            view = dataclasses.replace(view, sent=_sent(paper, said.suggested[name], name))
        views.append(_keyed(view, said) if name in said.blind | said.waiting else view)
    return Desk(
        form=words.FORMS[now.form],
        is_claim=now.form.is_claim,
        pages=[_page_view(facts, f"Page {facts.number}") for facts in now.page_facts],
        fields=views,
        findings=[f.model_copy(update={"message": words.for_us(f)}) for f in now.findings],
        unasked=unasked(now.findings, said.letters, said.passed) if now.form.is_claim else [],
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """A field from all sides: as read, as it is now, as answered."""

    name: str
    read: FieldReading | None
    now: FieldReading | None
    answer: Answer | None


def one_of(read: DocumentReading, name: str) -> FieldView:
    """A field as it was read, without what rules and people say of it."""
    found = read.fields.get(name)
    return _view(read, _Row(name, found, found, None), [], Spoken())


def _layout_fields(reading: DocumentReading) -> list[str]:
    """Every field of the form; of what was purged there is no page for them."""
    try:
        return list(layout(reading.form).fields) if reading.pages else []
    except KeyError:
        return []


def _every_field(reading: DocumentReading) -> list[str]:
    """The fields of all pages, printed or not: what the reader missed is keyed on any of them."""
    names = _layout_fields(reading)
    further = range(2, len(reading.pages) + 1)
    return names + [f"{name}#{number}" for number in further for name in names]


def _view(reading: DocumentReading, row: _Row, findings: list[Finding], said: Spoken) -> FieldView:
    spec = spec_of(reading.form, row.name)
    choices = [choice.name for choice in spec.choices] if spec else []
    passed = said.passed.get(row.name)
    capture = row.answer is None and any(words.asks_a_person(f) for f in findings)
    paper = said.suggested.get(row.name)
    unsure = row.answer is None and row.now is not None and not row.now.accepted
    why = [words.for_us(f) for f in findings]
    if unsure and row.now is not None:
        why = words.why(row.now) + why
    settled = _text(row, None, choices)
    asks = unsure or capture or paper is not None
    typed = not asks and _differs(said.drafts.get(row.name), settled)
    if typed:
        why = ["typed, and not confirmed", *why]
    if paper is not None:
        why = [f"the provider sent this ({paper}): compare it with the paper", *why]
    if passed is not None:
        why = [f"let pass: {passed.reason}", *why]
        findings = []
    page = page_of(reading, row.name)
    facts = next((f for f in reading.page_facts if f.number == page), None)
    box = box_of(reading, row.name)
    text = _text(row, said.drafts.get(row.name), choices)
    as_read = unsure and row.read is not None and row.read.text == text
    return FieldView(
        id=row.name,
        number=_item(row.name),
        label=_label(row.name, spec.label if spec else row.name),
        page=page,
        box=upright(box, facts) if box and facts else None,
        text=text,
        start=text if paper is not None else settled,
        typed=typed,
        state=State.DOUBT if typed else _state(row, findings, unsure=asks),
        needed=asks or typed,
        why=why,
        alternatives=_alternatives(row.read, choices),
        choices=choices,
        by=words.answered(row.answer.action, row.answer.by) if row.answer else None,
        line=_line(row.name),
        short=_short(spec.label if spec else row.name),
        weak=words.weak(row.read) if as_read and row.read and not choices else frozenset(),
    )


def _sent(paper: DocumentReading, dcn: str, field: str) -> Seen | None:
    """Where a paper answers for a field: in a box of a reply sheet, or as a corrected form."""
    answers = [one for one in paper.entities if one.label == ANSWER and one.field == field]
    box = answers[0].box if answers else box_of(paper, field)
    number = answers[0].page if answers else page_of(paper, field)
    facts = next((f for f in paper.page_facts if f.number == number), None)
    if facts is None:
        return None
    return Seen(_key(dcn, number), upright(box, facts) if box else None)


def _keyed(view: FieldView, said: Spoken) -> FieldView:
    """A field that several people key: nobody is shown what others made of it."""
    disputed = view.id in said.disputed
    if view.id in said.waiting:
        return dataclasses.replace(
            view,
            text=said.own.get(view.id, ""),
            start=said.own.get(view.id, ""),
            typed=False,
            state=State.DISPUTED if disputed else State.CONFIRMED,
            needed=False,
            why=["keyed, and waits for another person"],
            alternatives=[],
            waits=True,
            weak=frozenset(),
            sent=None,
        )
    why = ["two people read this differently"] if disputed else []
    return dataclasses.replace(
        view,
        text="" if view.id in said.suggested else said.drafts.get(view.id, ""),
        start="",
        typed=False,
        state=State.DISPUTED if disputed else State.DOUBT,
        needed=True,
        why=[*why, "keyed blind: type what is printed"],
        alternatives=[],
        by=None,
        weak=frozenset(),
        sent=None,
    )


def _differs(draft: str | None, text: str) -> bool:
    """Whether something is typed in place of what the field says: it goes nowhere by itself."""
    return draft is not None and draft.split() != text.split()


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


def attached(reading: DocumentReading, dcn: str = "") -> list[PageView]:
    """The pages of something that came with a claim, or after it: then it has its own number."""
    kind = words.paper(reading.kind) if reading.kind else words.FORMS[reading.form]
    return [
        dataclasses.replace(
            _page_view(facts, f"{kind}, page {facts.number}"),
            attached=True,
            dcn=dcn,
            marks=[
                Mark(entity.label.replace("_", " "), entity.text, upright(entity.box, facts))
                for entity in reading.entities
                if entity.page == facts.number
            ],
        )
        for facts in reading.page_facts
    ]


def _page_view(facts: PageFacts, label: str) -> PageView:
    size = (facts.width, facts.height)
    width, height = size if facts.quarter_turns % 2 == 0 else size[::-1]
    why = ", ".join(words.doubt(code) for code in facts.doubts)
    unread = bool(words.UNREAD.intersection(facts.doubts))
    return PageView(facts.number, width, height, label, why=why, unread=unread)


def upright(box: BoxPx, facts: PageFacts) -> Share:
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


_LINE = re.compile(r"(?P<item>24|4[2-9])\.(?P<line>\d+)(\.[^#]*)?(?P<sheet>#\d+)?")


def _line(name: str) -> str:
    """The service line that a field is in; empty for any other field."""
    found = _LINE.fullmatch(name)
    if found is None:
        return ""
    item = "24" if found["item"] == "24" else "42"
    return f"{item}.{found['line']}{found['sheet'] or ''}"


def _label(name: str, label: str) -> str:
    """A label with the page, where that is not the first: the same stands on each."""
    sheet = name.partition("#")[2]
    return f"{label}, page {sheet}" if sheet else label


def _short(label: str) -> str:
    """A label without what the line says already: `Line 1: charges` is `charges`."""
    return re.sub(r"^.*?\bline \d+\b[\s:,.-]*", "", label, flags=re.IGNORECASE) or label


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
