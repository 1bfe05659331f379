"""What tests of several rooms share."""

from __future__ import annotations

import pytest

from extractors.readers import Readers, load


@pytest.fixture(scope="session")
def readers() -> Readers:
    """The readers, as a worker loads them: once a process, whatever it reads."""
    return load()
