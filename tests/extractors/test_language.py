"""What papers say: read as really scanned, told by kind, values found where they stand."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.attachments import MadePage, make, scanned, unread
from extractors.attachment import kind_of, read_attachment
from extractors.language import candidates, labels
from extractors.language.lay import CLOSE, OPEN, Token, lay
from extractors.language.notes import notes
from extractors.language.reading import understand
from extractors.language.shapes import shape
from extractors.lines import Text, Word, read_text
from extractors.readers import Readers
from intake.look import look
from models.page import Form, PageImage, PageLook
from models.reading import Entity, KindGuess, PageReading
from samples.attachments import facts, papers
from samples.attachments.facts import Facts
from samples.attachments.papers import KINDS


def paper(kind: str, seed: int, scanner: str = "clean-300-grey", turns: int = 0) -> MadePage:
    rng = random.Random(seed)
    drawn = papers.draw(kind, facts.make(rng), rng, "test", "liberation-sans")
    return scanned(drawn, scanner, rng, turns)


def read(made: MadePage, readers: Readers) -> PageReading:
    return read_attachment(made.page, look(made.page), readers)


def test_an_explanation_of_benefits_is_told_and_read(readers: Readers) -> None:
    made = paper("eob", 4)
    reading = read(made, readers)
    assert reading.kind == "eob"
    assert reading.kinds[0].probability > 0.8
    wanted = {(s.label, labels.normal(s.label, s.text)) for s in made.said}
    found = {(e.label, e.value) for e in reading.entities}
    assert len(wanted & found) >= 0.9 * len(wanted)
    assert len(found - wanted) <= 0.1 * len(wanted)


def test_values_stand_where_they_are_printed(readers: Readers) -> None:
    made = paper("prior_authorization", 3)
    places = {(s.label, labels.normal(s.label, s.text)): s.box for s in made.said}
    inside = 0
    for entity in read(made, readers).entities:
        x0, y0, x1, y1 = entity.box
        assert 0 <= x0 < x1 <= made.page.width
        assert 0 <= y0 < y1 <= made.page.height
        box = places.get((entity.label, entity.value))
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        inside += box is not None and _holds(box, middle)
    assert inside >= 5


def _holds(box: tuple[int, int, int, int], point: tuple[float, float]) -> bool:
    return box[0] - 9 <= point[0] <= box[2] + 9 and box[1] - 9 <= point[1] <= box[3] + 9


@pytest.mark.parametrize("turns", [1, 2])
def test_a_page_that_lies_on_its_side_reads_the_same(readers: Readers, turns: int) -> None:
    upright = read(paper("referral", 8), readers)
    turned = read(paper("referral", 8, turns=turns), readers)
    assert turned.facts.quarter_turns != 0
    assert turned.kind == upright.kind
    assert _values(turned) & _values(upright) >= {
        each for each in _values(upright) if each[0] in ("patient", "birth_date")
    }


def _values(reading: PageReading) -> set[tuple[str, str | None]]:
    return {(e.label, e.value) for e in reading.entities if e.confidence > 0.9}


def test_the_same_page_gives_the_same_reading(readers: Readers) -> None:
    made = paper("laboratory_report", 6, "fax-dirty")
    one, other = (read(made, readers) for _ in range(2))
    assert one.entities == other.entities
    assert one.kinds == other.kinds


def test_what_nobody_can_tell_is_other_with_guesses(readers: Readers) -> None:
    page = np.full((2200, 1700), 255, np.uint8)
    reading = read_attachment(PageImage(page, 200.0, 1), PageLook(Form.ATTACHMENT, 0, 0.9), readers)
    assert reading.entities == []
    assert len(reading.kinds) > 1
    assert sum(guess.probability for guess in reading.kinds) <= 1.001
    assert kind_of([KindGuess(kind="eob", probability=0.6)]) == "other"
    assert kind_of([]) == "other"


def test_captions_of_columns_stand_by_their_values(readers: Readers) -> None:
    made = paper("eob", 4)
    tokens = lay(read_text(made.page, look(made.page), readers))
    words = [token.text for token in tokens]
    assert words.count(OPEN) == words.count(CLOSE) > 3
    told = words[words.index(OPEN) : words.index(CLOSE)]
    assert len(told) <= 12
    # what is told again is not printed there
    assert all(token.box is None for token in tokens if token.text in (OPEN, CLOSE))
    found = candidates.candidates(words)
    assert all(tokens[a].box is not None for a, _ in found)


def told(text: str) -> list[Token]:
    """Words of a page that was read without a mistake, each with a place."""
    lines = [[*line.split(), "\n"] for line in text.splitlines()]
    return [
        Token(word)
        if word in ("\n", "|")
        else Token(word, box=(90 * at, 40 * row, 90 * at + 80, 40 * row + 30))
        for row, line in enumerate(lines)
        for at, word in enumerate(line)
    ]


def labelled(text: str) -> dict[str, str]:
    return {e.text: e.label for e in understand(told(text), 1).entities}


@pytest.mark.parametrize(
    ("line", "value", "label"),
    [
        # looks like a diagnosis, and its caption says otherwise
        ("Member ID : M818391", "M818391", "member_id"),
        ("Patient account no. : E119402", "E119402", "account_number"),
        ("Account no. : 20260302", "20260302", "account_number"),
        ("Claim number : 1234567893", "1234567893", "claim_number"),
        ("Patient : Adams , Mark 0", "Adams, Mark 0", "patient"),
        ("Patient name : Martinez , Shirley", "Martinez, Shirley", "patient"),
        ("Patient : GREEN ; DONNA T | ADMITTED : 10-19-2025", "GREEN; DONNA T", "patient"),
        ("Patient full name : Jeffers , nthony O", "Jeffers, nthony O", "patient"),
    ],
)
def test_a_caption_that_can_be_read_one_way_is(line: str, value: str, label: str) -> None:
    page = f"EXPLANATION OF BENEFITS\n{line}\nProvider : Vera King\nPaid : 20.00"
    assert labelled(page).get(value) == label


@pytest.mark.parametrize(
    ("line", "value", "label"),
    [
        ("« Amount Billed » $ 245.00", "245.00", "billed"),
        ("« Allowed Amount » $ 131.77", "131.77", "allowed"),
        ("What your plan paid | $ 696.58", "696.58", "paid"),
        ("Amount you may owe your provider | $ 174.15", "174.15", "patient_responsibility"),
        # what has no label is none of those that there are
        ("« Deductible » $ 30.00", "30.00", None),
        ("« CO-45 » 87.60", "87.60", None),
        ("Your plan discount | - $ 611.27", "611.27", None),
        ("Amount not paid : 20.50", "20.50", None),
        ("Date Processed : 09/14/2026", "09/14/2026", None),
        ("Check No : 0044192", "0044192", None),
        ("Medical Record No. : 551203", "551203", None),
        ("Customer service 1-888-555-0150", "1-888-555-0150", None),
        ("Questions ? ( 785 ) 555-0133", "555-0133", None),
        ("Subscriber : Hector Quintero", "Hector Quintero", None),
    ],
)
def test_an_amount_date_or_number_is_what_its_caption_says_or_nothing(
    line: str, value: str, label: str | None
) -> None:
    page = f"EXPLANATION OF BENEFITS\n{line}\nPatient : Vera King\nMember ID : XKP884120937"
    assert labelled(page).get(value) == label


def test_a_day_is_a_birth_only_where_that_is_said() -> None:
    page = "EXPLANATION OF BENEFITS\nPatient : Vera King\n{}\nPaid : 20.00"
    assert labelled(page.format("Date of birth : 04/17/1988"))["04/17/1988"] == "birth_date"
    for line in ("0912 04/17/1988 11 99213", "King , Vera 04/17/1988", "04/17/1988 | 04/19/1988"):
        assert "birth_date" not in labelled(page.format(line)).values()


def test_who_treats_is_not_the_patient() -> None:
    page = (
        "To whom it may concern\nRe : Patient : Ignatius Moreau\nHe was seen by {} on 07/01/2025 ."
    )
    for name in ("Dr. Lucinda Okonkwo", "Lucinda Okonkwo , M.D"):
        found = labelled(page.format(name))
        assert found["Ignatius Moreau"] == "patient"
        assert found.get(name.replace(" ,", ",")) in (None, "provider")


@pytest.mark.parametrize("gap", [0.12, 0.5], ids=["close together", "far apart"])
def test_each_amount_of_a_table_has_the_caption_over_it(gap: float) -> None:
    heads = ("Billed", "Allowed", "Deductible", "Paid")
    amounts = ("245.00", "131.77", "30.00", "101.77")
    wide = 0.8 + gap

    def row(number: int, words: tuple[str, ...], *, one: bool) -> list[Word]:
        return [
            Word(word, (), (0, 0, 9, 9), number, 0 if one else at, wide * at, wide * at + 0.8)
            for at, word in enumerate(words)
        ]

    close = gap < 0.3
    words = [*row(0, heads, one=close), *row(1, amounts, one=close)]
    text = " ".join(token.text for token in lay(Text(tuple(words), 0)))
    for head, amount in zip(heads, amounts, strict=True):
        assert f"« {head} » {amount}" in text


def test_what_is_said_again_means_the_same() -> None:
    found = understand(
        told(
            "Letter about a claim\nPatient name : Robert Zimmerman\nClaim number : EC569739\n"
            "We thank whoever looked into it for Robert Zimmerman and hope to hear about EC569739 ."
        ),
        1,
    ).entities
    said = [(e.label, e.value) for e in found]
    assert said.count(("patient", "ROBERT ZIMMERMAN")) == 2
    assert said.count(("claim_number", "EC569739")) == 2


def test_the_less_of_a_page_is_known_the_less_sure_is_its_kind() -> None:
    page = (
        "PROGRESS NOTE\nPatient : Robert Zimmerman\nDate of visit : 03/02/2026\n"
        "Subjective seen for follow up . Pain is less than at the last visit ."
    )
    sure = understand(told(page), 1).kinds[0]
    strange = "\n".join("quorble vintsy ambrogant dwellish" for _ in range(8))
    unsure = understand(told(f"{page}\n{strange}"), 1).kinds[0]
    assert sure.kind == "progress_note"
    assert unsure.probability < sure.probability


def test_no_word_is_read_twice(readers: Readers) -> None:
    rng = random.Random("papers 11 99")
    made = make("eob", facts.make(rng), rng, "test")
    words = read_text(made.page, look(made.page), readers).words
    boxes = np.array([word.box for word in words])
    for at, (x0, y0, x1, y1) in enumerate(boxes):
        others = np.delete(boxes, at, axis=0)
        across = np.minimum(others[:, 2], x1) - np.maximum(others[:, 0], x0)
        down = np.minimum(others[:, 3], y1) - np.maximum(others[:, 1], y0)
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        assert (shared < 0.7 * (x1 - x0) * (y1 - y0)).all(), words[at].text


def test_a_control_number_of_ours_is_known_wherever_it_stands(readers: Readers) -> None:
    rng = random.Random(3)
    case: Facts = facts.make(rng)
    for seed in range(20):
        chance = random.Random(seed)
        drawn = papers.draw("correspondence", case, chance, "test", "liberation-sans")
        if any(s.label == "control_number" for s in drawn.said):
            break
    reading = read(scanned(drawn, "clean-300-grey", rng), readers)
    ours = [e for e in reading.entities if e.label == "control_number"]
    assert case.control_number in {e.value for e in ours if isinstance(e, Entity)}


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("26057P0745919I", "26057P0745919I"),
        ("26057P07459191", "26057P0745919I"),
        ("26002P01364660", "26002P0136466O"),
        ("26065P0143835Z", None),
        ("12345678901234", None),
    ],
)
def test_the_check_character_tells_look_alikes_apart(printed: str, number: str | None) -> None:
    found = understand([Token("Number"), Token(printed, box=(10, 10, 90, 30))], 1).entities
    ours = [e.value for e in found if e.label == "control_number" and e.confidence > 0.99]
    assert ours == ([number] if number else [])


@given(st.lists(st.text(st.characters(codec="ascii"), min_size=1, max_size=9), max_size=40))
def test_candidates_are_stretches_of_the_page(words: list[str]) -> None:
    for start, stop in candidates.candidates(words):
        assert 0 <= start < stop <= len(words)
        assert shape(words[start:stop]) in {"date", "money", "number", "name"}
        assert not set(words[start:stop]) & {"|", "\n", "«", "»"}


@pytest.mark.parametrize(
    ("label", "text", "value"),
    [
        ("date_of_service", "March 3, 2026", "2026-03-03"),
        ("date_of_service", "DEC 24 , 2025", "2025-12-24"),
        ("authorization_to", "2026-09-30", "2026-09-30"),
        ("birth_date", "3/14/66", "1966-03-14"),
        ("date_of_service", "02/30/2026", None),
        ("paid", "1,070.37", "1070.37"),
        ("patient", "Doe, Jane Q.", "DOE JANE Q"),
        ("patient", "Adams, Mark 0", "ADAMS MARK O"),
        ("provider", "0'Brien, Ann MD", "O'BRIEN ANN MD"),
        ("diagnosis", "E11.9", "E119"),
        ("member_id", "XYZ 123-456", "XYZ123456"),
    ],
)
def test_values_have_the_normal_forms_of_form_fields(
    label: str, text: str, value: str | None
) -> None:
    assert labels.normal(label, text) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("N400409123401 ML2.5", {"ndc": "00409123401", "ndc_unit": "ML", "ndc_quantity": "2.5"}),
        ("N412345678901F21", {"ndc": "12345678901", "ndc_unit": "F2", "ndc_quantity": "1"}),
        ("N4 12345-6789-01", {"ndc": "12345678901"}),
        (
            "PWK EB BM 123456",
            {
                "attachment_report": "EB",
                "attachment_sent": "BM",
                "attachment_control_number": "123456",
            },
        ),
        ("ZZ207Q00000X", {"taxonomy": "207Q00000X"}),
        ("LAST SEEN NPI 1245319599", {"narrative": "LAST SEEN", "npi": "1245319599"}),
        ("NPI 1245319598", {}),
        ("SEE NOTES BELOW", {"narrative": "SEE NOTES BELOW"}),
        ("", {}),
    ],
)
def test_free_text_on_forms_says_what_it_says(text: str, said: dict[str, str]) -> None:
    assert {note.label: note.value for note in notes(text)} == said


@given(st.text(st.characters(codec="ascii"), max_size=60))
def test_any_free_text_has_its_places(text: str) -> None:
    for note in notes(text):
        assert 0 <= note.start < note.stop <= len(text)


def test_training_twice_gives_the_same_components(tmp_path: Path) -> None:
    for split in ("train", "calibration"):
        rng = random.Random(split)
        made = [papers.draw(kind, facts.make(rng), rng, "train", "dejavu-sans") for kind in KINDS]
        lines = [json.dumps(unread(paper)) + "\n" for paper in made]
        (tmp_path / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "unread.jsonl").write_text("", encoding="utf-8")
    for number in ("1", "2"):
        (tmp_path / number).mkdir()
        command = ["bench.language", str(tmp_path), "--to", str(tmp_path / number)]
        # words hash otherwise in every process
        known = {**os.environ, "PYTHONHASHSEED": number}
        subprocess.run(
            [sys.executable, "-m", *command, "--epochs", "1"], check=True, timeout=300, env=known
        )
    first, second = (sorted((tmp_path / number).iterdir()) for number in ("1", "2"))
    assert len(first) == 2
    assert [f.read_bytes() for f in first] == [f.read_bytes() for f in second]
