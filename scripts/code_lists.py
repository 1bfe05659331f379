"""Pack code lists into `codes/data`: one line a code, with the days it was valid.

    python -m scripts.code_lists icd10cm 2026-09-30 2023-10-01=FILE 2024-10-01=FILE ...

Each FILE is a release, its codes at the start of its lines (as CMS publishes the ICD-10 order
files, without points); the date before it is the first day of the release, the one after the
table's name the last day that the last release is known to hold.
"""

from __future__ import annotations

import datetime as dt
import lzma
import re
import sys
from pathlib import Path
from typing import Final

DATA: Final = Path("codes/data")
_CODE: Final = re.compile(r"[0-9A-Z]{3,7}")


def codes_of(path: Path) -> set[str]:
    """The codes of a release."""
    found = set()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        code = _CODE.match(line)
        if code:
            found.add(code[0])
    return found


def pack(releases: dict[dt.date, set[str]], last: dt.date) -> str:
    """The table: a line with its first and last day, then a line a code.

    A code that is in every release has no days of its own; one that came or went has the first
    day of the release that brought it, and the day before the one that lacked it.
    """
    starts = sorted(releases)
    lines = [f"{starts[0].isoformat()},{last.isoformat()}"]
    for code in sorted(set().union(*releases.values())):
        within = [start for start in starts if code in releases[start]]
        after = [start for start in starts if start > within[-1]]
        came = within[0].isoformat() if within[0] > starts[0] else ""
        went = (after[0] - dt.timedelta(days=1)).isoformat() if after else ""
        lines.append(f"{code},{came},{went}".rstrip(","))
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    """Write one table."""
    table, last, *files = arguments
    releases = {}
    for each in files:
        start, _, path = each.partition("=")
        releases[dt.date.fromisoformat(start)] = codes_of(Path(path))
    text = pack(releases, dt.date.fromisoformat(last))
    target = DATA / f"{table}.csv.xz"
    target.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{target}: {len(text.splitlines()) - 1} codes, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
