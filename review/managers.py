"""The managers' page: figures drawn, and each as a file."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ledger.audit import Act
from models.role import Right
from review import charts, figures
from review.people import as_csv
from review.web import Signed, database, noted, page, shown


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


@shown(Right.REPORT)
def show(signed: Signed) -> Response:
    """The page."""
    with database(signed).read() as db:
        found = figures.figures(db, _today())
    drawn = {
        one.name: charts.lying(one.title, one.points())
        if one.kind == "lying"
        else charts.bars(one.title, one.points(), one.unit)
        for one in found
        if one.kind != "table"
    }
    return page("figures.html", session=signed.visit, figures=found, drawn=drawn)


@shown(Right.REPORT)
def as_file(signed: Signed) -> Response:
    """One figure as CSV."""
    name = signed.request.path_params["name"]
    with database(signed).read() as db:
        found = figures.figure(db, _today(), name)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    noted(signed, Act("exported", detail=f"figures {name}"))
    return as_csv(name, found.head, found.rows)


ROUTES = [
    Route("/figures", show),
    Route("/figures/{name}.csv", as_file),
]
