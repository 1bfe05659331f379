"""Is the first reader in its right mind? A few strips that it is sure of, seen by the witness.

Where it is sure, the witness is asked for nothing, so that one that is surely wrong would pass: a
damaged model, strips mixed up. The witness misreads faces that it doesn't know, but then what it
reads is neither a date nor an NPI, or differs by a character or two.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Final

from extractors.kinds.decode import read
from extractors.kinds.table import Kind
from extractors.readers.watch import ReaderAmissError
from extractors.sighting import Sighting

#: strips shown to both, and characters that they have at least
_SHOWN: Final = 6
_LONG: Final = 4
#: readings of the witness that have a shape of their field, before they are evidence
_FEWEST: Final = 3
#: share of them that has next to nothing in common with what the first reader says
_MOSTLY: Final = 0.5
_LIKE: Final = 0.6
#: what they have more in common on the same strips than on others of the kind, where they read
#: one page; strips that tell
_MORE: Final = 0.15
_MANY: Final = 12
#: what a witness takes for what, in faces that it doesn't know
_FOLDED: Final = str.maketrans("OQD@ILSBGZ", "0000115862")

Said = tuple[Kind, str]


def sample(sure: Sequence[Said]) -> list[int]:
    """Which of the readings that the first reader is sure of are shown to the witness too."""
    telling = [i for i, (kind, text) in enumerate(sure) if not kind.anything and len(text) >= _LONG]
    step = max(1, len(telling) // _SHOWN)
    return telling[::step][:_SHOWN]


def challenge(said: Sequence[Said], seen: Sequence[Sighting], also: Sequence[Said] = ()) -> None:
    """Compare what the first reader says of some strips with what the witness sees on them.

    A witness that sees the same on all of them is out of its mind itself.

    Args:
        said: of some strips that the first reader is sure of.
        seen: on them by the witness, perhaps with more strips after them.
        also: what the first reader said of those.

    Raises:
        ReaderAmissError: they mostly have nothing in common, though both have the right shape,
            nor do they agree on most others, or more than on others' neighbours.
    """
    others = zip(also, seen[len(said) :], strict=True)
    told = [(kind, a, b.text) for (kind, a), b in others if len(a) >= _LONG and b.positions]
    same = [_likeness(a, b) == 1 for _, a, b in told]
    # what a claim repeats is the same on strips that were mixed up, too
    if sum(same) >= _FEWEST and sum(same) >= _MOSTLY * len(same):
        return
    if _in_step(told):
        return
    seen = seen[: len(said)]
    if len({sighting.text for sighting in seen if sighting.positions}) == 1:
        return
    alike = [
        _likeness(text, decoded.text)
        for (kind, text), sighting in zip(said, seen, strict=True)
        if sighting.positions and (decoded := read(kind, sighting)).legal
    ]
    if len(alike) >= _FEWEST and sum(a < _LIKE for a in alike) > _MOSTLY * len(alike):
        raise ReaderAmissError("The two readers see different pages.")


def _in_step(told: Sequence[tuple[Kind, str, str]]) -> bool:
    """Whether readings have more in common strip by strip than each with the next of its kind.

    A hand or a fax that the witness reads badly is read so strip by strip; strips mixed up are not.
    """
    kinds: dict[str, list[tuple[str, str]]] = {}
    for kind, one, other in told:
        kinds.setdefault(kind.name, []).append((one, other))
    groups = [group for group in kinds.values() if len(group) > 1]
    many = sum(map(len, groups))
    if many < _MANY:
        return False

    def shared(by: int) -> float:
        pairs = ((a, g[(i + by) % len(g)][1]) for g in groups for i, (a, _) in enumerate(g))
        return sum(_likeness(one, other) for one, other in pairs) / many

    return shared(0) > _MORE + max(shared(1), shared(-1))


def _likeness(one: str, other: str) -> float:
    """Share of the characters that two texts have in common, in order, 0 to 1."""
    a, b = (re.sub(r"[^0-9A-Z]", "", text.upper().translate(_FOLDED)) for text in (one, other))
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
