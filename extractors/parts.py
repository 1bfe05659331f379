"""Connected components of ink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from forms.layout import Layout
from models.page import BoxIn

Mask: TypeAlias = NDArray[np.uint8]
#: a truth for every component
Marked: TypeAlias = NDArray[np.bool_]


#: inches: heights of printed characters; as many of them tell how high a page's are
LETTER = (0.05, 0.2)
_FEW = 20


def typical(heights: NDArray[np.float64], share: float = 50) -> float:
    """How high a page's characters are, inches; 0 where there are too few to tell.

    Args:
        heights: of components, inches.
        share: per cent of the characters that are no higher.
    """
    printed = heights[(heights > LETTER[0]) & (heights < LETTER[1])]
    return float(np.percentile(printed, share)) if len(printed) >= _FEW else 0.0


def rows_of(ink: NDArray[np.bool_]) -> int:
    """From the first row with ink to the last."""
    rows = np.nonzero(ink.any(axis=1))[0]
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0


def window(box: BoxIn, slack: float, ppi: float) -> tuple[slice, slice]:
    """Rows and columns of a canvas within `slack` inches around a box of the form."""
    left, top = (max(0, int((v - slack) * ppi)) for v in box[:2])
    right, bottom = (int((v + slack) * ppi) + 1 for v in box[2:])
    return slice(top, bottom), slice(left, right)


def block_windows(layout: Layout, slack: float, ppi: float) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of a canvas within `slack` inches around each black block of a form."""
    return (window(m.box, slack, ppi) for m in layout.preprinted if m.what == "block")


@dataclass(slots=True, eq=False)
class Parts:
    """Connected components: label of each pixel, and (x, y, width, height, area) of each.

    `inked`: where the pixels of all of them are, in rows one after the other. A page is paper
    nearly everywhere, and what is asked of its ink alone is answered ten times as fast.
    """

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]
    inked: NDArray[np.intp]

    @classmethod
    def of(cls, ink: Mask) -> Parts:
        """The components of `ink`, corners touching; `ink` has a pixel."""
        _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        return cls(
            np.ascontiguousarray(labels, np.int32),
            np.asarray(stats, np.int32),
            np.flatnonzero(ink.view(np.bool_)),
        )

    def of_ink(self) -> NDArray[np.int32]:
        """The component of every pixel of `inked`."""
        return self.labels.ravel()[self.inked]

    def erase(self, gone: Marked) -> NDArray[np.intp]:
        """Drop components; where their pixels were, as in `inked`."""
        erased = self.inked[gone[self.of_ink()]]
        self.labels.ravel()[erased] = 0
        self.stats[gone] = 0
        return erased

    def mask(self, i: int | np.intp) -> Mask:
        """1 where a component is, within its own box."""
        x, y, w, h, _ = self.stats[i]
        mine: Mask = (self.labels[y : y + h, x : x + w] == i).astype(np.uint8)
        return mine

    def part(self, i: int | np.intp, pieces: Sequence[Mask]) -> None:
        """Take a component for several: the pieces of its box, each by what hangs together."""
        x, y, w, h, _ = self.stats[i]
        window = self.labels[y : y + h, x : x + w]
        self.stats[i] = 0
        for piece in pieces:
            _, labels, stats, _ = cv2.connectedComponentsWithStats(piece, connectivity=8)
            inside = labels > 0
            window[inside] = labels[inside] + len(self.stats) - 1
            moved = np.asarray(stats[1:], np.int32) + np.array([x, y, 0, 0, 0], np.int32)
            self.stats = np.vstack([self.stats, moved])

    def share(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Of each component, the share of its ink that lies in `mask`."""
        inside = np.bincount(self.of_ink()[mask.ravel()[self.inked]], minlength=len(self.stats))
        return inside / np.maximum(self.stats[:, cv2.CC_STAT_AREA], 1)

    def join(self, whole: NDArray[np.intp]) -> None:
        """Take components for one: `whole` names for each the one it is a part of, or itself."""
        pieces = np.nonzero(whole != np.arange(len(whole)))[0]
        if not len(pieces):
            return
        x, y, w, h, area = (self.stats[:, i].copy() for i in range(5))
        right, foot = x + w, y + h
        np.minimum.at(x, whole[pieces], x[pieces])
        np.minimum.at(y, whole[pieces], y[pieces])
        np.maximum.at(right, whole[pieces], right[pieces])
        np.maximum.at(foot, whole[pieces], foot[pieces])
        np.add.at(area, whole[pieces], area[pieces])
        self.stats = np.stack([x, y, right - x, foot - y, area], axis=1).astype(np.int32)
        self.stats[pieces] = 0
        self.labels.ravel()[self.inked] = whole[self.of_ink()]
