"""Captions and values on a sheet, as many families of papers set them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType
from typing import TypeAlias

from samples.attachments.sheet import RIGHT, Sheet

Pairs: TypeAlias = Sequence[tuple[str, str]]
_LEFT = 0.8


def put(sheet: Sheet, pairs: Pairs, style: str, rng: random.Random) -> None:
    """Write captions with their values.

    Raises:
        KeyError: there is no such style.
    """
    _STYLES[style](sheet, pairs, rng)


def _rows(pairs: Pairs, columns: int) -> Iterator[Pairs]:
    for at in range(0, len(pairs), columns):
        yield pairs[at : at + columns]


def _colon(sheet: Sheet, pairs: Pairs, _: random.Random) -> None:
    for caption, said in pairs:
        sheet.put(f"{caption}: {said}", _LEFT)
        sheet.y += sheet.pitch


def _tabbed(sheet: Sheet, pairs: Pairs, rng: random.Random) -> None:
    mark = rng.choice((":", ""))
    for caption, said in pairs:
        sheet.put(caption + mark, _LEFT)
        sheet.put(said, max(3.0, _LEFT + sheet.width(caption) + 0.2))
        sheet.y += sheet.pitch


def _right(sheet: Sheet, pairs: Pairs, _: random.Random) -> None:
    """Captions end where values begin."""
    for caption, said in pairs:
        sheet.put(f"{caption}:", 3.2 - sheet.width(f"{caption}:"))
        sheet.put(said, 3.35)
        sheet.y += sheet.pitch


def _columns(sheet: Sheet, pairs: Pairs, columns: int) -> None:
    step = (RIGHT - _LEFT) / columns
    for row in _rows(pairs, columns):
        x = _LEFT
        for number, (caption, said) in enumerate(row):
            text = f"{caption}: {said}"
            x = max(x, _LEFT + number * step)
            if number and x + sheet.width(text) > RIGHT:
                sheet.y += sheet.pitch
                x = _LEFT
            x = sheet.put(text, x) + 0.35
        sheet.y += sheet.pitch


def _two(sheet: Sheet, pairs: Pairs, _: random.Random) -> None:
    _columns(sheet, pairs, 2)


def _three(sheet: Sheet, pairs: Pairs, _: random.Random) -> None:
    _columns(sheet, pairs, 3)


def _dotted(sheet: Sheet, pairs: Pairs, _: random.Random) -> None:
    dot = sheet.width(".")
    for caption, said in pairs:
        end = sheet.put(caption, _LEFT)
        sheet.put("." * max(3, int((3.1 - end) / dot)), end + 0.05)
        sheet.put(said, max(3.3, end + 0.3))
        sheet.y += sheet.pitch


def _inline(sheet: Sheet, pairs: Pairs, rng: random.Random) -> None:
    """In a row, as many as fit."""
    between = rng.choice((";", " |", ","))
    x = _LEFT
    for caption, said in pairs:
        text = f"{caption}: {said}{between}"
        if x > _LEFT and x + sheet.width(text) > RIGHT:
            x, sheet.y = _LEFT, sheet.y + sheet.pitch
        x = sheet.put(text, x) + sheet.width("  ")
    sheet.y += sheet.pitch


def _wide(sheet: Sheet, pairs: Pairs) -> int:
    """Columns in which the widest caption and value still fit."""
    widest = max(max(sheet.width(caption, 0.85), sheet.width(said)) for caption, said in pairs)
    return max(1, min(3, int((RIGHT - _LEFT) / (widest + 0.3))))


def _above(sheet: Sheet, pairs: Pairs, rng: random.Random) -> None:
    """Small captions above their values."""
    columns = max(1, _wide(sheet, pairs) - rng.randint(0, 1))
    for row in _rows(pairs, columns):
        for number, (caption, said) in enumerate(row):
            x = _LEFT + number * (RIGHT - _LEFT) / columns
            sheet.put(caption, x, 0.8)
            sheet.put(said, x, down=sheet.pitch * 0.9)
        sheet.y += sheet.pitch * 2.1


def _boxed(sheet: Sheet, pairs: Pairs, _: random.Random) -> None:
    """The same, each in a ruled box."""
    columns = _wide(sheet, pairs)
    for row in _rows(pairs, columns):
        top, high = sheet.y, sheet.pitch * 2.1
        sheet.rule(_LEFT - 0.06, RIGHT)
        for number, (caption, said) in enumerate(row):
            x = _LEFT + number * (RIGHT - _LEFT) / columns
            sheet.upright(x - 0.06, top, top + high)
            sheet.put(caption, x, 0.75, down=0.04)
            sheet.put(said, x, down=sheet.pitch * 0.95)
        sheet.upright(RIGHT, top, top + high)
        sheet.y += high
        sheet.rule(_LEFT - 0.06, RIGHT)
    sheet.y += 0.05


def _grid(sheet: Sheet, pairs: Pairs, _: random.Random) -> None:
    """A row of captions over a row of values."""
    columns = _wide(sheet, pairs)
    for row in _rows(pairs, columns):
        step = (RIGHT - _LEFT) / columns
        for number, (caption, _said) in enumerate(row):
            sheet.put(caption, _LEFT + number * step)
        sheet.y += sheet.pitch
        sheet.rule(_LEFT, RIGHT)
        sheet.y += 0.05
        for number, (_caption, said) in enumerate(row):
            sheet.put(said, _LEFT + number * step)
        sheet.y += sheet.pitch * 1.3


_STYLES: MappingProxyType[str, Callable[[Sheet, Pairs, random.Random], None]] = MappingProxyType(
    {
        "colon": _colon,
        "tabbed": _tabbed,
        "right": _right,
        "two": _two,
        "three": _three,
        "dotted": _dotted,
        "inline": _inline,
        "above": _above,
        "boxed": _boxed,
        "grid": _grid,
    }
)
