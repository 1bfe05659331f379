"""The relay: outbox rows become jobs, a few at a time.

The queue is kept short on purpose: what is told late is told in the fairest order, so that the
claim that arrives now is not behind the batch of five hundred pages that arrived before.
"""

from __future__ import annotations

import logging
import threading

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from ledger import steps
from service import queue
from service.context import Context
from service.faults import point

log = logging.getLogger("paperclaim.relay")
#: jobs in the queue for each worker: one to go on with, one spare
_AHEAD = 2
#: seconds between two looks at the outbox
_PAUSE = 0.2
#: seconds to wait where Redis does not answer
_AWAY = 2.0


def relay_once(context: Context, redis: Redis) -> int:
    """Tell the queue what it has room for; how many attempts it was told.

    Raises:
        RedisError: Redis is away; nothing was forgotten.
    """
    room = _AHEAD * context.settings.workers + 1 - queue.depth(redis)
    if room <= 0:
        return 0
    with context.database.begin() as db:
        rows = steps.notices(db, room)
    for notice, ticket in rows:
        point("relay.begun")
        queue.put(redis, ticket)
        point("relay.queued")
        with context.database.begin() as db:
            steps.told(db, notice)
        point("relay.told")
    return len(rows)


def relay(context: Context, redis: Redis, stop: threading.Event) -> None:
    """Relay until told to stop."""
    away = False
    while not stop.is_set():
        try:
            told = relay_once(context, redis)
        except (RedisError, SQLAlchemyError) as error:
            if not away:
                log.warning(
                    "nothing is relayed (%s); work waits in the record", type(error).__name__
                )
            away = True
            stop.wait(_AWAY)
            continue
        if away:
            log.warning("relaying again")
            away = False
        if not told:
            stop.wait(_PAUSE)
