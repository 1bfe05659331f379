"""Member and provider rosters: CSV files in one SQLite file, asked by rules.

Loading adds and updates rows in place, or replaces the roster, in one transaction; whoever asks
meanwhile sees the roster of before. A million members load in a minute and answer in well under a
millisecond: by ID, and by birth date, of which there are some thirty to a day.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from codes.list_file import ListFile, rows
from edits import printed
from edits.resources import KnownProvider, Match, Member
from models.errors import PaperclaimError
from models.plain import plain

_SCHEMA: Final = """
create table if not exists member (
    id text not null, last text not null, first text not null, birth_date text not null,
    sex text not null, covered_from text not null, covered_to text not null, died text not null,
    primary key (id, birth_date, first, covered_from)
) without rowid, strict;
create index if not exists member_birth on member (birth_date);
create table if not exists provider (
    npi text primary key, name text not null, tax_id text not null,
    organisation integer not null, may_order integer not null, email text not null default ''
) without rowid, strict;
"""
#: to a file of a time before e-mail addresses
_EMAIL: Final = "alter table provider add column email text not null default ''"
_MEMBER: Final = (
    "id", "last", "first", "birth_date", "sex", "covered_from", "covered_to", "died",
)  # fmt: skip
_PROVIDER: Final = ("npi", "name", "tax_id", "organisation", "may_order", "email")
_NEEDED: Final = {"member": {"id", "last", "first", "birth_date"}, "provider": {"npi", "name"}}
_OPEN: Final = ("0001-01-01", "9999-12-31")
_TRUE: Final = frozenset({"1", "Y", "YES", "TRUE"})
_FALSE: Final = frozenset({"0", "N", "NO", "FALSE"})


class RosterError(PaperclaimError):
    """A roster can't be loaded."""

    code = "edits.roster"
    remedy = "Give a CSV file in UTF-8 with the columns that docs/codes.md names."
    exit_code = 2


