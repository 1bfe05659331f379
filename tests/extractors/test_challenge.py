"""Two readers that see the same page, however badly one of them reads it, and two that do not."""

from __future__ import annotations

import random
import string

import pytest

from extractors.challenge import Said, challenge
from extractors.kinds.table import kind_for
from extractors.readers.watch import ReaderAmissError
from extractors.sighting import Position, Sighting
from models.page import Form


def _seen(text: str) -> Sighting:
    return Sighting("witness", tuple(Position(((c, 1.0),), n, n + 1) for n, c in enumerate(text)))


def _garbled(text: str, rng: random.Random) -> str:
    """A third of its characters are others, as on a fax of a hand that nobody taught a reader."""
    return "".join(rng.choice(string.digits) if rng.random() < 1 / 3 else c for c in text)


def _figures(rng: random.Random) -> str:
    return "".join(rng.choices(string.digits, k=9))


@pytest.mark.parametrize("seed", range(5))
def test_a_page_that_the_witness_reads_badly_is_the_same_page(seed: int) -> None:
    rng = random.Random(seed)
    kind = kind_for(Form.CMS1500, "26")
    sure: list[Said] = [(kind, _figures(rng)) for _ in range(3)]
    others: list[Said] = [(kind, _figures(rng)) for _ in range(20)]
    beside = [_seen(_figures(rng)) for _ in sure]
    with pytest.raises(ReaderAmissError):
        challenge(sure, beside)
    badly = [_seen(_garbled(text, rng)) for _, text in others]
    challenge(sure, [*beside, *badly], others)
    with pytest.raises(ReaderAmissError):
        challenge(sure, [*beside, *badly[1:], badly[0]], others)
