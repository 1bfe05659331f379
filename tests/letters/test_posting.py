"""Letters leave once: as files, and by a real mail server, wherever they are stopped."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from config.settings import Letters, Settings
from intake.errors import FolderError
from ledger import requests, steps
from ledger.database import Database
from ledger.requests import Letter
from ledger.steps import StepState
from letters import desk, posting
from letters.draft import Recipient
from letters.errors import PostError, UnsureError
from models.request import RequestError
from tests.letters.base import HOUSE, claim, day, enter, settings

BOUNDARIES = ("post.begun", "post.written", "mail.begun", "mail.sent", "post.committed")


class StopError(Exception):
    """The process is killed."""


class Box:
    """What a mail server took; it may refuse, or hang up when it has taken everything."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.refuse = False
        self.hang_up = False

    async def handle_DATA(self, server: SMTP, _s: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return "451 Later, please"
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        if self.hang_up:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
        return "250 Taken"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def url(tmp_path: Path) -> str:
    """One kind of database will do here."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def box() -> Iterator[tuple[Box, str]]:
    made = Box()
    controller = Controller(made, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield made, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def letter(record: Database, email: str = "") -> int:
    dcn = enter(record, claim({"25": ""}))
    with record.begin() as db:
        drafted = desk.draft(db, dcn).draft
        to = Recipient(name="POE", lines=["1 ELM ST"], email=email)
        changed = drafted.model_copy(update={"recipient": to, "channel": "mail"})
        desk.edit(db, dcn, changed, "ada")
        return desk.send(db, dcn, HOUSE, "ada", day(0)).id


def stopping(at: str) -> Callable[[str], None]:
    def point(name: str) -> None:
        if name == at:
            raise StopError

    return point


def files(in_force: Settings) -> list[Path]:
    return [path for path in in_force.letters_folder.rglob("*") if path.is_file()]


def logged(record: Database, letter_id: int) -> list[str]:
    with record.begin() as db:
        request = db.get_one(Letter, letter_id).request_id
        return [event.event for event in requests.log(db, request)]


def test_a_folder_elsewhere_that_is_away_gets_its_letter_when_it_is_back(
    record: Database, tmp_path: Path
) -> None:
    """A share: a folder made in its place would hide the letter from the mail run."""
    share = tmp_path / "share"
    section = Letters(folder=share / "letters")
    number, in_force = letter(record), Settings(data=tmp_path / "data", letters=section)
    with pytest.raises(FolderError):
        posting.post(record, number, in_force)
    assert not share.exists()
    in_force.letters_folder.mkdir(parents=True)
    posting.post(record, number, in_force)
    assert len(files(in_force)) == 1


@pytest.mark.parametrize("fetched", [False, True])
@pytest.mark.parametrize("at", BOUNDARIES)
def test_a_printed_letter_is_there_once(
    record: Database, tmp_path: Path, at: str, *, fetched: bool
) -> None:
    number, in_force = letter(record), settings(tmp_path)
    seen = []
    for point in (stopping(at), stopping(""), stopping("")):
        with contextlib.suppress(StopError):
            posting.post(record, number, in_force, point)
        found = [path for path in files(in_force) if not path.name.startswith(".")]
        seen += found
        if fetched:  # the mail run takes it away at once
            for path in found:
                path.unlink()
    assert len(set(seen)) == 1
    assert len(seen) == (1 if fetched else 3 if at != "post.begun" else 2)
    assert len(files(in_force)) == (0 if fetched else 1)
    with record.begin() as db:
        kept = db.get_one(Letter, number)
        assert seen[0].relative_to(in_force.letters_folder) == Path("2026-11-23", f"{kept.key}.pdf")
        assert fetched or seen[0].read_bytes() == kept.content
    assert logged(record, number).count("posted") == 1


def test_what_a_killed_writer_left_of_a_letter_goes_when_it_is_there(
    record: Database, tmp_path: Path
) -> None:
    number, in_force = letter(record), settings(tmp_path)
    with record.begin() as db:
        key = db.get_one(Letter, number).key
    folder = in_force.letters_folder / "2026-11-23"
    folder.mkdir(parents=True)
    half = folder / f".{key}.pdf.0123456789abcdef.tmp"
    half.write_bytes(b"%PDF-")
    posting.post(record, number, in_force)
    assert files(in_force) == [folder / f"{key}.pdf"]


def test_a_notice_says_nothing_of_the_claim(
    record: Database, tmp_path: Path, box: tuple[Box, str]
) -> None:
    taken, url = box
    number, in_force = letter(record, "office@poe.example"), settings(tmp_path, url)
    for _ in range(2):
        posting.post(record, number, in_force)
    (only,) = taken.taken
    message: Any = message_from_bytes(only, policy=policy.default)
    assert message["To"] == "office@poe.example"
    assert message["From"] == "Fernhill Health Plan <claims@payer.example>"
    body = message.get_content()
    with record.begin() as db:
        dcn = db.get_one(Letter, number).key.partition("-")[0]
    assert dcn in body
    assert "https://portal.example" in body
    assert dcn not in message["Subject"] + message["Message-ID"]
    for part in ("DOE", "JANE", "XYZ123456789", "1001", "Item", "tax", "1966", "September"):
        assert part not in only.decode()
    assert [path.parent.parent.name for path in files(in_force)] == ["portal"]


@pytest.mark.parametrize("at", BOUNDARIES)
def test_stopped_anywhere_a_notice_is_never_sent_twice(
    record: Database, tmp_path: Path, box: tuple[Box, str], at: str
) -> None:
    taken, url = box
    number, in_force = letter(record, "office@poe.example"), settings(tmp_path, url)
    with pytest.raises(StopError):
        posting.post(record, number, in_force, stopping(at))
    if at in ("mail.begun", "mail.sent"):
        with pytest.raises(UnsureError):
            posting.post(record, number, in_force)
    else:
        posting.post(record, number, in_force)
    assert len(taken.taken) == (0 if at == "mail.begun" else 1)


def test_a_server_that_refuses_is_asked_again(
    record: Database, tmp_path: Path, box: tuple[Box, str]
) -> None:
    taken, url = box
    number, in_force = letter(record, "office@poe.example"), settings(tmp_path, url)
    taken.refuse = True
    with pytest.raises(PostError):
        posting.post(record, number, in_force)
    with pytest.raises(PostError):
        posting.post(record, number, settings(tmp_path, "smtp://127.0.0.1:1"))
    with pytest.raises(PostError):
        posting.post(record, number, settings(tmp_path))
    taken.refuse = False
    posting.post(record, number, in_force)
    assert len(taken.taken) == 1


def test_a_server_that_falls_silent_leaves_it_to_a_person(
    record: Database, tmp_path: Path, box: tuple[Box, str]
) -> None:
    taken, url = box
    number, in_force = letter(record, "office@poe.example"), settings(tmp_path, url)
    taken.hang_up = True
    for _ in range(2):
        with pytest.raises(UnsureError):
            posting.post(record, number, in_force)
    assert len(taken.taken) == 1
    taken.hang_up = False
    with record.begin() as db:
        step = db.scalars(select(steps.Step).where(steps.Step.kind == "post")).one()
        step.state = StepState.FAILED
        key = db.get_one(Letter, number).key
    with record.begin() as db:
        posting.resend(db, key, "ada")
        assert db.get_one(steps.Step, step.id).state == StepState.WAITING
    posting.post(record, number, in_force)
    first, second = taken.taken
    of = [message_from_bytes(each)["Message-ID"] for each in (first, second)]
    assert of[0] == of[1]
    with record.begin() as db, pytest.raises(RequestError):
        posting.resend(db, key, "ada")
    assert logged(record, number)[-3:] == ["unsure", "resent", "posted"]
