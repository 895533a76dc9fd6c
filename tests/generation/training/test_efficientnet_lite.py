"""From a state dictionary to ONNX: the folded network, its NumPy forward pass, and ONNX Runtime agree."""

import numpy as np
import onnxruntime
import pytest

from generation.training.backbones.efficientnet_lite import CLASSES, INPUT, fold_state, round_to_half, run, write_onnx

# (channels out, kernel size, expands) of the blocks of a small network with seven stages of which one has two blocks
BLOCKS = (
    (4, 3, False),
    (5, 3, True),
    (5, 3, True),
    (6, 5, True),
    (7, 3, True),
    (8, 5, True),
    (9, 5, True),
    (10, 3, True),
)


def draw_state(seed: int = 3) -> dict:
    random = np.random.default_rng(seed)
    state: dict[str, np.ndarray] = {}

    def layer(convolution: str, norm: str, shape: tuple[int, ...]) -> None:
        state[f"{convolution}.weight"] = random.normal(size=shape).astype(np.float32) / np.sqrt(np.prod(shape[1:]))
        for name in ("weight", "bias", "running_mean"):
            state[f"{norm}.{name}"] = random.normal(1.0 if name == "weight" else 0.0, 0.3, shape[0]).astype(np.float32)
        state[f"{norm}.running_var"] = random.uniform(0.5, 2.0, shape[0]).astype(np.float32)

    layer("_conv_stem", "_bn0", (4 * 2, 3, 3, 3))
    channels = 8
    for number, (out, size, expands) in enumerate(BLOCKS):
        inner = channels * (6 if expands else 1)
        block = f"_blocks.{number}."
        if expands:
            layer(f"{block}_expand_conv", f"{block}_bn0", (inner, channels, 1, 1))
        layer(f"{block}_depthwise_conv", f"{block}_bn1", (inner, 1, size, size))
        layer(f"{block}_project_conv", f"{block}_bn2", (out, inner, 1, 1))
        channels = out
    layer("_conv_head", "_bn1", (20, channels, 1, 1))
    state["_fc.weight"] = random.normal(size=(12, 20)).astype(np.float32)
    state["_fc.bias"] = random.normal(size=12).astype(np.float32)
    return state


def test_stages_end_where_the_channels_change_and_four_maps_are_given():
    backbone = fold_state(draw_state())
    assert [layer.gives for layer in backbone.convolutions if layer.gives] == ["low", "middle", "high", "head"]
    strides = {layer.name: layer.stride for layer in backbone.convolutions if layer.stride > 1}
    assert strides == {
        "stem": 2,
        "block1_depthwise": 2,  # stages 2, 3, 4 and 6 halve the picture
        "block3_depthwise": 2,
        "block4_depthwise": 2,
        "block6_depthwise": 2,
    }
    assert [layer.name for layer in backbone.convolutions if layer.adds] == ["block2_project"]


def test_a_folded_convolution_is_convolution_and_batch_normalisation():
    state = draw_state()
    stem = fold_state(state).convolutions[0]
    patch = np.random.default_rng(1).normal(size=(3, 3, 3))
    summed = (state["_conv_stem.weight"].astype(np.float64) * patch).sum(axis=(1, 2, 3))
    normalised = (summed - state["_bn0.running_mean"]) / np.sqrt(state["_bn0.running_var"] + 1e-3)
    expected = normalised * state["_bn0.weight"] + state["_bn0.bias"]
    found = (stem.kernel * patch).sum(axis=(1, 2, 3)) + stem.bias
    assert np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize("side", [33, 64, 70])
def test_onnx_runtime_equals_the_numpy_reference_to_1e_4(side):
    backbone = round_to_half(fold_state(draw_state()))
    session = onnxruntime.InferenceSession(write_onnx(backbone, side), providers=["CPUExecutionProvider"])
    pixels = np.random.default_rng(2).integers(0, 256, (3, side, side, 3), dtype=np.uint8)
    expected = run(backbone, pixels)
    assert (
        {output.name for output in session.get_outputs()} == set(expected) == {"low", "middle", "high", "head", CLASSES}
    )
    for name, values in expected.items():
        found = session.run([name], {INPUT: pixels})[0]
        assert found.shape == values.shape
        assert np.abs(found - values).max() < 1e-4, name


def test_a_dictionary_of_another_network_is_refused():
    with pytest.raises(KeyError):
        fold_state({"conv1.weight": np.zeros((1, 1, 1, 1))})
