"""The file of a recalibration: strictly read, the same bytes for the same content; what it does to probabilities."""

from __future__ import annotations

import json

import numpy as np
import pytest

from generation.emotions import SLUGS
from generation.networks.recalibration import FURTHEST, HOTTEST, LEAST, Recalibration, read_recalibration
from survey.teaching import Correction
from survey.teaching.pictures import FLOOR
from survey.teaching.pictures import FURTHEST as FURTHEST_TAUGHT
from survey.teaching.pictures import HOTTEST as HOTTEST_TAUGHT

BASE = {"name": "muse", "version": "2.0", "sha256": "ab" * 32}
GIVEN = Recalibration(BASE, 1.7, {"awe": 0.8, "fear": -0.3}, {"volcano": {"fear": 1.0}}, {"answers": 5})


def test_the_file_comes_back_as_it_was_and_names_its_version() -> None:
    again = read_recalibration(GIVEN.to_json())
    assert (again, again.to_json(), again.version) == (GIVEN, GIVEN.to_json(), f"2.0+{GIVEN.sha256[:10]}")
    assert sum(again.bias.values()) == pytest.approx(0.0, abs=1e-5)
    assert list(again.bias) == list(SLUGS)
    other = Recalibration(BASE, 1.7, {"fear": -0.3, "awe": 0.8}, {"volcano": {"fear": 1.0, "awe": 0.0}}, {"answers": 5})
    assert other.sha256 == GIVEN.sha256
    assert len(Recalibration({**BASE, "version": "9" * 40}).version) <= 40


def test_the_file_comes_back_as_it_was_whatever_rounding_leaves_of_the_mean() -> None:
    rng = np.random.default_rng(2)
    for digits in (2, 4, 6, 12):
        for _ in range(100):
            bias = dict(zip(SLUGS, rng.normal(size=8).round(digits).tolist(), strict=True))
            given = Recalibration(BASE, 1.7, bias)
            again = read_recalibration(given.to_json())
            assert (again.sha256, again.bias) == (given.sha256, given.bias)
            assert sum(given.bias.values()) == pytest.approx(0.0, abs=1e-5)


def test_nothing_learned_changes_nothing() -> None:
    said = np.array([0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.06, 0.04])
    assert Recalibration(BASE).revise(said, [{"name": "volcano", "probability": 0.9}]) == pytest.approx(said)


def test_it_does_what_was_fitted_to_the_last_digits() -> None:
    """Fitted in one package, applied in another: both by the same formula, within the same limits."""
    rng = np.random.default_rng(1)
    assert (LEAST, HOTTEST, FURTHEST) == (FLOOR, HOTTEST_TAUGHT, FURTHEST_TAUGHT) == (1e-6, 20.0, 5.0)
    for _ in range(20):
        said = rng.dirichlet(np.full(8, 0.3))
        said[rng.integers(8)] = 0.0
        said /= said.sum()
        bias, odds = rng.normal(size=8), rng.normal(size=(2, 8))
        bias -= bias.mean()
        words = {name: dict(zip(SLUGS, row.tolist(), strict=True)) for name, row in zip("ab", odds, strict=True)}
        found = Recalibration(BASE, 1.3, dict(zip(SLUGS, bias.tolist(), strict=True)), words)
        revised = found.revise(said, [{"name": "a", "probability": 0.7}, {"name": "c", "probability": 0.2}])
        with np.errstate(divide="ignore"):
            fitted = Correction(1.3, bias, odds).apply(np.log(said)[None], np.array([[0.7, 0.0]]))[0]
        assert revised == pytest.approx(fitted, abs=1e-5)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"temperature": 0.0}, "lies between 0.05 and 20"),
        ({"temperature": 20.1}, "lies between"),
        ({"temperature": True}, "finite number"),
        ({"temperature": "2"}, "finite number"),
        ({"bias": {"joy": 1.0}}, "none of the eight"),
        ({"bias": {"awe": 5.1}}, "at most 5"),
        ({"bias": {"awe": 5.0, "fear": -4.9, "anger": -4.9}}, "at most 5"),
        ({"bias": []}, "must be an object"),
        ({"words": {"volcano": {"joy": 1.0}}}, "'volcano' are given for 'joy'"),
        ({"words": {"volcano": {"awe": None}}}, "finite number"),
        ({"base": {"name": "muse"}}, "name, version and sha256"),
        ({"base": {**BASE, "sha256": "xy" * 32}}, "64 hexadecimal"),
        ({"provenance": {"a": "\u0000"}}, "NUL"),
        ({"provenance": {"a": "b" * 200_000}}, "shorten its provenance"),
        ({"format": "melodymuse-recalibration-2"}, "its format is not"),
        ({"more": 1}, "unknown: 'more'"),
    ],
)
def test_a_file_that_says_something_else_is_refused(changed: dict[str, object], sentence: str) -> None:
    content = json.loads(GIVEN.to_json()) | changed
    with pytest.raises(ValueError, match=sentence):
        read_recalibration(json.dumps(content).encode())


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b'{"format": NaN}', b"[" * 100_000])
def test_what_is_no_recalibration_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="This is no recalibration"):
        read_recalibration(raw)


def test_a_file_that_lacks_something_is_refused() -> None:
    content = json.loads(GIVEN.to_json())
    del content["words"]
    with pytest.raises(ValueError, match="lacking or unknown: 'words'"):
        read_recalibration(json.dumps(content).encode())
