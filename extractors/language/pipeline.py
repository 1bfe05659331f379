"""The spaCy pipeline: a blank English base, and two components of our own training.

`textcat` tells the kind of paper; `spancat_singlelabel` tells which of the candidates is a value of
what. Both are small: hashed features, a few layers, a megabyte or two in one file.
"""

from __future__ import annotations

import functools
import json
import lzma
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from extractors.language.candidates import KEY, NAME
from extractors.language.labels import possible
from extractors.language.lay import SIGNAL

#: the trained components by name
KINDS: Final = "textcat"
VALUES: Final = "spancat_singlelabel"
#: how sure a value is at least that a pattern is sure of
CERTAIN: Final = 0.98
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
    """

    kinds: tuple[str, ...]
    labels: tuple[str, ...]
    temperature: float
    weights: tuple[float, float, float]

    def kind(self, scores: dict[str, float]) -> list[tuple[str, float]]:
        """Kinds with their calibrated probability, likeliest first."""
        logits = {k: math.log(max(p, 1e-9)) / self.temperature for k, p in scores.items()}
        most = max(logits.values())
        odds = {k: math.exp(v - most) for k, v in logits.items()}
        whole = sum(odds.values())
        return sorted(((k, v / whole) for k, v in odds.items()), key=lambda kv: -kv[1])

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
        doc = self.nlp.get_pipe(KINDS)(document(self.nlp, plain(words)))
        return self.sureness.kind(dict(doc.cats))

    def values(self, words: Sequence[str]) -> list[tuple[Span, float]]:
        """What a page says: spans of its words, each with the component's probability."""
        return values(self.nlp, words)


def plain(words: Sequence[str]) -> list[str]:
    """The words that tell kinds: no numbers, no marks, capitals or not."""
    return [w.lower() for w in words if (w.isalpha() and len(w) > _SHORT) or w[:1] == SIGNAL]


def document(nlp: Language, words: Sequence[str]) -> Doc:
    """Words as spaCy has them."""
    return Doc(nlp.vocab, words=list(words) or ["\n"])


def values(nlp: Language, words: Sequence[str]) -> list[tuple[Span, float]]:
    """The values of a page: of what patterns allow, what the component holds for likeliest.

    No two of them share a word.
    """
    doc = document(nlp, words)
    component: Any = nlp.get_pipe(VALUES)
    places, scores = component.predict([doc])
    names = component.labels
    found: list[tuple[float, int, int, str]] = []
    for (start, stop), row in zip(np.asarray(places.data), np.asarray(scores), strict=True):
        allowed, certain = possible(words, int(start), int(stop))
        best = max(allowed, key=lambda name: float(row[names.index(name)]), default=None)
        if best is None:
            continue
        score = float(row[names.index(best)])
        if certain:
            found.append((max(score, CERTAIN), int(start), int(stop), best))
        elif score > float(row[len(names)]):
            found.append((score, int(start), int(stop), best))
    taken: set[int] = set()
    kept = []
    for score, start, stop, name in sorted(found, key=lambda f: (-f[0], f[1], f[2])):
        if taken.isdisjoint(range(start, stop)):
            taken.update(range(start, stop))
            kept.append((Span(doc, start, stop, name), score))
    return sorted(kept, key=lambda each: each[0].start)


def save(pipeline: Pipeline, folder: Path) -> None:
    """Write the components and their sureness."""
    content = pipeline.nlp.to_bytes(exclude=["vocab", "tokenizer"])
    (folder / _COMPONENTS).write_bytes(lzma.compress(content, preset=6))
    known = {name: getattr(pipeline.sureness, name) for name in Sureness.__dataclass_fields__}
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
    )
    nlp = blank(sureness.kinds, sureness.labels)
    nlp.from_bytes(
        lzma.decompress((folder / _COMPONENTS).read_bytes()), exclude=["vocab", "tokenizer"]
    )
    return Pipeline(nlp, sureness)
