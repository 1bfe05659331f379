"""How the first reader's branches, each for itself, stand to what a field was read as.

They share their lower layers, but one was taught the print of claims, and the other to say what the
model said as it came: what both say is rarely wrong, and where one of them is sure of something
else, somebody should look.
"""

from __future__ import annotations

import math

from extractors.kinds.decode import Decoded, key_of
from extractors.kinds.table import kind_named
from extractors.sighting import Sighting

#: log-odds are told up to here, and are at least so much once a branch has an opinion
MOST = 10.0
_LEAST = 0.1
#: characters that a kind, not the ink, tells apart
_ALIKE = str.maketrans("OILSBZG", "0115826")


def _log_odds(probability: float) -> float:
    odds = math.log(max(probability, 1e-6) / max(1 - probability, 1e-6))
    return min(MOST, max(_LEAST, odds))


def _stands(decoded: Decoded, alone: Sighting) -> float:
    best, kind = decoded.candidates[0], kind_named(decoded.kind)
    mine, its = best.key, key_of(kind, alone.text)
    if best.swaps:
        mine, its = mine.translate(_ALIKE), its.translate(_ALIKE)
    sure = _log_odds(min((p.chars[0][1] for p in alone.positions if p.chars), default=0.0))
    return sure if mine == its else -sure


def stand(decoded: Decoded, sighting: Sighting) -> tuple[float, float]:
    """Log-odds by which the branches bear a reading out: of the one that does so less, and more.

    Each is between `-MOST` and `MOST`, below 0 where the branch reads otherwise; both are `MOST`
    for a reader that has no branches, and for what reads as nothing.
    """
    if not sighting.others or not decoded.candidates:
        return MOST, MOST
    said = [_stands(decoded, alone) for alone in sighting.others]
    return min(said), max(said)
