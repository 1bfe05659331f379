"""PP-OCRv6 small, the recogniser that reads every strip (onnxruntime, one thread).

The model comes with the rapidocr wheel (Apache-2.0) and knows 18,708 characters; its last layer
is cut to those that a claim may hold, which is faster and can't answer in Chinese. Beside its
upper layers stand a second time the same layers as they were taught the print of claims
(`bench.teach`): the lower ones do most of the work, and do it once. What a strip says is what
both branches together say; where they differ, that is kept.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import string
from collections.abc import Iterator, Sequence
from importlib import resources

import cv2
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import numpy_helper

from extractors.readers.commas import commas
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from models.page import Pixels

#: what a claim may hold
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-.,/()&'#$:;*+%@_ "
#: the first node of the layers that were taught the print of claims beside those it came with
BRANCH = "Conv.43"
_TAUGHT = "taught."
#: what the taught branch's word weighs beside the other's, measured on the calibration split
_WEIGHT = 0.8
_LEAST = 1e-9
#: what stands low on the line; frames to either side of it
_LOW = ".,"
_AROUND = 1.6
#: pixels: the height the model was trained at
HEIGHT = 48
#: the width is squeezed to this share: as accurate on claims' print, and a third faster
_SQUEEZE = 0.7
#: pixels: widths are padded up to a multiple of this, and strips of one width share a batch
_BUCKET = 32
#: strips in one run; more only costs memory on a CPU
_BATCH = 6
#: pixels: wider strips are squeezed harder
_MAX_WIDTH = 960
#: a character must have had this probability in some frame to be an alternative
_FLOOR = 0.002
#: nothing was read between two characters, but something was nearly read there
_GHOST = 0.15

Frames = NDArray[np.float32]


def cut_model() -> onnx.ModelProto:
    """The recogniser with its last layer cut to blank and `ALPHABET`."""
    path = resources.files("rapidocr") / "models" / "PP-OCRv6_rec_small.onnx"
    model = onnx.load_model_from_string(path.read_bytes())
    known = {p.key: p.value for p in model.metadata_props}["character"].split("\n")
    # class 0 is CTC's blank, then the dictionary, and a space at the end
    order = {character: i + 1 for i, character in enumerate(known)}
    order.setdefault(" ", len(known) + 1)
    keep = [0, *(order[c] for c in ALPHABET)]
    classes = len(known) + 2
    for tensor in model.graph.initializer:
        if tensor.dims and tensor.dims[-1] == classes:
            whole = numpy_helper.to_array(tensor)
            tensor.CopyFrom(
                numpy_helper.from_array(np.ascontiguousarray(whole[..., keep]), tensor.name)
            )
    model.graph.output[0].type.tensor_type.shape.dim[-1].dim_value = len(keep)
    return model


def _taught() -> dict[str, Frames]:
    """The tensors of the taught branch, by the name of those they stand beside."""
    file = resources.files("extractors") / "readers" / "data" / "taught.npz"
    with np.load(io.BytesIO(file.read_bytes())) as kept:
        return {name: kept[name].astype(np.float32) for name in kept.files}


def branched(model: onnx.ModelProto, taught: dict[str, Frames]) -> onnx.ModelProto:
    """The model with a second branch, whose output is the second."""
    nodes = list(model.graph.node)
    nodes = nodes[[node.name for node in nodes].index(BRANCH) :]
    own = {name for node in nodes for name in node.output} | taught.keys()
    for node in nodes:
        twin = model.graph.node.add()
        twin.CopyFrom(node)
        twin.name = _TAUGHT + node.name
        twin.input[:] = [_TAUGHT + name if name in own else name for name in node.input]
        twin.output[:] = [_TAUGHT + name for name in node.output]
    for name, tensor in taught.items():
        model.graph.initializer.append(numpy_helper.from_array(tensor, _TAUGHT + name))
    output = model.graph.output.add()
    output.CopyFrom(model.graph.output[0])
    output.name = _TAUGHT + output.name
    return model


def fitted(pixels: Pixels) -> Pixels:
    """The strip at the model's height, squeezed."""
    height, width = pixels.shape
    scale = HEIGHT / height
    wanted = max(8, min(_MAX_WIDTH, round(width * scale * _SQUEEZE)))
    shrink = scale < 1 or _SQUEEZE * scale < 1
    kind = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (wanted, HEIGHT), interpolation=kind), np.uint8)


