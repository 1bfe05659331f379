"""Find how a page is bent: what a flat form leaves over, all over its rules, as one smooth move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from intake.register import Fit, Sight, Window, above_chance, seek
from intake.template import Template
from models.bend import TERMS, Bend, terms
from models.page import Pixels

#: inches that a flat form's rules are off, or the share of them that it misses, for a page to be
#: looked at: drawn flat, forms leave 0.004 at most
_OFF, _MISSED = 0.0042, 0.1
#: inches: half the window in which rules are looked for, its steps, and what is too far off to tell
_WAYS = ((0.045, 0.005, 0.02), (0.03, 0.003, 0.012), (0.016, 0.003, 0.006), (0.016, 0.003, 0.006))
#: rounds of weighing
_ROUNDS = 6
#: rules one way that tell how it bends, at least
_FEW = 30
#: how dear a term is, and its squares
_DEAR = np.array([0.02 * (1 + a * a + b * b) for a, b in TERMS])
#: inches within which a rule is where it should be, and by which share more of them have to be
_THERE, _GAIN = 0.006, 0.05


def _solved(
    basis: NDArray[np.float64], want: NDArray[np.float64], weight: NDArray[np.float64], reach: float
) -> NDArray[np.float64]:
    """The weights that explain what is `want`ed best, whatever is `reach` off left out."""
    found = np.zeros(basis.shape[1])
    for _ in range(_ROUNDS):
        left = want - basis @ found
        heavy = weight / (1 + (left / reach) ** 2) ** 2
        normal = basis.T @ (heavy[:, None] * basis) + np.diag(_DEAR)
        found = np.asarray(np.linalg.solve(normal, basis.T @ (heavy * want)), np.float64)
    return found


def _there(pixels: Pixels, fit: Fit, lines: Template, sight: Sight) -> tuple[float, float]:
    """(share of the rules that are where they should be, how far they are off: inches)."""
    half, step, _ = _WAYS[-1]
    off, strength = seek(pixels, fit.matrix, lines, Window(half, step, sight))
    found = (strength > sight.contrast) & (np.abs(off) < _THERE)
    error = float(np.sqrt(np.mean(off[found] ** 2))) if found.any() else 1.0
    return float(lines.weight[found].sum() / lines.weight.sum()), error


def bend(pixels: Pixels, fit: Fit, form_lines: Template, sight: Sight) -> tuple[Fit, Bend | None]:
    """A fit, told how well it is with the page's bend, and that bend; None: the page is flat.

    Args:
        pixels: the page as scanned.
        fit: of the form as a flat sheet.
        form_lines: the form's rules.
        sight: how they are looked at.
    """
    if fit.error_in < _OFF and fit.quality > 1 - _MISSED:
        return fit, None
    basis = terms(form_lines.points)
    found = Bend(np.zeros((2, len(TERMS))))

    def moved() -> Template:
        return replace(form_lines, points=found.bent(form_lines.points))

    for half, step, reach in _WAYS:
        off, strength = seek(pixels, fit.matrix, moved(), Window(half, step, sight))
        weights = found.weights.copy()
        for axis, way in enumerate((~form_lines.across, form_lines.across)):
            seen = way & (strength > sight.contrast)
            if seen.sum() >= _FEW:
                want = off + basis @ weights[axis]
                weights[axis] = _solved(basis, want, form_lines.weight * seen, reach)
        found = Bend(weights)
    flat, _ = _there(pixels, fit, form_lines, sight)
    there, error = _there(pixels, fit, moved(), sight)
    if there < flat + _GAIN:
        return fit, None
    bent = replace(fit, error_in=error, quality=max(fit.quality, there))
    return replace(bent, quality=above_chance(pixels, bent, moved(), sight)), found
