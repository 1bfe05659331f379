"""Train the language pipeline from nothing: `make train`.

    python -m bench.language PAGES --to extractors/language/data

PAGES holds train.jsonl and calibration.jsonl of `bench.attachments`. The same pages give the same
components: seeds are fixed, one thread. The calibration split, whose layouts, faces and scanners
the training never saw, says how sure the pipeline may be.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.training import Example

from bench import attachments
from extractors.language import candidates
from extractors.language.labels import LABELS, normal
from extractors.language.lay import LINE
from extractors.language.pipeline import KINDS as KIND
from extractors.language.pipeline import (
    VALUES,
    Pipeline,
    Sureness,
    blank,
    document,
    plain,
    save,
    values,
)
from samples.attachments.papers import KINDS

SEED = 7
EPOCHS, BATCH, RATE = 6, 8, 0.001
KIND_EPOCHS, KIND_BATCH = 12, 32
#: shares of lines and words that are left of a page from which kinds are learned: papers out there
#: have words that ours don't; such pages made of each one by which their sureness is fitted
KEPT_LINES, KEPT_WORDS, THINNED = 0.5, 0.7, 4
#: pages that make a word known
COMMON = 3
#: share of the tokens of a page that are misread once more in every epoch
_NOISE = 0.02
_LOOKALIKE = {
    "0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "5": "S", "S": "5", "8": "B",
    "e": "c", "c": "e", "n": "ri", "m": "rn", "i": "", "t": "", ".": "", ":": "",
}  # fmt: skip


def load_pages(path: Path) -> list[dict[str, Any]]:
    """The pages of a file of `bench.attachments`."""
    return [attachments.example(line) for line in path.read_text(encoding="utf-8").splitlines()]


def example(nlp: Language, page: Mapping[str, Any], words: Sequence[str]) -> Example:
    """A page with what is right about it."""
    doc, truth = document(nlp, words), document(nlp, words)
    truth.cats = {kind: float(kind == page["kind"]) for kind in KINDS}
    known = set(candidates.candidates(words))
    spans = [truth[a:b] for a, b, _ in page["spans"]]
    truth.spans[candidates.KEY] = [
        spacy.tokens.Span(truth, a, b, label)
        for (a, b, label), _ in zip(page["spans"], spans, strict=True)
        if (a, b) in known
    ]
    return Example(doc, truth)


def noisy(words: Sequence[str], rng: random.Random) -> list[str]:
    """Words misread here and there, as a bad fax is."""
    found = []
    for word in words:
        if rng.random() < _NOISE and word.isalnum() and len(word) > 2:
            at = rng.randrange(len(word))
            found.append(word[:at] + _LOOKALIKE.get(word[at], word[at]) + word[at + 1 :])
        else:
            found.append(word)
    return found


def train(pages: Sequence[Mapping[str, Any]], *, epochs: int = EPOCHS) -> Language:
    """The components, trained from nothing."""
    spacy.util.fix_random_seed(SEED)  # type: ignore[attr-defined] # it comes from thinc
    rng = random.Random(SEED)
    nlp = blank(KINDS, LABELS)
    first = [example(nlp, page, page["words"]) for page in pages]
    optimizer = nlp.initialize(lambda: first[:200])
    optimizer.learn_rate = RATE
    with nlp.select_pipes(enable=VALUES):
        _learn_values(nlp, pages, optimizer, rng, epochs)
    with nlp.select_pipes(enable=KIND):
        _learn_kinds(nlp, pages, optimizer)
    return nlp


def _learn_kinds(nlp: Language, pages: Sequence[Mapping[str, Any]], optimizer: Any) -> None:
    """Kinds, by pages that lack lines and words: other papers word things otherwise."""
    rng = random.Random(SEED)
    optimizer.learn_rate = RATE
    order = list(range(len(pages)))
    for epoch in range(KIND_EPOCHS):
        rng.shuffle(order)
        losses: dict[str, float] = {}
        for at in range(0, len(order), KIND_BATCH):
            examples = []
            for i in order[at : at + KIND_BATCH]:
                words = plain(thinned(pages[i]["words"], rng))
                truth = document(nlp, words)
                truth.cats = {kind: float(kind == pages[i]["kind"]) for kind in KINDS}
                examples.append(Example(document(nlp, words), truth))
            nlp.update(examples, sgd=optimizer, losses=losses)
        print("kinds", epoch, {k: round(v, 3) for k, v in losses.items()}, flush=True)


def thinned(words: Sequence[str], rng: random.Random) -> list[str]:
    """Words of a page without some of its lines, and without some of its words."""
    found: list[str] = []
    keep = True
    for word in words:
        if word == LINE:
            keep = rng.random() < KEPT_LINES
        elif keep and rng.random() < KEPT_WORDS:
            found.append(word)
    return found


def _learn_values(
    nlp: Language,
    pages: Sequence[Mapping[str, Any]],
    optimizer: Any,
    rng: random.Random,
    epochs: int,
) -> None:
    """Values, by pages misread here and there."""
    order = list(range(len(pages)))
    for epoch in range(epochs):
        rng.shuffle(order)
        losses: dict[str, float] = {}
        if epoch == epochs * 2 // 3:
            optimizer.learn_rate = RATE / 4
        for batch in (order[at : at + BATCH] for at in range(0, len(order), BATCH)):
            examples = [example(nlp, pages[i], noisy(pages[i]["words"], rng)) for i in batch]
            nlp.update(examples, sgd=optimizer, losses=losses, drop=0.15)
        print(epoch, {k: round(v, 3) for k, v in losses.items()}, flush=True)


def calibrated(
    nlp: Language, pages: Sequence[Mapping[str, Any]], words: frozenset[str]
) -> Sureness:
    """How sure the components may be, by pages that they never saw.

    Args:
        nlp: the components.
        pages: of the calibration split.
        words: that the training knows.
    """
    rows, right = [], []
    for page in pages:
        truth = {(a, b, label): text for (a, b, label), text in _texts(page)}
        for span, score in values(nlp, page["words"]):
            certain = min(max(score, 1e-6), 1 - 1e-6)
            ink = max(-10.0, sum(page["ink"][span.start : span.end]))
            rows.append([1.0, math.log(certain / (1 - certain)), ink])
            text = truth.get((span.start, span.end, span.label_))
            seen = " ".join(page["words"][span.start : span.end])
            same = text is not None and normal(span.label_, seen) == normal(span.label_, text)
            right.append(same)
    features = np.array(rows, np.float64).reshape(-1, 3)
    weights = _logistic(features, np.array(right, np.float64))
    labels = tuple(nlp.get_pipe("spancat_singlelabel").labels)  # type: ignore[attr-defined] # untyped pipe
    return Sureness(KINDS, labels, _temperature(nlp, pages), weights, words)


def _temperature(nlp: Language, pages: Sequence[Mapping[str, Any]]) -> float:
    """The temperature of kinds, on pages that lack lines and words as those do out there."""
    rng = random.Random(SEED)
    drawn: list[tuple[dict[str, float], str]] = []
    for page in pages:
        for _ in range(THINNED):
            words = plain(thinned(page["words"], rng))
            drawn.append((dict(nlp.get_pipe(KIND)(document(nlp, words)).cats), page["kind"]))
    best = min(np.arange(1.0, 6.0, 0.05), key=lambda t: _surprise(drawn, float(t)))
    return round(float(best), 3)


def vocabulary(pages: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The words by which kinds are told that stand on several pages: one alone may be misread."""
    count = Counter(word for page in pages for word in set(plain(page["words"])))
    return frozenset(word for word, pages_of in count.items() if pages_of >= COMMON)


