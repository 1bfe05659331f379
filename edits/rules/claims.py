"""The claim as a whole: what it replaces, when it came, who it is of, what it lacks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

from codes import icd
from edits import about, duplicates, printed
from edits.paper import Line
from edits.registry import Case, Hit, claim, each, line
from models.page import Form

_P: Final = (Form.CMS1500,)
_RESUBMISSION: Final = frozenset("78")
#: items of 19 start with a qualifier, or are parted by three blanks
_ITEM_19: Final = 3
_PARTED: Final = re.compile(r" {3,}|\n|;")
#: of these it is known how sure they are; of blanks it is not
_SIGNS: Final = re.compile(r"\n|;")
_YEAR: Final = 365
_LEAP: Final = (2, 29)
_NUMBER: Final = re.compile(r"[0-9A-Z-]*\d[0-9A-Z-]*")
_SHORTEST: Final = 5
_WORDS: Final = re.compile(
    r"\b(SEE|ATTACH\w*|ENCLOSED?|ABOVE|BELOW|VARIOUS|MULTIPLE|PENDING|UNKNOWN)\b"
)
#: fields that drive money or routing: none of them may rest on a doubtful reading
_CRITICAL_1500: Final[tuple[str, ...]] = ("1a", "2", "3.birth_date", "21.A", "25", "33a")
_CRITICAL_LINE: Final[tuple[str, ...]] = (
    "from", "to", "place_of_service", "procedure", "charges", "units", "rendering_npi",
)  # fmt: skip
_CRITICAL_UB: Final[tuple[str, ...]] = ("4", "8b", "10", "56", "60A", "67")
_CRITICAL_UB_LINE: Final[tuple[str, ...]] = ("42", "44", "47")


@claim("C001", forms=_P)
def original_claim(case: Case) -> Hit | None:
    """Item 22 has code 7 or 8 and no original reference number."""
    if case.paper.has("22.original_ref"):
        return None
    replaces = case.paper.value("22.code") in _RESUBMISSION
    return Hit(("22.original_ref",)) if replaces else None


@claim("C002", forms=_P)
def resubmission_code(case: Case) -> Hit | None:
    """Item 22 has another code than 7 or 8."""
    if not case.paper.has("22.code"):
        return None
    return None if case.paper.value("22.code") in _RESUBMISSION else Hit(("22.code",))


@claim("C003", needs=("history",))
def known_original(case: Case) -> Hit | None:
    """The claim replaces or voids one whose number we don't know."""
    history = case.context.history
    if history is None or not duplicates.corrects(case):
        return None
    fields = ("22.original_ref",) if about.is_1500(case) else ("64A", "64B", "64C")
    given = [field for field in fields if case.paper.has(field)]
    if not given:
        return None
    known = any(history.has(case.paper.value(field) or "") for field in given)
    return None if known else Hit(tuple(given))


@claim("C004")
def filed_in_time(case: Case) -> Hit | None:
    """The claim came later after its services than the profile's `filing_days`; 365 are a year."""
    day = about.first_day(case) if about.is_1500(case) else about.last_day(case)
    if day is None or not _late(day, case.context.day, case.context.profile.options.filing_days):
        return None
    field = "24.1.from" if about.is_1500(case) else "6.thru"
    if about.is_1500(case):
        field = next(x.id("from") for x in case.paper.lines() if x.date("from") == day)
    return Hit((field,))


def _late(day: dt.date, received: dt.date, allowed: int) -> bool:
    """Whether a claim came too late: 365 days are a year of the calendar, with a leap day or not.

    Counted back from receipt: days may be as late as 12/31/9999, and nothing follows that.
    """
    years, days = divmod(allowed, _YEAR)
    back = received - dt.timedelta(days=days)
    if back.year <= years:
        return False
    # a leap day has none a year before: what was served on the 28th came a day too late
    month, first = (3, 1) if (back.month, back.day) == _LEAP else (back.month, back.day)
    return day < dt.date(back.year - years, month, first)


@claim("C005", needs=("history",))
def came_before(case: Case) -> Hit | None:
    """A claim with the same member, provider, services and charges came before.

    Neither a replacement nor a void counts, nor a further form of the same claim.
    """
    history = case.context.history
    if history is None or duplicates.corrects(case):
        return None
    mark = duplicates.fingerprint(case)
    return Hit((about.member_field(case),)) if mark and history.same(mark) else None


@claim("C006", forms=_P, needs=("policy:authorization",))
def authorization(case: Case) -> Hit | None:
    """By the profile a procedure needs an authorization, and item 23 is blank."""
    if case.paper.has("23"):
        return None
    procedures = [row.id("procedure") for row in case.paper.rows()]
    needed = case.paper.some(
        procedures, lambda code: bool(case.context.policy(code, "authorization"))
    )
    return Hit(("23",)) if needed else None


