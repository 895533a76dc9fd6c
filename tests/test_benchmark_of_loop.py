"""The loop in simulation: its parts are right, and learning gains what it claims; in small here, in full when long."""

import doctest
import importlib
import json

import numpy as np
import pytest
from scipy import stats

from benchmarks.loop.__main__ import find_best, main, run_missing
from benchmarks.loop.comparing import Difference, compare
from benchmarks.loop.composing import own_targets
from benchmarks.loop.hearing import compose, deal, listen
from benchmarks.loop.keeping import Key, add_run, read_runs
from benchmarks.loop.listeners import CULTURE, FAINT, NOISY, POPULATIONS, RANDOM, STANDARD, draw_people, read_weights
from benchmarks.loop.surrogate import EMOTIONS, shipped_surrogate, steered_within
from benchmarks.loop.tables import summarise, write_gains, write_regret, write_short
from benchmarks.loop.truth import DERIVED, FREE, Truth, bound
from benchmarks.loop.waves import Run, best_possible, run_once, shipped_bounds, teach, truth_of
from generation.music.attributes import KINDS, NAMES
from survey.teaching.arrays import steady
from survey.teaching.improving import SLACK
from survey.teaching.region import Region

PARTS = (
    *("arms", "comparing", "composing", "hearing", "keeping", "listeners", "plain", "searching", "surrogate"),
    *("tables", "truth", "waves"),
)


@pytest.fixture(scope="module")
def pairs():
    return shipped_surrogate()[0]


@pytest.fixture(scope="module")
def surrogate():
    return shipped_surrogate()[1]


@pytest.mark.parametrize("name", PARTS)
def test_examples_hold(name) -> None:
    assert doctest.testmod(importlib.import_module(f"benchmarks.loop.{name}")).failed == 0


# The composer's stand-in.


def test_the_surrogate_composes_at_the_shipped_targets_what_muse_composed_there(pairs, surrogate) -> None:
    targets = own_targets()
    unmoved = np.isclose(pairs.wanted, targets[pairs.emotion], rtol=2e-3, atol=2e-2).all(1)
    assert 300 < unmoved.sum() < 500
    random = np.random.default_rng(0)
    for emotion in range(EMOTIONS):
        real = pairs.measured[unmoved & (pairs.emotion == emotion)]
        drawn = surrogate.draw(np.tile(targets[emotion], (500, 1)), np.full(500, emotion), random)
        # Standardised by real music: no mean is off by more than half of what clips of real music differ by.
        off = np.abs(real.mean(0) - drawn.mean(0)) / pairs.ear.spread
        assert off.max() < 0.5, dict(zip(NAMES, off.round(2), strict=True))
        assert off.mean() < 0.12


def test_some_attributes_follow_what_is_asked_and_some_do_not(pairs, surrogate) -> None:
    steered = dict(zip(NAMES, steered_within(pairs), strict=True))
    explained = dict(zip(NAMES, surrogate.explained, strict=True))
    assert {name for name, share in steered.items() if share > 0.35} == {
        *("tempo", "dynamics", "dynamics_spread", "dynamics_shape", "pedal")
    }
    assert {name for name, share in steered.items() if share < 0.05} == {
        *("majorness", "chromaticism", "dissonance", "harmonic_variety", "repetition")
    }
    assert explained["tempo"] == pytest.approx(0.89, abs=0.02)
    assert explained["melody_register"] == pytest.approx(0.19, abs=0.02)


def test_a_wished_mode_is_heard_more_often_the_more_it_is_wished(surrogate) -> None:
    wanted = np.tile(own_targets()[0], (3, 1))
    wanted[:, NAMES.index("majorness")] = -0.4, 0.0, 0.4
    chance = surrogate.chance_of_major(wanted, np.zeros(3, np.int64))
    assert chance[0] < 0.2
    assert chance[2] > 0.97
    assert (np.diff(chance) > 0).all()


