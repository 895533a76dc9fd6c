"""Effects of cues: beside R, beside a second computation, against a known truth, and where there is little."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from survey.analysis.cue_effects import CueEffects, measure_cue_effects
from survey.analysis.cue_effects.fitting import fit_effects
from survey.analysis.cue_effects.measure import MEASURE, NO_SPREAD, NOT_APART, ONE_PERSON, ONE_PIECE
from survey.analysis.measures import Asked
from survey.analysis.ratings import Rating, collect
from survey.analysis.ratings.cues import Variant, gather_cues
from survey.analysis.wording import points
from survey.figures.plots import draw_plot
from tests.survey.analysis.cue_effects.simulated import DEAF, EMOTIONS, HEARING, draw, truth

NAMES = ("tempo", "mode")
LEVELS = {"tempo": ("slow", "fast"), "mode": ("minor", "major")}


def ratings_of(study, *, rated=False):
    """The study as ratings of variants."""
    answers, variants = [], {}
    for person, piece, levels, chosen in zip(study.person, study.piece, study.levels, study.chosen, strict=True):
        places = dict(zip(NAMES, map(int, levels), strict=False))
        clip = f"S{piece}-" + "".join(str(place) for place in places.values())
        named = {cue: LEVELS[cue][place] for cue, place in places.items()}
        variants[clip] = Variant(f"B{piece}", named, {cue: float(place) for cue, place in places.items()})
        feeling = {"valence": float(places["mode"]) - 0.5, "arousal": None} if rated else {}
        answers.append(Rating(f"P{person}", clip, "", EMOTIONS[0], EMOTIONS[chosen], **feeling))
    return replace(collect(answers, EMOTIONS), cues=gather_cues(variants))


def measure(ratings) -> CueEffects | None:
    return MEASURE.measure(Asked(ratings, ratings, ratings, "", 0, 0))


def study(people=12, pieces=4, seed=1, population=HEARING, *, square=False):
    return draw(population, np.random.default_rng(seed), people, pieces, square=square)


def test_effects_and_errors_are_those_of_r():
    """An unbalanced study. In R:

    d <- expand.grid(person=0:5, piece=0:3, tempo=0:1, mode=0:1)
    d <- d[(d$person + d$piece + d$tempo + 2*d$mode) %% 3 != 0, ]
    d$sad <- as.numeric((7*d$person + 5*d$piece + 3*d$tempo*d$person + 4*d$mode*(1+d$piece)) %% 11 > 5 - 2*d$mode)
    m <- lm(sad ~ factor(piece) + tempo + mode, data=d)
    X <- model.matrix(m); e <- resid(m); B <- solve(crossprod(X))
    meat <- function(g) { s <- rowsum(X*e, g); G <- nrow(s); B %*% crossprod(s) %*% B * G/(G-1) }
    P <- meat(d$person); S <- meat(d$piece); C <- meat(paste(d$person, d$piece))
    sqrt(max(P[k,k] + S[k,k] - C[k,k], P[k,k], S[k,k]))  # k: "tempo", "mode"
    """
    grid = np.array([(p, s, t, m) for m in (0, 1) for t in (0, 1) for s in range(4) for p in range(6)])
    person, piece, tempo, mode = grid[(grid[:, 0] + grid[:, 1] + grid[:, 2] + 2 * grid[:, 3]) % 3 != 0].T
    sad = (7 * person + 5 * piece + 3 * tempo * person + 4 * mode * (1 + piece)) % 11 > 5 - 2 * mode
    found = fit_effects(sad.astype(float)[:, None], np.stack([tempo, mode], axis=1).astype(float), person, piece)
    assert len(person) == 64
    np.testing.assert_allclose(found.effects, [[-0.0937500000, 0.2812500000]], atol=1e-10)
    np.testing.assert_allclose(found.errors, [[0.0871715375, 0.1866299257]], atol=1e-10)


def test_a_whole_factorial_is_the_mean_over_pieces_of_differences_of_shares():
    """By loops: the effect, its variance over pieces alone, t and p, and Holm's correction."""
    drawn = study()
    found = measure(ratings_of(drawn))
    assert (found.n, found.people, found.pieces, found.variants) == (12 * 4 * 4, 12, 4, 16)
    assert [(one.said, one.cue) for one in found.answers] == [(said, cue) for said in EMOTIONS for cue in sorted(NAMES)]
    ps = []
    for one in found.answers:
        cue, emotion = NAMES.index(one.cue), EMOTIONS.index(one.said)
        hit = drawn.chosen == emotion

        def difference(keep, cue=cue, hit=hit):
            up, down = (keep & (drawn.levels[:, cue] == level) for level in (1, 0))
            return hit[up].mean() - hit[down].mean()

        pieces = np.array([difference(drawn.piece == piece) for piece in range(4)])
        people = np.array([difference(drawn.person == person) for person in range(12)])
        both = np.array([[difference((drawn.person == p) & (drawn.piece == s)) for s in range(4)] for p in range(12)])
        effect = pieces.mean()
        parts = [
            ((values - effect) ** 2).sum() / (n * (n - 1)) for values, n in ((pieces, 4), (people, 12), (both, 48))
        ]
        error = math.sqrt(max(parts[0] + parts[1] - parts[2], parts[0], parts[1]))
        half = stats.t.ppf(0.975, 3) * error
        assert one.effect == pytest.approx(effect, abs=1e-12)
        assert one.interval == pytest.approx((max(effect - half, -1.0), min(effect + half, 1.0)), abs=1e-9)
        assert one.p_value == pytest.approx(2 * stats.t.sf(abs(effect / error), 3), abs=1e-9)
        ps.append(one.p_value)
    order = np.argsort(ps)
    expected = np.empty(len(ps))
    expected[order] = np.minimum(np.maximum.accumulate(np.sort(ps) * np.arange(len(ps), 0, -1)), 1.0)
    assert [one.p_holm for one in found.answers] == pytest.approx(expected.tolist())


