"""OASIS: themes without their numbers, and the rule from norms to soft labels."""

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from generation.emotions import EMOTIONS, SLUGS
from generation.training.datasets.oasis import (
    load_oasis,
    load_themes,
    scale_arousal,
    scale_valence,
    soft_label,
    strip_number,
)
from generation.training.workplace import TrainingRefused

REAL = Path(settings.BASE_DIR).parent / "shared" / "data" / "oasis"
needs_oasis = pytest.mark.skipif(not REAL.is_dir(), reason="OASIS is not on this machine (../shared/data/oasis)")


@pytest.mark.parametrize(
    ("theme", "stripped"),
    [
        ("Acorns 1", "Acorns"),
        ("Animal carcass 6", "Animal carcass"),
        ("Dog 31", "Dog"),
        ("Sky", "Sky"),
        ("Lake_11", "Lake"),
        ("Route 66 2", "Route 66"),
    ],
)
def test_a_theme_loses_its_number(theme, stripped):
    assert strip_number(theme) == stripped


def test_the_middle_of_the_scale_has_no_valence():
    assert (scale_valence(1.0), scale_valence(4.0), scale_valence(7.0)) == (-1.0, 0.0, 1.0)


def test_arousal_is_clipped():
    assert (scale_arousal(1.0), scale_arousal(7.0)) == (-1.0, 1.0)


@pytest.mark.parametrize("emotion", EMOTIONS, ids=lambda emotion: emotion.slug)
def test_a_picture_at_an_emotions_own_place_gets_that_emotion(emotion):
    """Anger and fear lie 0.15 apart, so the nearest still wins, if barely."""
    assert SLUGS[int(soft_label(emotion.valence, emotion.arousal).argmax())] == emotion.slug


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_soft_labels_are_probabilities(valence, arousal):
    label = soft_label(valence, arousal)
    assert label.min() >= 0
    assert label.sum() == pytest.approx(1.0)


@given(st.floats(0.2, 1), st.floats(-1, 1))
def test_a_pleasant_picture_gets_pleasant_emotions(valence, arousal):
    pleasant = np.array([emotion.valence > 0 for emotion in EMOTIONS])
    assert soft_label(valence, arousal)[pleasant].sum() > 0.5


def test_a_themes_weak_label_decides_half():
    theme = load_themes()["Cockroach"].label
    alone, helped = soft_label(-0.6, 0.1), soft_label(-0.6, 0.1, theme)
    assert np.allclose(helped, (alone + theme) / 2)
    assert SLUGS[int(helped.argmax())] == "disgust"


def test_the_theme_table_names_families_and_known_emotions():
    themes = load_themes()
    assert themes["Car accident"].family == themes["Car crash"].family
    for theme in themes.values():
        assert theme.label is None or theme.label.sum() == pytest.approx(1.0)


def write_table(folder: Path, text: str) -> Path:
    (folder / "oasis.csv").write_text(text)
    return folder


def test_a_table_is_read_with_theme_and_norms(tmp_path):
    write_table(tmp_path, "theme,valence_mean,arousal_mean,file\nTeapot 2,5.5,3.7,images/a.jpg\n")
    (picture,) = load_oasis(tmp_path)
    assert (picture.group, picture.valence, picture.arousal) == ("Teapot", 0.5, 0.0)
    assert picture.path == tmp_path / "images" / "a.jpg"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("theme,valence_mean,file\n", "lacks the column arousal_mean"),
        ("theme,valence_mean,arousal_mean,file\n", "has no rows"),
        ("theme,valence_mean,arousal_mean,file\nA 1,high,3,a.jpg\n", "row 2: valence_mean and arousal_mean"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path, text, sentence):
    with pytest.raises(TrainingRefused, match=sentence):
        load_oasis(write_table(tmp_path, text))


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(TrainingRefused, match=r"give --data the folder that holds oasis\.csv"):
        load_oasis(tmp_path)


@needs_oasis
def test_every_theme_of_the_weak_table_is_one_of_oasis():
    import csv

    with (REAL / "oasis.csv").open(newline="") as stream:
        themes = {strip_number(row["theme"]) for row in csv.DictReader(stream)}
    assert set(load_themes()) <= themes


@needs_oasis
def test_the_rule_keeps_the_polarity_of_the_human_norms():
    """The labels' own valence agrees in sign with the norm for 97 of 100 pictures."""
    pictures = load_oasis(REAL)
    valence = np.array([emotion.valence for emotion in EMOTIONS])
    agree = [(np.array(picture.label) @ valence > 0) == (picture.valence > 0) for picture in pictures]
    assert len(pictures) == 725
    assert np.mean(agree) > 0.95
