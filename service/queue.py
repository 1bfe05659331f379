"""The queue: RQ on Redis, JSON only, ids only. Everything in it can be rebuilt from the ledger."""

from __future__ import annotations

from typing import Final

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry as RedisRetry
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from config.errors import SettingValueError
from ledger.steps import Ticket
from models.errors import PaperclaimError

#: the one queue; each worker listens on one only, which lets RQ hand jobs over safely
NAME: Final = "paperclaim"
#: what a job calls; resolved in the worker process
FUNCTION: Final = "worker.do"
#: seconds for one step; opening includes a scan of 500 pages
TIMEOUTS: Final = {
    "open": 1800,
    "read": 300,
    "assemble": 600,
    "deliver": 120,
    "post": 120,
    "follow": 120,
}
#: times that RQ runs a job again whose worker died; the record decides whether it does anything
_RETRIES: Final = 3


class RedisUnreachableError(PaperclaimError):
    """There is no Redis: a worker can't start. One that runs, and the relay, wait for it."""

    code = "redis.unreachable"
    remedy = "Nothing is lost: start Redis, and the queue is rebuilt from the database."


def connect(url: str) -> Redis:
    """A connection to Redis that outlives short interruptions.

    Raises:
        SettingValueError: the URL is none of a Redis.
    """
    try:
        return Redis.from_url(
            url,
            retry=RedisRetry(ExponentialBackoff(cap=1, base=0.05), 5),
            retry_on_error=[RedisConnectionError, RedisTimeoutError],
            health_check_interval=30,
        )
    except ValueError:
        # the URL may hold a password: it is not repeated
        raise SettingValueError(
            "redis.url is not the URL of a Redis.",
            remedy="Set it as in redis://host:6379/0, or leave it empty.",
        ) from None


def reach(connection: Redis) -> None:
    """See that Redis answers.

    Raises:
        RedisUnreachableError: it does not.
    """
    try:
        connection.ping()
    except RedisError as error:
        # what the driver says may hold the URL, password and all
        raise RedisUnreachableError(f"Redis does not answer ({type(error).__name__}).") from None


def queue(connection: Redis) -> Queue:
    """The queue."""
    return Queue(NAME, connection=connection, serializer=JSONSerializer)


def put(connection: Redis, ticket: Ticket) -> None:
    """Tell the workers of an attempt; one told twice is done once, for the record decides."""
    if has(connection, ticket):
        return
    queue(connection).enqueue(
        FUNCTION,
        ticket.step_id,
        ticket.attempt,
        job_id=ticket.job_id,
        job_timeout=TIMEOUTS.get(ticket.kind, max(TIMEOUTS.values())),
        retry=Retry(max=_RETRIES),
        result_ttl=0,
        failure_ttl=3600,
        description=ticket.job_id,
    )


def has(connection: Redis, ticket: Ticket) -> bool:
    """Whether an attempt waits in the queue.

    RQ's own notes on jobs don't count: a worker killed between two of them leaves them wrong.
    """
    return bool(queue(connection).get_job_position(ticket.job_id) is not None)


def depth(connection: Redis) -> int:
    """How many attempts wait in the queue."""
    return int(queue(connection).count)


__all__ = ["RedisError", "connect", "depth", "has", "put", "queue", "reach"]
