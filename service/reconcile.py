"""The reconciler: what the queue should know, rebuilt from the record.

Redis may be emptied, and any process killed, at any moment. An attempt whose owner is dead or
whose lease ran out is given to another; a waiting attempt that two looks did not find in the queue
is announced again. Should a worker have it all the same, it is told twice and done once.
"""

from __future__ import annotations

import logging
import threading

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from delivery import hidden
from ledger import identities, steps
from ledger.database import now
from ledger.steps import Ticket
from letters import follow
from service import queue
from service.context import Context
from service.owner import gone

log = logging.getLogger("paperclaim.reconcile")
#: what an attempt is called whose worker was never heard of again
_LOST = "worker.lost"
#: seconds until the second look at an attempt that is not in the queue
_DOUBT = 3.0


def reconcile(context: Context, redis: Redis, missed: set[Ticket]) -> set[Ticket]:
    """Bring the queue in line with the record.

    Args:
        context: the record and the settings.
        redis: the queue.
        missed: attempts that the last look did not find in the queue either.

    Returns:
        Attempts that wait, and that the queue does not have now: a worker may just have got
        them, so only the next look announces them again.

    Raises:
        RedisError: Redis is away.
    """
    announced = _take_over(context)
    with context.database.begin() as db:
        told = steps.untold(db)
    missing = {ticket for ticket in told if not queue.has(redis, ticket)}
    lost = missing & missed
    if lost:
        with context.database.begin() as db:
            announced += sum(steps.tell(db, ticket) for ticket in lost)
    if announced:
        log.info("announced %d attempts again", announced)
    return missing - lost


def _take_over(context: Context) -> int:
    """Give the attempts of the dead to others."""
    count = 0
    with context.database.begin() as db:
        running = steps.running(db)
    at = now()
    for one in running:
        if not (gone(one.owner) or one.lease_until is None or one.lease_until < at):
            continue
        with context.database.begin() as db:
            count += steps.again(db, one.ticket, context.settings.work.attempts, _LOST)
    return count


def due(context: Context) -> int:
    """Make steps of what the calendar asks for: letters that are due. How many there are.

    The record says what is due, so that nothing is lost with the queue, and nothing comes twice.
    """
    with context.database.begin() as db:
        return follow.due(db, now().astimezone().date())


def _note_identities(context: Context) -> bool:
    """Note who claims are that came before that was noted; whether there may be more of them."""
    with context.database.begin() as db:
        return identities.catch_up(db) > 0


def _clean(context: Context) -> None:
    """Clear the outbox of what killed writers left."""
    with context.database.begin() as db:
        keep = steps.unnamed(db)
    hidden.clean(context.settings.outbox, keep)


def keep_reconciling(context: Context, redis: Redis, stop: threading.Event) -> None:
    """Reconcile at once, then from time to time, until told to stop."""
    behind = True
    pause = min(context.settings.work.reconcile_seconds, context.settings.work.lease_seconds)
    missed: set[Ticket] = set()
    while not stop.is_set():
        try:
            behind = behind and _note_identities(context)
            due(context)
            missed = reconcile(context, redis, missed)
            _clean(context)
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.warning("could not reconcile (%s)", type(error).__name__)
        stop.wait(min(pause, _DOUBT) if missed else pause)
