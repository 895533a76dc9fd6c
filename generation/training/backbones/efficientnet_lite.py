"""EfficientNet-Lite: from a PyTorch state dictionary to folded layers, to ONNX, and a NumPy forward pass.

EfficientNet-Lite (Google 2020, after Tan & Le 2019) is EfficientNet without squeeze-and-excitation and with
ReLU6. Inference needs no batch normalisation: each is folded into the convolution before it. The graph gives
the feature maps of four depths, so that a head can pool them as it likes and say where in the picture its
answer comes from, and the probabilities of the 1,000 ImageNet classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

EPSILON: Final = 1e-3
"""Batch normalisation's ε of all EfficientNets."""
STAGE_STRIDES: Final = (1, 2, 2, 2, 1, 2, 1)
"""Stride of each stage's first block; the stem halves the picture once before."""
MAPS: Final = {3: "low", 5: "middle", 7: "high"}
"""Stages whose last feature map is given out; ``head`` is the map behind the last convolution."""
INPUT: Final = "pixels"
CLASSES: Final = "classes"
CENTRE: Final = 127.0
RANGE: Final = 128.0
"""Pixels enter as (x − 127) / 128."""


@dataclass(frozen=True, slots=True)
class Convolution:
    """One folded convolution.

    Parameters
    ----------
    name : str
        Where it stands, such as ``block4_project``.
    kernel : array, shape (out, in ÷ groups, height, width)
    bias : array, shape (out,)
    stride, groups : int
    clipped : bool
        Followed by ReLU6 (min(max(x, 0), 6)).
    adds : bool
        The block's input is added to its output.
    begins : bool
        The first convolution of a block: its input is what `adds` adds.
    gives : str
        Name under which its output is given out; empty for none.
    """

    name: str
    kernel: Floats
    bias: Floats
    stride: int = 1
    groups: int = 1
    clipped: bool = True
    adds: bool = False
    begins: bool = False
    gives: str = ""


@dataclass(frozen=True, slots=True)
class Backbone:
    """All folded convolutions in order, and the classifier: kernel of shape (features, 1000) and bias."""

    convolutions: tuple[Convolution, ...]
    kernel: Floats
    bias: Floats


def fold_state(state: Mapping[str, NDArray[Any]]) -> Backbone:
    """Fold a state dictionary of `efficientnet_lite_pytorch` into convolutions.

    Kernel sizes and channels are read from the shapes; a stage ends where the number of channels changes.

    Raises
    ------
    KeyError
        When the dictionary is of another network.
    """
    found = [Convolution("stem", *_fold(state, "_conv_stem", "_bn0"), stride=2)]
    channels, stage, number = len(found[0].bias), 0, 0
    while f"_blocks.{number}._project_conv.weight" in state:
        block = f"_blocks.{number}."
        out = len(state[f"{block}_project_conv.weight"])
        stage += out != channels
        stride = STAGE_STRIDES[stage - 1] if out != channels else 1
        expands = f"{block}_expand_conv.weight" in state
        if expands:
            folded = _fold(state, f"{block}_expand_conv", f"{block}_bn0")
            found.append(Convolution(f"block{number}_expand", *folded, begins=True))
        kernel, bias = _fold(state, f"{block}_depthwise_conv", f"{block}_bn1")
        found.append(
            Convolution(f"block{number}_depthwise", kernel, bias, stride, groups=len(bias), begins=not expands)
        )
        following = state.get(f"_blocks.{number + 1}._project_conv.weight")
        ends = following is None or len(following) != out
        folded = _fold(state, f"{block}_project_conv", f"{block}_bn2")
        gives = MAPS.get(stage, "") if ends else ""
        found.append(Convolution(f"block{number}_project", *folded, clipped=False, adds=out == channels, gives=gives))
        channels, number = out, number + 1
    found.append(Convolution("head", *_fold(state, "_conv_head", "_bn1"), gives="head"))
    return Backbone(tuple(found), _single(state["_fc.weight"].T), _single(state["_fc.bias"]))


def _fold(state: Mapping[str, NDArray[Any]], convolution: str, norm: str) -> tuple[Floats, Floats]:
    """y = γ·(W∗x − μ)/√(σ² + ε) + β as one convolution."""
    scale = state[f"{norm}.weight"] / np.sqrt(state[f"{norm}.running_var"].astype(np.float64) + EPSILON)
    kernel = state[f"{convolution}.weight"] * scale[:, None, None, None]
    return _single(kernel), _single(state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale)


def _single(values: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float32)


def round_to_half(backbone: Backbone) -> Backbone:
    """The backbone with every kernel rounded to 16-bit floats, as the shipped file holds them."""
    rounded = tuple(
        Convolution(**{**_fields(layer), "kernel": layer.kernel.astype(np.float16).astype(np.float32)})
        for layer in backbone.convolutions
    )
    return Backbone(rounded, backbone.kernel.astype(np.float16).astype(np.float32), backbone.bias)


