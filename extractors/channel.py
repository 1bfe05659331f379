"""A colour page as one channel: the form's red as light as paper, and a marker's ink, too."""

from __future__ import annotations

import cv2
import numpy as np

from models.page import Pixels

#: red outshining the other colours by less is the paper's tint
_TINT = 10
#: how much lighter red ink is made by what it outshines the other colours
_LIFT = 2.0
#: grey below which ink is; shares of a page that are no claim's ink, and what a form has
_DARK, _NO_INK, _FORM = 150, 0.0005, 0.005
#: a marker's ink: one of its colours is nearly as light as paper, another that much darker
_BRIGHT, _COLOURED = 205, 40
#: inches: gaps in it that are print, and across: no stroke of a pen is as broad
_PRINT, _BROAD = 0.08, 0.07
#: of most paper's red, what paper has at least: where it shows, no marker went
_PAPER = 0.85


def one_channel(pixels: Pixels, ppi: float) -> Pixels:
    """Grey in which red form ink and a marker's are as light as paper.

    The red channel, lifted where red outshines green and blue: a weak or faded red is not light
    enough by itself. Black and blue ink have no red to outshine with. Where a marker went over
    print, the lightest of the three: black is dark in all. A page that holds nothing but red is
    filled in in red, and read in green.

    Args:
        pixels: of the page as scanned.
        ppi: its pixels an inch.
    """
    if pixels.ndim == 2:  # noqa: PLR2004 - rows and columns
        return pixels
    red, green, blue = cv2.split(pixels)
    outshines = cv2.subtract(cv2.subtract(red, cv2.max(green, blue)), np.full_like(red, _TINT))
    grey = np.asarray(cv2.addWeighted(red, 1.0, outshines, _LIFT, 0), np.uint8)
    if _share(grey) < _NO_INK < _FORM < _share(green):
        return np.asarray(green, np.uint8)
    lightest = cv2.max(cv2.max(red, green), blue)
    coloured = cv2.subtract(lightest, red) > _COLOURED  # of yellow and pink red is the lightest
    marked = (coloured & (lightest > _BRIGHT)).astype(np.uint8)
    if not marked.any():
        return grey
    # coloured letters stand on paper, print under a marker on its ink
    paper = red > _PAPER * np.percentile(red[::7, ::7], 80)
    closed = _across(marked, _PRINT * ppi, cv2.MORPH_CLOSE) & ~paper
    broad = _across(closed, _BROAD * ppi, cv2.MORPH_OPEN)
    if broad.any():
        rim = cv2.dilate(broad, np.ones((3, 3), np.uint8))
        np.copyto(grey, np.asarray(lightest, np.uint8), where=rim > 0)
    return grey


def _share(channel: cv2.typing.MatLike) -> float:
    """Share of a page that is dark."""
    return float((np.asarray(channel)[::3, ::3] < _DARK).mean())


def _across(mask: Pixels, pixels: float, how: int) -> Pixels:
    side = max(3, round(pixels) | 1)
    return np.asarray(cv2.morphologyEx(mask, how, np.ones((side, side), np.uint8)), np.uint8)
