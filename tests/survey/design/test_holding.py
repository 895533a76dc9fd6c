"""Plans that cannot hold are refused with a sentence that says what to change; plans that can are not."""

import pytest

from survey.design.balancing import Offer
from survey.design.holding import GOLD, PRACTICE, Cell, Design, reasons_against

TWO = (Cell(1, "A"), Cell(2, "B"))


def clips(group, names, *, first=0, picture=False, alone=False):
    return [
        Offer(
            first + place,
            f"p{name}" if alone else name,
            group,
            picture=f"p{name}" if picture or alone else "",
            alone=alone,
        )
        for place, name in enumerate(names)
    ]


def said(cells=TWO, offers=None, main=4, **fields):
    if offers is None:
        offers = [*clips(1, "abcdefgh"), *clips(2, "abcdefgh", first=100)]
    return reasons_against(Design(cells, offers, main, **fields))


def test_plans_that_hold_are_not_refused():
    assert said() == []
    assert said(main=8) == []
    assert said(main=7) == []
    assert said(cells=(Cell(1, "A", 3.0), Cell(2, "B")), main=8) == []
    assert said(is_between=True, main=8) == []
    assert said(order="cells_latin") == []
    assert said(order="clips_latin", main=8) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"main": 1}, "there are 2 cells and one clip per person: raise the clips per person to at least 2"),
        ({"cells": (Cell(1, "A", 9.0), Cell(2, "B"))}, "“B” would come 0.4 times per person"),
        ({"cells": (Cell(1, "A", 9.0), Cell(2, "B"))}, "raise the clips per person to at least 10, or its weight"),
        ({"offers": [*clips(1, "abcd"), *clips(2, "e", first=9)]}, "“B” would come 2 times per person, but has only 1"),
        ({"offers": [*clips(1, "abcd"), *clips(2, "abcd", first=9)], "main": 6}, "lower the clips per person to 4"),
        ({"is_between": True, "quota": 1}, "raise the quota to at least 2"),
        ({"is_between": True, "offers": [*clips(1, "abcde"), *clips(2, "abc", first=9)]}, "“B” would come 4 times"),
        ({"order": "cells_latin", "gold": 1}, "leaves no room for gold, repeat or attention trials"),
        ({"order": "clips_latin", "repeats": 1, "main": 8}, "leaves no room for gold, repeat or attention trials"),
        ({"order": "cells_latin", "is_between": True}, "Each person gets one cell, so there is no order of cells"),
        ({"order": "cells_latin", "cells": TWO[:1], "offers": clips(1, "abcdef")}, "There is only one cell"),
        ({"order": "clips_latin"}, "there are 8, and 4 per person are planned"),
        ({"order": "clips_latin", "is_between": True}, "“A” has 8, and 4 per person are planned"),
    ],
)  # fmt: skip
def test_what_cannot_hold_is_refused_with_what_to_change(fields, words):
    assert words in " ".join(said(**fields))


def test_following_the_advice_helps():
    offers = [*clips(1, "abcd"), *clips(2, "abcd", first=9)]
    assert said(offers=offers, main=6)
    assert said(offers=offers, main=4) == []
    cells = (Cell(1, "A", 9.0), Cell(2, "B"))
    offers = [*clips(1, "abcdefghijkl"), *clips(2, "mno", first=50)]
    assert said(cells=cells, offers=offers, main=9)
    assert said(cells=cells, offers=offers, main=10) == []


def test_pictures_with_music_and_alone_cannot_be_put_in_a_fixed_order_of_clips():
    offers = [*clips(1, "ab", picture=True), *clips(2, "ab", first=9, alone=True)]
    assert "where pictures come with music and alone" in " ".join(said(offers=offers, order="clips_latin"))


def test_cells_in_blocks_need_pictures_for_those_who_see_them_with_music_first():
    def tried(names):
        offers = [*clips(1, names, picture=True), *clips(2, names, first=50, alone=True)]
        return said(offers=offers, order="cells_latin")

    assert tried("abcd") == []
    assert "needs 4 pictures, and there are 3" in tried("abc")[0]


def test_a_gold_clip_that_everybody_meets_before_is_refused_by_name():
    offers = [*clips(1, "abcd"), *clips(GOLD, "ax", first=50), *clips(PRACTICE, "a", first=90)]
    found = said(cells=TWO[:1], offers=offers, main=2, gold=1, practice=1, names={50: "the gold clip", 0: "main a"})
    assert "Nobody could ever get main a, the gold clip" in found[0]


def test_gold_clips_among_main_clips_that_are_all_needed_are_refused():
    offers = [*clips(1, "abcd"), *clips(GOLD, "ab", first=50)]
    assert "Practice and gold clips are among the main clips too" in said(cells=TWO[:1], offers=offers, gold=2)[0]
    assert said(cells=TWO[:1], offers=offers, main=2, gold=2) != []
    offers = [*clips(1, "abcde"), *clips(GOLD, "ab", first=50)]
    assert said(cells=TWO[:1], offers=offers, main=4, gold=1) == []


def test_a_picture_that_everybody_sees_in_practice_cannot_come_alone():
    offers = [*clips(1, "abcd", alone=True), *clips(PRACTICE, "a", first=50, picture=True)]
    assert "Nobody could ever get" in said(cells=TWO[:1], offers=offers, main=2, practice=1)[0]


@pytest.mark.parametrize(("group", "name"), [(GOLD, "gold"), (PRACTICE, "practice")])
def test_clips_of_a_kind_that_no_trial_is_planned_for_are_refused(group, name):
    offers = [*clips(1, "abcd"), *clips(group, "xy", first=50)]
    assert f"2 {name} clips are chosen, but no {name} trial is planned" in said(cells=TWO[:1], offers=offers, main=2)[0]


def test_three_of_many_stimuli_that_nobody_could_get_are_named_and_the_others_counted():
    offers = [*clips(1, "abcdefgh"), *clips(PRACTICE, "abcde", first=50)]
    names = {key: f"clip {key}" for key in range(8)}
    found = said(cells=TWO[:1], offers=offers, main=3, practice=5, names=names)
    assert "Nobody could ever get clip 0, clip 1, clip 2 and 2 more" in found[0]
