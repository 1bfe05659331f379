"""Connected components of ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.uint8]
#: a truth for every component
Marked: TypeAlias = NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class Parts:
    """Connected components: label of each pixel, and (x, y, width, height, area) of each."""

    labels: NDArray[np.int32]
    stats: NDArray[np.int32]

    @classmethod
    def of(cls, ink: Mask) -> Parts:
        """The components of `ink`, corners touching."""
        _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        return cls(np.asarray(labels, np.int32), np.asarray(stats, np.int32))

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
        inside = np.bincount(self.labels[mask], minlength=len(self.stats))
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
        self.labels = whole.astype(np.int32)[self.labels]
