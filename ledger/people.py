"""People and their sessions: who may sign in, and who is signed in where.

Passwords are stored as argon2 hashes that `review` makes and checks; of a session only the
SHA-256 of its cookie is kept.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from models.role import Role


class User(Base):
    """A person who may sign in.

    Attributes:
        name: what they sign in with, lower case.
        password: argon2 hash.
        role: see `models.role`.
        subject: issuer and subject of the identity provider, for who signs in there; else empty.
        disabled: may not sign in any more.
        one_time: the password must be changed at the next sign-in.
        failures: wrong passwords since the last right one.
        blocked_until: no sign-in before, after too many wrong passwords.
        created: when.
    """

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    password: Mapped[str] = mapped_column(String(256))
    role: Mapped[str] = mapped_column(String(16), default=Role.CLERK)
    subject: Mapped[str] = mapped_column(String(512), default="", index=True)
    disabled: Mapped[bool] = mapped_column(default=False)
    one_time: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[dt.datetime | None] = mapped_column(UtcTime)
    created: Mapped[dt.datetime] = mapped_column(UtcTime)


class SignIn(Base):
    """A session: one browser in which somebody signed in.

    Attributes:
        digest: SHA-256 of the cookie, hex.
        name: whose.
        csrf: the token that every change must bring.
        started: when they signed in.
        seen: last time somebody did something.
        locked: the password is asked for again.
    """

    __tablename__ = "sign_ins"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("users.name"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    started: Mapped[dt.datetime] = mapped_column(UtcTime)
    seen: Mapped[dt.datetime] = mapped_column(UtcTime)
    locked: Mapped[bool] = mapped_column(default=False)


def count(db: Session) -> int:
    """How many people there are."""
    return db.scalar(select(func.count()).select_from(User)) or 0


def user(db: Session, name: str) -> User | None:
    """The person of that name."""
    return db.get(User, name.strip().lower())


def everybody(db: Session) -> list[User]:
    """All people, by name."""
    return list(db.scalars(select(User).order_by(User.name)))


def by_subject(db: Session, subject: str) -> User | None:
    """The person whom an identity provider calls so."""
    return db.scalar(select(User).where(User.subject == subject)) if subject else None


def sign_in(db: Session, digest: str) -> SignIn | None:
    """The session of a cookie's digest."""
    return db.get(SignIn, digest)


def end(db: Session, digest: str) -> None:
    """Forget a session."""
    db.execute(delete(SignIn).where(SignIn.digest == digest))


def end_all(db: Session, name: str) -> None:
    """Forget all sessions of a person: their password changed."""
    db.execute(delete(SignIn).where(SignIn.name == name))


def sweep(db: Session, started_before: dt.datetime) -> None:
    """Forget sessions older than any may live."""
    db.execute(delete(SignIn).where(SignIn.started < started_before))
