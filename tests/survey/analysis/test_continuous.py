"""Courses that were rated while clips played: numbers by hand, and how often the band holds, by a simulation."""

import numpy as np
import pytest
from scipy import stats

from survey.analysis.continuous import mean_course
from survey.analysis.continuous.coherence import FEWEST_SECONDS, courses_by_clip, pairs_of_clip
from survey.analysis.continuous.mean_course import band_of, end_of_clip, of_each_person, oriented_from
from survey.analysis.continuous.measure import MEASURE, measure_courses
from survey.analysis.measures.showing import show
from survey.analysis.ratings.courses import Courses
from survey.figures.courses import draw_courses, figure_of_courses
from survey.figures.drawing import Label
from survey.figures.plots import draw_plot

NAN = np.nan


def make_courses(valence, participant, stimulus=None, intended=None, arousal=None, emotions=("joy",)):
    codes = [np.asarray(one) for one in (participant, stimulus or [0] * len(valence), intended or [0] * len(valence))]
    people, clips = (tuple(map(str, range(int(code.max()) + 1))) for code in codes[:2])
    table = np.asarray(valence, float)
    return Courses(people, clips, emotions, codes[0], codes[1], codes[2], table, arousal, 10)


def test_the_constants_are_those_of_the_documentation():
    assert (mean_course.ORIENTATION, mean_course.SHARE_ORIENTED, mean_course.FEWEST_SHARE) == (8.0, 0.5, 0.5)
    assert FEWEST_SECONDS == 3


def test_of_long_clips_eight_seconds_are_left_out_and_of_short_ones_half():
    assert [oriented_from(samples, 10) for samples in (281, 160, 159, 20, 1)] == [80, 80, 79, 10, 0]


def test_a_person_with_several_clips_counts_once():
    found = of_each_person(np.array([[0.0, NAN], [1.0, 0.5], [0.2, 0.2]]), np.array([7, 7, 2]))
    assert found[0].tolist() == [0.2, 0.2]
    assert found[1].tolist() == [0.5, 0.5]


def test_the_band_of_three_people_by_hand():
    """Mean .2, standard deviation .1, t(2) = 4.302653: half = 4.302653 × .1 / √3 = .248414."""
    n, mean, half = band_of(np.array([[0.1], [0.2], [0.3]]))
    assert (n[0], round(mean[0], 12), round(half[0], 6)) == (3, 0.2, 0.248414)


def test_the_band_is_that_of_scipy_at_every_sample():
    dice = np.random.default_rng(5)
    people = dice.normal(size=(9, 30)) / 3
    people[:4, :10] = NAN
    n, mean, half = band_of(people)
    for sample in range(30):
        known = people[:, sample][~np.isnan(people[:, sample])]
        low, high = stats.t.interval(0.95, known.size - 1, known.mean(), stats.sem(known))
        assert n[sample] == known.size
        assert (mean[sample] - half[sample], mean[sample] + half[sample]) == pytest.approx((low, high))


@pytest.mark.parametrize(("there", "is_told"), [(4, False), (5, True)])
def test_a_mean_needs_half_of_the_people(there, is_told):
    people = np.full((10, 1), NAN)
    people[:there] = 0.5
    assert np.isfinite(band_of(people)[1][0]) == is_told


def test_one_person_has_a_mean_and_no_band():
    n, mean, half = band_of(np.array([[0.5, NAN]]))
    assert (n.tolist(), mean[0]) == ([1, 0], 0.5)
    assert np.isnan([mean[1], *half]).all()


def test_people_who_are_all_alike_have_a_mean_and_no_band():
    """Twelve marks at .3 differ by rounding alone: a band without width would claim certainty."""
    people = np.full((12, 2), 0.3)
    people[0, 1] = 0.2
    n, mean, half = band_of(people)
    assert (n.tolist(), mean.round(4).tolist()) == ([12, 12], [0.3, 0.2917])
    assert np.isnan(half).tolist() == [True, False]
    found = measure_courses(make_courses(people, list(range(12)))).valence.emotions[0]
    assert (found.low[0], found.high[0]) == (None, None)
    assert found.low[1] < found.mean[1] < found.high[1]


