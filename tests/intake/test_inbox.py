"""The watched folder: what lies there, when it may be taken, and taking it."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PosixPath
from typing import Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.errors import FoldersOverlapError, TakeError
from intake.folders import FilesystemKind, check_apart, filesystem_kind, filesystem_of, room
from intake.inbox import Candidate, Refusal, candidate_of, candidates, is_junk
from intake.stability import Stability
from intake.taking import Taken, digest, left, leftovers, quarantine, release, take
from tests.intake.conftest import as_bytes, sheet

PNG = as_bytes(sheet("L", (60, 80)), "PNG")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def drop(folder: Path, name: str, data: bytes = PNG) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# --- looking ---


def test_folders_are_tags_and_the_oldest_comes_first(inbox: Path) -> None:
    for name, age in (("b.png", 50), ("clinic/ub/a.png", 200), ("clinic/c.png", 100)):
        os.utime(drop(inbox, name), (1e9 - age, 1e9 - age))
    found = candidates(inbox)
    assert [(one.path.name, one.tags) for one in found] == [
        ("a.png", ("clinic", "ub")),
        ("c.png", ("clinic",)),
        ("b.png", ()),
    ]
    assert all(one.size == len(PNG) and one.refusal is None for one in found)


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store",
        "._scan.pdf",
        "Thumbs.db",
        "thumbs.DB",
        "Desktop.ini",
        "~$letter.docx",
        "scan.pdf.part",
        "scan.tmp",
        "scan.PDF.crdownload",
        ".hidden.pdf",
        "@eaDir/scan.pdf",
        ".stfolder/scan.pdf",
        "__MACOSX/scan.pdf",
        "sender/#recycle/scan.pdf",
    ],
)
def test_junk_is_not_seen(inbox: Path, name: str) -> None:
    drop(inbox, name)
    assert candidates(inbox) == []


@pytest.mark.parametrize("name", ["scan.pdf", "part 1.tif", "tmp.pdf", "~scan.pdf", "a.b.c.PDF"])
def test_scans_are_not_junk(name: str) -> None:
    assert not is_junk(name)


def test_links_and_special_files_are_refused(inbox: Path, tmp_path: Path) -> None:
    outside = drop(tmp_path / "outside", "secret.png")
    (inbox / "link.png").symlink_to(outside)
    (inbox / "folder").symlink_to(outside.parent)
    os.mkfifo(inbox / "pipe")
    found = {one.path.name: one.refusal for one in candidates(inbox)}
    assert found == {
        "link.png": Refusal.SYMLINK,
        "folder": Refusal.SYMLINK,
        "pipe": Refusal.SPECIAL,
    }


def test_folders_without_end_are_refused(inbox: Path) -> None:
    drop(inbox, "/".join("abcdefghij") + "/scan.png")
    (found,) = candidates(inbox)
    assert found.refusal is Refusal.TOO_DEEP


def test_what_can_not_be_read_stops_nothing_beside_it(inbox: Path) -> None:
    """A folder that lists its files and gives none of them, and one that doesn't list them."""
    drop(inbox, "good.png")
    drop(inbox, "sender/a.png").parent.chmod(0o600)
    drop(inbox, "other/b.png").parent.chmod(0o300)
    code = (
        "import sys; from pathlib import Path; from intake.inbox import candidates\n"
        "print(*sorted(f'{c.path.name}:{c.refusal}' for c in candidates(Path(sys.argv[1]))))"
    )
    # root reads everything, unless it gives that up
    drop_rights = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--"]
    seen = subprocess.run(
        [*(drop_rights if os.geteuid() == 0 else ()), sys.executable, "-c", code, inbox],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for name in ("sender", "other"):
        (inbox / name).chmod(0o700)
    assert seen.stdout.split() == ["a.png:unreadable", "good.png:None", "other:unreadable"]


def test_a_name_that_is_no_text(inbox: Path, work: Path) -> None:
    folder = os.fsencode(inbox) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102 - no Path of bytes
    Path(os.fsdecode(folder + b"/scan\xff.png")).write_bytes(PNG)
    (found,) = candidates(inbox)
    taken = take(found, work)
    json.dumps([taken.name, taken.tags]).encode()
    assert taken.tags == ("caf?",)


def test_an_inbox_that_went_away_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        candidates(tmp_path / "unmounted")


# --- waiting ---


class Slow:
    """A whole check that the test decides."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.asked = 0

    def __call__(self, path: Path) -> str | None:
        assert path.exists()
        self.asked += 1
        return self.reason


def test_taken_when_quiet_and_not_before(inbox: Path) -> None:
    drop(inbox, "scan.png")
    watch = Stability(quiet_s=5, deadline_s=60)
    assert not watch.observe(candidates(inbox), 0.0).ready
    assert not watch.observe(candidates(inbox), 4.9).ready
    drop(inbox, "scan.png", PNG + b"\0")
    assert not watch.observe(candidates(inbox), 6.0).ready
    assert not watch.observe(candidates(inbox), 10.9).ready
    (ready,) = watch.observe(candidates(inbox), 11.0).ready
    assert ready.path == inbox / "scan.png"


def test_a_scanner_that_pauses_for_longer_than_the_quiet_time(inbox: Path) -> None:
    path = drop(inbox, "scan.png", PNG[:40])
    watch = Stability(quiet_s=2, deadline_s=600)
    for second in range(0, 300, 3):
        verdict = watch.observe(candidates(inbox), float(second))
        assert not verdict.ready
        assert not verdict.overdue
        assert [one.path for one in verdict.waiting] == [path]
    path.write_bytes(PNG)
    watch.observe(candidates(inbox), 300.0)
    assert watch.observe(candidates(inbox), 302.0).ready


def test_what_never_becomes_whole_is_overdue_with_its_reason(inbox: Path) -> None:
    drop(inbox, "scan.png", PNG[:40])
    watch = Stability(quiet_s=2, deadline_s=100)
    for second in (0.0, 50.0, 99.0):
        assert not watch.observe(candidates(inbox), second).overdue
    ((late, reason),) = watch.observe(candidates(inbox), 101.0).overdue
    assert late.path.name == "scan.png"
    assert reason == "The end of the PNG is missing."


def test_an_unchanged_file_is_not_looked_into_at_every_poll(inbox: Path) -> None:
    drop(inbox, "scan.png")
    slow = Slow()
    slow.reason = "not yet"
    watch = Stability(quiet_s=1, deadline_s=1e6, why_not=slow)
    for second in range(1000):
        watch.observe(candidates(inbox), float(second))
    assert 5 < slow.asked < 40
    slow.reason = None
    assert any(watch.observe(candidates(inbox), 1000.0 + second).ready for second in range(61))


def test_a_file_that_vanished_is_forgotten(inbox: Path) -> None:
    path = drop(inbox, "scan.png")
    watch = Stability(quiet_s=5, deadline_s=60)
    watch.observe(candidates(inbox), 0.0)
    path.unlink()
    watch.observe(candidates(inbox), 4.0)
    drop(inbox, "scan.png")
    assert not watch.observe(candidates(inbox), 6.0).ready


looks = st.lists(
    st.tuples(
        st.floats(0.1, 30.0),
        st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(looks)
def test_no_history_breaks_the_promise(
    history: list[tuple[float, tuple[int, int] | None, bool]],
) -> None:
    """Ready only when unchanged for the quiet time and whole; overdue only when neither."""
    whole = False
    watch = Stability(3.0, 20.0, lambda _: None if whole else "not yet")
    now, since, last = 0.0, 0.0, None
    for wait, state, is_whole in history:
        now += wait
        whole = is_whole
        found = []
        if state is not None:
            found = [Candidate(Path("scan"), (), state[0], state[1], 1)]
        if state != last:
            since, last = now, state
        verdict = watch.observe(found, now)
        quiet = now - since
        if verdict.ready:
            assert whole
            assert quiet >= 3.0
        if verdict.overdue:
            assert not whole
            assert quiet >= 20.0
        if state is not None and quiet >= 20.0 and not verdict.waiting:
            assert verdict.ready or verdict.overdue
        total = len(verdict.ready) + len(verdict.overdue) + len(verdict.waiting)
        assert total == len(found)


# --- taking ---


def lying(work: Path) -> list[Taken]:
    """What was taken and not released."""
    return [left(key, work) for key in leftovers(work)]


def test_a_taken_file_is_ours(inbox: Path, work: Path) -> None:
    path = drop(inbox, "clinic/NEWMAN, ALFRED.png")
    expected = digest(path)
    taken = take(candidates(inbox)[0], work)
    assert not path.exists()
    assert taken.path.read_bytes() == PNG
    assert (taken.name, taken.tags) == ("NEWMAN, ALFRED.png", ("clinic",))
    assert (taken.sha256, taken.size) == (expected, len(PNG))
    assert "NEWMAN" not in taken.path.name
    assert lying(work) == [taken]
    release(taken)
    assert list(work.iterdir()) == []


def test_the_same_name_again_overwrites_nothing(inbox: Path, work: Path) -> None:
    for content in (PNG, PNG + b"\0"):
        drop(inbox, "scan.png", content)
        take(candidates(inbox)[0], work)
    assert {taken.size for taken in lying(work)} == {len(PNG), len(PNG) + 1}


def test_a_file_that_changed_meanwhile_stays(inbox: Path, work: Path) -> None:
    path = drop(inbox, "scan.png")
    (seen,) = candidates(inbox)
    path.write_bytes(PNG + b"more")
    with pytest.raises(TakeError) as caught:
        take(seen, work)
    assert caught.value.code == "intake.take"
    assert path.read_bytes() == PNG + b"more"
    assert list(work.iterdir()) == []


def test_a_file_that_became_a_link_stays(inbox: Path, work: Path, tmp_path: Path) -> None:
    path = drop(inbox, "scan.png")
    (seen,) = candidates(inbox)
    path.rename(tmp_path / "elsewhere.png")
    path.symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(TakeError):
        take(seen, work)
    assert path.is_symlink()
    assert list(work.iterdir()) == []


def test_a_file_that_is_gone_says_so_without_its_name(inbox: Path, work: Path) -> None:
    path = drop(inbox, "NEWMAN.png")
    (seen,) = candidates(inbox)
    path.unlink()
    with pytest.raises(TakeError) as caught:
        take(seen, work)
    assert "NEWMAN" not in str(caught.value)


class Overtaken(PosixPath):
    """Written on while it is moved; then the next file of its name arrives."""

    def rename(self, target: str | os.PathLike[str]) -> Self:
        moved = super().rename(target)
        with moved.open("ab") as writer:
            writer.write(b"more")
        self.write_bytes(b"the next")
        return moved


def test_a_file_that_changes_while_it_is_moved_is_put_back_beside_the_next(
    inbox: Path, work: Path
) -> None:
    drop(inbox, "acme/scan.png")
    (seen,) = candidates(inbox)
    with pytest.raises(TakeError):
        take(replace(seen, path=Overtaken(seen.path)), work)
    found = {path.name: path.read_bytes() for path in (inbox / "acme").iterdir()}
    assert found == {"scan.png": b"the next", "scan-1.png": PNG + b"more"}
    assert list(work.iterdir()) == []


class Dissolved(PosixPath):
    """Written on while it is moved, and its folder goes."""

    def rename(self, target: str | os.PathLike[str]) -> Self:
        moved = super().rename(target)
        with moved.open("ab") as writer:
            writer.write(b"more")
        self.parent.rmdir()
        return moved


def test_what_can_not_be_put_back_is_left_over_with_its_name(inbox: Path, work: Path) -> None:
    drop(inbox, "acme/scan.png")
    (seen,) = candidates(inbox)
    with pytest.raises(TakeError):
        take(replace(seen, path=Dissolved(seen.path)), work)
    (found,) = lying(work)
    assert (found.name, found.tags) == ("scan.png", ("acme",))
    assert found.path.read_bytes() == PNG + b"more"


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another file system: memory, which every Linux has here."""
    folder = Path("/dev/shm") / f"paperclaim-test-{os.getpid()}"  # noqa: S108 - another device
    folder.mkdir()
    yield folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_taking_across_file_systems(inbox: Path, elsewhere: Path) -> None:
    if inbox.stat().st_dev == elsewhere.stat().st_dev:
        pytest.skip("everything lies on one file system here")
    path = drop(inbox, "scan.png")
    taken = take(candidates(inbox)[0], elsewhere)
    assert not path.exists()
    assert taken.path.read_bytes() == PNG
    assert lying(elsewhere) == [taken]


class Followed(PosixPath):
    """Once its copy is whole, the next file of its name comes, or more is written to it."""

    grows = False
    looked = 0

    def lstat(self) -> os.stat_result:
        Followed.looked += 1
        # before the note, for it, when the copy is complete; then before the file goes
        if Followed.looked == 4:
            if self.grows:
                with self.open("ab") as writer:
                    writer.write(b"more")
            else:
                following = self.with_name(".next")
                following.write_bytes(b"the next")
                following.rename(self)
        return super().lstat()


class Growing(Followed):
    grows = True


@pytest.mark.parametrize("kind", [Followed, Growing])
def test_what_comes_while_a_file_is_copied_is_not_removed_with_it(
    inbox: Path, elsewhere: Path, kind: type[Followed]
) -> None:
    if inbox.stat().st_dev == elsewhere.stat().st_dev:
        pytest.skip("everything lies on one file system here")
    path = drop(inbox, "scan.png")
    (seen,) = candidates(inbox)
    Followed.looked = 0
    if kind.grows:
        with pytest.raises(TakeError):
            take(replace(seen, path=kind(path)), elsewhere)
        assert path.read_bytes() == PNG + b"more"
        assert list(elsewhere.iterdir()) == []
    else:
        taken = take(replace(seen, path=kind(path)), elsewhere)
        assert path.read_bytes() == b"the next"
        assert taken.path.read_bytes() == PNG


class Kept(PosixPath):
    """A file that we may read and not remove."""

    def unlink(self, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - as Path has it
        raise PermissionError(errno.EACCES, "not ours", str(self), missing_ok)


def test_what_may_not_be_removed_elsewhere_is_not_kept_here(inbox: Path, elsewhere: Path) -> None:
    if inbox.stat().st_dev == elsewhere.stat().st_dev:
        pytest.skip("everything lies on one file system here")
    path = drop(inbox, "scan.png")
    (seen,) = candidates(inbox)
    with pytest.raises(TakeError, match="EACCES"):
        take(replace(seen, path=Kept(path)), elsewhere)
    assert path.read_bytes() == PNG
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("note", [None, b"", b"{", b"[1]", b'{"name": "x"}'])
def test_a_file_whose_note_is_lost_or_damaged_is_left_over(
    inbox: Path, work: Path, note: bytes | None
) -> None:
    drop(inbox, "acme/scan.png")
    taken = take(candidates(inbox)[0], work)
    noted = work / f"{taken.key}.arrival.json"
    noted.unlink()
    if note is not None:
        noted.write_bytes(note)
    (found,) = lying(work)
    assert (found.key, found.sha256) == (taken.key, taken.sha256)
    assert (found.name, found.tags) == ("unknown", ())
    assert found.arrived >= taken.arrived
    release(found)
    assert list(work.iterdir()) == []


def test_leftovers_of_every_crash(inbox: Path, work: Path) -> None:
    """Before the rename there is a note alone; after it both; a copy cut short is cleared."""
    (work / "aa.arrival.json").write_text('{"name": "x", "tags": [], "arrived_ns": 0}')
    (work / "bb.scan.part").write_bytes(PNG[:9])
    drop(inbox, "scan.png")
    taken = take(candidates(inbox)[0], work)
    assert lying(work) == [taken]
    assert sorted(path.name for path in work.iterdir()) == sorted(
        [taken.path.name, f"{taken.key}.arrival.json"]
    )


def test_quarantine_keeps_the_file_and_says_why(inbox: Path, tmp_path: Path) -> None:
    aside = tmp_path / "quarantine"
    aside.mkdir()
    places = []
    for number in range(3):
        path = drop(inbox, "scan.png", PNG + bytes(number))
        places.append(quarantine(path, aside, "scan.broken", "The end is missing."))
        assert not path.exists()
    assert [place.name for place in places] == ["scan.png", "scan-1.png", "scan-2.png"]
    for number, place in enumerate(places):
        assert place.read_bytes() == PNG + bytes(number)
        note = json.loads((aside / f"{place.name}.reason.json").read_text())
        assert note["code"] == "scan.broken"
        assert note["reason"] == "The end is missing."
        assert set(note) == {"code", "reason", "at", "size"}


def test_quarantine_of_the_longest_name(inbox: Path, tmp_path: Path) -> None:
    aside = tmp_path / "quarantine"
    aside.mkdir()
    place = quarantine(drop(inbox, "ä" * 123 + ".png"), aside, "scan.broken", "why")
    assert place.suffix == ".png"
    assert place.exists()


def test_quarantine_of_what_can_not_be_moved(inbox: Path, tmp_path: Path) -> None:
    aside = tmp_path / "quarantine"
    aside.mkdir()
    with pytest.raises(TakeError):
        quarantine(inbox / "gone.png", aside, "scan.broken", "why")
    with pytest.raises(TakeError):
        quarantine(drop(inbox, "scan.png"), tmp_path / "nowhere", "scan.broken", "why")
    assert (inbox / "scan.png").exists()
    assert list(aside.iterdir()) == []


# --- folders ---


@pytest.mark.parametrize(
    ("inbox_at", "outbox_at", "apart"),
    [
        ("a", "b", True),
        ("a", "ab", True),
        ("a", "a", False),
        ("a", "a/b", False),
        ("a/b", "a", False),
        ("a", "b/../a/c", False),
        ("a", "link/c", False),
    ],
)
def test_folders_that_overlap(tmp_path: Path, inbox_at: str, outbox_at: str, apart: object) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    folders = {"inbox": tmp_path / inbox_at, "outbox": tmp_path / outbox_at}
    if apart:
        check_apart(folders)
        return
    with pytest.raises(FoldersOverlapError) as caught:
        check_apart(folders)
    assert caught.value.code == "intake.folders_overlap"
    assert "inbox" in str(caught.value)


def test_room_and_kind_of_a_folder(tmp_path: Path) -> None:
    assert 0 < room(tmp_path) < 1 << 60
    assert filesystem_of(Path("/proc")) == "proc"
    assert filesystem_of(Path("/dev/shm")) == "tmpfs"  # noqa: S108 - a mount point of its own
    assert filesystem_kind(Path("/dev/shm")) is FilesystemKind.LOCAL  # noqa: S108 - the same


def test_a_candidate_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        candidate_of(tmp_path / "gone")


def test_an_old_file_copied_in_today_arrived_today(tmp_path: Path) -> None:
    inbox, work = tmp_path / "inbox", tmp_path / "work"
    inbox.mkdir()
    work.mkdir()
    began = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)
    (inbox / "scan.png").write_bytes(b"x")
    os.utime(inbox / "scan.png", (0, 0))
    [candidate] = candidates(inbox)
    assert take(candidate, work).arrived > began
