"""The embedded Redis: what it kept may be damaged, for it keeps nothing of value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from service import redis
from service.children import Child, end
from service.redis import RedisServerError


@pytest.fixture
def socket(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # a short path: the kernel allows no long one
    return tmp_path_factory.mktemp("r") / "redis" / "redis.sock"


@pytest.fixture
def children() -> Iterator[list[Child]]:
    """Those that are ended after the test."""
    started: list[Child] = []
    yield started
    end(started, 30)


def test_a_damaged_file_is_set_aside(
    socket: Path, children: list[Child], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        children.append(redis.start(socket))
        with Redis(unix_socket_path=str(socket)) as client:
            assert client.dbsize() == 0
            for number in range(50):
                client.set(f"k{number}", "told")
        end(children, 30)
        (told,) = socket.parent.glob("appendonlydir/*.incr.aof")
        content = bytearray(told.read_bytes())
        content[300:308] = bytes(8)
        told.write_bytes(content)
    children.append(redis.start(socket))
    with Redis(unix_socket_path=str(socket)) as client:
        assert client.dbsize() == 0
        assert client.set("k", "told")
    assert (socket.parent / "appendonlydir.damaged").is_dir()
    assert caplog.text.count("it is appendonlydir.damaged now, and the queue is rebuilt") == 2


def test_a_second_one_in_the_same_folder_is_refused(
    socket: Path, children: list[Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two on one folder would ruin each other's file."""
    children.append(redis.start(socket))
    monkeypatch.setattr(redis, "_PATIENCE", 0.2)
    with pytest.raises(RedisServerError, match="Another Redis runs in this data folder"):
        redis.start(socket)


def test_one_that_does_not_come_up_says_where_to_look(socket: Path) -> None:
    log = socket.parent / "redis.log"
    log.mkdir(parents=True)
    with pytest.raises(RedisServerError, match=r"does not come up\. Read why in .*redis\.log"):
        redis.start(socket)
