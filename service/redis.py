"""The embedded Redis: a real redis-server of our own, on a unix socket in the data folder."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from models.errors import PaperclaimError
from service.children import Child, spawn

#: bytes: what the kernel allows for the path of a unix socket
_LONGEST = 100
#: seconds for a server to load its file and answer
_PATIENCE = 30.0
#: where it keeps what it was told: a folder from Redis 7 on, a file before
_APPEND_ONLY = ("appendonlydir", "appendonly.aof")
log = logging.getLogger("paperclaim.redis")


class RedisServerError(PaperclaimError):
    """The embedded Redis does not start."""

    code = "redis.server"
    remedy = "Install redis-server, or name one with PAPERCLAIM_REDIS_URL."


def start(socket: Path) -> Child:
    """Start the server and wait until it answers.

    Raises:
        RedisServerError: it isn't installed, or doesn't come up.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise RedisServerError("There is no redis-server on this machine.")
    if len(str(socket).encode()) > _LONGEST:
        raise RedisServerError(
            "The path of the data folder is too long for a socket.",
            remedy="Choose a shorter one with PAPERCLAIM_DATA.",
        )
    folder = socket.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _lock(folder / "lock", time.monotonic() + _PATIENCE)
    try:
        child = _spawn(program, socket, lock)
        up = _answers(child, socket)
        if not up and child.process.poll() is not None and _set_aside(folder):
            child = _spawn(program, socket, lock)
            up = _answers(child, socket)
    finally:
        os.close(lock)
    if up:
        return child
    child.process.kill()
    child.process.wait()
    raise RedisServerError(
        "The embedded Redis does not come up.",
        remedy=f"Read why in {folder / 'redis.log'}, or name another with PAPERCLAIM_REDIS_URL.",
    )


def _spawn(program: str, socket: Path, lock: int) -> Child:
    return spawn(
        "redis",
        [
            program,
            *("--port", "0"),
            *("--unixsocket", str(socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(socket.parent)),
            *("--appendonly", "yes"),
            *("--maxmemory-policy", "noeviction"),
            *("--save", ""),
            *("--logfile", str(socket.parent / "redis.log")),
        ],
        keep=[lock],
    )


def _answers(child: Child, socket: Path) -> bool:
    """Wait until the server answers; False where it ends before, or takes too long."""
    deadline = time.monotonic() + _PATIENCE
    with Redis(unix_socket_path=str(socket)) as client:
        while time.monotonic() < deadline:
            try:
                client.ping()
            except RedisError:
                if child.process.poll() is not None:
                    return False
                time.sleep(0.02)
            else:
                return True
    return False


def _set_aside(folder: Path) -> bool:
    """Move what a server loads as it starts out of its way; False where there is nothing to move.

    A power cut may have damaged it. Nothing is lost with it: the database is the record.
    """
    moved = False
    with contextlib.suppress(OSError):
        for name in _APPEND_ONLY:
            aside = folder / f"{name}.damaged"
            if (folder / name).exists():
                shutil.rmtree(aside, ignore_errors=True)
                (folder / name).rename(aside)
                log.warning(
                    "Redis could not load %s: it is %s now, and the queue is rebuilt",
                    name,
                    aside.name,
                )
                moved = True
    return moved


def _lock(path: Path, deadline: float) -> int:
    """A lock that the server inherits and holds until it is gone: two must not share a folder.

    An older server may still be saving, and would take the new one's socket away as it ends.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(handle)
                raise RedisServerError(
                    "Another Redis runs in this data folder.",
                    remedy="Paperclaim is running here already; end that one first.",
                ) from None
            time.sleep(0.05)
        else:
            return handle
