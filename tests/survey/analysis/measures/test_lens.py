"""The lens beside a second implementation: every number twice, by loops over data frames."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

from survey.analysis.lens.shown import MEASURE
from survey.analysis.measures import Asked
from survey.analysis.ratings import Rating, collect
from survey.analysis.ratings.attributes import gather_attributes
from tests.survey.analysis.lens.simulated import draw
from tests.survey.recomputed import lens as again
from tests.survey.recomputed.lens import recompute  # noqa: F401 (test_recomputed finds it here)

SIMULATED = "simulated in tests/survey/analysis/lens/test_coverage.py, whose shares stand in docs/analysis.md"
INTERVALS = {"LensNumber.interval": SIMULATED}

NAMES = ("tempo", "majorness", "dynamics", "articulation", "density", "whistles")
EMOTIONS = ("awe", "fear", "joy", "sadness")


def make_study(people=20, clips=32, each=16, seed=3):
    """Answers of a drawn study, and what was measured on its clips."""
    drawn = draw(np.random.default_rng(seed), people, clips, each)
    answers = [
        (f"P{person:02}", f"S{clip:02}", EMOTIONS[drawn.intended[clip]], EMOTIONS[chosen])
        for person, clip, chosen in zip(drawn.person, drawn.clip, drawn.chosen, strict=True)
    ]
    measured = {f"S{clip:02}": dict(zip(NAMES, map(float, row), strict=True)) for clip, row in enumerate(drawn.cues)}
    return answers, measured


def measure(answers, measured, none=None, music=None):
    """`music` says which piece a clip plays, where it is not its own."""
    offered = [*EMOTIONS, *([none] if none else [])]
    ratings = collect(
        [Rating(who, clip, "", made, said, music_id=(music or {}).get(clip, "")) for who, clip, made, said in answers],
        offered,
        none,
    )
    ratings = replace(ratings, attributes=gather_attributes(measured))
    return MEASURE.measure(Asked(ratings, ratings, ratings, "", 0, 0))


def again_from(answers, measured, music=None):
    frame = pd.DataFrame(answers, columns=["participant", "stimulus", "intended", "chosen"])
    frame = frame.assign(audio_sha256=frame["stimulus"].map(music or {}).fillna(""), picture_sha256="").sort_values(
        ["stimulus", "participant"]
    )
    return again.lens(frame, measured, sorted(NAMES), list(EMOTIONS))


def compare(found, expected, path=""):
    """Paths where the second implementation finds otherwise."""
    if isinstance(expected, dict):
        if path.endswith(".readings"):
            found = {one["clip"]: one for one in found}
            assert set(found) == set(expected)
        return [one for name, value in expected.items() for one in compare(found[name], value, f"{path}.{name}")]
    if isinstance(expected, list | tuple):
        assert len(found) == len(expected), path
        pairs = zip(found, expected, strict=True)
        return [one for place, pair in enumerate(pairs) for one in compare(*pair, f"{path}.{place}")]
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return [] if found is not None and math.isclose(found, expected, rel_tol=1e-7, abs_tol=1e-9) else [path]
    return [] if found == expected else [path]


@pytest.mark.parametrize(("people", "clips", "each"), [(20, 32, 16), (9, 19, 12)])
def test_every_number_is_that_of_the_second_implementation(people, clips, each):
    """The second has three clips to every cue but the last: its equation is shorter."""
    answers, measured = make_study(people, clips, each)
    found = msgspec.to_builtins(measure(answers, measured))
    expected = again_from(answers, measured)
    assert len(expected["emotions"][0]["cues"]) == 6
    assert len(expected["readings"]) > clips / 2
    assert compare(found, expected) == []


def test_so_it_is_with_gaps_none_and_a_piece_of_two_clips():
    answers, measured = make_study(seed=8)
    del measured["S05"]["tempo"]
    measured |= {f"S{clip:02}": measured[f"S{clip:02}"] | {"choir": 1.5} for clip in range(32)}
    answers = [
        (who, clip, made, said if (int(who[1:]) + int(clip[1:])) % 9 else "none") for who, clip, made, said in answers
    ]
    music = {"S00": "one", "S04": "one"}  # both made for awe
    measured["S04"] = measured["S00"]
    found = measure(answers, measured, none="none", music=music)
    assert (found.clips_left_out, found.cues_left_out) == (1, ("choir",))
    assert compare(msgspec.to_builtins(found), again_from(answers, measured, music)) == []
