"""Rules are small functions, found here by their ids; what they say is data (`entries`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from edits.context import Context
from edits.paper import Line, Paper
from models.page import Form

BOTH: Final = (Form.CMS1500, Form.UB04)


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule found something.

    Attributes:
        fields: that are wrong or missing.
        variant: which of the rule's messages and codes; empty for its usual ones.
        details: what the message names in braces beside `where`; never anything that tells whom
            the claim is about.
        sure: whether all else that was weighed, beside fields, is certain; never of what is
            ours to mend.
    """

    fields: tuple[str, ...]
    variant: str = ""
    details: tuple[tuple[str, str], ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule is asked about: a claim, and what is known beside it."""

    paper: Paper
    context: Context


Check: TypeAlias = Callable[[Case, Any], Hit | None]
Subjects: TypeAlias = Callable[[Case], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Implementation:
    """The function of a rule.

    Attributes:
        rule: id.
        check: what it asks, of one subject.
        subjects: what it asks it of.
        forms: that it reads.
        needs: resources without which it can't run (`Context.lacks`).
        sharper: resources that make it look closer, where they are loaded.
    """

    rule: str
    check: Check
    subjects: Subjects
    forms: tuple[Form, ...]
    needs: tuple[str, ...]
    sharper: tuple[str, ...]

    @property
    def condition(self) -> str:
        """When it fires, in words."""
        return " ".join((self.check.__doc__ or "").split())


RULES: Final[dict[str, list[Implementation]]] = {}


def each(
    rule: str,
    subjects: Subjects,
    *,
    forms: Iterable[Form] = BOTH,
    needs: Iterable[str] = (),
    sharper: Iterable[str] = (),
) -> Callable[[Check], Check]:
    """Register a function as (part of) a rule, asked of each of its subjects on its own.

    What one subject's answer weighs does not count for another's.
    """

    def register(check: Check) -> Check:
        made = Implementation(rule, check, subjects, tuple(forms), tuple(needs), tuple(sharper))
        RULES.setdefault(rule, []).append(made)
        return check

    return register


def claim(
    rule: str,
    *,
    forms: Iterable[Form] = BOTH,
    needs: Iterable[str] = (),
    sharper: Iterable[str] = (),
) -> Callable[[Callable[[Case], Hit | None]], Callable[[Case], Hit | None]]:
    """Register a function as a rule that is asked of the claim as a whole."""

    def register(check: Callable[[Case], Hit | None]) -> Callable[[Case], Hit | None]:
        def whole(case: Case, _nothing: None) -> Hit | None:
            return check(case)

        whole.__doc__ = check.__doc__
        each(rule, lambda _case: (None,), forms=forms, needs=needs, sharper=sharper)(whole)
        return check

    return register


def line(
    rule: str,
    *,
    forms: Iterable[Form] = BOTH,
    needs: Iterable[str] = (),
    sharper: Iterable[str] = (),
) -> Callable[[Callable[[Case, Line], Hit | None]], Callable[[Case, Line], Hit | None]]:
    """Register a function as a rule that is asked of every service line, totals left out."""

    def register(
        check: Callable[[Case, Line], Hit | None],
    ) -> Callable[[Case, Line], Hit | None]:
        def one(case: Case, line: Line) -> Hit | None:
            if not line.there() or line.total():
                return None
            return check(case, line)

        one.__doc__ = check.__doc__
        each(rule, lambda case: case.paper.all_lines(), forms=forms, needs=needs, sharper=sharper)(
            one
        )
        return check

    return register
