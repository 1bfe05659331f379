"""Killed at every step boundary, one at a time: nothing is lost, nothing is done twice."""

from __future__ import annotations

import pytest
from redis import Redis

from models.page import Form
from samples import faces
from samples.files import write
from samples.scan import make_scan
from samples.style import Style
from service.faults import POINTS
from tests.crash.conftest import Street

#: one street for all of these, with the machine's other core left to other tests
pytestmark = pytest.mark.xdist_group("crash")


@pytest.mark.parametrize(
    ("process", "victim"),
    [
        ("watch", "self"),
        ("relay", "self"),
        *(
            (step, who)
            for step in ("open", "read", "assemble", "deliver")
            for who in ("self", "parent")
        ),
    ],
)
def test_a_process_killed_at_its_boundaries(street: Street, process: str, victim: str) -> None:
    # steps run in the work horse of a worker: itself, or its parent
    boundaries = [f"{point} {victim}" for point in POINTS if point.startswith(f"{process}.")]
    assert boundaries
    street.order_kills(*boundaries)
    street.drop()
    street.until(street.killed)
    street.until(street.settled)
    street.check()


def test_every_boundary_is_one_of_those() -> None:
    assert {p.split(".")[0] for p in POINTS} == {
        "watch",
        "relay",
        "open",
        "read",
        "assemble",
        "deliver",
        # in tests/letters/test_wheel.py
        "follow",
        "post",
        "mail",
    }


def test_redis_emptied_in_the_middle(street: Street) -> None:
    with Redis(unix_socket_path=str(street.settings.redis_socket)) as redis:
        street.drop(pages=3)
        for point in ("relay.queued", "open.begun", "read.begun", "relay.told"):
            street.order_kills(point)
            street.until(lambda: street.killed() or street.settled())
            street.order_kills()
            redis.flushall()
    street.until(street.settled)
    street.check()


def test_everything_killed_at_once(street: Street) -> None:
    street.drop(pages=2)
    for point in ("watch.stored", "read.read"):
        street.order_kills(point)
        street.until(street.killed)
        street.kill()
    street.until(street.settled)
    street.check()


def test_a_claim_whose_worker_is_killed_leaves_nothing_in_redis_the_log_or_temporary_files(
    street: Street,
) -> None:
    font = next(iter(faces.installed(("liberation-mono", "dejavu-mono"))), faces.BUILT_IN)
    style = Style(font, "red", "office-200-colour", points=10)
    scanned = make_scan(Form.CMS1500, 3, style)
    street.order_kills("read.read", "deliver.written parent")
    street.take(write(scanned.sheets, street.settings.inbox / ".claim.tif"))
    street.until(street.killed)
    street.until(street.settled)
    street.check()

    words = [text.encode() for text in scanned.truths[0]["fields"].values() if len(text) > 6]
    delivered = b"".join(p.read_bytes() for p in street.settings.outbox.glob("*.json"))
    assert sum(word in delivered for word in words) > len(words) / 2
    folder = street.settings.redis_socket.parent
    commands = b"".join(p.read_bytes() for p in folder.rglob("*.aof"))
    assert b"step-" in commands
    for said in (commands, street.log.read_bytes()):
        assert [word for word in (*words, b"scan-") if word in said] == []

    def left() -> list[str]:
        return [p.name for p in (street.settings.data / "tmp").glob("*/files/*")]

    # the worker that was killed is started again, and clears away what it left
    street.until(lambda: left() == [])
