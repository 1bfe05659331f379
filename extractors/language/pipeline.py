"""The spaCy pipeline: a blank English base, and two components of our own training.

`textcat` tells the kind of paper; `spancat_singlelabel` tells which of the candidates is a value of
what. Both are small: hashed features, a few layers, a megabyte or two in one file.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import lzma
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from extractors.language.candidates import KEY, NAME
from extractors.language.captions import line_of, said
from extractors.language.labels import possible
from extractors.language.lay import CLOSE, LINE, MARKS, OPEN, SIGNAL
from extractors.language.shapes import shape

#: the trained components by name
KINDS: Final = "textcat"
VALUES: Final = "spancat_singlelabel"
#: how sure a value is at least that a pattern is sure of
CERTAIN: Final = 0.98
#: how sure it has to be what a name or number means, to mean that again; its share then; and
#: letters and figures of a number that is said twice by no chance
_KNOWN: Final = 0.9
_AGAIN: Final = 0.97
_LONG: Final = 5
#: how surely something may be no value, and be the same as one all the same: letter heads are
_NOTHING: Final = 0.97
#: share of a page's words that must be known for its kind to be as sure as it looks
_MOSTLY: Final = 0.5
#: how sure a value is at least that stands behind a usual caption
_TOLD: Final = 0.8
#: words of the longest name, and of one behind a caption without a colon; what may be a word of one
_LONGEST, _SHORTER = 7, 5
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z'.&-]*|[,.;0]")
#: letters of a word that says nothing
_SHORT: Final = 2
#: the trained components, and how sure their words are
_COMPONENTS, _SURENESS = "components.bin.xz", "sureness.json"
_WIDTH: Final = 96
_ROWS: Final = (2000, 750, 1000, 750, 100)
#: hashed words and pairs of words by which kinds are told
_BUCKETS: Final = 1 << 15


def blank(kinds: Iterable[str], labels: Iterable[str]) -> Language:
    """The pipeline before it has learned anything."""
    nlp = spacy.blank("en")
    kind = nlp.add_pipe(
        KINDS,
        config={
            "model": {
                "@architectures": "spacy.TextCatBOW.v3",
                "exclusive_classes": True,
                "ngram_size": 2,
                "no_output_layer": False,
                "length": _BUCKETS,
            }
        },
    )
    said = nlp.add_pipe(
        VALUES,
        config={
            "spans_key": KEY,
            "negative_weight": 1.0,
            "allow_overlap": False,
            "suggester": {"@misc": NAME},
            "model": {
                "@architectures": "spacy.SpanCategorizer.v1",
                "tok2vec": {
                    "@architectures": "spacy.Tok2Vec.v2",
                    "embed": {
                        "@architectures": "spacy.MultiHashEmbed.v2",
                        "width": _WIDTH,
                        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "LENGTH"],
                        "rows": list(_ROWS),
                        "include_static_vectors": False,
                    },
                    "encode": {
                        "@architectures": "spacy.MaxoutWindowEncoder.v2",
                        "width": _WIDTH,
                        "window_size": 2,
                        "maxout_pieces": 3,
                        "depth": 4,
                    },
                },
                "reducer": {
                    "@layers": "spacy.mean_max_reducer.v1",
                    "hidden_size": _WIDTH,
                },
                "scorer": {"@layers": "Softmax.v2"},
            },
        },
    )
    for name in kinds:
        kind.add_label(name)  # type: ignore[attr-defined] # a pipe that spaCy doesn't type
    for name in labels:
        said.add_label(name)  # type: ignore[attr-defined] # the same
    return nlp


@dataclass(frozen=True, slots=True)
class Sureness:
    """What the components' own probabilities are worth: fitted on pages that they never saw.

    Attributes:
        kinds: in the order of the component.
        labels: the same.
        temperature: of the kinds' logits.
        weights: of a value: constant, its label's log-odds, the log-probability of its ink.
        words: that the training knows.
    """

    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    temperature: float
    weights: tuple[float, float, float]
    words: frozenset[str]

    def kind(self, scores: Mapping[str, float], known: float) -> list[tuple[str, float]]:
        """Kinds with their calibrated probability, likeliest first.

        They were calibrated on pages whose words are known. Where most of a page's words are not,
        what the few known ones say counts for less, and the rest is for a person to tell.

        Args:
            scores: the component's own probabilities.
            known: share of the page's words that the training knows.
        """
        trust = min(1.0, known / _MOSTLY)
        logits = {k: math.log(max(p, 1e-9)) / self.temperature for k, p in scores.items()}
        most = max(logits.values())
        odds = {k: math.exp(v - most) for k, v in logits.items()}
        whole = sum(odds.values())
        return sorted(((k, trust * v / whole) for k, v in odds.items()), key=lambda kv: -kv[1])

    def value(self, score: float, ink: float) -> float:
        """The probability that a value is right in full: its label, its borders and its text."""
        constant, label, text = self.weights
        score = min(max(score, 1e-6), 1 - 1e-6)
        odds = constant + label * math.log(score / (1 - score)) + text * max(ink, -10.0)
        return 1 / (1 + math.exp(-odds))


@dataclass(frozen=True, slots=True, eq=False)
class Pipeline:
    """The trained pipeline and how sure it is."""

    nlp: Language
    sureness: Sureness

    def kinds(self, words: Sequence[str]) -> list[tuple[str, float]]:
        """What a page may be, likeliest first, with calibrated probabilities."""
        told = plain(words)
        doc = self.nlp.get_pipe(KINDS)(document(self.nlp, told))
        known = known_share(plain(_printed(words)), self.sureness.words)
        return self.sureness.kind(dict(doc.cats), known)

    def values(self, words: Sequence[str]) -> list[tuple[Span, float]]:
        """What a page says: spans of its words, each with the component's probability."""
        return values(self.nlp, words)


