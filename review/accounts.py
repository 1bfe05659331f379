"""Signing in: argon2 passwords, sessions that lock when nobody does anything, a first admin."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.orm import Session

from ledger import people
from ledger.audit import Act, note
from ledger.database import Database, hold
from ledger.documents import SYSTEM
from ledger.quality import MACHINE
from models.errors import PaperclaimError
from models.role import RIGHTS, Right, Role

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

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.@_+-]{0,63}")
#: who acts in the record where no person does: nobody may be called so
_RESERVED: Final = frozenset({SYSTEM, MACHINE, "quality", "command line"})

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


class AccountError(PaperclaimError):
    """An account can't be made or changed so."""

    code = "account.refused"
    remedy = "Choose a name of small letters, figures, dots and hyphens that nobody has."


@dataclass(frozen=True, slots=True)
class Visit:
    """Who makes a request.

    Attributes:
        user: name.
        role: what they do here.
        csrf: the token that every change must bring.
        locked: the password must be given again before anything else.
        one_time: the password must be changed before anything else.
        elsewhere: they have no password here: an identity provider vouches for them.
    """

    user: str
    role: Role
    csrf: str
    locked: bool
    one_time: bool
    elsewhere: bool

    def may(self, right: str) -> bool:
        """Whether they may do something (`models.role.Right`)."""
        return Right(right) in RIGHTS[self.role]