def test_standardised_weights_are_those_of_a_regression_of_variants_means():
    drawn = study()
    found = measure(ratings_of(drawn))
    keys = sorted({(s, *levels) for s, levels in zip(drawn.piece, map(tuple, drawn.levels), strict=True)})
    for one in found.answers:
        hit = drawn.chosen == EMOTIONS.index(one.said)
        means = [
            hit[(drawn.piece == s) & (drawn.levels[:, 0] == t) & (drawn.levels[:, 1] == m)].mean() for s, t, m in keys
        ]
        # Balanced: cues are uncorrelated, so a standardised weight is a correlation.
        assert one.standardised == pytest.approx(
            np.corrcoef([key[1 + NAMES.index(one.cue)] for key in keys], means)[0, 1]
        )


def test_three_levels_are_told_by_the_step():
    levels = ("slow", "as-composed", "fast")
    rows = [(p, s, place) for p in range(3) for s in range(2) for place in range(3)]
    answers = [
        Rating(f"P{p}", f"S{s}-{place}", "", "joy", "joy" if place + (p + s) % 2 >= 2 else "fear")
        for p, s, place in rows
    ]
    variants = {
        f"S{s}-{place}": Variant(f"B{s}", {"tempo": levels[place]}, {"tempo": (0.7, 1.0, 1.4)[place]})
        for _, s, place in rows
    }
    found = measure(replace(collect(answers, ("joy", "fear")), cues=gather_cues(variants)))
    joy = found.answers[0]
    assert (joy.lowest, joy.highest, joy.steps) == ("slow", "fast", 2)
    shares = [np.mean([a.chosen == "joy" for a in answers if a.stimulus.endswith(str(place))]) for place in range(3)]
    assert joy.effect == pytest.approx((shares[2] - shares[0]) / 2)


def test_ratings_are_told_beside_with_a_correction_of_their_own():
    found = measure(ratings_of(study(square=True), rated=True))
    assert [(one.said, one.cue) for one in found.ratings] == [("valence", "mode"), ("valence", "tempo")]
    assert found.ratings[0].effect == pytest.approx(1.0)
    assert found.ratings[0].reason == NO_SPREAD  # everybody says the same: no error to speak of


@pytest.mark.parametrize(("people", "pieces", "reason"), [(1, 4, ONE_PERSON), (6, 1, ONE_PIECE)])
def test_one_person_or_one_piece_has_effects_without_intervals(people, pieces, reason):
    found = measure(ratings_of(study(people=people, pieces=pieces)))
    for one in found.answers:
        assert one.effect is not None
        assert (one.interval, one.p_value, one.reason) == (None, None, reason)


def test_cues_that_always_went_together_are_not_told_apart():
    drawn = study()
    keep = drawn.levels[:, 0] == drawn.levels[:, 1]
    together = replace(drawn, **{name: getattr(drawn, name)[keep] for name in ("person", "piece", "levels", "chosen")})
    found = measure(ratings_of(together))
    assert {one.reason for one in found.answers} == {NOT_APART}
    assert {one.effect for one in found.answers} == {None}


