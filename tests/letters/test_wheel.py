"""The whole wheel: a claim, a letter, its own reply sheet, a claim again; and nothing twice.

Real processes (Redis, watcher, relay, worker), a real mail server, a letter that is rasterised,
filled in, skewed and scanned. Processes are killed at every boundary of letters on the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from aiosmtpd.controller import Controller
from pdf2image import convert_from_bytes
from PIL import Image, ImageDraw, ImageFont
from redis import Redis
from sqlalchemy import select

from edits.known import ROSTERS
from edits.rosters import Rosters
from extractors.answers import frames
from extractors.lines import ink_in
from ledger import documents, requests, steps
from ledger.documents import Document
from ledger.joins import of_claim
from ledger.requests import Letter, Request
from ledger.scans import Arrival
from letters import desk
from models.page import Form
from review.cases import Cases
from samples import faces
from samples.files import Sheet, write
from samples.scan import Scanned, make_scan
from samples.style import Style
from service.context import connect
from tests.crash.conftest import Street
from tests.letters.base import HOUSE, asked_of
from tests.letters.test_posting import Box, free_port

pytestmark = pytest.mark.xdist_group("run")
Row = TypeVar("Row")
#: a claim without a tax number
SEED, MISSING, ANSWER = 3, "25", "12-3456789"


@pytest.fixture
def box() -> Iterator[tuple[Box, str]]:
    made = Box()
    controller = Controller(made, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield made, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def street(tmp_path_factory: pytest.TempPathFactory, box: tuple[Box, str]) -> Iterator[Street]:
    made = Street(tmp_path_factory.mktemp("w") / "data", workers=1)
    made.env |= {
        "PAPERCLAIM_LETTERS_PAYER": HOUSE.payer,
        "PAPERCLAIM_LETTERS_ADDRESS": json.dumps(HOUSE.address),
        "PAPERCLAIM_LETTERS_SENDER": HOUSE.sender,
        "PAPERCLAIM_LETTERS_SMTP": box[1],
        # so strict that a person is asked, however well the claim is read
        "PAPERCLAIM_READ_ACCEPTED_ERROR_RATE": "0.0001",
    }
    profiles = made.settings.data / "profiles"
    profiles.mkdir()
    (profiles / "auto.toml").write_text(
        'name = "auto"\ntags = ["auto"]\n[letters]\nsend = "auto"\nchannel = "mail"\n'
    )
    yield made
    made.kill()
    made.database.engine.dispose()


def settle(street: Street, dcn: str, truth: dict[str, str]) -> None:
    """A person reads the paper: every field in doubt is what the truth says."""
    cases = Cases(street.database, connect(street.settings).store)
    for _ in range(3):
        for field in cases.open(dcn).desk().fields:
            if field.needed:
                text = truth.get(field.id, "")
                spoken = ("said", text) if text else ("not_present", "")
                cases.answer(dcn, field.id, spoken, by="ada")
    with street.database.begin() as db:
        documents.release(documents.get(db, dcn), "ada")


def filled(letter: bytes, question: int, answer: str) -> Image.Image:
    """The reply sheet of a letter: rasterised, written on, and laid askew on the scanner."""
    sheet = convert_from_bytes(letter, dpi=200)[-1].convert("L")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(38)
    left, top, _, bottom = frames(ink_in(np.asarray(sheet))[0])[question]
    pen.text((left + 40, (top + bottom) / 2), answer, fill=40, font=font, anchor="lm")
    pen.line((160, 1880, 420, 1840, 520, 1890), fill=60, width=4)
    skewed = sheet.rotate(1.7, resample=Image.Resampling.BICUBIC, fillcolor=255)
    dirt = np.random.default_rng(7).normal(0, 9, (skewed.height, skewed.width))
    return Image.fromarray(np.clip(np.asarray(skewed) + dirt, 0, 255).astype(np.uint8))


def rows(street: Street, kind: type[Row]) -> list[Row]:
    with street.database.begin() as db:
        return list(db.scalars(select(kind)))


def printed(street: Street) -> list[Path]:
    return [path for path in street.settings.letters_folder.rglob("*") if path.is_file()]


def made() -> Scanned:
    face = next(iter(faces.installed(("liberation-mono", "dejavu-mono"))), faces.BUILT_IN)
    style = Style(face, "red", "office-200-colour", points=10)
    return make_scan(Form.CMS1500, SEED, style, faults=(f"no_{MISSING}",))


def state(street: Street, dcn: str) -> str:
    with street.database.begin() as db:
        return db.get_one(Document, dcn).state


def drop(street: Street, sheets: Sequence[Sheet], *tags: str) -> None:
    """Put a scan into the inbox, whole from the first moment."""
    hidden = write(sheets, street.settings.inbox / ".next.tif")
    street.dropped += 1
    folder = street.settings.inbox.joinpath(*tags)
    folder.mkdir(parents=True, exist_ok=True)
    hidden.rename(folder / f"scan-{street.dropped}.tif")


def done(street: Street) -> bool:
    """Everything that was dropped is entered, and nothing is left to do."""
    with street.database.begin() as db:
        entered = len(db.scalars(select(Arrival)).all()) == street.dropped
        return entered and steps.open_steps(db) == 0 and street.killed()


def test_the_whole_wheel(street: Street, box: tuple[Box, str]) -> None:
    scanned = made()
    truth: dict[str, str] = scanned.truths[0]["fields"]
    roster = street.settings.data.parent / "providers.csv"
    roster.write_text(f"npi,name,email\n{truth['33a']},POE,office@poe.example\n")
    Rosters(street.settings.data / ROSTERS).load("provider", roster)
    drop(street, scanned.sheets, "auto")
    street.until(lambda: done(street))
    (claim,) = rows(street, Document)
    dcn: str = claim.dcn
    assert claim.state == "review"
    assert rows(street, Request) == []

    # a person settles what is in doubt; the letter that follows from it goes out by itself
    street.order_kills("follow.begun", "follow.committed", "post.begun", "post.written parent")
    settle(street, dcn, truth)
    street.until(lambda: state(street, dcn) == "waiting" and done(street))
    (letter,) = rows(street, Letter)
    (only,) = printed(street)
    assert only.parent.parent.name == "portal"
    assert only.read_bytes() == letter.content

    # the queue is lost; the calendar brings a reminder all the same, once
    with street.database.begin() as db:
        requests.get(db, letter.request_id).next_on = letter.dated
    street.order_kills("follow.begun parent", "post.committed")
    with Redis(unix_socket_path=str(street.settings.redis_socket)) as redis:
        redis.flushall()
    street.until(lambda: len(rows(street, Letter)) == 2 and done(street))

    # its own reply sheet comes back, written on and askew; the same scan twice
    with street.database.begin() as db:
        asked = [item.fields for item in asked_of(db, dcn)[0].draft.items]
    written = filled(letter.content, asked.index([MISSING]), ANSWER)
    sheet = Sheet(np.asarray(written), (200, 200))
    drop(street, [sheet])
    drop(street, [sheet])
    street.until(lambda: len(rows(street, Document)) == 2 and done(street))
    assert state(street, dcn) == "review"
    with street.database.begin() as db:
        (join,) = of_claim(db, dcn)
        assert (join.role, join.by) == ("reply", "bar code")

    # what was written is suggested, a person says so, and the claim goes out
    cases = Cases(street.database, connect(street.settings).store)
    (suggested,) = (view for view in cases.open(dcn, "ada").desk().fields if view.id == MISSING)
    assert (suggested.text, suggested.needed) == (ANSWER, True)
    cases.answer(dcn, MISSING, ("said", suggested.text), by="ada")
    settle(street, dcn, truth)
    assert cases.finish(dcn, by="ada")[0] is None
    street.until(lambda: state(street, dcn) == "delivered" and done(street))

    nothing_twice(street, dcn, box[0])
    log = street.log.read_bytes() + b"".join(box[0].taken)
    assert [text for text in truth.values() if len(text) > 6 and text.encode() in log] == []


def nothing_twice(street: Street, dcn: str, box: Box) -> None:
    """What went out, each once, and says what happened."""
    written = sorted(street.settings.outbox.glob(f"{dcn}.r*.json"))
    claims = {path.name: json.loads(path.read_text()) for path in written}
    last = claims[f"{dcn}.r{len(claims)}.json"]
    assert [each["status"] for each in claims.values()] == ["review", "waiting", "review", "ready"]
    assert last["fields"][MISSING]["text"] == ANSWER
    (reply,) = last["attachments"]
    assert reply["role"] == "reply"
    # it isn't printed on the claim: whoever reads it is told where it is
    assert last["fields"][MISSING]["confirmation"]["paper"] == reply["dcn"]
    others = [f["confirmation"] for n, f in last["fields"].items() if n != MISSING]
    assert {each["paper"] for each in others if each} <= {None}
    assert [f for f in last["findings"] if f["severity"] != "warn"] == []
    assert [each["state"] for each in last["history"]] == [
        "received", "reading", "review", "waiting", "review", "ready",
    ]  # fmt: skip
    with street.database.begin() as db:
        said = [entry.event for entry in desk.log(db, dcn)]
    assert said == ["drafted", "sent", "posted", "reminded", "posted", "answered"]
    assert len(printed(street)) == len(box.taken) == 2
