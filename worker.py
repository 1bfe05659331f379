"""The worker: RQ jobs, each an attempt at a step.

Readers are loaded once, before RQ forks its work horse for a job, so that a job costs no load.
A job carries two numbers; all else is in the record. Nothing a job does raises through to RQ,
which would keep the text of the exception in Redis. RQ ends where Redis is away for longer than a
moment; the worker waits for it, and starts anew with the readers that it has.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from config.load import settings as load_settings
from config.settings import Settings
from extractors.readers import Readers, load
from ledger import steps
from ledger.steps import Ticket
from service.children import die_with_parent
from service.context import Context, connect
from service.queue import RedisUnreachableError, queue, reach
from service.queue import connect as connect_redis
from service.scratch import Scratch
from service.steps import run

#: seconds between RQ's looks for jobs of dead workers; its own default is ten minutes
_MAINTENANCE = 30
#: seconds a worker may be silent before RQ takes it for dead
_TTL = 60
#: seconds between two notes to Redis that a work horse lives
_HEARTBEAT = 30
#: seconds between two looks whether Redis answers again
_AWAY = 2.0

#: the worker whose horses run jobs, 0 where a job runs in another process
_parent = 0
_context: Context | None = None
_readers: Readers | None = None
_scratch: Scratch | None = None
log = logging.getLogger("paperclaim.worker")


def prepare(settings: Settings) -> None:
    """Load what every job needs, once in the parent."""
    global _context, _readers, _scratch  # noqa: PLW0603 - inherited by the forked work horses
    os.environ["OMP_THREAD_LIMIT"] = "1"
    _context = connect(settings)
    _scratch = Scratch.use(_context.scratch)
    _readers = load(settings.read.accepted_error_rate, warm=True)
    _clear()


def do(step_id: int, attempt: int) -> None:
    """One job: an attempt at a step. It never raises: what it can't record, the lease tells."""
    # a work horse must not outlive its worker: nobody would watch over it
    die_with_parent(_parent or os.getppid(), signal.SIGKILL)
    try:
        if _context is None or _readers is None:
            prepare(load_settings())
        assert _context is not None  # noqa: S101 - just made
        assert _readers is not None  # noqa: S101
        # connections made before the fork belong to the parent
        _context.database.dispose()
        run(_context, Ticket(step_id, attempt), _readers)
    except Exception as error:  # noqa: BLE001 - RQ would keep its text in Redis
        log.error("step %d attempt %d: %s", step_id, attempt, type(error).__name__)  # noqa: TRY400
    finally:
        _clear()


def _clear() -> None:
    """Remove pictures of claims that a job left: what reads them cleans up only where it can."""
    if _scratch is not None:
        _scratch.clear()


def _killed(job: Job, *_: object) -> None:
    """A work horse died (out of memory, a segfault, a kill): its attempt is over at once."""
    if _context is None:
        return
    ticket = Ticket(*job.args)
    log.warning("step %d attempt %d: its process was killed", ticket.step_id, ticket.attempt)
    _clear()
    try:
        with _context.database.begin() as db:
            steps.again(db, ticket, _context.settings.work.attempts, "worker.killed")
    except SQLAlchemyError as error:
        log.warning("not recorded (%s); the reconciler will", type(error).__name__)


class _Worker(Worker):
    """RQ's worker, which lets a work horse finish while Redis is away, and tells why it ended."""

    told = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Told to stop by a signal, which RQ wants to note in Redis."""
        self.told = True
        with contextlib.suppress(RedisError):
            Worker.request_stop(self, signum, frame)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """Tell Redis that the work horse lives; without that it goes on: the lease counts."""
        try:
            super().maintain_heartbeats(job, execution)
        except RedisError as error:
            log.warning("Redis does not answer (%s): the step goes on", type(error).__name__)


def main() -> None:
    """Work until told to stop: one process, one queue."""
    global _parent  # noqa: PLW0603 - inherited by the forked work horses
    _parent = os.getpid()
    settings = load_settings()
    connection = connect_redis(settings.redis_url)
    reach(connection)
    prepare(settings)
    # a signal raises that where RQ did not expect one
    with contextlib.suppress(StopRequested):
        while not _work(connection):
            _wait(connection)


def _work(connection: Redis) -> bool:
    """Work until told to stop, or until Redis was away; whether it was told to."""
    worker = _Worker(
        [queue(connection)],
        connection=connection,
        serializer=JSONSerializer,
        maintenance_interval=_MAINTENANCE,
        worker_ttl=_TTL,
        job_monitoring_interval=_HEARTBEAT,
        work_horse_killed_handler=_killed,
    )
    with contextlib.suppress(RedisError):
        worker.work(logging_level="WARNING")
    if worker.pubsub_thread:
        # where Redis was away, RQ leaves it listening
        worker.pubsub_thread.stop()
    if worker.horse_pid:
        # nobody would watch over it any more; its attempt is given to another
        worker.kill_horse()
        worker.wait_for_horse()
        _clear()
    return worker.told


def _wait(connection: Redis) -> None:
    """Wait until Redis answers. There is nothing to finish: a signal ends this process at once."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.SIG_DFL)
    log.warning("no work until Redis answers")
    while True:
        time.sleep(_AWAY)
        try:
            reach(connection)
        except RedisUnreachableError:
            continue
        log.warning("working again")
        return


if __name__ == "__main__":
    # jobs import this module by its name: run what they will find there
    import worker

    worker.main()
