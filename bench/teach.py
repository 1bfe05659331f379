"""Teaches a second branch of the first reader the print of claims.

    python -m bench.teach LESSONS --steps 9000 --to extractors/readers/data/taught.npz

PP-OCRv6 small keeps its lower layers; its upper ones (`recogniser.BRANCH` and all above) are
learned anew from `bench.lessons`, beside the ones it came with: both branches read every strip.
Needs PyTorch, which nothing else does. Writes the branch's tensors, half precision.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it

from bench.network import Network
from extractors.readers.recogniser import ALPHABET, BRANCH, FRAME, HEIGHT, cut_model
from models.page import Pixels

#: strips in a step, and strips of which batches of like width are made
_BATCH, _CHUNK = 24, 6144
#: pixels: widths are padded up to a multiple of this
_BUCKET = 32
_RATE, _DECAY, _WARM = 5e-4, 0.01, 300
#: share of what is learned that the running mean keeps each step
_KEEPS = 0.998
#: share of strips that are faxed once more
_FAXED = 0.15
#: share that is bent smoothly, as no two letters of one hand are alike
_WARPED = 0.35
#: share of a batch that may be labelled amiss: ink of a neighbour, a strip cut badly
_AMISS = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Strips at the reader's height, and what is printed on them."""

    pictures: list[Pixels]
    labels: list[str]

    @classmethod
    def load(cls, folder: Path) -> Lessons:
        """All shards of a folder, without strips too narrow for their label."""
        pictures: list[Pixels] = []
        labels: list[str] = []
        for path in sorted(folder.glob("*.npz")):
            with np.load(path) as shard:
                edges = np.cumsum(shard["widths"])[:-1]
                found = np.split(shard["pixels"], edges, axis=1)
                for picture, label in zip(found, shard["labels"].tolist(), strict=True):
                    if len(label) + 1 < picture.shape[1] / FRAME:
                        pictures.append(picture)
                        labels.append(label)
        return cls(pictures, labels)


def warped(picture: Pixels, chance: np.random.Generator) -> Pixels:
    """The strip bent smoothly, elsewhere another way: the same letter never looks the same."""
    shape = picture.shape
    reach, far = chance.uniform(5, 12), chance.uniform(0.6, 2.2)
    moved = []
    for axis in np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32):
        noise = cv2.GaussianBlur(chance.normal(0, 1, shape).astype(np.float32), (0, 0), reach)
        moved.append(axis + noise * np.float32(far / max(1e-6, float(noise.std()))))
    rows, columns = moved
    return np.asarray(
        cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderValue=(255,)), np.uint8
    )


def worn(picture: Pixels, chance: np.random.Generator) -> Pixels:
    """The strip bent, with strokes thicker, thinner, blurred or wavy, or as it is."""
    height = len(picture)
    if chance.random() < _WARPED:
        picture = warped(picture, chance)
    kind = chance.random()
    if kind < 0.12:
        picture = np.asarray(cv2.erode(picture, np.ones((2, 2), np.uint8)), np.uint8)
    elif kind < 0.2:
        picture = np.asarray(cv2.dilate(picture, np.ones((2, 2), np.uint8)), np.uint8)
    elif kind < 0.35:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.4, 1.3)), np.uint8)
    elif kind < 0.45:
        rows, columns = np.mgrid[0:height, 0 : picture.shape[1]].astype(np.float32)
        wave = chance.uniform(20, 60)
        rows += np.float32(chance.uniform(0.5, 2)) * np.sin(columns / wave + chance.uniform(0, 6))
        columns += np.float32(chance.uniform(0.5, 2)) * np.sin(rows / 12 + chance.uniform(0, 6))
        picture = np.asarray(
            cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderValue=(255,)), np.uint8
        )
    return picture


