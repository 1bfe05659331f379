"""Evidence across fields: sums, repeats, pointers and spans choose among what the ink allows.

Every field brings the readings that its ink allows (`kinds.decode.Candidate`), each with a score.
Other fields raise or lower the scores, never by more than `MOST`; a field with one candidate, as
any clearly printed one has, can't be changed by anything said here.
"""

from __future__ import annotations

import csv
import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from types import MappingProxyType

from extractors.kinds.decode import Candidate, Decoded
from models.page import Form

#: evidence moves no score by more than this, log-odds
MOST = 6.0
#: what a sum that comes out adds to the readings that make it come out
SUM = 6.0
#: a date within the statement's, a pointer to a diagnosis that is there
SPAN = 1.5
POINTER = 2.0
#: a year that most dates have
YEAR = 4.0
#: an account number that starts with so many letters of the patient's name
ACCOUNT = 4.0
_PREFIX = 4
#: sums followed at a time
_SUMS = 400
_CENTS = 100


@dataclass(frozen=True, slots=True)
class Weighed:
    """A field after its neighbours had their say.

    Attributes:
        decoded: its readings in their new order.
        support: 1 where other fields bear its text out, -1 where they contradict it, 0 where
            they say nothing.
    """

    decoded: Decoded
    support: int


@functools.cache
def _repeats(form: Form) -> tuple[tuple[re.Pattern[str], float], ...]:
    data = resources.files("extractors") / "data" / "repeats.csv"
    rows = csv.DictReader(data.read_text(encoding="utf-8").splitlines())
    return tuple(
        (re.compile(row["fields"]), float(row["weight"])) for row in rows if row["form"] == form
    )


def _meaning(candidate: Candidate) -> str:
    """What makes two fields equal: the normal form, else the print; blanks don't count."""
    return re.sub(r"\s", "", candidate.value or candidate.key).upper()


def _close(one: str, other: str) -> bool:
    """Whether two texts differ in one character, or in marks alone: one may be a misreading."""
    if one == other or min(len(one), len(other)) <= 1:
        return False
    if re.sub(r"[^0-9A-Z]", "", one) == re.sub(r"[^0-9A-Z]", "", other):
        return True
    same = len(one) == len(other)
    return same and sum(a != b for a, b in zip(one, other, strict=True)) == 1


class _Scale:
    """What was said of each candidate of each field.

    Attributes:
        bonus: field, meaning: log-odds.
        support: field: 1, 0 or -1.
    """

    def __init__(self) -> None:
        self.bonus: dict[tuple[str, str], float] = {}
        self.support: dict[str, int] = {}

    def add(self, field: str, meaning: str, odds: float) -> None:
        """Say something for (or against) a candidate."""
        self.bonus[field, meaning] = self.bonus.get((field, meaning), 0.0) + odds

    def of(self, field: str, candidate: Candidate) -> float:
        """All that was said of a candidate, within bounds."""
        said = self.bonus.get((field, _meaning(candidate)), 0.0)
        return max(-MOST, min(MOST, said))


def _weigh_repeats(
    fields: Mapping[str, Decoded], groups: tuple[tuple[re.Pattern[str], float], ...], scale: _Scale
) -> None:
    """Fields that mostly repeat each other: what one says, by how sure it is, the others may."""
    for pattern, weight in groups:
        members = [f for f in fields if pattern.fullmatch(f) and fields[f].candidates]
        if len(members) < 2:  # noqa: PLR2004 - nobody to repeat
            continue
        said = {
            f: {
                _meaning(c): p
                for c, p in zip(fields[f].candidates, fields[f].probabilities, strict=True)
            }
            for f in members
        }
        for field in members:
            for meaning in said[field]:
                others = [said[o].get(meaning, 0.0) for o in members if o != field]
                scale.add(field, meaning, weight * max(others))


def _judge_repeats(
    fields: Mapping[str, Decoded], groups: tuple[tuple[re.Pattern[str], float], ...], scale: _Scale
) -> None:
    """Whether the chosen readings of repeated fields bear each other out."""
    for pattern, _ in groups:
        members = {
            f: _meaning(d.candidates[0])
            for f, d in fields.items()
            if d.candidates and pattern.fullmatch(f)
        }
        count = Counter(members.values())
        for field, meaning in members.items():
            same = count[meaning] - 1
            rivals = max((count[m] for m in count if _close(meaning, m)), default=0)
            if same and same >= rivals:
                scale.support[field] = max(scale.support.get(field, 0), 1)
            elif rivals:
                scale.support.setdefault(field, -1)


