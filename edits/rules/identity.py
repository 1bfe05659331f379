"""Who the patient and the insured are."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from codes import mbi
from edits import about, printed
from edits.registry import Case, Hit, claim, each
from models.claim import Name
from models.page import Form

_P: Final = (Form.CMS1500,)
_I: Final = (Form.UB04,)
#: UB-04 FL59, as the 837 has them: spouse, self, child, employee, unknown, donors, partner, other
_RELATIONSHIPS: Final = frozenset({"01", "18", "19", "20", "21", "39", "40", "53", "G8"})
_SAME: Final = re.compile(r"(SAME|SELF|PATIENT)\.?|SAME AS\b.*")
_NAME: Final = re.compile(r"[^\W\d_][^\d_]*")
_SEXES: Final = frozenset({"M", "F", "U"})


def complete(name: Name | None) -> bool:
    """Whether last and first name are both there; of a name that can't be parted, two words."""
    if name is None:
        return False
    if name.last or name.first:
        return bool(name.last and name.first)
    return len(name.text.replace(",", " ").split()) > 1


def _letters(text: str | None) -> str:
    """Letters of a name: hyphens, blanks and accents are written differently by everybody."""
    return re.sub(r"[^A-Z]", "", unicodedata.normalize("NFKD", text or ""))


def _alike(one: Name, other: Name) -> bool:
    """Whether two names may be one person's.

    An initial may be any name that it begins; of a name that can't be parted, the words of the
    shorter one, initials left out, have to be the other's too.
    """
    if one.last and other.last:
        first, second = sorted((_letters(one.first), _letters(other.first)), key=len)
        given = second.startswith(first) if len(first) == 1 else first == second
        return given and _letters(one.last) == _letters(other.last)
    few, many = sorted((set(re.findall(r"\w{2,}", each.text)) for each in (one, other)), key=len)
    return few <= many


@claim("I001", forms=_P)
def coverage_type(case: Case) -> Hit | None:
    """No box of item 1 is marked, or more than one is."""
    if not case.paper.has("1"):
        return Hit(("1",))
    return None if case.paper.value("1") else Hit(("1",), "several")


@claim("I002", forms=_P)
def member_id(case: Case) -> Hit | None:
    """Item 1a is blank."""
    return None if case.paper.has("1a") else Hit(("1a",))


@claim("I003", forms=_P)
def medicare_id(case: Case) -> Hit | None:
    """Item 1 says Medicare, and item 1a has not the shape of an MBI."""
    if not case.paper.has("1a") or not about.medicare(case):
        return None
    return None if mbi.valid(case.paper.value("1a") or "") else Hit(("1a",))


@claim("I004", forms=_P)
def member_id_signs(case: Case) -> Hit | None:
    """Item 1a has blanks or punctuation in it.

    How sure an identifier is says nothing of its blanks: only a person can tell, and nobody has to.
    """
    text = case.paper.text("1a")
    if re.search(r"[^0-9A-Z ]", text) or (" " in text and case.paper.by_person("1a")):
        return Hit(("1a",))
    return Hit(("1a",), "blank", sure=False) if " " in text else None


@each("I007", lambda _case: printed.PAYER_LINES, forms=_I)
def unique_id(case: Case, line: str) -> Hit | None:
    """FL60 is blank on line A, or on another line that names a payer."""
    if case.paper.has(f"60{line}"):
        return None
    if line == "A":
        return Hit(("60A",))
    return Hit((f"60{line}",), "other") if case.paper.has(f"50{line}") else None


@claim("I008", forms=_P)
def patient_name(case: Case) -> Hit | None:
    """Item 2 is blank or lacks the last or the first name."""
    if not case.paper.has("2"):
        return Hit(("2",))
    return None if complete(printed.name(case.paper.text("2"))) else Hit(("2",), "part")


@claim("I009", forms=_I)
def patient_name_ub(case: Case) -> Hit | None:
    """FL8b is blank or lacks the last or the first name."""
    if not case.paper.has("8b"):
        return Hit(("8b",))
    return None if complete(printed.name(case.paper.text("8b"))) else Hit(("8b",), "part")


def _names(case: Case) -> list[str]:
    return ["2", "4"] if about.is_1500(case) else ["8b", *(f"58{line}" for line in "ABC")]


@each("I010", _names)
def name_signs(case: Case, field: str) -> Hit | None:
    """A name has figures in it, or does not start with a letter."""
    text = case.paper.text(field)
    return None if not text or _NAME.fullmatch(text) else Hit((field,))


@claim("I011")
def birth_date(case: Case) -> Hit | None:
    """The patient's birth date is missing, or no day of the calendar."""
    field = about.birth_field(case)
    if not case.paper.has(field):
        return Hit((field,), "missing")
    return None if case.paper.date(field) else Hit((field,))


@claim("I012")
def born_after_service(case: Case) -> Hit | None:
    """The patient's birth date is later than the first day of service."""
    field = about.birth_field(case)
    born, first = case.paper.date(field), about.first_day(case)
    return Hit((field,)) if born and first and born > first else None


@claim("I013")
def too_old(case: Case) -> Hit | None:
    """The patient is older than the profile's `oldest_patient` on the first day of service."""
    field = about.birth_field(case)
    oldest = case.context.profile.options.oldest_patient
    years = about.age(case, about.first_day(case) or case.context.day)
    hit = Hit((field,), details=(("oldest", str(oldest)),))
    return hit if years is not None and years > oldest else None


@claim("I014", forms=_P)
def both_sexes(case: Case) -> Hit | None:
    """Both boxes of the patient's sex are marked in item 3."""
    there = case.paper.has("3.sex")
    return Hit(("3.sex",)) if there and not case.paper.value("3.sex") else None


