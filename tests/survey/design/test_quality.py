from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from survey.design.quality import (
    RULES,
    Checked,
    Judged,
    Rules,
    is_applied,
    judge,
    read_rules,
    say_rules,
    who_counts,
)


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


def heard(*measured):
    return [Judged("main", number, "fear", "", 9.0, measured=value) for number, value in enumerate(measured)]


@pytest.mark.parametrize(
    ("given_answers", "checked", "reasons"),
    [
        (heard(True, True), Checked(sound_measured=True, headphones_measured=True), ()),
        (heard(None, None), Checked(), ()),
        (heard(), None, ()),
        (heard(True, False, None, False), None, ("listening not measured: 2 of 3 answers",)),
        (heard(True), Checked(sound_measured=False), ("listening not measured: sound check",)),
        (
            heard(False),
            Checked(sound_measured=False, headphones_measured=False),
            ("listening not measured: 1 of 1 answers, sound check, headphone test",),
        ),
    ],
)
def test_where_listening_must_be_measured_everything_unmeasured_is_named(given_answers, checked, reasons):
    assert judge(given_answers, Rules(listening_measured=True), checked=checked).reasons == reasons
    assert judge(given_answers, Rules(), checked=checked).included


def test_practice_need_not_be_measured():
    practice = [Judged("practice", 1, "fear", "", 9.0, measured=False)]
    assert judge(practice, Rules(listening_measured=True)).included


@pytest.mark.parametrize(("allowed", "made", "included"), [(None, 9, True), (0, 0, True), (0, 1, False), (2, 2, True)])
def test_mistakes_at_the_sound_check_are_counted(allowed, made, included):
    verdict = judge([], Rules(most_sound_mistakes=allowed), checked=Checked(sound_mistakes=made))
    assert verdict.included is included
    assert verdict.reasons == (() if included else (f"sound check: wrong {made} times",))


def test_no_mistake_at_all_is_a_rule_and_an_unchecked_box_is_none():
    assert [is_applied(value) for value in (0, 0.0, True, 3, "x")] == [True] * 5
    assert [is_applied(value) for value in (None, False, "")] == [False] * 3
    assert read_rules({"most_sound_mistakes": 0, "listening_measured": True}) == Rules(
        most_sound_mistakes=0, listening_measured=True
    )


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


def gold(right, wrong):
    return [*answers(*["fear"] * right, kind="gold", expected="fear"), *answers(*["awe"] * wrong, kind="gold")]


def repeats(alike, changed):
    first = answers(*["fear"] * (alike + changed))
    return [*first, *answers(*["fear"] * alike, *["awe"] * changed, kind="repeat")]


def attention(failed, passed):
    trials = [*answers(*["awe"] * failed, kind="attention", expected="fear")]
    return [*trials, *answers(*["fear"] * passed, kind="attention", expected="fear")]


@pytest.mark.parametrize(
    ("name", "value", "said", "kept", "left_out"),
    [
        ("gold_needed", 3, "at least 3 of the gold trials answered as expected", gold(3, 1), gold(2, 2)),
        (
            "repeats_needed",
            1,
            "at least 1 of the repeat trials answered as the first time",
            repeats(1, 1),
            repeats(0, 2),
        ),
        (
            *("fastest_seconds", 2.5, "a median answer time of at least 2.5 s"),
            *(answers("fear", seconds=2.5), answers("fear", seconds=2.4)),
        ),
        ("longest_run", 2, "no run of the same answer longer than 2", answers(*"aab"), answers(*"aaab")),
        (
            *("listening_share", 0.8, "on average at least 0.8 of a clip played"),
            *(answers("fear", played=0.8), answers("fear", played=0.79)),
        ),
        ("listening_measured", True, "listening measured at every clip and test", heard(True), heard(False)),
        ("most_sound_mistakes", 1, "at most 1 of the answers at the sound check wrong", 1, 2),
        ("headphones_needed", True, "the headphone test passed", True, False),
        ("attention_failed", 2, "fewer than 2 of the attention trials failed", attention(1, 2), attention(2, 1)),
    ],
)
def test_each_rule_is_said_as_the_condition_that_the_last_one_kept_meets(name, value, said, kept, left_out):
    def counts(one):
        given_answers = one if isinstance(one, list) else []
        checked = Checked(sound_mistakes=one if name == "most_sound_mistakes" else 0)
        passed = one if name == "headphones_needed" else None
        return judge(given_answers, read_rules({name: value}), checked=checked, headphones_passed=passed).included

    assert say_rules({name: value}) == (said,)
    assert (counts(kept), counts(left_out)) == (True, False)


def test_every_rule_has_words_and_those_not_applied_are_left_out():
    assert list(RULES) == [one.name for one in fields(Rules)]
    assert who_counts({"gold_needed": None, "longest_run": "", "listening_measured": False}) == ""
    assert who_counts({"attention_failed": 1, "most_sound_mistakes": 0}) == (
        "people count with: at most 0 of the answers at the sound check wrong; "
        "fewer than 1 of the attention trials failed"
    )
