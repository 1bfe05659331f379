"""`make bench`: what the reader gets right, what it costs, and beside what.

    python -m bench [FOLDER...] [--pages N] [--hands N] [--papers N] [--baselines N] [--jobs N]
                    [--by form,print,scan,hand,kind,ink]

Every FOLDER holds scans with a truth JSON each. Without any, three are measured: the real forms in
../shared/scans where they are there, and our own corpus's test split, whose type faces, hands and
scanners nothing was fitted to: `--pages` as they come, and `--hands` by hand alone. On
`--baselines` pages of each, spread evenly over it (0: none), full-page Tesseract and RapidOCR read
the same pages in the same run. Seconds are CPU seconds of one process, children included, decode
to JSON. Plots go into bench/out. Where no FOLDER is named, `--papers` made-up attachments are read
too (`bench.papers_score`), and the review desk is timed with `--desk` claims in its database
(`bench.review`).
"""

from __future__ import annotations

import argparse
import functools
import os
import platform
import sys
import tempfile
from pathlib import Path

from bench import baselines, edits_score, edits_speed, papers_score, review
from bench.corpus import make_corpus
from bench.measure import Cost, measure, read_one, sample, scans_in
from bench.report import Run, beside, report
from bench.score import score

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "scans"
PLOTS = Path(__file__).resolve().parent / "out"
#: pages of the corpus where no folder is named: more would be surer, and slower
PAGES = 60
#: and pages by hand alone: among those are too few to say much
HANDS = 60
#: pages that the baselines read too: RapidOCR takes four to eight seconds each
BASELINES = 10
SEED = 1
#: made-up papers that come with claims
PAPERS = 110
#: made-up claims that rules are timed on
CLAIMS = 200


def _beside(folder: Path, out: Path, ours: list[Cost], most: int, jobs: int) -> None:
    """The baselines on some of the pages, beside ours on those."""
    everything = scans_in(folder)
    scans = sample(everything, most)
    stems = {scan.stem for scan in scans}
    mine = [cost for cost in ours if cost.scan in stems]
    runs = [Run("ours", score(out, folder, stems), mine)]
    for number, name in enumerate(baselines.READERS):
        there = out.with_name(f"{out.name}-{number}")
        costs = measure(functools.partial(baselines.read_one, name=name), scans, there, jobs)
        runs.append(Run(name, score(there, folder, stems), costs))
    beside(runs, len(everything))


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; exit 1 when there was nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--hands", type=int, default=HANDS)
    parser.add_argument("--papers", type=int, default=PAPERS)
    parser.add_argument("--desk", type=int, default=review.CLAIMS)
    parser.add_argument("--baselines", type=int, default=BASELINES)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--by", default="form,print,scan,hand,kind,ink")
    parser.add_argument("--plots", type=Path, default=PLOTS)
    chosen = parser.parse_args(arguments)
    by = [key for key in chosen.by.split(",") if key]
    with tempfile.TemporaryDirectory(prefix="paperclaim-bench-") as temporary:
        folders = {f.name: f for f in chosen.folders}
        if not folders:
            if SHARED.is_dir():
                folders["real forms"] = SHARED
            if chosen.pages:
                folders["our own corpus, test split"] = Path(temporary) / "corpus"
                make_corpus(Path(temporary) / "corpus", chosen.pages, "test", SEED)
            if chosen.hands:
                folders["the same, by hand"] = Path(temporary) / "hands"
                make_corpus(Path(temporary) / "hands", chosen.hands, "test", SEED, pages="hand")
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
        found = False
        for number, (name, folder) in enumerate(folders.items()):
            out = Path(temporary) / f"out-{number}"
            costs = measure(read_one, scans_in(folder), out, chosen.jobs)
            if costs:
                report(name, Run("ours", score(out, folder), costs), by, chosen.plots / folder.name)
                edits_score.of_folder(out, folder).show()
                if chosen.baselines > 0:
                    _beside(folder, out, costs, chosen.baselines, chosen.jobs)
                found = True
        edits_speed.rules(CLAIMS)
    if chosen.papers and not chosen.folders:
        papers_score.run(chosen.papers)
    if chosen.desk and not chosen.folders:
        review.main(["--claims", str(chosen.desk)])
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
