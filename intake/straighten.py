"""Pages that lie askew before the camera: the sheet's own edges, or its lines of print, tell how.

And coarse faxes whose dots somebody took for square ones: half as high as they were.

Looked for only where no form was found: `look` knows a page that lies nearly straight.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.layout import PAPER
from intake.letters import sharpness
from intake.thumb import Thumb
from models.page import Matrix, PageImage

#: share of the picture that a sheet covers at least; and of the four-sided figure around it
_COVERS, _FILLS = 0.2, 0.9
#: small pixels: specks and print that are no hole in the sheet, and what is a corner
_CLOSED, _CORNER = 25, 0.02
#: how much longer than wide a sheet may seem, at least and at most
_SHAPE = (1.05, 1.6)
#: small pixels by which a sheet's corners lie off the picture's, so that it lies askew at all
_ASKEW = 12.0
#: degrees: less is no matter to `look`; more is a turn; in which steps
_TILT, _TURN, _DEGREE = 3.0, 45.0, 0.25
#: how much clearer lines of print stand out so, than as the page lies
_CLEARER = 1.3
#: letters that tell
_FEW = 40
#: a letter sheet that a coarse fax sent is so low, and would be so many times as high
_LOW, _COARSE = 0.8, 204 / 98


def _quad(small: Thumb) -> NDArray[np.float64] | None:
    """The corners of the sheet on darker ground, clockwise from the left upper one."""
    blurred = cv2.GaussianBlur(small.grey, (0, 0), 2)
    light = cv2.threshold(blurred, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
    kernel = np.ones((_CLOSED, _CLOSED), np.uint8)
    sheet = cv2.morphologyEx(light, cv2.MORPH_CLOSE, kernel)
    sheet = cv2.morphologyEx(sheet, cv2.MORPH_OPEN, kernel)
    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    outline = cv2.convexHull(max(outlines, key=cv2.contourArea))
    corners = cv2.approxPolyDP(outline, _CORNER * cv2.arcLength(outline, closed=True), closed=True)
    area = cv2.contourArea(corners)
    if len(corners) != len(PAPER) * 2 or area < _COVERS * sheet.size:
        return None
    inside = np.zeros_like(sheet)
    cv2.fillConvexPoly(inside, corners, 1)
    if float((sheet[inside > 0] > 0).mean()) < _FILLS:
        return None
    found = corners.reshape(4, 2).astype(np.float64)
    # clockwise on the picture, whose y runs down, from the corner nearest to its own
    if cv2.contourArea(corners, oriented=True) < 0:
        found = found[::-1]
    return np.asarray(np.roll(found, -int(found.sum(axis=1).argmin()), axis=0), np.float64)


def _by_edges(page: PageImage, small: Thumb) -> tuple[PageImage, Matrix] | None:
    """The sheet alone, as a flat picture, and that picture's pixels in those of the page."""
    corners = _quad(small)
    if corners is None:
        return None
    height, width = small.grey.shape
    frame = np.array([(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)])
    if np.abs(corners - frame).max() < _ASKEW:
        return None
    seen = cv2.perspectiveTransform(corners[None], small.to_scan)[0]
    top, right, bottom, left = np.hypot(*(np.roll(seen, -1, axis=0) - seen).T)
    wide, high = max(top, bottom), max(left, right)
    short, long = sorted((float(wide), float(high)))
    if not _SHAPE[0] < long / short < _SHAPE[1]:
        return None
    dpi = long / max(PAPER)
    sides = PAPER if wide < high else PAPER[::-1]
    size = (round(sides[0] * dpi), round(sides[1] * dpi))
    flat = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    back = cv2.getPerspectiveTransform(flat, seen.astype(np.float32))
    return _seen_by(page, np.asarray(back, np.float64), size, dpi)


def _by_lines(
    page: PageImage, small: Thumb, points: NDArray[np.float64]
) -> tuple[PageImage, Matrix] | None:
    """The page turned until its lines of print are level, and its pixels in those of the page."""
    if len(points) < _FEW:
        return None
    degrees = np.arange(-_TURN, _TURN, _DEGREE)
    clear = np.array([_clear(points, degree) for degree in degrees])
    best = int(clear.argmax())
    tilt = float(degrees[best])
    if abs(tilt) < _TILT or clear[best] < _CLEARER * clear[np.abs(degrees) < _TILT].max():
        return None
    height, width = page.height, page.width
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0), (0, 0, 1)])
    frame = np.array([[(0, 0), (width, 0), (width, height), (0, height)]], np.float64)
    corners = cv2.perspectiveTransform(frame, turn)[0]
    first, last = corners.min(axis=0), corners.max(axis=0)
    turn = np.array([[1, 0, -first[0]], [0, 1, -first[1]], [0, 0, 1.0]]) @ turn
    size = (int(np.ceil(last[0] - first[0])), int(np.ceil(last[1] - first[1])))
    back = np.asarray(np.linalg.inv(turn), np.float64)
    return _seen_by(page, back, size, page.dpi if small.sized else 0.0)


def _clear(points: NDArray[np.float64], degree: float) -> float:
    """How clearly letters stand in rows that lean so much."""
    angle = np.radians(degree)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return sharpness(points @ turn, 0.0)


def _seen_by(
    page: PageImage, back: Matrix, size: tuple[int, int], dpi: float
) -> tuple[PageImage, Matrix]:
    """The page as a picture of `size` that `back` takes to it: what it doesn't show is paper."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(page.pixels, back, size, flags=flags, borderValue=(255,) * 3)
    return PageImage(np.asarray(flat, np.uint8), dpi, page.number), back


def straightened(
    page: PageImage, small: Thumb, points: NDArray[np.float64]
) -> Iterator[tuple[PageImage, Matrix]]:
    """Pictures of a page as it may lie flat, each with its pixels in those of the page.

    Args:
        page: as scanned.
        small: the same.
        points: middles of its letters, small pixels.
    """
    if page.height < _LOW * page.width:
        back = np.diag([1.0, 1 / _COARSE, 1.0])
        yield _seen_by(page, back, (page.width, round(page.height * _COARSE)), page.dpi)
    found = _by_edges(page, small)
    if found is not None:
        yield found
    found = _by_lines(page, small, points)
    if found is not None:
        yield found
