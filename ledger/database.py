"""The database: opened, migrated, and spoken to in short transactions."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Engine, Select, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from config.errors import SettingValueError
from models.errors import LedgerError

#: what a session's `info` has lists, rosters and profiles under
KNOWLEDGE: Final = "paperclaim.knowledge"
#: execution option of a connection that will only read
_READS: Final = "paperclaim_reads"
#: milliseconds that a writer waits for another
_BUSY_MS = 20_000


class DatabaseError(LedgerError):
    """The database can't be opened."""

    code = "ledger.database"


class NewerDatabaseError(DatabaseError):
    """The database is a newer version's."""

    code = "ledger.newer"
    remedy = "Start the newer version that it belongs to: this one does not know its tables."


def _pragmas(connection: Any, _record: Any) -> None:
    """SQLite as a record: nothing committed is lost to a power cut, and readers don't block."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    """Take the write lock at the start: no giving up midway because another was quicker.

    Who only reads takes none, and sees the database as it is at the first look.
    """
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def address(url: str) -> URL:
    """A database's URL, parsed.

    Raises:
        SettingValueError: it is none, or of a database that we have no driver for.
    """
    try:
        parsed = make_url(url)
        parsed.get_dialect().import_dbapi()
    except (ArgumentError, ImportError, ValueError):
        # the URL may hold a password: it is not repeated
        raise SettingValueError(
            "database.url is not the URL of a database that we can use.",
            remedy="Set it as in postgresql+psycopg://user:password@host/name, or leave it empty.",
        ) from None
    return parsed


def file_of(url: str) -> Path | None:
    """The file of SQLite that a URL names, None where it names none."""
    try:
        parsed = make_url(url)
        name = parsed.database if parsed.get_backend_name() == "sqlite" else None
    except ArgumentError:
        return None
    # `:memory:` and `file:` are SQLite's own
    return Path(name) if name and not name.startswith((":", "file:")) else None


def engine(url: str) -> Engine:
    """An engine for `url`: SQLite in WAL mode, or PostgreSQL.

    Raises:
        SettingValueError: it is no URL of either.
        DatabaseError: the folder of SQLite can't be made.
    """
    parsed = address(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed, pool_pre_ping=True, pool_size=2, max_overflow=8, hide_parameters=True
        )
    if parsed.database:
        try:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(
                f"The folder of the database can't be made: {error.strerror}."
            ) from None
    # hide_parameters: an error's text must not hold what was read from a claim
    made = create_engine(parsed, connect_args={"timeout": _BUSY_MS / 1000}, hide_parameters=True)
    event.listen(made, "connect", _pragmas)
    event.listen(made, "connect", _manual)
    event.listen(made, "begin", _begin)
    return made


def _manual(connection: Any, _record: Any) -> None:
    """The driver must not begin transactions by itself."""
    connection.isolation_level = None


def _alembic(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


class Database:
    """The record: sessions on a migrated database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = engine(url)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._reading = self.engine.execution_options(**{_READS: True})
        self.readers = sessionmaker(self._reading, expire_on_commit=False, autoflush=False)

    def migrate(self) -> None:
        """Bring the tables to this version's.

        Raises:
            DatabaseError: the database can't be reached.
            NewerDatabaseError: it is newer than this version.
        """
        try:
            with self.engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    # programs that start at once: one migrates, the others find it done
                    connection.execute(_advisory("paperclaim.migrate"))
                config = _alembic(self.url)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:
            raise NewerDatabaseError("The database is a newer version's.") from error
        except SQLAlchemyError as error:
            raise DatabaseError(
                f"The database can't be opened or migrated ({type(error).__name__})."
            ) from error

    def know(self, knowledge: object) -> None:
        """Let every session know of lists, rosters and profiles (`ledger.knowledge`)."""
        self.sessions.configure(info={KNOWLEDGE: knowledge})
        self.readers.configure(info={KNOWLEDGE: knowledge})

    def migrated(self) -> bool:
        """Whether the tables are this version's.

        Raises:
            NewerDatabaseError: they are a newer version's.
        """
        script = ScriptDirectory.from_config(_alembic(self.url))
        with self._reading.connect() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
        if at is not None and at not in {one.revision for one in script.walk_revisions()}:
            raise NewerDatabaseError("The database is a newer version's.")
        return at == script.get_current_head()

    @contextlib.contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any error."""
        with self.sessions.begin() as session:
            yield session

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Look at the database in one state of it; what is changed here is dropped."""
        with self.readers() as session:
            yield session

    def dispose(self) -> None:
        """Close the pool; a forked child calls this before its first transaction."""
        self.engine.dispose(close=False)


def hold(db: Session, names: Iterable[str]) -> None:
    """Let nobody else who holds one of these names work until this transaction ends.

    On SQLite nobody else writes anyway. All names at once, in order: two can't wait for each other.
    """
    if db.get_bind().dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        db.execute(_advisory(name))


def _advisory(name: str) -> Select[Any]:
    """PostgreSQL's lock of a name, until the transaction ends."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    return select(func.pg_advisory_xact_lock(key))


def now() -> dt.datetime:
    """The time, aware, UTC: everything in the ledger is dated by it."""
    return dt.datetime.now(dt.UTC)


def open(url: str) -> Database:  # noqa: A001 - `ledger.database.open` reads well
    """The database at `url`, migrated.

    Raises:
        SettingValueError: it is no URL of a database that we can use.
        DatabaseError: it can't be reached, or is newer than this version.
    """
    database = Database(url)
    _private(file_of(url))
    database.migrate()
    return database


def _private(file: Path | None) -> None:
    """Make a SQLite file, where there is none, that nobody else on the machine can read."""
    if file is not None:
        # its journals get the same rights
        with contextlib.suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
