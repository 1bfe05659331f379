"""The embedded Redis: a real redis-server of our own, on a unix socket in the data folder."""

from __future__ import annotations

import fcntl
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
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    deadline = time.monotonic() + _PATIENCE
    lock = _lock(socket.parent / "lock", deadline)
    child = spawn(
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
    os.close(lock)
    client = Redis(unix_socket_path=str(socket))
    while time.monotonic() < deadline:
        try:
            client.ping()
        except RedisError:
            if child.process.poll() is not None:
                break
            time.sleep(0.02)
        else:
            client.close()
            return child
    child.process.kill()
    child.process.wait()
    raise RedisServerError("The embedded Redis does not come up; see redis/redis.log.")


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
