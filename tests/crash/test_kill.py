"""Killed at every step boundary, one at a time: nothing is lost, nothing is done twice."""

from __future__ import annotations

import pytest
from redis import Redis

from service.faults import POINTS
from tests.crash.conftest import Street

#: the watcher and the relay are processes of their own; steps run in a worker's work horse
_OWN = [point for point in POINTS if point.startswith(("watch.", "relay."))]
_STEPS = [point for point in POINTS if point not in _OWN]


@pytest.mark.parametrize(
    "order", [*_OWN, *_STEPS, *(f"{point} parent" for point in _STEPS)]
)
def test_a_process_killed_at_a_step_boundary(street: Street, order: str) -> None:
    street.tend()
    street.order.write_text(order)
    street.drop()
    street.until(lambda: not street.order.exists())
    street.until(street.settled)
    street.check()


def test_redis_emptied_in_the_middle(street: Street) -> None:
    with Redis(unix_socket_path=str(street.settings.redis_socket)) as redis:
        for _ in range(4):
            street.drop(pages=2)
        for point in ("relay.queued", "open.begun", "read.begun", "relay.told", "read.committed"):
            street.order.write_text(point)
            street.until(lambda: not street.order.exists() or street.settled())
            street.order.unlink(missing_ok=True)
            redis.flushall()
    street.until(street.settled)
    street.check()


def test_everything_killed_at_once(street: Street) -> None:
    for _ in range(3):
        street.drop(pages=2)
    for point in ("watch.stored", "open.stored", "read.read", "deliver.written"):
        street.order.write_text(point)
        street.until(lambda: not street.order.exists() or street.settled())
        street.order.unlink(missing_ok=True)
        street.kill()
    street.until(street.settled)
    street.check()
