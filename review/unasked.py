"""What a claim would be sent on with: the provider's problems that nobody asked them about.

They may go out with it: whoever pays may decide otherwise than the rules do. But nobody sends them
on unseen: who finishes is told first, and says so once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from ledger import requests
from ledger.answers import Override
from letters import draft
from models.reading import Finding

#: in the order of how grave they are; what only warns holds nothing up
_GRAVE = ("reject", "pend")


def asked(db: Session, dcn: str) -> frozenset[tuple[str, str]]:
    """Rule and field of everything that letters about a claim asked for, whatever came of them."""
    sent = [one for one in requests.of_claim(db, dcn) if requests.letters(db, one.id)]
    items = [item for one in sent for item in draft.Draft.model_validate_json(one.draft).items]
    return frozenset((item.rule, field) for item in items for field in item.fields or [""])


def unasked(
    findings: Iterable[Finding],
    letters: frozenset[tuple[str, str]],
    passed: Mapping[str, Override],
) -> list[Finding]:
    """Findings of weight that are the provider's, were not asked about and not let pass.

    Args:
        findings: of the claim as it stands.
        letters: what `asked` says of it.
        passed: the overrides in force, by field id.
    """
    found = []
    for finding in draft.asked(findings):
        told = all((finding.rule, name) in letters for name in finding.fields or [""])
        let_pass = any(
            name in passed and finding.rule in passed[name].rules.split() for name in finding.fields
        )
        if finding.severity in _GRAVE and not told and not let_pass:
            found.append(finding)
    return found


def counted(findings: Iterable[Finding]) -> str:
    """How many there are of each severity: `1 reject, 2 pend`."""
    grave = [finding.severity for finding in findings]
    return ", ".join(f"{grave.count(each)} {each}" for each in _GRAVE if each in grave)