def test_drawn_clips_stay_in_the_range_of_every_attribute(surrogate) -> None:
    emotion = np.arange(800) % EMOTIONS
    clips = surrogate.draw(own_targets()[emotion] * 3.0, emotion, np.random.default_rng(0))
    assert (clips >= [kind.minimum for kind in KINDS]).all()
    assert (clips <= [kind.maximum for kind in KINDS]).all()


# The listeners.


def test_published_weights_stand_in_the_table() -> None:
    weights = read_weights()
    mode, tempo = weights[:, NAMES.index("majorness")], weights[:, NAMES.index("tempo")]
    assert (mode[0], mode[2], mode[6], mode[7]) == (0.70, 0.22, -0.30, -0.74)
    assert (tempo[2], tempo[7]) == (-0.39, -0.47)
    assert STANDARD.weights()[7, NAMES.index("majorness")] == pytest.approx(1.5 * -0.74)
    assert CULTURE.weights()[7, NAMES.index("majorness")] == pytest.approx(0.4 * 1.5 * -0.74)


def test_people_vary_about_the_weights_of_their_population() -> None:
    people = draw_people(STANDARD, 4000, np.random.default_rng(0))
    assert np.abs(people.weights.mean(0) - STANDARD.weights()).max() < 0.02
    assert people.lapses.mean() == pytest.approx(0.05, abs=0.003)
    assert people.liking.std() == pytest.approx(0.4, abs=0.01)
    for population in (NOISY, FAINT):
        people = draw_people(population, 4000, np.random.default_rng(0))
        assert people.lapses.mean() == pytest.approx(0.25, abs=0.01)
        assert people.liking.std() == pytest.approx(0.8, abs=0.02)
    assert FAINT.weights() == pytest.approx(0.7 / 1.5 * NOISY.weights())


def test_who_answers_at_random_hears_nothing_in_the_music(pairs, surrogate) -> None:
    emotion = np.repeat(np.arange(EMOTIONS), 120)
    clips = compose(surrogate, own_targets()[emotion], emotion, np.random.default_rng(0))
    heard = listen(clips, RANDOM, pairs, 600, 16, np.random.default_rng(1))
    table = np.zeros((EMOTIONS, EMOTIONS))
    np.add.at(table, (emotion[heard.clip], heard.choice), 1)
    # People differ in the words they like, but no clip tells: rows are alike (χ² of independence).
    assert stats.chi2_contingency(table).pvalue > 0.01
    listened = listen(clips, STANDARD, pairs, 600, 16, np.random.default_rng(1))
    assert listened.hit.mean() > 0.38


def test_lapses_and_choice_follow_the_rule() -> None:
    people = draw_people(STANDARD, 1, np.random.default_rng(3))
    cues = np.zeros((1, EMOTIONS + len(NAMES)))
    cues[0, EMOTIONS + NAMES.index("majorness")] = 1.7
    values = people.liking[0] + 1.7 * people.weights[0, :, NAMES.index("majorness")]
    expected = np.exp(values) / np.exp(values).sum() * (1 - people.lapses[0]) + people.lapses[0] / 8
    chances = people.hear(cues, np.array([0]))[0]
    assert chances == pytest.approx(expected)
    answers = people.answer(np.repeat(cues, 20_000, 0), np.zeros(20_000, np.int64), np.random.default_rng(0))
    assert np.bincount(answers, minlength=8) / 20_000 == pytest.approx(expected, abs=0.015)