@pytest.mark.parametrize(("apart", "is_told"), [(1.9e-9, False), (2.1e-9, True)])
def test_a_variance_of_rounding_alone_makes_no_band(apart, is_told):
    """Two people 2e-9 apart have a mean with a variance of 1e-18."""
    assert np.isfinite(band_of(np.array([[0.0], [apart]]))[2][0]) == is_told


def test_coherence_by_hand():
    """Whole seconds 1, 2, 3 against 1, 3, 2: r = .5; against its own mirror −1."""
    one, two = (np.repeat(values, 10) / 4 for values in ([0, 0, 0, 1, 2, 3], [0, 0, 0, 1, 3, 2]))
    assert pairs_of_clip(np.array([one, two, -one]), 10) == pytest.approx([0.5, -1.0, -0.5])


def test_who_has_a_gap_or_does_not_move_has_no_correlation():
    moves = np.repeat(np.arange(6) / 6, 10)
    gap = moves.copy()
    gap[45] = NAN
    assert pairs_of_clip(np.array([moves, gap, np.full(60, 0.5), moves]), 10).tolist() == pytest.approx([1.0])
    assert pairs_of_clip(np.array([moves[:40], moves[:40]]), 10).size == 0  # two seconds after the beginning


@pytest.mark.parametrize(("row", "end"), [([NAN, NAN], 0), ([0.1, NAN], 1), ([NAN, 0.1], 2)])
def test_a_clip_ends_with_the_last_sample_of_anybody(row, end):
    assert end_of_clip(np.array([[NAN, NAN], row])) == end


def test_behind_the_end_of_a_shorter_clip_there_is_nothing():
    table = np.array([[NAN, 0.1, 0.2, NAN], [NAN, 0.1, 0.2, 0.3]])
    assert [own.shape for own in courses_by_clip(table, np.array([0, 1]))] == [(1, 3), (1, 4)]


def test_how_often_the_band_holds_the_true_course():
    """People differ by a level of their own and wander; the truth is known, and no code of the band is used to draw."""
    dice = np.random.default_rng(2026)
    seconds = np.arange(40) / 10
    truth = 0.4 * np.sin(seconds)
    held, runs, people = np.zeros(40), 1500, 8
    for _ in range(runs):
        own = dice.normal(0, 0.2, (people, 1))
        wander = np.cumsum(dice.normal(0, 0.03, (people, 40)), axis=1)
        _, mean, half = band_of(truth + own + wander)
        held += np.abs(mean - truth) <= half
    share = held / runs
    assert np.abs(share - 0.95).max() < 0.022  # 3.9 standard errors of 1500 runs
    assert abs(share.mean() - 0.95) < 0.015


def test_the_whole_course_leaves_the_band_more_often_than_in_five_percent():
    """What is said beside the figure: pointwise is not simultaneous."""
    dice = np.random.default_rng(7)
    outside = 0
    for _ in range(400):
        wander = np.cumsum(dice.normal(0, 0.1, (8, 60)), axis=1)
        _, mean, half = band_of(wander)
        outside += bool((np.abs(mean) > half).any())
    assert outside / 400 > 0.1


def test_the_result_has_levels_and_coordinates():
    ramp = np.linspace(0, 1, 200)
    table = np.array([ramp, ramp - 0.2, -ramp, -ramp + 0.1])
    found = measure_courses(
        make_courses(table, [0, 1, 0, 1], stimulus=[0, 0, 1, 1], intended=[0, 0, 1, 1], emotions=("amusement", "fear"))
    )
    high, low = found.valence.emotions
    assert (high.emotion, high.participants, high.clips, high.courses) == ("amusement", 2, 1, 2)
    assert high.level.estimate == pytest.approx(ramp[80:].mean() - 0.1)
    assert low.level.estimate == pytest.approx(0.05 - ramp[80:].mean())
    assert (found.left_out, found.hertz, found.arousal) == (8.0, 10, None)
    assert found.valence.coherence.estimate == pytest.approx(1.0)
    assert (found.valence.coherence.clips, found.valence.coherence.pairs) == (2, 2)
    shown = show(MEASURE, found)
    assert "rated highest for amusement" in shown.paragraph
    assert [table.name for table in shown.tables] == ["continuous_valence", "continuous_coherence"]