@claim("I015", forms=_I)
def sex_code(case: Case) -> Hit | None:
    """FL11 is not M, F or U."""
    return None if case.paper.value("11") in _SEXES else Hit(("11",))


@claim("I016", forms=_P)
def insured_of_dependent(case: Case) -> Hit | None:
    """Item 6 says that the patient is not the insured, and item 4 or 7 is blank."""
    if not about.dependent(case):
        return None
    groups = (("4",), ("7.street", "7.city", "7.state", "7.zip"))
    missing = tuple(group[0] for group in groups if not case.paper.has(*group))
    return Hit(missing) if missing else None


@claim("I017", forms=_P)
def relationship(case: Case) -> Hit | None:
    """Item 4 names an insured, and no box of item 6 is marked, or several are."""
    if case.paper.value("6"):
        return None
    return Hit(("6",)) if case.paper.has("4") else None


@each("I034", lambda _case: printed.PAYER_LINES, forms=_I)
def insured_name(case: Case, line: str) -> Hit | None:
    """FL58 is blank on line A, or on another line that gives an insured's ID."""
    if case.paper.has(f"58{line}"):
        return None
    return Hit((f"58{line}",)) if line == "A" or case.paper.has(f"60{line}") else None


@each("I018", lambda _case: printed.PAYER_LINES, forms=_I)
def relationship_code(case: Case, line: str) -> Hit | None:
    """FL59 is blank or no relationship, on line A or another line that names an insured."""
    field = f"59{line}"
    if case.paper.has(field):
        return None if case.paper.value(field) in _RELATIONSHIPS else Hit((field,))
    return Hit((field,), "missing") if line == "A" or case.paper.has(f"58{line}") else None


@claim("I019", forms=_P)
def self_is_another(case: Case) -> Hit | None:
    """Item 6 says self, and item 4 has another last or first name than item 2."""
    if case.paper.value("6") != "self":
        return None
    insured = case.paper.text("4")
    if not insured or _SAME.fullmatch(insured):
        return None
    one, other = printed.name(case.paper.text("2")), printed.name(insured)
    if one is None or other is None or not (complete(one) and complete(other)):
        return None
    return None if _alike(one, other) else Hit(("4", "6"))


@claim("I024", forms=_P)
def insured_birth_date(case: Case) -> Hit | None:
    """The insured's birth date is no date, or is missing while the patient is not the insured."""
    if case.paper.has("11a.birth_date"):
        return None if case.paper.date("11a.birth_date") else Hit(("11a.birth_date",))
    return Hit(("11a.birth_date",), "missing") if about.dependent(case) else None


@claim("I025", forms=_P)
def medicare_policy(case: Case) -> Hit | None:
    """Item 1 says Medicare, and item 11 is blank: neither NONE nor a policy number."""
    return Hit(("11",)) if not case.paper.has("11") and about.medicare(case) else None


@claim("I026", forms=_P)
def other_plan(case: Case) -> Hit | None:
    """Item 11d says that there is another plan, and item 9, 9a or 9d is blank."""
    if case.paper.value("11d") != "yes":
        return None
    missing = tuple(field for field in ("9", "9a", "9d") if not case.paper.has(field))
    return Hit(missing) if missing else None


@claim("I027", needs=("attachments",))
def explanation_of_benefits(case: Case) -> Hit | None:
    """Another payer has paid or goes before, and its explanation of benefits did not come.

    On a CMS-1500: Medicare with a policy number in item 11, or another plan and an amount paid.
    On a UB-04: a prior payment on a line above the last payer's.
    """
    if "eob" in (case.context.attachments or ()):
        return None
    paper = case.paper
    if about.is_1500(case):
        before = about.medicare(case) and paper.has("11") and paper.text("11") != "NONE"
        (amount,) = about.paid_fields(case)
        paid = paper.value("11d") == "yes" and (paper.number(amount) or 0) > 0
        return Hit(("11",) if before else (amount,)) if before or paid else None
    for line, after in (("A", "B"), ("B", "C")):
        if (paper.number(f"54{line}") or 0) > 0 and paper.has(f"50{after}"):
            return Hit((f"54{line}",))
    return None


@claim("I028", forms=_P)
def patient_signature(case: Case) -> Hit | None:
    """Item 12 is neither signed nor says that a signature is on file."""
    return None if case.paper.has("12.signature") else Hit(("12.signature",))


@claim("I029", forms=_P)
def assignment_signature(case: Case) -> Hit | None:
    """The provider accepts assignment in item 27, and item 13 is blank."""
    if case.paper.has("13.signature"):
        return None
    return Hit(("13.signature",)) if case.paper.value("27") == "yes" else None


def _indicator(case: Case, field: str, line: str, codes: frozenset[str]) -> Hit | None:
    """A one-letter indicator of a payer's line."""
    if case.paper.has(field):
        return None if case.paper.value(field) in codes else Hit((field,))
    return Hit((field,), "missing") if case.paper.has(f"50{line}", f"51{line}") else None


@each("I030", lambda _case: printed.PAYER_LINES, forms=_I)
def release(case: Case, line: str) -> Hit | None:
    """FL52 is not Y or I on the line of a payer."""
    return _indicator(case, f"52{line}", line, frozenset("YI"))


@each("I031", lambda _case: printed.PAYER_LINES, forms=_I)
def assignment(case: Case, line: str) -> Hit | None:
    """FL53 is not Y, N or W on the line of a payer."""
    return _indicator(case, f"53{line}", line, frozenset("YNW"))


@claim("I032")
def account_number(case: Case) -> Hit | None:
    """The provider's own number for the patient is missing."""
    field = about.account_field(case)
    return None if case.paper.has(field) else Hit((field,))
