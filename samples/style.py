"""How one page is printed and scanned: every choice in one place, drawn by chance or given."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from samples import faces
from samples.scanners import SCANNERS
from samples.wording import Wording, random_wording

Colour: TypeAlias = Literal["red", "black", "dropout"]
MoneyStyle: TypeAlias = Literal["rule", "grid", "run", "point"]
MarkStyle: TypeAlias = Literal["x", "cross", "tick", "filled", "circle", "slash"]


@dataclass(frozen=True, slots=True)
class Style:
    """One page's looks.

    Attributes:
        font: name of a face.
        form: red ink, black (a copy), or dropout (the scanner left the form out).
        scan: name of a scanner.
        points: size of print.
        pitch: characters an inch of a fixed face.
        offset: inches that the whole print lies right of and below its place.
        slant: degrees that the print is turned against the form, about its top left corner.
        stretch: how much larger the print is than the form's grid wants it.
        weight: pixels at 300 dpi by which strokes are fatter, or thinner where negative.
        level: how dark print is, 0 grey to 1 black.
        ribbon: how unevenly it is inked, 0 to 1.
        money: cents set across the rule, on the grid, run together, or with a point.
        marks: what a box is marked with.
        stray: inches (standard deviation) that marks miss their box by.
        blue: hand print in blue ink.
        damage: names of what happened to the paper (`samples.damage`).
        turns: clockwise quarter turns it was scanned with.
        bed: inches across and down that the scanner takes in, letter paper at its top left.
        wording: how the practice's software words things.
    """

    font: str
    form: Colour = "red"
    scan: str = "office-200"
    points: float = 12.0
    pitch: float = 10.0
    offset: tuple[float, float] = (0.0, 0.0)
    slant: float = 0.0
    stretch: float = 1.0
    weight: int = 0
    level: float = 1.0
    ribbon: float = 0.0
    money: MoneyStyle = "rule"
    marks: MarkStyle = "x"
    stray: float = 0.01
    blue: bool = False
    damage: tuple[str, ...] = ()
    turns: int = 0
    bed: tuple[float, float] = (8.5, 11.0)
    wording: Wording = field(default_factory=Wording)

    @property
    def hand(self) -> bool:
        """Whether it is written by hand."""
        info = faces.known().get(self.font)
        return info is not None and info.hand

    def json(self, seed: int) -> dict[str, Any]:
        """What a truth file says of it."""
        return {
            "font": self.font,
            "form": self.form,
            "scan": self.scan,
            "seed": seed,
            "offset": [round(v, 4) for v in self.offset],
            "slant": round(self.slant, 4),
            "stretch": round(self.stretch, 5),
            "points": self.points,
            "money": self.money,
            "marks": self.marks,
            "damage": list(self.damage),
            "turns": self.turns,
            "bed": list(self.bed),
        }


#: beds larger than the paper: A4, legal, a flat bed
_BEDS = ((8.5, 11.69), (8.5, 14.0), (9.0, 11.7))
#: sizes of print and of hand print
_POINTS, _HAND_POINTS = (9.0, 10.0, 10.0, 11.0, 12.0), (11.0, 12.0, 13.0)
#: what may happen to paper, and how often
DAMAGE = {
    "punch": 0.08,
    "staple": 0.08,
    "stain": 0.05,
    "highlight": 0.06,
    "bleed": 0.06,
    "fold": 0.05,
    "corner": 0.04,
    "stamp": 0.05,
}


def random_style(
    rng: random.Random, fonts: Sequence[str], scans: Sequence[str] | None = None
) -> Style:
    """A page's looks, with one of the faces and one of the scanners (of all, by default)."""
    font = rng.choice(fonts)
    info = faces.known().get(font)
    hand, fixed = info is not None and info.hand, info is not None and info.fixed
    dots = info is not None and info.rows > 0
    scan = rng.choice(tuple(SCANNERS if scans is None else scans))
    colours: tuple[Colour, ...] = ("red", "black", "dropout")
    form = rng.choices(colours, (3, 3, 4 if not SCANNERS[scan].photo else 0))[0]
    pitch = rng.choice((10.0, 10.0, 10.0, 10.0, 12.0)) if fixed else 0.0
    moneys: tuple[MoneyStyle, ...] = ("rule", "rule", "rule", "grid", "grid", "run", "point")
    return Style(
        font=font,
        form=form,
        scan=scan,
        points=rng.choice(_HAND_POINTS if hand else _POINTS),
        pitch=pitch,
        offset=_offset(rng),
        slant=rng.gauss(0, 0.1) if rng.random() < 0.3 else 0.0,
        stretch=rng.uniform(0.992, 1.006) if rng.random() < 0.12 else 1.0,
        weight=rng.choice((-1, 0, 0, 0, 0, 1, 1, 2) if not dots else (0, 0, -1)),
        level=rng.choice((1.0, 1.0, 0.9, 0.8, 0.65)),
        ribbon=0.0 if hand else rng.choice((0.0, 0.0, 0.0, 0.3, 0.6)),
        money=rng.choice(moneys),
        marks=_marks(rng, hand=hand),
        stray=rng.choice((0.006, 0.012, 0.012, 0.03)),
        blue=hand and rng.random() < 0.5,
        damage=tuple(name for name, share in DAMAGE.items() if rng.random() < share),
        turns=rng.choice((1, 2, 3)) if rng.random() < 0.1 else 0,
        bed=rng.choice(_BEDS) if rng.random() < 0.12 else (8.5, 11.0),
        wording=random_wording(rng),
    )  # fmt: skip


def _offset(rng: random.Random) -> tuple[float, float]:
    """Most printers are adjusted to a few hundredths of an inch, few are 0.1 in off and more."""
    spread = rng.choice((0.015, 0.03, 0.03, 0.06))
    down = 0.15 if rng.random() < 0.03 else 0.0
    x, y = (max(-0.1, min(0.1, rng.gauss(0, spread))) for _ in range(2))
    return x, y * 0.7 + down


def _marks(rng: random.Random, *, hand: bool) -> MarkStyle:
    if hand:
        kinds: tuple[MarkStyle, ...] = ("cross", "cross", "tick", "slash", "filled", "circle")
        return rng.choice(kinds)
    return "x"
