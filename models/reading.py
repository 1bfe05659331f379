"""The contract: what the reader of a scan returns (schema `paperclaim/reading/1`)."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from models.claim import TypedClaim
from models.page import Form
from models.record import Record

SCHEMA: Final = "paperclaim/reading/1"
#: kind of a page that came back with a reply; labels of the request that it answers, by number,
#: and of what is written in its boxes
REPLY_SHEET: Final = "reply_sheet"
REQUEST: Final = "request"
ANSWER: Final = "answer"


class Alternative(Record):
    """Another reading that the ink allows."""

    text: str
    confidence: float = Field(ge=0, le=1)


class FieldReading(Record):
    """One field as read.

    Attributes:
        text: what is printed, as it is printed; never repaired.
        value: `text` in its kind's normal form, None where it has none.
        confidence: calibrated probability that `text` is right in full.
        accepted: no person needs to look at the field.
        page: 1-based page of the scan.
        box: x0, y0, x1, y1 in pixels of the page as scanned.
        source: `ocr`, `mark` (a check box), `text` (the file's own text), `person`.
        alternatives: other readings, best first.
        doubts: codes of why the field is not accepted (docs/doubts.md).
    """

    text: str
    value: str | None
    confidence: float = Field(ge=0, le=1)
    accepted: bool
    page: int = Field(ge=1)
    box: tuple[int, int, int, int]
    source: Literal["ocr", "mark", "text", "person"] = "ocr"
    alternatives: list[Alternative] = []
    doubts: list[str] = []


class Finding(Record):
    """A rule that fired. `cause` never mixes capture doubt with provider error."""

    rule: str
    severity: Literal["reject", "pend", "warn"]
    fields: list[str]
    message: str
    cause: Literal["provider", "capture"]
    codes: dict[str, str] = {}


class PageFacts(Record):
    """How a page of a document was found: for people, and for the benchmark.

    Attributes:
        number: 1-based page of the scan.
        width: pixels as scanned.
        height: pixels as scanned.
        quarter_turns: clockwise turns that put it upright.
        form: what it is.
        form_confidence: probability of that.
        method: how it was registered: `rules`, `print`, `none`.
        error_in: what the registration leaves over, inches.
        quality: of the registration, 0 to 1.
        to_scan: form inches to scanned pixels, 3x3 row major, or None.
        red: the form's own print is red, so the page is an original; None where nobody can tell: it
            is no form, or not scanned in colour.
        unsure: fields that read as empty though they hold ink of a character's size, which was
            taken for remains of the form's own print.
        doubts: codes of why the page as a whole was not read, or not all that lies on it
            (docs/doubts.md).
    """

    number: int = Field(ge=1)
    width: int
    height: int
    quarter_turns: int = 0
    form: Form = Form.UNKNOWN
    form_confidence: float = 0.0
    method: str = "none"
    error_in: float | None = None
    quality: float = 0.0
    to_scan: list[list[float]] | None = None
    red: bool | None = None
    unsure: list[str] = []
    doubts: list[str] = []


class Entity(Record):
    """Something an attachment says, or free text on a claim, and where it says it.

    Attributes:
        label: what it is.
        text: what is printed, as it is printed.
        value: `text` in its kind's normal form, None where it has none.
        confidence: calibrated probability that label and text are right in full.
        field: of free text on a claim, the field; of an answer, the field that was asked about.
    """

    label: str
    text: str
    value: str | None
    confidence: float = Field(ge=0, le=1)
    page: int = Field(ge=1)
    box: tuple[int, int, int, int]
    field: str | None = None


#: the kind of what is none of the kinds, or of which nobody can tell
OTHER: Final = "other"
#: a kind that is less probable is a guess
SURE_KIND: Final = 0.8


class KindGuess(Record):
    """What an attachment may be, and the calibrated probability that it is."""

    kind: str
    probability: float = Field(ge=0, le=1)


class PageReading(Record):
    """One page read: what a worker's page step writes down, and assembly starts from.

    Attributes:
        facts: what the page is and how it lies.
        fields: by field id of the contract; only what is printed.
        barcodes: texts of the bar codes on the page.
        entities: of an attachment.
        kind: of an attachment; `other` where nothing is sure enough.
        kinds: of an attachment: what it may be, likeliest first.
        seconds: CPU seconds by stage.
    """

    facts: PageFacts
    fields: dict[str, FieldReading] = {}
    barcodes: list[str] = []
    entities: list[Entity] = []
    kind: str | None = None
    kinds: list[KindGuess] = []
    seconds: dict[str, float] = {}


class Batch(Record):
    """What is known of the pages that a claim was scanned with: its file, or part of it.

    Attributes:
        scanned: pages with something on them, but separator sheets and backs of forms.
        counted: pages counted at preparation, as a batch sheet says; None where nobody counted.
        leading: of its first claim: attachments in front of it that may be its own.
    """

    scanned: int = Field(ge=0)
    counted: int | None = None
    leading: int = 0


class DocumentReading(Record):
    """One document: a claim with its pages, or something that came with claims.

    Attributes:
        kind: of an attachment; `other` where nothing is sure enough.
        kinds: of an attachment: what it may be, likeliest first.
        belongs_to: of an attachment: first page of the claim in this scan that it came with.
        entities: what an attachment says, or the free text on a claim.
        batch: of a claim: what it was scanned with.
        claim: the fields of a claim form by their meaning.
    """

    form: Form
    kind: str | None = None
    kinds: list[KindGuess] = []
    belongs_to: int | None = None
    pages: list[int]
    status: Literal["ready", "review", "information"]
    fields: dict[str, FieldReading] = {}
    claim: TypedClaim | None = None
    findings: list[Finding] = []
    entities: list[Entity] = []
    page_facts: list[PageFacts] = []
    batch: Batch | None = None

    @property
    def unsure(self) -> bool:
        """Whether a person has to look: its kind can't be told, or a page was not read."""
        unknown = self.kind == OTHER and bool(self.kinds) and self.kinds[0].probability < SURE_KIND
        return unknown or any(page.doubts for page in self.page_facts)


def _utf8(name: object) -> object:
    """A file's name as JSON can hold it: bytes that are no UTF-8 become the replacement mark."""
    if isinstance(name, str):
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return name


class Source(Record):
    """The file a reading came from."""

    name: Annotated[str, BeforeValidator(_utf8)]
    sha256: str
    pages: int


class ReadingError(Record):
    """Why a scan could not be read."""

    code: str
    message: str


class Reading(Record):
    """All that was read of one scan."""

    schema_: Literal["paperclaim/reading/1"] = Field(default=SCHEMA, alias="schema")
    source: Source
    error: ReadingError | None = None
    documents: list[DocumentReading] = []
