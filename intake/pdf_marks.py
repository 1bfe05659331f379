"""What a PDF page draws: one picture and nothing else, or more. Runs in the decoding child.

Most PDFs of a mailroom are wrapped scans. Where a page shows exactly one picture, that picture is
the scan: taking it is quicker than drawing the page, and loses nothing. Whatever is not understood
here is drawn by poppler, which is always right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pikepdf
from pikepdf import Matrix, Name

#: x0, y0, x1, y1 in the page's own points, y up
Box = tuple[float, float, float, float]

#: instructions that draw nothing and change nothing that matters for a picture
_HARMLESS: Final = frozenset(
    [
        *("BT", "ET", "Tc", "Tw", "Tz", "TL", "Tf", "Ts", "Td", "TD", "Tm", "T*"),
        *("w", "J", "j", "M", "d", "ri", "i", "BMC", "EMC", "MP", "DP", "BX", "EX"),
        *("g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN"),
    ]
)
_SHOWS_TEXT: Final = frozenset({"Tj", "TJ", "'", '"'})
#: text rendering modes that leave no mark (ISO 32000-1, table 106)
_UNSEEN: Final = frozenset({3, 7})
#: forms within forms, at most
_DEEPEST: Final = 4
#: bytes of drawing instructions, as stored, above which a page is no wrapped scan
_LONGEST: Final = 2_000_000
#: points by which a clip may cut into the picture's frame
_SLACK_PT: Final = 1.5


class OtherMarksError(Exception):
    """The page shows something else than one picture."""


@dataclass(slots=True)
class Marks:
    """What was found on a page.

    Attributes:
        image: the only picture, or None.
        matrix: from the picture's unit square to the page.
        text: the page carries text that is not seen.
        clips: what the picture was clipped to.
    """

    image: pikepdf.Stream | None = None
    matrix: Matrix = field(default_factory=Matrix)
    text: bool = False
    clips: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class _State:
    """The part of the graphics state that matters here."""

    matrix: Matrix
    unseen_text: bool = False
    clips: tuple[Box, ...] = ()


def sole_image(page: pikepdf.Page) -> Marks | None:
    """The marks of a page that shows one picture and nothing else; None where it shows more."""
    if not _only_one(page.resources, 0):
        return None
    marks = Marks()
    try:
        _Walk(page.resources, _State(Matrix()), marks, 0).over(page.obj)
    except (OtherMarksError, pikepdf.PdfError, KeyError, TypeError, ValueError, IndexError):
        return None
    if marks.image is None:
        return None
    frame = transformed(marks.matrix, (0.0, 0.0, 1.0, 1.0))
    return marks if all(_inside(frame, clip) for clip in marks.clips) else None


def unseen_text(page: pikepdf.Page) -> bool:
    """Whether a page carries text that leaves no mark: what a program read off a scan."""
    try:
        return _unseen_in(page.obj, page.resources, 0)
    except (pikepdf.PdfError, KeyError, TypeError, ValueError, IndexError):
        return True  # nothing is vouched for


def _unseen_in(stream: Any, resources: pikepdf.Object, depth: int) -> bool:
    for instruction in pikepdf.parse_content_stream(stream, "Tr"):
        if int(instruction.operands[0]) in _UNSEEN:
            return True
    if depth >= _DEEPEST:
        return False
    return any(
        _unseen_in(drawn, drawn.get(Name.Resources, resources), depth + 1)
        for drawn in resources.get(Name.XObject, pikepdf.Dictionary()).values()
        if isinstance(drawn, pikepdf.Stream) and drawn.get(Name.Subtype) == Name.Form
    )


def pictures(resources: pikepdf.Object, depth: int = 0) -> Iterator[pikepdf.Stream]:
    """The pictures and masks that a page may draw, those within forms included."""
    for drawn in resources.get(Name.XObject, pikepdf.Dictionary()).values():
        if not isinstance(drawn, pikepdf.Stream):
            continue
        if drawn.get(Name.Subtype) == Name.Image:
            yield drawn
        elif depth < _DEEPEST and Name.Resources in drawn:
            yield from pictures(drawn[Name.Resources], depth + 1)


def transformed(matrix: Matrix, box: Box) -> Box:
    """The frame of a box after `matrix`."""
    corners = [matrix.transform((x, y)) for x in box[::2] for y in box[1::2]]
    across, up = [x for x, _ in corners], [y for _, y in corners]
    return min(across), min(up), max(across), max(up)


def _inside(box: Box, clip: Box) -> bool:
    low = all(clip[at] <= box[at] + _SLACK_PT for at in (0, 1))
    return low and all(clip[at] >= box[at] - _SLACK_PT for at in (2, 3))


def _only_one(resources: pikepdf.Object, depth: int) -> bool:
    """A quick look before the walk: the page can draw pictures, but few."""
    drawn = resources.get(Name.XObject, None)
    return drawn is not None and 0 < len(drawn.keys()) <= 8 and depth <= _DEEPEST  # noqa: PLR2004


class _Walk:
    """Over the instructions of one page or form."""

    def __init__(self, resources: pikepdf.Object, state: _State, marks: Marks, depth: int) -> None:
        self._resources = resources
        self._state = state
        self._marks = marks
        self._depth = depth
        self._stack: list[_State] = []
        self._path: list[Box] = []
        self._clipping = False

    def over(self, stream: Any) -> None:
        """Go over them all.

        Raises:
            OtherMarksError: at the first that is more than a picture.
        """
        if self._depth > _DEEPEST or _length(stream) > _LONGEST:
            raise OtherMarksError
        for instruction in pikepdf.parse_content_stream(stream):
            self._one(str(instruction.operator), list(instruction.operands))

    def _one(self, operator: str, operands: list[Any]) -> None:
        if operator in {"q", "Q"}:
            self._remember(operator)
        elif operator == "cm":
            moved = Matrix(*(float(value) for value in operands)) @ self._state.matrix
            self._state = replace(self._state, matrix=moved)
        elif operator == "Do":
            self._draw(self._resources[Name.XObject][str(operands[0])])
        elif operator in {"re", "W", "W*", "n"}:
            self._clip(operator, operands)
        elif operator == "gs":
            _opaque(self._resources[Name.ExtGState][str(operands[0])])
        elif operator == "Tr":
            self._state = replace(self._state, unseen_text=int(operands[0]) in _UNSEEN)
        elif operator in _SHOWS_TEXT and self._state.unseen_text:
            self._marks.text = True
        elif operator == "BDC" and operands[0] != Name.OC:  # OC: a layer that may be hidden
            pass
        elif operator not in _HARMLESS:
            raise OtherMarksError

    def _remember(self, operator: str) -> None:
        """Keep the state, or take the one kept last."""
        if operator == "q":
            self._stack.append(self._state)
        elif self._stack:
            self._state = self._stack.pop()

    def _clip(self, operator: str, operands: list[Any]) -> None:
        """Follow paths that clip; every other use of a path is refused by its operator."""
        if operator == "re":
            x, y, width, height = (float(value) for value in operands)
            corner = (min(x, x + width), min(y, y + height))
            box = (*corner, corner[0] + abs(width), corner[1] + abs(height))
            self._path.append(transformed(self._state.matrix, box))
        elif operator == "n":
            if self._clipping and len(self._path) != 1:
                raise OtherMarksError
            if self._clipping:
                self._state = replace(self._state, clips=(*self._state.clips, *self._path))
            self._path, self._clipping = [], False
        else:
            self._clipping = True

    def _draw(self, drawn: pikepdf.Object) -> None:
        """A picture, or a form that may draw one."""
        if Name.OC in drawn:
            raise OtherMarksError
        kind = drawn.get(Name.Subtype)
        if kind == Name.Form:
            if Name.Group in drawn:
                raise OtherMarksError
            shift = Matrix(*(float(v) for v in drawn.get(Name.Matrix, (1, 0, 0, 1, 0, 0))))
            state = replace(self._state, matrix=shift @ self._state.matrix)
            inner = drawn.get(Name.Resources, self._resources)
            _Walk(inner, state, self._marks, self._depth + 1).over(drawn)
        elif kind == Name.Image and self._marks.image is None and isinstance(drawn, pikepdf.Stream):
            self._marks.image = drawn
            self._marks.matrix = self._state.matrix
            self._marks.clips = self._state.clips
        else:
            raise OtherMarksError


def _length(stream: Any) -> int:
    """Bytes of drawing instructions, as they are stored."""
    contents = stream if isinstance(stream, pikepdf.Stream) else stream.get(Name.Contents, [])
    parts = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return sum(int(part.get(Name.Length, 0)) for part in parts)


def _opaque(chosen: pikepdf.Object) -> None:
    """Refuse a graphics state that lets something shine through."""
    nothing = Name("/None")
    if chosen.get(Name.SMask, nothing) != nothing or chosen.get(Name.BM, Name.Normal) not in {
        Name.Normal,
        Name.Compatible,
    }:
        raise OtherMarksError
    if any(float(chosen.get(key, 1)) < 1 for key in (Name.ca, Name.CA)):
        raise OtherMarksError