def _printed(words: Sequence[str]) -> Iterator[str]:
    """The words without captions that are told again."""
    told = False
    for word in words:
        told = word == OPEN or (told and word != CLOSE)
        if not told:
            yield word


def plain(words: Iterable[str]) -> list[str]:
    """The words that tell kinds: no numbers, no marks, capitals or not."""
    return [w.lower() for w in words if (w.isalpha() and len(w) > _SHORT) or w[:1] == SIGNAL]


def known_share(told: Sequence[str], words: frozenset[str]) -> float:
    """The share of the words that tell kinds (`plain`) that are among `words`."""
    real = [word for word in told if not word.startswith(SIGNAL)]
    return sum(word in words for word in real) / max(1, len(real))


def document(nlp: Language, words: Sequence[str]) -> Doc:
    """Words as spaCy has them."""
    return Doc(nlp.vocab, words=list(words) or ["\n"])


def values(nlp: Language, words: Sequence[str]) -> list[tuple[Span, float]]:
    """The values of a page: of what patterns allow, what the component holds for likeliest.

    No two of them share a word; what is said twice is one value.
    """
    doc = document(nlp, words)
    component: Any = nlp.get_pipe(VALUES)
    places, scores = component.predict([doc])
    found = []
    for (start, stop), row in zip(np.asarray(places.data), np.asarray(scores), strict=True):
        shares = {
            label: float(share) for label, share in zip((*component.labels, ""), row, strict=True)
        }
        one = _judged(words, int(start), int(stop), shares)
        if one is not None:
            found.append(one)
    found = _captioned(words, found)
    taken: set[int] = set()
    kept = []
    for one in sorted(_one_meaning(words, found), key=lambda f: (-f.score, f.start, f.stop)):
        if one.score > one.nothing and taken.isdisjoint(range(one.start, one.stop)):
            taken.update(range(one.start, one.stop))
            kept.append((Span(doc, one.start, one.stop, one.label), one.score))
    return sorted(kept, key=lambda each: each[0].start)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a stretch of words most likely is, if it is anything.

    Attributes:
        score: that it is, beside what else it may be; of a certain pattern high.
        nothing: the component's probability that it is no value.
        told: only one label was possible.
    """

    start: int
    stop: int
    label: str
    score: float
    nothing: float
    told: bool


def _judged(
    words: Sequence[str], start: int, stop: int, shares: Mapping[str, float]
) -> _Judged | None:
    """A stretch of words by the component's probabilities; `""` is nothing."""
    allowed, certain = possible(words, start, stop)
    best = max(allowed, key=lambda label: shares[label], default=None)
    if best is None:
        return None
    if certain:
        return _Judged(start, stop, best, max(shares[best], CERTAIN), 0.0, told=True)
    # what can't be is out of the question: its share goes to what can
    whole = max(1e-9, shares[""] + sum(shares[label] for label in allowed))
    score, nothing = shares[best] / whole, shares[""] / whole
    return _Judged(start, stop, best, score, nothing, told=len(allowed) == 1)