def _texts(page: Mapping[str, Any]) -> list[tuple[tuple[int, int, str], str]]:
    """The values of a page with their print."""
    return [
        ((a, b, label), text)
        for (a, b, label), text in zip(page["spans"], page["texts"], strict=True)
    ]


def _logistic(
    features: np.ndarray[Any, Any], right: np.ndarray[Any, Any]
) -> tuple[float, float, float]:
    """Weights of a logistic regression, by Newton's method, drawn a little to (0, 1, 1)."""
    prior = np.array([0.0, 1.0, 1.0])

    def cost(weights: np.ndarray[Any, Any]) -> float:
        odds = features @ weights
        away = float(((weights - prior) ** 2).sum()) / 2
        return float(np.logaddexp(0, odds).sum() - right @ odds) + away

    weights = prior
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        gradient = features.T @ (right - p) - (weights - prior)
        curve = features.T @ (features * (p * (1 - p))[:, None]) + np.eye(3)
        move, step = np.linalg.solve(curve, gradient), 1.0
        while step > 1e-4 and cost(weights + step * move) > cost(weights):
            step /= 2
        weights = weights + step * move
    a, b, c = (round(float(w), 4) for w in weights)
    return a, b, c


def _surprise(drawn: Sequence[tuple[dict[str, float], str]], temperature: float) -> float:
    sure = Sureness(KINDS, (), temperature, (0.0, 1.0, 1.0), frozenset())
    return -sum(math.log(max(dict(sure.kind(cats, 1.0))[kind], 1e-9)) for cats, kind in drawn)


def scores(nlp: Language, pages: Sequence[Mapping[str, Any]]) -> str:
    """Kinds right and F1 of the spans, for the log of the training."""
    right = found = there = hits = 0
    for page in pages:
        cats = nlp.get_pipe(KIND)(document(nlp, plain(page["words"]))).cats
        right += max(cats, key=cats.__getitem__) == page["kind"]
        mine = {(s.start, s.end, s.label_) for s, _ in values(nlp, page["words"])}
        truth = {tuple(span) for span in page["spans"]}
        hits, found, there = hits + len(mine & truth), found + len(mine), there + len(truth)
    f1 = 2 * hits / max(1, found + there)
    return f"kind {right / len(pages):.4f}  spans F1 {f1:.4f}  ({len(pages)} pages)"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.language", description=__doc__)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    chosen = parser.parse_args()
    held_out = load_pages(chosen.pages / "calibration.jsonl")
    pages = load_pages(chosen.pages / "train.jsonl") + load_pages(chosen.pages / "unread.jsonl")
    nlp = train(pages, epochs=chosen.epochs)
    print("calibration split:", scores(nlp, held_out))
    pipeline = Pipeline(nlp, calibrated(nlp, held_out, vocabulary(pages)))
    sure = pipeline.sureness
    print(sure.temperature, sure.weights, len(sure.words), "words")
    save(pipeline, chosen.to)
    return 0


if __name__ == "__main__":
    sys.exit(main())
