from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.kinds.grammar import Grammar, ShapeError
from extractors.kinds.table import kind_named, names

DATA = (resources.files("extractors.kinds") / "data" / "kinds.toml").read_text(encoding="utf-8")
SHAPES = sorted({s for kind in tomllib.loads(DATA).values() for s, _ in kind.get("shapes", ())})
PRINT = st.characters(min_codepoint=32, max_codepoint=126)


@given(data=st.data(), shape=st.sampled_from(SHAPES))
def test_a_shape_takes_what_the_same_regular_expression_takes(
    data: st.DataObject, shape: str
) -> None:
    grammar = Grammar([(shape, 0.0)])
    fitting = data.draw(st.from_regex(re.compile(shape, re.ASCII), fullmatch=True, alphabet=PRINT))
    cut = data.draw(st.integers(0, len(fitting)))
    mutated = fitting[:cut] + data.draw(st.text(PRINT, max_size=2)) + fitting[cut + 1 :]
    for text in (fitting, mutated):
        expected = re.fullmatch(shape, text, re.ASCII) is not None and text.isascii()
        assert (grammar.match(text) is not None) == expected


def test_a_string_weighs_what_its_best_shape_weighs() -> None:
    grammar = Grammar([("[A-Z]{2}", 0.0), ("[A-Z0-9]{2}", -3.0)])
    assert grammar.match("AB") == 0.0
    assert grammar.match("A1") == -3.0
    assert grammar.match("A") is None
    assert grammar.match("") is None


@pytest.mark.parametrize("shape", ["(a", "a)", "[a", "a{2"])
def test_a_shape_written_wrong_is_refused(shape: str) -> None:
    with pytest.raises(ShapeError):
        Grammar([(shape, 0.0)])


def test_every_kind_has_a_name_once() -> None:
    assert len(names()) == len(set(names()))


@pytest.mark.parametrize("kind", ["rendering_id", "taxonomy_or_code"])
def test_a_taxonomy_code_has_a_letter_in_place_four_or_five(kind: str) -> None:
    weigh = kind_named(kind).grammar.match
    usual = {weigh(code) for code in ("207Q00000X", "363LF0000X", "2085R0202X")}
    assert usual == {0.0}
    figures = weigh("390200000X")  # there are a dozen
    other = weigh("7654321")
    assert figures is not None
    assert other is not None
    assert figures < other < 0
