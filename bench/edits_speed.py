"""How long the rules take: CPU milliseconds a claim, and how long rosters take to load and ask.

    python -m bench.edits_speed [--claims 200] [--members 1000000]

Claims are made up by `samples`, half of them with faults; nothing is read from a scan.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edits.check import Context, run
from edits.claim import build
from edits.rosters import Rosters
from extractors.kinds.table import kind_for
from forms.layout import layout
from models.page import Form
from models.reading import FieldReading
from samples.claims import FAULTS, make
from samples.wording import Wording

TODAY = dt.date(2026, 9, 20)


def readings(form: Form, pages: tuple[dict[str, str], ...]) -> dict[str, FieldReading]:
    """A made-up claim as if it had been read without doubt."""
    fields = {}
    for number, page in enumerate(pages, start=1):
        for name, text in page.items():
            choice = bool(layout(form).fields[name].choices)
            fields[name if number == 1 else f"{name}#{number}"] = FieldReading(
                text="X" if choice else text,
                value=text if choice else kind_for(form, name).value(text),
                confidence=0.999,
                accepted=True,
                page=number,
                box=(0, 0, 1, 1),
            )
    return fields


def claims(count: int) -> list[tuple[Form, dict[str, FieldReading]]]:
    """Claims of both forms, half of them with a fault."""
    rng = random.Random(7)
    made = []
    for at in range(count):
        form = Form.CMS1500 if at % 2 else Form.UB04
        faults = (rng.choice(FAULTS[form]),) if at % 4 > 1 else ()
        claim = make(form, rng, Wording(), today=TODAY, faults=faults)
        made.append((form, readings(form, claim.pages)))
    return made


def cost(work: Callable[[], object]) -> float:
    """CPU milliseconds of a call."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def rules(count: int) -> None:
    """Print what checking and building claims costs."""
    context = Context(today=TODAY, received=TODAY)
    made = claims(count)
    first = cost(lambda: run(*made[0], context))
    # each list is loaded where a rule first asks for it: that is once a process, not once a claim
    lists = max(cost(partial(run, form, fields, context)) for form, fields in made)
    checks = sorted(cost(partial(run, form, fields, context)) for form, fields in made)
    builds = [cost(partial(build, form, fields)) for form, fields in made]
    print(f"rules, {count} claims: median {statistics.median(checks):.2f} ms, ", end="")
    print(
        f"99 of 100 below {checks[int(0.99 * count)]:.2f} ms, worst {checks[-1]:.2f} ms; ", end=""
    )
    print(f"the first of a process {first:.0f} ms, another list loaded {lists:.0f} ms at most")
    print(f"typed claim: median {statistics.median(builds):.2f} ms")


def members(count: int) -> None:
    """Print what a roster of so many members costs."""
    rng = random.Random(7)
    first = dt.date(1930, 1, 1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "members.csv"
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(("id", "last", "first", "birth_date"))
            for at in range(count):
                born = first + dt.timedelta(days=rng.randrange(34_000))
                writer.writerow((f"M{at:010d}", f"L{at % 9973}", f"F{at % 977}", born.isoformat()))
        rosters = Rosters(Path(folder) / "rosters.db")
        start = time.perf_counter()
        rosters.load("member", file)
        print(f"roster, {count} members: loaded in {time.perf_counter() - start:.1f} s, ", end="")
        known = rosters.members()
        if known is None:
            raise sqlite3.DatabaseError
        asked = [known.by_id(f"M{rng.randrange(count):010d}")[0] for _ in range(500)]
        for what, start_with in (("asked", "M"), ("with a misread character", "8")):
            took = []
            for m in asked:
                name, number = f"{m.last}, {m.first}", start_with + m.id[1:]
                start = time.perf_counter()
                known.match(number, name, m.birth_date)
                took.append((time.perf_counter() - start) * 1000)
            print(f"{what}: {statistics.median(took):.2f} ms", end="; ")
        print()
        rosters.close()


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=200)
    parser.add_argument("--members", type=int, default=1_000_000)
    arguments = parser.parse_args()
    rules(arguments.claims)
    if arguments.members:
        members(arguments.members)


if __name__ == "__main__":
    main()
