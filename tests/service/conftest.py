"""A record, a store and folders, without processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings, Watch
from service import context as contexts
from service.context import Context
from tests.ledger.conftest import cluster, record, url

#: databases of both kinds, as for the record itself
__all__ = ["cluster", "record", "url"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings in force: a file is taken at the first look that finds it unchanged."""
    return Settings(data=tmp_path / "data", watch=Watch(quiet_seconds=0, reserve_mb=0))


@pytest.fixture
def context(settings: Settings) -> Iterator[Context]:
    """What processes work with."""
    contexts.prepare(settings)
    made = contexts.connect(settings, migrate=True)
    yield made
    made.database.engine.dispose()
