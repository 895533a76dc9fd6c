"""Reading the tensors of a legacy PyTorch file (before 1.6) without PyTorch.

The file is five pickles in a row (magic number, protocol, system, the state dictionary, the storages' keys),
then each storage's elements as raw little-endian bytes behind an 8-byte count. Only the few names that a plain
state dictionary needs are allowed; anything else in the pickle is refused, so that a file cannot run code.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

MAGIC: Final = 0x1950A86A20F9469CFC6C
PROTOCOL: Final = 1001
DTYPES: Final = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
}


class TorchFileRefused(ValueError):
    """The file is no legacy PyTorch state dictionary; the message is one sentence that says why."""


class _Tensor:
    """A view on a storage, filled in once the storage's bytes are read."""

    def __init__(
        self, storage: tuple[str, str], offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *rest: Any
    ) -> None:
        self.kind, self.key = storage
        self.offset, self.shape, self.stride = offset, tuple(shape), tuple(stride)

    def read(self, elements: NDArray[Any]) -> NDArray[Any]:
        """This tensor's values out of its storage; strides count elements, as PyTorch's do."""
        last = self.offset + sum((length - 1) * step for length, step in zip(self.shape, self.stride, strict=True))
        if self.offset < 0 or min((*self.shape, *self.stride, 1)) < 0 or last >= len(elements):
            raise TorchFileRefused("A tensor reaches beyond its storage.")
        steps = tuple(step * elements.itemsize for step in self.stride)
        return np.lib.stride_tricks.as_strided(elements[self.offset :], self.shape, steps).copy()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in DTYPES:
            return name
        raise TorchFileRefused(f"The file asks for {module}.{name}, which a state dictionary does not need.")

    def persistent_load(self, identifier: Any) -> tuple[str, str]:
        _, kind, key = identifier[:3]
        return kind, key


def read_state(path: Path) -> dict[str, NDArray[Any]]:
    """Tensors by name of the state dictionary in `path`.

    Raises
    ------
    TorchFileRefused
        When the file is of another format, or asks for anything but tensors.
    """
    with path.open("rb") as stream:
        try:
            if _Unpickler(stream).load() != MAGIC or _Unpickler(stream).load() != PROTOCOL:
                raise TorchFileRefused(f"{path.name} is no PyTorch file of the legacy format.")
            _Unpickler(stream).load()
            state: dict[str, _Tensor] = _Unpickler(stream).load()
            kinds = {tensor.key: tensor.kind for tensor in state.values()}
            storages = {key: _read_storage(stream, DTYPES[kinds[key]]) for key in _Unpickler(stream).load()}
        except (pickle.UnpicklingError, EOFError, KeyError, AttributeError, ValueError, TypeError) as error:
            if isinstance(error, TorchFileRefused):
                raise
            raise TorchFileRefused(f"{path.name} is no PyTorch file of the legacy format: {error}.") from error
    return {name: tensor.read(storages[tensor.key]) for name, tensor in state.items()}


def _read_storage(stream: BinaryIO, dtype: np.dtype[Any]) -> NDArray[Any]:
    count = int.from_bytes(stream.read(8), "little")
    raw = stream.read(count * dtype.itemsize)
    if len(raw) < count * dtype.itemsize:
        raise TorchFileRefused("The file ends in the middle of a tensor.")
    return np.frombuffer(raw, dtype)
