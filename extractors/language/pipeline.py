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

#: the trained components, and how sure their words are
_COMPONENTS, _SURENESS = "components.bin.xz", "sureness.json"
_WIDTH: Final = 96
_ROWS: Final = (2000, 750, 1000, 750, 100)
#: hashed words and pairs of words by which kinds are told
_BUCKETS: Final = 1 << 14


def blank(kinds: Iterable[str], labels: Iterable[str]) -> Language:
    """The pipeline before it has learned anything."""
    nlp = spacy.blank("en")
    kind = nlp.add_pipe(
        "textcat",
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
        "spancat_singlelabel",
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

    def read(self, words: Sequence[str]) -> Doc:
        """The words of a page with kinds (`doc.cats`) and spans (`doc.spans["said"]`)."""
        return self.nlp(document(self.nlp, words))


def document(nlp: Language, words: Sequence[str]) -> Doc:
    """Words as spaCy has them."""
    return Doc(nlp.vocab, words=list(words) or ["\n"])


def said(doc: Doc) -> list[tuple[Span, float]]:
    """The values of a document, each with the probability that the component gives it."""
    group = doc.spans[KEY]
    scores = np.ravel(group.attrs.get("scores", ()))
    return list(zip(group, map(float, scores), strict=True))


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
