"""What answers to pairs tell, against published numbers and against simulation."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from scipy.stats import binom, t

from generation.listening import shares
from generation.listening.shares import FEWEST_ANSWERS, d_prime, say_ends, say_found, say_preferred, share_of
from generation.templatetags.listening import d_primes


def test_the_examples_hold() -> None:
    assert doctest.testmod(shares).failed == 0


def test_wilson_of_81_in_263_is_newcombes() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857–872, table I: .2553 to .3662."""
    found = share_of({"one": (81, 263)})
    assert found is not None
    assert found.interval == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(("hits", "answers"), [(15, 20), (5, 20), (0, 4), (12, 24), (31, 40)])
def test_the_test_against_guessing_sums_both_tails(hits: int, answers: int) -> None:
    found = share_of({"one": (hits, answers)})
    assert found is not None
    tail = binom.cdf(min(hits, answers - hits), answers, 0.5)
    assert found.p == pytest.approx(min(1.0, 2 * tail))


def test_d_prime_of_a_choice_between_two_is_that_of_the_tables() -> None:
    """Macmillan & Creelman (2005), table A5.2: 76 % right is d′ 1.00 within rounding, 92 % is 1.99."""
    assert d_prime(0.76) == pytest.approx(1.00, abs=0.005)
    assert d_prime(0.92) == pytest.approx(1.99, abs=0.005)
    assert (d_prime(0.0), d_prime(1.0)) == (-math.inf, math.inf)


def test_people_who_differ_widen_the_interval_over_listeners() -> None:
    alike = share_of({"a": (14, 20), "b": (14, 20), "c": (14, 20)})
    apart = share_of({"a": (20, 20), "b": (8, 20), "c": (14, 20)})
    assert alike is not None
    assert apart is not None
    assert alike.interval == apart.interval
    assert alike.over_listeners is not None
    assert apart.over_listeners is not None
    assert apart.over_listeners[0] < alike.over_listeners[0] < alike.interval[0]
    assert apart.tells == apart.over_listeners


def test_the_variance_over_listeners_is_the_ratio_estimators_by_hand() -> None:
    """42 of 60; residuals 4, −4, 0: variance 1.5 · 32 / 3600, effective answers .21 / (1/75) = 15.75."""
    found = share_of({"a": (18, 20), "b": (10, 20), "c": (14, 20)})
    assert found is not None
    quantile = t.ppf(0.975, 2)
    middle = (0.7 + quantile**2 / 31.5) / (1 + quantile**2 / 15.75)
    half = quantile / (1 + quantile**2 / 15.75) * math.sqrt(0.21 / 15.75 + quantile**2 / (4 * 15.75**2))
    assert found.over_listeners == pytest.approx((middle - half, middle + half))


@pytest.mark.parametrize("people", [3, 8, 20])
def test_the_interval_over_listeners_holds_the_truth_where_the_plain_one_does_not(people: int) -> None:
    """People's own shares spread around .65 with standard deviation .13, 20 answers each."""
    random = np.random.default_rng(5)
    held = {"plain": 0, "over": 0}
    series = 500
    for _ in range(series):
        own = random.beta(8.5, 8.5 * 0.35 / 0.65, people)
        found = share_of({str(i): (int(random.binomial(20, share)), 20) for i, share in enumerate(own)})
        assert found is not None
        assert found.over_listeners is not None
        held["plain"] += found.interval[0] <= 0.65 <= found.interval[1]
        held["over"] += found.over_listeners[0] <= 0.65 <= found.over_listeners[1]
    assert held["over"] / series >= 0.93
    assert held["plain"] / series <= 0.85


def test_one_listener_has_no_interval_over_listeners_and_nobody_no_share() -> None:
    one = share_of({"a": (15, 20), "silent": (0, 0)})
    assert one is not None
    assert (one.listeners, one.over_listeners) == (1, None)
    assert share_of({}) is None
    assert share_of({"silent": (0, 0)}) is None
    with pytest.raises(ValueError, match="more hits than answers"):
        share_of({"a": (3, 2)})


def test_nothing_is_said_before_there_are_twenty_answers() -> None:
    few, enough = share_of({"a": (19, 19)}), share_of({"a": (20, 20)})
    assert few is not None
    assert enough is not None
    assert FEWEST_ANSWERS == 20
    assert say_found(few) == "Too few answers to say anything: 19 of the 20 it takes."
    assert say_preferred(few).startswith("Too few preferences")
    assert say_found(enough).startswith("The played clip is told from the composed one")


def test_with_twenty_answers_three_right_in_four_are_told_in_62_of_100_series() -> None:
    """The figure beside `FEWEST_ANSWERS`, and the one for ten."""

    def told(answers: int) -> float:
        results = [share_of({"a": (hits, answers)}) for hits in range(answers + 1)]
        return sum(
            float(binom.pmf(hits, answers, 0.75))
            for hits, found in enumerate(results)
            if found is not None and found.interval[0] > 0.5
        )

    assert (round(told(20), 2), round(told(10), 2)) == (0.62, 0.24)


def test_an_interval_with_guessing_in_it_says_cannot_say_and_not_no_difference() -> None:
    found = share_of({"a": (22, 40)})
    assert found is not None
    said = say_found(found)
    assert said.startswith("Cannot say: between 39\xa0% and 70\xa0%")
    assert "no sign that nobody hears a difference" in said
    assert "one person’s ear" in said


def test_composed_clips_may_be_taken_for_played_ones_and_be_preferred() -> None:
    found = share_of({"a": (5, 30), "b": (5, 30), "c": (5, 30), "d": (6, 30)})
    assert found is not None
    assert "taken for the played one" in say_found(found)
    assert say_preferred(found).startswith("The composed clip is preferred: the played one in at most")
    assert "one person" not in say_found(found)


@pytest.mark.parametrize("answers", range(2, 61))
def test_none_or_all_right_leave_one_end_of_d_prime_infinite(answers: int) -> None:
    """A rounding error of 5.6e-17 would put −∞ at −11.73."""
    none, every = (share_of({"a": (hits, answers), "b": (hits, answers)}) for hits in (0, answers))
    assert none is not None
    assert every is not None
    for lowest, highest in ((none.tells, every.tells), (none.interval, every.interval)):
        assert (lowest[0], highest[1]) == (0.0, 1.0)
    assert d_primes(none).startswith("−∞ (−∞ to ")
    assert d_primes(every).endswith(" to ∞)")


def test_a_bound_that_is_said_holds() -> None:
    """22 of 27: Wilson's lower end is 63.3 %, the upper one 91.8 %."""
    found = share_of({"a": (22, 27)})
    assert found is not None
    assert found.interval == pytest.approx((0.6330, 0.9182), abs=5e-5)
    assert say_ends(found.interval) == ("63\xa0%", "92\xa0%")
    assert "in at least 63\xa0% of pairs" in say_found(found)
    assert say_ends((0.6396, 0.8801)) == ("63\xa0%", "89\xa0%")


def test_two_listeners_who_agree_by_chance_prove_little_of_others() -> None:
    found = share_of({"a": (16, 20), "b": (16, 20)})
    assert found is not None
    assert found.interval[0] > 0.5
    assert say_found(found).startswith("Cannot say")
