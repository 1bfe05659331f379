"""Databases of both kinds: SQLite in a file, and a PostgreSQL cluster of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ledger import database
from ledger.database import Database


def _program(name: str) -> Path:
    """A program of PostgreSQL, which Debian keeps off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found[-1] if found else Path(shutil.which(name) or name)


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """A cluster on a socket in a folder of its own; PostgreSQL refuses to run as root."""
    # not pytest's folder: that one nobody else may enter
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def call(name: str, *arguments: str) -> None:
        subprocess.run(
            [_program(name), *arguments],
            user=user,
            check=True,
            cwd=folder,
            timeout=300,
            stdout=subprocess.DEVNULL,
            extra_groups=[] if user else None,
        )

    data = folder / "data"
    call("initdb", "-D", str(data), "-U", "paperclaim", "-A", "trust", "--no-sync")
    options = f"-c listen_addresses='' -k {folder} -c fsync=off"
    call("pg_ctl", "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    yield f"postgresql+psycopg://paperclaim@/{{}}?host={folder}"
    call("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    template = str(request.getfixturevalue("cluster"))
    name = f"t{abs(hash(tmp_path)):x}"
    admin = create_engine(template.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return template.format(name)


@pytest.fixture
def record(url: str) -> Iterator[Database]:
    """An opened, empty record."""
    opened = database.open(url)
    yield opened
    opened.engine.dispose()
