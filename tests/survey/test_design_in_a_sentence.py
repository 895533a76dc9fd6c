"""The clips page says what a choice would mean before it is stored, and it is what publishing says afterwards."""

import re
from dataclasses import asdict

import pytest
from django.test import Client

from survey import actions
from survey.actions.building import plan_stimuli
from survey.models import AuditEntry, Condition, Stimulus, Study
from survey.queries.overview import overview_of
from survey.queries.planned import stored_plan
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = pytest.mark.django_db
SENTENCE = {"design": "sentence", "music": ["muse", "paper"], "heard": ["matched"], "silence": "on", "spread": "within"}


def both(count=8):
    """Clips of two composers for the same pictures; of one picture both have the same sound."""
    return [*make_versions(count), *make_versions(count, composer="paper")]


@pytest.fixture
def draft():
    return actions.create_study(by=make_researcher(), title="A sentence")


def send(study, versions, **sent):
    client = Client()
    client.force_login(study.owner)
    return client.post(
        f"/studies/{study.slug}/clips/", {"main": [str(version.public_id) for version in versions], **sent}
    )


def plain(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_same_pictures_with_two_composers_and_silence_everyone_gets_all(draft):
    versions = both(4)
    saved = send(draft, versions, **SENTENCE, clips_per_participant="6")
    assert saved.headers["Location"] == f"/studies/{draft.slug}/"
    draft.refresh_from_db()
    cells = {cell.name: cell.stimuli.count() for cell in draft.conditions.all()}
    assert cells == {"Matching pair · muse": 4, "Matching pair · paper": 4, "Picture only": 4}
    assert (draft.spread, draft.clips_per_participant) == ("within", 6)
    send(draft, versions, **{**SENTENCE, "spread": "between"}, next="publish")
    draft.refresh_from_db()
    assert (draft.spread, draft.clips_per_participant) == ("between", 6)


def test_saving_can_lead_on_to_publishing(draft):
    saved = send(draft, both(2), **SENTENCE, next="publish")
    assert saved.headers["Location"] == f"/studies/{draft.slug}/publish/"


def test_reckoning_says_what_publishing_will_say_and_stores_nothing(draft):
    versions = both(4)
    before = AuditEntry.objects.count()
    sent = {**SENTENCE, "spread": "between", "clips_per_participant": "4", "reckon": "part"}
    said = plain(send(draft, versions, **sent))
    assert "The same pictures with muse, with paper and in silence; each person gets one of the three." in said
    assert (Stimulus.objects.count(), Condition.objects.count(), AuditEntry.objects.count()) == (0, 0, before)
    draft.refresh_from_db()
    assert (draft.spread, draft.clips_per_participant) == ("within", 8)

    del sent["reckon"]
    send(draft, versions, **sent)
    client = Client()
    client.force_login(draft.owner)
    publishing = plain(client.get(f"/studies/{draft.slug}/publish/"))
    draft.refresh_from_db()
    overview = overview_of(draft)
    for cell in overview.cells:
        assert f"{cell.name} {cell.stimuli} {cell.answers_each:.1f}" in said
        assert re.search(rf"{cell.name} 1 {cell.stimuli} 0 or 4 {cell.answers_each:.1f}", publishing)
    assert f"about {overview.minutes:.0f}" in said
    assert f"about {overview.minutes:.0f} min" in publishing


@pytest.mark.parametrize("cells", [{"matched": 2.0, "mismatched": 1.0}, {"music_only:muse": 1.0, "picture_only": 1.0}])
def test_a_plan_that_is_not_stored_means_what_it_means_stored(cells):
    versions = both(8)
    study = make_study(
        versions=versions, cells=cells, publish=False, clips_per_participant=4, loudness="by_intention", quota=30
    )
    fresh = Study.objects.get(pk=study.pk)
    planned = plan_stimuli(study=fresh, versions=versions, cells=cells)
    assert asdict(overview_of(fresh, planned)) == asdict(overview_of(study, stored_plan(study)))


def test_reckoning_names_what_is_left_out_and_why(draft):
    versions = [*both(2), *make_versions(2, composer="ours", first=60)]
    bare = versions[-1]
    bare.pair.image = None
    bare.pair.save()
    sent = {**SENTENCE, "music": ["muse", "ours"], "silence": "", "reckon": "part"}
    said = plain(send(draft, versions, **sent))
    assert "2 of the chosen clips fit no cell and are left out (of paper): no cell plays paper." in said
    assert "1 of the chosen clips fits no cell and is left out (of ours): every cell shows pictures" in said
    silent = plain(send(draft, versions[:4], design="sentence", silence="on", reckon="part"))
    assert "2 of the chosen clips fit no cell and are left out" in silent
    assert "another clip shows the same picture" in silent


def test_reckoning_says_where_clips_do_not_suffice(draft):
    said = plain(send(draft, both(2), **SENTENCE, clips_per_participant="8", reckon="part"))
    assert "One person would hear 8 clips, but only 4 different ones can be given to one person" in said
    assert "3 cells and one clip per person" in plain(
        send(draft, both(2), **SENTENCE, clips_per_participant="1", reckon="part")
    )


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"music": ["*", "muse"], "heard": ["matched"]}, "both would play the same clips twice"),
        ({"music": [], "heard": ["matched"]}, "Nothing would be presented"),
        ({"music": ["muse"], "heard": []}, "Nothing would be presented"),
        ({"music": ["nobody"], "heard": ["matched"]}, "nobody is not one of the available choices"),
        ({"music": ["muse"], "heard": ["matched"], "clips_per_participant": "0"}, "greater than or equal to 1"),
        ({"music": ["muse"], "heard": ["matched"], "clips_per_participant": "201"}, "less than or equal to 200"),
    ],
)
def test_a_sentence_that_says_nothing_is_refused_with_words_and_keeps_the_choice(draft, sent, words):
    versions = both(2)
    answer = send(draft, versions, design="sentence", **sent)
    assert answer.status_code == 400
    assert words in plain(answer)
    assert answer.content.decode().count("checked> Main") == 4
    part = send(draft, versions, design="sentence", reckon="part", **sent)
    assert (part.status_code, "Mend what is marked" in plain(part)) == (200, True)


