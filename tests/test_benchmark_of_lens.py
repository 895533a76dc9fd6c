"""The lens on published data: expected signs are as they were written down, and are compared as their words say."""

import doctest
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from benchmarks.lens import signs
from benchmarks.lens.__main__ import main
from benchmarks.lens.emopia import JUDGEMENTS, Labelled, fit, gather
from benchmarks.lens.signs import AGREES, DISAGREES, HOLDS_0, Expected, compare, count, read_expected
from generation.music.attributes import NAMES
from generation.music.notes import Performance, Piece, PlayedNote
from generation.music.score import write_midi
from tests.synthetic_clips import make_clip

EMOPIA = Path(settings.BASE_DIR).parent / "shared" / "data" / "emopia"


def draw(songs=120, each=2, seed=1):
    """Clips whose majorness tells valence and whose touch tells arousal; the clips of a song are copies."""
    dice = np.random.default_rng(seed)
    values = np.repeat(dice.normal(size=(songs, len(NAMES))), each, axis=0)
    cue = dict(zip(NAMES, values.T, strict=True))
    positive = np.repeat(dice.normal(size=songs), each) < 2 * cue["majorness"] - 2 * cue["regularity"]
    high = np.repeat(dice.normal(size=songs), each) < 2 * cue["dynamics"]
    quadrants = np.where(high, np.where(positive, "Q1", "Q2"), np.where(positive, "Q4", "Q3")).tolist()
    names = [f"clip {place}" for place in range(songs * each)]
    return Labelled(names, [f"song {place // each}" for place in range(songs * each)], quadrants, values)


# What is expected.


def test_examples_hold():
    assert doctest.testmod(signs).failed == 0


def test_the_expected_signs_are_those_that_were_written_down():
    expected = read_expected()
    assert len(expected) == 37
    known = {name for of in JUDGEMENTS.values() for name in of.values()}
    assert {one.judgement for one in expected} <= known
    assert {one.attribute for one in expected} <= set(NAMES)
    authors = ("Juslin & Laukka 2004", "Eerola et al. 2013", "Gabrielsson & Lindström 2010")
    assert all(any(author in one.source for author in authors) for one in expected)


def test_quadrants_and_halves_do_not_contradict_each_other():
    of = {(one.judgement, one.attribute): one.sign for one in read_expected()}
    halves = {"positive valence": {"Q1": 1, "Q4": 1, "Q2": -1}, "high arousal": {"Q1": 1, "Q2": 1, "Q3": -1, "Q4": -1}}
    pairs = [
        (sign * side, of[quadrant, attribute])
        for (judgement, attribute), sign in of.items()
        for quadrant, side in halves.get(judgement, {}).items()
        if (quadrant, attribute) in of
    ]
    assert len(pairs) > 20
    assert all(one == other for one, other in pairs)