def test_a_cue_at_a_single_level_goes_nowhere():
    drawn = study(people=20, pieces=8)
    keep = drawn.levels[:, 1] == 0
    minor = replace(drawn, **{name: getattr(drawn, name)[keep] for name in ("person", "piece", "levels", "chosen")})
    found = measure(ratings_of(minor, rated=True))
    assert {(one.lowest, one.highest, one.steps, one.reason) for one in found.answers if one.cue == "mode"} == {
        ("minor", "minor", 0, NOT_APART)
    }
    table, rated = MEASURE.tables_of(found)
    assert {row[1] for row in table.rows} == {"mode: minor alone", "tempo: slow → fast"}
    assert {row[1] for row in rated.rows} == {"mode: minor alone", "tempo: slow → fast"}
    for plot in MEASURE.plots_of(found):
        assert plot.caption.startswith("As tempo goes slow → fast, the ")


def test_other_clips_count_nowhere_and_a_study_without_variants_has_nothing():
    ratings = ratings_of(study())
    plain = collect([Rating("P1", "X", "", "joy", "joy")], EMOTIONS)
    assert measure(plain) is None
    narrowed = replace(ratings, cues=gather_cues({"X": Variant("B", {"mode": "minor"}, {"mode": 0})}))
    assert measure_cue_effects(Asked(narrowed, narrowed, narrowed, "", 0, 0)) is None


def test_what_is_said_names_levels_points_and_the_interval():
    found = measure(ratings_of(study(people=40, pieces=8)))
    said = MEASURE.sentences_of(found)[0]
    joy = next(one for one in found.answers if (one.said, one.cue) == ("joy", "tempo"))
    assert joy.p_holm < 0.05
    assert f"joy by {100 * joy.effect:.1f} points as tempo goes slow → fast (" in said
    table = MEASURE.tables_of(found)[0]
    assert len(table.rows) == len(EMOTIONS) * 2
    nothing = measure(ratings_of(study(population=DEAF, people=6)))
    assert "no cue that could be tested moved any answer beyond chance" in MEASURE.sentences_of(nothing)[0]


def test_the_figure_holds_every_effect_with_its_interval_cue_by_cue():
    found = measure(ratings_of(study(people=40, pieces=8), rated=True))
    shares, ratings = MEASURE.plots_of(found)
    assert [row.label.removesuffix(" ★") for row in shares.rows] == [
        f"{cue}: {one}" for cue in sorted(NAMES) for one in EMOTIONS
    ]
    for row in shares.rows:
        cue, said = row.label.removesuffix(" ★").split(": ")
        one = next(one for one in found.answers if (one.cue, one.said) == (cue, said))
        assert (row.estimate, row.interval) == (one.effect, one.interval)
        assert row.label.endswith("★") is (one.p_holm < 0.05)
        assert row.note == points(one.effect)
    assert shares.reference == 0.0
    assert "As mode goes minor → major, or tempo goes slow → fast, the share of each answer moves" in shares.caption
    joy = next(one for one in found.answers if (one.said, one.cue) == ("joy", "tempo"))
    assert f"tempo on joy (slow → fast) {points(joy.effect)}" in shares.finding
    assert [row.label for row in ratings.rows] == ["mode: valence", "tempo: valence"]
    assert (ratings.scale.high, ratings.scale.unit) == (1.2, "")  # the effect of the mode is 1
    told = draw_plot(shares)
    assert len(told.rows) == len(EMOTIONS) * 2


@pytest.mark.parametrize(
    ("effect", "end"), [(0.05, 0.2), (0.2, 0.2), (0.21, 0.4), (-0.41, 0.6), (0.61, 0.8), (0.81, 1.0)]
)
def test_the_axis_is_the_narrowest_that_holds_all(effect, end):
    found = measure(ratings_of(study()))
    flat = tuple(replace(one, effect=effect, interval=None) for one in found.answers)
    scale = MEASURE.plots_of(replace(found, answers=flat))[0].scale
    assert (scale.low, scale.high, scale.place(0.0)) == (-end, end, 0.5)


def test_a_figure_without_clear_effects_says_so_and_one_without_effects_is_empty():
    nothing = measure(ratings_of(study(population=DEAF, people=6)))
    assert MEASURE.plots_of(nothing)[0].finding == "No effect is shown beyond chance (after Holm’s correction)."
    lost = tuple(replace(one, effect=None, interval=None) for one in nothing.answers)
    assert MEASURE.plots_of(replace(nothing, answers=lost))[0].rows == []


