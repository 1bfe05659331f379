"""What managers are asked for: volumes, ages, days left, straight through, findings, letters."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger import quality
from ledger.answers import FieldAnswer
from ledger.audit import AuditEntry
from ledger.requests import Request
from ledger.work import Summary, SummaryFinding
from letters.draft import Draft
from models.page import Form
from models.request import RequestState
from models.state import State
from review import rates
from review.pace import Pace, pace

_DAYS: Final = 30
_WEEKS: Final = 12
_AGES: Final = ((0, "today"), (1, "1"), (3, "2-3"), (7, "4-7"), (14, "8-14"), (30, "15-30"))
_LEFT: Final = ((-1, "over"), (5, "0-5"), (10, "6-10"), (20, "11-20"), (30, "21-30"))
#: rows of a chart by name
_TOP: Final = 12


@dataclass(frozen=True, slots=True)
class Figure:
    """A table, and how it is drawn.

    Attributes:
        name: of its file.
        title: for people.
        head: of its columns.
        rows: of the table.
        kind: `bars`, `lying`, or `table`: not drawn.
        unit: after each figure that is drawn: the second column.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: list[tuple[object, ...]]
    kind: str = "bars"
    unit: str = ""

    def points(self) -> list[tuple[str, float]]:
        """What is drawn of it."""
        found = [(str(row[0]), float(str(row[1]))) for row in self.rows]
        return found[:_TOP] if self.kind == "lying" else found


def figures(db: Session, today: dt.date) -> list[Figure]:
    """Everything on the managers' page, in its order."""
    return [figure(db, today) for figure in _ALL.values()]


def figure(db: Session, today: dt.date, name: str) -> Figure | None:
    """One of them, by its name."""
    found = _ALL.get(name)
    return found(db, today) if found else None


def _received(db: Session, today: dt.date) -> Figure:
    since = today - dt.timedelta(days=_DAYS - 1)
    query = select(Summary.received, func.count()).where(Summary.received >= since)
    counts = {row[0]: row[1] for row in db.execute(query.group_by(Summary.received))}
    return Figure(
        "received", "Documents received a day", ("day", "documents"), _days(counts, today)
    )


def _finished(db: Session, today: dt.date) -> Figure:
    since = dt.datetime.combine(today - dt.timedelta(days=_DAYS), dt.time(), dt.UTC)
    query = select(Summary.finished).where(Summary.finished >= since)
    counts = Counter(at.astimezone().date() for at in db.scalars(query) if at)
    return Figure(
        "finished", "Documents finished a day", ("day", "documents"), _days(counts, today)
    )


def _days(counts: dict[dt.date, int], today: dt.date) -> list[tuple[object, ...]]:
    days = [today - dt.timedelta(days=n) for n in reversed(range(_DAYS))]
    return [(day.strftime("%m-%d"), counts.get(day, 0)) for day in days]


def _ages(db: Session, today: dt.date) -> Figure:
    query = select(Summary.received, func.count()).where(Summary.state == State.REVIEW)
    rows = db.execute(query.group_by(Summary.received))
    counts = _banded(((today - row[0]).days, row[1]) for row in rows)
    labels = [label for _, label in _AGES] + ["over 30"]
    bands = [sum(n for days, n in counts.items() if _band(days, _AGES) == i) for i in range(7)]
    table = list(zip(labels, bands, strict=True))
    return Figure("ages", "Age in days of what waits for people", ("days", "documents"), [*table])


def _left(db: Session, today: dt.date) -> Figure:
    query = select(Summary.due, func.count()).where(
        Summary.due.is_not(None), Summary.state.in_((State.REVIEW, State.WAITING))
    )
    rows = db.execute(query.group_by(Summary.due))
    counts = _banded(((row[0] - today).days, row[1]) for row in rows if row[0])
    labels = [label for _, label in _LEFT] + ["over 30"]
    bands = [sum(n for days, n in counts.items() if _band(days, _LEFT) == i) for i in range(6)]
    table = list(zip(labels, bands, strict=True))
    return Figure(
        "days-left", "Days left on the clocks of open claims", ("days", "claims"), [*table]
    )


def _banded(found: Iterable[tuple[int, int]]) -> dict[int, int]:
    counts: dict[int, int] = defaultdict(int)
    for days, count in found:
        counts[days] += count
    return counts


def _band(days: int, bands: tuple[tuple[int, str], ...]) -> int:
    return next((i for i, (upper, _) in enumerate(bands) if days <= upper), len(bands))


def _straight(db: Session, today: dt.date) -> Figure:
    query = select(Summary.received, Summary.straight).where(
        Summary.received >= _first(today),
        Summary.form.in_([form for form in Form if form.is_claim]),
        Summary.state.not_in((State.RECEIVED, State.READING)),
    )
    found: dict[dt.date, list[bool]] = defaultdict(list)
    for received, straight in db.execute(query):
        found[_monday(received)].append(straight)
    rows: list[tuple[object, ...]] = []
    for week in _weeks(today):
        own = found.get(week, [])
        rows.append((week.strftime("%m-%d"), _percent(sum(own), len(own)), sum(own), len(own)))
    head = ("week", "percent", "straight", "claims")
    return Figure(
        "straight-through", "Claims that nobody had to look at, by week", head, rows, unit=" %"
    )


