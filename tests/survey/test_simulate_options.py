"""Simulated participants come through every option a study can have: all pairs of options, to the end."""

import itertools
import json
import random
from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from survey.first_words import default_wording
from survey.models import Participant, Response
from tests.survey.factories import make_study, make_versions

pytestmark = pytest.mark.django_db(transaction=True)

OPTIONS = {
    "mode": ["choose", "yes_no"],
    "cells": ["picture_only", "matched", "music_only", "all"],
    "spread": ["within", "between"],
    "trial_order": ["random", "cells_latin", "clips_latin"],
    "practice_trials": [0, 1],
    "gold_trials": [0, 1],
    "repeat_trials": [0, 1],
    "replay_cap": [None, 1],
    "require_listening": [True, False],
    "ask_confidence": [True, False],
    "ask_affect": [True, False],
    "ask_word": [True, False],
    "ask_background": [True, False],
    "offer_none": [True, False],
    "headphones": ["none", "record", "gate"],
    "headphone_test": ["huggins", "antiphase"],
    "recruiter": ["plain", "prolific", "cloudresearch", "mturk", "sona"],
    "languages": [("en",), ("de", "fr"), ("tr", "es", "en")],
}
EACH = 4


def can_be(chosen):
    """Whether publishing would take these together, as far as they are chosen."""
    order, cells = chosen.get("trial_order", "random"), chosen.get("cells")
    if order == "random":
        return True
    if chosen.get("gold_trials") or chosen.get("repeat_trials"):
        return False
    if order == "cells_latin":
        return chosen.get("spread") != "between" and cells in (None, "all")
    return cells != "all"


def pairs_of(chosen):
    return set(itertools.combinations(sorted(chosen.items(), key=lambda item: item[0]), 2))


def all_pairs():
    found = set()
    for one, other in itertools.combinations(sorted(OPTIONS), 2):
        for values in itertools.product(OPTIONS[one], OPTIONS[other]):
            chosen = dict(zip((one, other), values, strict=True))
            if can_be(chosen):
                found |= pairs_of(chosen)
    return found


def studies():
    """Few settings of all options that hold every pair of values together; greedy, the same in every run."""
    dice, open_pairs, settings = random.Random(7), all_pairs(), []
    while open_pairs:
        first = dict(min(open_pairs, key=repr))
        best = max((complete(first, open_pairs, dice) for _ in range(12)), key=lambda s: len(pairs_of(s) & open_pairs))
        settings.append(best)
        open_pairs -= pairs_of(best)
    return settings


def complete(first, open_pairs, dice):
    chosen = dict(first)
    names = [name for name in OPTIONS if name not in chosen]
    dice.shuffle(names)
    for name in names:
        able = [value for value in OPTIONS[name] if can_be({**chosen, name: value})]
        dice.shuffle(able)
        chosen[name] = max(able, key=lambda value: len(pairs_of({**chosen, name: value}) & open_pairs))
    return chosen


STUDIES = studies()


def make(chosen):
    fields = dict(chosen)
    own, *others = fields.pop("languages")
    kind = fields.pop("cells")
    kinds = ("matched", "music_only", "picture_only") if kind == "all" else (kind,)
    versions = make_versions(12)
    number = EACH if fields["trial_order"] == "clips_latin" else 10
    practice = versions[10:11] if fields["practice_trials"] else ()
    gold = versions[11:12] if fields["gold_trials"] else ()
    return make_study(
        versions=versions[:number],
        practice=practice,
        gold=gold,
        cells=dict.fromkeys(kinds, 1.0),
        clips_per_participant=EACH,
        language=own,
        translations={code: {"title": "A", **default_wording(code, fields["mode"])} for code in others},
        **fields,
    )


def test_all_pairs_that_can_be_are_covered_by_a_few_dozen_studies():
    covered = set().union(*(pairs_of(chosen) for chosen in STUDIES))
    assert all_pairs() <= covered
    assert all(can_be(chosen) for chosen in STUDIES)
    assert len(STUDIES) < 45


@pytest.mark.parametrize("number", range(len(STUDIES)))
def test_bots_take_part_to_the_end_with_nothing_lost(live_server, number):
    chosen = STUDIES[number]
    study = make(chosen)
    out = StringIO()
    call_command(
        "simulate",
        study.slug,
        url=live_server.url,
        json=True,
        participants=2,
        concurrency=2,
        mix="listener=1",
        stdout=out,
    )
    result = json.loads(out.getvalue())
    assert result["errors"] == {}, chosen
    assert result["outcomes"] == {"complete": 2}, chosen
    assert (result["finished"], result["lost"], result["doubled"]) == (2, 0, 0)
    extra = chosen["practice_trials"] + chosen["gold_trials"] + chosen["repeat_trials"]
    assert Counter(Response.objects.values_list("trial__participant", flat=True)).most_common()[-1][1] == EACH + extra
    for response in Response.objects.all():
        assert (response.confidence is not None) is chosen["ask_confidence"]
        assert (response.valence is not None) is chosen["ask_affect"]
    for person in Participant.objects.all():
        assert person.language in chosen["languages"]
        assert person.external_id_hash == ""
        heard = Response.objects.filter(trial__participant=person).exclude(trial__stimulus__audio_sha256="").exists()
        if chosen["headphones"] != "none" and heard:
            assert person.headphones["passed"]
    assert result["recovery"]["of"] > 0


def test_how_many_the_rules_leave_out_is_told_with_the_reasons(live_server):
    study = make_study(exclusion_rules={"longest_run": 3}, offer_none=False)
    out = StringIO()
    call_command(
        "simulate", study.slug, url=live_server.url, participants=4, concurrency=1, mix="straightliner=1", stdout=out
    )
    assert "the rules leave out 4 of 4 who finished" in out.getvalue()
    assert "4 × straight-lining" in out.getvalue()
    assert "how it ended: 4 complete" in out.getvalue()
