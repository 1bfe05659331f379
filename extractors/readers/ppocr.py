"""PP-OCRv6 small, the recogniser that reads every strip (onnxruntime, one thread).

The model comes with the rapidocr wheel (Apache-2.0) and knows 18,708 characters; its last layer
is cut to those that a claim may hold, which is faster and can't answer in Chinese.
"""

from __future__ import annotations

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

from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from models.page import Pixels

#: what a claim may hold
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-.,/()&'#$:;*+%@_ "
#: pixels: the height the model was trained at
_HEIGHT = 48
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


def _cut_model() -> bytes:
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
    return bytes(model.SerializeToString())


def _resize(pixels: Pixels) -> Pixels:
    """The strip at the model's height, squeezed, padded with paper to a bucket's width."""
    height, width = pixels.shape
    scale = _HEIGHT / height
    wanted = max(8, min(_MAX_WIDTH, round(width * scale * _SQUEEZE)))
    shrink = scale < 1 or _SQUEEZE * scale < 1
    resized = cv2.resize(
        pixels, (wanted, _HEIGHT), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    )
    bucket = -(-wanted // _BUCKET) * _BUCKET
    padded = np.full((_HEIGHT, bucket), 255, np.uint8)
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


def _batches(indexes: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(indexes), _BATCH):
        yield indexes[start : start + _BATCH]


class PaddleReader:
    """The PP-OCRv6 small recogniser."""

    name = "ppocr"

    def __init__(self) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # buffers of every width ever seen would be kept: hundreds of megabytes
        options.enable_cpu_mem_arena = False
        self._session = ort.InferenceSession(
            _cut_model(), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order."""
        images = [_resize(strip.pixels) for strip in strips]
        sightings: dict[int, Sighting] = {}
        order = sorted(range(len(images)), key=lambda i: images[i].shape[1])
        for width, group in itertools.groupby(order, key=lambda i: images[i].shape[1]):
            for batch in _batches(list(group)):
                for i, frames in zip(batch, self._run([images[i] for i in batch]), strict=True):
                    h, w = strips[i].pixels.shape
                    used = min(1.0, w * _HEIGHT / h * _SQUEEZE / width)
                    sightings[i] = _sighting(frames, used)
        return [sightings[i] for i in range(len(strips))]

    def _run(self, images: list[Pixels]) -> Frames:
        """(strips, frames, 1 + alphabet) probabilities; images share one width."""
        grey = np.stack(images).astype(np.float32) / 127.5 - 1.0
        planes = np.repeat(grey[:, None], 3, axis=1)
        return np.asarray(self._session.run(None, {self._input: planes})[0], np.float32)
