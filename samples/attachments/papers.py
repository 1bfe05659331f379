"""A paper of one kind about a case, in one family of layouts, and where each value stands."""

from __future__ import annotations

import csv
import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final

from models.page import Pixels
from samples.attachments import captions, tables
from samples.attachments.facts import Facts, organisation
from samples.attachments.sheet import Piece, Said, Sheet, value
from samples.attachments.wording import Split, Voice, of, texts
from samples.people import luhn_digit

#: what comes with claims
KINDS: Final = (
    "eob",
    "prior_authorization",
    "referral",
    "operative_note",
    "discharge_summary",
    "progress_note",
    "laboratory_report",
    "itemized_bill",
    "certificate_of_medical_necessity",
    "correspondence",
    "other",
)
_LEFT: Final = 0.8


@dataclass(frozen=True, slots=True)
class Family:
    """A family of layouts: where titles stand, how captions and tables are set, in which order."""

    name: str
    split: Split
    title: str
    keys: str
    table: str
    order: str


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A paper: its kind, (height, width) grey pixels at 300 dpi, and what stands where.

    Attributes:
        said: its values.
        pieces: all its words.
    """

    kind: str
    family: str
    pixels: Pixels
    said: tuple[Said, ...]
    pieces: tuple[Piece, ...]


@functools.cache
def families(split: Split) -> tuple[Family, ...]:
    """The families of layouts of a split."""
    table = resources.files("samples") / "data" / "attachment_families.csv"
    with table.open(encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["split"] == split]
    return tuple(
        Family(row["name"], split, row["title"], row["keys"], row["table"], row["order"])
        for row in rows
    )


def draw(kind: str, facts: Facts, rng: random.Random, split: Split, face: str) -> Paper:
    """A paper of a kind about a case.

    Raises:
        KeyError: there is no such kind.
    """
    said = texts()[kind]
    family = rng.choice(families(split))
    sheet = Sheet(face, rng.choice((9.0, 9.5, 10.0, 10.5, 11.0)))
    voice = Voice(kind, facts, rng, split)
    parts = {
        "h": lambda: _head(sheet, voice, said["head"]),
        "t": lambda: _title(sheet, rng.choice(of(split, said["titles"])), family.title),
        "k": lambda: captions.put(sheet, _pairs(voice, said, rng), family.keys, rng),
    }
    for letter in family.order:
        parts[letter]()
        sheet.y += rng.uniform(0.1, 0.25)
    if said["table"]:
        tables.TABLES[said["table"]](sheet, voice, family.table, rng)
        sheet.y += 0.15
    if rng.random() < 0.85 or kind in ("other", "correspondence"):
        _body(sheet, voice, of(split, said["sentences"]), rng)
    _foot(sheet, voice, rng)
    return Paper(kind, family.name, sheet.pixels(), tuple(sheet.said), tuple(sheet.pieces))


def _head(sheet: Sheet, voice: Voice, sort: str) -> None:
    """The letter head: who writes, where they are; a payer there is the plan that writes."""
    facts = voice.facts
    name = organisation(facts, sort)
    sheet.put(value("payer", name) if sort == "payer" else name, _LEFT, 1.2)
    sheet.y += sheet.pitch * 1.25
    place = facts.address
    for line in (place.street, f"{place.city}, {place.state} {place.zip}"):
        sheet.put(line, _LEFT)
        sheet.y += sheet.pitch


def _title(sheet: Sheet, title: str, where: str) -> None:
    if not title:
        return
    size = 1.5
    wide = sheet.width(title, size)
    x = {"left": _LEFT, "right": 7.7 - wide}.get(where, (8.5 - wide) / 2)
    sheet.put(title, x, size)
    if where == "framed":
        sheet.rule(1.2, 7.3, down=-0.08)
        sheet.rule(1.2, 7.3, down=sheet.pitch * size)
        sheet.y += 0.08
    sheet.y += sheet.pitch * size


def _pairs(
    voice: Voice, said: dict[str, Sequence[str]], rng: random.Random
) -> list[tuple[str, str]]:
    """Captions and values, in the order of the paper; some left out, some for nobody."""
    wanted = list(said["must"])
    for key in said["keys"]:
        if key not in wanted and rng.random() < 0.6:
            wanted.append(key)
    if rng.random() < 0.5:
        rng.shuffle(wanted)
    pairs = [(voice.caption(key), voice.said(key)) for key in wanted]
    for _ in range(rng.randint(0, 3)):
        pairs.insert(rng.randint(0, len(pairs)), voice.noise())
    return pairs


def _body(sheet: Sheet, voice: Voice, sentences: Sequence[str], rng: random.Random) -> None:
    """Some of the sentences of a kind, with this case's values."""
    order = rng.sample(range(len(sentences)), min(len(sentences), rng.randint(2, 5)))
    for number in sorted(order):
        text = sentences[number]
        for label in texts()["captions"]:
            if f"{{{label}}}" in text:
                text = text.replace(f"{{{label}}}", voice.said(label))
        if not sheet.full:
            sheet.lines(text, _LEFT)
            sheet.y += 0.06


def _foot(sheet: Sheet, voice: Voice, rng: random.Random) -> None:
    """A signature, or nothing, and a line of small print."""
    if rng.random() < 0.5 and not sheet.full:
        sheet.y += 0.2
        words = rng.choice(("Signed: ", "Electronically signed by ", "Signature: ", "Sincerely, "))
        sheet.put(words + value("provider", voice.name(voice.facts.doctor)), _LEFT)
        sheet.y += sheet.pitch
    if rng.random() < 0.4:
        sheet.y = max(sheet.y, 10.5)
        body = f"{rng.randrange(10**9):09d}"
        sheet.put(f"Form {body[:4]} rev. {luhn_digit(body)}  Page 1", _LEFT, 0.8)
