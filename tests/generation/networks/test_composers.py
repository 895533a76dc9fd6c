"""Composers are found by name, refuse what they cannot do, and cost nothing until asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from generation.emotions import get_emotion
from generation.networks.composers import COMPOSERS, ComposeRequest, compose


def test_an_unknown_name_is_answered_with_the_names_on_offer() -> None:
    with pytest.raises(ValueError, match="There is no composer 'mozart'; choose from: paper"):
        compose("mozart", ComposeRequest(get_emotion("awe"), 1))


def test_every_entry_stands_under_its_own_name_with_one_line_about_it() -> None:
    assert [entry.name for entry in COMPOSERS.values()] == list(COMPOSERS)
    assert all(entry.description and "\n" not in entry.description for entry in COMPOSERS.values())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"valence": 1.5}, "Valence must lie between -1 and 1, not 1.5."),
        ({"arousal": float("nan")}, "Arousal must lie between -1 and 1, not nan."),
        ({"candidates": 0}, "Ask for at least 1 candidate, not 0."),
    ],
)
def test_a_request_outside_the_range_is_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        ComposeRequest(get_emotion("awe"), 1, **values)
    assert str(caught.value) == message


def test_importing_the_list_loads_neither_networks_nor_music21() -> None:
    program = (
        "import sys, generation.networks.composers;"
        "print([name for name in ('tensorflow', 'keras', 'music21', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