def _resize(pixels: Pixels) -> Pixels:
    """The strip as the model takes it, padded with paper to a bucket's width."""
    resized = fitted(pixels)
    wanted = resized.shape[1]
    bucket = -(-wanted // _BUCKET) * _BUCKET
    padded = np.full((HEIGHT, bucket), 255, np.uint8)
    padded[:, :wanted] = resized
    return padded


def _position(frames: Frames, start: int, stop: int, used: float) -> Position:
    """What the frames from `start` to `stop` say as one character."""
    best = frames[start:stop].max(axis=0)
    blank = float(frames[start:stop, 0].min())
    letters = best[1:]
    order = np.argsort(letters)[::-1][:8]
    chars = [(ALPHABET[i], float(letters[i])) for i in order if letters[i] >= _FLOOR]
    if blank >= _FLOOR:
        chars.append(("", blank))
    total = max(1.0, sum(p for _, p in chars))
    chars = sorted(((c, p / total) for c, p in chars), key=lambda cp: -cp[1])
    length = max(1e-6, len(frames) * used)
    return Position(tuple(chars), min(1.0, start / length), min(1.0, stop / length))


def _sighting(frames: Frames, used: float) -> Sighting:
    """Greedy CTC: each run of one character is a position; near-misses between them too."""
    best = frames.argmax(axis=1)
    positions: list[Position] = []
    at = 0
    for value, run in itertools.groupby(best):
        stop = at + len(list(run))
        if value:
            positions.append(_position(frames, at, stop, used))
        else:
            ghost = at + int(frames[at:stop, 0].argmin())
            if frames[ghost, 0] < 1 - _GHOST:
                # the runner-up may only be the neighbour's own frame fading out
                rival = int(frames[ghost, 1:].argmax()) + 1
                beside = {int(best[i]) for i in (at - 1, stop) if 0 <= i < len(best)}
                if rival not in beside:
                    positions.append(_position(frames, ghost, ghost + 1, used))
        at = stop
    return Sighting("ppocr", tuple(positions))


def _opinion(frames: Frames, used: float) -> Sighting:
    """What one branch alone says: for each character its best, and how sure."""
    best = frames.argmax(axis=1)
    positions = []
    at = 0
    length = max(1e-6, len(frames) * used)
    for value, run in itertools.groupby(best):
        stop = at + len(list(run))
        if value:
            sure = float(frames[at:stop, value].max())
            x0, x1 = min(1.0, at / length), min(1.0, stop / length)
            positions.append(Position(((ALPHABET[value - 1], sure),), x0, x1))
        at = stop
    return Sighting("ppocr", tuple(positions))


def _together(own: Frames, taught: Frames) -> Frames:
    """What both branches allow: the weighed mean of their log-probabilities."""
    logs = (1 - _WEIGHT) * np.log(own + _LEAST) + _WEIGHT * np.log(taught + _LEAST)
    both = np.exp(logs)
    return np.asarray(both / both.sum(axis=1, keepdims=True), np.float32)


def _letters_beside(seen: Sighting, at: float) -> bool:
    """Whether letters, and no mark of the same kind, stand to both sides of a place."""
    read = [p for p in seen.positions if p.chars and p.chars[0][0].strip()]
    before = [p.chars[0][0] for p in read if p.x0 < at][-1:]
    after = [p.chars[0][0] for p in read if p.x0 >= at][:1]
    return len(before) == len(after) == 1 and before[0].isalpha() and after[0].isalpha()


def _low(seen: Sighting) -> int:
    """How many commas and points were read."""
    return sum(map(seen.text.count, _LOW))


def _with_commas(
    both: Frames, own: Frames, seen: Sighting, heard: Sighting, used: float, pixels: Pixels
) -> Frames:
    """The frames of both, with those of a branch that sees a comma where one stands in the ink.

    Between letters only: what stands low between figures is as often what is left of a rule.
    `seen` is what both say, `heard` what that branch says alone.
    """
    both = both.copy()
    marks = [(p.x0 + p.x1) / 2 for p in heard.positions if p.chars[0][0] in _LOW]
    length = len(both) * used
    for at in commas(pixels):
        near = any(abs(at - mark) * length < _AROUND for mark in marks)
        if near and _letters_beside(seen, at):
            first, last = int(at * length - _AROUND), int(at * length + _AROUND) + 1
            both[max(0, first) : last] = own[max(0, first) : last]
    return both


def _batches(indexes: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(indexes), _BATCH):
        yield indexes[start : start + _BATCH]


class PaddleReader:
    """The PP-OCRv6 small recogniser.

    Args:
        untaught: of another one, whose model is shared: this one reads with the branch that the
            model came with alone, which is better on papers that are no claims.
    """

    name = "ppocr"

    def __init__(self, untaught: PaddleReader | None = None) -> None:
        self._alone = untaught is not None
        self._session: ort.InferenceSession = (
            _session() if untaught is None else untaught._session  # noqa: SLF001 - its own kind
        )
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]
        self._how = ort.RunOptions()
        if self._alone:
            self._outputs = self._outputs[:1]
            self._how.only_execute_path_to_fetches = True

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order."""
        images = [_resize(strip.pixels) for strip in strips]
        sightings: dict[int, Sighting] = {}
        order = sorted(range(len(images)), key=lambda i: images[i].shape[1])
        for width, group in itertools.groupby(order, key=lambda i: images[i].shape[1]):
            for batch in _batches(list(group)):
                said = self._run([images[i] for i in batch])
                for i, *frames in zip(batch, *said, strict=True):
                    h, w = strips[i].pixels.shape
                    used = min(1.0, w * HEIGHT / h * _SQUEEZE / width)
                    sightings[i] = self._sighting(frames, used, strips[i].pixels)
        return [sightings[i] for i in range(len(strips))]

    def _sighting(self, frames: Sequence[Frames], used: float, pixels: Pixels) -> Sighting:
        if self._alone:
            return _sighting(frames[0], used)
        own, taught = frames
        both = _together(own, taught)
        seen, heard = _sighting(both, used), _opinion(own, used)
        if _low(heard) > _low(seen):
            seen = _sighting(_with_commas(both, own, seen, heard, used, pixels), used)
        return dataclasses.replace(seen, others=(heard, _opinion(taught, used)))

    def _run(self, images: list[Pixels]) -> list[Frames]:
        """By branch (strips, frames, 1 + alphabet) probabilities; images share one width."""
        grey = np.stack(images).astype(np.float32) / 127.5 - 1.0
        planes = np.repeat(grey[:, None], 3, axis=1)
        said = self._session.run(self._outputs, {self._input: planes}, self._how)
        return [np.asarray(frames, np.float32) for frames in said]


def _session() -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # buffers of every width ever seen would be kept: hundreds of megabytes
    options.enable_cpu_mem_arena = False
    # and a plan of memory for each: a hundred megabytes after a hundred of them, and no faster
    options.enable_mem_pattern = False
    model = branched(cut_model(), _taught()).SerializeToString()
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
