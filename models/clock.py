"""Where the CPU seconds of a page go."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator


def cpu() -> float:
    """CPU seconds of this process and its ended children so far."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Stages:
    """Adds up CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count what runs inside for `stage`."""
        start = cpu()
        try:
            yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + cpu() - start, 6)
