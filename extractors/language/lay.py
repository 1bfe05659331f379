"""A page's words as one text for the language pipeline: captions of columns stand by their values.

A value in a table or under a small caption is far from its caption in reading order. Here it gets
the caption again, between the marks that open and close one, so that whatever the layout, a
caption precedes its value. Cells are parted by `|`, lines by a line break. What the page looks
like is told by signal words at the end.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from extractors.lines import Text, Word
from extractors.sighting import Position
from models.page import BoxPx

#: marks around a caption that is told again; between cells; between lines
OPEN, CLOSE, CELL, LINE = "«", "»", "|", "\n"
MARKS: Final = frozenset({OPEN, CLOSE, CELL, LINE})
#: how words begin that tell what the page looks like
SIGNAL: Final = "§"
#: words of a caption at most, lines that a column's caption reaches down
_LONGEST, _DEEPEST = 6, 40
#: cells under one piece that make it a table's captions
_TABLE: Final = 3
#: pieces that a word is parted into; an amount, date or number with hyphens stays whole
_PIECES = re.compile(
    r"\d{1,2}/\d{1,2}/(?:(?:19|20)\d\d|\d\d)|\d{1,2}-\d{1,2}-(?:(?:19|20)\d\d|\d\d)"
    r"|\d{4}-\d{2}-\d{2}|\d[\d,]*\.\d{2}(?!\d)"
    r"|\.{2,}|[A-Za-z]{3,9}\.(?=\d)|[A-Za-z0-9](?:[A-Za-z0-9'.&/-]*[A-Za-z0-9])?|[^A-Za-z0-9\s]"
)
_MONEY = re.compile(r"\d[\d,]*\.\d{2}")
#: an amount as a word, and signs that may stand before it as words
_AMOUNT = re.compile(r"[-($]*\d[\d,]*\.\d{2}[-)]?")
_SIGNS: Final = frozenset({"$", "-", "-$"})
_UNIT = re.compile(r"(?i)mg/d|mmol|10.?9/l|g/dl|iu/l")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a page's text.

    Attributes:
        text: of it.
        positions: what each character may be; none where it is not printed there.
        box: in pixels of the page as scanned; None for marks, told captions and signals.
    """

    text: str
    positions: tuple[Position, ...] = ()
    box: BoxPx | None = None


@dataclass(frozen=True, slots=True)
class _Cell:
    """Words that stand close together in a line."""

    words: tuple[Word, ...]

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return self.words[-1].right

    @property
    def figures(self) -> bool:
        """Whether there are figures in it, as in values; captions have none."""
        return any(c.isdigit() for word in self.words for c in word.text)

    def over(self, left: float, right: float) -> float:
        """Inches that it shares with a span across."""
        return min(self.right, right) - max(self.left, left)


def lay(text: Text) -> list[Token]:
    """The tokens of a page."""
    rows = _rows(text.words)
    tokens: list[Token] = []
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if place:
                tokens.append(Token(CELL))
            caption = _caption(rows, number, cell)
            if caption:
                tokens.append(Token(OPEN))
                for word in caption:
                    tokens.extend(Token(piece.text) for piece in _split(word))
                tokens.append(Token(CLOSE))
            for word in cell.words:
                tokens.extend(_split(word))
        tokens.append(Token(LINE))
    tokens = [
        token
        for token, last in zip(tokens, [Token(LINE), *tokens], strict=False)
        if _bare(token.text) or _bare(last.text)
    ]
    tokens.extend(Token(signal) for signal in _signals(text, rows))
    return tokens


def _bare(text: str) -> str:
    """`text`, empty where it is nothing but dots that lead to a value."""
    return text.strip(".")


def _rows(words: Sequence[Word]) -> list[list[_Cell]]:
    found = []
    for _, row in itertools.groupby(words, key=lambda w: w.row):
        cells = [tuple(c) for _, c in itertools.groupby(row, key=lambda w: w.cell)]
        found.append([_Cell(part) for cell in cells for part in _columns(cell)])
    return found


