"""Tables of attachments: benefits, items of a bill, laboratory tests."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from samples.attachments.sheet import RIGHT, Sheet, value
from samples.attachments.wording import AMOUNTS, Voice, of, texts, total

_LEFT = 0.8
_TEXTS: Mapping[str, list[str]] = json.loads(
    (resources.files("samples") / "data" / "papers.json").read_text(encoding="utf-8")
)
_TESTS = [*_TEXTS["tests"], *_TEXTS["more_tests"]]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its head, left edge and width in inches, and whether it is set to the right."""

    head: str
    x: float
    width: float
    right: bool = False


def _columns(heads: Sequence[tuple[str, float, bool]]) -> list[_Column]:
    """Columns whose widths are in these proportions."""
    whole = sum(share for _, share, _ in heads)
    found, x = [], _LEFT
    for head, share, right in heads:
        width = (RIGHT - _LEFT) * share / whole
        found.append(_Column(head, x, width, right))
        x += width
    return found


def _fitted(sheet: Sheet, text: str, width: float) -> float:
    """The size at which text fits."""
    return max(0.6, min(1.0, (width - 0.1) / max(sheet.width(text), 0.01)))


def _row(sheet: Sheet, columns: Sequence[_Column], cells: Sequence[str], most: float = 1.0) -> None:
    size = min([most, *(_fitted(sheet, c, k.width) for c, k in zip(cells, columns, strict=True))])
    for cell, column in zip(cells, columns, strict=True):
        x = column.x + 0.03
        if column.right:
            x = column.x + column.width - 0.05 - sheet.width(cell, size)
        sheet.put(cell, x, size)
    sheet.y += sheet.pitch


def _set(
    sheet: Sheet, columns: Sequence[_Column], rows: Sequence[Sequence[str]], style: str
) -> None:
    """Head and rows, ruled as the family does it."""
    top = sheet.y - 0.03
    ruled = style in ("ruled", "boxed")
    if ruled:
        sheet.rule(_LEFT, RIGHT, down=-0.03)
    _row(sheet, columns, [c.head for c in columns], 0.95)
    if style != "open":
        sheet.rule(_LEFT, RIGHT)
        sheet.y += 0.05
    for number, cells in enumerate(rows):
        if sheet.full:
            break
        if style == "striped" and number % 2 == 0:
            sheet.shade(_LEFT, RIGHT, sheet.pitch * 0.95)
        _row(sheet, columns, cells)
        if style == "ruled":
            sheet.rule(_LEFT, RIGHT, down=-0.01)
            sheet.y += 0.04
    if ruled:
        sheet.rule(_LEFT, RIGHT)
        for column in columns:
            sheet.upright(column.x, top, sheet.y)
        sheet.upright(RIGHT, top, sheet.y)


def benefits(sheet: Sheet, voice: Voice, style: str, rng: random.Random) -> None:
    """What was billed, allowed and paid, a line a service, and the sums."""
    amounts = [a for a in AMOUNTS if a != "allowed" or rng.random() < 0.9]
    extra = rng.choice((None, "Deductible", "Copay", "Adjustment"))
    heads = [
        (voice.caption("date_of_service"), 1.2, False),
        (voice.caption("procedure"), 1.1, False),
    ]
    heads += [(voice.caption(amount), 1.0, True) for amount in amounts]
    if extra:
        heads.insert(rng.randint(3, len(heads)), (extra, 0.9, True))
    columns = _columns(heads)
    at = next((i for i, c in enumerate(columns) if c.head == extra), None)
    rows = []
    for line in voice.facts.lines:
        cells = [value("date_of_service", voice.day(line.day)), value("procedure", line.procedure)]
        for amount in amounts:
            name = "share" if amount == "patient_responsibility" else amount
            cells.append(value(amount, voice.money(getattr(line, name))))
        if at is not None:
            cells.insert(at, voice.money(line.billed - line.allowed))
        rows.append(cells)
    if rng.random() < 0.8:
        sums = [value(a, voice.money(total(voice.facts, a))) for a in amounts]
        cells = [rng.choice(("Total", "Totals", "TOTAL")), "", *sums]
        if at is not None:
            cells.insert(at, "")
        rows.append(cells)
    _set(sheet, columns, rows, style)


def items(sheet: Sheet, voice: Voice, style: str, rng: random.Random) -> None:
    """What was charged, a line a service."""
    heads = [("Date", 1.1, False), ("Description", 2.2, False)]
    coded, counted = rng.random() < 0.7, rng.random() < 0.6
    if coded:
        heads.append((rng.choice(("Code", voice.caption("procedure"))), 1.1, False))
    if counted:
        heads.append((rng.choice(("Qty", "Units")), 0.6, True))
    heads.append((rng.choice(("Amount", voice.caption("billed"))), 1.0, True))
    rows = []
    for line in voice.facts.lines:
        cells = [value("date_of_service", voice.day(line.day)), line.words]
        if coded:
            cells.append(value("procedure", line.procedure))
        if counted:
            cells.append(str(rng.randint(1, 9)))
        rows.append([*cells, value("billed", voice.money(line.billed))])
    last = [rng.choice(("Total charges", "Total", "BALANCE")), *[""] * (len(heads) - 2)]
    rows.append([*last, value("billed", voice.money(total(voice.facts, "billed")))])
    _set(sheet, _columns(heads), rows, style)


def tests(sheet: Sheet, voice: Voice, style: str, rng: random.Random) -> None:
    """What a laboratory found: some leave out the flag or the unit, some put it with the result."""
    names = [n.strip() for n in rng.choice(of(voice.split, texts()["tests"]["heads"])).split("|")]
    shares = ((2.0, False), (1.0, True), (0.5, False), (1.0, False), (1.4, False))
    used = [at for at, name in enumerate(names) if name]
    together = "Unit" not in names[3]
    rows = []
    for row in rng.sample(_TESTS, rng.randint(4, 16)):
        name, unit, low, high = row.split("|")
        places = 1 if "." in low + high else 0
        found = rng.uniform(float(low) * 0.8, float(high) * 1.2)
        flag = "L" if found < float(low) else "H" if found > float(high) else ""
        said = f"{found:.{places}f} {unit}" if together else f"{found:.{places}f}"
        cells = [name, said, flag, unit, f"{low} - {high}"]
        rows.append([cells[at] for at in used])
    _set(sheet, _columns([(names[at], *shares[at]) for at in used]), rows, style)


TABLES: Mapping[str, Callable[[Sheet, Voice, str, random.Random], None]] = MappingProxyType(
    {"benefits": benefits, "items": items, "tests": tests}
)
