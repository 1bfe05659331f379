"""Reads scans as the product does, and keeps what the confidence of each field was made from.

    python -m bench.examine SCANS OUT [--jobs N]

writes OUT/<scan>.json (the contract) and OUT/<scan>.features.json (field id to
`extractors.features.Features`) for every scan in SCANS that has a truth file beside it:
what `bench.score` and `bench.calibrate` start from. Scans of one page.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from extractors.page import examine, reading_of
from extractors.readers import Readers, load
from extractors.readers.watch import ReaderError
from intake.limits import Limits
from intake.look import look
from intake.scan import open_page
from models.clock import Stages
from models.errors import ScanError
from pipeline.documents import assemble


@functools.cache
def _readers() -> Readers:
    return load()


def one(scan: Path, out: Path) -> float:
    """Read one scan and write both files; CPU seconds of the reading, 0 where it failed."""
    stages = Stages()
    try:
        page = open_page(scan, 1, Limits())
    except ScanError:
        return 0.0
    with stages("look"):
        seen = look(page)
    try:
        found = examine(page, seen, _readers(), stages)
    except ReaderError:  # the page goes to a person, and tells nothing of confidence
        return 0.0
    read = reading_of(page, seen, found, stages, [])
    documents = [d.model_dump(mode="json") for d in assemble([read])]
    everything = found.fields | found.dirt
    features = {name: examined.features.json() for name, examined in everything.items()}
    (out / f"{scan.name}.json").write_text(json.dumps({"documents": documents}), encoding="utf-8")
    (out / f"{scan.name}.features.json").write_text(json.dumps(features), encoding="utf-8")
    return sum(stages.seconds.values())


def main(arguments: list[str] | None = None) -> int:
    """Read a folder."""
    parser = argparse.ArgumentParser(prog="python -m bench.examine", description=__doc__)
    parser.add_argument("scans", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    scans = sorted(
        path
        for path in chosen.scans.iterdir()
        if path.suffix != ".json" and path.with_suffix(".json").exists()
    )
    work = functools.partial(one, out=chosen.out)
    if chosen.jobs == 1:
        seconds = [work(scan) for scan in scans]
    else:
        # (a `Pool` would wait for ever for a process that died)
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(chosen.jobs, mp_context=spawn) as pool:
            seconds = list(pool.map(work, scans, chunksize=4))
    print(f"{len(scans)} scans, {sum(seconds) / max(1, len(scans)):.2f} CPU seconds each")
    return 0 if scans else 1


if __name__ == "__main__":
    sys.exit(main())
