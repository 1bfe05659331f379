"""Scanners, cameras and fax machines: how each one sees paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Scanner:
    """One machine and its habits.

    Attributes:
        dpi: dots an inch, across and down (a fax has fewer down).
        mode: colour, grey, or bitonal (black and white only).
        blur: standard deviation of its optics, pixels of the scan.
        noise: standard deviation of its sensor, grey levels.
        paper: grey level of white paper.
        contrast: 1 as is; below, washed out.
        quality: of the JPEG it writes; 0 where it writes none.
        skew: largest turn of the paper, degrees.
        threshold: bitonal: the level below which a pixel is black.
        specks: dirt and transmission errors, a million pixels.
        streaks: dirty glass: vertical lines on a page, at most.
        photo: a camera: perspective and shade.
        edge: grey level beyond the paper.
    """

    dpi: tuple[int, int] = (200, 200)
    mode: Literal["colour", "grey", "bitonal"] = "grey"
    blur: float = 0.4
    noise: float = 3.0
    paper: int = 252
    contrast: float = 1.0
    quality: int = 80
    skew: float = 1.0
    threshold: int = 150
    specks: float = 0.0
    streaks: int = 0
    photo: bool = False
    edge: int = 255


SCANNERS: dict[str, Scanner] = {
    # what a mailroom has
    "clean-300": Scanner(dpi=(300, 300), mode="colour", noise=1.5, quality=90, skew=0.4),
    "clean-300-grey": Scanner(dpi=(300, 300), noise=1.5, quality=85, skew=0.6),
    "office-200": Scanner(noise=5, blur=0.5, skew=1.5, quality=70),
    "office-200-colour": Scanner(mode="colour", noise=4, blur=0.5, skew=1.5, quality=75),
    "office-240": Scanner(dpi=(240, 240), noise=6, blur=0.6, paper=240, skew=2.0, quality=60),
    "office-300-colour": Scanner(
        dpi=(300, 300), mode="colour", noise=6, blur=0.8, paper=244, skew=1.5, quality=65
    ),
    "office-300-dark": Scanner(
        dpi=(300, 300), noise=7, blur=0.7, paper=222, contrast=0.8, skew=3.0, edge=30
    ),
    "office-150": Scanner(dpi=(150, 150), noise=4, blur=0.4, skew=1.0, quality=75),
    "low-jpeg": Scanner(mode="colour", noise=5, blur=0.6, quality=28, skew=1.5),
    "low-jpeg-grey": Scanner(noise=5, blur=0.6, quality=22, skew=1.5),
    "pale-200": Scanner(noise=4, blur=0.5, contrast=0.5, paper=250, skew=1.5, quality=75),
    # black and white
    "bitonal-200": Scanner(mode="bitonal", noise=9, skew=1.5, specks=30),
    "bitonal-300": Scanner(
        dpi=(300, 300), mode="bitonal", noise=8, skew=1.5, specks=15, threshold=140
    ),
    "bitonal-300-dark": Scanner(
        dpi=(300, 300), mode="bitonal", noise=14, skew=2.5, specks=80, threshold=185, edge=0
    ),
    "bitonal-200-light": Scanner(mode="bitonal", noise=10, skew=1.0, specks=10, threshold=115),
    # fax machines
    "fax-fine": Scanner(
        dpi=(204, 196), mode="bitonal", noise=16, blur=0.6, skew=2.0, specks=150, streaks=2
    ),
    "fax-200": Scanner(
        dpi=(200, 200), mode="bitonal", noise=20, blur=0.7, skew=1.0, specks=250, streaks=1,
        threshold=160,
    ),
    "fax-dirty": Scanner(
        dpi=(204, 196), mode="bitonal", noise=26, blur=0.8, skew=3.0, specks=600, streaks=5
    ),
    "fax-standard": Scanner(
        dpi=(204, 98), mode="bitonal", noise=12, blur=0.4, skew=1.5, specks=120, streaks=2,
        threshold=200,
    ),
    # cameras
    "photo-220": Scanner(
        dpi=(220, 220), mode="colour", noise=5, blur=0.8, paper=235, quality=75, skew=2.0,
        photo=True, edge=70,
    ),
    "photo-250": Scanner(
        dpi=(250, 250), mode="colour", noise=8, blur=1.1, paper=215, contrast=0.85, quality=60,
        skew=3.0, photo=True, edge=40,
    ),
    "photo-200": Scanner(
        dpi=(200, 200), mode="colour", noise=4, blur=0.6, paper=240, quality=85, skew=1.5,
        photo=True, edge=150,
    ),
}  # fmt: skip
