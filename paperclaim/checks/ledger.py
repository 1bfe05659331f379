"""The database and the store: are they there, and are they this version's?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.settings import Settings
from intake.errors import FolderError
from intake.folders import made_by_us
from models.errors import PaperclaimError
from paperclaim.checks.check import Check, fail, ok, warn

#: written and read again; always the same object, so that it is there once
_PROBE: Final = b"Written by paperclaim doctor.\n"


def ledger(settings: Settings) -> Iterator[Check]:
    """The record, and what it points to."""
    yield _database(settings)
    yield _store(settings)


def _database(settings: Settings) -> Check:
    from ledger.database import NewerDatabaseError
    from models.errors import SettingsError
    from paperclaim.record import NotStartedError, record

    kind = settings.database_url.partition(":")[0]
    try:
        with record(settings):
            return ok("database", f"{kind}, migrated")
    except NotStartedError as error:
        return warn("database", f"{kind}: {error.message}", error.advice)
    except (NewerDatabaseError, SettingsError) as error:
        return fail("database", error.message, error.advice)
    except PaperclaimError as error:
        return fail(
            "database",
            f"{kind}: {error.message}",
            "Check database.url, and that the server runs and lets us in.",
        )


def _store(settings: Settings) -> Check:
    from ledger.store import Store, folder_of

    folder = folder_of(settings.store_url)
    if folder is not None and not folder.is_dir():
        if not made_by_us(folder, settings.data):
            return fail("store", f"{folder} is not there", FolderError.remedy)
        return ok("store", f"{folder}, made at the first start")
    kind = settings.store_url.partition(":")[0]
    remedy = "Check store.url, and the rights that the credentials give."
    try:
        store = Store(settings.store_url)
        if not store.has(store.put(_PROBE)):
            return fail("store", f"{kind}: does not keep what it is given", remedy)
    except Exception as error:  # noqa: BLE001 - every backend has errors of its own
        return fail("store", f"{kind}: can't be reached ({type(error).__name__})", remedy)
    return ok("store", settings.store_url.removeprefix("file://"))
