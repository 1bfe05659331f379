"""Teaches the first reader the print and the hands of claims.

    python -m bench.teach LESSONS --seconds 450 --writers 12 --known TENSORS --to TENSORS

All of PP-OCRv6 small learns, with its upper layers (`recogniser.BRANCH` and all above) twice: one
branch learns what `bench.lessons` cut and `bench.written` writes meanwhile, the other to say what
the model said as it came, so that it stays another witness. Needs PyTorch, which nothing else
does, and a GPU to be done in minutes. Writes the tensors, half precision.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import queue
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everybody calls it
from numpy.typing import NDArray

from bench.lesson_faces import extra_faces
from bench.network import Network
from bench.pool import Batch, Pool
from bench.strips import Strips
from bench.worn import bent, worn
from bench.written import written
from extractors.readers.ppocr import WEIGHT
from extractors.readers.recogniser import ALPHABET, BRANCH, HEIGHT, branched, cut_model, unpacked
from models.page import Pixels
from samples import faces

#: how much wider and narrower strips become, and how much room a batch has for that
_WIDER, _ROOM = (0.8, 1.25), 1.12
#: share of strips that keep their width
_PLAIN = 0.3
#: shares of their size by which tensors move a step: all layers below the branches, and those
_BELOW, _ABOVE = 8e-4, 2e-3
_DECAY, _WARM = 0.01, 0.06
#: share of what is learned that the running mean keeps each step
_KEEPS = 0.9985
#: share of a batch that may be labelled amiss: ink of a neighbour, a strip cut badly
_AMISS = 0.04
#: how much staying what it was counts for the other branch
_STAYS = 1.0
#: steps from one at which it is asked to the next
_EVERY = 3
#: steps from one that is told of to the next: of those at which it is
_TOLD = 4 * _EVERY
#: of what is learned from, the share that was written from fonts alone; claims in a chunk of it
_WRITTEN, _CLAIMS = 0.5, 20


def _write_on(number: int, of: int, seed: int, fonts: str, figures: Path | None, to: Any) -> None:
    """What a process does until it is stopped: write claims."""
    cv2.setNumThreads(1)
    faces.learn(extra_faces().values(), fonts)
    while True:
        found: list[tuple[Pixels, str]] = []
        for _ in range(_CLAIMS):
            found += written(seed, number, figures)
            number += of
        to.put(Strips.of(found))


def writers(count: int, seed: int, fonts: str, figures: Path | None) -> Any:
    """Processes that write lessons for as long as this one lives; where they come in."""
    context = multiprocessing.get_context("spawn")
    found = context.Queue(2 * count)
    for number in range(count):
        context.Process(
            target=_write_on, args=(number, count, seed, fonts, figures, found), daemon=True
        ).start()
    return found


def _planes(ink: torch.Tensor) -> torch.Tensor:
    """Ink as the network takes it."""
    grey = (1 - 2 * ink)[:, None].expand(-1, 3, -1, -1)
    return grey.contiguous(memory_format=torch.channels_last)


class Pupil:
    """The network as it learns, what it was, and the running mean of what it has learned."""

    def __init__(self, earlier: Path, device: str) -> None:
        self.device = device
        model = branched(cut_model(), unpacked(earlier.read_bytes()))
        at = [node.name for node in model.graph.node].index(BRANCH)
        below = {name for node in list(model.graph.node)[:at] for name in node.input}
        self.net, self.was = Network(model, device), Network(cut_model(), device)
        self.below = [t for n, t in self.net.leaves.items() if n in below]
        self.above = [t for n, t in self.net.leaves.items() if n not in below]
        self.mean = {name: t.clone() for name, t in self.net.leaves.items()}
        self.known = {name: t.clone() for name, t in self.net.leaves.items()}

    def losses(
        self, ink: torch.Tensor, batch: Batch, *, stays: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Of each strip, nats: of what it says, and by how much the other branch has changed.

        The latter now and then alone, and 0 else.
        """
        planes = _planes(ink)
        with torch.autocast(self.device, torch.bfloat16):
            if stays:
                with torch.no_grad():
                    (was,) = self.was(planes, 0)
                own, taught = self.net(planes, 0, 1)
            else:
                (taught,) = self.net(planes, 1)
        logs = F.log_softmax(taught.float(), dim=2).permute(1, 0, 2)
        said = F.ctc_loss(
            logs,
            batch.codes,
            torch.full((len(ink),), logs.shape[0]),
            batch.lengths,
            reduction="none",
            zero_infinity=True,
        )
        if not stays:
            return said, torch.zeros_like(said)
        before = F.log_softmax(was.float(), dim=2)
        changed = F.kl_div(
            F.log_softmax(own.float(), dim=2), before, reduction="none", log_target=True
        )
        return said, changed.sum(dim=(1, 2))

    def remember(self, keeps: float) -> None:
        """Move the running mean towards what is known now."""
        with torch.no_grad():
            mean, now = list(self.mean.values()), list(self.net.leaves.values())
            torch._foreach_lerp_(mean, now, 1 - keeps)

    def write(self, to: Path, share: float) -> None:
        """Keep the running mean, half precision; of it a share, of what was known the rest."""
        values = self.net.values({n: self.known[n].lerp(t, share) for n, t in self.mean.items()})
        arrays: dict[str, Any] = {
            n: t.detach().cpu().numpy().astype(np.float16) for n, t in values.items()
        }
        np.savez_compressed(to, **arrays)

    def examined(self, strips: Strips) -> str:
        """How many strips the running mean reads wholly right, letters and figures: a line."""
        learning, self.net.leaves = self.net.leaves, self.mean
        right = np.zeros(3)
        starts = np.concatenate(([0], np.cumsum(strips.widths)))
        order, said = np.argsort(strips.widths), strips.texts()
        for some in np.array_split(order, max(1, int(strips.widths.sum()) // 16_000)):
            room = -(-int(strips.widths[some].max()) // 32) * 32
            ink = np.zeros((len(some), HEIGHT, room), np.float32)
            for row, i in zip(ink, some, strict=True):
                row[:, : strips.widths[i]] = 1 - strips.columns[starts[i] : starts[i + 1]].T / 255
            with torch.no_grad(), torch.autocast(self.device, torch.bfloat16):
                own, taught = self.net(_planes(torch.from_numpy(ink).to(self.device)), 0, 1)
            logs = [F.log_softmax(each.float(), dim=2) for each in (own, taught)]
            both = (1 - WEIGHT) * logs[0] + WEIGHT * logs[1]
            for which, each in enumerate((*logs, both)):
                for best, i in zip(each.argmax(dim=2).cpu().numpy(), some, strict=True):
                    right[which] += _plain(_greedy(best)) == _plain(said[i])
        self.net.leaves = learning
        own, taught, both = (right / len(order) * 100).tolist()
        return f"own {own:.2f}, taught {taught:.2f}, both {both:.2f} % of {len(order)}"


def _greedy(best: NDArray[np.int64]) -> str:
    first = np.concatenate(([True], best[1:] != best[:-1]))
    return "".join(ALPHABET[v - 1] for v in best[first] if v)


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _rate(share: float) -> float:
    """How large steps are, after a share of the time."""
    return min(1.0, share / _WARM) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, share)))


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to learn, and what to tell meanwhile.

    Attributes:
        seconds: how long.
        seed: of chance.
        to: where what is learned goes.
        share: of what is learned, beside what was known.
        tests: strips that are examined now and then, by name.
        often: how many times that is.
    """

    seconds: float
    seed: int
    to: Path
    share: float
    tests: dict[str, Strips]
    often: int


def _drain(found: Any, into: queue.Queue[Strips]) -> None:
    while True:
        into.put(found.get())


def _batches(pages: Pool, fresh: Pool, found: Any, chance: np.random.Generator) -> Iterator[Batch]:
    """Batches of both pools, for ever, while strips come in."""
    came: queue.Queue[Strips] = queue.Queue(64)
    if found is not None:
        threading.Thread(target=_drain, args=(found, came), daemon=True).start()
    while True:
        if not came.empty():
            fresh.add(came.get())
        mine = fresh if len(fresh) and chance.random() < _WRITTEN else pages
        yield mine.batch(chance)


def teach(pupil: Pupil, pages: Pool, fresh: Pool, found: Any, plan: Plan) -> None:
    """Learn, and write what was learned now and then."""
    torch.manual_seed(plan.seed)
    chance = np.random.default_rng(plan.seed)
    for tensor in pupil.net.leaves.values():
        tensor.requires_grad_()
    groups = [
        {"params": [t for t in tensors if (t.ndim > 1) == large], "lr": rate, "weight_decay": decay}
        for tensors, rate in ((pupil.below, _BELOW), (pupil.above, _ABOVE))
        for large, decay in ((True, _DECAY), (False, 0.0))
    ]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), fused=pupil.device == "cuda")
    rates = [group["lr"] for group in optimizer.param_groups]
    batches = _batches(pages, fresh, found, chance)
    began, told, step, tested = time.monotonic(), torch.zeros(3), 0, 0
    while (spent := time.monotonic() - began) < plan.seconds:
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * _rate(spent / plan.seconds)
        batch = next(batches)
        room = -(-int(batch.ink.shape[2] * _ROOM) // 32) * 32
        wider = torch.empty(len(batch.wide), device=pupil.device).uniform_(*_WIDER)
        plain = torch.rand(len(batch.wide), device=pupil.device) < _PLAIN
        wider = torch.where(plain, 1.0, wider).clamp(max=room / batch.wide)
        with torch.no_grad():
            ink = worn(bent(batch.ink, wider, room), (batch.wide * wider)[:, None, None])
        said, changed = pupil.losses(ink, batch, stays=step % _EVERY == 0)
        kept = said <= said.detach().quantile(1 - _AMISS)
        loss = said[kept].sum() / len(said) + _STAYS * changed.mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*pupil.below, *pupil.above], 5.0)
        optimizer.step()
        step += 1
        pupil.remember(min(_KEEPS, step / (step + 10)))
        if step % _TOLD == 1:
            of = said.detach()[kept].sum() / len(said), changed.detach().mean(), len(said)
            told += torch.tensor([float(each) for each in of])
        if step % (10 * _TOLD) == 0:
            nats, kl, count = (told / 10).tolist()
            print(
                f"{step}: {nats:.3f} nats a strip, changed {kl:.3f}, {count:.0f} strips a step, "
                f"{len(pages)} and {len(fresh)} known, {spent:.0f} s",
                flush=True,
            )
            told.zero_()
        if spent > plan.seconds * (tested + 1) / plan.often:
            tested += 1
            _tell(pupil, plan)
    _tell(pupil, plan)


def _tell(pupil: Pupil, plan: Plan) -> None:
    pupil.write(plan.to, plan.share)
    for name, strips in plan.tests.items():
        print(f"  {name}: {pupil.examined(strips)}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Learn from a folder of lessons."""
    parser = argparse.ArgumentParser(prog="python -m bench.teach", description=__doc__)
    parser.add_argument("lessons", type=Path)
    parser.add_argument("--seconds", type=float, default=450)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cuda", help="cpu learns some hundred times as slowly")
    parser.add_argument("--known", type=Path, required=True, help="tensors of an earlier teaching")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of what is learned, beside what was known"
    )
    parser.add_argument("--writers", type=int, default=1, help="processes that write lessons")
    parser.add_argument("--fonts", default="", help="folder with the faces of lesson_faces.csv")
    parser.add_argument("--figures", type=Path, help="folder with MNIST's files")
    parser.add_argument(
        "--columns", type=int, default=600_000_000, help="of pixels that are written, 48 bytes each"
    )
    parser.add_argument("--tests", type=Path, nargs="*", default=[], help="shards to examine")
    parser.add_argument("--often", type=int, default=4, help="times that they are examined")
    parser.add_argument("--to", type=Path, required=True)
    chosen = parser.parse_args(arguments)
    found = None
    if chosen.writers:
        found = writers(chosen.writers, chosen.seed, chosen.fonts, chosen.figures)
    pupil = Pupil(chosen.known, chosen.device)
    shards = [Strips.load(path) for path in sorted(chosen.lessons.glob("*.npz"))]
    if not shards:
        parser.error(f"no lessons in {chosen.lessons}: `python -m bench.lessons` makes them")
    pages = Pool(sum(len(shard.columns) for shard in shards), chosen.device)
    for shard in shards:
        pages.add(shard)
    fresh = Pool(chosen.columns if chosen.writers else 0, chosen.device)
    tests = {path.stem: Strips.load(path) for path in chosen.tests}
    for name, strips in tests.items():
        print(f"  {name}: {pupil.examined(strips)}", flush=True)
    plan = Plan(chosen.seconds, chosen.seed, chosen.to, chosen.share, tests, chosen.often)
    teach(pupil, pages, fresh, found, plan)
    return 0


if __name__ == "__main__":
    sys.exit(main())
