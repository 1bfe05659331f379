"""Lay a form exactly on a page: every rule is looked for near where the last fit put it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.template import Template, apply, slopes, thinned
from models.page import Matrix, Pixels

#: inches: half the window in which a rule is looked for, fit after fit; then at full resolution
_WINDOWS = (0.08, 0.04)
_FINE = (0.016,)
#: inches by which a form is moved off its lines, to see what it finds by chance
_MOVED = 0.055
#: of the points on the rules, every which one the coarse fit looks at
_COARSE_EVERY = 3
#: inches beyond the window that show the paper beside the rule
_MARGIN = 0.016
#: inches between the readings of a profile across a rule: on the small picture, on the scan
_STEP, _FINE_STEP = 0.008, 0.003
#: inches beyond which a point found says nothing about the fit
_OUTLIER = 0.02
#: share of a form that must be on the picture
_INSIDE = 0.6
#: a rule counts as left over from a drop-out by this share of its points, and this many
_WHOLE, _LONG = 0.6, 12
#: inches: half the size of a form, to keep the equations well conditioned
_HALF = np.array([4.25, 5.5])
#: a point found twice: once to fit, once to tell how well it fits
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Sight:
    """How to look at a rule.

    Attributes:
        along: inches along the rule, either way, over which it is looked at.
        readings: how many times.
        contrast: grey levels that it must stand out by.
    """

    along: float
    readings: int
    contrast: float


#: a line as printed; and one that a weak scan or a fax has left as a row of dots
LINES = Sight(0.02, 3, 14.0)
DOTS = Sight(0.14, 15, 8.0)


@dataclass(frozen=True, slots=True)
class Window:
    """Where to look for a rule: inches to either side, in steps, and how."""

    half: float
    step: float
    sight: Sight


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A form laid on a picture.

    Attributes:
        matrix: 3x3, inches to pixels of the picture.
        error_in: root mean square distance of the rules found, inches.
        found: (n,) which points of the template have a rule.
        quality: share of the rules on the picture found within 0.02 in: the mean of those
            that run across and those that run down, so that neither can hide the other.
    """

    matrix: Matrix
    error_in: float
    found: NDArray[np.bool_]
    quality: float


def fit_coarse(picture: Pixels, start: Matrix, form_lines: Template, sight: Sight = LINES) -> Fit:
    """Fit on the small picture, from a guess that is a tenth of an inch off at most.

    Args:
        picture: (rows, columns) the small picture.
        start: 3x3, form inches to its pixels: the guess.
        form_lines: points on the form's rules.
        sight: by what a rule is seen.
    """
    fit = Fit(start, 1.0, np.zeros(len(form_lines.points), bool), 0.0)
    few = thinned(form_lines, _COARSE_EVERY)
    for window in _WINDOWS:
        fit = _refit(picture, fit.matrix, few, Window(window, _STEP, sight))
    return fit


def fit_fine(pixels: Pixels, start: Matrix, form_lines: Template, sight: Sight = LINES) -> Fit:
    """Fit on the page as scanned, from a fit that is 0.02 in off at most.

    Args:
        pixels: (rows, columns) or (rows, columns, 3) as scanned.
        start: 3x3, form inches to its pixels: the fit so far.
        form_lines: points on the form's rules.
        sight: by what a rule is seen.
    """
    fit = Fit(start, 1.0, np.zeros(len(form_lines.points), bool), 0.0)
    for window in _FINE:
        fit = _refit(pixels, fit.matrix, form_lines, Window(window, _FINE_STEP, sight))
    return replace(fit, quality=above_chance(pixels, fit, form_lines, sight))


def above_chance(pixels: Pixels, fit: Fit, form_lines: Template, sight: Sight) -> float:
    """The quality of a fit, less what the form finds when it is moved off its lines a little.

    On a dense page there is ink near any point.
    """
    few = thinned(form_lines, _COARSE_EVERY)
    chance = 0.0
    for move in (_MOVED, -_MOVED):
        aside = fit.matrix @ np.array([[1, 0, move], [0, 1, move], [0, 0, 1.0]])
        chance += in_sight(pixels, aside, few, Window(_FINE[0], _FINE_STEP, sight)) / 2
    return float(max(0.0, (fit.quality - chance) / max(1 - chance, 0.1)))


