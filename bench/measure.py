"""Reads the scans of a folder as the product does, and says what each cost."""

from __future__ import annotations

import functools
import math
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from extractors.readers import Readers, load
from intake.limits import Limits
from models.clock import cpu
from models.errors import PaperclaimError
from models.reading import Reading, ReadingError, Source
from pipeline.documents import assemble
from pipeline.scan import read_pages


@dataclass(frozen=True, slots=True)
class Cost:
    """What one scan cost.

    Attributes:
        scan: its name without suffix.
        stages: CPU seconds by stage.
        seconds: CPU seconds from file to JSON, children included.
        fields: that were read.
        pages: that were read.
        memory: peak of the process so far, MB.
    """

    scan: str
    stages: dict[str, float]
    seconds: float
    fields: int
    pages: int
    memory: float


def peak() -> float:
    """Peak memory of this process so far, MB."""
    # not getrusage: it counts what the process was forked from, and that had drawn a corpus
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def one_thread() -> None:
    """What every worker does, so that CPU seconds are those of one core."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    cv2.setNumThreads(1)


@functools.cache
def _readers() -> Readers:
    one_thread()
    return load()


def read_one(scan: Path, out: Path) -> Cost:
    """Read a scan, write its JSON, and say what that cost."""
    readers = _readers()
    source = Source(name=scan.name, sha256="0" * 64, pages=0)
    began = cpu()
    try:
        pages = read_pages(scan, readers, Limits())
        reading = Reading(source=source, documents=assemble(pages))
    except PaperclaimError as error:
        pages = []
        reading = Reading(source=source, error=ReadingError(code=error.code, message=""))
    content = reading.model_dump_json(by_alias=True)
    seconds = cpu() - began
    (out / f"{scan.name}.json").write_text(content, encoding="utf-8")
    stages: Counter[str] = Counter()
    for page in pages:
        stages.update(page.seconds)
    fields = sum(len(page.fields) for page in pages)
    return Cost(scan.stem, dict(stages), seconds, fields, len(pages), peak())


def scans_in(folder: Path) -> list[Path]:
    """The scans of a folder that have a truth beside them."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix != ".json" and path.is_file() and path.with_suffix(".json").exists()
    )


def sample(scans: Sequence[Path], most: int) -> list[Path]:
    """At most so many scans, evenly from all of them; 0: all."""
    if not most or len(scans) <= most:
        return list(scans)
    return [scans[math.floor(i * len(scans) / most)] for i in range(most)]


def measure(work: Callable[..., Cost], scans: Sequence[Path], out: Path, jobs: int) -> list[Cost]:
    """Let `work(scan, out=...)` read every scan, in processes of their own."""
    out.mkdir(parents=True, exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(min(jobs, max(1, len(scans)))) as pool:
        return pool.map(functools.partial(work, out=out), scans, chunksize=1)
