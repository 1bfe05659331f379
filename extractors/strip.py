"""A strip: the ink of one field as one line, ready for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from models.page import BoxPx, Pixels

#: inches from which on what stands beside print has nothing to do with it
FAR = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The ink of one line of one field.

    Attributes:
        field: field id of the contract.
        kind: the field's kind.
        pixels: (height, width) grey, dark ink on white paper, trimmed to the ink and padded.
        restored: the same with the rules left beside the ink, or None where there are none: a
            character that was printed along a rule has lost a stroke in `pixels`.
        touches: the ink touches such a rule.
        box: of the ink, in pixels of the canonical page (`extractors.ink.Canvas`).
        origin: canvas pixel at the left of `pixels`.
        run: the fields, left to right, that the ink may belong to, where it is more than one.
        size: width and height of the ink, inches.
        line: 0 for the first line of the field.
        weight: mean darkness of the ink, 0 to 1.
        solid: share of the ink without holes of a pixel or two that is ink.
        contact: largest share of one character's ink that touches a removed rule, 0 to 1.
        border: the ink hugs the left or right edge of the field's box, where lines are.
        captioned: the form's own print stood beside it.
        eaten: right beside it, something as high was taken for the form's own print.
        lost: and that has the ink of a character; or one among this print is one with other ink,
            or one beside it in its box is none of it.
        uneven: how far its characters stand off one line, as a share of their height; None of few.
        cut: the ink runs into the edge of the paper or a dark patch: some of it may be missing.
        outside: share of the ink that lies outside the field's box, 0 to 1.
        rule_gap: inches to the next upright ruling line on either side, `FAR` or less.
        ink_gap: inches to the next ink of another field on either side, `FAR` or less.
        sure: log-odds of the way in which a run was parted to the next best; 20 for no run.
    """

    field: str
    kind: str
    pixels: Pixels
    box: BoxPx
    restored: Pixels | None = None
    touches: bool = False
    origin: int = 0
    run: tuple[str, ...] = ()
    size: tuple[float, float] = (0.0, 0.0)
    line: int = 0
    weight: float = 1.0
    solid: float = 1.0
    contact: float = 0.0
    outside: float = 0.0
    border: bool = False
    captioned: bool = False
    eaten: bool = False
    lost: bool = False
    uneven: float | None = None
    cut: bool = False
    rule_gap: float = FAR
    ink_gap: float = FAR
    sure: float = 20.0
