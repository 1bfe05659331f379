"""The HTTP API for programs downstream: what was delivered, claim by claim, and the pages.

Mounted under `/v1` by `review.app`. Every answer but the health's needs a token. Addresses hold
control numbers and nothing else of a claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, AwareDatetime, BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from delivery.document import ClaimDocument, Status
from delivery.images import as_scanned
from delivery.problems import (
    MEDIA_TYPE,
    CursorError,
    GoneError,
    NotFoundError,
    Problem,
    TokenError,
    install,
)
from ledger import deliveries, tokens
from models import dcn as control_numbers
from models.page import Form

#: (control number, page of the scan) to the page's image file; None where there is none
PageSource: TypeAlias = Callable[[str, int], bytes | None]

_MOST = 500
#: no revision comes near it, and every database can count so far
_HIGHEST = 1_000_000
_ABOUT = """
What Paperclaim read from paper claims, for the systems that adjudicate them.

`GET /v1/claims` lists deliveries in the order in which they went out. Ask for everything after
the `cursor` that the last answer gave, keep the new one, and no delivery is missed or seen twice;
a correction is a new delivery of the same claim with a higher revision. `state=ready` leaves out
what a person has yet to look at.
"""
_FRESH = {"Cache-Control": "no-store"}
Dcn: TypeAlias = Annotated[
    str, Path(description="Document control number.", examples=["26327P0000012M"], max_length=20)
]


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError from None


#: a time that there is in UTC, too
Moment: TypeAlias = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Item(BaseModel):
    """A delivery, without its content."""

    sequence: int
    dcn: str
    revision: int
    state: Status
    form: Form
    received: dt.date
    delivered: AwareDatetime
    sha256: str


class Listing(BaseModel):
    """Deliveries in order. `cursor` is where to go on, also when there is no more for now."""

    items: list[Item]
    cursor: str
    more: bool


class Health(BaseModel):
    """Whether the service can answer."""

    status: Literal["ok", "failing"]


_BEARER = HTTPBearer(auto_error=False, description="A token made by `paperclaim token add`.")


def holder(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> str:
    """The name of the token that the request brings.

    Raises:
        TokenError: it brings none that is valid.
    """
    with _sessions(request)() as db:
        name = tokens.holder(db, credentials.credentials) if credentials else None
    if name is None:
        raise TokenError("The request brings no valid token.")
    return name


def _problem(description: str) -> dict[str, Any]:
    schema = {"schema": Problem.model_json_schema()}
    return {"description": description, "content": {MEDIA_TYPE: schema}}


claims = APIRouter(
    prefix="/claims",
    tags=["claims"],
    dependencies=[Depends(holder)],
    responses={
        401: _problem("No valid token."),
        404: _problem("Not there."),
        409: _problem("The cursor is of another state of the database."),
        410: _problem("Delivered, and purged since."),
        422: _problem("A parameter is not valid."),
    },
)
service = APIRouter(tags=["service"])


@claims.get("", summary="Deliveries in order")
def list_claims(
    request: Request,
    cursor: Annotated[str, Query(pattern=r"^\d{1,18}$", description="Go on after this.")] = "0",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
    state: Status | None = None,
    since: Annotated[Moment | None, Query(description="Delivered then or later.")] = None,
) -> Listing:
    """Every delivery after `cursor`; start without one."""
    with _sessions(request)() as db:
        if int(cursor) > deliveries.last(db):
            raise CursorError("The cursor is ahead of everything that was delivered.")
        wanted = deliveries.Filter(state, since)
        found = deliveries.feed(db, int(cursor), limit + 1, wanted)
        items = [_item(delivery) for delivery in found[:limit]]
    last = str(items[-1].sequence) if items else cursor
    return Listing(items=items, cursor=last, more=len(found) > limit)


@claims.get("/{dcn}", summary="One claim", response_model=ClaimDocument)
def get_claim(
    request: Request,
    dcn: Dcn,
    revision: Annotated[
        int | None, Query(ge=1, le=_HIGHEST, description="The last if left out.")
    ] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The claim, byte for byte as in the outbox: schema `paperclaim/claim/1`."""
    with _sessions(request)() as db:
        found = deliveries.one(db, control_numbers.parse(dcn), revision)
    if found is None:
        raise NotFoundError("This claim was not delivered.")
    if not found.content:
        raise GoneError("This claim was purged.")
    return _tagged(found.content, "application/json", found.digest, if_none_match)