def _columns(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """A cell in parts: amounts that follow each other stand in columns of their own."""
    start = 0
    for at in range(1, len(words)):
        signs = at
        while signs < len(words) and words[signs].text in _SIGNS:
            signs += 1
        after = signs < len(words) and _AMOUNT.fullmatch(words[signs].text)
        if after and _AMOUNT.fullmatch(words[at - 1].text):
            yield words[start:at]
            start = at
    yield words[start:]


def _caption(rows: Sequence[Sequence[_Cell]], number: int, cell: _Cell) -> Sequence[Word]:
    """The words above a cell that say what it is; none where it says so itself."""
    if any(":" in word.text for word in cell.words[:-1]):
        return ()
    before = [other for other in rows[number] if other.right < cell.left]
    if before and before[-1].words[-1].text.endswith(":"):
        return ()
    above = _above(rows, number, cell)
    if above is None or any(":" in word.text for word in above[0].words):
        return ()
    # one piece alone above is a title, or captions that stand close together over a table
    if len(above[1]) == 1 and (not cell.figures or len(_under(above[0], rows[number])) < _TABLE):
        return ()
    return _part(above[0], cell, rows[number])


def _above(
    rows: Sequence[Sequence[_Cell]], number: int, cell: _Cell
) -> tuple[_Cell, Sequence[_Cell]] | None:
    """The cell above that may be a caption, and its line: over words right above them."""
    for up in range(1, min(number, _DEEPEST) + 1):
        row = rows[number - up]
        over = [other for other in row if other.over(cell.left, cell.right) > 0]
        found = max(over, key=lambda other: other.over(cell.left, cell.right), default=None)
        if found is not None and not found.figures:
            return (found, row) if cell.figures or up == 1 else None
        # a column of values goes on; words go by what is right above them
        if not cell.figures and (found is not None or up > 1):
            return None
    return None


def _part(above: _Cell, cell: _Cell, row: Sequence[_Cell]) -> Sequence[Word]:
    """Of a caption that spans several columns, what stands over this one."""
    under = _under(above, row)
    if len(under) < 2:  # noqa: PLR2004 - one column
        return above.words[:_LONGEST] if len(above.words) <= _LONGEST else ()
    words = [w for w in above.words if _nearest(w, under) is cell]
    return words[:_LONGEST]


def _under(above: _Cell, row: Sequence[_Cell]) -> list[_Cell]:
    """The cells of a line that stand under one above."""
    return [other for other in row if above.over(other.left, other.right) > 0]


def _nearest(word: Word, cells: Sequence[_Cell]) -> _Cell | None:
    """The cell that a word above stands over most; None where it stands over none."""
    found = max(cells, key=lambda cell: cell.over(word.left, word.right))
    return found if found.over(word.left, word.right) > 0 else None


def _split(word: Word) -> Iterator[Token]:
    """A word in pieces: what stands before a colon, the number after it."""
    characters = word.text
    if len(word.positions) != len(characters):
        yield Token(characters, word.positions, word.box)
        return
    x0, y0, x1, y1 = word.box
    first, last = word.positions[0].x0, word.positions[-1].x1
    wide = max(last - first, 1e-6)
    for found in _PIECES.finditer(characters):
        positions = word.positions[found.start() : found.end()]
        start, stop = (positions[0].x0 - first) / wide, (positions[-1].x1 - first) / wide
        if x1 - x0 >= y1 - y0:
            box = (round(x0 + start * (x1 - x0)), y0, round(x0 + stop * (x1 - x0)), y1)
        else:
            box = word.box  # a page that lies on its side
        yield Token(found[0], positions, box)


def _signals(text: Text, rows: Sequence[Sequence[_Cell]]) -> Iterator[str]:
    """What the page looks like, in words that no page says."""
    cells = [cell for row in rows for cell in row]
    tables = sum(len(row) > 2 for row in rows)  # noqa: PLR2004 - columns
    amounts = sum(bool(_MONEY.search(w.text)) for w in text.words)
    prose = sum(len(cell.words) > 7 for cell in cells)  # noqa: PLR2004 - running text
    units = sum(bool(_UNIT.search(w.text)) for w in text.words)
    for name, count in (
        ("lines", len(rows)),
        ("tables", tables),
        ("amounts", amounts),
        ("prose", prose),
        ("units", units),
        ("rules", text.rules),
    ):
        yield f"{SIGNAL}{name}{count.bit_length()}"
