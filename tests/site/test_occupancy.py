"""Who may work on a data folder beside whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from melodymuse_site import swapping
from melodymuse_site.occupancy import RESTORING, Occupied, _held, alone, serve, start_alone


@pytest.fixture
def folder(tmp_path: Path) -> object:
    yield tmp_path
    while _held:
        _held.pop().close()


def test_many_serve_one_folder_and_one_starts_it(folder: Path) -> None:
    serve(folder)
    serve(folder)
    with start_alone(folder), pytest.raises(Occupied, match="already runs with the data in"), start_alone(folder):
        pass


@pytest.mark.parametrize("other", ["serves", "starts", "restores"])
def test_nobody_restores_beside_others(folder: Path, other: str) -> None:
    if other == "serves":
        serve(folder)
        with pytest.raises(Occupied, match="Stop the site"), alone(folder):
            pass
        return
    with (start_alone if other == "starts" else alone)(folder), pytest.raises(Occupied), alone(folder):
        pass
    with alone(folder):
        pass


def test_nobody_serves_a_folder_that_is_being_restored_or_was_left_at_the_last_step(folder: Path) -> None:
    with alone(folder), pytest.raises(Occupied, match="Wait until it has ended"):
        serve(folder)
    (folder / RESTORING).mkdir()
    swapping.decide(folder)
    with pytest.raises(Occupied, match="--replace again"):
        serve(folder)
    with alone(folder):
        swapping.clear(folder)
    serve(folder)