def faxed(picture: Pixels, chance: np.random.Generator) -> Pixels:
    """The strip in two tones, coarser than it was, with strokes that break or run together."""
    height, width = picture.shape
    across, down = (chance.uniform(0.4, 0.8) for _ in range(2))
    size = (max(8, round(width * across)), max(8, round(height * down)))
    coarse = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float64)
    coarse += chance.normal(0, chance.uniform(5, 45), coarse.shape)
    dark = (coarse < chance.uniform(90, 200)).astype(np.uint8)
    back = cv2.resize(255 * (1 - dark), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(back, np.uint8)


def bent(picture: Pixels, chance: np.random.Generator) -> Pixels:
    """The strip as another printer, pen or scanner might have made it."""
    height, width = picture.shape
    if chance.random() < 0.6:
        across, down = chance.uniform(0.8, 1.25), chance.uniform(0.88, 1.05)
        shear = chance.normal(0, 0.1)
        wanted = max(8, round(width * across))
        middle = height / 2
        turn = np.array(
            [
                [across, -shear, shear * middle],
                [0, down, middle - down * middle + chance.normal(0, 1.0)],
            ]
        )
        picture = np.asarray(
            cv2.warpAffine(picture, turn, (wanted, height), borderValue=(255,)), np.uint8
        )
    picture = worn(picture, chance)
    if chance.random() < _FAXED:
        picture = faxed(picture, chance)
    if chance.random() < 0.15:
        low = chance.uniform(0, 110)
        picture = (low + picture * ((255 - low) / 255)).astype(np.uint8)
    if chance.random() < 0.12:
        noisy = picture + chance.normal(0, chance.uniform(5, 30), picture.shape)
        picture = np.clip(noisy, 0, 255).astype(np.uint8)
    if chance.random() < 0.08:
        picture = picture.copy()
        y = int(chance.integers(0, height - 2))
        x = int(chance.integers(0, picture.shape[1]))
        if chance.random() < 0.7:
            picture[y : y + 2, x : x + int(chance.integers(4, 80))] = 0
        else:
            picture[:, x : x + 2] = 0
    return picture


def planes(pictures: list[Pixels]) -> torch.Tensor:
    """Strips as the network takes them, padded to one width with paper."""
    width = -(-max(p.shape[1] for p in pictures) // _BUCKET) * _BUCKET
    sheet = np.full((len(pictures), HEIGHT, width), 255, np.uint8)
    for row, picture in zip(sheet, pictures, strict=True):
        row[:, : picture.shape[1]] = picture
    grey = torch.from_numpy(sheet.astype(np.float32) / 127.5 - 1.0)
    spread = grey[:, None].expand(-1, 3, -1, -1)
    return spread.contiguous(memory_format=torch.channels_last)


def _order(lessons: Lessons, chance: np.random.Generator) -> Iterator[list[int]]:
    """Batches of strips of like width, for ever."""
    widths = np.array([p.shape[1] for p in lessons.pictures])
    while True:
        shuffled = chance.permutation(len(widths))
        for start in range(0, len(shuffled), _CHUNK):
            chunk = shuffled[start : start + _CHUNK]
            alike = chunk[np.argsort(widths[chunk], kind="stable")]
            batches = [alike[i : i + _BATCH] for i in range(0, len(alike), _BATCH)]
            for at in chance.permutation(len(batches)):
                yield batches[at].tolist()


class Pupil:
    """The network with its branch as it learns, and the running mean of what it has learned."""

    def __init__(self, earlier: Path | None = None) -> None:
        model = cut_model()
        names = [node.name for node in model.graph.node]
        self.net = Network(model, list(model.graph.node)[names.index(BRANCH) :])
        self.logits = model.graph.node[-1].input[0]
        made = {name for node in self.net.branch for name in node.output}
        known = made | set(self.net.constants) | set(self.net.learned)
        self.joint = sorted({n for node in self.net.branch for n in node.input if n} - known)
        if earlier is not None:
            with np.load(earlier) as file:
                for name, tensor in self.net.learned.items():
                    tensor.copy_(torch.from_numpy(file[name].astype(np.float32)))
        self.mean = {name: t.clone() for name, t in self.net.learned.items()}
        self.known = {name: t.clone() for name, t in self.net.learned.items()}

    def losses(self, pictures: list[Pixels], labels: list[str]) -> torch.Tensor:
        """Of each strip, nats."""
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                lower = self.net.run(self.net.trunk, {self.net.input: planes(pictures)})
            upper = self.net.run(self.net.branch, {name: lower[name] for name in self.joint})
        logs = F.log_softmax(upper[self.logits].float(), dim=2).permute(1, 0, 2)
        told = [[ALPHABET.index(c) + 1 for c in label] for label in labels]
        return F.ctc_loss(
            logs,
            torch.tensor([c for label in told for c in label]),
            torch.full((len(labels),), logs.shape[0]),
            torch.tensor([len(label) for label in told]),
            reduction="none",
            zero_infinity=True,
        )

    def remember(self, keeps: float) -> None:
        """Move the running mean towards what is known now."""
        with torch.no_grad():
            for name, tensor in self.net.learned.items():
                self.mean[name].lerp_(tensor, 1 - keeps)

    def write(self, to: Path, share: float) -> None:
        """Keep the running mean, half precision; of it a share, of what was known the rest."""
        arrays: dict[str, Any] = {
            name: self.known[name].lerp(tensor, share).numpy().astype(np.float16)
            for name, tensor in self.mean.items()
        }
        np.savez_compressed(to, **arrays)


def teach(
    lessons: Lessons, steps: int, seed: int, known: Path | None, to: Path, share: float
) -> None:
    """Learn on from what is `known`, and write a share of what was learned now and then."""
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    pupil = Pupil(known)
    tensors = list(pupil.net.learned.values())
    for tensor in tensors:
        tensor.requires_grad_()
    optimizer = torch.optim.AdamW(
        [
            {"params": [t for t in tensors if t.ndim > 1], "weight_decay": _DECAY},
            {"params": [t for t in tensors if t.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=_RATE,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [_RATE, _RATE], total_steps=steps, pct_start=min(0.5, _WARM / steps)
    )
    order = _order(lessons, chance)
    began, told = time.monotonic(), 0.0
    for step in range(1, steps + 1):
        batch = next(order)
        labels = [lessons.labels[i] for i in batch]
        pictures = [bent(lessons.pictures[i], chance) for i in batch]
        losses = pupil.losses(pictures, labels)
        kept = losses <= losses.detach().quantile(1 - _AMISS)
        loss = losses[kept].sum() / len(batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(tensors, 5.0)
        optimizer.step()
        schedule.step()
        pupil.remember(min(_KEEPS, step / (step + 10)))
        told += float(loss.detach())
        if step % 100 == 0:
            spent = time.monotonic() - began
            print(f"{step} of {steps}: {told / 100:.3f} nats a strip, {spent:.0f} s", flush=True)
            told = 0.0
        if step % 500 == 0 or step == steps:
            pupil.write(to, share)


def main(arguments: list[str] | None = None) -> int:
    """Learn from a folder of lessons."""
    parser = argparse.ArgumentParser(prog="python -m bench.teach", description=__doc__)
    parser.add_argument("lessons", type=Path)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--known", type=Path, help="tensors of an earlier teaching")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of what is learned, beside what was known"
    )
    parser.add_argument("--to", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    lessons = Lessons.load(chosen.lessons)
    print(f"{len(lessons.labels)} strips")
    teach(lessons, chosen.steps, chosen.seed, chosen.known, chosen.to, chosen.share)
    return 0


if __name__ == "__main__":
    sys.exit(main())
