"""Redis: is it one that can carry the queue, and does it keep what it is given?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from config.settings import Settings
from paperclaim.checks.check import Check, fail, ok, warn

if TYPE_CHECKING:
    from redis import Redis

#: BLMOVE came with 6.2: with it a job is never in nobody's hands
_OLDEST: Final = (6, 2)
#: seconds between our clock and Redis' that no lease minds
_SKEW: Final = 5.0
_NOT_ASKED: Final = "Allow this user CONFIG GET, or check it by hand."


def queue(settings: Settings) -> Iterator[Check]:
    """Redis, if it runs."""
    from redis import Redis
    from redis.exceptions import RedisError

    if settings.embedded_redis and not settings.redis_socket.exists():
        yield warn(
            "redis",
            "the embedded one is not running",
            "Nothing has to be done: `paperclaim run` starts it.",
        )
        return
    try:
        with Redis.from_url(settings.redis_url, socket_timeout=5, decode_responses=True) as redis:
            yield from _running(redis)
    except (RedisError, ValueError, OSError) as error:
        if settings.embedded_redis:
            remedy = "Start Paperclaim: a socket is there, and nobody answers."
            yield warn("redis", "the embedded one is not running", remedy)
        else:
            yield fail(
                "redis",
                f"can't be reached: {type(error).__name__}",
                "Check redis.url, and that the server runs and lets us in.",
            )


def _running(redis: Redis) -> Iterator[Check]:
    info: dict[str, Any] = redis.info()
    version = str(info["redis_version"])
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers < _OLDEST:
        yield fail("redis", version, "Upgrade Redis: 6.2 or newer is needed.")
    else:
        yield ok("redis", f"{version}, up {info['uptime_in_seconds']} s")
    yield _eviction(redis)
    yield _persistence(info)
    yield _skew(redis)


def _eviction(redis: Redis) -> Check:
    from redis.exceptions import ResponseError

    try:
        policy = redis.config_get("maxmemory-policy")["maxmemory-policy"]
    except (ResponseError, KeyError):
        return warn("redis eviction", "can't be asked", _NOT_ASKED)
    if policy != "noeviction":
        return fail(
            "redis eviction",
            f"{policy}: jobs vanish when memory is short",
            "Set maxmemory-policy to noeviction.",
        )
    return ok("redis eviction", str(policy))


def _persistence(info: dict[str, Any]) -> Check:
    if not info.get("aof_enabled"):
        return warn(
            "redis persistence",
            "no append-only file: after a restart the queue is rebuilt from the database",
            "Set appendonly to yes.",
        )
    if info.get("aof_last_write_status") != "ok":
        return fail(
            "redis persistence",
            "the append-only file can't be written",
            "Check the room and the permissions of Redis' folder.",
        )
    return ok("redis persistence", "append-only file")


def _skew(redis: Redis) -> Check:
    seconds, micros = redis.time()
    apart = abs(time.time() - (seconds + micros / 1e6))
    if apart > _SKEW:
        return warn(
            "clock and redis",
            f"{apart:.0f} s apart",
            "Let a time service keep the clocks of both machines.",
        )
    return ok("clock and redis", f"less than {_SKEW:.0f} s apart")
