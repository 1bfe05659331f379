"""Which pages of a scan are one document: a claim that goes on, a paper of several pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edits import printed
from intake.separator import Reply, reply_of
from models.page import Form
from models.reading import OTHER, Entity, PageReading

#: sides with nothing of their own on them, which part nothing
NOTHING: Final = (Form.BLANK, Form.BACK)
#: values that two pages of one paper share; and from when on one counts
_NUMBERS: Final = ("claim_number", "authorization")
_SURE: Final = 0.9
#: by form, fields that are the same on all pages of a claim, the provider's own number first
_SAME: Final = {Form.UB04: ("3a",), Form.CMS1500: ("26", "1a", "2")}
#: fields of service lines; share of them in which two readings of one page are alike
_LINE: Final = re.compile(r"24\.\d\.|4[2-8]\.(?!23)\d+$")
_ALIKE: Final = 0.9
#: of a UB-04, what tells one claim from the next of the same patient
_STAY: Final = ("3a", "4", "6.from", "6.thru")


@dataclass(slots=True, eq=False)
class Group:
    """The pages of one document while a batch is split."""

    form: Form
    pages: list[PageReading]


def split(pages: Sequence[PageReading]) -> list[Group]:
    """Documents of a batch: each claim opens one, attachments follow as their own, in order.

    A blank side or the back of a form is one of its own and parts nothing, and so is a page that
    is there already; a separator parts all.
    """
    groups: list[Group] = []
    #: what a further page may belong to: the document before it, and the claim before that
    last: Group | None = None
    claim: Group | None = None
    for page in pages:
        form = page.facts.form
        if form in NOTHING or form is Form.SEPARATOR:
            groups.append(Group(form, [page]))
            if form is Form.SEPARATOR:
                last = claim = None
            continue
        if last is not None and any(_same(one, page) for one in last.pages):
            # fed twice: a person sees it, and the claim, with what comes behind, goes on without it
            groups.insert(groups.index(last), Group(form, [page]))
            continue
        if last is not None and _is_next(last, page):
            last.pages.append(page)
            continue
        if claim is not None and claim is not last and _goes_on_behind(claim, page):
            claim.pages.append(page)
            last = claim
            continue
        last = Group(form, [page])
        groups.append(last)
        if form is not Form.ATTACHMENT or reply(page) is not None:
            claim = last if form.is_claim else None
    return [_in_order(group) for group in groups]


def reply(page: PageReading) -> Reply | None:
    """What a page answers, where it is a reply sheet."""
    return next(filter(None, map(reply_of, page.barcodes)), None)


def _same(before: PageReading, page: PageReading) -> bool:
    """Whether a page of a claim that goes on is one that the claim has.

    By whom it is about and by its lines, of which two readings may differ a little.
    """
    form = page.facts.form
    if before.facts.form is not form or not _unfinished(before) or not _unfinished(page):
        return False
    if not all(_agree(before, page, name) for name in _SAME[form]):
        return False
    one, other = _lines(before), _lines(page)
    return len(one & other) >= _ALIKE * len(one | other) > 0


def _unfinished(page: PageReading) -> bool:
    """Whether a page of a form has no total."""
    total = {Form.CMS1500: "28", Form.UB04: "47.23"}.get(page.facts.form)
    field = page.fields.get(total) if total else None
    return total is not None and (field is None or field.value is None)


def _lines(page: PageReading) -> set[tuple[str, str]]:
    """What stands in the service lines of a page."""
    lines = {name: field.value for name, field in page.fields.items() if _LINE.match(name)}
    return {(name, value) for name, value in lines.items() if value}


def _is_next(group: Group, page: PageReading) -> bool:
    """Whether a page is a further one of the document right before it.

    A reply sheet is a document of its own, of as many pages as have its code.
    """
    mine, before = reply(page), reply(group.pages[0])
    if mine or before:
        return mine == before
    return _continues(group, page) or _goes_on(group, page)


def _goes_on_behind(claim: Group, page: PageReading) -> bool:
    """Whether a page is a further one of a claim although papers lie between the two.

    Only where both surely have the same number of the provider's.
    """
    if not _continues(claim, page):
        return False
    name = _SAME[claim.form][0]
    one, other = claim.pages[-1].fields.get(name), page.fields.get(name)
    return one is not None and other is not None and one.accepted and other.accepted


def _continues(group: Group, page: PageReading) -> bool:
    """Whether a page of a form is a further page of the claim before it.

    One that surely says that it is another claim's is none. Where a figure may be misread, the
    pages stay together, and the rules have them looked at.
    """
    if group.form is not page.facts.form or group.form not in _SAME:
        return False
    before = group.pages[-1]
    if any(_others(before, page, name) for name in _SAME[group.form]):
        return False
    if group.form is Form.UB04:
        return _lacks(group.pages, page) or _bill_goes_on(before, page)
    return _form_goes_on(before, page)


def _lacks(pages: Sequence[PageReading], page: PageReading) -> bool:
    """Whether a page is one that a UB-04 lacks so far, by line 23, in whatever order they lie."""
    said = [_page_of(one, sure=True) for one in (*pages, page)]
    numbers, of = {one[0] for one in said if one}, {one[1] for one in said if one}
    same = len(of) == 1 and all(_agree(pages[-1], page, name) for name in _STAY)
    return same and len(numbers) == len(said) and min(numbers) >= 1 and max(numbers) <= max(of)


def _in_order(group: Group) -> Group:
    """The pages of a UB-04 in the order of line 23, where all of them surely say it."""
    said = [_page_of(page, sure=True) for page in group.pages]
    if group.form is Form.UB04 and all(said):
        group.pages.sort(key=lambda page: _page_of(page) or (0, 0))
    return group


def _bill_goes_on(before: PageReading, page: PageReading) -> bool:
    """Whether a page of a UB-04 is a further page of the claim whose last page so far is `before`.

    A claim that surely has had its last page has no further one, whatever the next page says of
    itself.
    """
    ended = _page_of(before, sure=True)
    if ended is not None and ended[0] >= ended[1]:
        return False
    mine = _page_of(page)
    if mine is not None:
        return mine[0] > 1
    last = _page_of(before)
    if last is not None:
        return last[0] < last[1]
    # no page numbers: the same control number, and no total on the page before
    return _agree(before, page, "3a") and "47.23" not in before.fields


def _form_goes_on(before: PageReading, page: PageReading) -> bool:
    """Whether a CMS-1500 is a further page of the claim whose last page so far is `before`.

    Item 28 says so instead of a total. Where it is blank, all six lines must be used, and both
    pages have the same number in item 26; a form with a total is a claim of its own.
    """
    if printed.goes_on(before.fields.get("28")):
        return any(_agree(before, page, name) for name in _SAME[Form.CMS1500])
    full = all(f"24.{n}.charges" in before.fields for n in range(1, printed.LINES + 1))
    blank = "28" not in before.fields and "28" not in before.facts.unsure
    return full and blank and _agree(before, page, "26")


def _page_of(reading: PageReading, *, sure: bool = False) -> tuple[int, int] | None:
    """(page, of) as line 23 of a UB-04 says, where it says so; where asked, where that is sure."""
    found = []
    for name in ("43.23.page", "43.23.of"):
        field = reading.fields.get(name)
        if field is None or not field.text.strip().isdigit() or (sure and not field.accepted):
            return None
        found.append(int(field.text))
    return found[0], found[1]


def _agree(before: PageReading, here: PageReading, name: str) -> bool:
    """Whether two pages print the same in a field."""
    one, other = before.fields.get(name), here.fields.get(name)
    return one is not None and other is not None and one.value == other.value


def _others(before: PageReading, here: PageReading, name: str) -> bool:
    """Whether two pages print other things in a field, both read for sure."""
    one, other = before.fields.get(name), here.fields.get(name)
    if one is None or other is None or not (one.accepted and other.accepted):
        return False
    return one.value != other.value


def _goes_on(group: Group, page: PageReading) -> bool:
    """Whether a page is a further page of the attachment before it.

    A page that is surely of another kind begins another paper, and so does one of a kind that has
    its title again, told by a value that only a first page has, such as the number of a claim or
    an authorization, where that is another.
    """
    if group.form is not Form.ATTACHMENT or page.facts.form is not Form.ATTACHMENT:
        return False
    first = group.pages[0]
    sure = {OTHER, None}
    if page.kind not in sure and first.kind not in sure and page.kind != first.kind:
        return False
    return not any(_parts(label, group.pages, page) for label in _NUMBERS)


def _parts(label: str, before: Sequence[PageReading], page: PageReading) -> bool:
    """Whether a page says another number than the pages before it, both for sure."""
    told = {e.value for p in before for e in p.entities if e.label == label and _sure(e)}
    here = {e.value for e in page.entities if e.label == label and _sure(e)}
    return bool(told) and bool(here) and told.isdisjoint(here)


def _sure(entity: Entity) -> bool:
    return entity.confidence >= _SURE
