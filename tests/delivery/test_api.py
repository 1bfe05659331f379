from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from delivery import api
from delivery.document import Attachment, Origin, build, to_json
from ledger import deliveries, tokens
from ledger.base import Base
from models import dcn as control_numbers
from models.page import Form
from models.reading import DocumentReading
from tests.serving import served

MONDAY = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def dcn(number: int) -> str:
    return control_numbers.make(MONDAY.date(), number)


def page_file() -> bytes:
    done, content = cv2.imencode(".png", np.full((40, 30), 255, np.uint8))
    assert done
    return content.tobytes()


PAGE = page_file()


def delivery(
    number: int, revision: int = 1, state: str = "ready", at: dt.datetime = MONDAY
) -> deliveries.Delivery:
    reading = DocumentReading(form=Form.UB04, pages=[2], status="ready")
    origin = Origin(dcn=dcn(number), revision=revision, received=MONDAY.date(), sha256="0" * 64)
    return deliveries.Delivery(
        dcn=dcn(number),
        revision=revision,
        state=state,
        form="ub04",
        received=MONDAY.date(),
        delivered=at,
        content=to_json(build(reading, origin)),
    )


@contextlib.contextmanager
def calling(app: ASGIApp, token: str) -> Iterator[httpx.Client]:
    """A client of the API that holds a token."""
    with (
        served(Starlette(routes=[Mount("/v1", app)])) as url,
        httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=300
        ) as caller,
    ):
        yield caller


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    engine = create_engine(f"sqlite:///{tmp_path / 'ledger.db'}", connect_args={"timeout": 30})
    Base.metadata.create_all(engine)
    yield sessionmaker(engine)
    engine.dispose()


@pytest.fixture
def token(sessions: sessionmaker[Session]) -> str:
    with sessions.begin() as db:
        return tokens.add(db, "adjudication")


@pytest.fixture
def client(sessions: sessionmaker[Session], token: str) -> Iterator[httpx.Client]:
    def pages(_dcn: str, number: int) -> bytes | None:
        return PAGE if number == 2 else None

    with calling(api.create(sessions, pages), token) as caller:
        yield caller


@pytest.fixture
def deliver(sessions: sessionmaker[Session]) -> Callable[[deliveries.Delivery], None]:
    def enter(one: deliveries.Delivery) -> None:
        with sessions.begin() as db:
            deliveries.record(db, one)

    return enter


Deliver = Callable[[deliveries.Delivery], None]


def follow(client: httpx.Client, cursor: str, **wanted: str) -> tuple[list[tuple[str, int]], str]:
    """All deliveries after `cursor`, and the cursor for the next visit."""
    seen = []
    while True:
        listing = client.get("/v1/claims", params={"cursor": cursor, "limit": 2, **wanted}).json()
        seen += [(item["dcn"], item["revision"]) for item in listing["items"]]
        cursor = listing["cursor"]
        if not listing["more"]:
            return seen, cursor


def test_without_a_token_nothing_is_told(
    client: httpx.Client, deliver: Deliver, token: str
) -> None:
    deliver(delivery(1))
    for path in ("/v1/claims", f"/v1/claims/{dcn(1)}", f"/v1/claims/{dcn(1)}/pages/2"):
        for headers in ({"Authorization": ""}, {"Authorization": f"Bearer {token}x"}):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["code"] == "api.token"


def test_a_claim_that_was_purged_is_listed_and_gone(
    client: httpx.Client, deliver: Deliver, sessions: sessionmaker[Session]
) -> None:
    for number in (1, 2):
        deliver(delivery(number))
    listed = client.get("/v1/claims").json()
    with sessions.begin() as db:
        found = deliveries.one(db, dcn(2))
        assert found is not None
        found.content = b""
    assert client.get("/v1/claims").json() == listed
    assert client.get("/v1/claims", params={"cursor": "2"}).json()["items"] == []
    known = {"If-None-Match": f'"{listed["items"][1]["sha256"]}"'}
    for path in (f"/v1/claims/{dcn(2)}", f"/v1/claims/{dcn(2)}/pages/2"):
        answer = client.get(path, headers=known)
        assert (answer.status_code, answer.json()["code"]) == (410, "api.purged")
    assert client.get(f"/v1/claims/{dcn(1)}").status_code == 200


