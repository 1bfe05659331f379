"""Restricted fields: dots and black for who only looks, until they ask; the trail has that."""

from __future__ import annotations

import datetime as dt
import re

import cv2
import httpx
import numpy as np
import pytest
from sqlalchemy import select

from config.settings import Settings
from ledger import audit, documents
from ledger.quality import Sample
from models.role import Role
from models.state import State
from review.accounts import Accounts
from review.app import create
from review.cases import Cases
from review.summary import refresh
from service.context import Context
from tests.review.browsing import knowing, settle
from tests.review.test_web import OWN
from tests.serving import served

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")
FIELD = "33a"


def test_a_masked_field_is_shown_to_whoever_asks_and_the_trail_has_it(context: Context) -> None:
    with context.database.read() as db:
        dcn = documents.waiting(db, State.REVIEW, 1)[0].dcn
    cases = Cases(context.database, context.store)
    view = next(v for v in cases.open(dcn).desk().fields if v.id == FIELD)
    assert view.box is not None
    who = Accounts(context.database, idle=dt.timedelta(hours=1))
    for role in (Role.AUDITOR, Role.PROCESSOR):
        who.add(role, role, by="admin")
        who.change_password(role, OWN, OWN)
    settings = Settings(data=context.settings.data, web={"masked": [FIELD]})

    def ink(picture: bytes) -> float:
        """Mean darkness where the field is, 0 to 1."""
        image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert image is not None
        height, width = image.shape
        x0, y0, x1, y1 = view.box or (0, 0, 1, 1)
        part = image[int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)]
        return float(1 - part.mean() / 255)

    with served(create(settings)) as url, httpx.Client(base_url=url, timeout=300) as client:

        def seen(role: Role) -> tuple[bool, bool, int]:
            """Whether the text is on the page, the paper on the image, and the piece's status."""
            client.cookies.set("paperclaim_session", who.sign_in(role, OWN))
            texts = [client.get(f"/claims/{dcn}{path}").text for path in ("", "/rows", "/history")]
            picture = client.get(f"/claims/{dcn}/pages/1").content
            piece = client.get(f"/claims/{dcn}/piece/{FIELD}").status_code
            return any(view.text in text for text in texts), ink(picture) < 0.9, piece

        assert seen(Role.PROCESSOR) == (True, True, 200)
        assert seen(Role.AUDITOR) == (False, False, 403)
        assert client.get(f"/claims/{dcn}/pages/1/scanned").status_code == 403
        token = re.search(r'data-csrf="([^"]+)"', client.get(f"/claims/{dcn}").text)
        assert token is not None
        asked = client.post(f"/claims/{dcn}/unmask", json={}, headers={"X-CSRF-Token": token[1]})
        assert asked.json() == {"next": f"/claims/{dcn}"}
        assert seen(Role.AUDITOR) == (True, True, 200)
    with context.database.read() as db:
        found = [e for e in audit.of_document(db, dcn) if e.action == "unmasked"]
    assert [(e.actor, e.detail) for e in found] == [("auditor", FIELD)]


def test_a_masked_field_is_checked_by_whoever_asks_and_the_trail_has_it(context: Context) -> None:
    with context.database.read() as db:
        dcn = documents.waiting(db, State.REVIEW, 1)[0].dcn
    cases = Cases(context.database, context.store)
    settle(context, dcn, "ana")
    cases.finish(dcn, knowing(cases, dcn), by="ana")
    refresh(context.database, sample=1.0)
    who = Accounts(context.database, idle=dt.timedelta(hours=1))
    who.add("qa", Role.QA, by="admin")
    who.change_password("qa", OWN, OWN)
    settings = Settings(data=context.settings.data, web={"masked": ["*"]})
    with served(create(settings)) as url, httpx.Client(base_url=url, timeout=300) as client:
        client.cookies.set("paperclaim_session", who.sign_in("qa", OWN))
        page = client.get("/quality/check").text
        found = re.search(r'data-csrf="([^"]+)"', page)
        assert found is not None
        token = {"X-CSRF-Token": found[1]}
        with context.database.read() as db:
            sample = db.scalars(select(Sample).order_by(Sample.id)).first()
        assert sample is not None
        assert 'id="unmask"' in page
        assert 'id="check"' not in page
        for act in ({"action": "said"}, {"act": "decide"}):
            body = {"id": str(sample.id), "text": "SOMETHING ELSE", **act}
            refused = client.post("/quality/check", json=body, headers=token)
            assert (refused.status_code, refused.json()["code"]) == (403, "web.masked")
        client.post(f"/claims/{dcn}/unmask", json={}, headers=token)
        assert 'id="check"' in client.get("/quality/check").text
        body = {"id": str(sample.id), "text": "SOMETHING ELSE", "action": "said"}
        asked = client.post("/quality/check", json=body, headers=token)
        assert sample.text in asked.json()["pair"]
    with context.database.read() as db:
        done = [e.action for e in audit.of_document(db, dcn) if e.actor == "qa"]
    assert done == ["unmasked", "viewed"]
