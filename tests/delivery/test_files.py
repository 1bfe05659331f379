from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery import files, hidden

DCN = "26327P0000012M"


def deliver(content: bytes, outbox: Path, dcn: str, revision: int) -> Path:
    return files.name(content, outbox, dcn, revision, files.hide(content, outbox, dcn, revision))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_claim_is_one_file_named_by_dcn_and_revision(tmp_path: Path) -> None:
    path = deliver(b"{}\n", tmp_path, DCN, 1)
    assert path == tmp_path / "26327P0000012M.r1.json"
    assert path.read_bytes() == b"{}\n"
    assert names(tmp_path) == [path.name]


def test_the_same_bytes_again_change_nothing(tmp_path: Path) -> None:
    first = deliver(b"{}\n", tmp_path, DCN, 1)
    before = first.stat()
    assert deliver(b"{}\n", tmp_path, DCN, 1) == first
    after = first.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert names(tmp_path) == [first.name]


def test_other_bytes_under_the_same_name_are_refused(tmp_path: Path) -> None:
    path = deliver(b"first", tmp_path, DCN, 1)
    with pytest.raises(files.DeliveryConflictError) as caught:
        deliver(b"other", tmp_path, DCN, 1)
    assert caught.value.code == "delivery.conflict"
    assert path.read_bytes() == b"first"
    assert [name for name in names(tmp_path) if not name.startswith(".")] == [path.name]


def test_a_file_that_was_taken_away_is_not_put_there_again(tmp_path: Path) -> None:
    token = files.hide(b"{}\n", tmp_path, DCN, 1)
    files.name(b"{}\n", tmp_path, DCN, 1, token).unlink()
    files.name(b"{}\n", tmp_path, DCN, 1, token)
    assert names(tmp_path) == []


def test_what_is_still_to_be_named_is_not_cleaned_away(tmp_path: Path) -> None:
    tokens = [files.hide(b"{}\n", tmp_path, DCN, 1) for _ in range(2)]
    assert hidden.clean(tmp_path, {tokens[0]}, older_than=-1) == 1
    assert files.name(b"{}\n", tmp_path, DCN, 1, tokens[0]).read_bytes() == b"{}\n"


def test_a_correction_is_a_new_revision_beside_the_old(tmp_path: Path) -> None:
    deliver(b"first", tmp_path, DCN, 1)
    deliver(b"other", tmp_path, DCN, 2)
    assert names(tmp_path) == ["26327P0000012M.r1.json", "26327P0000012M.r2.json"]


def test_a_missing_outbox_is_named(tmp_path: Path) -> None:
    with pytest.raises(files.DeliveryError) as caught:
        deliver(b"{}", tmp_path / "gone", DCN, 1)
    assert caught.value.code == "delivery.outbox"


def test_only_stale_temporary_files_are_cleaned(tmp_path: Path) -> None:
    stale = tmp_path / f".{DCN}.r1.json.0123456789abcdef.tmp"
    fresh = tmp_path / f".{DCN}.r2.json.0123456789abcdef.tmp"
    foreign = tmp_path / "notes.tmp"
    delivered = deliver(b"{}", tmp_path, DCN, 3)
    for path in (stale, fresh, foreign):
        path.write_bytes(b"half")
    long_ago = time.time() - 2 * hidden.STALE_AFTER
    for path in (stale, foreign, delivered):
        os.utime(path, (long_ago, long_ago))
    assert hidden.clean(tmp_path) == 1
    assert names(tmp_path) == sorted([fresh.name, foreign.name, delivered.name])


FOR_EVER = """
import itertools, pathlib, sys
from delivery import files
content, outbox, dcn = b"x" * 200_000, pathlib.Path(sys.argv[1]), sys.argv[2]
for number in itertools.count(1):
    files.name(content, outbox, dcn, number, files.hide(content, outbox, dcn, number))
"""


@pytest.mark.parametrize("round_number", range(5))
def test_killed_at_any_moment_every_named_file_is_whole(tmp_path: Path, round_number: int) -> None:
    content = b"x" * 200_000
    with subprocess.Popen([sys.executable, "-c", FOR_EVER, str(tmp_path), DCN]) as writer:
        deadline = time.monotonic() + 300
        while len(names(tmp_path)) <= 1 + 3 * round_number and time.monotonic() < deadline:
            assert writer.poll() is None
        writer.kill()
    written = list(tmp_path.glob("*.json"))
    assert written
    assert {path.read_bytes() for path in written} == {content}
    assert hidden.clean(tmp_path, older_than=0) <= 1
    for number in range(1, len(written) + 2):
        deliver(content, tmp_path, DCN, number)
    assert names(tmp_path) == sorted(files.file_name(DCN, n) for n in range(1, len(written) + 2))


@settings(max_examples=40, deadline=None)
@given(
    calls=st.lists(
        st.tuples(st.integers(min_value=1, max_value=3), st.sampled_from([b"a", b"b", b""])),
        max_size=12,
    )
)
def test_the_first_content_of_a_revision_stands(
    calls: list[tuple[int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    outbox = tmp_path_factory.mktemp("outbox")
    expected: dict[int, bytes] = {}
    for revision, content in calls:
        if expected.setdefault(revision, content) == content:
            deliver(content, outbox, DCN, revision)
        else:
            with pytest.raises(files.DeliveryConflictError):
                deliver(content, outbox, DCN, revision)
    assert {path.name: path.read_bytes() for path in outbox.glob("[!.]*")} == {
        files.file_name(DCN, revision): content for revision, content in expected.items()
    }
