"""The reconciler: what the queue should know, rebuilt from the record.

Redis may be emptied, and any process killed, at any moment. An attempt whose lease ran out is
given to another; a waiting attempt that the queue has lost is announced again.
"""

from __future__ import annotations

import logging
import threading

from redis import Redis
from redis.exceptions import RedisError

from ledger import steps
from service import queue
from service.context import Context
from service.steps import give_up

log = logging.getLogger("paperclaim.reconcile")
#: what an attempt is called whose worker was never heard of again
_LOST = "worker.lost"


def reconcile(context: Context, redis: Redis) -> int:
    """Bring the queue in line with the record; how many attempts had to be announced.

    Raises:
        RedisError: Redis is away.
    """
    announced = 0
    with context.database.begin() as db:
        for ticket in steps.expired(db):
            if steps.again(db, ticket, context.settings.work.attempts, _LOST):
                announced += 1
            else:
                give_up(db, ticket, _LOST)
        lost = steps.untold(db)
    for ticket in lost:
        if not queue.has(redis, ticket):
            with context.database.begin() as db:
                steps.tell(db, ticket)
            announced += 1
    if announced:
        log.info("announced %d attempts again", announced)
    return announced


def keep_reconciling(context: Context, redis: Redis, stop: threading.Event) -> None:
    """Reconcile at once, then from time to time, until told to stop."""
    pause = min(context.settings.work.reconcile_seconds, context.settings.work.lease_seconds)
    while not stop.is_set():
        try:
            reconcile(context, redis)
        except RedisError:
            log.debug("Redis is away")
        stop.wait(pause)
