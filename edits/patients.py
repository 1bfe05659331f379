"""Whom a paper is about: one patient, or several, as a remittance that pays for many."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from models.clues import TELLING
from models.reading import Entity

#: how alike two words of names are that a misreading may have made of one
_ALIKE: Final = 0.75


def same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's, misread or not."""
    mine, theirs = _words(one), _words(other)
    if not mine or not theirs:
        return True
    shared = sum(bool(difflib.get_close_matches(word, theirs, 1, _ALIKE)) for word in mine)
    return shared >= min(2, len(mine), len(theirs))


def named(entities: Iterable[Entity]) -> list[str]:
    """The patients that a paper names and that count, each once."""
    found: list[str] = []
    for entity in entities:
        name = entity.value or ""
        if _names(entity) and not any(same_name(name, other) for other in found):
            found.append(name)
    return found


def part_of(name: str, entities: Sequence[Entity]) -> list[Entity]:
    """What a paper says of one patient: all, or what stands from that name to the next one's.

    Args:
        name: of the patient.
        entities: in the order of reading.
    """
    if len(named(entities)) < 2:  # noqa: PLR2004 - somebody and somebody else
        return list(entities)
    found, mine = [], False
    for entity in entities:
        if _names(entity):
            mine = same_name(entity.value or "", name)
        if mine:
            found.append(entity)
    return found


def _names(entity: Entity) -> bool:
    return entity.label == "patient" and bool(entity.value) and entity.confidence >= TELLING


def _words(name: str) -> list[str]:
    return re.findall(r"[A-Z0-9]{2,}", name.upper())
