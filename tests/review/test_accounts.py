from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger import database as databases
from ledger.database import Database
from models.role import Role
from review import accounts
from review.accounts import AccountError, Accounts, PasswordError, PauseError, SignInError

OWN = "three clerks and a kettle"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = databases.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def who(database: Database) -> Accounts:
    return Accounts(database, idle=dt.timedelta(minutes=15))


def admin(who: Accounts) -> str:
    """The admin with a password of their own; returns a cookie."""
    assert who.first_admin() is not None
    who.change_password("admin", OWN, OWN)
    return who.sign_in("admin", OWN)


def test_the_first_start_makes_an_admin_who_must_choose_a_password(who: Accounts) -> None:
    password = who.first_admin()
    assert password is not None
    visit = who.visit(who.sign_in("Admin ", password))
    assert visit is not None
    assert visit.one_time
    who.change_password("admin", OWN, OWN)
    with pytest.raises(SignInError):
        who.sign_in("admin", password)
    visit = who.visit(who.sign_in("admin", OWN))
    assert visit is not None
    assert not visit.one_time


def test_a_one_time_password_lasts_until_it_is_used_or_the_next_start(who: Accounts) -> None:
    first, second = who.first_admin(), who.first_admin()
    assert first is not None
    assert second is not None
    with pytest.raises(SignInError):
        who.sign_in("admin", first)
    assert who.sign_in("admin", second)
    who.change_password("admin", OWN, OWN)
    assert who.first_admin() is None


def test_passwords_and_cookies_are_not_in_the_database(who: Accounts, tmp_path: Path) -> None:
    cookie = admin(who)
    kept = "\n".join(sqlite3.connect(tmp_path / "ledger.db").iterdump())
    assert "$argon2id$" in kept
    assert OWN not in kept
    assert cookie not in kept


def test_nobody_gets_in_with_a_wrong_name_or_password(who: Accounts) -> None:
    admin(who)
    for name, password in (("admin", "wrong"), ("nobody", OWN), ("", "")):
        with pytest.raises(SignInError):
            who.sign_in(name, password)
    assert who.visit("no such cookie") is None
    assert who.visit(None) is None


def test_guessing_is_slowed_down(who: Accounts) -> None:
    admin(who)
    for _ in range(accounts.TRIES):
        with pytest.raises(SignInError):
            who.sign_in("admin", "guess")
    with pytest.raises(PauseError):
        who.sign_in("admin", OWN)


@pytest.mark.parametrize(
    ("password", "again"),
    [("short", "short"), (OWN, OWN + "!"), ("this is admin here", "this is admin here")],
)
def test_weak_passwords_are_refused(who: Accounts, password: str, again: str) -> None:
    first = who.first_admin()
    assert first is not None
    with pytest.raises(PasswordError):
        who.change_password("admin", password, again)
    assert who.sign_in("admin", first)


@pytest.mark.parametrize("name", ["", "two words", "System", "machine", "quality", "command line"])
def test_nobody_is_called_as_the_record_calls_the_machine(who: Accounts, name: str) -> None:
    with pytest.raises(AccountError):
        who.add(name, Role.CLERK, by="admin")
    with pytest.raises(SignInError):
        who.sign_in_as("https://id.example u-1", name, Role.CLERK)
    assert who.everybody() == []


def test_an_idle_session_locks_and_the_password_opens_it(database: Database) -> None:
    who = Accounts(database, idle=dt.timedelta(0))
    cookie = admin(who)
    visit = who.visit(cookie)
    assert visit is not None
    assert visit.locked
    patient = Accounts(database, idle=dt.timedelta(hours=1))
    visit = patient.visit(cookie)
    assert visit is not None
    assert visit.locked
    with pytest.raises(SignInError):
        patient.unlock(cookie, "wrong")
    patient.unlock(cookie, OWN)
    visit = patient.visit(cookie)
    assert visit is not None
    assert not visit.locked


def test_locking_by_hand_signing_out_and_a_new_password_end_the_visit(who: Accounts) -> None:
    cookie = admin(who)
    who.lock(cookie)
    visit = who.visit(cookie)
    assert visit is not None
    assert visit.locked
    who.sign_out(cookie)
    assert who.visit(cookie) is None
    other = who.sign_in("admin", OWN)
    who.change_password("admin", OWN + "!", OWN + "!")
    assert who.visit(other) is None


def test_no_session_outlives_a_shift(who: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = admin(who)
    assert who.visit(cookie) is not None
    monkeypatch.setattr(accounts, "LONGEST", dt.timedelta(0))
    assert who.visit(cookie) is None
