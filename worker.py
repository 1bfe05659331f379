"""The worker: RQ jobs, each an attempt at a step.

Readers are loaded once, before RQ forks its work horse for a job, so that a job costs no load.
A job carries two numbers; all else is in the record. Nothing a job does raises through to RQ,
which would keep the text of the exception in Redis.
"""

from __future__ import annotations

import logging
import os
import signal
import tempfile
from pathlib import Path

from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from config.load import settings as load_settings
from config.settings import Settings
from extractors.readers import Readers, load
from ledger import steps
from ledger.steps import Ticket
from service import scratch
from service.children import die_with_parent
from service.context import Context, connect
from service.queue import connect as connect_redis
from service.queue import queue, reach
from service.steps import run

#: seconds between RQ's looks for jobs of dead workers; its own default is ten minutes
_MAINTENANCE = 30
#: seconds a worker may be silent before RQ takes it for dead
_TTL = 60

#: the worker whose horses run jobs, 0 where a job runs in another process
_parent = 0
_context: Context | None = None
_readers: Readers | None = None
log = logging.getLogger("paperclaim.worker")


def prepare(settings: Settings) -> None:
    """Load what every job needs, once in the parent."""
    global _context, _readers  # noqa: PLW0603 - inherited by the forked work horses
    os.environ["OMP_THREAD_LIMIT"] = "1"
    _context = connect(settings)
    scratch.use(_context.scratch)
    _readers = load(settings.read.accepted_error_rate, warm=True)


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


def _killed(job: Job, *_: object) -> None:
    """A work horse died (out of memory, a segfault, a kill): its attempt is over at once."""
    if _context is None:
        return
    ticket = Ticket(*job.args)
    log.warning("step %d attempt %d: its process was killed", ticket.step_id, ticket.attempt)
    scratch.clear(Path(tempfile.gettempdir()))
    try:
        with _context.database.begin() as db:
            steps.again(db, ticket, _context.settings.work.attempts, "worker.killed")
    except SQLAlchemyError as error:
        log.warning("not recorded (%s); the reconciler will", type(error).__name__)


def main() -> None:
    """Work until told to stop: one process, one queue."""
    global _parent  # noqa: PLW0603 - inherited by the forked work horses
    _parent = os.getpid()
    settings = load_settings()
    connection = connect_redis(settings.redis_url)
    reach(connection)
    prepare(settings)
    worker = Worker(
        [queue(connection)],
        connection=connection,
        serializer=JSONSerializer,
        maintenance_interval=_MAINTENANCE,
        worker_ttl=_TTL,
        work_horse_killed_handler=_killed,
    )
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    # jobs import this module by its name: run what they will find there
    import worker

    worker.main()
