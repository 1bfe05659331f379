"""Databases of both kinds, as for the record itself."""

from __future__ import annotations

from tests.ledger.conftest import cluster, record, url

__all__ = ["cluster", "record", "url"]