def test_everybody_hears_one_clip_of_every_layer_and_clips_are_heard_alike() -> None:
    person, clip = deal(192, 120, 16, np.random.default_rng(0))
    assert set(np.bincount(clip)) == {10}
    layers = np.sort((clip // 12).reshape(120, 16), axis=1)
    assert (layers == np.arange(16)).all()
    assert len(set(zip(person, clip, strict=True))) == 120 * 16
    with pytest.raises(ValueError, match="16 layers"):
        deal(100, 60, 16, np.random.default_rng(0))


# The truth.


@pytest.fixture(scope="module")
def bounds(pairs, surrogate):
    return bound(pairs, surrogate)


@pytest.mark.parametrize(
    ("population", "recognised"),
    zip(POPULATIONS, (0.423, 0.356, 0.327, 0.236, 0.125), strict=True),
    ids=lambda one: str(one),
)
def test_shipped_targets_are_recognised_as_before(population, recognised, pairs, surrogate) -> None:
    truth = Truth(population, pairs, surrogate)
    assert truth.recognised(own_targets()).mean() == pytest.approx(recognised, abs=0.006)


def test_what_is_true_is_what_simulated_people_answer(pairs, surrogate) -> None:
    emotion = np.repeat(np.arange(EMOTIONS), 200)
    random = np.random.default_rng(5)
    clips = compose(surrogate, own_targets()[emotion], emotion, random)
    heard = listen(clips, STANDARD, pairs, 800, 16, random)
    hits = np.bincount(emotion[heard.clip], heard.hit) / np.bincount(emotion[heard.clip])
    truth = Truth(STANDARD, pairs, surrogate, draws=2000).recognised(own_targets())
    assert hits == pytest.approx(truth, abs=0.07)
    assert hits.mean() == pytest.approx(truth.mean(), abs=0.015)
    by_clip = Truth(STANDARD, pairs, surrogate, draws=300).recognised_clips(clips.measured[::20], emotion[::20])
    assert by_clip.mean() == pytest.approx(truth.mean(), abs=0.06)


def test_the_best_targets_are_better_than_the_shipped_ones_and_keep_the_bounds(pairs, surrogate, bounds) -> None:
    present = own_targets()
    found = Truth(STANDARD, pairs, surrogate, draws=150, seed=1).best(bounds)
    judge = Truth(STANDARD, pairs, surrogate)
    before, after = judge.recognised(present), judge.recognised(found)
    assert (after > before).all()
    # What the issue asks ten points for: at least fifteen are possible.
    assert (after - before).mean() > 0.12
    steps = (found - present)[:, FREE]
    assert np.sqrt(np.einsum("ka,ab,kb->k", steps, bounds.near, steps)).max() <= 3.0 + 1e-3
    assert (bounds.distance(found) <= 1.05 * bounds.distance(present) + 1e-3).all()
    assert (bounds.furthest < pairs.furthest).all()
    density, melody = NAMES.index("density"), NAMES.index("melody_density")
    assert found[:, DERIVED] == pytest.approx(found[:, density] - found[:, melody])


def test_nothing_is_better_than_chance_for_who_answers_at_random(pairs, surrogate, bounds) -> None:
    truth = Truth(RANDOM, pairs, surrogate, draws=60, seed=1)
    assert truth.recognised(truth.best(bounds)) == pytest.approx(truth.recognised(own_targets()), abs=1e-9)


# The test.


def test_the_difference_is_that_of_means_and_its_error_that_of_clusters() -> None:
    """Each person and clip a cluster of its own: the plain standard error of a stratified difference remains."""
    random = np.random.default_rng(0)
    emotion, new = np.repeat(np.arange(8), 100), np.tile([False, True], 400)
    hit = (random.random(800) < np.where(new, 0.6, 0.4)).astype(float)
    found = compare(hit, new, emotion, np.arange(800), np.arange(800))
    cells = [hit[(emotion == one) & (new == side)] for one in range(8) for side in (True, False)]
    means = np.array([cell.mean() for cell in cells])
    assert found.gain == pytest.approx((means[::2] - means[1::2]).mean())
    plain = np.sqrt(sum(cell.var() / len(cell) for cell in cells)) / 8
    assert found.error == pytest.approx(plain, rel=0.03)
    assert found.significant


def test_the_test_finds_a_difference_where_there_is_none_in_one_of_twenty(pairs, surrogate) -> None:
    emotion, random = np.repeat(np.arange(EMOTIONS), 12), np.random.default_rng(2)
    found = []
    for _ in range(300):
        clips = compose(surrogate, np.tile(own_targets()[emotion], (2, 1)), np.tile(emotion, 2), random)
        heard = listen(clips, STANDARD, pairs, 120, 16, random)
        found.append(compare(heard.hit, heard.clip >= 96, clips.emotion[heard.clip], heard.person, heard.clip))
    wrong = np.mean([one.p < 0.05 for one in found])
    assert 0.02 < wrong < 0.085
    # The standard error is what gains differ by.
    assert np.mean([one.error for one in found]) == pytest.approx(np.std([one.gain for one in found]), rel=0.15)


# The loop.


def learn(population, arm, number=0):
    return teach(population, arm, np.random.default_rng(number))


def test_three_waves_raise_recognition_and_shuffled_answers_do_not(bounds) -> None:
    truth = truth_of(STANDARD)
    taught = [truth.recognised(targets).mean() for targets in learn(STANDARD, "learned")]
    assert taught[-1] > taught[0] + 0.08
    shuffled = [truth.recognised(targets).mean() for targets in learn(STANDARD, "shuffled")]
    assert shuffled[-1] == pytest.approx(shuffled[0], abs=0.015)


def test_learned_targets_keep_the_bounds_of_real_music() -> None:
    """By the product's own distances, in which correlations are shrunk towards 0, to what its solver leaves over."""
    bounds, own, targets = shipped_bounds(), own_targets(), learn(CULTURE, "learned")[-1]
    edge = float(bounds.furthest.max())
    region = Region(bounds.mean, bounds.covariance, edge)
    before, after = region.distance(own), region.distance(targets)
    furthest = np.minimum(np.maximum(edge, before), np.maximum((1 + SLACK) * before, edge / 2))
    assert (after <= furthest * 1.001).all()
    moved = targets - own
    assert np.abs(moved).max() > 0
    reached = np.sqrt(np.einsum("ka,ab,kb->k", moved, np.linalg.inv(steady(bounds.spread)), moved))
    assert reached.max() <= bounds.reach * 1.001
    # By the plain distance a little further: .12 in four runs.
    plain = np.sqrt(np.einsum("ka,ab,kb->k", moved[:, FREE], bounds.near, moved[:, FREE]))
    assert plain.max() <= bounds.reach * 1.2
    density, melody = NAMES.index("density"), NAMES.index("melody_density")
    assert targets[:, DERIVED] == pytest.approx(targets[:, density] - targets[:, melody])


def test_prior_only_stays_where_it_is_and_random_search_does_not() -> None:
    assert all((targets == own_targets()).all() for targets in learn(STANDARD, "prior only"))
    assert (learn(STANDARD, "random search")[-1] != own_targets()).any()


def test_the_same_run_gives_the_same_and_another_number_another() -> None:
    first, again, other = (run_once(NOISY, "random search", number) for number in (0, 0, 1))
    assert first == again
    assert first != other


# What is kept and told.


RUN = Run((0.4, 0.45, 0.5, 0.55), Difference(0.12, 0.03, 0.001), (4.0, 4.2))


def test_a_stopped_benchmark_goes_on_where_it_was(tmp_path) -> None:
    path = tmp_path / "runs.jsonl"
    key = Key("at random", "prior only", 0)
    add_run(path, key, RUN)
    with path.open("a") as stream:
        stream.write(json.dumps({"code": "of another day", **key._asdict()}) + '\n{"code": "cut o')
    add_run(path, Key("at random", "prior only", 1), RUN)
    assert read_runs(path) == {key: RUN, Key("at random", "prior only", 1): RUN}
    third = Key("at random", "prior only", 2)
    kept = run_missing([key, third], path, 1)
    assert kept[key] == RUN
    assert kept[third] == read_runs(path)[third] == run_once(RANDOM, "prior only", 2)


def test_tables_count_what_is_significant_and_what_is_left_to_the_best() -> None:
    worse = Run((0.4, 0.4, 0.4, 0.3), Difference(-0.1, 0.03, 0.01), (4.0, 4.6))
    nothing = Run((0.4, 0.4, 0.4, 0.4), Difference(0.02, 0.03, 0.5), (4.0, 4.0))
    runs = {Key("standard", "learned", number): run for number, run in enumerate((RUN, RUN, worse, nothing))}
    summary = summarise(runs, {"standard": 0.6})["standard", "learned"]
    assert (summary.runs, summary.better, summary.worse) == (4, 2, 1)
    assert summary.gain == pytest.approx(0.05)
    assert summary.farther == pytest.approx(0.0625)
    assert "| standard | learned | 4 | 0.400 | 0.450 | 0.600 | +4.0 (" in write_gains(
        {("standard", "learned"): summary}
    )
    short = write_short({("standard", "learned"): summary, ("standard", "greedy"): summary})
    assert short.splitlines()[2:] == ["| standard | answers | 0.400 | 0.450 | 0.600 | +4.0 (-9.1 to +12.0) | 2 | 4 |"]
    assert "| standard | learned | 20.0 | 17.5 | 15.0 | 15.0 |" in write_regret({("standard", "learned"): summary})


def test_the_command_writes_tables_and_a_figure(tmp_path, capsys) -> None:
    asked = ["--runs", "2", "--arms", "prior only", "random search", "--populations", "at random"]
    main([*asked, "--out", str(tmp_path)])
    said = capsys.readouterr().out
    assert said.startswith("Machine: ")
    assert "| at random | random search | 2 | 0.125 |" in said
    assert "| Tempo | 0.89 | 0.43 |" in (tmp_path / "loop.md").read_text()
    assert (tmp_path / "loop.svg").read_text().count("points below the best possible") == 1
    kept = (tmp_path / "runs.jsonl").read_bytes()
    main([*asked, "--out", str(tmp_path), "--kept", "--runs", "9"])
    assert "| at random | random search | 2 | 0.125 |" in capsys.readouterr().out
    assert (tmp_path / "runs.jsonl").read_bytes() == kept
    assert find_best(["at random"], tmp_path / "best.json") == {"at random": pytest.approx(0.125, abs=0.01)}


# What the issue asks for, in full: 100 runs each.


@pytest.fixture(scope="module")
def hundred(tmp_path_factory):
    """Summaries of 100 runs of some arms, on one core."""
    path = tmp_path_factory.mktemp("loop") / "runs.jsonl"

    def run(population, arm):
        keys = [Key(population.name, arm, number) for number in range(100)]
        kept = run_missing(keys, path, 1)
        (summary,) = summarise({key: kept[key] for key in keys}, {population.name: best_possible(population)}).values()
        return summary

    return run


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("population", [STANDARD, CULTURE, NOISY], ids=lambda one: one.name)
def test_three_waves_raise_recognition_of_fresh_clips_nine_times_of_ten(population, hundred) -> None:
    summary = hundred(population, "learned")
    assert summary.better >= 90
    if population is NOISY:
        assert 0.09 < summary.best - summary.reached[0] < 0.15
    else:
        assert summary.best - summary.reached[0] >= 0.15
        assert summary.gain >= 0.10
    assert summary.farther <= 0.10
    assert summary.gain > hundred(population, "random search").gain


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("population", "arm"), [(RANDOM, "learned"), (STANDARD, "shuffled"), (CULTURE, "shuffled"), (NOISY, "shuffled")]
)
def test_nothing_is_learned_from_nothing(population, arm, hundred) -> None:
    summary = hundred(population, arm)
    assert summary.better <= 5
    assert summary.gain == pytest.approx(0.0, abs=0.01)