def test_a_composer_without_chosen_clips_is_named_while_one_chooses(draft):
    versions = both(2)
    said = plain(send(draft, versions[:2], **SENTENCE, reckon="part"))
    assert "No main clip of paper is chosen" in said


def test_without_script_a_button_reckons_and_the_page_keeps_the_choice(draft):
    answer = send(draft, both(2), **SENTENCE, clips_per_participant="5", reckon="page")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "in silence; everyone gets all three." in plain(answer)
    assert page.count("checked> Main") == 4
    assert 'name="clips_per_participant" value="5"' in page
    assert Stimulus.objects.count() == 0


def test_the_page_shows_a_stored_design_as_its_sentence_or_cell_by_cell():
    versions = both(4)
    client = Client()

    def checked(cells):
        study = make_study(versions=versions, cells=cells, publish=False, clips_per_participant=4)
        client.force_login(study.owner)
        page = client.get(f"/studies/{study.slug}/clips/").content.decode()
        return re.findall(r'name="(design|music|silence|heard)"(?: value="([^"]*)")?[^>]* checked', page)

    assert checked({"matched:muse": 1.0, "matched:paper": 1.0, "picture_only": 1.0}) == [
        *(("design", "sentence"), ("music", "muse"), ("music", "paper"), ("silence", ""), ("heard", "matched"))
    ]
    assert ("design", "cells") in checked({"matched": 3.0, "music_only": 1.0})


def test_a_design_that_says_no_word_of_sentences_is_taken_cell_by_cell(draft):
    send(draft, both(2), cell_music_only="on", weight_music_only="2")
    draft.refresh_from_db()
    assert list(draft.conditions.values_list("name", "weight")) == [("Music only", 2.0)]
    assert (draft.spread, draft.clips_per_participant) == ("within", 8)


@pytest.mark.parametrize(
    ("count", "balance", "warned"),
    [
        (8, "Balanced: 1 clip of every emotion.", ""),
        (3, "1 clip each of 3 of the 8 emotions that people choose from.", "only 3 of them are played"),
        (1, "1 clip each of 1 of the 8 emotions that people choose from.", "only 1 of them is played"),
    ],
)
def test_emotions_that_are_offered_and_never_played_are_no_balance(count, balance, warned):
    study = make_study(versions=make_versions(count), publish=False)
    overview = overview_of(study)
    assert overview.balance == balance
    said = [warning for warning in overview.warnings if "People choose from 8 emotions" in warning]
    assert len(said) == bool(warned)
    assert all(warned in warning for warning in said)