def test_an_effect_that_could_not_be_tested_is_not_said_to_be_none():
    """Everybody hears minor as sadness and major as joy: there is no spread to test with, and no lack of an effect."""
    heard = [(f"P{who}", piece, mode) for who in range(6) for piece in "XY" for mode in ("minor", "major")]
    ratings = collect(
        [
            Rating(who, f"{piece}-{mode}", "", "joy", "sadness" if mode == "minor" else "joy")
            for who, piece, mode in heard
        ],
        EMOTIONS,
    )
    variants = {
        f"{piece}-{mode}": Variant(piece, {"mode": mode}, {"mode": float(mode == "major")}) for _, piece, mode in heard
    }
    found = measure(replace(ratings, cues=gather_cues(variants)))
    assert max(one.effect for one in found.answers) == pytest.approx(1.0)
    (said,) = MEASURE.sentences_of(found)
    assert "no effect could be tested" in said
    assert "beyond chance" not in said


def test_pieces_in_which_a_cue_stood_still_do_not_count_for_it():
    """Two pieces of ten vary the mode, all vary the tempo: one degree of freedom for the mode, nine for the tempo."""
    dice = np.random.default_rng(1)
    cells = [
        (p, piece, tempo, mode)
        for p in range(12)
        for piece in range(10)
        for tempo in (0, 1)
        for mode in ((0, 1) if piece < 2 else (0,))
    ]
    people, pieces, tempo, mode = (np.array(column) for column in zip(*cells, strict=True))
    found = fit_effects(dice.random((len(cells), 1)), np.stack([tempo, mode], axis=1).astype(float), people, pieces)
    assert found.degrees.round(6).tolist()[1] == 1.0
    assert found.degrees[0] > 5.0


def test_a_piece_that_was_not_varied_in_a_cue_tells_nothing_of_its_weight():
    """One piece, heard as fear, is varied in mode alone; the other, heard as awe, in tempo, which does nothing."""
    clips = {
        "S1": Variant("A", {"mode": "minor"}, {"mode": 0}),
        "S2": Variant("A", {"mode": "major"}, {"mode": 1}),
        "S3": Variant("B", {"tempo": "slow"}, {"tempo": 0.7}),
        "S4": Variant("B", {"tempo": "fast"}, {"tempo": 1.4}),
    }
    rows = [
        Rating(f"P{p}", clip, "", "", "fear" if clip in ("S1", "S2") else "awe") for p in range(4) for clip in clips
    ]
    found = measure(replace(collect(rows), cues=gather_cues(clips)))
    weights = [one.standardised for one in found.answers if one.standardised is not None]
    assert weights
    assert weights == pytest.approx([0.0] * len(weights))


def coverage(population, studies, people, pieces, *, square, seed):
    """Shares of intervals that hold the truth, and of studies with any effect significant after Holm."""
    generator, known = np.random.default_rng(seed), truth(population)
    held, found_any = [], 0
    for _ in range(studies):
        found = measure(ratings_of(draw(population, generator, people, pieces, square=square)))
        for one in found.answers:
            low, high = one.interval
            held.append(low <= known[EMOTIONS.index(one.said), NAMES.index(one.cue)] <= high)
        found_any += any(one.p_holm < 0.05 for one in found.answers)
    return np.mean(held), found_any / studies


@pytest.mark.parametrize("square", [True, False, "dealt"], ids=["Latin square", "factorial", "square as dealt"])
def test_intervals_hold_the_truth(square):
    """Standard error of 8 × 60 dependent intervals: about .015."""
    held, _ = coverage(HEARING, 60, 16, 8, square=square, seed=5)
    assert 0.91 <= held <= 0.985


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("people", "pieces", "most"), [(16, 4, 1.0), (16, 8, 0.985), (40, 8, 0.985)])
@pytest.mark.parametrize("square", [True, False, "dealt"], ids=["Latin square", "factorial", "square as dealt"])
def test_intervals_hold_the_truth_and_nothing_is_found_where_nothing_is(people, pieces, most, square):
    """Four pieces leave three degrees of freedom: intervals are on the safe side, up to .996 in a Latin square."""
    held, _ = coverage(HEARING, 500, people, pieces, square=square, seed=11)
    assert 0.93 <= held <= most
    held, found_any = coverage(DEAF, 500, people, pieces, square=square, seed=12)
    assert 0.93 <= held <= most
    assert found_any <= 0.07
