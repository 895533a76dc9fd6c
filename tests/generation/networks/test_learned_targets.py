"""What listeners taught moves the music of both muses, in the direction it says; without it nothing changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from generation.emotions import EMOTIONS, get_emotion
from generation.music.attributes import NAMES
from generation.music.attributes.learned import LearnedTargets
from generation.music.attributes.targets import shipped_table
from generation.networks import muse_2, muse_composer
from generation.networks.composers import ComposeRequest, Composition, compose
from generation.networks.melody_first.knowledge import CONDITIONS
from generation.networks.muse_2.intentions import READ_AS_IS, find_cues, shipped_intentions
from generation.networks.muse_2.learning import NOT_FOLLOWED, move_by_learned
from generation.networks.muse_2.planning import LEFT_OPEN, make_wish
from generation.networks.muse_composer import aim, spread_of_readings, vary

SLOWER = LearnedTargets({"sadness": {"tempo": -20.0}})
NOTHING = LearnedTargets({}, provenance={"answers": 0})
SADNESS = (-0.7, -0.55, -0.65)
ALL = LearnedTargets({emotion.slug: {"tempo": -10.0, "dynamics": -10.0} for emotion in EMOTIONS})


def ask(composer: str, seed: int, learned: LearnedTargets | None, slug: str = "sadness") -> Composition:
    return compose(composer, ComposeRequest(get_emotion(slug), seed, candidates=1, learned=learned))


def mean_tempo(composer: str, learned: LearnedTargets | None) -> float:
    return float(np.mean([ask(composer, seed, learned).attributes["tempo"]["measured"] for seed in range(6)]))


def test_sadness_taught_to_be_slower_is_slower_by_about_so_much() -> None:
    """The slowest pieces are of six bars, 52 beats a minute; before, none was planned below 62."""
    before, after = mean_tempo("muse", None), mean_tempo("muse", SLOWER)
    assert -14.0 < after - before < -7.0


@pytest.mark.slow
def test_the_second_muse_is_slower_as_well() -> None:
    before, after = mean_tempo("muse-2", None), mean_tempo("muse-2", SLOWER)
    assert -30.0 < after - before < -8.0


@pytest.mark.parametrize("composer", ["muse", "muse-2", "shuffled", "muse-2-shuffled", "unpictured"])
def test_shifts_of_nothing_change_no_note(composer: str) -> None:
    taught, shipped = ask(composer, 3, NOTHING, "awe"), ask(composer, 3, None, "awe")
    assert (taught.piece, taught.performance, taught.scores) == (shipped.piece, shipped.performance, shipped.scores)


@pytest.mark.parametrize("composer", ["neutral", "muse-2-neutral"])
def test_neutral_music_is_not_taught(composer: str) -> None:
    assert ask(composer, 3, ALL) == ask(composer, 3, None)


@pytest.mark.parametrize("composer", ["shuffled", "muse-2-shuffled", "unpictured", "muse-2-unpictured"])
def test_the_other_controls_are_taught_as_their_composer_is(composer: str) -> None:
    taught, shipped = ask(composer, 3, ALL, "awe"), ask(composer, 3, None, "awe")
    middle = [np.mean(one.attributes["dynamics"]["target"]) for one in (taught, shipped)]
    assert middle[0] - middle[1] == pytest.approx(-10.0, abs=1.0)
    assert taught.models["attribute_targets"]["learned"] == ALL.version


@pytest.mark.parametrize(
    ("composer", "table"), [("muse", shipped_table().version), ("muse-2", shipped_intentions().version)]
)
def test_a_clip_names_table_and_what_was_learned(composer: str, table: str) -> None:
    name = {"name": composer, "version": table}
    assert ask(composer, 1, SLOWER).models["attribute_targets"] == {**name, "learned": SLOWER.version}
    assert ask(composer, 1, None).models["attribute_targets"] == name


@pytest.mark.parametrize("name", [name for name in NAMES if name != "accompaniment_density"])
def test_every_attribute_that_the_second_muse_follows_moves_what_it_is_asked_for(name: str) -> None:
    """All attributes are asked of its networks or its playing; one alone is not, and says so."""
    cues = find_cues(SADNESS)
    moved = move_by_learned(cues, {name: 0.02})
    changed = {cue for cue in cues if moved[cue] != cues[cue]}
    beside = {"tempo": {"tempo_low", "tempo_high"}, "majorness": {"major"}, "chromaticism": {name, "outside_notes"}}
    assert changed == beside.get(name, {name})
    asked = {*CONDITIONS["melody"], *CONDITIONS["accompaniment"]} - set(LEFT_OPEN)
    played = {"dynamics_spread", "dynamics_shape", "pedal", "majorness"}
    assert (name in NOT_FOLLOWED) == (name not in asked | played)


def test_cues_move_by_the_shift_in_its_unit() -> None:
    cues = find_cues(SADNESS)
    for name in READ_AS_IS:
        assert move_by_learned(cues, {name: 0.01})[name] == pytest.approx(cues[name] + 0.01)
    tempi = move_by_learned(cues, {"tempo": -31.0})
    assert (tempi["tempo_low"], tempi["tempo_high"]) == pytest.approx((27.0, 35.0))
    assert move_by_learned(cues, {"tempo": -40.0})["tempo_high"] == pytest.approx(70.0 * 30.0 / 62.0)
    assert move_by_learned(cues, {"pedal": 5.0})["pedal"] == 1.0


def test_the_mean_majorness_asked_for_moves_by_the_shift() -> None:
    """Over drawn wishes: the chance of major is what moves, and the mean of what is asked for with it."""
    cues = find_cues(SADNESS)
    means = []
    for shifts in ({}, {"majorness": 0.2}):
        random, moved = np.random.default_rng(1), move_by_learned(cues, shifts)
        means.append(np.mean([make_wish(moved, SADNESS, random).attributes.majorness for _ in range(1500)]))
    assert means[1] - means[0] == pytest.approx(0.2, abs=0.025)  # about 3 standard errors
    assert move_by_learned(cues, {"majorness": 1.2})["major"] == 0.98
    assert move_by_learned(cues, {"majorness": -1.2})["major"] == 0.02


def test_twice_the_odds_of_chromatic_notes_are_the_logarithm_of_two_in_nats() -> None:
    cues = {**find_cues(SADNESS), "chromaticism": 0.2}
    assert move_by_learned(cues, {"chromaticism": 1 / 3 - 0.2})["outside_notes"] - cues["outside_notes"] == (
        pytest.approx(np.log(2.0))
    )


def test_readings_of_a_target_spread_as_is_said() -> None:
    from generation.networks.real_music import find_real_music

    within = find_real_music().within
    random, wanted = np.random.default_rng(2), aim(SADNESS)
    drawn = np.array([vary(wanted, within, random).to_array() for _ in range(4000)])
    free = [NAMES.index(name) for name in ("tempo", "majorness", "melody_register", "dynamics")]  # cut at no range
    assert drawn.std(axis=0)[free] == pytest.approx(spread_of_readings(within)[free], rel=0.04)


def test_both_muses_aim_by_nearness_between_emotions() -> None:
    between = (-0.69, -0.5, -0.6)
    here = aim(between).tempo - aim(between, SLOWER).tempo
    assert 19.0 < here < 20.0
    cues = muse_2.aim(between), muse_2.aim(between, SLOWER)
    assert cues[0]["tempo_low"] + cues[0]["tempo_high"] - cues[1]["tempo_low"] - cues[1]["tempo_high"] == pytest.approx(
        2.0 * here
    )
    request = ComposeRequest(get_emotion("sadness"), 1, learned=SLOWER)
    assert replace(request, picture={"brightness": 1.0}).learned is SLOWER
    assert muse_composer.STRENGTH == 1.15
