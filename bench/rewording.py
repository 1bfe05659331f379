"""Other words and numbers than `samples` knows: what nobody has drawn before.

Claims of `samples` are made of a few dozen names, payers and descriptions. A reader that learns
from them, or is measured on them, would learn those. Here most words become others: names of
places (which people and streets bear, too) from the ZIP code package, words of medicine from the
ICD-10-CM package; and members' and accounts' numbers take shapes that payers give them.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Iterable
from dataclasses import replace

from extractors.kinds.table import kind_for
from forms.layout import layout
from models.page import Form
from samples.claims import MadeClaim

#: words that stay what they are
_KEPT = frozenset(
    ("SIGNATURE", "FILE", "NONE", "MEDICARE", "MEDICAID", "PART", "UNIT", "SAME", "CLAIM")
)
#: shares of words and numbers that are changed, and of descriptions that are made anew
_WORDS, _NUMBERS, _ANEW = 0.75, 0.4, 0.6
#: of descriptions, those with a time, a price or the like; of claims in small letters, those with
#: hardly any capitals
_ODDS, _SMALL = 0.3, 0.25
_WORD = re.compile(r"[A-Za-z]{4,}")
#: fields with numbers that payers and providers give out
_NUMBERED = {
    Form.CMS1500: re.compile(r"1a|9a|11|23|26|22\.original_ref"),
    Form.UB04: re.compile(r"3[ab]|6[0234][ABC]"),
}
#: a Medicare beneficiary identifier has its places
_MBI = re.compile(r"\d[A-Z][A-Z\d]\d[A-Z][A-Z\d]\d[A-Z]{2}\d{2}")
#: fields that describe services or tell of them, and how long they may get
_TOLD = re.compile(r"43\.(?!23)\d+|19|80\.\d")
_LONGEST = {"4": 20, "8": 18, "1": 40}
#: what stands between the words of a description
_JOINTS = (" ", " ", " ", " ", "/", "/", "-", " - ", ", ", " & ", " / ")
#: inches: the next field begins so soon after the end of one, or so little before it
_BESIDE, _OVERLAP = 0.13, 0.02
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _by_length(words: Iterable[str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for word in sorted(set(words)):
        found.setdefault(len(word), []).append(word)
    return {length: tuple(same) for length, same in found.items()}


@functools.cache
def _places() -> dict[int, tuple[str, ...]]:
    import zipcodes  # noqa: PLC0415 - only a corpus needs all its places

    cities = (str(place["city"]).upper() for place in zipcodes.list_all())  # type: ignore[no-untyped-call]
    return _by_length(word for city in cities for word in re.findall(r"[A-Z]{4,}", city))


@functools.cache
def _medicine() -> dict[int, tuple[str, ...]]:
    import simple_icd_10_cm as icd  # noqa: PLC0415 - takes two seconds

    told = (str(icd.get_description(code)).upper() for code in icd.get_all_codes())
    return _by_length(word for text in told for word in re.findall(r"[A-Z]{3,}", text))


def _number(rng: random.Random) -> str:
    """Runs of letters and figures, six to twelve characters, with a dash now and then."""
    length = rng.randint(6, 12)
    letters = rng.random() < 0.5
    most = rng.choice((2, 4, 9))
    text = ""
    while len(text) < length:
        run = rng.randint(1, most if not letters else min(most, 3))
        text += "".join(rng.choice(_LETTERS if letters else "0123456789") for _ in range(run))
        letters = not letters
    text = text[:length]
    if rng.random() < 0.12:
        at = rng.randint(2, length - 2)
        text = f"{text[:at]}-{text[at:]}"
    return text


def _odd(rng: random.Random, word: str) -> str:
    """Something with marks that words don't have."""
    hour, minute, count = rng.randint(1, 12), rng.randint(0, 59), rng.randint(1, 999)
    return rng.choice(
        (
            f"{hour}:{minute:02d} AM - {hour % 12 + 1}:{minute:02d} AM",
            f"{hour}:{minute:02d} PM",
            f"({word})",
            f"#{count}",
            f"${count}.{minute:02d}",
            f"{count}%",
            f"{word}'S",
            f"{word}: {count}",
            f"*{word}*",
        )
    )


def _told(rng: random.Random, longest: int) -> str:
    words = _medicine()

    def word() -> str:
        return rng.choice(words[rng.choice([n for n in words if n <= 10])])

    text = word()
    if rng.random() < _ODDS:
        text = _odd(rng, text)
    while rng.random() < 0.7:
        longer = text + rng.choice(_JOINTS) + word()
        if len(longer) > longest:
            break
        text = longer
    return text[:longest].strip()


