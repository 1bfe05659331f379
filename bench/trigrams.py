"""Makes `extractors/kinds/data/trigrams.csv`: which letters follow which in American claims' words.

    python -m bench.trigrams CENSUS_FILE...

CENSUS_FILE are the name files of the 1990 US census (`dist.all.last`, `dist.female.first`,
`dist.male.first`; public domain), each line a name and its share in per cent. Place names come
from the `zipcodes` package, medical words from the descriptions of ICD-10-CM (both public data).
Nothing of the samples' own words goes in: they are what we measure with. A corpus takes other
words from the same packages (`bench.rewording`), as most words of real claims are in them, too.
"""

from __future__ import annotations

import csv
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import simple_icd_10_cm as icd
import zipcodes

from extractors.kinds.words import EDGE, LETTERS, SCALE, WORST

TO = Path(__file__).parent.parent / "extractors" / "kinds" / "data" / "trigrams.csv"
#: what stands on every claim and in none of the lists
USUAL = """
AND APT AVE AVENUE BLVD BOX BUREAU CARE CENTER CITY CLAIM CLAIMS CLINIC COMPANY COURT
CROSS DENTAL DEPARTMENT DEPT DOCTOR DRIVE EMPLOYER FAMILY FILE FLOOR FUND GENERAL GROUP
HEALTH HEALTHCARE HIGHWAY HMO HOSPITAL HOUSE INC INSURANCE INSURED LANE LIFE LLC LLP LTD
MEDICAID MEDICAL MEDICARE MUTUAL NETWORK NONE NURSING OFFICE ON PARK PARKWAY PHARMACY
PHYSICIANS PLACE PLAN PLAZA POLICY PPO PRACTICE RADIOLOGY REGIONAL REHAB ROAD ROOM SAME
SERVICES SHIELD SIGNATURE SQUARE STATE STREET STE SUITE SUPPLIES SURGERY TERRACE THERAPY
TRUST UNION UNIT UNITED UNIVERSITY WAY ASSOCIATES PHYSICAL OCCUPATIONAL EMERGENCY
LABORATORY IMAGING DRUGS
"""


def _census(files: Iterable[Path]) -> Counter[str]:
    found: Counter[str] = Counter()
    for file in files:
        for line in file.read_text(encoding="ascii").splitlines():
            name, share = line.split()[:2]
            # the very common are common enough: a square root keeps the rest in sight
            found[name.upper()] += round(100 * math.sqrt(float(share))) + 5
    return found


def _words(files: Iterable[Path]) -> Counter[str]:
    found = _census(files)
    for place in zipcodes.list_all():  # type: ignore[no-untyped-call] # ships no types
        for word in re.findall(r"[A-Z]+", f"{place['city']} {place['county']}".upper()):
            found[word] += 1
    terms: Counter[str] = Counter()
    for code in icd.get_all_codes():
        terms.update(re.findall(r"[A-Z]+", icd.get_description(code).upper()))
    for word, count in terms.items():
        found[word] += round(2 * math.sqrt(count))
    for word in USUAL.split():
        found[word] += 200
    return found


def _table(words: Counter[str]) -> dict[str, list[float]]:
    """Log-probability of every letter after every two (Witten-Bell, down to bigrams)."""
    single: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    triples: Counter[str] = Counter()
    for word, count in words.items():
        padded = f"{EDGE}{EDGE}{word}{EDGE}"
        for i in range(2, len(padded)):
            single[padded[i]] += count
            pairs[padded[i - 1 : i + 1]] += count
            triples[padded[i - 2 : i + 1]] += count
    letters = LETTERS + EDGE

    def blend(counts: Counter[str], context: str, lower: list[float]) -> list[float]:
        own = [counts[context + letter] for letter in letters]
        total, kinds = sum(own), sum(c > 0 for c in own)
        share = total / (total + 20 * kinds) if total else 0.0
        return [
            share * c / max(total, 1) + (1 - share) * p for c, p in zip(own, lower, strict=True)
        ]

    all_ = single.total()
    base = [(single[letter] + 1) / (all_ + len(letters)) for letter in letters]
    table = {}
    for one in letters:
        after_one = blend(pairs, one, base)
        for before in letters:
            table[before + one] = [math.log(p) for p in blend(triples, before + one, after_one)]
    return table


def main(arguments: list[str]) -> int:
    """Write the table."""
    table = _table(_words(Path(a) for a in arguments))
    with TO.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["after", *LETTERS, EDGE])
        for context, row in table.items():
            writer.writerow([context, *(min(WORST, round(-SCALE * p)) for p in row)])
    print(f"{TO.name}: {len(table)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
