"""Payer profiles: which rules apply, how severe they are, and in which words; TOML."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Literal

from pydantic import Field

from models.reading import Record


class RuleProfile(Record):
    """What a profile says of one rule; None leaves it as it is."""

    on: bool = True
    severity: Literal["reject", "pend", "warn"] | None = None
    message: str | None = None


class Options(Record):
    """What rules leave to the payer."""

    oldest_patient: int = Field(default=125, ge=1)
    filing_days: int = Field(default=365, ge=1)


class Profile(Record):
    """A payer's profile."""

    name: str
    options: Options = Options()
    rules: dict[str, RuleProfile] = {}


@functools.cache
def packaged() -> Profile:
    """The profile that comes with the product: Medicare's logic of unprocessable claims."""
    file = resources.files("edits") / "data" / "default.profile.toml"
    return Profile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
