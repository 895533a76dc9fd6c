"""Legacy PyTorch files are read without PyTorch, and cannot run code."""

import io
import pickle
import sys
import types
from collections import OrderedDict

import numpy as np
import pytest

from generation.training.backbones.torch_pickle import MAGIC, PROTOCOL, TorchFileRefused, read_state


class _Storage:
    """Stands for a torch storage while pickling: written as the persistent id that PyTorch writes."""

    def __init__(self, kind: str, key: str, values: np.ndarray) -> None:
        self.kind, self.key, self.values = kind, key, values


@pytest.fixture
def torch(monkeypatch):
    """A module named torch with just the names that a pickle of tensors mentions."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2(*arguments):
        raise AssertionError("only named, never called")

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    for kind in ("FloatStorage", "LongStorage"):
        setattr(torch, kind, type(kind, (), {"__module__": "torch", "__qualname__": kind}))
    torch._utils = utils
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return torch


def write(path, torch, tensors, storages):
    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            if isinstance(thing, _Storage):
                return "storage", getattr(torch, thing.kind), thing.key, "cpu", len(thing.values), None
            return None

    class Tensor:
        def __init__(self, *arguments):
            self.arguments = arguments

        def __reduce__(self):
            return torch._utils._rebuild_tensor_v2, self.arguments

    stream = io.BytesIO()
    for head in (MAGIC, PROTOCOL, {"little_endian": True}):
        pickle.dump(head, stream, 2)
    state = OrderedDict(
        (name, Tensor(storages[key], offset, shape, stride, False, OrderedDict()))
        for name, (key, offset, shape, stride) in tensors.items()
    )
    Pickler(stream, 2).dump(state)
    pickle.dump(list(storages), stream, 2)
    for storage in storages.values():
        stream.write(len(storage.values).to_bytes(8, "little") + storage.values.tobytes())
    path.write_bytes(stream.getvalue())
    return path


def test_tensors_come_back_with_their_strides_and_types(tmp_path, torch):
    storages = {
        "1": _Storage("FloatStorage", "1", np.arange(12, dtype="<f4")),
        "2": _Storage("LongStorage", "2", np.array([7], "<i8")),
    }
    tensors = {
        "plain": ("1", 0, (3, 4), (4, 1)),
        "turned": ("1", 0, (4, 3), (1, 4)),
        "part": ("1", 5, (2,), (1,)),
        "count": ("2", 0, (), ()),
    }
    state = read_state(write(tmp_path / "a.pth", torch, tensors, storages))
    plain = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert state["plain"].tolist() == plain.tolist()
    assert state["turned"].tolist() == plain.T.tolist()
    assert state["part"].tolist() == [5.0, 6.0]
    assert int(state["count"]) == 7


def test_a_tensor_beyond_its_storage_is_refused(tmp_path, torch):
    storages = {"1": _Storage("FloatStorage", "1", np.zeros(4, "<f4"))}
    with pytest.raises(TorchFileRefused, match="beyond its storage"):
        read_state(write(tmp_path / "a.pth", torch, {"a": ("1", 0, (5,), (1,))}, storages))


class _Evil:
    def __reduce__(self):
        return print, ("this must never run",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no PyTorch file"),
        (b"PK\x03\x04 a newer file", "no PyTorch file"),
        (pickle.dumps(MAGIC) + pickle.dumps(7), "legacy format"),
        (pickle.dumps(_Evil()), "builtins.print, which a state dictionary does not need"),
    ],
    ids=["empty", "zip", "another protocol", "code"],
)
def test_other_files_are_refused_in_a_sentence(tmp_path, capsys, content, sentence):
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(TorchFileRefused, match=sentence):
        read_state(tmp_path / "a.pth")
    assert capsys.readouterr().out == ""


def test_a_file_that_ends_too_early_is_refused(tmp_path, torch):
    storages = {"1": _Storage("FloatStorage", "1", np.zeros(4, "<f4"))}
    path = write(tmp_path / "a.pth", torch, {"a": ("1", 0, (4,), (1,))}, storages)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(TorchFileRefused, match="ends in the middle"):
        read_state(path)
