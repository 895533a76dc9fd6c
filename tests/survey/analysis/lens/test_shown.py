"""The lens in words: tables, sentences, figures, and what single clips were heard by."""

import doctest
from dataclasses import replace

import numpy as np
import pytest

from generation.emotions import SLUGS
from generation.images.features import PictureFeatures
from generation.music.attributes import NAMES
from generation.networks.paper_composer import compare_with_targets
from generation.networks.paper_composer.styles import STYLES
from survey.analysis.lens import reading, results, shown, subjects, words
from survey.analysis.lens.results import ClipReading, CueOfClip, CueOfEmotion, CuePair, LensNumber, LensOfEmotion
from survey.analysis.lens.shown import MEASURE, say_because, say_emotion, say_reading, say_standing
from survey.analysis.lens.subjects import CLIPS, PICTURES
from survey.analysis.lens.words import EQUATION, PICTURE_CUES, WORDS, direction_of, label_of
from survey.analysis.measures.showing import show
from survey.analysis.measures.shown import STANDINGS
from survey.figures.lens import figure_of_lens
from tests.survey.analysis.lens.simulated import EIGHT, SEVEN, draw
from tests.survey.analysis.lens.test_limits import EMOTIONS, lens, study


@pytest.fixture(scope="module")
def found():
    """Eight emotions, nineteen cues."""
    drawn = draw(np.random.default_rng(2), 60, 96, 24, EIGHT)
    return lens(drawn, NAMES, drawn.cues, SLUGS)


def test_every_attribute_has_words_of_its_own():
    assert set(NAMES) <= set(WORDS)
    of_paper = compare_with_targets(STYLES["sadness"], {}).keys() - {"mode"}  # no number
    assert of_paper <= set(WORDS)
    assert set(WORDS) - set(NAMES) <= {*PictureFeatures.__slots__, *of_paper}
    said = [word for one in WORDS.values() for word in (one.less, one.more)]
    assert len(set(said)) == len(said)
    assert EQUATION == SEVEN
    assert set(EQUATION) <= set(NAMES)


@pytest.mark.parametrize("module", [words, shown, reading, results, subjects], ids=lambda module: module.__name__)
def test_examples(module):
    assert doctest.testmod(module).failed == 0


def test_standings_are_those_of_the_figure():
    standings = (results.AGREE, results.DISAGREE, results.COMPOSER_ONLY, results.LISTENERS_ONLY, results.NEITHER)
    assert standings == STANDINGS
    said = [[say_standing(of, standing) for standing in STANDINGS] for of in (CLIPS, PICTURES)]
    assert said == [
        ["agree", "disagree", "composer only", "listeners only", "neither"],
        ["agree", "disagree", "pictures only", "viewers only", "neither"],
    ]


def test_tables_show_the_leading_cues_of_every_emotion(found):
    tables = {table.name: table for table in show(MEASURE, found).tables}
    assert set(tables) == {"lens", "lens_taken", "lens_cues", "lens_correlations", "lens_clips"}
    assert [len(tables[name].rows) for name in ("lens", "lens_cues", "lens_correlations")] == [8, 8 * 6, 7]
    assert len(tables["lens_clips"].rows) <= 24
    first = tables["lens_cues"].rows[0]
    cue = max(
        (one for one in found.emotions[0].cues if one.standing not in (None, "neither")),
        key=lambda one: max(abs(one.validity.estimate), abs(one.utilisation.estimate)),
    )
    assert first[0] == f"amusement: {label_of(cue.cue)}"
    assert first[1] == f"{cue.validity.estimate:.2f}".replace("-", "−")


def test_of_few_cues_the_matrix_has_all():
    few = lens(study())
    matrix = next(table for table in show(MEASURE, few).tables if table.name == "lens_correlations")
    assert [len(row) for row in matrix.rows] == [7] * 6
    assert [row[place + 1] for place, row in enumerate(matrix.rows)] == ["1"] * 6


def test_a_figure_for_every_emotion_with_weights(found):
    plots = show(MEASURE, found).plots
    assert [plot.name for plot in plots] == [f"lens-{slug}" for slug in SLUGS]
    assert len(figure_of_lens(plots[0]).rows) == 19
    assert [plot.name for plot in show(MEASURE, lens(study(clips=15, each=12))).plots] == [
        *("lens-awe", "lens-fear", "lens-sadness")[:2],
        "lens-other-1",
    ]


def number(estimate, half=0.05):
    return LensNumber(estimate, (estimate - half, estimate + half))


def cue(name, made, heard, standing):
    return CueOfEmotion(name, number(made), number(heard), made, heard, standing)


SAD = LensOfEmotion(
    "sadness",
    8,
    96,
    (
        cue("tempo", -0.3, -0.4, "agree"),
        cue("majorness", -0.5, 0.01, "composer_only"),
        cue("pedal", 0.0, 0.2, "listeners_only"),
        cue("dynamics", 0.3, -0.1, "disagree"),
        cue("whistles", 0.0, 0.0, "neither"),
    ),
    number(0.5),
    number(0.8),
    number(0.6),
    number(0.7),
    0.55,
    0.65,
    number(0.1),
)


def test_an_emotion_in_words():
    assert say_emotion(SAD) == (
        "What listeners take for sadness: slower, more pedal, softer touch. Only the composer uses major or minor."
        " Only listeners use pedal. In opposite directions for composer and listeners: loudness of touch."
    )
    nothing = replace(SAD, cues=(cue("tempo", 0.0, 0.0, "neither"),))
    assert say_emotion(nothing) == "No cue was shown to tell what listeners take for sadness."


