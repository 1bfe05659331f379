"""What every process of the service works with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.settings import Settings
from intake.folders import check_apart
from ledger import database
from ledger.database import Database
from ledger.knowledge import Knowledge
from ledger.store import Store

#: bytes of a megabyte of `watch.reserve_mb`
MB: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """Settings, record and store, opened."""

    settings: Settings
    database: Database
    store: Store

    @property
    def work(self) -> Path:
        """Where files lie between the inbox and the store."""
        return self.settings.under_data(Path("work"))

    @property
    def scratch(self) -> Path:
        """Where workers' temporary files lie."""
        return self.settings.under_data(Path("tmp"))

    @property
    def lease(self) -> dt.timedelta:
        """How long a step may be silent."""
        return dt.timedelta(seconds=self.settings.work.lease_seconds)


def folders(settings: Settings) -> dict[str, Path]:
    """The folders that we write to, by name: none may lie in another."""
    return {
        "inbox": settings.inbox,
        "outbox": settings.outbox,
        "quarantine": settings.quarantine,
        "letters": settings.letters_folder,
        "work": settings.under_data(Path("work")),
        "store": settings.under_data(Path("store")),
    }


def prepare(settings: Settings) -> None:
    """Make the folders, and see that none lies in another.

    Raises:
        FoldersOverlapError: they overlap.
    """
    named = folders(settings)
    check_apart(named)
    for folder in named.values():
        folder.mkdir(parents=True, exist_ok=True)


def connect(settings: Settings, *, migrate: bool = False) -> Context:
    """Open the record and the store.

    Raises:
        DatabaseError: the database can't be opened.
        StoreError: the store can't.
    """
    url = settings.database_url
    opened = database.open(url) if migrate else Database(url)
    opened.know(Knowledge(settings.under_data(Path())))
    return Context(settings, opened, Store(settings.store_url))
