"""The composer in two stages as it is served."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.music.copying import count_copied
from generation.networks.artifacts import WEIGHTS, ArtifactRefused, default_artifact, load_artifact
from generation.networks.melody_first.codes import CHORD_QUALITIES, TICKS, chord_tones
from generation.networks.melody_first.knowledge import CONDITIONS, HEADS, INPUTS, KNOWN_CODES, Frame
from generation.networks.melody_first.loading import FREE, KIND, NON_COMMERCIAL, LoadedStages, load_stages
from generation.networks.melody_first.notes import Notes
from generation.networks.melody_first.sampling import Plan, compose_notes
from generation.networks.melody_first.transformer import StageNetwork

STAGES = ("melody", "accompaniment")
MAJOR, DOMINANT7 = CHORD_QUALITIES.index("major"), CHORD_QUALITIES.index("dominant7")


def make_plan(metre: str = "4/4", bars: int = 8, *, dynamics: float = np.nan) -> Plan:
    """A plan over tonic, fourth, fifth and tonic, in D major, with all conditions open but those named."""
    beats = {"4/4": 4, "3/4": 3, "12/8": 4, "6/8": 2}[metre]
    turn = [(0, MAJOR, 0), (5, MAJOR, 5), (7, DOMINANT7, 7), (0, MAJOR, 0)]
    chords = [(12, 12, 12)] * beats + [turn[bar % 4] for bar in range(bars) for _ in range(beats)]
    rows = {}
    for stage in STAGES:
        rows[stage] = np.full(len(CONDITIONS[stage]), np.nan)
        rows[stage][CONDITIONS[stage].index("dynamics")] = dynamics
    return Plan(Frame(metre, bars, np.array(chords)), 2, rows["melody"], rows["accompaniment"])


@pytest.fixture(scope="module")
def stages() -> LoadedStages:
    return load_stages()


@pytest.fixture(scope="module")
def written(stages: LoadedStages) -> list[tuple[Plan, Notes, Notes]]:
    plans = [make_plan("4/4"), make_plan("3/4"), make_plan("12/8"), make_plan("6/8", 12)]
    notes = compose_notes(stages.melody, stages.accompaniment, plans, np.random.default_rng(3))
    return [(plan, *both) for plan, both in zip(plans, notes, strict=True)]


def test_the_older_composer_stays_the_one_that_is_served() -> None:
    assert default_artifact(KIND).name == "muse-1.0"


@pytest.mark.parametrize("name", [FREE, NON_COMMERCIAL])
def test_both_pairs_say_what_they_learned_from(name: str) -> None:
    artifact = load_artifact(WEIGHTS / KIND / name, kind=KIND)
    sets = set(artifact.manifest["data"])
    assert sets == ({"pop909"} if name == FREE else {"pop909", "emopia"})
    held_out = artifact.manifest["data"]["pop909"]["held out to report on"]
    assert len(held_out) == artifact.manifest["metrics"]["unseen"]["melody"]["pop909"]["songs"]


def test_the_non_commercial_pair_knows_the_tunes_of_both_sets(stages: LoadedStages) -> None:
    both = load_stages(WEIGHTS / KIND / NON_COMMERCIAL)
    assert len(both.tunes) > len(stages.tunes) > 1_000_000
    assert np.isin(stages.tunes, both.tunes).all()


def test_a_composer_of_another_layout_is_refused() -> None:
    with pytest.raises(ArtifactRefused, match="layout"):
        load_stages(WEIGHTS / KIND / "muse-1.0")


def test_the_same_seed_gives_the_same_notes(stages: LoadedStages) -> None:
    once, again, other = (
        compose_notes(stages.melody, stages.accompaniment, [make_plan()], np.random.default_rng(seed))[0]
        for seed in (1, 1, 2)
    )
    for before, after in zip(once, again, strict=True):
        assert before.starts.tolist() == after.starts.tolist()
        assert before.pitches.tolist() == after.pitches.tolist()
        assert before.velocities.tolist() == after.velocities.tolist()
    assert once[0].pitches.tolist() != other[0].pitches.tolist()


def test_notes_keep_to_the_frame_and_to_the_keyboard(written: list[tuple[Plan, Notes, Notes]]) -> None:
    for plan, melody, accompaniment in written:
        frame = plan.frame
        assert len(melody) > 8
        assert len(accompaniment) > 16
        assert (np.diff(melody.starts) > 0).all()
        assert (melody.starts[1:] >= (melody.starts + melody.durations)[:-1]).all()
        assert accompaniment.starts.min() >= frame.bar
        for notes in (melody, accompaniment):
            assert notes.starts.max() < frame.end
            assert 28 <= notes.pitches.min() <= notes.pitches.max() <= 100
        keys = set(zip(melody.starts.tolist(), melody.pitches.tolist(), strict=True))
        assert not keys & set(zip(accompaniment.starts.tolist(), accompaniment.pitches.tolist(), strict=True))
        bars = set((accompaniment.starts // frame.bar).tolist())
        assert bars == set(range(1, frame.bars + 1))


def test_what_is_planned_sounds(written: list[tuple[Plan, Notes, Notes]]) -> None:
    inside = notes = roots = changes = 0
    for plan, _, accompaniment in written:
        for beat in range(len(plan.frame.chords)):
            root, quality, _ = plan.frame.chords[beat].tolist()
            struck = accompaniment.pitches[accompaniment.starts == beat * TICKS] - plan.shift
            if root == 12 or not len(struck):
                continue
            notes += len(struck)
            inside += sum(int(pitch) % 12 in chord_tones(root, quality) for pitch in struck)
            if (plan.frame.chords[beat] != plan.frame.chords[beat - 1]).any():
                changes += 1
                roots += int(struck.min()) % 12 == root
    assert inside / notes > 0.85
    assert roots / changes > 0.7


def test_conditions_are_heard(stages: LoadedStages) -> None:
    plans = [make_plan(dynamics=value) for value in (50, 50, 50, 95, 95, 95)]
    found = compose_notes(stages.melody, stages.accompaniment, plans, np.random.default_rng(0))
    touch = [float(np.concatenate([m.velocities, a.velocities]).mean()) for m, a in found]
    assert min(touch[3:]) > max(touch[:3]) + 4


def test_conditions_may_change_from_bar_to_bar(stages: LoadedStages) -> None:
    soft, loud = make_plan(dynamics=55), make_plan(dynamics=95)
    bars = soft.frame.bars + 1
    rows = [np.stack([getattr(soft if bar < 5 else loud, stage) for bar in range(bars)]) for stage in STAGES]
    plan = Plan(soft.frame, soft.shift, *rows)
    found = compose_notes(stages.melody, stages.accompaniment, [plan] * 4, np.random.default_rng(1))
    half = 5 * soft.frame.bar
    first = np.concatenate([n.velocities[n.starts < half] for both in found for n in both])
    second = np.concatenate([n.velocities[n.starts >= half] for both in found for n in both])
    assert second.mean() > first.mean() + 1


def test_no_tune_is_copied(stages: LoadedStages, written: list[tuple[Plan, Notes, Notes]]) -> None:
    for _, melody, accompaniment in written:
        starts = np.concatenate([melody.starts, accompaniment.starts])
        pitches = np.concatenate([melody.pitches, accompaniment.pitches])
        # Of some 250 runs: broken chords of many songs are among the known ones.
        assert count_copied(starts, pitches, stages.tunes) < 12


@pytest.mark.parametrize("stage", STAGES)
def test_numpy_and_keras_agree(stage: str) -> None:
    from generation.training.melody_first.arrays import Scaling
    from generation.training.melody_first.exporting import export_weights
    from generation.training.melody_first.network import Shape, build_network

    random = np.random.default_rng(0)
    network = build_network(stage, Shape(128, 2))
    network.set_weights([w + random.normal(size=w.shape) * 0.05 for w in network.get_weights()])
    size = len(CONDITIONS[stage])
    scaling = Scaling(random.normal(size=size), np.full(size, 2.0))
    served = StageNetwork(stage, export_weights(network, scaling))
    clips, steps = 3, 110  # more than there is room for at first
    inputs = np.stack([random.integers(0, codes, (clips, steps)) for codes in INPUTS[stage].values()], axis=-1)
    known = np.stack([random.integers(0, codes, (clips, steps)) for codes in KNOWN_CODES.values()], axis=-1)
    times = np.cumsum(random.integers(0, 12, (clips, steps)), axis=1)
    conditions = random.normal(size=(clips, size)) * 3
    conditions[0, :3] = np.nan
    expected = network(
        {"inputs": inputs, "known": known, "times": times, "conditions": scaling.scale(conditions)}, training=False
    )
    state = served.begin(conditions)
    for step in range(steps):
        served.step(state, inputs[:, step], times[:, step])
        own = dict(zip(KNOWN_CODES, known[:, step].T, strict=True))
        for head in HEADS:
            assert np.abs(served.logits(head, state, own) - np.asarray(expected[head])[:, step]).max() < 1e-4


def test_a_step_hears_nothing_of_what_comes_later() -> None:
    from generation.training.melody_first.network import Shape, build_network

    random = np.random.default_rng(0)
    network = build_network("melody", Shape(64, 2))
    values = {
        "inputs": random.integers(0, 4, (1, 12, len(INPUTS["melody"]))),
        "known": random.integers(0, 20, (1, 12, 3)),
        "times": np.cumsum(random.integers(1, 9, (1, 12)), axis=1),
        "conditions": np.zeros((1, 2 * len(CONDITIONS["melody"])), np.float32),
    }
    changed = {name: value.copy() for name, value in values.items()}
    changed["inputs"][:, 7:] = 1
    changed["times"][:, 7:] += 5
    before, after = (np.asarray(network(one, training=False)["pitches"]) for one in (values, changed))
    assert np.abs(before[:, :7] - after[:, :7]).max() < 1e-5
    assert np.abs(before[:, 7:] - after[:, 7:]).max() > 1e-3


def test_weights_stand_in_half_precision() -> None:
    with np.load(Path(WEIGHTS / KIND / FREE / "melody.npz")) as file:
        kinds = {name: file[name].dtype for name in file.files}
    assert all(kind == np.float16 for name, kind in kinds.items() if not name.startswith("condition_"))
