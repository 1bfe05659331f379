"""The queue page: what waits for a person, oldest first; how much of everything there is."""

from __future__ import annotations

import datetime as dt

from starlette.responses import Response
from starlette.routing import Route

from review.cases import Cases
from review.web import Signed, page, shown

#: rows on the page
_ROWS = 100


@shown
def show(signed: Signed) -> Response:
    """The page."""
    cases: Cases = signed.request.app.state.cases
    overview = cases.overview(_ROWS)
    today = dt.datetime.now().astimezone().date()
    rows = [
        {
            "dcn": row.dcn,
            "form": row.form,
            "received": row.received.isoformat(),
            "age": _age((today - row.received).days),
            "pages": row.pages,
            "remaining": row.remaining,
            "tags": row.tags,
        }
        for row in overview.rows
    ]
    return page(
        "queue.html",
        session=signed.visit,
        counts=overview.counts,
        rows=rows,
        more=overview.waiting - len(rows),
        failures=overview.failures,
    )


def _age(days: int) -> str:
    """How long ago, in words; nothing for today."""
    if days <= 0:
        return ""
    return "yesterday" if days == 1 else f"{days} days"


ROUTES = [Route("/", show)]
