"""Do the rules say the same of our reading as of the truth? By rule, and by fault.

    python -m bench.edits_score OUT TRUTH

OUT holds readings (`paperclaim/reading/1`, named after the scan), TRUTH one JSON a scan, as
`bench.score` wants them. Of every finding on the truth: found (as the provider's), in doubt (as a
capture doubt, which a person settles first), unsettled (a field that it is about is not accepted:
a person looks at that first, and the rule runs again), or missed. A finding on the reading that
the truth does not have, laid at the provider, is a misreading told as the provider's error: there
must be none. Exits 1 where there is one, or where a fault is not found at all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

from edits.check import Context, check
from extractors.kinds.table import kind_for
from forms.layout import layout
from models.page import Form
from models.reading import DocumentReading, FieldReading, Finding, Reading

#: which rules find a fault that is no empty field
_FAULTS: Final = {
    "no_dos": {"S002", "S035", "U003"},
    "no_dx": {"X004", "X005"},
    "bad_npi": {"P005"},
    "bad_total": {"T001", "T002"},
    "future_dos": {"S004", "U003"},
}
_Key = tuple[str, str]


def truth_of(data: dict[str, Any]) -> tuple[Form, dict[str, FieldReading]]:
    """A truth file as if it had been read without doubt."""
    form = Form(data["form"])
    fields = {}
    for name, text in data["fields"].items():
        choice = bool(layout(form).fields[name].choices)
        fields[name] = FieldReading(
            text="X" if choice else text,
            value=text if choice else kind_for(form, name).value(text),
            confidence=1.0,
            accepted=True,
            page=1,
            box=(0, 0, 0, 0),
        )
    return form, fields


def keys(findings: list[Finding], cause: str | None = None) -> set[_Key]:
    """Findings as rule and first field."""
    return {
        (finding.rule, finding.fields[0] if finding.fields else "")
        for finding in findings
        if cause in (None, finding.cause)
    }


def fault_found(fault: str, found: set[_Key]) -> bool:
    """Whether any finding tells of a fault."""
    rules = _FAULTS.get(fault)
    if rules is not None:
        return any(rule in rules for rule, _ in found)
    return any(field == fault.removeprefix("no_") for _, field in found)


def read_of(scan: str, out: Path) -> DocumentReading | None:
    """The first claim of a scan's reading."""
    for path in out.glob(f"{scan}.*json"):
        reading = Reading.model_validate_json(path.read_text(encoding="utf-8"))
        return next((d for d in reading.documents if d.form.is_claim), None)
    return None


def _unseen(key: _Key, truth: list[Finding], read: DocumentReading) -> str:
    """What became of a finding on the truth that the reading does not have."""
    fields = {name for f in truth if keys([f]) == {key} for name in f.fields}
    doubted = {name for name in fields & read.fields.keys() if not read.fields[name].accepted}
    return "unsettled" if doubted else "missed"


class Score:
    """Counts by rule."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.wrong: list[str] = []
        self.faults: Counter[str] = Counter()

    def scan(self, name: str, data: dict[str, Any], read: DocumentReading) -> None:
        """Add one scan."""
        form, fields = truth_of(data)
        truth = check(form, fields, Context())
        have = check(read.form, read.fields, Context(pages=read.page_facts))
        told, doubted = keys(have, "provider"), keys(have, "capture")
        wanted = keys(truth)
        for key in wanted:
            state = "found" if key in told else "in doubt" if key in doubted else ""
            self.counts[key[0], state or _unseen(key, truth, read)] += 1
        for rule, field in sorted(told - wanted):
            self.counts[rule, "wrong"] += 1
            self.wrong.append(f"{name} {rule} {field}")
        for fault in filter(None, str(data.get("faults") or "").split(",")):
            self.faults[
                "found" if fault_found(fault, told | doubted) else f"missed {name} {fault}"
            ] += 1

    def show(self) -> None:
        """Print it all."""
        print(
            "\nfindings on the truth, by rule: on our reading the same, in doubt, about a field "
            "that is not accepted, missed; and wrong"
        )
        states = ("found", "in doubt", "unsettled", "missed", "wrong")
        print(f"{'rule':6}" + "".join(f"{state:>10}" for state in states))
        for rule in sorted({rule for rule, _ in self.counts}):
            print(
                f"{rule:6}" + "".join(f"{self.counts[rule, state] or '':>10}" for state in states)
            )
        sums = [sum(n for (_, s), n in self.counts.items() if s == state) for state in states]
        print(f"{'all':6}" + "".join(f"{n:>10}" for n in sums))
        print("faults:", ", ".join(f"{n} {what}" for what, n in sorted(self.faults.items())))
        for each in self.wrong:
            print("told the provider by mistake:", each)

    @property
    def good(self) -> bool:
        """No misreading told as an error, every fault found."""
        return not self.wrong and not self.faults.keys() - {"found"}


def of_folder(out: Path, truth: Path) -> Score:
    """Rules on the readings of a folder beside rules on its truth."""
    score = Score()
    for path in sorted(truth.glob("*.json")):
        read = read_of(path.stem, out)
        if read is not None:
            score.scan(path.stem, json.loads(path.read_text(encoding="utf-8")), read)
    return score


def main() -> int:
    """Score a folder of readings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("truth", type=Path)
    arguments = parser.parse_args()
    score = of_folder(arguments.out, arguments.truth)
    score.show()
    return 0 if score.good else 1


if __name__ == "__main__":
    sys.exit(main())