@pytest.mark.parametrize("rows", ["Q1,tempo,plus,x", "Q1,tempo,+,x\nQ1,tempo,-,y"])
def test_a_table_that_contradicts_itself_is_refused(tmp_path, rows):
    path = tmp_path / "signs.csv"
    path.write_text(f"judgement,attribute,sign,source\n{rows}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"signs\.csv"):
        read_expected(path)


# How it is compared.


def test_what_is_known_of_a_simulated_listener_is_found():
    """Regularity counts against the literature, tempo counts nowhere."""
    lenses = [fit(draw(), name) for name in JUDGEMENTS]
    found = {(row.expected.judgement, row.expected.attribute): row for row in compare(read_expected(), lenses)}
    assert found["positive valence", "majorness"].outcome == AGREES
    assert found["high arousal", "dynamics"].outcome == AGREES
    assert found["positive valence", "regularity"].outcome == DISAGREES
    assert found["high arousal", "tempo"].outcome == HOLDS_0
    assert (found["Q2", "majorness"].outcome, found["Q4", "dynamics"].outcome) == (AGREES, AGREES)
    clear = found["high arousal", "dynamics"]
    assert clear.same_weight
    assert clear.same_correlation
    assert not found["positive valence", "regularity"].same_weight
    counted = count(found.values())
    assert counted["signs"] == counted[AGREES] + counted[DISAGREES] + counted[HOLDS_0] == 37
    assert 8 <= counted[AGREES] < 20
    assert counted[DISAGREES] >= 2


def test_both_sides_of_a_label_have_the_same_weights_and_no_interval_for_new_people():
    for one in fit(draw(), "quadrant").emotions:
        assert one.achievement.estimate == pytest.approx(1.0)
        for cue in one.cues:
            assert cue.validity.estimate == pytest.approx(cue.utilisation.estimate, abs=1e-12)
            assert cue.validity.interval is not None
            assert cue.utilisation.interval is None


def test_copies_of_a_song_narrow_nothing():
    """Two clips of each song that are the same: as songs they are no new sample, as clips they would seem one."""
    drawn = draw(songs=800)
    apart = replace(drawn, songs=drawn.names)
    by_song, by_clip = (fit(one, "arousal").emotions[0].cues for one in (drawn, apart))
    ratios = [np.ptp(a.validity.interval) / np.ptp(b.validity.interval) for a, b in zip(by_song, by_clip, strict=True)]
    assert np.median(ratios) == pytest.approx(np.sqrt(2), abs=0.04)


def test_a_sign_without_a_weight_is_no_silent_gap():
    lenses = [fit(draw(), "valence")]
    with pytest.raises(ValueError, match="tempo has no weight with an interval for Q1"):
        compare([Expected("Q1", "tempo", 1, "")], lenses)


# The command.


def write_folder(folder, clips):
    """Two clips of each song and quadrant, each song at its own speed."""
    for number in range(clips):
        slower = 0.7 + number // 8 % 7 / 10
        rows = make_clip(number).table * [slower, 1, slower, 1]
        notes = tuple(PlayedNote(o, int(p), d, int(v), "right") for o, p, d, v in rows)
        file = folder / f"Q{number % 4 + 1}_song{number // 8}_{number}.mid"
        file.write_bytes(write_midi(Piece((), 120.0, 0, "major"), Performance(notes, ())))


def test_the_command_prints_what_it_found(tmp_path, capsys):
    write_folder(tmp_path, 64)
    main(["--data", str(tmp_path)])
    told = capsys.readouterr().out
    assert told.startswith("Machine: ")
    assert "64 clips of 8 songs, one label each; 19 attributes." in told
    assert told.count("\n| high arousal | ") == 5 + 1 + 1
    assert "\n| all | 37 | " in told


def test_what_is_not_emopia_ends_in_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="There is no folder"):
        main(["--data", str(tmp_path / "nowhere")])
    write_folder(tmp_path, 4)
    with pytest.raises(SystemExit, match="has no weight with an interval for positive valence"):
        main(["--data", str(tmp_path)])
    for path in sorted(tmp_path.iterdir()):
        path.rename(tmp_path / f"prelude {path.stem[-1]}.mid")
    with pytest.raises(SystemExit, match="is it EMOPIA"):
        main(["--data", str(tmp_path)])


@pytest.mark.long
@pytest.mark.skipif(not EMOPIA.is_dir(), reason="EMOPIA's clips are not at ../shared/data/emopia")
def test_emopias_labels_as_docs_measured_has_them():
    labelled = gather(EMOPIA, report=print)
    assert (len(labelled.names), len(set(labelled.songs))) == (965, 353)
    rows = compare(read_expected(), [fit(labelled, name) for name in JUDGEMENTS])
    assert count(rows) == {
        "signs": 37,
        AGREES: 13,
        DISAGREES: 3,
        HOLDS_0: 21,
        "weights as expected": 24,
        "correlations as expected": 28,
    }
    found = {(row.expected.judgement, row.expected.attribute): row for row in rows}
    mode = [found[judgement, "majorness"] for judgement in ("positive valence", "Q1", "Q2", "Q3", "Q4")]
    touch = [found[judgement, "dynamics"] for judgement in ("high arousal", "Q1", "Q3", "Q4")]
    assert {row.outcome for row in mode + touch} == {AGREES}
    assert [name for name, row in found.items() if row.outcome == DISAGREES] == [
        ("Q1", "regularity"),
        ("Q2", "regularity"),
        ("Q4", "tempo"),
    ]
    assert mode[0].weight == pytest.approx(0.45, abs=0.01)
    assert touch[0].weight == pytest.approx(0.51, abs=0.01)
