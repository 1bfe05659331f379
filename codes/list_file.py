"""What a client brings: CSV files that are loaded into one SQLite file, and asked from there."""

from __future__ import annotations

import contextlib
import csv
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path

from models.errors import PaperclaimError

#: milliseconds to wait for another process that loads
_BUSY = 10_000


class ListFile:
    """A SQLite file. Safe to use from several processes; of several threads, one each.

    Attributes:
        schema: what its tables are made by, where they are not there yet.
    """

    schema: str = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def _there(self) -> bool:
        """Whether anything was ever loaded."""
        return self._path.exists()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute(f"pragma busy_timeout = {_BUSY}")
            self._connection.executescript(self.schema)
            self._upgrade(self._connection)
        return self._connection

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        """Bring a file of an older version up to the schema."""

    def close(self) -> None:
        """Close the file; it opens again when it is asked."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _loading(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; whoever asks meanwhile sees what was there before."""
        connection = self._open()
        connection.execute("begin immediate")
        try:
            yield connection
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")


def rows(
    path: Path, needed: Collection[str], refused: type[PaperclaimError]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file in UTF-8: number of the line, and its values without blanks around.

    Args:
        path: of the file, its first line the names of its columns.
        needed: columns that it must have.
        refused: what is raised of a file that is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = sorted(set(needed) - set(reader.fieldnames or ()))
            if missing:
                raise refused(f"The file lacks the columns {', '.join(missing)}.")
            for number, row in enumerate(reader, start=2):
                yield number, {key: (value or "").strip() for key, value in row.items() if key}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        # its text may hold a line of the file
        raise refused("The file can't be read as CSV in UTF-8.") from error
