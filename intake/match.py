"""Which form, which way up, and roughly where: ruling lines found against those of the forms."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.rules import Rules, straighten
from intake.template import TURNS, Template, apply, merge, template, thinned
from intake.thumb import DPI
from models.page import Form, Matrix, Pixels

#: a scan's scale against its own word: 97 to 103 %, and the feed of a fax
_SCALES = np.arange(0.94, 1.0601, 0.005)
#: the same where the file doesn't know its resolution, or a camera took it
_WIDE_SCALES = np.geomspace(0.5, 1.3, 170)
#: the two axes of a flat sheet agree in scale within this
_SHAPE = 0.10
#: small pixels to a bin of the vote for the offset
_BIN = 2.0
#: small pixels from a rule within which it counts as found, in the coarse search
_NEAR = 4


#: lines across and lines down, thickened
Masks: TypeAlias = tuple[Pixels, Pixels]


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """A form laid on the picture: where, and how much of it is explained, 0 to 1."""

    form: Form
    turns: int
    to_small: Matrix
    score: float


def guess(rules: Rules, forms: tuple[Form, ...], *, sized: bool) -> list[Guess]:
    """All forms and turns, laid on the rules as well as each can be; best first."""
    base = straighten(rules, rules.across.shape)
    back = np.asarray(np.linalg.inv(base), np.float64)
    found = (
        _positions(rules.down_ends, back, 0),
        _positions(rules.across_ends, back, 1),
    )
    if min(len(found[0]), len(found[1])) < 2:  # noqa: PLR2004 - nothing to lay a form on
        return []
    masks = _near(rules, _NEAR)
    scales = _SCALES if sized else _WIDE_SCALES
    guesses = [
        best
        for form in forms
        for turns in range(4)
        if (best := _lay(form, turns, found, base, masks, scales)) is not None
    ]
    return sorted(guesses, key=lambda g: -g.score)


def shown(rules: Rules, to_small: Matrix, form_lines: Template, within: int) -> NDArray[np.bool_]:
    """Which points of a form have a line found near them.

    Args:
        rules: of the small picture.
        to_small: 3x3, form inches to pixels of the small picture.
        form_lines: n points on the form's rules.
        within: pixels of the small picture.

    Returns:
        (n,), True where one is.
    """
    return _hit(to_small, form_lines, _near(rules, within), (0, 0))


@functools.cache
def _few(form: Form) -> Template:
    return thinned(template(form), 2)


def _positions(ends: NDArray[np.float64], back: Matrix, axis: int) -> NDArray[np.float64]:
    """Where lines lie along the axis they cross, and their lengths; rectified pixels."""
    if len(ends) == 0:
        return np.zeros((0, 2))
    one, two = apply(back, ends[:, :2]), apply(back, ends[:, 2:])
    place = (one[:, axis] + two[:, axis]) / 2
    length = np.hypot(*(two - one).T)
    return merge(np.stack([place, length], axis=1), 1.5, most=30)


def _near(rules: Rules, within: int) -> Masks:
    wide = 2 * within - 1
    return (
        np.asarray(cv2.dilate(rules.across, np.ones((wide, 1), np.uint8)), np.uint8),
        np.asarray(cv2.dilate(rules.down, np.ones((1, wide), np.uint8)), np.uint8),
    )


def _lay(
    form: Form,
    turns: int,
    found: tuple[NDArray[np.float64], NDArray[np.float64]],
    base: Matrix,
    masks: Masks,
    scales: NDArray[np.float64],
) -> Guess | None:
    form_lines = _few(form)
    turn = TURNS[turns]
    fits = []
    for axis in (0, 1):
        source = int(np.argmax(np.abs(turn[axis])))
        lines = (form_lines.columns, form_lines.rows)[source].copy()
        lines[:, 0] *= DPI * turn[axis, source]
        fits.append(_align(found[axis], lines, scales))
    tried: list[tuple[float, Matrix]] = []
    for scale_u, offset_u in fits[0]:
        for scale_v, offset_v in fits[1]:
            if abs(scale_u / scale_v - 1) > _SHAPE:
                continue
            flat = np.eye(3)
            flat[0, :2] = turn[0] * DPI * scale_u
            flat[1, :2] = turn[1] * DPI * scale_v
            flat[:2, 2] = offset_u, offset_v
            to_small = base @ flat
            to_small = to_small / to_small[2, 2]
            tried.append((_covered(to_small, form_lines, masks, (0, 0)), to_small))
    if not tried:
        return None
    _, to_small = max(tried, key=lambda t: t[0])
    return Guess(form, turns, to_small, _score(to_small, form_lines, masks))


def _score(to_small: Matrix, form_lines: Template, masks: Masks) -> float:
    """Share of a form's rules found, less the share that is found when it is moved a little.

    A page full of lines covers anything.
    """
    far = 3 * _NEAR
    moves = ((far, far), (-far, far), (far, -far), (-far, -far))
    chance = sum(_covered(to_small, form_lines, masks, move) for move in moves) / len(moves)
    return _covered(to_small, form_lines, masks, (0, 0)) - chance


def score(rules: Rules, to_small: Matrix, form: Form, within: int) -> float:
    """Share of a form's rules that are found where it was laid otherwise, above chance.

    Args:
        rules: of the small picture.
        to_small: 3x3, form inches to pixels of the small picture.
        form: which one was laid.
        within: pixels of the small picture that a rule may be off.
    """
    return _score(to_small, _few(form), _near(rules, within))


def _align(
    found: NDArray[np.float64], lines: NDArray[np.float64], scales: NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Scales and offsets at which most of `lines` lie on most of `found`: the best three."""
    weight = np.sqrt(np.minimum(found[:, None, 1], DPI * lines[None, :, 1]))
    place = found[None, :, None, 0] - scales[:, None, None] * lines[None, None, :, 0]
    low = place.min()
    bins = ((place - low) / _BIN).astype(np.int64) + 2
    size = int(bins.max()) + 3
    index = bins + (np.arange(len(scales)) * size)[:, None, None]
    votes = np.bincount(
        index.ravel(), np.broadcast_to(weight, place.shape).ravel(), len(scales) * size
    ).reshape(len(scales), size)
    votes = votes + 0.7 * (np.roll(votes, 1, axis=1) + np.roll(votes, -1, axis=1))
    result = []
    for _ in range(3):
        at = np.unravel_index(int(np.argmax(votes)), votes.shape)
        result.append((float(scales[at[0]]), float((at[1] - 2 + 0.5) * _BIN + low)))
        # the next best must be somewhere else
        near = (slice(max(0, at[0] - 6), at[0] + 7), slice(max(0, at[1] - 4), at[1] + 5))
        votes[near] = 0
    return result


def _covered(to_small: Matrix, form_lines: Template, masks: Masks, move: tuple[int, int]) -> float:
    """Share of the form's rules that lie on a line when the form is moved by some pixels."""
    hit = _hit(to_small, form_lines, masks, move)
    return float(np.sum(form_lines.weight * hit) / np.sum(form_lines.weight))


def _hit(
    to_small: Matrix, form_lines: Template, masks: Masks, move: tuple[int, int]
) -> NDArray[np.bool_]:
    at = np.rint(apply(to_small, form_lines.points)).astype(np.int64) + np.array(move)
    height, width = masks[0].shape
    x, y = at[:, 0], at[:, 1]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    # on a page on its side, the form's lines across run down the picture
    across, down = masks if abs(to_small[0, 0]) > abs(to_small[0, 1]) else masks[::-1]
    on_line = np.where(form_lines.across, across[y, x], down[y, x]) > 0
    return np.asarray(inside & on_line, np.bool_)
