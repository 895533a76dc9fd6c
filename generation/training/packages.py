"""What only those who train install, and one sentence for those who have not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from generation.training.workplace import TrainingRefused

TO_TRAIN: Final = ("tensorflow", "keras", "h5py", "sklearn", "matplotlib")
TO_CONVERT: Final = ("onnx",)


def check_installed(names: Sequence[str] = TO_TRAIN) -> None:
    """Refuse to begin what could not be finished: a report that lacks matplotlib would fail after hours of training.

    Raises
    ------
    TrainingRefused
        When one of the packages is not installed; the message says how to install them.

    Examples
    --------
    >>> check_installed(["json", "csv"])
    >>> try:
    ...     check_installed(["no_such_package"])
    ... except TrainingRefused as error:
    ...     print(str(error).partition(":")[0])
    This needs no_such_package, not installed here
    """
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise TrainingRefused(
            f"This needs {', '.join(missing)}, not installed here: install "
            'what trains with `make train` or pip install "melodymuse[train]".'
        )