def in_sight(picture: Pixels, matrix: Matrix, form_lines: Template, window: Window) -> float:
    """Share of a form's rules that show where a matrix puts them, chance and all.

    The mean of those that run across and those that run down, as in `Fit.quality`.
    """
    offset, strength = seek(picture, matrix, form_lines, window)
    there = (strength > window.sight.contrast) & (np.abs(offset) < window.half)
    across = form_lines.across
    return float(there[across].mean() + there[~across].mean()) / 2


def fit_left(
    pixels: Pixels, start: Matrix, form_lines: Template, shown: NDArray[np.bool_], window: float
) -> Fit:
    """Fit on what few rules are left, from a place found by print.

    Only rules that show over most of their length count: without rules, a profile finds letters.
    What the rules left don't tell stays as it was.
    """
    size = int(form_lines.rule.max()) + 1
    count = np.bincount(form_lines.rule, minlength=size)
    whole = (np.bincount(form_lines.rule, shown, size) > _WHOLE * count) & (count >= _LONG)
    some = _only(form_lines, whole[form_lines.rule])
    if not len(some.points):
        return Fit(start, 1.0, np.zeros(0, bool), 0.0)
    fit = _refit(pixels, start, some, Window(window, _STEP / 2, LINES))
    fit = _refit(pixels, fit.matrix, some, Window(_FINE[0], _FINE_STEP, LINES))
    share = float(np.sum(some.weight * fit.found) / np.sum(form_lines.weight))
    return Fit(fit.matrix, fit.error_in, fit.found, share)


