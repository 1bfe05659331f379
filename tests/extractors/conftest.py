"""What tests of reading share."""

from __future__ import annotations

import pytest

from extractors.readers import Readers, load


@pytest.fixture(scope="module")
def readers() -> Readers:
    """The readers, as a worker loads them."""
    return load()
