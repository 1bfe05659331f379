"""Which version of the CMS-1500: the frame is the same, what stands in it is not.

Rules and the code in the corner tell for sure. Where the form dropped out, it is told by where
print lies: four diagnoses in two columns, a balance, a patient's status. A program that prints for
the old form does so on new ones too, so that this is never sure.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from intake.found import Found
from intake.reading import read_lines
from intake.register import Fit, beside
from intake.register_print import agreement
from intake.template import Template, apply, own
from intake.thumb import Thumb
from models.page import Barcode, Form, Matrix, Pixels

#: inches: where the 02/12 prints its QR code; the 08/05 has its number in a box lower down
_CODE = (0.30, 0.27, 0.76, 0.73)
#: what the code says, and how sure that makes
_SAYS, _READ = "nucc.org", 0.999
#: what a chequer in the corner weighs, against all the rules that only one version has
_CHEQUER = 0.6
#: by how much more or less than half of each quarter of it may be dark
_UNEVEN = 0.25
#: inches within which a rule counts as found
_CLOSE = 0.012
#: grey levels between the dark and the light squares of the code
_CONTRAST = 60
#: inches: where both old forms say what they are, below the frame; and what the older says there
_FOOT = (10.53, 10.78)
_1290 = re.compile(r"\b12\s?[-/]\s?90\b|\bhcfa[\s-]{0,2}1500\b")
#: log odds by which print must fit the 08/05 better: claims of either are 30 to 200 apart;
#: and the surest that it makes
_FITS, _NEVER_SURE = 20.0, 0.85
#: log odds that all rules count for which only one of the two has
_A_RULE = 100.0


def own_code(barcodes: tuple[Barcode, ...]) -> Barcode | None:
    """The code that the 02/12 itself carries, if it was read."""
    return next((code for code in barcodes if _SAYS in code.text.lower()), None)


def version(pixels: Pixels, fit: Fit, barcodes: tuple[Barcode, ...]) -> tuple[Form, float]:
    """Tell the 02/12 from the 08/05 on a page that the frame of both was laid on.

    Only the 02/12 has a QR code, with the address of the NUCC in it. Where that can't be read,
    the chequer of its corner and the rules that only one of the two has speak for themselves.

    Returns:
        The form, and the probability that it is right.
    """
    if own_code(barcodes) is not None:
        return Form.CMS1500, _READ
    new = _found(pixels, fit.matrix, own(Form.CMS1500, Form.CMS1500_0805))
    old = _found(pixels, fit.matrix, own(Form.CMS1500_0805, Form.CMS1500))
    evidence = new - old + _chequer(pixels, fit.matrix)
    sure = float(np.clip(0.5 + abs(evidence), 0.5, 0.995))
    return (Form.CMS1500 if evidence > 0 else Form.CMS1500_0805), sure


def is_1290(small: Thumb, found: Found) -> bool:
    """Whether a page with the frame of the 08/05 calls itself the form before it, the 12/90."""
    corners = np.array([[x, y] for x in (0.3, 8.2) for y in _FOOT])
    scanned = apply(found.registration.to_scan, corners)
    x, y = apply(np.asarray(np.linalg.inv(small.to_scan), np.float64), scanned).T
    height, width = small.grey.shape
    down = (y, x, height - y, width - x)[found.turns]
    return _1290.search(read_lines(small, found.turns, down.min(), down.max())) is not None


def version_by_print(
    pixels: Pixels, to_scan: Matrix, to_small: Matrix, points: NDArray[np.float64]
) -> tuple[Form, float]:
    """Tell the 02/12 from the 08/05 by where print lies.

    Args:
        pixels: as scanned.
        to_scan: inches of the form to those pixels.
        to_small: inches of the form to pixels of the small picture.
        points: (n, 2) letters of the small picture.

    Returns:
        The form, and the probability that it is right where it is the 08/05; else 1.
    """
    if _chequer(pixels, to_scan) > 0:
        return Form.CMS1500, 1.0
    both = Form.CMS1500, Form.CMS1500_0805
    odds = _A_RULE * (
        _found(pixels, to_scan, own(*both[::-1])) - _found(pixels, to_scan, own(*both))
    )
    few, whole = (agreement(to_small, points, Form.CMS1500, (maps,)) for maps in ("few", "all"))
    if few > whole:  # captions that are left drown what is printed
        odds += (agreement(to_small, points, Form.CMS1500_0805, ("few",)) - few) * len(points)
    return (Form.CMS1500_0805, _NEVER_SURE) if odds > _FITS else (Form.CMS1500, 1.0)


def _found(pixels: Pixels, to_scan: Matrix, lines: Template) -> float:
    offset, there = beside(pixels, to_scan, lines)
    return float(np.mean(there & (np.abs(offset) < _CLOSE)))


def _chequer(pixels: Pixels, to_scan: Matrix) -> float:
    """What the corner says: a chequer of dark and light all over is the code."""
    x0, y0, x1, y1 = _CODE
    side = 48
    x, y = np.meshgrid(np.linspace(x0, x1, side), np.linspace(y0, y1, side))
    at = np.rint(apply(to_scan, np.stack([x.ravel(), y.ravel()], axis=1))).astype(np.int64)
    size = np.array(pixels.shape[1::-1])
    inside: NDArray[np.bool_] = np.asarray(((at >= 0) & (at < size)).all(axis=1), np.bool_)
    if inside.mean() < 0.8:  # noqa: PLR2004 - cut off: nothing to tell
        return 0.0
    at = np.where(inside[:, None], at, 0)
    level = pixels[at[:, 1], at[:, 0]]
    grey = (level if level.ndim == 1 else level[:, 1]).astype(np.float64).reshape(side, side)
    light, dark = np.percentile(grey, 95), np.percentile(grey, 5)
    if light - dark < _CONTRAST:
        return -_CHEQUER / 2
    ink: NDArray[np.bool_] = np.asarray(grey < (light + dark) / 2, np.bool_)
    half = side // 2
    quarters = ink.reshape(2, half, 2, half).mean(axis=(1, 3)).ravel()
    half_dark = bool(np.all(np.abs(quarters - 0.5) < _UNEVEN))
    return _CHEQUER if half_dark else -_CHEQUER / 2