class _Words:
    """One claim's other words: the same for the same, so that a claim still holds together."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._small = rng.random() < _SMALL
        self._other: dict[str, str] = {}
        self._numbers: dict[str, str] = {}

    def word(self, found: re.Match[str]) -> str:
        """A word of about the same length, in the same case."""
        word = found.group()
        known = word.upper()
        if known not in self._other:
            length = max(4, min(11, len(known) + self._rng.choice((-1, 0, 0, 0, 1))))
            keep = known in _KEPT or self._rng.random() > _WORDS
            self._other[known] = known if keep else self._rng.choice(_places()[length])
        other = self._other[known]
        return other if word.isupper() else other.lower() if self._small else other.title()

    def number(self, number: str) -> str:
        """A number of another shape, or the same."""
        if number not in self._numbers:
            keep = bool(_MBI.fullmatch(number)) or self._rng.random() > _NUMBERS
            self._numbers[number] = number if keep else _number(self._rng)
        return self._numbers[number]

    def field(self, form: Form, name: str, text: str) -> str:
        """What is printed in a field instead."""
        if _NUMBERED[form].fullmatch(name) and any(c.isdigit() for c in text):
            return self.number(text)
        if layout(form).fields[name].choices or not kind_for(form, name).words:
            return text
        if _TOLD.fullmatch(name) and not text.startswith("N4") and self._rng.random() < _ANEW:
            return _told(self._rng, _LONGEST[name[0]])
        return _WORD.sub(self.word, text)


def _fitting(form: Form, page: dict[str, str]) -> dict[str, str]:
    """A page as software prints it: nothing over the field beside, names cut, codes undotted."""
    specs = layout(form).fields
    begins = [specs[name].box for name in page if not specs[name].choices]

    def beside(name: str) -> bool:
        _, top, right, bottom = specs[name].box
        row = (top + bottom) / 2
        return any(-_OVERLAP <= x0 - right < _BESIDE and y0 < row < y1 for x0, y0, _, y1 in begins)

    def fitting(name: str, text: str) -> str:
        if not 0 < specs[name].length < len(text) or not beside(name):
            return text
        if kind_for(form, name).words:
            return text[: specs[name].length].rstrip()
        return text.replace(".", "") if specs[name].kind == "icd10cm" else text

    return {name: fitting(name, text) for name, text in page.items()}


def reworded(claim: MadeClaim, rng: random.Random) -> MadeClaim:
    """The claim in other words and with other members' and accounts' numbers."""
    words = _Words(rng)
    pages = tuple(
        _fitting(
            claim.form,
            {name: words.field(claim.form, name, text) for name, text in page.items()},
        )
        for page in claim.pages
    )
    return replace(claim, pages=pages)


_CASES = (str.upper, str.upper, str.upper, str.title, str.title, str.lower, str.capitalize)
#: what a claim's text may hold between words, and around them
_BETWEEN = (" ", " ", " ", ", ", ", ", ",", "-", " - ", "/", ". ", " & ", "'", ": ", "; ", " #")


def _phrase(rng: random.Random, longest: int) -> str:
    """Words and figures with all marks that there are, in capitals or small letters."""
    case = rng.choice(_CASES)
    words, places = _medicine(), _places()

    def piece() -> str:
        match rng.randrange(8):
            case 0:
                return str(rng.randrange(10 ** rng.randint(1, 6)))
            case 1:
                return rng.choice(_LETTERS) + rng.choice(("", "", "."))
            case 2:
                return _odd(rng, rng.choice(places[rng.choice((4, 5, 6))]))
            case 3 | 4:
                return rng.choice(words[rng.choice([n for n in words if n <= 9])])
            case _:
                return rng.choice(places[rng.choice([n for n in places if n <= 9])])

    text = case(piece())
    while rng.random() < 0.75:
        longer = text + rng.choice(_BETWEEN) + case(piece())
        if len(longer) > longest:
            break
        text = longer
    return text[:longest].strip()


def _code(rng: random.Random, text: str) -> str:
    """Other letters for letters and other figures for figures, now and then one for another."""
    letters = _LETTERS + "OI"

    def other(c: str) -> str:
        if rng.random() < 0.1:
            return rng.choice(letters + "0123456789")
        return (
            rng.choice("0123456789") if c.isdigit() else rng.choice(letters) if c.isupper() else c
        )

    return "".join(map(other, text))


def anything(claim: MadeClaim, rng: random.Random, share: float) -> MadeClaim:
    """The claim with a share of its fields saying whatever: lessons are of print, not of claims."""

    def other(name: str, text: str) -> str:
        spec = layout(claim.form).fields[name]
        if spec.choices or spec.kind == "money" or "\n" in text or rng.random() > share:
            return text
        if kind_for(claim.form, name).words:
            return _phrase(rng, max(4, int((spec.box[2] - spec.box[0]) * 9)))
        return _code(rng, text)

    pages = tuple({name: other(name, text) for name, text in page.items()} for page in claim.pages)
    return replace(claim, pages=pages)


def as_printed(kind: str, text: str, money: str) -> str:
    """A field's text as it stands on the paper: truth has all amounts with a point."""
    if kind != "money":
        return text
    return text.replace(".", {"point": ".", "run": ""}.get(money, " "))