def beside(
    pixels: Pixels, matrix: Matrix, form_lines: Template
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How far beside each point ink lies, inches, and whether there is any, on a fit page."""
    offset, strength = seek(pixels, matrix, form_lines, Window(_FINE[0], _FINE_STEP, LINES))
    return offset, strength > LINES.contrast


def _only(form_lines: Template, keep: NDArray[np.bool_]) -> Template:
    return replace(
        form_lines,
        points=form_lines.points[keep],
        across=form_lines.across[keep],
        weight=form_lines.weight[keep],
        rule=form_lines.rule[keep],
    )


def _refit(picture: Pixels, matrix: Matrix, form_lines: Template, window: Window) -> Fit:
    offset, strength = seek(picture, matrix, form_lines, window)
    found = strength > window.sight.contrast
    delta = np.zeros(8)
    reach = window.half / 2
    for _ in range(_ROUNDS + 3):
        delta, left = _solve(form_lines, offset, found, delta, reach)
        reach = max(_OUTLIER / 3, reach * 0.6)
    inlier = found & (np.abs(left) < _OUTLIER)
    error = float(np.sqrt(np.mean(left[inlier] ** 2))) if inlier.any() else 1.0
    moved = _moved(matrix, delta)
    # a margin cut off is no fault of the fit, half a form cut off is
    at = apply(moved, form_lines.points)
    on_picture = (at >= 0) & (at < np.array(picture.shape[1::-1]))
    inside: NDArray[np.bool_] = np.asarray(on_picture.all(axis=1), np.bool_)
    across = form_lines.across
    shares = [_share(form_lines.weight, inlier & way, inside, way) for way in (across, ~across)]
    return Fit(moved, error, inlier, sum(shares) / 2)


def _share(
    weight: NDArray[np.float64],
    inlier: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    way: NDArray[np.bool_],
) -> float:
    """Share of the rules that run one way that were found, of those on the picture."""
    whole = max(float(np.sum(weight[way & inside])), _INSIDE * float(np.sum(weight[way])))
    return float(np.sum(weight[inlier])) / max(whole, 1e-9)


def seek(
    picture: Pixels, matrix: Matrix, form_lines: Template, window: Window
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far off, inches across the rule, the ink of each point lies, and how strongly it shows.

    The window is laid in form inches and mapped, so that perspective and turn come by themselves.
    """
    step, sight = window.step, window.sight
    half = round((window.half + _MARGIN) / step)
    across = np.arange(-half, half + 1) * step
    along = np.linspace(-sight.along, sight.along, sight.readings)
    # over the little way looked at, the homography is as good as its slopes
    centre = apply(matrix, form_lines.points)
    right, lower = slopes(matrix, form_lines.points)
    sideways = form_lines.across[:, None]
    over = np.where(sideways, lower, right).astype(np.float32)
    ahead = np.where(sideways, right, lower).astype(np.float32)
    step_over, step_ahead = across.astype(np.float32), along.astype(np.float32)
    count = len(form_lines.points)
    map_x, map_y = (
        (
            centre[:, axis].astype(np.float32)[:, None, None]
            + ahead[:, axis, None, None] * step_ahead[None, :, None]
            + over[:, axis, None, None] * step_over[None, None, :]
        ).reshape(count, -1)
        for axis in (0, 1)
    )
    value = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    level = (value if value.ndim == 2 else value[..., 1]).astype(np.float32)  # noqa: PLR2004
    level = level.reshape(count, len(along), len(across))
    # without the darkest of the readings along the rule: a letter crosses one of them
    profile = (level.sum(axis=1) - level.min(axis=1)) / (len(along) - 1)
    # the paper beside the rule: the lighter of the two sides
    edge = max(2, len(across) // 5)
    paper = np.maximum(profile[:, :edge].mean(axis=1), profile[:, -edge:].mean(axis=1))
    dark = np.maximum(paper[:, None] - profile, 0)
    inner = np.abs(across) <= window.half + step / 2
    peak = np.argmax(np.where(inner, dark, -1), axis=1)
    strength = dark[np.arange(len(dark)), peak]
    # centre of gravity of the ink around the peak
    near = np.abs(across[None, :] - across[peak][:, None]) <= max(0.012, 1.5 * step)
    mass = np.where(near, np.maximum(dark - 0.3 * strength[:, None], 0), 0)
    middle = (mass * across).sum(axis=1) / np.maximum(mass.sum(axis=1), 1e-9)
    return np.asarray(middle, np.float64), np.asarray(strength, np.float64)


def _basis(form_lines: Template) -> NDArray[np.float64]:
    """How a point's rule moves across itself, inches, for each of the eight small moves."""
    unit = form_lines.points / _HALF - 1
    x, y = unit[:, 0], unit[:, 1]
    one, none = np.ones_like(x), np.zeros_like(x)
    right = np.stack([one, x, y, none, none, none, x * x, x * y], axis=1)
    lower = np.stack([none, none, none, one, x, y, x * y, y * y], axis=1)
    # the last two are a true perspective: the same pair of numbers bends both axes
    right[:, 6:] *= _HALF[0]
    lower[:, 6:] *= _HALF[1]
    return np.where(form_lines.across[:, None], lower, right)


def _solve(
    form_lines: Template,
    offset: NDArray[np.float64],
    found: NDArray[np.bool_],
    delta: NDArray[np.float64],
    reach: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One step of iteratively reweighted least squares; returns the move and what it leaves."""
    basis = _basis(form_lines)
    left = offset - basis @ delta
    weight = form_lines.weight * found / (1 + (left / reach) ** 2) ** 2
    normal = basis.T @ (weight[:, None] * basis) + np.diag([0.05] * 6 + [50.0, 50.0])
    delta = np.asarray(np.linalg.solve(normal, basis.T @ (weight * offset)), np.float64)
    return delta, np.asarray(offset - basis @ delta, np.float64)


def _moved(matrix: Matrix, delta: NDArray[np.float64]) -> Matrix:
    """The matrix after the small move, in the form's own inches, has been put before it."""
    to_unit = np.array([[1 / _HALF[0], 0, -1], [0, 1 / _HALF[1], -1], [0, 0, 1]])
    move = np.array(
        [
            [1 + delta[1] / _HALF[0], delta[2] / _HALF[0], delta[0] / _HALF[0]],
            [delta[4] / _HALF[1], 1 + delta[5] / _HALF[1], delta[3] / _HALF[1]],
            [-delta[6], -delta[7], 1],
        ]
    )
    moved = matrix @ np.linalg.inv(to_unit) @ move @ to_unit
    return np.asarray(moved / moved[2, 2], dtype=np.float64)