def test_a_revoked_token_is_no_token(client: httpx.Client, sessions: sessionmaker[Session]) -> None:
    assert client.get("/v1/claims").status_code == 200
    with sessions.begin() as db:
        assert tokens.revoke(db, "adjudication")
        assert not tokens.revoke(db, "adjudication")
    assert client.get("/v1/claims").status_code == 401


def test_of_a_token_only_its_hash_is_kept(tmp_path: Path, token: str, client: httpx.Client) -> None:
    assert client.get("/v1/health").json() == {"status": "ok"}
    kept = (tmp_path / "ledger.db").read_bytes()
    assert token.encode() not in kept
    assert hashlib.sha256(token.encode()).hexdigest().encode() in kept


def test_a_token_name_is_taken_once(sessions: sessionmaker[Session], token: str) -> None:
    assert token
    with sessions.begin() as db, pytest.raises(tokens.TokenNameError):
        tokens.add(db, "adjudication")


def test_a_token_that_was_revoked_leaves_its_name_to_the_next(
    client: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as db:
        tokens.revoke(db, "adjudication")
        new = tokens.add(db, "adjudication")
    assert client.get("/v1/claims").status_code == 401
    headers = {"Authorization": f"Bearer {new}"}
    assert client.get("/v1/claims", headers=headers).status_code == 200


def test_the_claim_is_what_went_to_the_outbox(client: httpx.Client, deliver: Deliver) -> None:
    deliver(delivery(1))
    deliver(delivery(1, revision=2))
    last = client.get(f"/v1/claims/{dcn(1)}")
    assert last.content == delivery(1, revision=2).content
    assert last.headers["cache-control"] == "no-store"
    old = client.get(f"/v1/claims/{dcn(1)}", params={"revision": 1})
    assert old.content == delivery(1).content
    again = client.get(f"/v1/claims/{dcn(1)}", headers={"If-None-Match": last.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_unknown_claim_is_a_problem_with_a_code(client: httpx.Client, deliver: Deliver) -> None:
    deliver(delivery(1))
    unknown = client.get(f"/v1/claims/{dcn(2)}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "api.not_found")
    later = client.get(f"/v1/claims/{dcn(1)}", params={"revision": 2})
    assert (later.status_code, later.json()["code"]) == (404, "api.not_found")
    mistyped = client.get("/v1/claims/26327P00000199")
    assert (mistyped.status_code, mistyped.json()["code"]) == (404, "dcn.invalid")


def test_a_wrong_parameter_is_named_and_not_repeated(client: httpx.Client) -> None:
    answer = client.get("/v1/claims", params={"since": "SMITH JANE", "limit": 0})
    assert (answer.status_code, answer.json()["code"]) == (422, "api.parameter")
    assert "limit, since" in answer.json()["detail"]
    assert "SMITH" not in answer.text


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (f"/v1/claims/{dcn(1)}?revision={10**30}", "revision"),
        ("/v1/claims?since=0001-01-01T00:00:00%2B14:00", "since"),
        ("/v1/claims?since=9999-12-31T23:59:59-14:00", "since"),
    ],
)
def test_a_parameter_beyond_every_database_is_not_valid(
    client: httpx.Client, path: str, wrong: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (422, "api.parameter")
    assert f"Not valid: {wrong}." in answer.json()["detail"]


def test_a_method_that_is_none_says_which_are(client: httpx.Client) -> None:
    answer = client.post("/v1/claims")
    assert (answer.status_code, answer.json()["code"]) == (405, "http.405")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("had", ["W/{tag}", '"other", W/{tag}', "*"])
def test_who_has_the_claim_is_told_so_through_a_proxy_that_packs(
    client: httpx.Client, deliver: Deliver, had: str
) -> None:
    deliver(delivery(1))
    tag = client.get(f"/v1/claims/{dcn(1)}").headers["etag"]
    headers = {"If-None-Match": had.format(tag=tag)}
    assert client.get(f"/v1/claims/{dcn(1)}", headers=headers).status_code == 304


def test_a_cursor_ahead_of_everything_is_told_so(client: httpx.Client, deliver: Deliver) -> None:
    """The database was restored from a backup: the follower would pass over what comes next."""
    assert client.get("/v1/claims").status_code == 200
    deliver(delivery(1))
    assert follow(client, "1") == ([], "1")
    answer = client.get("/v1/claims", params={"cursor": "2"})
    assert (answer.status_code, answer.json()["code"]) == (409, "api.cursor")


def test_pages_of_the_claim_are_images_as_scanned(client: httpx.Client, deliver: Deliver) -> None:
    deliver(delivery(1))
    page = client.get(f"/v1/claims/{dcn(1)}/pages/2")
    assert (page.content, page.headers["content-type"]) == (PAGE, "image/png")
    again = client.get(
        f"/v1/claims/{dcn(1)}/pages/2", headers={"If-None-Match": page.headers["etag"]}
    )
    assert again.status_code == 304
    assert client.get(f"/v1/claims/{dcn(1)}/pages/1").status_code == 404


def test_pages_of_what_came_later_are_not_pages_of_the_claims_scan(
    sessions: sessionmaker[Session], token: str
) -> None:
    """In a batch, page 1 of the claim's scan is another patient's."""
    came = Attachment(form=Form.ATTACHMENT, kind=None, pages=[3])
    later = Attachment(form=Form.ATTACHMENT, kind=None, pages=[1], dcn=dcn(2), role="attachment")
    reading = DocumentReading(form=Form.UB04, pages=[2], status="ready")
    origin = Origin(dcn=dcn(1), revision=1, received=MONDAY.date(), sha256="0" * 64)
    made = delivery(1)
    made.content = to_json(build(reading, origin, attachments=[came, later]))
    with sessions.begin() as db:
        deliveries.record(db, made)
    with calling(api.create(sessions, lambda _dcn, _number: PAGE), token) as client:
        found = [client.get(f"/v1/claims/{dcn(1)}/pages/{n}").status_code for n in (1, 2, 3)]
    assert found == [404, 200, 200]


def test_state_and_since_narrow_the_list(client: httpx.Client, deliver: Deliver) -> None:
    tuesday = MONDAY + dt.timedelta(days=1)
    deliver(delivery(1))
    deliver(delivery(2, state="rejected", at=tuesday))
    deliver(delivery(3, at=tuesday))
    assert follow(client, "0", state="rejected")[0] == [(dcn(2), 1)]
    assert follow(client, "0", since=tuesday.isoformat())[0] == [(dcn(2), 1), (dcn(3), 1)]
    assert follow(client, "0", since=tuesday.isoformat(), state="ready")[0] == [(dcn(3), 1)]


def test_the_same_revision_is_recorded_once(client: httpx.Client, deliver: Deliver) -> None:
    deliver(delivery(1))
    deliver(delivery(1))
    assert follow(client, "0")[0] == [(dcn(1), 1)]


@settings(max_examples=5, deadline=None)
@given(steps=st.lists(st.one_of(st.none(), st.integers(1, 4)), max_size=14))
def test_a_follower_sees_every_delivery_once_in_order(
    steps: list[int | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """None: the follower visits; a number: that claim is delivered in its next revision."""
    folder = tmp_path_factory.mktemp("ledger")
    engine = create_engine(f"sqlite:///{folder / 'ledger.db'}")
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as db:
        token = tokens.add(db, "follower")
    went_out: list[tuple[str, int]] = []
    seen: list[tuple[str, int]] = []
    cursor = "0"
    with calling(api.create(sessions, lambda _dcn, _number: None), token) as client:
        for step in [*steps, None]:
            if step is None:
                found, cursor = follow(client, cursor)
                seen += found
                continue
            revision = 1 + sum(number == dcn(step) for number, _ in went_out)
            with sessions.begin() as db:
                deliveries.record(db, delivery(step, revision))
            went_out.append((dcn(step), revision))
    engine.dispose()
    assert seen == went_out


def test_the_description_names_every_answer(client: httpx.Client) -> None:
    said = client.get("/v1/openapi.json").json()
    assert said == json.loads(json.dumps(api.openapi()))
    assert set(said["paths"]) == {
        "/claims",
        "/claims/{dcn}",
        "/claims/{dcn}/pages/{number}",
        "/health",
    }
