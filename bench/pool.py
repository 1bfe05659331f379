"""What a network learns from: strips on its device, drawn in batches of like width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from bench.strips import Strips
from extractors.readers.recogniser import HEIGHT

#: pixels: strips of a batch are no wider than one of these
_WIDTHS = (64, 96, 128, 160, 192, 224, 256, 320, 384, 512, 704, 960)
#: columns of pixels in a batch, and strips at most
_COLUMNS, _MOST = 140_000, 1536


class _Growing:
    """Numbers one after the other, with room for more."""

    def __init__(self, kind: type) -> None:
        self._room: NDArray[Any] = np.empty(1024, kind)
        self.count = 0

    def add(self, more: NDArray[Any]) -> None:
        """Behind those that are there."""
        wanted = self.count + len(more)
        if wanted > len(self._room):
            self._room = np.resize(self._room, 2 * wanted)
        self._room[self.count : wanted] = more
        self.count = wanted

    def __getitem__(self, at: NDArray[np.int64]) -> NDArray[Any]:
        return self._room[at]


class Pool:
    """Strips on the device, by width."""

    def __init__(self, columns: int, device: str) -> None:
        self._columns = torch.empty(columns, HEIGHT, dtype=torch.uint8, device=device)
        self._used = 0
        #: of each strip, where its columns and its codes begin, and how many there are
        self._at, self._wide = _Growing(np.int64), _Growing(np.int32)
        self._first, self._long = _Growing(np.int64), _Growing(np.int32)
        self._codes = _Growing(np.uint8)
        self._alike = {width: _Growing(np.int64) for width in _WIDTHS}

    def __len__(self) -> int:
        return sum(each.count for each in self._alike.values())

    def add(self, strips: Strips) -> None:
        """Those that are no wider than any batch; none once there is no room."""
        count = len(strips.columns)
        if self._used + count > len(self._columns):
            return
        self._columns[self._used : self._used + count] = torch.from_numpy(strips.columns)
        rooms = np.searchsorted(_WIDTHS, strips.widths)
        for room, width in enumerate(_WIDTHS):
            self._alike[width].add(self._at.count + np.flatnonzero(rooms == room))
        self._at.add(self._used + np.cumsum(strips.widths) - strips.widths)
        self._wide.add(strips.widths)
        self._first.add(self._codes.count + np.cumsum(strips.lengths) - strips.lengths)
        self._long.add(strips.lengths)
        self._codes.add(strips.codes)
        self._used += count

    def batch(self, chance: np.random.Generator) -> Batch:
        """Strips of like width."""
        counts = np.array([each.count * width for width, each in self._alike.items()], float)
        width = int(chance.choice(_WIDTHS, p=counts / counts.sum()))
        most = max(8, min(_MOST, _COLUMNS // width))
        alike = self._alike[width]
        chosen = alike[chance.integers(0, alike.count, most)]
        device = self._columns.device
        at = torch.from_numpy(self._at[chosen]).to(device)
        wide = torch.from_numpy(self._wide[chosen]).to(device)
        step = torch.arange(width, device=device)
        inside = step[None] < wide[:, None]
        columns = self._columns[at[:, None] + torch.where(inside, step[None], 0)]
        ink = (255 - columns.float()) / 255 * inside[:, :, None]
        lengths = self._long[chosen]
        begins = np.cumsum(lengths) - lengths
        among = np.arange(int(lengths.sum())) + np.repeat(self._first[chosen] - begins, lengths)
        codes = torch.from_numpy(self._codes[among].astype(np.int64)).to(device)
        return Batch(ink.transpose(1, 2).contiguous(), wide, codes, torch.from_numpy(lengths))


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Strips of a step.

    Attributes:
        ink: (strips, 48, width), ink 1 and paper 0.
        wide: (strips,) how wide each is.
        codes: what they say, one after the other.
        lengths: how many characters each says; not on the device.
    """

    ink: torch.Tensor
    wide: torch.Tensor
    codes: torch.Tensor
    lengths: torch.Tensor