class Accounts:
    """People and sessions, over the ledger's database.

    Args:
        database: the ledger's.
        idle: a session locks after this long without a request.
    """

    def __init__(self, database: Database, idle: dt.timedelta) -> None:
        self._database = database
        self.idle = idle

    def first_admin(self) -> str | None:
        """Make the first account; returns its one-time password, to be printed once.

        As long as nobody has used it, a new start makes a new one. None: there is somebody who
        has a password of their own.
        """
        with self._database.begin() as db:
            # pages may start on several machines at once
            hold(db, [ADMIN])
            admin = people.user(db, ADMIN)
            if admin is None and people.count(db):
                return None
            if admin is not None and not admin.one_time:
                return None
            password = one_time_password()
            hashed = _hasher.hash(password)
            if admin is None:
                db.add(_user(ADMIN, Role.ADMIN, hashed))
            else:
                admin.password = hashed
            return password

    def sign_in(self, name: str, password: str) -> str:
        """Start a session and return its cookie.

        Raises:
            SignInError: wrong name or password.
            PauseError: too many wrong ones just now.
        """
        with self._database.begin() as db:
            user = people.user(db, name)
            right = self._check(user, password)
            if user is not None and right:
                return _start(db, user)
        raise SignInError("The name or the password is wrong.")

    def sign_in_as(self, subject: str, name: str, role: Role) -> str:
        """Start a session for somebody whom the identity provider vouches for.

        Args:
            subject: what the provider calls them: issuer and subject.
            name: what they are called here, where they are new.
            role: what they do here, as the provider says.

        Raises:
            SignInError: the name is none, or somebody else's, or they may not sign in any more.
        """
        with self._database.begin() as db:
            user = people.by_subject(db, subject)
            if user is None:
                try:
                    name = _proper(name)
                except AccountError as error:
                    remedy = "Have the identity provider give you another one."
                    raise SignInError(error.message, remedy=remedy) from None
                if people.user(db, name) is not None:
                    raise SignInError("This name belongs to another account.")
                user = _user(name, role, "")
                user.subject, user.one_time = subject, False
                db.add(user)
                db.flush()
            if user.disabled:
                raise SignInError("This account is closed.")
            user.role = role
            return _start(db, user)

    def visit(self, cookie: str | None) -> Visit | None:
        """Who a cookie belongs to; None for nobody. Counts as a sign of life."""
        if not cookie:
            return None
        with self._database.read() as db:
            found = people.sign_in(db, _digest(cookie))
            user = people.user(db, found.name) if found else None
        if found is None or user is None or user.disabled:
            return None
        if found.started < _now() - LONGEST:
            return None
        away = _now() - found.seen
        locks = away > self.idle
        if not found.locked and (locks or away > min(_NOTE_EVERY, self.idle / 4)):
            self._seen(cookie, locks=locks)
        return Visit(
            user=user.name,
            role=Role(user.role),
            csrf=found.csrf,
            locked=found.locked or locks,
            one_time=user.one_time,
            elsewhere=bool(user.subject),
        )

    def _seen(self, cookie: str, *, locks: bool) -> None:
        with self._database.begin() as db:
            found = people.sign_in(db, _digest(cookie))
            if found is None:
                return
            if locks:
                found.locked = True
            else:
                found.seen = _now()

    def lock(self, cookie: str) -> None:
        """Ask for the password before anything else happens in this session."""
        with self._database.begin() as db:
            found = people.sign_in(db, _digest(cookie))
            if found is not None:
                found.locked = True

    def unlock(self, cookie: str, password: str) -> None:
        """Go on with a locked session.

        Raises:
            SignInError: wrong password, or there is no such session.
        """
        with self._database.begin() as db:
            found = people.sign_in(db, _digest(cookie))
            right = self._check(people.user(db, found.name) if found else None, password)
            if found is not None and right:
                found.locked = False
                found.seen = _now()
                return
        raise SignInError("The password is wrong.")

    def sign_out(self, cookie: str) -> None:
        """End a session."""
        with self._database.begin() as db:
            people.end(db, _digest(cookie))

    def change_password(self, name: str, password: str, again: str) -> None:
        """Give somebody a new password; all their sessions end.

        Raises:
            PasswordError: too short, their name, or typed differently.
        """
        if len(password) < SHORTEST or password != again or name in password.lower():
            raise PasswordError("This password can't be taken.")
        with self._database.begin() as db:
            user = people.user(db, name)
            if user is None:
                raise PasswordError("There is no such person.")
            user.password = _hasher.hash(password)
            user.one_time = False
            people.end_all(db, name)

    def everybody(self) -> list[people.User]:
        """All people, by name."""
        with self._database.read() as db:
            return people.everybody(db)

    def add(self, name: str, role: Role, *, by: str) -> str:
        """Make an account; returns its one-time password, to be shown once.

        Raises:
            AccountError: the name is taken, or none.
        """
        name, password = _proper(name), one_time_password()
        with self._database.begin() as db:
            if people.user(db, name) is not None:
                raise AccountError("An account has this name.")
            db.add(_user(name, role, _hasher.hash(password)))
            note(db, by, Act("account added", detail=f"{name} {role}"))
        return password

    def change(self, name: str, role: Role, *, disabled: bool, by: str) -> None:
        """Give somebody another role, or close their account; they are signed out.

        Raises:
            AccountError: there is no such account, or it is the last admin's.
        """
        with self._database.begin() as db:
            user = _known(db, name)
            user.role, user.disabled = role, disabled
            db.flush()
            if not any(u.role == Role.ADMIN and not u.disabled for u in people.everybody(db)):
                raise AccountError("There must be an admin.")
            people.end_all(db, user.name)
            note(db, by, Act("account changed", detail=f"{user.name} {role}"))

    def reset(self, name: str, *, by: str) -> str:
        """Give somebody a one-time password in place of the one that they have.

        Raises:
            AccountError: there is no such account, or they sign in elsewhere.
        """
        password = one_time_password()
        with self._database.begin() as db:
            user = _known(db, name)
            if user.subject:
                raise AccountError("Their identity provider knows their password.")
            user.password, user.one_time = _hasher.hash(password), True
            user.failures, user.blocked_until = 0, None
            people.end_all(db, user.name)
            note(db, by, Act("password reset", detail=user.name))
        return password

    def _check(self, user: people.User | None, password: str) -> bool:
        """Whether the password is right; counts wrong ones. As slow for unknown names."""
        if user is not None and user.blocked_until is not None and user.blocked_until > _now():
            raise PauseError("There were too many wrong passwords.")
        right = False
        known = user is not None and bool(user.password) and not user.disabled
        with contextlib.suppress(Argon2Error, InvalidHashError):
            right = _hasher.verify(user.password if user and known else _nobody(), password)
        if user is None or not known:
            return False
        user.failures = 0 if right else user.failures + 1
        user.blocked_until = _now() + PAUSE if user.failures >= TRIES else None
        return right


def _user(name: str, role: Role, hashed: str) -> people.User:
    return people.User(
        name=name,
        password=hashed,
        role=role,
        subject="",
        disabled=False,
        one_time=True,
        created=_now(),
    )


def _proper(name: str) -> str:
    """A name as accounts have it: without blanks, and not one that the record means by itself.

    Raises:
        AccountError: it can't be one.
    """
    name = name.strip().lower()
    if name in _RESERVED or not _NAME.fullmatch(name):
        raise AccountError("This is no name for an account.")
    return name


def _known(db: Session, name: str) -> people.User:
    user = people.user(db, name)
    if user is None:
        raise AccountError("There is no such account.")
    return user


def _start(db: Session, user: people.User) -> str:
    """Start a session and return its cookie."""
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
    note(db, user.name, Act("signed in"))
    return cookie


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
