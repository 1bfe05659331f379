"""The quality pages: fields looked at once more, one after another; error rates and intervals."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger import quality
from ledger.audit import Act
from ledger.database import now
from models.errors import PaperclaimError
from models.role import Right
from review import rates
from review.masking import hidden
from review.people import as_csv
from review.sampling import Look, Sampling
from review.web import (
    Body,
    Signed,
    changing,
    database,
    masks,
    noted,
    page,
    problem,
    refused_masked,
    settings,
    shown,
)

#: what the alarm looks at
_LATELY: Final = dt.timedelta(days=28)
_KEYS = {
    "all": lambda _sample: "all",
    "field": lambda sample: f"{sample.form} {sample.field}",
    "person": lambda sample: sample.owner,
    "printer": lambda sample: sample.printer or "unknown",
    "form": lambda sample: sample.form,
}


def _sampling(signed: Signed) -> Sampling:
    return Sampling(database(signed))


@shown(Right.CHECK)
def check(signed: Signed) -> Response:
    """One field, its piece of the page, and nothing of what was read; a masked one once asked."""
    look = _sampling(signed).next(signed.visit.user)
    covered = look is not None and hidden(masks(signed, look.dcn), look.view.id)
    if look is not None and not covered:
        noted(signed, Act("viewed", look.dcn, f"sample {look.view.id}"))
    return page("check.html", session=signed.visit, look=look, masked=covered)


@changing(Right.CHECK)
def checked(signed: Signed, body: Body) -> Response:
    """What somebody saw; where it differs, both readings for a second look."""
    sampling, user = _sampling(signed), signed.visit.user
    try:
        number = int(body.get("id", ""))
        dcn, field = sampling.place(number, user)
        # where what is said differs, the answer has what was accepted
        if hidden(masks(signed, dcn), field):
            return refused_masked()
        if body.get("act") == "decide":
            sampling.decide(number, body.get("text", ""), user)
            pair = None
        else:
            pair = sampling.check(number, (body.get("action", "said"), body.get("text", "")), user)
    except (ValueError, PaperclaimError) as error:
        code = getattr(error, "code", "web.body")
        return problem(HTTPStatus.CONFLICT, code, "This can't be checked any more.")
    if pair is not None:
        return JSONResponse({"pair": list(pair)})
    following: Look | None = sampling.next(user)
    return JSONResponse({"next": "/quality/check", "more": following is not None})


@shown(Right.REPORT)
def report(signed: Signed) -> Response:
    """Error rates by field, person and printer; what confidence was worth."""
    with database(signed).read() as db:
        samples = quality.checked(db)
    since, tolerated = now() - _LATELY, settings(signed).read.accepted_error_rate
    machine = [sample for sample in samples if sample.owner == quality.MACHINE]
    return page(
        "quality.html",
        session=signed.visit,
        groups={name: rates.by(samples, key)[:30] for name, key in _KEYS.items()},
        bands=rates.reliability(machine),
        drift=rates.drifted(samples, since, tolerated),
        tolerated=tolerated,
    )


@shown(Right.REPORT)
def report_csv(signed: Signed) -> Response:
    """Every checked field without its text: `bench.verdicts` weighs the confidences by it."""
    with database(signed).read() as db:
        rows = [
            (s.form, s.field, s.owner, s.printer, s.confidence, int(bool(s.right)), s.checked_at)
            for s in quality.checked(db)
        ]
    noted(signed, Act("exported", detail="quality"))
    head = ("form", "field", "owner", "printer", "confidence", "right", "checked")
    return as_csv("quality", head, rows)


ROUTES = [
    Route("/quality", report),
    Route("/quality.csv", report_csv),
    Route("/quality/check", check),
    Route("/quality/check", checked, methods=["POST"]),
]