def test_sentences_name_cues_numbers_and_limits(found):
    one = replace(
        found,
        emotions=(SAD, LensOfEmotion("awe", 3, 30, reason="not defined: weights need at least 4 clips of the emotion")),
        correlations=(CuePair("tempo", "density", 0.912), CuePair("tempo", "pedal", -0.71), CuePair("a", "b", 0.7)),
    )
    assert show(MEASURE, one).paragraph == (
        "Achievement r_a of sadness was 0.50 (95 % interval 0.45 to 0.55)."
        " What listeners take for sadness: slower −0.40 (−0.45 to −0.35); more pedal 0.20 (0.15 to 0.25); softer touch"
        " −0.10 (−0.15 to −0.05)."
        " The cues most alike over clips are tempo and note density (r = 0.91; 2 of 3 pairs lie beyond ±0.7, whose cues"
        f" are hardly told apart). {subjects.NO_CAUSE}"
    )


@pytest.mark.parametrize("equation", [(), ("majorness",), SEVEN])
def test_the_matrix_has_the_cues_chosen_beforehand_however_few_clips_the_equation_has(found, equation):
    few = replace(found, equation_cues=equation)
    table = next(part for part in show(MEASURE, few).tables if part.name == "lens_correlations")
    assert [row[0] for row in table.rows] == [label_of(cue) for cue in SEVEN]
    assert "7 cues that were chosen beforehand" in table.notes[-1]


def test_clips_of_the_site_are_named_as_everywhere(found):
    name = "0b9f3a52-1111-4222-8333-444455556666"
    read = replace(found, readings=(ClipReading(name, "awe", "fear", 0.6, 20, ()),))
    table = next(part for part in show(MEASURE, read).tables if part.name == "lens_clips")
    assert table.rows[0][0] == "0b9f3a52"


def test_without_weights_the_reason_is_said():
    few = lens(study(clips=12, each=12))
    assert show(MEASURE, few).paragraph == (
        "The lens of 12 clips shows no weights: weights need at least 4 clips of the emotion."
    )
    assert show(MEASURE, few).plots == ()


def test_names_that_nobody_knows_speak_for_themselves():
    assert (label_of("whistles"), direction_of("whistles", -1), direction_of("whistles", 1)) == (
        *("whistles", "less whistles", "more whistles"),
    )


def test_a_clip_is_read_by_the_cues_that_add_most():
    """By hand: weight × standardised value × standard deviation of the shares, the largest three of a point or more."""
    found = lens(draw(np.random.default_rng(3), 200, 64, 32))
    by_name = {one.emotion: one for one in found.emotions}
    drawn = draw(np.random.default_rng(3), 200, 64, 32)
    z = (drawn.cues - drawn.cues.mean(axis=0)) / drawn.cues.std(axis=0)
    read = [one for one in found.readings if one.cues]
    assert len(read) > 30
    counts = np.zeros((64, len(EMOTIONS)), int)
    np.add.at(counts, (drawn.clip, drawn.chosen), 1)
    alone = {f"S{clip}"[1:] for clip in range(64) if (counts[clip] == counts[clip].max()).sum() == 1}
    assert {one.clip[1:] for one in found.readings} <= alone  # where two were chosen as often, nothing is said
    for one in read:
        place, emotion = int(one.clip[1:]), EMOTIONS.index(one.heard)
        shares = [(drawn.chosen[drawn.clip == clip] == emotion).mean() for clip in range(64)]
        adds = {
            cue.cue: cue.utilisation.estimate * z[place, at] * np.std(shares)
            for at, cue in enumerate(by_name[one.heard].cues)
            if np.sign(cue.utilisation.interval[0]) == np.sign(cue.utilisation.interval[1])
        }
        expected = sorted((name for name in adds if adds[name] >= 0.01), key=lambda name: -adds[name])[:3]
        assert [cue.cue for cue in one.cues] == expected
        assert [cue.added for cue in one.cues] == pytest.approx([adds[name] for name in expected])
        assert one.share == pytest.approx(shares[place])


def test_reasons_of_a_clip_say_where_its_cues_lie():
    one = lens(study()).readings[0]
    slow = replace(one, cues=(CueOfClip("tempo", -1.2, 0.104), CueOfClip("whistles", 0.4, 0.02)))
    assert say_reading(slow) == "slower (+10 points), more whistles (+2 points)"
    assert say_because(slow) == f"Heard as {one.heard} because: slower (+10 points), more whistles (+2 points)."
    dark = replace(one, cues=(CueOfClip("brightness", -1.2, 0.104),))
    assert say_because(dark, PICTURES) == f"Picture taken for {one.heard} because: darker (+10 points)."
    nothing = say_because(replace(one, cues=()), PICTURES)
    assert nothing == f"Picture taken for {one.heard}, not by cues that viewers were shown to use."


def test_pictures_are_measured_by_cues_chosen_beforehand():
    assert (
        *("brightness", "saturation", "warmth", "contrast", "edges", "symmetry"),
        *("colourfulness", "texture_homogeneity"),
    ) == PICTURE_CUES
    assert set(PICTURE_CUES) <= set(WORDS) & set(PictureFeatures.__slots__)
    assert not set(PICTURE_CUES) & set(NAMES)
