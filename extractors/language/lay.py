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

from extractors.language.shapes import FIGURE, MONEY
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
#: lines up in which a row of sums has amounts of its own; inches by which it is off all along
_NEAR: Final = 4
_ALIKE: Final = 0.15
#: as a share of the way to the next column, less than which it is off
_SHIFT: Final = 0.6
#: words of a cell that is running text when it has more
_PROSE: Final = 7
#: pieces that a word is parted into; an amount, date or number with hyphens stays whole
_PIECES = re.compile(
    r"\d{1,2}/\d{1,2}/(?:(?:19|20)\d\d|\d\d)|\d{1,2}-\d{1,2}-(?:(?:19|20)\d\d|\d\d)"
    r"|\d{4}-\d{2}-\d{2}|\d[\d,]*\.\d{2}(?!\d)"
    r"|\.{2,}|[A-Za-z]{3,9}\.(?=\d)|[A-Za-z0-9](?:[A-Za-z0-9'.&/-]*[A-Za-z0-9])?|[^A-Za-z0-9\s]"
)
#: an amount as a word, and signs that may stand before it as words
_AMOUNT = re.compile(rf"[-($]*{MONEY.pattern}[-)]?")
_SIGNS: Final = frozenset({"$", "-", "-$"})
#: an amount or a day as a word; figures and codes, without marks of a sentence
_WHOLE = re.compile(rf"{_AMOUNT.pattern}|\d{{1,2}}[/-]\d{{1,2}}[/-](?:\d{{4}}|\d{{2}})")
_CODE = re.compile(r"[-($A-Za-z0-9.,/%)]*[0-9A-Za-z%)],?")
_TOTAL = re.compile(r"(?i)(?:sub)?totals?\b")
_LONG = re.compile(r"\d.*\d.*\d")
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

    @property
    def data(self) -> bool:
        """Whether it is no caption for sure: one may have a figure or two, as ICD-10 has."""
        return any(_LONG.search(word.text) for word in self.words)

    @property
    def amount(self) -> bool:
        """Whether it is an amount and nothing else."""
        return bool(_AMOUNT.fullmatch("".join(word.text for word in self.words)))

    def over(self, left: float, right: float) -> float:
        """Inches that it shares with a span across."""
        return min(self.right, right) - max(self.left, left)


def lay(text: Text) -> list[Token]:
    """The tokens of a page."""
    rows = _parted(_rows(text.words))
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
    """A cell in parts: amounts and days among other figures stand in columns of their own."""
    start = 0
    for at in range(1, len(words)):
        signs = at
        while signs < len(words) - 1 and words[signs].text in _SIGNS:
            signs += 1
        signs = signs if _AMOUNT.fullmatch(words[signs].text) else at
        one, other = words[at - 1].text, words[signs].text
        if _alone(one, other) or _alone(other, one):
            yield words[start:at]
            start = at
    yield words[start:]


def _alone(one: str, other: str) -> bool:
    """Whether one is an amount or a day, and the other figures or a code as well."""
    return bool(_WHOLE.fullmatch(one) and FIGURE.search(other) and _CODE.fullmatch(other))


def _parted(rows: Sequence[Sequence[_Cell]]) -> list[list[_Cell]]:
    """Rows in which figures that stand close together are cells where each has its caption."""
    return [
        [part for cell in row for part in _under_words(rows, number, cell)]
        for number, row in enumerate(rows)
    ]


def _under_words(rows: Sequence[Sequence[_Cell]], number: int, cell: _Cell) -> list[_Cell]:
    """A cell, or its words where each of them is under a word of its own."""
    words = [_Cell((word,)) for word in cell.words]
    if len(words) < _TABLE or not all(word.figures for word in words):
        return [cell]
    above = _above(rows, number, cell)
    told = [_nearest(word, words) for word in above[0].words] if above is not None else []
    return words if all(any(one is word for one in told) for word in words) else [cell]


