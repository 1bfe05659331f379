"""How far a sheet that did not lie flat lies off where a flat one would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

#: inches: half a sheet, for which the polynomials are
_HALF = np.array([4.25, 5.5])
#: powers across and down; paper bends smoothly, and slips in its feeder along one way only
_ACROSS, _DOWN = 3, 6
TERMS = tuple((a, b) for a in range(_ACROSS + 1) for b in range(_DOWN + 1) if a + b <= _DOWN)


def terms(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The terms of a bend at points of a form: (n, 2) inches to (n, len(TERMS))."""
    unit = np.clip(points / _HALF - 1, -1, 1)
    across = chebyshev.chebvander(unit[:, 0], _ACROSS)
    down = chebyshev.chebvander(unit[:, 1], _DOWN)
    return np.stack([across[:, a] * down[:, b] for a, b in TERMS], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Bend:
    """A curled page before a camera, or one that slipped in a feeder.

    Attributes:
        weights: (2, len(TERMS)) of the terms, across and down, inches.
    """

    weights: NDArray[np.float64]

    def bent(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points of the form, (n, 2) inches, really lie: inches of a flat form."""
        return np.asarray(points + terms(points) @ self.weights.T, np.float64)