def test_of_a_shorter_clip_levels_and_coherence_leave_out_half():
    """20 s and 10 s: eight seconds and five are left out; the levels are 1 and .5, with 0 before."""
    longer, shorter = np.zeros(200), np.full(200, NAN)
    longer[80:], shorter[:50], shorter[50:100] = 1.0, 0.0, 0.5
    of_long = make_courses([longer, longer], [0, 1])
    of_short = make_courses([longer, longer, shorter, shorter], [0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 1, 1], None, "ab")
    assert [one.level.estimate for one in measure_courses(of_long).valence.emotions] == [1.0]
    found = measure_courses(of_short)
    assert [one.level.estimate for one in found.valence.emotions] == [1.0, 0.5]
    assert found.left_out == 8.0
    said = "the first 8 s, and at most half, of every clip"
    shown = show(MEASURE, found)
    assert [said in table.caption for table in shown.tables] == [True, True]
    assert said in shown.plots[0].caption


def test_coherence_leaves_out_half_of_a_shorter_clip():
    """10 s: from the fifth second on both rise; before they go against each other, which would make r negative."""
    rise = np.repeat(np.arange(5) / 10, 10)
    one, other = (np.concatenate([np.repeat([1.0, -1.0, 1.0, -1.0, 1.0], 10) * sign, rise]) for sign in (1, -1))
    assert pairs_of_clip(np.array([one, other]), 10) == pytest.approx([1.0])


def test_nobody_who_moved_a_mark_is_no_result():
    assert measure_courses(make_courses([[NAN, NAN]], [0])) is None


def test_the_figure_tells_every_second_and_each_panel_says_its_course():
    table = np.tile(np.linspace(-0.5, 0.5, 101), (3, 1)) + np.array([[0.0], [0.1], [0.2]])
    table[:, :15] = NAN
    shown = show(MEASURE, measure_courses(make_courses(table, [0, 1, 2], emotions=("sadness",))))
    (plot,) = shown.plots
    figure = draw_plot(plot)
    assert figure.rows == figure_of_courses(plot).rows
    assert [row[1] for row in figure.rows] == [float(second) for second in range(11)]
    assert figure.rows[1][2:] == (0, None, None, None)
    assert figure.rows[10][2:4] == (3, 0.6)
    for narrow in (False, True):
        drawing = draw_courses(plot, narrow=narrow)
        (told,) = drawing.told
        assert told.said.startswith("sadness: mean 0.3")
        for mark in drawing.marks:
            for x in (getattr(mark, "x1", 0), getattr(mark, "x2", 0)):
                assert 0 <= x <= drawing.width


def test_panels_stand_in_the_order_of_emotions_with_a_legend_below():
    table = np.tile(np.linspace(-0.5, 0.5, 101), (3, 1))
    emotions = ("sadness", "own", "amusement")
    found = measure_courses(make_courses(table, [0, 1, 2], emotions=emotions, intended=[0, 1, 2]))
    (plot,) = show(MEASURE, found).plots
    assert [curve.label for curve in plot.rows] == ["amusement", "sadness", "own"]
    for narrow in (False, True):
        drawing = draw_courses(plot, narrow=narrow)
        legend = [mark for mark in drawing.marks if isinstance(mark, Label) and mark.y > drawing.height - 20]
        assert [mark.text for mark in legend] == ["mean, 95 %", "bearings until then", "intended"]
        ends = [mark.x + 0.6 * mark.size * len(mark.text) for mark in legend]
        # Room for the sample of the next one before it, and for the last one on the page.
        assert ends[0] + 2 <= legend[1].x - 6
        assert ends[1] + 2 <= legend[2].x - 22
        assert ends[2] <= drawing.width