def _errors(db: Session, today: dt.date) -> Figure:
    since = dt.datetime.combine(_first(today), dt.time(), dt.UTC)
    found: dict[dt.date, list[quality.Sample]] = defaultdict(list)
    for sample in quality.checked(db, since):
        if sample.checked_at is not None:
            found[_monday(sample.checked_at.date())].append(sample)
    rows: list[tuple[object, ...]] = []
    for week in _weeks(today):
        own = found.get(week, [])
        one = rates.weighed("", own)
        high = 100 * one.high if own else 0.0
        rows.append((week.strftime("%m-%d"), round(100 * one.share, 2), len(own), round(high, 2)))
    head = ("week", "percent wrong", "looked at", "at most, 95 %")
    return Figure("errors", "Accepted fields that were wrong, by week", head, rows, unit=" %")


def _rules(db: Session, today: dt.date) -> Figure:
    rows = _findings(db, today, lambda rule, _provider, _week: rule)
    title = "Findings laid at providers, by rule"
    return Figure("findings-by-rule", title, ("rule", "findings"), rows, "lying")


def _providers(db: Session, today: dt.date) -> Figure:
    rows = _findings(db, today, lambda _rule, provider, _week: provider or "unknown")
    title = "Findings laid at providers, by provider"
    return Figure("findings-by-provider", title, ("provider", "findings"), rows, "lying")


def _trend(db: Session, today: dt.date) -> Figure:
    rows = _findings(db, today, lambda rule, provider, week: f"{week} {provider} {rule}")
    split = sorted((*str(key).split(" ", 2), count) for key, count in rows)
    head = ("week", "provider", "rule", "findings")
    return Figure("findings", "Findings by week, provider and rule", head, [*split], "table")


def _findings(
    db: Session, today: dt.date, key: Callable[[str, str, dt.date], str]
) -> list[tuple[object, ...]]:
    query = (
        select(SummaryFinding.rule, Summary.provider, Summary.received, func.count())
        .join(Summary, Summary.dcn == SummaryFinding.dcn)
        .where(SummaryFinding.cause == "provider", Summary.received >= _first(today))
        .group_by(SummaryFinding.rule, Summary.provider, Summary.received)
    )
    counts: Counter[str] = Counter()
    for rule, provider, received, count in db.execute(query):
        counts[key(rule, provider, _monday(received))] += count
    return [*counts.most_common()]


def _letters(db: Session, today: dt.date) -> Figure:
    since = dt.datetime.combine(_first(today), dt.time(), dt.UTC)
    query = (
        select(Request.draft, Request.changed, Summary.provider)
        .outerjoin(Summary, Summary.dcn == Request.dcn)
        .where(Request.changed >= since, Request.state != RequestState.DRAFT)
    )
    counts: Counter[tuple[str, str, str]] = Counter()
    for draft, changed, provider in db.execute(query):
        week = _monday(changed.date()).isoformat()
        for item in Draft.model_validate_json(draft).final().items:
            counts[week, provider or "unknown", item.rule or "own words"] += 1
    rows = sorted((*key, count) for key, count in counts.items())
    head = ("week", "provider", "rule", "questions")
    return Figure("letters", "Letters by week, provider and rule", head, [*rows], "table")


def _people(db: Session, today: dt.date) -> Figure:
    since = dt.datetime.combine(_first(today), dt.time(), dt.UTC)
    said = select(FieldAnswer.by, FieldAnswer.action, func.count()).where(FieldAnswer.at >= since)
    fields: Counter[str] = Counter()
    corrected: Counter[str] = Counter()
    for by, action, count in db.execute(said.group_by(FieldAnswer.by, FieldAnswer.action)):
        fields[by] += count
        corrected[by] += count if action == "corrected" else 0
    done = select(AuditEntry.actor, func.count()).where(
        AuditEntry.action == "finished", AuditEntry.at >= since
    )
    claims = {row[0]: row[1] for row in db.execute(done.group_by(AuditEntry.actor))}
    paces = pace(db, since)
    names = sorted(fields.keys() | claims.keys())
    rows: list[tuple[object, ...]] = [
        (
            name,
            claims.get(name, 0),
            fields[name],
            _percent(corrected[name], fields[name]),
            (own := paces.get(name, Pace())).median,
            own.hourly,
            own.keys_each,
        )
        for name in names
    ]
    head = (
        *("person", "claims finished", "fields", "percent corrected"),
        *("seconds a claim, median", "claims an hour of work", "keys a claim"),
    )
    return Figure("people", "What people did in twelve weeks", head, rows, "table")


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _first(today: dt.date) -> dt.date:
    return _weeks(today)[0]


def _weeks(today: dt.date) -> list[dt.date]:
    return [_monday(today) - dt.timedelta(weeks=n) for n in reversed(range(_WEEKS))]


_ALL: Final[dict[str, Callable[[Session, dt.date], Figure]]] = {
    "received": _received,
    "finished": _finished,
    "ages": _ages,
    "days-left": _left,
    "straight-through": _straight,
    "errors": _errors,
    "findings-by-rule": _rules,
    "findings-by-provider": _providers,
    "findings": _trend,
    "letters": _letters,
    "people": _people,
}