@claims.get(
    "/{dcn}/pages/{number}",
    summary="A page of the scan",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/jpeg": {}}}},
)
def get_page(
    request: Request,
    dcn: Dcn,
    number: Annotated[int, Path(ge=1, le=100_000, description="1-based page of the scan.")],
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The page as scanned: boxes of fields are in its pixels."""
    dcn = control_numbers.parse(dcn)
    with _sessions(request)() as db:
        found = deliveries.one(db, dcn)
    if found is not None and not found.content:
        raise GoneError("This claim was purged.")
    mine = _pages_of(ClaimDocument.model_validate_json(found.content)) if found else set()
    pages: PageSource = request.app.state.pages
    stored = pages(dcn, number) if number in mine else None
    if stored is None:
        raise NotFoundError("This claim has no such page.")
    picture = as_scanned(stored)
    digest = deliveries.digest_of(picture.content)
    return _tagged(picture.content, picture.media_type, digest, if_none_match)


@service.get(
    "/health",
    summary="Is it alive?",
    responses={503: {"model": Health, "description": "The database does not answer."}},
)
def health(request: Request, response: Response) -> Health:
    """Whether the database answers; needs no token."""
    try:
        with _sessions(request)() as db:
            db.execute(text("SELECT 1"))
    except SQLAlchemyError:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return Health(status="failing")
    return Health(status="ok")


def create(sessions: sessionmaker[Session], pages: PageSource) -> FastAPI:
    """The API over a ledger.

    Args:
        sessions: of the ledger's database.
        pages: where page images come from.
    """
    app = FastAPI(
        title="Paperclaim",
        version="1",
        description=_ABOUT.strip(),
        servers=[{"url": "/v1"}],
        root_path_in_servers=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.sessions = sessions
    app.state.pages = pages
    install(app)
    app.include_router(claims)
    app.include_router(service)
    return app


def openapi() -> dict[str, Any]:
    """The API's description, without a database."""
    return create(sessionmaker(), lambda _dcn, _number: None).openapi()


def _sessions(request: Request) -> sessionmaker[Session]:
    sessions: sessionmaker[Session] = request.app.state.sessions
    return sessions


def _pages_of(claim: ClaimDocument) -> set[int]:
    """The pages of a claim and of what came with it: those of the claim's own scan.

    What came later has its pages under its own control number; here they are somebody else's.
    """
    came = (page for one in claim.attachments if one.dcn is None for page in one.pages)
    return {*claim.source.pages, *came}


def _item(delivery: deliveries.Delivery) -> Item:
    return Item.model_validate(
        {
            "sequence": delivery.sequence,
            "dcn": delivery.dcn,
            "revision": delivery.revision,
            "state": delivery.state,
            "form": delivery.form,
            "received": delivery.received,
            "delivered": delivery.delivered,
            "sha256": delivery.digest,
        }
    )


def _tagged(content: bytes, media_type: str, digest: str, known: str | None) -> Response:
    """The content with its ETag, or 304 to somebody who has it.

    A proxy that packs what it passes on makes the tag a weak one; it comes back so.
    """
    tag = f'"{digest}"'
    had = {part.strip().removeprefix("W/") for part in (known or "").split(",")}
    if had & {tag, "*"}:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag, **_FRESH})
    return Response(content, media_type=media_type, headers={"ETag": tag, **_FRESH})
