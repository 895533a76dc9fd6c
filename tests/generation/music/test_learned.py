"""What listeners taught, as a file: read, refused, and moved between emotions without a jump."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.emotions import SLUGS, get_emotion
from generation.music.attributes import KINDS, NAMES, neutral, target
from generation.music.attributes.learned import MOST_WIDTHS, LearnedTargets, read_learned
from generation.music.attributes.moved import WAYS, tell_moves

SADNESS = (-0.7, -0.55, -0.65)
TAUGHT = LearnedTargets(
    {"sadness": {"tempo": -20.0, "density": -1.0, "melody_density": -0.4}, "awe": {"dynamics": 6.0}},
    {"muse": "1-a"},
    {"studies": ["first"], "answers": 960},
)
COORDINATE = st.floats(-1.0, 1.0)


def test_an_emotion_moves_by_its_own_shifts_and_by_no_other() -> None:
    assert TAUGHT.shift_at(SADNESS) == {
        **dict.fromkeys(NAMES, 0.0),
        "tempo": -20.0,
        "density": -1.0,
        "melody_density": -0.4,
        "accompaniment_density": -0.6,
    }
    assert list(TAUGHT.shift_at(SADNESS)) == list(NAMES)


def test_strength_scales_and_nothing_leaves_its_range() -> None:
    assert TAUGHT.shift_at(SADNESS, 0.5)["tempo"] == -10.0
    assert TAUGHT.move(neutral(), SADNESS, 0.0) == neutral()
    assert TAUGHT.move(target(*SADNESS), SADNESS, 100.0).tempo == 30.0


@given(COORDINATE, COORDINATE, COORDINATE)
def test_between_emotions_shifts_lie_between_those_of_emotions_and_do_not_jump(v: float, a: float, d: float) -> None:
    here = TAUGHT.shift_at((v, a, d))
    assert -20.0 <= here["tempo"] <= 0.0
    assert 0.0 <= here["dynamics"] <= 6.0
    beside = TAUGHT.shift_at((min(v + 1e-5, 1.0), a, d))
    assert abs(beside["tempo"] - here["tempo"]) < 0.02


def test_the_same_content_has_the_same_version_in_another_order_and_another_process() -> None:
    turned = LearnedTargets(
        {"awe": {"dynamics": 6}, "fear": {"tempo": 0.0}, "sadness": dict(reversed(TAUGHT.shifts["sadness"].items()))},
        {"muse": "1-a"},
        {"answers": 960, "studies": ["first"]},
    )
    assert (turned, turned.to_json()) == (TAUGHT, TAUGHT.to_json())
    code = (
        "from generation.music.attributes.learned import read_learned; import sys; "
        "print(read_learned(sys.stdin.buffer.read()).version)"
    )
    told = subprocess.run([sys.executable, "-c", code], input=TAUGHT.to_json(), capture_output=True, check=True)
    assert told.stdout.decode().strip() == TAUGHT.version == "1-8de22a7056"
    assert LearnedTargets(TAUGHT.shifts, TAUGHT.base, {"answers": 961}).version != TAUGHT.version


@pytest.mark.parametrize(
    ("shifts", "said"),
    [
        ({"joy": {"tempo": 1.0}}, "'joy', which is none of the eight emotions"),
        ({"awe": {"speed": 1.0}}, "'speed', which is no attribute"),
        ({"awe": {"tempo": math.nan}}, "tempo for awe is nan"),
        ({"awe": {"tempo": -math.inf}}, "tempo for awe is -inf"),
        ({"awe": {"tempo": "1"}}, "tempo for awe is '1'"),
        ({"awe": {"tempo": True}}, "tempo for awe is True"),
        ({"awe": {"tempo": 64.1}}, "no attribute may move further than 8 half-widths of its band, here 64"),
        ({"awe": {"majorness": -1.21}}, "here 1.2"),
        ({"awe": {"accompaniment_density": 10.0}}, "here 9.6"),
        ({"awe": [1.0]}, "shifts of awe must be an object"),
        ([1.0], "shifts must be an object"),
        ({1: {}}, "shifts must be an object whose keys are texts"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(shifts: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        LearnedTargets(shifts)


def test_the_furthest_shift_is_taken() -> None:
    furthest = {kind.name: MOST_WIDTHS * kind.width for kind in KINDS}
    assert LearnedTargets({"awe": furthest}).shifts["awe"]["tempo"] == 64.0


@pytest.mark.parametrize(
    "told", [{"x": math.nan}, {"x": object()}, {"x": "\ud800"}, {"x": "\x00"}, {"x": "y" * 100_001}, [], {1: 2}]
)
def test_provenance_that_no_file_holds_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="Learned targets"):
        LearnedTargets({}, {}, told)


def test_a_file_is_read_back_as_it_was_and_any_other_is_refused() -> None:
    raw = TAUGHT.to_json()
    assert read_learned(raw) == TAUGHT
    content = json.loads(raw)
    for broken in (
        raw[:-10],
        b"\xff",
        b"[" * 100_000,
        json.dumps({**content, "format": "melodymuse-learned-targets-2"}).encode(),
        json.dumps({**content, "more": 1}).encode(),
        json.dumps({name: value for name, value in content.items() if name != "base"}).encode(),
        json.dumps({**content, "base": {"muse": 1}}).encode(),
        json.dumps({**content, "shifts": {"awe": {"tempo": math.nan}}}).encode(),
        json.dumps({**content, "shifts": None}).encode(),
    ):
        with pytest.raises(ValueError, match=r"earned targets|Shifts"):
            read_learned(broken)


def test_every_attribute_has_words_for_more_and_for_less() -> None:
    assert tuple(WAYS) == NAMES
    words = [word for ways in WAYS.values() for word in ways]
    assert len(set(words)) == 2 * len(NAMES)
    for kind in KINDS:
        before = neutral()
        values = before.to_dict()
        values[kind.name] = min(values[kind.name] + kind.width / 5.0, kind.maximum)
        (move,) = tell_moves(before, type(before)(**values))
        (back,) = tell_moves(type(before)(**values), before)
        assert (move.way, back.way, move.unit) == (*WAYS[kind.name], kind.unit)
        assert (move.before, move.after) == (back.after, back.before)


def test_the_furthest_move_is_told_first() -> None:
    sadness = target(*SADNESS)
    moves = tell_moves(sadness, TAUGHT.move(sadness, SADNESS))
    assert [move.label for move in moves] == ["Tempo", "Note density", "Melody density", "Accompaniment density"]
    assert str(moves[0]) == f"slower (tempo {sadness.tempo:.1f} → {sadness.tempo - 20.0:.1f} beats per minute)"


def test_the_region_of_real_music_holds_the_shipped_targets() -> None:
    """Squared Mahalanobis distance over 19 attributes; real clips have 19 on average, and .999 of them less than 44."""
    from generation.networks.real_music import find_real_music

    real = find_real_music()
    for slug in SLUGS:
        emotion = get_emotion(slug)
        away = target(emotion.valence, emotion.arousal, emotion.dominance).to_array() - real.mean
        assert float(away @ np.linalg.pinv(real.covariance, hermitian=True) @ away) < 44.0
    assert np.allclose(real.covariance - real.within, np.cov(real.centres, rowvar=False, bias=True))