def _fields(layer: Convolution) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in Convolution.__dataclass_fields__}


def run(backbone: Backbone, pixels: NDArray[np.uint8]) -> dict[str, Floats]:
    """The forward pass in NumPy: the reference that ONNX Runtime's answers are held against.

    Parameters
    ----------
    pixels : array of uint8, shape (batch, height, width, 3)

    Returns
    -------
    dict
        Feature maps ``low``, ``middle``, ``high`` and ``head``, shape (batch, channels, height, width), and
        ``classes``, softmax of shape (batch, 1000).
    """
    x = (pixels.astype(np.float32).transpose(0, 3, 1, 2) - np.float32(CENTRE)) / np.float32(RANGE)
    given: dict[str, Floats] = {}
    kept = x
    for layer in backbone.convolutions:
        kept = x if layer.begins else kept
        x = _convolve(x, layer)
        if layer.clipped:
            x = np.clip(x, np.float32(0.0), np.float32(6.0))
        if layer.adds:
            x = x + kept
        if layer.gives:
            given[layer.gives] = x
    logits = x.mean(axis=(2, 3)) @ backbone.kernel + backbone.bias
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    given[CLASSES] = odds / odds.sum(axis=1, keepdims=True)
    return given


def _convolve(x: Floats, layer: Convolution) -> Floats:
    size, stride = layer.kernel.shape[2], layer.stride
    if size > 1:
        padding = [_pad_same(length, size, stride) for length in x.shape[2:]]
        x = np.pad(x, ((0, 0), (0, 0), *padding))
    windows = sliding_window_view(x, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    if layer.groups > 1:  # depthwise: every channel has a kernel of its own
        y = np.einsum("bchwij,cij->bchw", windows, layer.kernel[:, 0], optimize=True)
    else:
        y = np.tensordot(windows, layer.kernel, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)
    return np.asarray(y + layer.bias[:, None, None], dtype=np.float32)


def _pad_same(length: int, size: int, stride: int) -> tuple[int, int]:
    """TensorFlow's SAME padding: what is odd goes behind."""
    total = max((-(-length // stride) - 1) * stride + size - length, 0)
    return total // 2, total - total // 2


def write_onnx(backbone: Backbone, side: int) -> bytes:
    """The backbone as an ONNX file for pictures of ``side`` × ``side``, kernels stored as 16-bit floats.

    ONNX Runtime widens the kernels once while it loads; all arithmetic is in 32 bits.
    """
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes: list[Any] = []
    stored: list[Any] = []

    def add(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, list(inputs), [output], output, **attributes))
        return output

    def keep(name: str, values: NDArray[Any], half: bool = False) -> str:
        stored.append(numpy_helper.from_array(values.astype(np.float16) if half else values, name))
        return add("Cast", [name], f"{name}_wide", to=TensorProto.FLOAT) if half else name

    x = add("Cast", [INPUT], "wide", to=TensorProto.FLOAT)
    x = add("Transpose", [x], "channels_first", perm=[0, 3, 1, 2])
    x = add("Sub", [x, keep("centre", np.float32(CENTRE))], "centred")
    x = add("Div", [x, keep("range", np.float32(RANGE))], "scaled")
    low, high = keep("zero", np.float32(0.0)), keep("six", np.float32(6.0))
    kept, outputs = x, []
    for layer in backbone.convolutions:
        kept = x if layer.begins else kept
        weights = [keep(f"{layer.name}_kernel", layer.kernel, half=True), keep(f"{layer.name}_bias", layer.bias)]
        size = layer.kernel.shape[2]
        x = add(
            "Conv",
            [x, *weights],
            f"{layer.name}_convolved",
            auto_pad="SAME_UPPER",
            group=layer.groups,
            kernel_shape=[size, size],
            strides=[layer.stride, layer.stride],
        )
        if layer.clipped:
            x = add("Clip", [x, low, high], f"{layer.name}_clipped")
        if layer.adds:
            x = add("Add", [x, kept], f"{layer.name}_added")
        if layer.gives:
            outputs.append((layer.gives, add("Identity", [x], layer.gives), ["batch", len(layer.bias), None, None]))
    pooled = add("Flatten", [add("GlobalAveragePool", [x], "pooled")], "pooled_flat")
    logits = add(
        "Gemm",
        [pooled, keep("classes_kernel", backbone.kernel, half=True), keep("classes_bias", backbone.bias)],
        "logits",
    )
    outputs.append((CLASSES, add("Softmax", [logits], CLASSES, axis=1), ["batch", len(backbone.bias)]))
    graph = helper.make_graph(
        nodes,
        "efficientnet-lite",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["batch", side, side, 3])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, _, shape in outputs],
        stored,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="melodymuse")
    model.ir_version = 9
    checker.check_model(model)
    return bytes(model.SerializeToString())
