"""What captions say of values: in tables, in fixed width, in letters; and what nothing says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from extractors.language.lay import lay
from extractors.language.reading import understand
from extractors.lines import Text, Word
from extractors.sighting import Position
from models.reading import Entity

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


def entities(block: str) -> list[Entity]:
    return understand(lay(typed(block)), 1).entities


def sure(block: str) -> dict[str, str]:
    """What counts of a page: values by text, with their label."""
    return {e.text: e.label for e in entities(block) if e.confidence >= 0.5}


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


def test_of_a_remittance_nothing_is_paid_but_what_was() -> None:
    found = [e for e in entities(REMITTANCE) if e.label == "paid" and e.confidence >= 0.5]
    assert {e.text for e in found} == {"102.74", "8.57", "111.31"}
    said = sure(REMITTANCE)
    assert said["HALVORSEN, INGRID"] == "patient"
    assert said["BW10442"] == "account_number"
    assert said["2026190334471"] == "claim_number"
    assert said["4TE8QK7MC21"] == "member_id"


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


def test_a_row_that_begins_a_column_later_keeps_its_own_captions() -> None:
    text = laid(
        """
        DOS           BILLED    ALLOWED       PAID       OWED
        01/20/26      388.00      71.12      68.12
        01/21/26                  71.12      68.12       3.00
        """
    )
    assert text.count("« ALLOWED » 71.12") == 2
    assert "« OWED » 3.00" in text


def test_a_table_under_another_has_its_own_captions() -> None:
    text = laid(
        """
        DOS          BILLED    ALLOWED       PAID
        01/20/26     388.00      71.12      68.12
                  MET          LEFT        LIMIT
                 388.00        10.00     1,500.00
        """
    )
    assert "« MET » 388.00" in text
    assert "« LIMIT » 1,500.00" in text


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


def test_every_patient_of_a_remittance_is_one() -> None:
    said = sure(
        """
        EXPLANATION OF BENEFITS
        PATIENT NAME         MEMBER ID        DOS            BILLED       PAID
        OKAFOR, DANIEL       TCB8840127       04/30/26       150.00      65.68
        TOTAL                                                150.00      65.68
        PELLETIER, MAE       TCB1193402       05/01/26       165.00      81.01
        TOTAL                                                165.00      81.01
        """
    )
    assert said["OKAFOR, DANIEL"] == said["PELLETIER, MAE"] == "patient"
    assert said["TCB1193402"] == "member_id"
    assert said["05/01/26"] == "date_of_service"


def test_a_patient_between_the_lines_of_a_table_is_one() -> None:
    said = sure(
        """
        REMITTANCE SUMMARY
        CLAIM BM26-88213     PATIENT OROZCO, PILAR     ID BMH4471120
        DATE       CODE    CHARGE   DISALLOW   ALLOWED    PAID
        09/10/26   92014   198.00      71.50    126.50   106.50
        CLAIM BM26-88240     PATIENT KESSLER, HUGO     ID BMH1029934
        09/11/26   66821   890.00     402.00    488.00   390.40
        """
    )
    names = {text for text, label in said.items() if label == "patient"}
    assert names == {"OROZCO, PILAR", "KESSLER, HUGO"}
    assert said["390.40"] == "paid"


def test_names_in_a_column_and_beside_their_caption_are_found_whole() -> None:
    said = sure(
        """
        EXPLANATION OF BENEFITS
        Patient       Amos Trevelyan
        PATIENT            INSURED ID     DOS          CHARGES   NOT COV   PAID
        ARCENEAUX LUC      GC7741029      02/20/26      220.00     93.15   101.48
        BROUSSARD ANNE     GC5510872      02/23/26      160.00     98.40    61.60
        """
    )
    assert (
        "patient" not in sure("OPERATIVE REPORT\nTHE PATIENT WAS TAKEN TO THE OPERATING").values()
    )
    names = {text for text, label in said.items() if label == "patient"}
    assert names == {"Amos Trevelyan", "ARCENEAUX LUC", "BROUSSARD ANNE"}
    assert "93.15" not in said


def test_amounts_in_running_text_are_guesses_unless_it_says_what_they_are() -> None:
    said = sure(
        """
        EXPLANATION OF BENEFITS
        Patient: Vera King
        You have met $350.00 of your $1,500.00 deductible for this year.
        We paid $132.48 to the doctor. Your part is $83.12.
        Contract discount    -$148.20
        """
    )
    assert said["132.48"] == "paid"
    assert said["83.12"] == "patient_responsibility"
    assert not {"350.00", "1,500.00", "148.20"} & said.keys()


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Date of service: 07/09/2026", True),
        ("Dates of service: 07/01/2026 - 07/09/2026", True),
        ("She was seen on 07/09/2026 by Dr. Ames.", True),
        ("07/09/2026", False),
        ("Your letter dated 07/09/2026 reached us.", False),
        ("Please answer by 07/09/2026.", False),
        ("The contract is in force since 07/09/2026.", False),
        ("Next visit: 07/09/2026", False),
    ],
)
def test_a_day_is_one_of_service_only_where_that_is_said(line: str, *, day: bool) -> None:
    page = f"Letter about a claim\nPatient: Vera King\nClaim number: EC569739\n{line}"
    assert (sure(page).get("07/09/2026") == "date_of_service") is day


def test_days_of_an_authorization_are_its_first_and_its_last() -> None:
    said = sure("Prior authorization\nApproved dates: 12/01/2025 - 02/28/2026")
    assert said["12/01/2025"] == "authorization_from"
    assert said["02/28/2026"] == "authorization_to"


def test_beside_a_patient_the_member_is_another() -> None:
    both = sure("EXPLANATION OF BENEFITS\nMember: Thomas Abernathy\nPatient: Lucy Abernathy")
    assert both.get("Lucy Abernathy") == "patient"
    assert "Thomas Abernathy" not in both
    (one,) = [e for e in entities("Request approved\nMember: Grace Umana") if e.label == "patient"]
    # the member may well be the patient, but nobody is blamed by that
    assert 0.5 <= one.confidence < 0.98


@pytest.mark.parametrize(
    ("line", "value", "label"),
    [
        ("Claim No.     900-4471-22", "900-4471-22", "claim_number"),
        ("Patient acct     LIA-60021", "LIA-60021", "account_number"),
        ("HCPCS codes: E1390, E0431", "E0431", "procedure"),
        ("1) Pneumonia, J18.9. 2) Fever", "J18.9", "diagnosis"),
        ("2210 ALDER STREET   BEMIDJI MN 56601", "56601", None),
        ("Boise, ID 83702", "83702", None),
        ("Patient: Mateo Solano DOB: 07/19/2017", "Mateo Solano", "patient"),
    ],
)
def test_behind_its_caption_a_value_is_what_that_says(
    line: str, value: str, label: str | None
) -> None:
    assert sure(f"Claim records\n{line}").get(value) == label


def test_a_misread_caption_still_says_what_a_value_is_but_nobody_is_blamed() -> None:
    page = "PROGRESS NOTE\nDate of vist   11/26/2025\nPatient account no.; H597432"
    found = {e.text: e for e in entities(page)}
    day, account = found["11/26/2025"], found["H597432"]
    assert (day.label, account.label) == ("date_of_service", "account_number")
    assert 0.5 <= day.confidence < 0.98


def _rows() -> Iterator[str]:
    yield "Billed       612.00     Deductible met     1,000.00"
    yield "Allowed      379.00     Out of pocket met  1,420.75"
    yield "Paid by plan  303.20"


def test_a_caption_beside_an_amount_counts_before_one_for_days_above() -> None:
    page = "\n".join(("EXPLANATION OF BENEFITS", "Provider     Date received", *_rows()))
    said = sure(page)
    assert (said["612.00"], said["379.00"], said["303.20"]) == ("billed", "allowed", "paid")
    assert "1,420.75" not in said
