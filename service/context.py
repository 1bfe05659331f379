"""What every process of the service works with."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from edits.known import PROFILES
from intake.errors import FoldersOverlapError
from intake.folders import check_apart, make
from ledger import database, store
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
    """The folders that paper and claims go through, by name."""
    named = {
        "inbox": settings.inbox,
        "outbox": settings.outbox,
        "quarantine": settings.quarantine,
        "letters": settings.letters_folder,
        "work": settings.under_data(Path("work")),
    }
    stored = store.folder_of(settings.store_url)
    return named if stored is None else {**named, "store": stored}


def apart(settings: Settings) -> None:
    """See that none of our folders lies in another, and no database in one of them.

    Raises:
        FoldersOverlapError: one does.
    """
    named = folders(settings)
    for name in ("tmp", "redis", PROFILES):
        named[name] = settings.under_data(Path(name))
    check_apart(named)
    record = database.file_of(settings.database_url)
    for name, folder in named.items():
        # in the inbox it would be taken like any file, from under those who write to it
        if record is not None and record.resolve().is_relative_to(folder.resolve()):
            raise FoldersOverlapError(
                f"The database ({record}) lies in the folder {name} ({folder}).",
                remedy="Set database.url to a file elsewhere, or leave it empty.",
            )


def prepare(settings: Settings) -> None:
    """Make the folders, and see that none lies in another.

    Raises:
        FoldersOverlapError: they overlap.
        FolderError: one is not there, or can't be made.
    """
    apart(settings)
    for name, folder in folders(settings).items():
        make(name, folder, settings.data)


def _not_newer(opened: Database) -> None:
    """See that the tables are none that this version does not know; older ones are migrated soon.

    A database that is away says nothing: whoever works on it waits for it.

    Raises:
        NewerDatabaseError: they are a newer version's.
    """
    with suppress(SQLAlchemyError):
        opened.migrated()


def connect(settings: Settings, *, migrate: bool = False) -> Context:
    """Open the record and the store.

    Raises:
        DatabaseError: the database can't be opened.
        FolderError: the store's folder is not there.
        StoreError: the store can't be opened.
    """
    url = settings.database_url
    opened = database.open(url) if migrate else Database(url)
    if not migrate:
        _not_newer(opened)
    opened.know(Knowledge(settings.under_data(Path())))
    return Context(settings, opened, store.open(settings))
