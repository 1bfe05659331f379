"""PP-OCRv6 small with its two branches, run by OpenVINO in one thread.

The model comes with the rapidocr wheel (Apache-2.0) and knows 18,708 characters; its last layer
is cut to those that a claim may hold, which is faster and can't answer in Chinese. Its upper
layers stand there twice, and all were taught on from there (`bench.teach`): one branch what is
printed on claims, the other to say what the model said as it came. The lower layers do most of the
work, and do it once. A processor that multiplies bfloat16 itself (AMX, AVX512-BF16) does so, four
times as fast as single precision and no worse, and one that multiplies eight bits exactly does that
in the heaviest layers (`eight_bits`; bench/README); any other one runs it in single precision.
"""

from __future__ import annotations

import io
import itertools
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from openvino import Core

from extractors.readers.eight_bits import able, ranges, with_eight_bits
from models.page import Pixels

#: what a claim may hold
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-.,/()&'#$:;*+%@_ "
#: the first node of the layers that stand there twice
BRANCH = "Conv.43"
#: what names of the second branch's tensors and nodes begin with
TAUGHT = "taught."
#: pixels: the height the model was trained at
HEIGHT = 48
#: pixels of a strip's width that become one frame
FRAME = 8
#: the width is squeezed to this share: as accurate on claims' print, and a third faster
SQUEEZE = 0.7
#: pixels: strips are padded up to one of these; wider ones are squeezed harder
_WIDTHS = (32, 64, 128, 160, 192, 256, 320, 384, 512, 704, 960)
#: strips in one run. Every other shape would be compiled as well, and keep 5 MB
_BATCH = 4
#: pixels: what hardly a strip of a claim is wider than
_USUAL = 384
#: pixels: up to here a strip or two and paper take hardly more time than one by one
_NARROW = 128
#: how the model is run
HOW = {
    "INFERENCE_NUM_THREADS": 1,
    "NUM_STREAMS": 1,
    # pinned to a core, all workers would share the first
    "ENABLE_CPU_PINNING": False,
}

Frames = NDArray[np.float32]
Tensors = dict[str, Frames]


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


def tensors() -> bytes:
    """The file of what was taught."""
    return (resources.files("extractors") / "readers" / "data" / "taught.npz").read_bytes()


def unpacked(content: bytes) -> Tensors:
    """What such a file holds, by tensor: as `branched` takes it."""
    with np.load(io.BytesIO(content)) as kept:
        return {name: kept[name].astype(np.float32) for name in kept.files}


def branched(model: onnx.ModelProto, known: Tensors) -> onnx.ModelProto:
    """The model with a second branch, whose output is the second.

    Args:
        model: as `cut_model` gives it; changed.
        known: what its tensors are instead, and, named `TAUGHT` and the name of the tensor that
            they stand beside, what those of the second branch are.
    """
    for tensor in model.graph.initializer:
        if tensor.name in known:
            tensor.CopyFrom(numpy_helper.from_array(known[tensor.name], tensor.name))
    beside = {name.removeprefix(TAUGHT) for name in known if name.startswith(TAUGHT)}
    nodes = list(model.graph.node)
    nodes = nodes[[node.name for node in nodes].index(BRANCH) :]
    own = {name for node in nodes for name in node.output} | beside
    for node in nodes:
        twin = model.graph.node.add()
        twin.CopyFrom(node)
        twin.name = TAUGHT + node.name
        twin.input[:] = [TAUGHT + name if name in own else name for name in node.input]
        twin.output[:] = [TAUGHT + name for name in node.output]
    for name in sorted(beside):
        tensor = numpy_helper.from_array(known[TAUGHT + name], TAUGHT + name)
        model.graph.initializer.append(tensor)
    output = model.graph.output.add()
    output.CopyFrom(model.graph.output[0])
    output.name = TAUGHT + output.name
    return model


def fitted(pixels: Pixels, squeeze: float = SQUEEZE) -> Pixels:
    """The strip at the model's height, squeezed to a share of its width."""
    height, width = pixels.shape
    scale = HEIGHT / height
    wanted = max(8, min(_WIDTHS[-1], round(width * scale * squeeze)))
    shrink = scale < 1 or squeeze * scale < 1
    kind = cv2.INTER_AREA if shrink else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (wanted, HEIGHT), interpolation=kind), np.uint8)


def _batches(strips: list[int], width: int) -> Iterator[tuple[list[int], int]]:
    """Strips of one width by run, and how many a run has room for."""
    whole = len(strips) - len(strips) % _BATCH if width <= _USUAL else 0
    for start in range(0, whole, _BATCH):
        yield strips[start : start + _BATCH], _BATCH
    rest = strips[whole:]
    if rest and (width <= _NARROW or (len(rest) > 2 and width <= _USUAL)):  # noqa: PLR2004 - one by one
        yield rest, _BATCH
    else:
        for strip in rest:
            yield [strip], 1


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the model says of a strip.

    Attributes:
        own: (frames, 1 + alphabet) probabilities, blank first, of the branch that says what
            the model said as it came.
        taught: the same of the other branch.
        used: the share of the frames that are the strip, and not paper it was padded with.
    """

    own: Frames
    taught: Frames
    used: float


def taught_model() -> bytes:
    """The model with what it was taught, as ONNX has it."""
    return bytes(branched(cut_model(), unpacked(tensors())).SerializeToString())


def cells(pictures: Sequence[Pixels], width: int, room: int) -> Frames:
    """`fitted` strips as the model takes them: (room, 3, 48, width), paper 1 and ink -1."""
    sheet = np.full((room, 1, HEIGHT, width), 255, np.uint8)
    for row, picture in zip(sheet, pictures, strict=False):
        row[0, :, : picture.shape[1]] = picture
    grey = sheet.astype(np.float32) / 127.5 - 1.0
    return np.repeat(grey, 3, axis=1)


class Recogniser:
    """The model, compiled.

    Args:
        exact: with no layer of eight bits.
        own: that branch alone; its word then stands for the other's, too.
    """

    def __init__(self, *, exact: bool = False, own: bool = False) -> None:
        core = Core()
        model = core.read_model(taught_model())
        if own:
            model.remove_result(model.get_results()[1])
        if able() and not exact:
            with_eight_bits(model, ranges())
        self._model = core.compile_model(model, "CPU", HOW)

    def warm(self) -> None:
        """Compile the usual shapes (a second), which a work horse inherits."""
        for width in (w for w in _WIDTHS if w <= _USUAL):
            blank = np.full((HEIGHT, width), 255, np.uint8)
            self.read([blank] * (_BATCH + 1))

    def read(self, pictures: Sequence[Pixels]) -> list[Said]:
        """What each branch says of `fitted` strips, in order."""
        said: dict[int, Said] = {}
        # its own: a call that was left behind must not answer for this one
        request = self._model.create_infer_request()
        widths = [next(w for w in _WIDTHS if w >= p.shape[1]) for p in pictures]
        order = sorted(range(len(pictures)), key=widths.__getitem__)
        for width, alike in itertools.groupby(order, key=widths.__getitem__):
            for batch, room in _batches(list(alike), width):
                request.infer([cells([pictures[i] for i in batch], width, room)])
                told = [np.array(tensor.data, np.float32) for tensor in request.output_tensors]
                for at, i in enumerate(batch):
                    said[i] = Said(told[0][at], told[-1][at], pictures[i].shape[1] / width)
        return [said[i] for i in range(len(pictures))]