@claim("C007", forms=_P)
def one_number(case: Case) -> Hit | None:
    """Item 23 holds more than one number; where only a blank parts them, a person has to see it."""
    text = case.paper.text("23")
    numbers = [word for word in re.split(r"[ ,;/]+", text) if _NUMBER.fullmatch(word)]
    several = sum(len(number) >= _SHORTEST for number in numbers) > 1
    parted = re.search(r"[,;/]", text) is not None or case.paper.by_person("23")
    return Hit(("23",), sure=parted) if several else None


@claim("C008", forms=_P)
def three_items(case: Case) -> Hit | None:
    """Item 19 holds more than three items; where only three blanks part them, a person saw it."""
    if not case.paper.has("19"):
        return None
    told = case.paper.by_person("19")
    text = case.paper.fields["19"].text
    several, parted = (
        sum(1 for part in mark.split(text) if part.strip()) > _ITEM_19 for mark in (_PARTED, _SIGNS)
    )
    return Hit(("19",), sure=told or parted) if several else None


@claim("C009", forms=_P)
def accept_assignment(case: Case) -> Hit | None:
    """Item 27 has no mark, or two."""
    return None if case.paper.value("27") else Hit(("27",))


@claim("C011")
def mother_and_child(case: Case) -> Hit | None:
    """Diagnoses of a mother (chapter O) and of a newborn (chapter P, Z38) stand on one claim."""
    places = about.diagnosis_fields(case)
    mother = case.paper.some(places, lambda value: value[:1] == "O" and icd.shaped(value))
    child = case.paper.some(
        places, lambda value: value[:3] == "Z38" or (value[:1] == "P" and icd.shaped(value))
    )
    return Hit((mother, child)) if mother and child and about.icd10(case) else None


@line("C012", needs=("policy:document", "attachments"))
def document(case: Case, line: Line) -> Hit | None:
    """By the profile a procedure needs a document, and none of its kind came along."""
    code, _ = line.procedure()
    wanted = case.context.policy(code or "", "document")
    if not wanted or about.covers(wanted, case.context.attachments or ()):
        return None
    field = line.id("procedure" if about.is_1500(case) else "44")
    return Hit((field,), details=(("document", wanted.replace("_", " ")),))


@claim("C013", needs=("request",))
def no_answer(case: Case) -> Hit | None:
    """What the provider was asked for has not come by the day it was due."""
    request = case.context.request
    late = request is not None and request.answer is None and request.due < case.context.today
    return Hit(()) if late else None


@claim("C014", needs=("request",))
def wrong_answer(case: Case) -> Hit | None:
    """What came as an answer can't be read, or is not what was asked for."""
    answer = case.context.request.answer if case.context.request else None
    if answer == "wrong":
        return Hit(())
    return Hit((), "unreadable") if answer == "unreadable" else None


def _critical(case: Case) -> Iterator[str]:
    professional = about.is_1500(case)
    yield from _CRITICAL_1500 if professional else _CRITICAL_UB
    yield case.paper.last("28" if professional else "47.23")
    for each_line in case.paper.all_lines():
        columns = _CRITICAL_LINE if professional else _CRITICAL_UB_LINE
        yield from (each_line.id(column) for column in columns)


@each("C015", _critical)
def critical(case: Case, field: str) -> Hit | None:
    """What is printed in a field that money or routing hangs on is not accepted.

    One that is accepted for all its doubts passes: they say why a person might look, should a rule
    be broken; the confidence has weighed them.
    """
    reading = case.paper.fields.get(field)
    waits = reading is not None and reading.source != "person" and not reading.accepted
    return Hit((field,)) if waits else None


def _perhaps_printed(case: Case) -> Iterator[str]:
    yield from case.paper.perhaps_printed()


@each("C017", _perhaps_printed)
def unread(case: Case, field: str) -> Hit | None:
    """A field reads as empty, and holds ink that may be print."""
    return None if case.paper.certain(field) else Hit((field,))


def _code_fields(case: Case) -> Iterator[str]:
    yield from about.all_diagnosis_fields(case)
    columns = ("procedure", "pointer", "units") if about.is_1500(case) else ("42", "44", "46")
    for each_line in case.paper.all_lines():
        yield from (each_line.id(column) for column in columns)
    if not about.is_1500(case):
        yield from printed.CONDITIONS
        yield from (f"{place}.code" for place in printed.PROCEDURES)


@each("C016", _code_fields)
def words(case: Case, field: str) -> Hit | None:
    """A field that takes a code holds words, such as SEE ATTACHED."""
    return Hit((field,)) if _WORDS.search(case.paper.text(field)) else None
