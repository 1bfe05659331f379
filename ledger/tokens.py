"""Tokens of programs that fetch claims over the API: shown once, kept as SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.base import Base, UtcTime
from models.errors import LedgerError

#: random bytes in a token: 256 bits, so a plain hash of it can't be guessed back
_BYTES = 32


class TokenNameError(LedgerError):
    """A token of that name is in use."""

    code = "token.name"
    remedy = "Choose another name, or revoke the old token first."


class Token(Base):
    """A token: its name, and the SHA-256 of its text."""

    __tablename__ = "tokens"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[dt.datetime] = mapped_column(UtcTime)
    revoked: Mapped[dt.datetime | None] = mapped_column(UtcTime)


def add(db: Session, name: str) -> str:
    """Make a token and return it; it can't be shown again.

    Raises:
        TokenNameError: the name is taken.
    """
    known = db.get(Token, name)
    if known is not None and known.revoked is None:
        raise TokenNameError("A token of that name exists.")
    text = "pc_" + secrets.token_urlsafe(_BYTES)
    # in place of one that was revoked: programs get new tokens and keep their names
    db.merge(Token(name=name, digest=_digest(text), created=dt.datetime.now(dt.UTC), revoked=None))
    return text


def revoke(db: Session, name: str) -> bool:
    """End a token; False where there is none of that name that is valid."""
    token = db.get(Token, name)
    if token is None or token.revoked is not None:
        return False
    token.revoked = dt.datetime.now(dt.UTC)
    return True


def names(db: Session) -> list[str]:
    """Names of the valid tokens."""
    return list(db.scalars(select(Token.name).where(Token.revoked.is_(None)).order_by(Token.name)))


def holder(db: Session, text: str) -> str | None:
    """The name of a valid token, None for anything else. Takes the same time for all."""
    digest = _digest(text)
    name = None
    for token in db.scalars(select(Token).where(Token.revoked.is_(None))):
        if hmac.compare_digest(token.digest, digest):
            name = token.name
    return name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
