"""What is known of a reading beside its text: what its confidence is made from, and bounded by."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from extractors.kinds.decode import Decoded
from extractors.kinds.table import kind_named
from extractors.kinds.words import oddest
from forms.layout import WORDY

#: log-odds to the best other reading, under which a field counts as open
OPEN = 4.0
#: quality of registration under which the print may lie a row off
LIES = 0.45
#: what may be hidden, and what is read in two ways, is no surer than that
_HIDDEN = 0.5
_UNSETTLED = 0.95
#: log-odds by which the second way is no rival any more
_BEHIND = 6.0
#: and by which the next best way to part a run is none; words may part anywhere
_DRAWN, _DRAWN_WORDS = 1.0, 3.0
#: `stretch` under which print has twice the page's characters: each of them was printed twice
_TWICE = -0.5
#: inches: ink as high is a figure and a parenthesis in one
_BRACKETED = 0.15
#: share of a character's height: 401 of 403 made-up pages by hand are off by more, 780 of 789
#: in print by no more
_UNEVEN = 0.025
#: characters from which on a field tells how wide the page's print is; fields that tell it
_LONG = 3
_FEW = 5


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a reading besides its text. All defaults say nothing.

    Attributes:
        group: the contract's kind, `choice` for check boxes.
        margin: log-odds to the best other reading, 0 to 20.
        weakest: smallest probability that the reader gave a character, 0 to 1.
        log_ink: log-probability of all characters.
        length: characters.
        swaps: characters that are look-alikes of what the reader had.
        legal: the text has a shape of its kind.
        shape: log weight of that shape: 0 the usual print, below it the rarer the less.
        checks: log-odds of the kind's own checks.
        odd: how unlike a word the oddest word is (`kinds.words.oddest`); 0 where none stands.
        agreement: of the second reader: 1, -1, 0 where it was not asked; no input, but a ceiling.
        less, more: log-odds by which the first reader's branches bear the text out, each alone:
            of the one that does so less, and of the other (`extractors.branches`).
        unread: heights from a character that was read to ink that stands like one and was not
            (`extractors.readers.unread`).
        support: of other fields: 1, -1, 0.
        height: of the ink, inches.
        weight: mean darkness of the ink, 0 to 1.
        contact: share of the ink's outline that touches rules or captions.
        outside: share of the ink outside the field's box.
        resolution: pixels an inch.
        registration: quality, 0 to 1.
        settled: reading it with and without the rules gave the same.
        rival: log-odds to what the other of the two reads, 20 where that is the same; no input.
        border: the ink hugs the left or right edge of the field's box.
        eaten: right beside it, something as high was taken for the form's own print.
        lost: and that has the ink of a character, or one is part of other ink, or one beside it
            in its box is none of it; no input, but a ceiling.
        cut: the ink runs into the edge of the paper or a dark patch.
        solid: of a page of two tones, the share of its print, holes closed, that a threshold
            left, 0 to 1.
        uneven: how far the page's characters stand off their line, as a share of their height:
            hardly in print, always where a hand wrote.
        alike: a character that this hand writes like another (`extractors.habits`); no input, but
            a ceiling.
        over: what stands right after it makes no sense there: the print may go on in it; no
            input, but a ceiling.
        parted: of ink that was one run with that of a field beside it, the log-odds of where it
            was parted to the next best place, 0 to 20.
        rule_gap: inches to the next upright ruling line, 0.2 or less.
        ink_gap: inches to the next ink of another field, 0.2 or less.
        advance: inches of ink a character; no input, but what `stretch` is made from.
        stretch: log of that to the page's own: what is read with too few characters is wide.
        lines: lines of print.
        ruled: the scan shows the form's ruling lines.
        ub: the form is a UB-04.
        open_around: share of the page's other fields whose margin is under `OPEN`.
        illegal_around: share of the page's other fields that have no shape of their kind.
        partner: of ink that was one run with that of fields beside it, how surely theirs is read:
            the smallest probability of a character there, 0 where it has no shape of its kind.
    """

    group: str
    margin: float = 20.0
    weakest: float = 1.0
    log_ink: float = 0.0
    length: int = 1
    swaps: int = 0
    legal: bool = True
    shape: float = 0.0
    checks: float = 0.0
    odd: float = 0.0
    agreement: float = 0.0
    less: float = 10.0
    more: float = 10.0
    unread: float = 0.0
    support: int = 0
    height: float = 0.11
    weight: float = 0.8
    contact: float = 0.0
    outside: float = 0.0
    resolution: float = 300.0
    registration: float = 1.0
    settled: bool = True
    rival: float = 20.0
    border: bool = False
    eaten: bool = False
    lost: bool = False
    cut: bool = False
    solid: float = 1.0
    uneven: float = 0.0
    alike: bool = False
    over: bool = False
    parted: float = 20.0
    rule_gap: float = 0.2
    ink_gap: float = 0.2
    advance: float = 0.1
    stretch: float = 0.0
    lines: int = 1
    ruled: bool = True
    ub: bool = False
    open_around: float = 0.15
    illegal_around: float = 0.03
    partner: float = 1.0

    @classmethod
    def of(cls, decoded: Decoded, group: str, support: int = 0) -> Features:
        """The part that the decode and the evidence know; `dataclasses.replace` adds the ink's."""
        best = decoded.candidates[0] if decoded.candidates else None
        return cls(
            group=group,
            margin=decoded.margin,
            weakest=best.weakest if best else 0.0,
            log_ink=best.log_ink if best else 0.0,
            length=len(decoded.text),
            swaps=best.swaps if best else 0,
            legal=decoded.legal,
            shape=best.shape if best else 0.0,
            checks=best.checks if best else 0.0,
            odd=_odd(decoded, group),
            agreement=decoded.agreement,
            support=support,
        )

    def json(self) -> dict[str, Any]:
        """For `bench.calibrate`; holds nothing of what is printed but its length."""
        return dataclasses.asdict(self)

    def vector(self) -> list[float]:
        """The inputs of the model, in the order of `NAMES`."""
        return [float(getattr(self, name)) for name in NAMES]