def _caption(rows: Sequence[Sequence[_Cell]], number: int, cell: _Cell) -> Sequence[Word]:
    """The words above a cell that say what it is; none where it says so itself."""
    if len(cell.words) > _PROSE or any(":" in word.text for word in cell.words[:-1]):
        return ()
    twin = _twin(rows, number, cell)
    if twin is not None:
        return _caption(rows, *twin)
    before = [other for other in rows[number] if other.right < cell.left]
    if before and before[-1].words[-1].text.endswith(":"):
        return ()
    above = _above(rows, number, cell)
    if above is None or any(":" in word.text for word in above[0].words):
        return ()
    # one piece alone above is a title, or captions that stand close together over a table
    if len(above[1]) == 1 and (not cell.figures or len(_under(above[0], rows[number])) < _TABLE):
        return ()
    told = _part(above[0], cell, rows[number])
    return [*_higher(rows, above[1], told), *told][-_LONGEST:] if cell.figures else told


def _twin(rows: Sequence[Sequence[_Cell]], number: int, cell: _Cell) -> tuple[int, _Cell] | None:
    """The amount above one of a row that has as many: a row of sums may be off a little."""
    mine = [other for other in rows[number] if other.amount]
    if len(mine) < _TABLE or not any(other is cell for other in mine):
        return None
    summed = any(_TOTAL.match(word.text) for other in rows[number] for word in other.words)
    for up in range(number - 1, max(-1, number - 1 - _NEAR), -1):
        if _heads(rows[up], rows[number]):
            return None
        theirs = [other for other in rows[up] if other.amount]
        if len(theirs) == len(mine):
            offs = [one.right - other.right for one, other in zip(mine, theirs, strict=True)]
            apart = min(other.right - one.right for one, other in itertools.pairwise(theirs))
            near = summed or max(map(abs, offs)) < _SHIFT * apart
            if near and max(offs) - min(offs) < _ALIKE:
                at = next(i for i, other in enumerate(mine) if other is cell)
                return up, theirs[at]
            return None
    return None


def _heads(row: Sequence[_Cell], under: Sequence[_Cell]) -> bool:
    """Whether a line has the captions of a line under it: another table begins there."""
    several = [cell for cell in row if _under(cell, under)]
    spans = any(len(_under(cell, under)) >= _TABLE for cell in several)
    return not any(cell.data for cell in row) and (len(several) > 1 or spans)


def _higher(
    rows: Sequence[Sequence[_Cell]], row: Sequence[_Cell], told: Sequence[Word]
) -> list[Word]:
    """What stands right over the words of a table's caption, as its first line."""
    number = next(i for i, other in enumerate(rows) if other is row)
    higher = rows[number - 1] if number and told else []
    if min(len(row), len(higher)) < _TABLE or any(cell.data for cell in (*row, *higher)):
        return []
    left, right = min(word.left for word in told), max(word.right for word in told)
    top, high = min(w.box[1] for w in told), max(w.box[3] - w.box[1] for w in told)
    words = [w for cell in higher for w in cell.words if min(w.right, right) > max(w.left, left)]
    return [word for word in words if top - word.box[3] < high]


def _above(
    rows: Sequence[Sequence[_Cell]], number: int, cell: _Cell
) -> tuple[_Cell, Sequence[_Cell]] | None:
    """The cell above that may be a caption, and its line: over words right above them."""
    table = len(rows[number]) >= _TABLE and any(other.data for other in rows[number])
    for up in range(1, min(number, _DEEPEST) + 1):
        row = rows[number - up]
        over = [other for other in row if other.over(cell.left, cell.right) > 0]
        found = max(over, key=lambda other: other.over(cell.left, cell.right), default=None)
        if found is not None and not found.figures:
            if up == 1 and not cell.figures and not table:
                return found, row
            if not any(other.data for other in row):
                return (found, row) if cell.figures or len(row) >= _TABLE else None
        # a column of values goes on; words go by what is right above them
        if not cell.figures and not table and (found is not None or up > 1):
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
    amounts = sum(bool(MONEY.search(w.text)) for w in text.words)
    prose = sum(len(cell.words) > _PROSE for cell in cells)
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
