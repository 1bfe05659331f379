"""The database, as commands open it: looked at, never made or migrated by the way."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import LedgerError

if TYPE_CHECKING:
    from config.settings import Settings
    from ledger.database import Database


class NotStartedError(LedgerError):
    """There is no database yet, or it is an older version's."""

    code = "ledger.not_started"
    remedy = "Start Paperclaim once: `paperclaim run` makes the database and migrates it."


@contextlib.contextmanager
def record(settings: Settings) -> Iterator[Database]:
    """The database that is set, if it is this version's.

    Raises:
        NotStartedError: it is not there, or not migrated.
        DatabaseError: it can't be reached, or is a newer version's.
        SettingValueError: its URL is none.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from ledger.database import Database, DatabaseError, address
    from ledger.knowledge import Knowledge

    url = address(settings.database_url)
    embedded = url.get_backend_name() == "sqlite"
    if embedded and not Path(url.database or "").is_file():
        raise NotStartedError("There is no database yet.")
    database = Database(settings.database_url)
    database.know(Knowledge(settings.under_data(Path())))
    try:
        if not database.migrated():
            raise NotStartedError("The database is not this version's.")
        yield database
    except SQLAlchemyError as error:
        # what a driver says may hold the URL, password and all
        raise DatabaseError(f"The database can't be used ({type(error).__name__}).") from None
    finally:
        database.engine.dispose()