_NO_INPUTS = {"group", "agreement", "advance", "over", "lost", "alike", "rival"}
NAMES = tuple(f.name for f in dataclasses.fields(Features) if f.name not in _NO_INPUTS)


def _odd(decoded: Decoded, group: str) -> float:
    if not kind_named(decoded.kind).words:
        return 0.0
    return oddest(decoded.text, initials=group in {"name", "signature"})


def among_page(fields: Mapping[str, Features]) -> dict[str, Features]:
    """The fields of a page, each told how the others were read: one ribbon, one scanner."""
    others = max(len(fields) - 1, 1)
    unsure = sum(f.margin < OPEN for f in fields.values())
    illegal = sum(not f.legal for f in fields.values())
    advances = sorted(f.advance for f in fields.values() if f.length >= _LONG)
    usual = statistics.median(advances) if len(advances) >= _FEW else 0.0
    return {
        name: dataclasses.replace(
            f,
            open_around=(unsure - (f.margin < OPEN)) / others,
            illegal_around=(illegal - (not f.legal)) / others,
            stretch=_stretch(f.advance, usual),
        )
        for name, f in fields.items()
    }


def _stretch(advance: float, usual: float) -> float:
    if min(advance, usual) <= 0:
        return 0.0
    return min(max(math.log(advance / usual), -2.0), 2.0)


def by_hand(features: Features) -> bool:
    """Whether the page's characters stand as far off their line as no printer's do."""
    return features.uneven > _UNEVEN


def drawn(features: Features) -> bool:
    """Whether the run that a field was parted from may as well part elsewhere."""
    return features.parted < (_DRAWN_WORDS if features.group in WORDY else _DRAWN)


def ceiling(features: Features) -> float:
    """What the confidence of a field may at most be, however clearly it is read.

    A row that may be the one above, ink that goes on beyond the edge, in the next box or in what
    was taken for a caption, characters that stand closer than the page's, one that reads otherwise
    when the rule is left in, one that this hand writes like another: nothing but the paper can
    settle these.
    """
    # of an NPI whose check digit is right no figure is hidden
    whole = features.group == "npi" and features.checks > 0
    twice = features.stretch < _TWICE and features.length >= _LONG
    hidden = features.over or ((features.cut or features.lost or twice) and not whole)
    if features.registration < LIES or hidden:
        return _HIDDEN
    # a figure that runs into one of the form's parentheses looks like another
    bracketed = features.group == "phone" and features.height > _BRACKETED
    disputed = features.agreement <= 0 and features.less < 0
    unsettled = not features.settled and features.rival < _BEHIND and features.support <= 0
    # what the form repeats, the hand writes alike again
    alike = features.alike and not whole
    if unsettled or alike or drawn(features) or (bracketed and disputed):
        return _UNSETTLED
    return 1.0
