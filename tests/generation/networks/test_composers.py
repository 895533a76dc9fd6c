"""Composers are found by name, refuse what they cannot do, and cost nothing until asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from generation.emotions import get_emotion
from generation.networks.composers import ComposeRequest, compose, installed_composers


def test_an_unknown_name_is_answered_with_the_names_on_offer() -> None:
    with pytest.raises(ValueError, match="There is no composer 'mozart' here; choose from: muse, muse-2, paper"):
        compose("mozart", ComposeRequest(get_emotion("awe"), 1))


def test_our_own_composers_come_first_under_their_own_names_with_a_line_about_each() -> None:
    assert [(name, composer.name, composer.line) for name, composer in list(installed_composers().items())[:9]] == [
        ("muse", "muse", "Muse: attribute-driven network, for emotion and picture"),
        ("muse-2", "muse-2", "Muse 2: melody first, in a form, on free data; for emotion and picture"),
        ("paper", "paper", "Paper: the seed study's networks, the baseline"),
        ("unpictured", "unpictured", "Unpictured: muse for the emotion alone, without the picture (control)"),
        ("shuffled", "shuffled", "Shuffled: muse for an emotion of another quadrant (control)"),
        ("neutral", "neutral", "Neutral: muse with all attributes at zero (control)"),
        (
            "muse-2-unpictured",
            "muse-2-unpictured",
            "Muse 2 unpictured: muse-2 for the emotion alone, without the picture (control)",
        ),
        ("muse-2-shuffled", "muse-2-shuffled", "Muse 2 shuffled: muse-2 for an emotion of another quadrant (control)"),
        (
            "muse-2-neutral",
            "muse-2-neutral",
            "Muse 2 neutral: muse-2 for the mean of all emotions, without the picture (control)",
        ),
    ]


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
