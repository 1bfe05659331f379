"""What each role is refused, page by page and change by change."""

from __future__ import annotations

import datetime as dt
import re

import httpx
import pytest

from ledger import documents
from models.role import RIGHTS, Right, Role
from models.state import State
from review.accounts import Accounts
from review.app import create
from service.context import Context
from tests.serving import served

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")
OWN = "six people and a kettle"


#: a right, and what it opens: pages, and changes of the last claim
PAGES = {
    "/groups": Right.KEY,
    "/quality": Right.REPORT,
    "/quality.csv": Right.REPORT,
    "/quality/check": Right.CHECK,
    "/figures": Right.REPORT,
    "/figures/received.csv": Right.REPORT,
    "/audit": Right.AUDIT,
    "/audit.csv": Right.AUDIT,
    "/people": Right.PEOPLE,
    "/claims/{dcn}/letter": Right.DECIDE,
}
CHANGES = {
    "/claims/{dcn}/fields/2": Right.KEY,
    "/claims/{dcn}/finish": Right.KEY,
    "/claims/{dcn}/postpone": Right.KEY,
    "/claims/{dcn}/escalate": Right.KEY,
    "/claims/{dcn}/lease": Right.KEY,
    "/claims/{dcn}/return": Right.DECIDE,
    "/claims/{dcn}/letter/lease": Right.DECIDE,
    "/claims/{dcn}/letter/send": Right.DECIDE,
    "/claims/{dcn}/steal": Right.STEER,
    "/claims/{dcn}/call-back": Right.STEER,
    "/claims/{dcn}/priority": Right.STEER,
    "/groups": Right.KEY,
    "/next": Right.KEY,
    "/reopen": Right.KEY,
    "/quality/check": Right.CHECK,
    "/people": Right.PEOPLE,
}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_is_refused_what_it_may_not_do(role: Role, context: Context) -> None:
    with context.database.read() as db:
        dcn = documents.waiting(db, State.REVIEW, 1)[0].dcn
    who = Accounts(context.database, idle=dt.timedelta(hours=1))
    if all(user.name != role for user in who.everybody()):
        who.add(role, role, by="first")
    who.change_password(role, OWN, OWN)
    with served(create(context.settings)) as url, httpx.Client(base_url=url, timeout=300) as client:
        client.cookies.set("paperclaim_session", who.sign_in(role, OWN))
        found = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
        assert found is not None
        for path, right in PAGES.items():
            answer = client.get(path.format(dcn=dcn))
            refused = answer.status_code == 403
            assert refused == (right not in RIGHTS[role]), (path, answer.status_code)
        for path, right in CHANGES.items():
            if right in RIGHTS[role]:
                continue
            answer = client.post(path.format(dcn=dcn), json={}, headers={"X-CSRF-Token": found[1]})
            assert (answer.status_code, answer.json()["code"]) == (403, "role.refused"), path
        draft = {"action": "override", "text": "X", "reason": "because"}
        override = client.post(
            f"/claims/{dcn}/fields/2", json=draft, headers={"X-CSRF-Token": found[1]}
        )
        may = {Right.KEY, Right.DECIDE} <= RIGHTS[role]
        assert may or override.status_code in (403, 409)
        client.post(f"/claims/{dcn}/close", json={}, headers={"X-CSRF-Token": found[1]})
