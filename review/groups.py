"""The group screen: doubts of one look side by side, so that the odd one catches the eye."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger import work
from ledger.audit import Act, note
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


def _key(look: str) -> str:
    """What an address has in place of a look, whose characters stand on claims."""
    return hashlib.sha256(f"look {look}".encode()).hexdigest()[:12]


def _tiles(signed: Signed, look: str) -> list[Tile]:
    """The oldest doubts of a look that one person may settle at a glance."""
    with database(signed).read() as db:
        found = work.alike(db, look, signed.visit.user, 4 * len(_KEYS))
    tiles: list[Tile] = []
    for dcn, field in found:
        if policy_of(settings(signed).quality, field) is not Policy.SINGLE:
            continue
        view = cases(signed).glance(dcn, field, signed.visit.user)
        if view is not None and len(tiles) < len(_KEYS):
            tiles.append(Tile(_KEYS[len(tiles)], dcn, view))
    return tiles


@shown(Right.KEY)
def show(signed: Signed) -> Response:
    """The looks there are, and the doubts of one."""
    with database(signed).read() as db:
        looks = work.looks(db)
    key = signed.request.query_params.get("look", "")
    # where the last of a look was settled, the most frequent one comes next
    asked = next((name for name, _ in looks if _key(name) == key), looks[0][0] if looks else "")
    tiles = _tiles(signed, asked)
    with database(signed).begin() as db:
        for tile in tiles:
            note(db, signed.visit.user, Act("viewed", tile.dcn, f"group {tile.view.id}"))
    shown_looks = [(name, _key(name), count) for name, count in looks]
    return page("groups.html", session=signed.visit, looks=shown_looks, look=asked, tiles=tiles)


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
            mine = leases(signed).mine(dcn, user)
            view = cases(signed).glance(dcn, field, user)
            if view is None:
                missed += 1
                continue
            cases(signed).answer(dcn, field, ("said", view.text), by=user)
            if not mine:
                leases(signed).give_back(dcn, user)
        except PaperclaimError:
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
