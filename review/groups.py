"""The group screen: doubts of one look side by side, so that the odd one catches the eye."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger import work
from ledger.audit import Act
from models.errors import PaperclaimError
from models.role import Right
from review.desk import FieldView
from review.policy import Policy, policy_of
from review.web import (
    Body,
    Signed,
    cases,
    changing,
    database,
    leases,
    noted,
    page,
    problem,
    settings,
    shown,
)

#: a tile's key; as many tiles as there are keys
_KEYS: Final = "123456789abcdefghijk"


@dataclass(frozen=True, slots=True)
class Tile:
    """A doubt on the screen: its key, where it is, and what it was read as."""

    key: str
    dcn: str
    view: FieldView


def _tiles(signed: Signed, look: str) -> list[Tile]:
    """The oldest doubts of a look that one person may settle at a glance."""
    with database(signed).read() as db:
        found = work.alike(db, look, signed.visit.user, 4 * len(_KEYS))
    tiles: list[Tile] = []
    opened: dict[str, dict[str, FieldView]] = {}
    typed: set[tuple[str, str]] = set()
    for dcn, field in found:
        if policy_of(settings(signed).quality, field) is not Policy.SINGLE:
            continue
        if dcn not in opened:
            case = cases(signed).open(dcn, signed.visit.user)
            opened[dcn] = {view.id: view for view in case.desk().fields}
            typed |= {(dcn, name) for name in case.drafts}
        view = opened[dcn].get(field)
        # what somebody typed, or a provider sent, is not what the reader saw here
        if (dcn, field) in typed:
            continue
        if view is not None and view.needed and len(tiles) < len(_KEYS):
            tiles.append(Tile(_KEYS[len(tiles)], dcn, view))
    return tiles


@shown(Right.KEY)
def show(signed: Signed) -> Response:
    """The looks there are, and the doubts of one."""
    with database(signed).read() as db:
        looks = work.looks(db)
    asked = signed.request.query_params.get("look", "") or (looks[0][0] if looks else "")
    tiles = _tiles(signed, asked)
    for tile in tiles:
        noted(signed, Act("viewed", tile.dcn, f"group {tile.view.id}"))
    return page("groups.html", session=signed.visit, looks=looks, look=asked, tiles=tiles)


@changing(Right.KEY)
def settle(signed: Signed, body: Body) -> Response:
    """Confirm those that are right; the others stay in doubt, for whoever opens their claim."""
    try:
        right = [(str(dcn), str(field)) for dcn, field in json.loads(body.get("right", "[]"))]
        wrong = [(str(dcn), str(field)) for dcn, field in json.loads(body.get("wrong", "[]"))]
    except (ValueError, TypeError):
        return problem(HTTPStatus.BAD_REQUEST, "web.body", "The request can't be read.")
    user, missed = signed.visit.user, 0
    for dcn, field in right:
        try:
            case = cases(signed).open(dcn, user)
            mine = case.holder is not None and case.holder.name == user
            of = case.desk().fields
            read = next(v for v in of if v.id == field and v.needed and field not in case.drafts)
            cases(signed).answer(dcn, field, ("said", read.text), by=user)
            if not mine:
                leases(signed).give_back(dcn, user)
        except (PaperclaimError, StopIteration):
            missed += 1
    with database(signed).begin() as db:
        for dcn, field in [*right, *wrong]:
            doubt = db.get(work.SummaryDoubt, (dcn, field))
            if doubt is not None:
                db.delete(doubt)
    return JSONResponse({"missed": missed})


ROUTES = [
    Route("/groups", show),
    Route("/groups", settle, methods=["POST"]),
]
