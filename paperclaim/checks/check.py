"""One thing that was looked at, and how it is."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.StrEnum):
    """How a thing is. Only `fail` keeps Paperclaim from working."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the report.

    Attributes:
        name: what was looked at.
        state: how it is.
        said: what was found.
        remedy: what to do about it; empty where it is ok.
    """

    name: str
    state: State
    said: str
    remedy: str = ""


def ok(name: str, said: str) -> Check:
    """It is as it should be."""
    return Check(name, State.OK, said)


def warn(name: str, said: str, remedy: str) -> Check:
    """It works, but not as well as it could."""
    return Check(name, State.WARN, said, remedy)


def fail(name: str, said: str, remedy: str) -> Check:
    """It doesn't work."""
    return Check(name, State.FAIL, said, remedy)
