"""docs/fields.md: every field of both forms by its id, as the layouts have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from forms.layout import FieldSpec, layout
from models.page import Form

_ABOUT: Final = """\
The ids under which `fields` of a [delivered claim](delivery.md) and of a
[reading](schema/reading-1.json) has what is printed. Ids are stable. `N` is a line: 1 to 6 of item
24, 1 to 23 of FL 42 to 48. On further pages of a claim `#2`, `#3` and so on follow, as in `47.1#2`.

`value` is the text in the normal form of its kind: a `date` as `YYYY-MM-DD`, `money` as a decimal
with a point, codes and identifiers in upper case without blanks, diagnoses without their point; of
a `choice` the name of its box, as listed. It is null where the text has no such form, and where two
boxes of a choice are marked."""
_LINE: Final = re.compile(r"^(24|4[2-8])\.\d+(?=\.|$)")
_NAMES: Final = {Form.CMS1500: "CMS-1500", Form.UB04: "UB-04"}


def fields_page(made: str) -> str:
    """The page.

    Args:
        made: the note that it is made by a program.
    """
    parts = ["# Fields", made, _ABOUT]
    for form, name in _NAMES.items():
        parts += [f"## {name}", "\n".join(_table(form))]
    return "\n\n".join(parts) + "\n"


def _table(form: Form) -> Iterator[str]:
    yield "| id | what it is | kind |"
    yield "|---|---|---|"
    told = set()
    for spec in layout(form).fields.values():
        name = _LINE.sub(r"\1.N", spec.id)
        if name not in told:
            told.add(name)
            yield f"| `{name}` | {spec.label.removeprefix('Line 1: ')} | {_kind(spec)} |"


def _kind(spec: FieldSpec) -> str:
    boxes = ", ".join(f"`{choice.name}`" for choice in spec.choices)
    return f"{spec.kind}: {boxes}" if boxes else spec.kind
