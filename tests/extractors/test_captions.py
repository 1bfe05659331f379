"""What captions say of values: in tables, in fixed width, in letters; and what nothing says."""

from __future__ import annotations

import re

from extractors.language.lay import lay
from extractors.lines import Text, Word
from extractors.sighting import Position

#: pixels and inches that a character is wide; blanks that part two cells
_WIDE, _INCH, _GAP = 10, 0.1, 3


def typed(block: str) -> Text:
    """A page in fixed width, as if it had been read without a mistake."""
    words: list[Word] = []
    for row, line in enumerate(line for line in block.split("\n") if line.strip()):
        cell, last = 0, 0
        for found in re.finditer(r"\S+", line):
            start, stop = found.span()
            cell += bool(last) and start - last >= _GAP
            last = stop
            box = (start * _WIDE, row * 30, stop * _WIDE, row * 30 + 20)
            ink = tuple(
                Position(((c, 1.0),), i / len(found[0]), (i + 1) / len(found[0]))
                for i, c in enumerate(found[0])
            )
            words.append(Word(found[0], ink, box, row, cell, start * _INCH, stop * _INCH))
    return Text(tuple(words), 0)


def laid(block: str) -> str:
    return " ".join(token.text for token in lay(typed(block)))


REMITTANCE = """
REMITTANCE ADVICE                                  EXPLANATION OF BENEFITS
PERF PROV   SERV DATE    POS NOS PROC   BILLED  ALLOWED  DEDUCT   COINS  GRP/RC-AMT      PROV PD
NAME HALVORSEN, INGRID    HIC 4TE8QK7MC21   ACNT BW10442   ICN 2026190334471
1804553547  06/02/26      11  1  99214  212.00   128.43     0.00   25.69  CO-45    83.57  102.74
1804553547  06/02/26      11  1  36415   24.00     8.57     0.00    0.00  CO-45    15.43    8.57
PT RESP    25.69       CLAIM TOTALS   236.00   137.00     0.00   25.69           99.00  111.31
"""


def test_figures_in_fixed_width_each_have_the_caption_over_them() -> None:
    text = laid(REMITTANCE)
    for told in (
        "« PROC » 99214",
        "« DEDUCT » 0.00",
        "« COINS » 25.69",
        "« GRP/RC-AMT » CO-45",
        "« PROV PD » 102.74",
    ):
        assert told in text


def test_a_row_of_sums_that_is_off_has_the_captions_of_the_rows_above() -> None:
    text = laid(
        """
        DOS          CODE     BILLED    ALLOWED      COPAY       PAID
        01/20/26     99283    388.00      71.12       3.00      68.12
        CLAIM TOTAL       388.00      71.12       3.00      68.12
        """
    )
    assert text.count("« BILLED » 388.00") == 2
    assert text.count("« PAID » 68.12") == 2


def test_captions_in_two_lines_are_told_in_full() -> None:
    text = laid(
        """
        Service         Total        Not        Plan
        date           charge    covered        paid
        03/17/26     1,240.00       0.00      350.28
        Totals       1,240.00       0.00      350.28
        """
    )
    assert text.count("« Total charge » 1,240.00") == 2
    assert text.count("« Not covered » 0.00") == 2
    assert text.count("« Plan paid » 350.28") == 2
