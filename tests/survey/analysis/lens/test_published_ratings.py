"""A worked example from the literature: the ratings of Eerola, Friberg & Bresin (2013), reproduced from their raw data.

`eerola_2013.csv` has their 200 stimuli: levels of the cues, the melody, and the mean ratings (1 to 7) of scary, happy,
sad and peaceful. Source: Harvard Dataverse, doi:10.7910/DVN/IFOBRN (CC0), as stored in github.com/andbis/
emotionsMusicalCues (data/design_matrix.tab, data/mean_emotion_ratings.tab; 3554 and 6016 bytes, as their manifest has
it). Mode 1 is major; register, tempo and sound level rise with their levels, articulation goes from legato to staccato;
the melodies were composed for sadness, happiness, fear and peace (Vieillard et al. 2008).
"""

import csv
from pathlib import Path

import numpy as np
import pytest

from survey.analysis.lens import lens_model_equation
from survey.analysis.lens.equation import adjusted_consistencies
from survey.analysis.lens.moments import moments_of
from survey.analysis.lens.weights import PENALTIES, ridge_weights

with (Path(__file__).parent / "eerola_2013.csv").open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines))
COLUMNS = {name: np.array([float(row[name]) for row in ROWS]) for name in ROWS[0]}
EMOTIONS = ("sad", "happy", "scary", "peaceful")
"""In the order of the melodies' codes, 1 to 4."""
CUES = ("mode", "tempo", "register", "dynamics", "articulation")
LEVELS = np.stack([-COLUMNS["mode"], *(COLUMNS[name] for name in ("tempo", "register", "sound_level"))], axis=1)
LEVELS = np.concatenate([LEVELS, 5 - COLUMNS["articulation"][:, None]], axis=1)
"""More of a cue is major, fast, high, loud, legato."""
MELODIES = (COLUMNS["melody"][:, None] == np.arange(1, 5)).astype(float)
TIMBRES = (COLUMNS["timbre"][:, None] == np.arange(1, 3)).astype(float)
RATINGS = np.stack([COLUMNS[name] for name in EMOTIONS], axis=1)
PUBLISHED = {
    "happy": {"mode": 0.70, "tempo": 0.35, "register": 0.31, "articulation": -0.15},
    "sad": {"mode": -0.74, "tempo": -0.47, "articulation": 0.19},
    "scary": {"material": 0.75, "register": -0.39, "mode": -0.30, "dynamics": 0.28},
    "peaceful": {"tempo": -0.39, "dynamics": -0.38, "register": 0.26, "mode": 0.22},
}
"""Standardised weights as benchmarks/loop/cue_weights.csv quotes them; material is that of the scary melody."""


def weights(penalty):
    """Emotion → cue → standardised weight of the listeners' side."""
    cues = np.concatenate([LEVELS, MELODIES[:, 2:3]], axis=1)
    found = ridge_weights(moments_of(cues, MELODIES, RATINGS), penalty).utilisation[0]
    return {name: dict(zip((*CUES, "material"), row, strict=True)) for name, row in zip(EMOTIONS, found, strict=True)}


def test_the_data_are_those_of_the_paper():
    """Two hundred stimuli, and every rating is a mean of 45."""
    assert len(ROWS) == 200
    assert COLUMNS["stimulus"].tolist() == list(range(1, 201))
    np.testing.assert_allclose(RATINGS * 45, np.round(RATINGS * 45), atol=0.0025)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_listeners_weights_are_the_published_ones(emotion):
    """The cues were varied apart from each other, so that ridge regression's least penalty is nearly none."""
    found = weights(PENALTIES[0])[emotion]
    assert {cue: found[cue] for cue in PUBLISHED[emotion]} == pytest.approx(PUBLISHED[emotion], abs=0.035)


def test_cues_rank_as_published():
    """The abstract: mode, then tempo, register, dynamics, articulation (timbre, which is no scale, left out)."""
    found = weights(PENALTIES[0]).values()
    squared = [np.mean([row[cue] ** 2 for row in found]) for cue in CUES]
    assert sorted(squared, reverse=True) == squared


def test_listeners_are_as_consistent_as_published():
    """The abstract: cues in linear encoding explain 77–89 % of the variance. R: summary(lm(…))$adj.r.squared."""
    cues = np.concatenate([LEVELS, TIMBRES, MELODIES[:, 1:]], axis=1)
    explained = adjusted_consistencies(moments_of(cues, MELODIES, RATINGS))[1][0] ** 2
    assert explained.tolist() == pytest.approx([0.886146, 0.892613, 0.862623, 0.790465], abs=1e-6)
    assert all(0.77 <= round(share, 2) <= 0.89 for share in explained.tolist())


@pytest.mark.parametrize(
    ("emotion", "expected"),
    [
        ("sad", [0.1144548277, -0.0891832022, 0.0722149072, 0.9138699941, 0.2971759471]),
        ("happy", [0.2894587692, 0.1443206394, 0.0723914966, 0.8811325324, 0.5942239065]),
        ("scary", [0.7117616509, -0.4876999512, 0.0896719367, 0.5645250958, 0.8958258706]),
        ("peaceful", [0.1173188034, 0.2647819131, 0.0984330209, 0.7429310200, 0.1470545485]),
    ],
)
def test_the_equation_is_that_of_r(emotion, expected):
    """What a melody was composed for, by the cues that were varied on purpose, to what it was rated; R 4.2.2:

    X <- with(x, cbind(-Mode, Tempo, Register, Soundlevel, Articulation, Timbre == 1, Timbre == 2))
    e <- lm((Melody == k) * 1 ~ X); s <- lm(rating ~ X)
    c(cor(Melody == k, rating), cor(fitted(e), fitted(s)), sqrt(summary(e)$r.squared), sqrt(summary(s)$r.squared),
      cor(resid(e), resid(s)))

    Cues were varied whatever the melody, so R_e is next to nothing and what goes through is unmodelled: fear lies in
    the notes of its melody.
    """
    place = EMOTIONS.index(emotion)
    cues = np.concatenate([LEVELS, TIMBRES], axis=1)
    found = lens_model_equation(cues, MELODIES[:, place : place + 1], RATINGS[:, place : place + 1])
    terms = [found.achievement, found.matching, found.sender, found.listener, found.unmodelled]
    assert [term.item() for term in terms] == pytest.approx(expected, abs=1e-9)
    left = np.sqrt((1 - found.sender**2) * (1 - found.listener**2))
    explained = found.matching * found.sender * found.listener
    assert (explained + found.unmodelled * left).item() == pytest.approx(found.achievement.item(), abs=1e-12)
