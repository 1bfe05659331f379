"""docs/rules.md: every rule, made from its words, its function and the packaged profile."""

from __future__ import annotations

from typing import Final

from edits.catalogue import Listed, rules
from edits.entries import entries

_INTRO: Final = """\
What a claim is checked for. Every finding has the rule's id, a severity (`reject`: the claim can't
be taken; `pend`: a person looks; `warn`: taken, and noted), the fields that it is about, a message
to the provider, and codes: claim status category and code of a 277 (`csc`; several are parted by a
blank), CARC and RARC of a remittance, as numbers. `cause` says whether the paper is wrong
(`provider`) or the reading is in doubt (`capture`): see `edits/certainty.py`.

Severity, words, and which rules apply are the payer's [profile](profiles.md); this is the one that
comes with the product. A rule that needs something doesn't run until that is loaded, and has not
passed; `paperclaim rules` says what is so on your machine. Nor does it run for a claim of which
nobody knows what it looks at beside the form. Basis: V, seen in a source of the field; K, general
knowledge."""
_TOPICS: Final = {
    "D": "The paper", "I": "Patient, insured, addresses", "A": "What it comes from",
    "P": "Providers", "X": "Diagnoses", "S": "Service lines", "T": "Totals", "U": "Bills and stays",
    "C": "The claim as a whole",
}  # fmt: skip


def _needs(rule: Listed) -> str:
    """What the rule needs, looks at beside the form, or is sharper with."""
    told = (("needs", rule.lacks), ("looks at", rule.asks), ("sharper with", rule.sharper))
    return "; ".join(f"{how} {', '.join(what)}" for how, what in told if what)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _codes(rule: Listed) -> str:
    codes = entries()[rule.id].wordings[""].codes
    return " ".join(codes[name] for name in ("csc", "carc", "rarc") if name in codes)


def rules_page(made: str) -> str:
    """The page; `made` is the line that says that it is made."""
    lines = ["# Rules", "", made, "", _INTRO]
    topic = None
    for rule in rules():
        if rule.id[0] != topic:
            topic = rule.id[0]
            lines += ["", f"## {_TOPICS[topic]}", ""]
            lines += ["| rule | form | fields | fires when | severity | says | codes | basis |"]
            lines += ["|---|---|---|---|---|---|---|---|"]
        needs = _needs(rule)
        condition = rule.condition + (f" *({needs})*" if needs else "")
        cells = (
            f"**{rule.id}**", rule.forms, rule.fields, condition, rule.severity, rule.message,
            _codes(rule), rule.basis,
        )  # fmt: skip
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"