#: fields that are printed in one way on a page: what pattern, and what way
_COLUMNS = {
    Form.CMS1500: (
        (r"24\.\d\.(from|to)", "length"),
        (r"(3|11a)\.birth_date|(12|14|15|31)\.date|1[68]\.(from|to)", "length"),
        (r"24\.\d\.place_of_service", "length"),
        (r"24\.\d\.charges|2[89]", "cents"),
    ),
    Form.UB04: (
        (r"42\.\d+", "length"),
        (r"45\.(?!23)\d+|6\.(from|thru)", "length"),
        (r"4[78]\.\d+|(39|4[01])[a-d]\.amt|5[45][A-C]", "cents"),
    ),
}
#: so many of a column must be alike before the odd one out is told
_ALIKE = 3
_PARTED = re.compile(r"[ .,:]\d\d$")


def _way(decoded: Decoded, what: str) -> int:
    """How a field is printed: how long, or whether anything stands before its cents."""
    best = decoded.candidates[0]
    return len(best.key) if what == "length" else int(_PARTED.search(best.text) is not None)


def _judge_columns(form: Form, fields: Mapping[str, Decoded], scale: _Scale) -> None:
    """The odd one out of fields that are printed in one way may have lost a character."""
    for pattern, what in _COLUMNS.get(form, ()):
        ways = {
            f: _way(d, what) for f, d in fields.items() if d.candidates and re.fullmatch(pattern, f)
        }
        if len(ways) <= _ALIKE:
            continue
        usual, count = Counter(ways.values()).most_common(1)[0]
        for field, way in ways.items():
            # an amount that a sum bears out has lost nothing
            summed = what == "cents" and scale.support.get(field) == 1
            if count >= _ALIKE and way != usual and 2 * count > len(ways) and not summed:
                scale.support[field] = -1


def _cents(value: str | None) -> int | None:
    return None if value is None else int(Decimal(value) * _CENTS)


@dataclass(frozen=True, slots=True)
class _Sum:
    """Amounts that add up to a total: field ids."""

    total: str
    parts: tuple[str, ...]


def _sums(form: Form, fields: Mapping[str, Decoded]) -> Iterator[_Sum]:
    """The sums of a form of which total and at least one part are printed."""
    columns = {
        Form.CMS1500: (("28", r"24\.\d\.charges"),),
        Form.UB04: (("47.23", r"47\.(?!23)\d+"), ("48.23", r"48\.(?!23)\d+")),
    }
    for total, pattern in columns.get(form, ()):
        parts = tuple(f for f in fields if re.fullmatch(pattern, f) and fields[f].candidates)
        if total in fields and fields[total].candidates and parts:
            yield _Sum(total, parts)


def _amounts(decoded: Decoded) -> list[tuple[int, float, str]]:
    """(cents, score behind the best, meaning) of every reading that is an amount."""
    top = decoded.candidates[0].score
    found = [(_cents(c.value), c.score - top, _meaning(c)) for c in decoded.candidates]
    return [(cents, score, meaning) for cents, score, meaning in found if cents is not None]


def _best_sums(
    choices: list[list[tuple[int, float, str]]],
) -> dict[int, tuple[float, tuple[str, ...]]]:
    """For every sum that the parts may make: the best score, and which readings make it."""
    sums: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for amounts in choices:
        longer: dict[int, tuple[float, tuple[str, ...]]] = {}
        for total, (score, meanings) in sums.items():
            for cents, behind, meaning in amounts:
                key, new = total + cents, score + behind
                if key not in longer or longer[key][0] < new:
                    longer[key] = (new, (*meanings, meaning))
        kept = sorted(longer.items(), key=lambda item: -item[1][0])[:_SUMS]
        sums = dict(kept)
    return sums


def _weigh_sum(column: _Sum, fields: Mapping[str, Decoded], scale: _Scale) -> None:
    """Where one choice of readings makes the sum come out, it speaks for each of them."""
    members = (*column.parts, column.total)
    choices = [_amounts(fields[f]) for f in column.parts]
    totals = _amounts(fields[column.total])
    sums = _best_sums(choices) if all(choices) else {}
    found = [
        (sums[cents][0] + behind, (*sums[cents][1], meaning))
        for cents, behind, meaning in totals
        if cents in sums
    ]
    if not found:
        if totals and all(choices) and not _continued(column, fields):
            for field in members:
                scale.support.setdefault(field, -1)
        return
    score, meanings = max(found)
    if score + SUM <= 0:
        return
    for field, meaning in zip(members, meanings, strict=True):
        scale.add(field, meaning, SUM)
        scale.support[field] = 1


def _continued(column: _Sum, fields: Mapping[str, Decoded]) -> bool:
    """Whether the total may be that of several pages: every line is used, or the page says so."""
    of = fields.get("43.23.of")
    pages = of.value if of else None
    return len(column.parts) >= (22 if "." in column.total else 6) or pages not in {None, "1"}


