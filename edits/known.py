"""What a payer has loaded: code lists, rosters and profiles, in the data folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from codes.tables import Tables
from edits.context import Context
from edits.profile import Profiles
from edits.rosters import Rosters
from models.page import Form
from models.reading import FieldReading

CODES: Final = "codes.db"
ROSTERS: Final = "rosters.db"
PROFILES: Final = "profiles"


class Known:
    """Everything loaded, found once a process; after a fork, make it anew.

    Lists and rosters that are loaded later count at once, profiles when the process starts again.
    """

    def __init__(self, folder: Path) -> None:
        """Look into the data folder.

        Raises:
            ProfileError: a profile is wrong.
        """
        self.tables = Tables(folder / CODES)
        self.rosters = Rosters(folder / ROSTERS)
        self.profiles = Profiles.load(folder / PROFILES)

    def context(
        self, more: Context | None = None, *, payer: str | None = None, tags: Iterable[str] = ()
    ) -> Context:
        """What the edits are told of a claim.

        Args:
            more: what is known of the claim itself: its receipt, attachments, history.
            payer: as the form names it; chooses the profile.
            tags: of the batch; they choose the profile before the payer does.
        """
        return dataclasses.replace(
            more or Context(),
            tables=self.tables,
            members=self.rosters.members(),
            providers=self.rosters.providers(),
            profile=self.profiles.choose(payer=payer, tags=tags),
        )

    @staticmethod
    def payer(form: Form, fields: Mapping[str, FieldReading]) -> str | None:
        """The payer that a claim names: the carrier block's first line, or FL50A."""
        field = fields.get("carrier.1" if form.family is Form.CMS1500 else "50A")
        return " ".join(field.text.upper().split()) or None if field else None

    def close(self) -> None:
        """Close the files."""
        self.tables.close()
        self.rosters.close()
