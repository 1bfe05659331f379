"""Strips as other printers, pens and scanners might have made them: another way each time.

Strips are (strips, height, width), ink 1 and paper 0; all of a batch at once, on whatever device
they lie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it

Ink: TypeAlias = torch.Tensor

#: pixels: the widest blur's reach
_REACH = 4
#: pieces of a batch that are faxed or blurred, each in its own way
_PIECES = 4


def _some(strips: Ink, share: float) -> torch.Tensor:
    """Whether each strip is among a share of them, (strips, 1, 1)."""
    return torch.rand(len(strips), 1, 1, device=strips.device) < share


def _between(strips: Ink, low: float, high: float) -> torch.Tensor:
    """A number for each strip, (strips, 1, 1)."""
    return low + (high - low) * torch.rand(len(strips), 1, 1, device=strips.device)


def _smooth(strips: Ink, rows: int, apart: int, wide: int = 0) -> torch.Tensor:
    """A field that changes slowly, about between -2 and 2: (strips, height, `wide` or width)."""
    count, height, width = strips.shape
    width = wide or width
    coarse = torch.randn(count, 1, rows, width // apart + 2, device=strips.device)
    return F.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)[:, 0]


def bent(strips: Ink, wider: torch.Tensor, width: int) -> Ink:
    """Stretched, sloped, shifted, and bent smoothly, as no two letters of one hand are alike.

    Args:
        strips: the ink.
        wider: (strips,) how many times as wide each becomes.
        width: pixels that there is room for.
    """
    count, height, had = strips.shape
    device = strips.device
    y = torch.arange(height, device=device, dtype=torch.float32)[None, :, None]
    x = torch.arange(width, device=device, dtype=torch.float32)[None, None, :]
    middle = (height - 1) / 2
    plain = _some(strips, 0.3)
    shear = torch.randn(count, 1, 1, device=device) * 0.1
    down = torch.where(plain, torch.ones_like(shear), _between(strips, 0.86, 1.06))
    shift = torch.where(plain, torch.zeros_like(shear), torch.randn_like(shear))
    across = wider[:, None, None]
    column = (x + torch.where(plain, torch.zeros_like(shear), shear) * (y - middle)) / across
    row = (y - middle - shift) / down + middle
    far = _between(strips, 0.3, 1.3) * _some(strips, 0.4)
    column = column + far * _smooth(strips, 5, 12, width)
    row = row + far * _smooth(strips, 5, 12, width)
    wave = _between(strips, 20, 60)
    waved = _some(strips, 0.1)
    row = row + waved * _between(strips, 0.5, 2) * torch.sin(x / wave + _between(strips, 0, 6))
    column = column + waved * _between(strips, 0.5, 2) * torch.sin(y / 12 + _between(strips, 0, 6))
    grid = torch.stack((column * 2 / (had - 1) - 1, row * 2 / (height - 1) - 1), dim=-1)
    return F.grid_sample(strips[:, None], grid, mode="bilinear", align_corners=True)[:, 0]


def _blurred(strips: Ink) -> Ink:
    """Out of focus, by one sigma for all, 0.4 to 1.5 pixels."""
    sigma = 0.4 + 1.1 * float(torch.rand(()))
    at = torch.arange(-_REACH, _REACH + 1, device=strips.device, dtype=torch.float32)
    kernel = torch.exp(-(at**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    seen = F.conv2d(strips[:, None], kernel[None, None, :, None], padding=(_REACH, 0))
    return F.conv2d(seen, kernel[None, None, None, :], padding=(0, _REACH))[:, 0]


def _thicker(strips: Ink) -> Ink:
    """Strokes a pixel thicker."""
    return F.max_pool2d(F.pad(strips[:, None], (0, 1, 0, 1)), 2, 1)[:, 0]


def _thinner(strips: Ink) -> Ink:
    """Strokes a pixel thinner."""
    return -F.max_pool2d(F.pad(-strips[:, None], (0, 1, 0, 1)), 2, 1)[:, 0]


def _neighboured(strips: Ink) -> Ink:
    """With the ink of another strip that reaches in from above or below."""
    count, height, _ = strips.shape
    other = strips[torch.randperm(count, device=strips.device)]
    by = torch.randint(height * 3 // 4, height - 3, (count,), device=strips.device)
    by = torch.where(torch.rand(count, device=strips.device) < 0.5, by, -by)
    rows = torch.arange(height, device=strips.device)[None] + by[:, None]
    inside = ((rows >= 0) & (rows < height))[:, :, None]
    moved = torch.gather(
        other, 1, rows.clamp(0, height - 1)[:, :, None].expand(-1, -1, strips.shape[2])
    )
    return torch.maximum(strips, moved * inside)


def _ruled(strips: Ink, reach: torch.Tensor) -> Ink:
    """With what rules leave: part of a line across, of one down, dotted now and then."""
    _, height, width = strips.shape
    y = torch.arange(height, device=strips.device)[None, :, None]
    x = torch.arange(width, device=strips.device)[None, None, :]
    dark = _between(strips, 0.4, 1)
    dots = ~_some(strips, 0.4) | (((x + y) // 3) % 2 == 0)
    top = (_between(strips, 0, 1) * height).long()
    left = (_between(strips, -0.3, 0.9) * reach).long()
    right = left + (_between(strips, 4, 120)).long()
    across = (y >= top) & (y < top + 1 + (_between(strips, 0, 3)).long())
    across = across & (x >= left) & (x < right) & _some(strips, 0.12)
    at = (_between(strips, 0, 1) * reach).long()
    down = (x >= at) & (x < at + 1 + (_between(strips, 0, 3)).long()) & _some(strips, 0.1)
    upper = (_between(strips, -0.6, 0.7) * height).long()
    down = down & (y >= upper) & (y < upper + (_between(strips, 0.2, 1.2) * height).long())
    return torch.maximum(strips, ((across | down) & dots).float() * dark)


def _two_toned(strips: Ink) -> Ink:
    """In two tones, coarser by one resolution, with strokes that break or run together.

    Now and then with rows lost and repeated, as on a bad line.
    """
    _, height, width = strips.shape
    across, down = (0.35 + 0.5 * torch.rand(2)).tolist()
    size = (max(10, round(height * down)), max(8, round(width * across)))
    coarse = F.interpolate(strips[:, None], size, mode="area")[:, 0]
    fading = 1 + 0.25 * _smooth(coarse, 4, 10) * _some(coarse, 0.4)
    coarse = coarse * fading + torch.randn_like(coarse) * _between(coarse, 0.02, 0.18)
    dark = (coarse > _between(coarse, 0.22, 0.68)).float()
    if torch.rand(()) < 0.2:
        rows = torch.arange(size[0], device=strips.device)
        rows = rows + (torch.rand(size[0], device=strips.device) < 0.12).long()
        dark = dark[:, rows.clamp_max(size[0] - 1)]
    return F.interpolate(dark[:, None], (height, width), mode="bilinear")[:, 0]


def _pieces(strips: Ink, share: float, how: Callable[[Ink], Ink]) -> Ink:
    """A share of the batch as something makes it, a piece at a time: each piece another way."""
    chosen = torch.nonzero(_some(strips, share)[:, 0, 0])[:, 0]
    strips = strips.clone()
    for piece in chosen.chunk(_PIECES):
        if len(piece):
            strips[piece] = how(strips[piece])
    return strips


def _dusted(strips: Ink) -> Ink:
    """With specks of dirt, and specks of paper in the ink."""
    count, height, width = strips.shape
    coarse = torch.rand(count, 1, height // 2, width // 2, device=strips.device)
    worse = F.interpolate(coarse, (height, width), mode="nearest")[:, 0]
    fine = torch.rand_like(strips)
    dirt = torch.where(_some(strips, 0.5), worse, fine)
    strips = torch.maximum(strips, (dirt < _between(strips, 0, 0.02) * _some(strips, 0.12)).float())
    paper = torch.where(_some(strips, 0.5), fine, worse.roll(1, 0))
    return strips * (paper >= _between(strips, 0, 0.35) * _some(strips, 0.1)).float()


def worn(strips: Ink, reach: torch.Tensor) -> Ink:
    """Everything but the bending.

    Args:
        strips: the ink, bent.
        reach: pixels, (strips, 1, 1): how wide each is; beyond lies only what fills the batch.
    """
    strips = torch.where(_some(strips, 0.12), _neighboured(strips), strips)
    strips = torch.where(_some(strips, 0.13), _thicker(strips), strips)
    strips = torch.where(_some(strips, 0.1), _thinner(strips), strips)
    fading = (1 + 0.3 * _smooth(strips, 4, 16)).clamp(0.15, 1)
    strips = torch.where(_some(strips, 0.12), strips * fading, strips)
    strips = _ruled(strips, reach)
    strips = _pieces(strips, 0.25, _blurred)
    strips = _pieces(strips, 0.25, _two_toned)
    strips = _dusted(strips)
    strips = torch.where(_some(strips, 0.2), strips * _between(strips, 0.35, 1), strips)
    noise = torch.randn_like(strips) * _between(strips, 0.02, 0.12)
    strips = torch.where(_some(strips, 0.12), strips + noise, strips)
    x = torch.arange(strips.shape[2], device=strips.device)[None, None]
    return strips.clamp(0, 1) * (x < reach)
