"""Signing in: argon2 passwords, sessions that lock when nobody does anything, a first admin."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.orm import Session, sessionmaker

from ledger import people
from models.errors import PaperclaimError

ADMIN: Final = "admin"
#: characters a password has at least
SHORTEST: Final = 12
#: a session ends after this, however busy it was: longer than a shift
LONGEST = dt.timedelta(hours=12)
#: wrong passwords in a row before there is a pause, and the pause
TRIES: Final = 5
PAUSE = dt.timedelta(minutes=1)
#: the time of the last visit is written down this often
_NOTE_EVERY = dt.timedelta(seconds=30)
#: no 0, o, 1, l, i: a one-time password is read off a screen
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"

#: argon2id, 19 MiB, two passes, one lane: OWASP's advice for a server that has other work
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class SignInError(PaperclaimError):
    """The name and the password don't belong together."""

    code = "sign_in.wrong"
    remedy = "Try again."


class PauseError(SignInError):
    """Too many wrong passwords."""

    code = "sign_in.pause"
    remedy = "Wait a minute, then try again."


class PasswordError(PaperclaimError):
    """A new password can't be taken."""

    code = "password.weak"
    remedy = f"Choose {SHORTEST} characters or more, not your name, and type them twice alike."


@dataclass(frozen=True, slots=True)
class Visit:
    """Who makes a request.

    Attributes:
        user: name.
        csrf: the token that every change must bring.
        locked: the password must be given again before anything else.
        one_time: the password must be changed before anything else.
    """

    user: str
    csrf: str
    locked: bool
    one_time: bool


class Accounts:
    """People and sessions, over the ledger's database.

    Args:
        sessions: of the database.
        idle: a session locks after this long without a request.
    """

    def __init__(self, sessions: sessionmaker[Session], idle: dt.timedelta) -> None:
        self._sessions = sessions
        self.idle = idle

    def first_admin(self) -> str | None:
        """Make the first account; returns its one-time password, to be printed once.

        As long as nobody has used it, a new start makes a new one. None: there is somebody who
        has a password of their own.
        """
        with self._sessions.begin() as db:
            admin = people.user(db, ADMIN)
            if admin is None and people.count(db):
                return None
            if admin is not None and not admin.one_time:
                return None
            password = one_time_password()
            hashed = _hasher.hash(password)
            if admin is None:
                db.add(people.User(name=ADMIN, password=hashed, one_time=True, created=_now()))
            else:
                admin.password = hashed
            return password

    def sign_in(self, name: str, password: str) -> str:
        """Start a session and return its cookie.

        Raises:
            SignInError: wrong name or password.
            PauseError: too many wrong ones just now.
        """
        with self._sessions.begin() as db:
            user = people.user(db, name)
            right = self._check(user, password)
            if user is not None and right:
                cookie = secrets.token_urlsafe(32)
                people.sweep(db, _now() - LONGEST)
                db.add(
                    people.SignIn(
                        digest=_digest(cookie),
                        name=user.name,
                        csrf=secrets.token_urlsafe(32),
                        started=_now(),
                        seen=_now(),
                    )
                )
                return cookie
        raise SignInError("The name or the password is wrong.")

    def visit(self, cookie: str | None) -> Visit | None:
        """Who a cookie belongs to; None for nobody. Counts as a sign of life."""
        if not cookie:
            return None
        with self._sessions.begin() as db:
            found = people.sign_in(db, _digest(cookie))
            user = people.user(db, found.name) if found else None
            if found is None or user is None or found.started < _now() - LONGEST:
                return None
            now = _now()
            if now - found.seen > self.idle:
                found.locked = True
            elif not found.locked and now - found.seen > _NOTE_EVERY:
                found.seen = now
            return Visit(user.name, found.csrf, found.locked, user.one_time)

    def lock(self, cookie: str) -> None:
        """Ask for the password before anything else happens in this session."""
        with self._sessions.begin() as db:
            found = people.sign_in(db, _digest(cookie))
            if found is not None:
                found.locked = True

    def unlock(self, cookie: str, password: str) -> None:
        """Go on with a locked session.

        Raises:
            SignInError: wrong password, or there is no such session.
        """
        with self._sessions.begin() as db:
            found = people.sign_in(db, _digest(cookie))
            right = self._check(people.user(db, found.name) if found else None, password)
            if found is not None and right:
                found.locked = False
                found.seen = _now()
                return
        raise SignInError("The password is wrong.")

    def sign_out(self, cookie: str) -> None:
        """End a session."""
        with self._sessions.begin() as db:
            people.end(db, _digest(cookie))

    def change_password(self, name: str, password: str, again: str) -> None:
        """Give somebody a new password; all their sessions end.

        Raises:
            PasswordError: too short, their name, or typed differently.
        """
        if len(password) < SHORTEST or password != again or name in password.lower():
            raise PasswordError("This password can't be taken.")
        with self._sessions.begin() as db:
            user = people.user(db, name)
            if user is None:
                raise PasswordError("There is no such person.")
            user.password = _hasher.hash(password)
            user.one_time = False
            people.end_all(db, name)

    def _check(self, user: people.User | None, password: str) -> bool:
        """Whether the password is right; counts wrong ones. As slow for unknown names."""
        if user is not None and user.blocked_until is not None and user.blocked_until > _now():
            raise PauseError("There were too many wrong passwords.")
        right = False
        with contextlib.suppress(Argon2Error, InvalidHashError):
            right = _hasher.verify(user.password if user else _nobody(), password)
        if user is None:
            return False
        user.failures = 0 if right else user.failures + 1
        user.blocked_until = _now() + PAUSE if user.failures >= TRIES else None
        return right


def one_time_password() -> str:
    """Sixteen letters and figures in four groups, 79 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


_NOBODY: list[str] = []


def _nobody() -> str:
    """A hash that no password fits, made when first needed."""
    if not _NOBODY:
        _NOBODY.append(_hasher.hash(secrets.token_urlsafe(32)))
    return _NOBODY[0]


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
