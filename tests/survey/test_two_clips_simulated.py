"""Programs take part where two clips are compared, with strengths that are told."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from generation.emotions import SLUGS
from survey.management.commands.simulate import describe
from survey.simulation.scenes import scene_of
from survey.simulation.truth import default_truth
from tests.survey.comparing import FITTING, comparing, two_composers
from tests.survey.factories import make_study

pytestmark = pytest.mark.django_db


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_programs_take_part_and_their_true_preference_comes_back(live_server):
    study = comparing(count=6, clips_per_participant=6)
    out = StringIO()
    options = {"participants": 20, "concurrency": 4, "mix": "listener=1", "seed": 3}
    truth = "Matching pair · muse=1,Matching pair · paper=-1"
    call_command("simulate", study.slug, url=live_server.url, strengths=truth, json=True, stdout=out, **options)
    result = json.loads(out.getvalue())
    assert (result["lost"], result["doubled"], result["errors"], result["finished"]) == (0, 0, {}, 20)
    assert result["balance"] == {"fewest": 20, "most": 20}
    found = result["recovery"]["preferences"]["Matching pair · muse over Matching pair · paper"]
    assert (found["n"], found["truth"]) == (120, 0.881)
    assert found["low"] < 0.881 < found["high"]
    assert describe(result)


def test_a_sound_beside_two_pictures_has_the_strength_of_the_cell_that_is_shown():
    """One clip beside its own picture and beside another's: the same file, twice as good and half as good."""
    study = comparing(count=2, cells={"matched:muse": 1.0, "mismatched:muse": 1.0}, clips_per_participant=2)
    strengths = {cell.name: number for cell, number in zip(study.conditions.order_by("pk"), (1.0, -1.0), strict=True)}
    scene = scene_of(study, default_truth(SLUGS), strengths)
    sounds = Counter(sound for _, sound in scene.strengths)
    assert set(sounds.values()) == {2}
    for stimulus in study.stimuli.select_related("condition"):
        place = (Path(stimulus.picture_file).name, Path(stimulus.audio).name)
        assert scene.strengths[place] == strengths[stimulus.condition.name]


@pytest.mark.parametrize(
    ("mode", "said", "problem"),
    [
        ("fits", "Nobody=1", "no cell of the study"),
        ("fits", "Matching pair · muse=x", "number"),
        ("choose", "a=1", "two clips"),
    ],
)
def test_strengths_that_cannot_be_meant_are_refused(mode, said, problem):
    study = make_study(versions=two_composers(2), mode=mode, cells=FITTING, clips_per_participant=2)
    with pytest.raises(CommandError, match=problem):
        call_command("simulate", study.slug, strengths=said)
