"""Charts as SVG, drawn here: no script, no inline style, colours by class, a text for each bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

_WIDTH: Final = 560
_HEIGHT: Final = 180
_LEFT: Final = 40
_BOTTOM: Final = 22
_MOST_LABELS: Final = 8


def bars(title: str, points: Sequence[tuple[str, float]], unit: str = "") -> Markup:
    """Upright bars: days, weeks, ages.

    Args:
        title: what it shows, for those who can't see it.
        points: label and height of each.
        unit: after each figure.
    """
    top = max((value for _, value in points), default=0.0) or 1.0
    step = (_WIDTH - _LEFT) / max(1, len(points))
    every = max(1, -(-len(points) // _MOST_LABELS))
    parts = [_axis(top, unit)]
    for number, (label, value) in enumerate(points):
        x = _LEFT + number * step
        height = (_HEIGHT - _BOTTOM - 12) * value / top
        y = _HEIGHT - _BOTTOM - height
        parts.append(
            f'<rect class="bar-of" x="{x + step * 0.12:.1f}" y="{y:.1f}" '
            f'width="{step * 0.76:.1f}" height="{height:.1f}">'
            f"<title>{escape(label)}: {value:g}{escape(unit)}</title></rect>"
        )
        if number % every == 0:
            parts.append(
                f'<text x="{x + step / 2:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">'
                f"{escape(label)}</text>"
            )
    return _svg(title, parts, _HEIGHT)


def lying(title: str, points: Sequence[tuple[str, float]]) -> Markup:
    """Lying bars with their names: rules, providers."""
    top = max((value for _, value in points), default=0.0) or 1.0
    row, left = 22, 200
    parts = []
    for number, (label, value) in enumerate(points):
        y = number * row
        width = (_WIDTH - left - 44) * value / top
        parts.append(
            f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(label[:30])}</text>'
            f'<rect class="bar-of" x="{left}" y="{y + 3}" width="{width:.1f}" height="{row - 7}">'
            f"<title>{escape(label)}: {value:g}</title></rect>"
            f'<text x="{left + width + 6:.1f}" y="{y + 15}">{value:g}</text>'
        )
    return _svg(title, parts, max(row, row * len(points)))


def _axis(top: float, unit: str) -> str:
    base = _HEIGHT - _BOTTOM
    return (
        f'<line class="axis" x1="{_LEFT}" y1="{base}" x2="{_WIDTH}" y2="{base}"/>'
        f'<line class="axis faint" x1="{_LEFT}" y1="12" x2="{_WIDTH}" y2="12"/>'
        f'<text x="{_LEFT - 6}" y="16" text-anchor="end">{top:g}{escape(unit)}</text>'
        f'<text x="{_LEFT - 6}" y="{base + 4}" text-anchor="end">0</text>'
    )


def _svg(title: str, parts: Sequence[str], height: int) -> Markup:
    return Markup(  # noqa: S704 - every text in it is escaped above
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
