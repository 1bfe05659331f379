"""What a paper says about the claim that it belongs to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

#: a value of an attachment that is less sure tells nothing about its claim
TELLING: Final = 0.5


@dataclass(frozen=True, slots=True)
class Clues:
    """Everything on a paper that may tell its claim; what it doesn't say stays empty.

    Spelling doesn't matter: identifiers are compared without blanks, hyphens and case.

    Attributes:
        control_numbers: of ours (`models.dcn`), or what may be one; from a bar code, a reply sheet
            or the text.
        account: the provider's own number for the patient (item 26, FL 3a).
        providers: NPIs and tax numbers of whoever may have billed.
        member: the insured's ID.
        first_day: of service.
        last_day: of service; None where there is only one.
        name: of the patient, in any order. It confirms or contradicts, and never finds.
    """

    control_numbers: tuple[str, ...] = ()
    account: str | None = None
    providers: tuple[str, ...] = ()
    member: str | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    name: str | None = None