def _captioned(words: Sequence[str], found: Sequence[_Judged]) -> list[_Judged]:
    """Right behind its caption, all of a value is what the caption says.

    The component may take it for nothing where it knows the surroundings from no paper, and a name
    may have lost its first letter or its comma: then it goes on to where the cell ends.
    """
    longest: dict[int, int] = {}
    for one in found:
        if one.told:
            longest[one.start] = max(longest.get(one.start, 0), one.stop)
    sure = [
        dataclasses.replace(one, score=max(one.score, _TOLD), nothing=0.0)
        if one.told and one.stop == longest[one.start] and _behind(words, one)
        else one
        for one in found
    ]
    return [*sure, *_named(words, longest)]


def _behind(words: Sequence[str], one: _Judged) -> bool:
    """Whether a value stands right behind a caption that says its label."""
    looks = shape(words[one.start : one.stop])
    if looks == "name" and not _whole_cell(words, one):
        return False
    if looks in ("name", "number") and not _key(words, one):
        return False
    if one.label == "diagnosis" and "." in words[one.start]:
        return True
    caption = said(line_of(words, one.start), looks)
    return caption is not None and caption.label == one.label


def _whole_cell(words: Sequence[str], one: _Judged) -> bool:
    """Whether a name is all that stands behind a colon, or all of its cell and no caption."""
    last = words[one.start - 1]
    if last == ":":
        return True
    ends = one.stop == len(words) or words[one.stop] in MARKS
    if not ends or one.stop - one.start > _SHORTER or last == LINE:
        return False
    text = " ".join(words[one.start : one.stop])
    return all(said(text, looks) is None for looks in ("name", "number", "date", "money"))


def _named(words: Sequence[str], longest: Mapping[int, int]) -> Iterator[_Judged]:
    """Names behind their caption that no candidate holds in full."""
    for start in (at + 1 for at, word in enumerate(words) if word == ":"):
        stop = start
        while stop < min(start + _LONGEST, len(words)) and _NAME.fullmatch(words[stop]):
            stop += 1
        told = stop - start > 1 and words[start][0].isalpha() and stop > longest.get(start, 0)
        ends = stop == len(words) or words[stop] in MARKS
        if told and ends and possible(words, start, stop)[0] == ["patient"]:
            yield _Judged(start, stop, "patient", _TOLD, 0.0, told=True)


def _one_meaning(words: Sequence[str], found: Sequence[_Judged]) -> list[_Judged]:
    """The same name or number means the same wherever a page says it again.

    Beside its caption it is told best; in a sentence that nobody has read before, worse.
    """
    known: dict[str, _Judged] = {}
    for one in sorted(found, key=lambda f: f.score):
        key = _key(words, one)
        if key and one.score >= _KNOWN:
            known[key] = one
    meant = []
    for one in found:
        told = known.get(_key(words, one))
        taken = one.told or one.nothing > _NOTHING
        if told is not None and not taken and one.score < told.score * _AGAIN:
            again = told.score * _AGAIN
            meant.append(dataclasses.replace(one, label=told.label, score=again, nothing=0.0))
        else:
            meant.append(one)
    return meant


def _key(words: Sequence[str], one: _Judged) -> str:
    """What is the same when it is said again; empty where that may be chance."""
    part = [word.upper() for word in words[one.start : one.stop] if word[0].isalnum()]
    looks = shape(words[one.start : one.stop])
    if looks == "name":
        return " ".join(part) if len(part) > 1 else ""
    text = "".join(part)
    return text if looks == "number" and len(text) >= _LONG else ""


def save(pipeline: Pipeline, folder: Path) -> None:
    """Write the components and their sureness."""
    content = pipeline.nlp.to_bytes(exclude=["vocab", "tokenizer"])
    (folder / _COMPONENTS).write_bytes(lzma.compress(content, preset=6))
    known = {name: getattr(pipeline.sureness, name) for name in Sureness.__dataclass_fields__}
    known["words"] = " ".join(sorted(pipeline.sureness.words))
    (folder / _SURENESS).write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


@functools.cache
def load() -> Pipeline:
    """The pipeline of the package, once a process."""
    folder = resources.files("extractors.language") / "data"
    known: dict[str, Any] = json.loads((folder / _SURENESS).read_text(encoding="utf-8"))
    sureness = Sureness(
        tuple(known["kinds"]),
        tuple(known["labels"]),
        float(known["temperature"]),
        (known["weights"][0], known["weights"][1], known["weights"][2]),
        frozenset(known["words"].split()),
    )
    nlp = blank(sureness.kinds, sureness.labels)
    nlp.from_bytes(
        lzma.decompress((folder / _COMPONENTS).read_bytes()), exclude=["vocab", "tokenizer"]
    )
    return Pipeline(nlp, sureness)
