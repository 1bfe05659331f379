"""Normal forms: what a printed text means, in one spelling. Nothing is repaired: no guesses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType

from models.plain import plain

CENTS = 2
#: a service may lie this many years ahead of today before two figures mean the century before
AHEAD = 1
OLDEST = 1870


def compact(text: str) -> str | None:
    """Codes and identifiers: capitals, letters and figures only (an ICD code without its point)."""
    return plain(text) or None


def digits(text: str) -> str | None:
    """Phones and ZIPs: figures only."""
    return re.sub(r"\D", "", text) or None


def words(text: str) -> str | None:
    """Names and text: runs of blanks are one blank."""
    return " ".join(text.split()) or None


def full_year(year: str, *, birth: bool, month_day: tuple[int, int], today: dt.date) -> int:
    """Four figures as they are. Two: the last such year that makes sense.

    A birth is not in the future; anything else at most `AHEAD` years from today, as dates of
    service, onset and signature of the century before are not claimed any more.
    """
    if len(year) > CENTS:
        return int(year)
    full = today.year // 100 * 100 + int(year)
    if birth:
        return full - 100 if (full, *month_day) > (today.year, today.month, today.day) else full
    return full - 100 if full > today.year + AHEAD else full


def _parts(text: str) -> tuple[str, str, str] | None:
    """Month, day and year of a printed date."""
    parts = [p for p in re.split(r"\D+", text.strip()) if p]
    run = "".join(parts)
    if len(parts) == 3:  # noqa: PLR2004 - month, day, year
        month, day, year = parts
    elif len(run) in {6, 8}:
        month, day, year = run[:2], run[2:4], run[4:]
    else:
        return None
    return (month, day, year) if len(year) in {2, 4} else None


def here() -> dt.date:
    """The day here, as people write it."""
    return dt.datetime.now().astimezone().date()


def any_date(text: str, *, birth: bool, today: dt.date | None = None) -> dt.date | None:
    """The date that is printed, month first; None where there is no such day."""
    parts = _parts(text)
    if parts is None:
        return None
    month, day = int(parts[0]), int(parts[1])
    now = today or here()
    year = full_year(parts[2], birth=birth, month_day=(month, day), today=now)
    try:
        return dt.date(year, month, day) if year >= OLDEST else None
    except ValueError:
        return None


def date(text: str) -> str | None:
    """YYYY-MM-DD of a date that isn't a birth's."""
    found = any_date(text, birth=False)
    return found.isoformat() if found else None


def birth_date(text: str) -> str | None:
    """YYYY-MM-DD of a birth: two figures are a year that is past."""
    found = any_date(text, birth=True)
    return found.isoformat() if found else None


def money(text: str) -> str | None:
    """A decimal with cents, such as `10778.65`.

    Both forms print dollars and cents beside a rule, so the last two figures are cents, whether
    a blank, a point, the rule's remains or nothing stands before them: `10778 65`, `10778.65`,
    `1077865`, `000` (0.00). One or two figures are dollars: cents never stand alone. A comma
    with three figures after it and nothing more is dollars too.
    """
    negative = "-" in text or "(" in text
    figures = re.sub(r"[^\d.,:| ]", "", text).strip()
    bare = re.sub(r"\D", "", figures)
    grouped = re.fullmatch(r"\d{1,3}(,\d{3})+\.?", figures.replace(" ", ""))
    pointed = re.search(r"\.\s*(\d*)$", figures)
    if pointed and len(pointed[1]) not in {0, CENTS}:
        return None
    if grouped or len(bare) <= CENTS or (pointed and not pointed[1]):
        amount = Decimal(bare or "0")
    else:
        amount = Decimal(bare).scaleb(-CENTS)
    if not bare:
        return None
    return f"{-amount if negative else amount:.2f}"


def units(text: str) -> str | None:
    """A count: no leading zeros, no zeros after the point."""
    try:
        count = Decimal(re.sub(r"[ ,]", "", text))
    except ArithmeticError:
        return None
    return f"{count.normalize():f}"


def hcpcs_rate(text: str) -> str | None:
    """FL44: a rate has a point or a gap before its cents; anything else is a code."""
    rate = re.fullmatch(r"\s*\$?\s*(\d{1,6})\s*[ .,|]\s*(\d{2})\s*", text)
    if rate and len(rate[1]) != 5:  # noqa: PLR2004 - five figures and two are CPT and modifier
        return f"{int(rate[1])}.{rate[2]}"
    if rate and "." in text:
        return f"{int(rate[1])}.{rate[2]}"
    return compact(text)


NORMAL: Mapping[str, Callable[[str], str | None]] = MappingProxyType(
    {
        "birth_date": birth_date,
        "compact": compact,
        "date": date,
        "digits": digits,
        "hcpcs_rate": hcpcs_rate,
        "money": money,
        "units": units,
        "words": words,
    }
)
