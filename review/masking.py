"""Restricted fields: people who only look see dots, and black on the image, until they ask.

`web.masked` names the fields. Whoever keys sees all of them: it is what they are there for. Others
press *Show masked fields*; the trail has that, and for a while they see this one document whole.
Whoever checks samples asks so too.
The trail is also what is asked, so that there is no way to see a field without an entry.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

import cv2
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from delivery.images import Picture
from delivery.places import base
from ledger.audit import AuditEntry
from ledger.database import now
from models.reading import Finding
from review.desk import Desk, FieldView, Share
from review.timeline import Event

#: the entry of the trail
UNMASKED: Final = "unmasked"
#: how long it counts
SPAN: Final = dt.timedelta(minutes=15)
DOTS: Final = "•••••"


def asked(db: Session, dcn: str, user: str) -> bool:
    """Whether somebody has asked to see a document whole, lately."""
    query = select(AuditEntry.id).where(
        AuditEntry.dcn == dcn,
        AuditEntry.actor == user,
        AuditEntry.action == UNMASKED,
        AuditEntry.at > now() - SPAN,
    )
    return db.scalar(query.limit(1)) is not None


def hidden(patterns: Sequence[str], field: str) -> bool:
    """Whether a field is one of those."""
    return any(fnmatchcase(base(field), pattern) for pattern in patterns)


def masked(desk: Desk, patterns: Sequence[str]) -> Desk:
    """A claim without what its restricted fields say: what is said about them, neither."""

    def view(field: FieldView) -> FieldView:
        if not hidden(patterns, field.id):
            return field
        return dataclasses.replace(
            field,
            text=DOTS if field.text else "",
            start=DOTS if field.start else "",
            why=[DOTS] if field.why else [],
            alternatives=[],
            choices=[],
            weak=frozenset(),
            sent=None,
        )

    def finding(one: Finding) -> Finding:
        about = any(hidden(patterns, name) for name in one.fields)
        return one.model_copy(update={"message": f"about a masked field {DOTS}"}) if about else one

    return dataclasses.replace(
        desk,
        fields=[view(field) for field in desk.fields],
        findings=[finding(one) for one in desk.findings],
        pages=[dataclasses.replace(page, marks=[]) for page in desk.pages],
    )


def boxes(desk: Desk, patterns: Sequence[str], page: int) -> list[Share]:
    """Where on a page its restricted fields are."""
    return [
        field.box
        for field in desk.fields
        if field.page == page and field.box and hidden(patterns, field.id)
    ]


def covered(picture: Picture, places: Sequence[Share]) -> Picture:
    """A page's image with these places black, a little wider than they are."""
    image = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_ANYCOLOR)
    if image is None or not places:
        return picture
    height, width = image.shape[:2]
    more = 0.004 * width
    for x0, y0, x1, y1 in places:
        corners = (x0 * width - more, y0 * height - more, x1 * width + more, y1 * height + more)
        left, top, right, bottom = (round(corner) for corner in corners)
        cv2.rectangle(image, (left, top), (right, bottom), (0, 0, 0), cv2.FILLED)
    done, content = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 82))
    if not done:
        raise ValueError(picture.media_type)
    return Picture(content.tobytes(), "image/jpeg")


def quiet(events: Sequence[Event], patterns: Sequence[str]) -> list[Event]:
    """A history without what was said of restricted fields."""

    def told(event: Event) -> Event:
        first = event.detail.partition(" ")[0].rstrip(":")
        about = bool(first) and hidden(patterns, first)
        return dataclasses.replace(event, detail=f"{first} {DOTS}") if about else event

    return [told(event) for event in events]
