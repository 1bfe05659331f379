"""Codes for made-up claims: diagnoses from the ICD-10-CM package, all others by their shape.

No procedure code tables are shipped: procedures only look like HCPCS codes.
"""

from __future__ import annotations

import functools
import random

POINTERS = "ABCDEFGHIJKL"
MODIFIERS = (
    "22", "24", "25", "26", "50", "52", "57", "59", "76", "77", "90", "95", "AS", "GA", "GP", "GY",
    "KX", "LT", "QW", "RT", "TC", "XE", "XS", "XU",
)  # fmt: skip
#: of these, only one can stand on a line
_PAIRS = {"LT": "RT", "26": "TC"}
#: HIPAA taxonomy shapes, ten characters
TAXONOMIES = ("207Q00000X", "208D00000X", "363L00000X", "282N00000X", "261QM1300X", "273Y00000X")
PLACES = ["11", "11", "11", "11", "02", "10", "12", "21", "22", "23", "24", "31", "81"]
#: a few revenue codes with our own short words
REVENUE = (
    ("0110", "PRIVATE ROOM"),
    ("0120", "SEMI-PRIVATE ROOM"),
    ("0200", "INTENSIVE CARE"),
    ("0250", "PHARMACY"),
    ("0258", "IV FLUIDS"),
    ("0270", "SUPPLIES"),
    ("0300", "LAB"),
    ("0301", "LAB CHEMISTRY"),
    ("0305", "LAB HEMATOLOGY"),
    ("0306", "LAB MICROBIOLOGY"),
    ("0320", "X-RAY DIAGNOSTIC"),
    ("0350", "CT SCAN"),
    ("0360", "OPERATING ROOM"),
    ("0370", "ANESTHESIA"),
    ("0402", "ULTRASOUND"),
    ("0410", "RESPIRATORY"),
    ("0420", "PHYSICAL THERAPY"),
    ("0430", "OCCUPATIONAL THERAPY"),
    ("0450", "EMERGENCY ROOM"),
    ("0460", "LUNG FUNCTION"),
    ("0510", "CLINIC VISIT"),
    ("0610", "MRI"),
    ("0636", "DRUGS, DETAILED CODING"),
    ("0710", "RECOVERY ROOM"),
    ("0730", "EKG"),
    ("0762", "OBSERVATION HOURS"),
)
#: revenue codes of room and board: the rate stands in FL44
ROOMS = frozenset({"0110", "0120", "0200"})
#: by sex, where chapters begin that it cannot have: the other one's organs, births; newborns
#: either, as people here are older
_NOT: dict[str, tuple[str, ...]] = {
    "F": ("C60", "C61", "C62", "C63", "D074", "D075", "D076", "D29", "D40", "E29", "N4", "N50",
          "N51", "N52", "N53", "P", "R972", "S312", "S313", "S3822", "S384", "Z125", "O", "Z37"),
    "M": ("C51", "C52", "C53", "C54", "C55", "C56", "C57", "C58", "D06", "D070", "D071", "D072",
          "D073", "D25", "D26", "D27", "D28", "D39", "E28", "N7", "N8", "N90", "N91", "N92", "N93",
          "N94", "N95", "N96", "N97", "N98", "O", "P", "R87", "S314", "S374", "S375", "S376",
          "T833", "Z3", "Z01"),
}  # fmt: skip
_PCS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@functools.cache
def _leaves() -> tuple[str, ...]:
    """Every billable ICD-10-CM code, without its point."""
    import simple_icd_10_cm as icd  # noqa: PLC0415 - takes two seconds, and only claims need it

    return tuple(c for c in icd.get_all_codes(with_dots=False) if icd.is_leaf(c))


@functools.cache
def _common() -> tuple[str, ...]:
    """Billable codes of illnesses: no external causes (V00-Y99), few injuries."""
    return tuple(c for c in _leaves() if c[0] not in "STVWXYUOPZQ")


@functools.cache
def _external() -> tuple[str, ...]:
    return tuple(c for c in _leaves() if c[0] in "VWXY")


def diagnoses(rng: random.Random, count: int, sex: str) -> list[str]:
    """`count` different billable codes that `sex` can have; the first is no external cause."""
    codes: list[str] = []
    while len(codes) < count:
        pool = _leaves() if codes and rng.random() < 0.35 else _common()
        code = rng.choice(pool)
        if code not in codes and not code.startswith(_NOT[sex]):
            codes.append(code)
    return codes


def external_cause(rng: random.Random) -> str:
    """A billable code of V00-Y99."""
    return rng.choice(_external())


def dotted(code: str) -> str:
    """An ICD-10-CM code with its point."""
    return code if len(code) <= 3 else f"{code[:3]}.{code[3:]}"


def procedure(rng: random.Random) -> str:
    """Something with the shape of a HCPCS code: five digits, or a letter and four."""
    if rng.random() < 0.7:
        return f"{rng.randint(10004, 99607)}"
    return f"{rng.choice('AEGJLQ')}{rng.randint(100, 9899):04d}"


def modifiers(rng: random.Random) -> list[str]:
    """No modifier, or up to four that go together."""
    found = rng.sample(MODIFIERS, rng.choice((0, 0, 0, 1, 1, 1, 2, 2, 3, 4)))
    return [m for m in found if m not in _PAIRS or _PAIRS[m] not in found]


def icd10pcs(rng: random.Random) -> str:
    """Seven characters with the shape of an ICD-10-PCS code: no I, no O."""
    return rng.choice("0123456789BCDFGHX") + "".join(rng.choice(_PCS) for _ in range(6))


def ndc(rng: random.Random) -> str:
    """A drug as item 24 and FL43 print it: N4, eleven digits, unit, quantity."""
    unit = rng.choice(("ML", "UN", "GR", "ME", "F2"))
    return f"N4{rng.randrange(10**11):011d} {unit}{rng.choice((1, 2, 5, 10, 0.5, 1.25))}"