def _weigh_pointers(fields: Mapping[str, Decoded], scale: _Scale) -> None:
    """A pointer points at diagnoses that are there."""
    letters = {f[3:] for f, d in fields.items() if f.startswith("21.") and d.candidates}
    if "21.indicator" not in fields:
        # the 08/05, and programs that still print for it, number diagnoses 1 to 4
        letters |= {"1234"["ABCD".index(one)] for one in letters & set("ABCD")}
    for field, decoded in fields.items():
        if not re.fullmatch(r"24\.\d\.pointer", field) or not letters:
            continue
        for candidate in decoded.candidates:
            known = set(re.sub(r"[^0-9A-Z]", "", candidate.text.upper())) <= letters
            scale.add(field, _meaning(candidate), POINTER if known else -POINTER)
        if decoded.candidates:
            best = max(decoded.candidates, key=lambda c: c.score + scale.of(field, c))
            known = set(re.sub(r"[^0-9A-Z]", "", best.text.upper())) <= letters
            scale.support.setdefault(field, 1 if known else -1)


def _weigh_span(fields: Mapping[str, Decoded], scale: _Scale) -> None:
    """UB-04: the lines' dates lie within the statement's."""
    first, last = (fields[f].value if f in fields else None for f in ("6.from", "6.thru"))
    if not first or not last:
        return
    for field, decoded in fields.items():
        if re.fullmatch(r"45\.(?!23)\d+|74[a-e]?\.date", field):
            for candidate in decoded.candidates:
                if candidate.value:
                    inside = first <= candidate.value <= last
                    scale.add(field, _meaning(candidate), SPAN if inside else -SPAN)


#: dates that lie in the year of the claim's services, or beside it at new year
_CURRENT = {
    Form.CMS1500: r"24\.\d\.(from|to)|(12|31)\.date|18\.(from|to)|16\.(from|to)",
    Form.UB04: r"6\.(from|thru)|12|45\.\d+|74[a-e]?\.date",
}


def _years(decoded: Decoded) -> dict[str, float]:
    """Probability of every year that a date may be of."""
    found: dict[str, float] = {}
    for candidate, p in zip(decoded.candidates, decoded.probabilities, strict=True):
        if candidate.value:
            found[candidate.value[:4]] = found.get(candidate.value[:4], 0.0) + p
    return found


def _weigh_years(form: Form, fields: Mapping[str, Decoded], scale: _Scale) -> None:
    """A claim's dates of service and signature share a year, or lie on either side of new year."""
    members = [f for f in fields if re.fullmatch(_CURRENT.get(form, "-"), f)]
    said = {f: _years(fields[f]) for f in members}
    shares: dict[str, float] = {}
    for year, p in (item for one in said.values() for item in one.items()):
        shares[year] = shares.get(year, 0.0) + p
    if not shares:
        return
    usual = max(shares, key=lambda year: shares[year])
    for field in members:
        decoded = fields[field]
        for candidate in decoded.candidates:
            if candidate.value and len(members) > 1:
                year = candidate.value[:4]
                others = (shares[year] - said[field][year]) / (len(members) - 1)
                scale.add(field, _meaning(candidate), YEAR * others)
        year = decoded.value[:4] if decoded.value else usual
        if shares[usual] >= _ALIKE and abs(int(year) - int(usual)) > 1:
            scale.support[field] = -1


def _weigh_accounts(fields: Mapping[str, Decoded], scale: _Scale) -> None:
    """Many offices start an account number with the first letters of the patient's name."""
    for account, name in (("26", "2"), ("3a", "8b")):
        if account not in fields or name not in fields or not fields[name].candidates:
            continue
        last = re.split(r"[^A-Z]", fields[name].text.upper())[0]
        for candidate in fields[account].candidates:
            letters = re.split(r"[^A-Z]", candidate.key)[0]
            if letters and letters == last[:_PREFIX]:
                scale.add(account, _meaning(candidate), ACCOUNT)


def weigh(form: Form, fields: Mapping[str, Decoded]) -> dict[str, Weighed]:
    """The fields of a page, each with its readings in the order that all of them together give.

    Args:
        form: which form.
        fields: by field id; fields of one line of print.
    """
    form = form.family
    scale = _Scale()
    groups = _repeats(form)
    _weigh_repeats(fields, groups, scale)
    _weigh_pointers(fields, scale)
    _weigh_span(fields, scale)
    _weigh_years(form, fields, scale)
    _weigh_accounts(fields, scale)
    for column in _sums(form, fields):
        _weigh_sum(column, fields, scale)
    moved = {
        field: decoded.reweighed(functools.partial(scale.of, field))
        for field, decoded in fields.items()
    }
    _judge_repeats(MappingProxyType(moved), groups, scale)
    _judge_columns(form, MappingProxyType(moved), scale)
    return {f: Weighed(d, scale.support.get(f, 0)) for f, d in moved.items()}