def off_by(one: str, other: str) -> int:
    """How many characters differ: 0, 1 (another, one more or one less), or 2 for more."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > 1:
        return 2
    short, long = sorted((one, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest = short[at + 1 :] if len(short) == len(long) else short[at:]
    return 1 if rest == long[at + 1 :] else 2


class Rosters(ListFile):
    """Both rosters in one file; the roster protocols of `edits.resources` answer from it."""

    schema = _SCHEMA

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        columns = connection.execute("pragma table_info(provider)").fetchall()
        if _PROVIDER[-1] not in {column[1] for column in columns}:
            connection.execute(_EMAIL)

    def counts(self) -> dict[str, int]:
        """Rows by roster."""
        if not self._there():
            return {"member": 0, "provider": 0}
        ask = self._open().execute
        return {name: int(ask(f"select count(*) from {name}").fetchone()[0]) for name in _NEEDED}  # noqa: S608 - two names of our own

    def members(self) -> Members | None:
        """The member roster; None where none is loaded."""
        return Members(self._open()) if self._any("member") else None

    def providers(self) -> Providers | None:
        """The provider roster; None where none is loaded."""
        return Providers(self._open()) if self._any("provider") else None

    def _any(self, name: str) -> bool:
        if not self._there():
            return False
        found = self._open().execute(f"select 1 from {name} limit 1")  # noqa: S608 - a name of our own
        return found.fetchone() is not None

    def load(self, name: str, path: Path, *, replace: bool = False) -> int:
        """Add and update the rows of a CSV file; returns how many it had.

        Args:
            name: `member` or `provider`.
            path: members have the columns id, last, first, birth_date and may have sex,
                covered_from, covered_to, died; providers npi, name and may have tax_id,
                organisation, may_order, email. Days are YYYY-MM-DD.
            replace: forget rows that the file doesn't have.

        Raises:
            RosterError: there is no such roster, or the file is not one.
        """
        if name not in _NEEDED:
            raise RosterError("There is no roster of that name: member, provider.")
        columns, clean = (_MEMBER, _member) if name == "member" else (_PROVIDER, _provider)
        with self._loading() as connection:
            if replace:
                connection.execute(f"delete from {name}")  # noqa: S608 - a name of our own
            places = ", ".join("?" * len(columns))
            done = connection.executemany(
                f"insert or replace into {name} values ({places})",  # noqa: S608 - a name of our own
                _cleaned(path, _NEEDED[name], clean),
            ).rowcount
        connection.execute("analyze")
        return done


_Row = tuple[str | int, ...]


def _cleaned(
    path: Path, needed: set[str], clean: Callable[[dict[str, str]], _Row]
) -> Iterator[_Row]:
    for number, row in rows(path, needed, RosterError):
        try:
            yield clean(row)
        except ValueError as error:
            raise RosterError(f"Line {number} can't be used.") from error


def _name(text: str) -> str:
    """Letters of a name: signs and blanks are written differently by everybody."""
    return re.sub(r"[^A-Z]", "", text.upper())


def _day(text: str, otherwise: str = "") -> str:
    return dt.date.fromisoformat(text).isoformat() if text else otherwise


def _flag(text: str, *, otherwise: bool) -> int:
    said = text.upper()
    if said and said not in _TRUE | _FALSE:
        raise ValueError(said)
    return int(said in _TRUE if said else otherwise)


def _member(row: dict[str, str]) -> _Row:
    number, last, first = plain(row["id"]), row["last"].upper(), row["first"].upper()
    if not number or not last:
        raise ValueError(row)
    told = bool(row.get("covered_from") or row.get("covered_to"))
    start = _day(row.get("covered_from", ""), _OPEN[0] if told else "")
    end = _day(row.get("covered_to", ""), _OPEN[1] if told else "")
    born, died = _day(row["birth_date"]), _day(row.get("died", ""))
    return number, last, first, born, row.get("sex", "").upper(), start, end, died


def _provider(row: dict[str, str]) -> _Row:
    number = plain(row["npi"])
    if not number:
        raise ValueError(row)
    return (
        number,
        row["name"].upper(),
        plain(row.get("tax_id", "")),
        _flag(row.get("organisation", ""), otherwise=False),
        _flag(row.get("may_order", ""), otherwise=True),
        row.get("email", "").strip(),
    )


class Members:
    """The member roster."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        told = connection.execute("select 1 from member where covered_from <> '' limit 1")
        self.has_coverage = told.fetchone() is not None

    def by_id(self, member_id: str) -> list[Member]:
        """Members with exactly this ID (a family may share one)."""
        return self._members("id = ?", plain(member_id))

    def match(self, member_id: str, name: str, birth_date: dt.date | None) -> Match | None:
        """The member whom ID, name and birth date tell best.

        Two of the three have to be right, or one and the others all but a character; or the ID,
        which then belongs to somebody else.
        """
        asked = plain(member_id), name, birth_date.isoformat() if birth_date else ""
        candidates = dict.fromkeys(self.by_id(member_id))
        if birth_date is not None:
            candidates |= dict.fromkeys(self._members("birth_date = ?", asked[2]))
        judged = [(_distances(asked, member), member) for member in candidates]
        judged.sort(key=lambda pair: (sum(pair[0]), pair[0]))
        for distances, member in judged:
            wrong = [part for part, far in zip(_PARTS, distances, strict=True) if far]
            near = len(wrong) < len(_PARTS) and max(distances) < 2  # noqa: PLR2004 - a character
            if near or len(wrong) < 2 or not distances[0]:  # noqa: PLR2004 - two of three right
                return Match(member, tuple(wrong), one_character=bool(wrong) and near)
        return None

    def _members(self, condition: str, value: str) -> list[Member]:
        rows = self._connection.execute(
            f"select {', '.join(_MEMBER)} from member where {condition} order by 1, 4, 3, 6",  # noqa: S608 - a condition of our own
            (value,),
        )
        people: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for row in rows:
            people.setdefault((*row[:4], row[4], row[7]), []).append(row)
        return [_person(key, rows) for key, rows in people.items()]


_PARTS: Final = ("id", "name", "birth_date")


def _person(key: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Member:
    number, last, first, born, sex, died = key
    covered = tuple(
        (dt.date.fromisoformat(row[5]), dt.date.fromisoformat(row[6])) for row in rows if row[5]
    )
    return Member(
        id=number,
        last=last,
        first=first,
        birth_date=dt.date.fromisoformat(born) if born else None,
        sex=sex or None,
        covered=covered,
        died=dt.date.fromisoformat(died) if died else None,
    )


def _distances(asked: tuple[str, str, str], member: Member) -> tuple[int, int, int]:
    """How far ID, name and birth date are from the roster's."""
    number, name, born = asked
    theirs = member.birth_date.isoformat() if member.birth_date else ""
    return off_by(number, member.id), _name_off(name, member), off_by(born, theirs)


def _name_off(name: str, member: Member) -> int:
    """A name as printed against the roster's: middle names and suffixes say nothing."""
    parts = printed.name(name)
    if parts is not None and parts.last and parts.first:
        last, first = _name(parts.last), _name(parts.first)
        return min(2, off_by(last, _name(member.last)) + off_by(first, _name(member.first)))
    return 0 if _name(name).startswith(_name(member.last + member.first)) else 2


class Providers:
    """The provider roster."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, npi: str) -> KnownProvider | None:
        """The provider of that NPI."""
        row = self._connection.execute(
            f"select {', '.join(_PROVIDER)} from provider where npi = ?",  # noqa: S608 - columns of our own
            (npi,),
        ).fetchone()
        if row is None:
            return None
        return KnownProvider(row[0], row[1], row[2] or None, bool(row[3]), bool(row[4]), row[5])
