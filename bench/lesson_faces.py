"""Faces that only lessons are drawn with (data/lesson_faces.csv): npm's, in no other split."""

from __future__ import annotations

import csv
import functools
from importlib import resources

from samples.faces import FaceInfo


@functools.cache
def extra_faces() -> dict[str, FaceInfo]:
    """All of them, by name."""
    table = resources.files("bench") / "data" / "lesson_faces.csv"
    with table.open(encoding="utf-8") as handle:
        return {row["name"]: FaceInfo(**row) for row in csv.DictReader(handle)}


def extra(*, hand: bool) -> list[str]:
    """The names of those that look written by hand, or of all others."""
    return [name for name, info in extra_faces().items() if info.hand == hand]
