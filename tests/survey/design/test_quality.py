import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from survey.design.quality import Judged, Rules, judge, read_rules


def answers(*chosen, kind="main", seconds=5.0, expected="", played=None):
    return [Judged(kind, number, slug, expected, seconds, played) for number, slug in enumerate(chosen)]


@pytest.mark.parametrize(
    ("given_answers", "rules", "reasons"),
    [
        (
            answers("fear", "awe", kind="gold", expected="fear"),
            Rules(gold_needed=2),
            ("gold trials: 1 of 2 as expected",),
        ),
        (answers("fear", "fear", kind="gold", expected="fear"), Rules(gold_needed=2), ()),
        (
            answers("awe") + answers("fear", kind="repeat"),
            Rules(repeats_needed=1),
            ("repeat trials: 0 of 1 as before",),
        ),
        (answers("awe") + answers("awe", kind="repeat"), Rules(repeats_needed=1), ()),
        (answers("a", "b", "a", seconds=0.9), Rules(fastest_seconds=1.0), ("too fast: median 0.9 s",)),
        (answers("a", "b", "b", "b"), Rules(longest_run=2), ('straight-lining: 3 times "b" in a row',)),
        (answers("a", "b", "b"), Rules(longest_run=2), ()),
        (answers("a", "b", played=0.5), Rules(listening_share=0.8), ("too little listening: 50% of the clips' time",)),
        (answers("a", "b"), Rules(listening_share=0.8), ()),
        (answers("a", "a", "a", "a", kind="practice", seconds=0.1), Rules(fastest_seconds=1, longest_run=1), ()),
    ],
)
def test_each_rule_names_its_reason(given_answers, rules, reasons):
    assert judge(given_answers, rules).reasons == reasons


def test_a_headphone_test_that_was_not_done_is_not_held_against_anybody():
    rules = Rules(headphones_needed=True)
    results = {result: judge([], rules, headphones_passed=result).included for result in (True, False, None)}
    assert results == {True: True, False: False, None: True}


@given(
    st.dictionaries(
        st.sampled_from(["gold_needed", "longest_run", "listening_share"]),
        st.sampled_from([None, "", "3", False]),
    )
)
def test_rules_that_are_empty_are_not_applied(stored):
    assert read_rules(stored) == Rules()


def test_four_gold_items_of_which_three_are_needed_behave_as_documented():
    assert round(float(binom.sf(2, 4, 1 / 8)), 3) == 0.007
    assert round(float(binom.cdf(2, 4, 0.95)), 3) == 0.014
