"""A draft that compares two clips: what is in its way, and what its pages say of pairs."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from django.test import Client

from generation.emotions import SLUGS
from survey import actions
from survey.actions.building import plan_stimuli
from survey.actions.comparing import pair_reasons
from survey.actions.publishing import PublishRefused, reasons_against_publishing
from survey.models import Study
from survey.queries.overview import overview_of
from survey.queries.pairs import frame_of_pairs, pair_rows, planned_rows
from survey.queries.planned import stored_plan
from tests.survey.comparing import FITTING, comparing, two_composers
from tests.survey.factories import SECONDS, make_study, make_versions

pytestmark = pytest.mark.django_db


def test_a_draft_says_everything_that_is_in_the_way():
    study = make_study(
        versions=two_composers(3),
        mode="fits",
        cells={"matched": 1.0, "music_only:muse": 1.0},
        publish=False,
        gold_trials=1,
        repeat_trials=1,
        spread="between",
        loudness="by_intention",
        ask_affect=True,
    )
    reasons = " ".join(reasons_against_publishing(study))
    for said in (
        "every cell presents picture and music",
        "no pair to compare",
        "no right answer",
        "everyone gets every cell",
        "equally loud",
        "ask about one clip",
    ):
        assert said in reasons


def test_more_pairs_than_there_are_cannot_be_asked_for():
    with pytest.raises(PublishRefused, match="only 3 different"):
        comparing(count=3, clips_per_participant=4)


def test_clips_that_meet_no_other_are_named():
    versions = two_composers(3)
    with pytest.raises(PublishRefused, match="1 main clips have no other clip"):
        make_study(versions=versions[:-1], mode="fits", cells=FITTING, clips_per_participant=2)


FOUR = {f"matched:{name}": 1.0 for name in ("muse", "paper", "xx", "yy")}


def four_composers(*, joined):
    """Muse and paper to four pictures, xx and yy to four others; `joined`: one more clip of muse to one of those."""
    there = [
        make_versions(4, composer=name, first=first, tones=tones)
        for name, first, tones in (("muse", 0, 0), ("paper", 0, 100), ("xx", 4, 200), ("yy", 4, 300))
    ]
    bridge = make_versions(1, composer="muse", first=4, tones=400) if joined else []
    return [version for versions in (*there, bridge) for version in versions]


def test_cells_that_nothing_connects_cannot_be_published():
    study = make_study(
        versions=four_composers(joined=False), mode="fits", cells=FOUR, clips_per_participant=8, publish=False
    )
    (reason,) = reasons_against_publishing(study)
    assert (
        "against each other: Matching pair · muse and Matching pair · paper;"
        " Matching pair · xx and Matching pair · yy. On the page of clips, add clips of one picture" in reason
    )
    with pytest.raises(PublishRefused, match="never be compared"):
        actions.publish(study=study, by=study.owner)


def test_one_clip_that_connects_them_is_enough():
    study = make_study(versions=four_composers(joined=True), mode="fits", cells=FOUR, clips_per_participant=8)
    assert study.published_at is not None


def test_a_draft_without_pairs_can_be_previewed_to_its_end():
    study = make_study(versions=two_composers(2), mode="fits", publish=False)
    person = actions.open_preview(study=study, by=study.owner)
    assert actions.give_trial(participant=person) is None


def test_choosing_the_form_brings_its_answers_and_words_and_back():
    study = make_study(versions=two_composers(2), cells=FITTING, publish=False)
    edited = actions.edit_study(study=study, by=study.owner, mode="fits")
    assert list(edited.choices.values_list("slug", flat=True)) == ["first", "second"]
    assert "both clips" in edited.instructions
    assert "fits a picture better" in edited.consent_text
    back = actions.edit_study(study=edited, by=study.owner, mode="choose")
    assert set(back.choices.values_list("slug", flat=True)) == {*SLUGS, "none"}
    assert "two clips" not in back.question


def test_a_new_version_compares_as_the_old_one_did():
    study = comparing()
    copy = actions.make_new_version(study=study, by=study.owner)
    assert copy.form.mode == "fits"
    assert reasons_against_publishing(copy) == []
    assert len(frame_of_pairs(copy).pairs["main"]) == 4


def test_a_plan_of_one_cell_and_unequal_weights_are_refused():
    study = comparing(count=2, publish=False, analysis_plan={"primary_cell": "matched"})
    assert any("The plan names a primary cell" in reason for reason in reasons_against_publishing(study))
    uneven = comparing(count=2, publish=False, cells={"matched:muse": 2.0, "matched:paper": 1.0})
    assert any("cannot have different weights" in reason for reason in reasons_against_publishing(uneven))


def test_a_session_lasts_both_clips():
    of_one = make_study(versions=two_composers(4), cells=FITTING, clips_per_participant=4, publish=False)
    before = overview_of(of_one).minutes
    both = actions.edit_study(study=of_one, by=of_one.owner, mode="fits")
    assert overview_of(both).minutes - before == pytest.approx(4 * SECONDS / 60)


def test_a_plan_that_is_not_stored_has_the_pairs_that_it_has_stored():
    versions = [*two_composers(4), *make_versions(2, composer="paper", emotions=SLUGS, first=50, tones=200)]
    study = make_study(publish=False, versions=versions, mode="fits", cells=FITTING, clips_per_participant=3)
    shown = plan_stimuli(study=study, versions=versions, cells=FITTING)
    assert all(one.pk is None for one in shown.stimuli)
    assert planned_rows(study, shown) == planned_rows(study, stored_plan(study)) == pair_rows(study)
    assert asdict(overview_of(study, shown)) == asdict(overview_of(study))
    [said] = pair_reasons(study, shown)
    assert said.startswith("2 main clips have no other clip of their picture in another cell")
    assert said in reasons_against_publishing(study)


def test_a_cell_plays_in_as_many_trials_as_it_has_pairs():
    versions = [*two_composers(4), *make_versions(1, composer="neutral", emotions=SLUGS, tones=300)]
    cells = {**FITTING, "matched:neutral": 1.0}
    study = make_study(versions=versions, mode="fits", cells=cells, clips_per_participant=6, quota=10)
    overview = overview_of(study)
    assert [row.pairs for row in overview.pairs] == [4, 1, 1]
    assert overview.judged_each == 10
    answers = [(cell.answers_each, cell.fewest, cell.most) for cell in overview.cells]
    assert answers == [(12.5, 0, 6), (12.5, 0, 6), (20, 0, 6)]


def reckoned(study, versions, **sent):
    client = Client()
    client.force_login(study.owner)
    main = [str(one.public_id) for one in versions]
    sent = {"main": main, "design": "sentence", "heard": ["matched"], "reckon": "part", **sent}
    page = client.post(f"/studies/{study.slug}/clips/", sent).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_of_clips_says_what_a_choice_means_for_pairs():
    versions = two_composers(4)
    study = make_study(publish=False, versions=versions[:1], mode="fits", clips_per_participant=4, quota=10)
    said = reckoned(study, versions, music=["muse", "paper"], clips_per_participant="4")
    assert "Two clips of one picture, from two of: muse, paper." in said
    assert "with 10 people each is judged about 10 times Cells Pairs Matching pair · muse and" in said
    assert "Matching pair · paper 4" in said
    assert "To be changed" not in said
    said = reckoned(study, versions, music=["muse", "paper"], clips_per_participant="5")
    assert "One person would compare 5 pairs, but there are only 4 different ones" in said
    said = reckoned(study, versions, music=["*"], clips_per_participant="4")
    assert "from two composers: choose at least two." in said
    assert "There is no pair to compare" in said
    said = reckoned(study, versions, music=["muse", "paper"], silence="on")
    assert "these do not: Picture only." in said


def test_nobody_can_have_one_cell_alone_of_a_comparison():
    versions = two_composers(4)
    study = make_study(publish=False, versions=versions, mode="fits", cells=FITTING, clips_per_participant=4)
    client = Client()
    client.force_login(study.owner)
    address = f"/studies/{study.slug}/clips/"
    assert 'name="spread"' not in client.get(address).content.decode()
    sent = {"main": [str(one.public_id) for one in versions], "design": "sentence", "music": ["muse", "paper"]}
    answer = client.post(address, {**sent, "heard": ["matched"], "spread": "between"})
    assert answer.status_code == 400
    assert "so everyone gets all cells" in answer.content.decode()
    Study.objects.update(spread="between")
    assert client.post(address, {**sent, "heard": ["matched"]}).status_code == 302
    assert Study.objects.get().spread == "within"
