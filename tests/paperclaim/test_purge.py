"""`paperclaim purge`: by age or by order, never by mistake."""

from __future__ import annotations

import datetime as dt

import pytest

from ledger import documents
from ledger.database import Database, now
from letters.decide import decide
from models.state import State
from tests.letters.base import claim, enter
from tests.letters.test_purging import done
from tests.paperclaim.conftest import Run


def finished(database: Database, years: int) -> str:
    """A claim that was rejected so many years ago."""
    dcn = enter(database, claim())
    with database.begin() as db:
        decide(db, dcn, State.REJECTED, "no member", actor="ana")
    done(database)
    with database.begin() as db:
        documents.get(db, dcn).changed = now() - dt.timedelta(days=366 * years)
    return dcn


def test_by_age_only_what_rests_for_so_long(run: Run, database: Database) -> None:
    old, young = finished(database, 7), finished(database, 1)
    day = (now() - dt.timedelta(days=366 * 6)).date().isoformat()
    asked = ("purge", "--before", day, "--reason", "six years")
    assert run(*asked, "--dry-run").stdout == "1 documents would be purged\n"
    assert run(*asked).stdout == "1 documents purged\n"
    assert run(*asked).stdout == "0 documents purged\n"
    shown = run("show", old).stdout
    assert "rejected to purged by command line, six years" in shown
    assert "fields     0 read" in shown
    assert run("show", young).stdout.splitlines()[0].endswith("rejected")
    assert "purged" in run("status").stdout
    assert run("audit", "verify").returncode == 0


def test_by_age_scans_that_failed_go_too(run: Run, failed: int) -> None:
    assert f"scan {failed}" in run("status").stdout
    asked = ("purge", "--before", "2026-11-23", "--reason", "six years")
    assert run(*asked).stdout == "0 documents purged\n"
    asked = ("purge", "--before", "2026-11-25", "--reason", "six years")
    told = run(*asked, "--dry-run").stdout
    assert told == "0 documents would be purged, and 1 scans that failed\n"
    assert run(*asked).stdout == "0 documents purged, and 1 scans that failed\n"
    assert "scan " not in run("status").stdout
    assert run("audit", "verify").returncode == 0


def test_by_order_one_claim_by_its_number(run: Run, database: Database) -> None:
    ordered, other = finished(database, 0), finished(database, 0)
    purged = run("purge", ordered, "--reason", "order 12 of the privacy officer", "--by", "kim")
    assert purged.stdout == "1 documents purged\n"
    assert "rejected to purged by kim" in run("show", ordered).stdout
    with database.begin() as db:
        assert documents.get(db, other).state == State.REJECTED
    # nothing can be done with it any more
    again = run("move", ordered, "review", "look again")
    assert again.returncode == 1
    assert again.stderr.startswith("ledger.transition: ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "purge: Say which"),
        (("26327P0000003O", "--before", "2020-01-01"), "purge: Say which"),
        (("--before", "2999-01-01"), "purge: That day is still to come"),
        (("26327P0000003O",), "ledger.unknown: "),
    ],
)
def test_what_nobody_can_mean_purges_nothing(
    run: Run, database: Database, arguments: tuple[str, ...], code: str
) -> None:
    del database
    failed = run("purge", *arguments, "--reason", "why")
    assert failed.returncode in (1, 2)
    assert failed.stderr.startswith(code)


def test_a_claim_that_waits_for_somebody_is_not_purged(run: Run, database: Database) -> None:
    dcn = enter(database, claim())
    failed = run("purge", dcn, "--reason", "why")
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"ledger.purge: {dcn} is not purged: it is review.")
