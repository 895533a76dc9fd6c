"""Cells per composer: which clips they hold, how people are spread over them, what is refused."""

from collections import Counter

import pytest
from django.test import Client

from generation.models import PairVersion
from survey import actions
from survey.actions.cells import DraftRefused
from survey.models import Condition, Participant, Response, Stimulus, Trial
from survey.preregistration import write_preregistration
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TWO = {"music_only:muse": 1.0, "music_only:paper": 1.0}


def both(count=8):
    """Clips of two composers for the same pictures."""
    return make_versions(count) + make_versions(count, composer="paper", first=100)


def cells_met():
    """participant → the composers of the clips they were given"""
    met = {}
    for person, composer in Trial.objects.values_list("participant", "stimulus__composer"):
        met.setdefault(person, set()).add(composer)
    return met


def test_a_cell_of_one_composer_holds_its_clips_alone():
    study = make_study(versions=both(), cells={**TWO, "matched:muse": 2.0}, publish=False)
    cells = {cell.name: cell for cell in study.conditions.all()}
    assert [(cell.name, cell.composer, cell.weight) for cell in cells.values()] == [
        ("Music only · muse", "muse", 1.0),
        ("Music only · paper", "paper", 1.0),
        ("Matching pair · muse", "muse", 2.0),
    ]
    for cell in cells.values():
        assert set(cell.stimuli.values_list("composer", flat=True)) == {cell.composer}
        assert cell.stimuli.count() == 8


def test_within_participants_everyone_hears_both_composers_and_the_answers_are_even():
    study = make_study(versions=both(), cells=TWO, clips_per_participant=8)
    for _ in range(4):
        Listener(study.slug).take_part()
    assert set(map(frozenset, cells_met().values())) == {frozenset({"muse", "paper"})}
    answers = Counter(Response.objects.values_list("trial__stimulus__composer", flat=True))
    assert answers == {"muse": 16, "paper": 16}


def test_within_participants_weights_say_how_many_answers_a_composer_gets():
    cells = {"music_only:muse": 3.0, "music_only:paper": 1.0}
    study = make_study(versions=both(12), cells=cells, clips_per_participant=8)
    for _ in range(6):
        Listener(study.slug).take_part()
    answers = Counter(Response.objects.values_list("trial__stimulus__composer", flat=True))
    assert answers == {"muse": 36, "paper": 12}


def test_between_participants_a_person_meets_one_composer_only_and_the_groups_are_even():
    study = make_study(versions=both(), cells=TWO, spread="between", clips_per_participant=6)
    for _ in range(6):
        Listener(study.slug).take_part()
    met = cells_met()
    assert all(len(composers) == 1 for composers in met.values())
    assert Counter(next(iter(composers)) for composers in met.values()) == {"muse": 3, "paper": 3}
    assert Trial.objects.count() == 36
    assert set(Participant.objects.values_list("condition__composer", flat=True)) == {"muse", "paper"}


def test_between_participants_weights_say_how_many_people_a_composer_gets():
    cells = {"music_only:muse": 1.0, "music_only:paper": 2.0}
    study = make_study(versions=both(), cells=cells, spread="between", clips_per_participant=2)
    for _ in range(6):
        Listener(study.slug).take_part()
    assert Counter(next(iter(met)) for met in cells_met().values()) == {"muse": 2, "paper": 4}


def test_mismatched_cells_of_two_composers_show_the_same_pictures():
    own = make_versions(8)
    theirs = make_versions(8, composer="paper")
    study = make_study(versions=own + theirs, cells={"mismatched:muse": 1.0, "mismatched:paper": 1.0}, publish=False)
    shown = {
        cell.composer: sorted(cell.stimuli.values_list("picture_sha256", flat=True)) for cell in study.conditions.all()
    }
    assert shown["muse"] == shown["paper"]
    assert len(set(shown["muse"])) == 8
    assert not any(stimulus.emotion == stimulus.picture_emotion for stimulus in study.stimuli.all())


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"music_only:neutral": 1.0}, "No main clip of neutral is chosen, so the cell “Music only · neutral” would be"),
        ({"music_only": 1.0, "music_only:muse": 1.0}, "is chosen for all composers together and for muse alone"),
        ({"picture_only:muse": 1.0}, "There is no cell 'picture_only:muse'"),
        ({"smell": 1.0}, "There is no cell 'smell'"),
    ],
)
def test_a_cell_that_cannot_be_filled_is_refused_with_a_sentence_and_nothing_changes(cells, words):
    study = make_study(versions=both(4), cells=TWO, publish=False, clips_per_participant=4)
    before = set(study.stimuli.values_list("pk", flat=True))
    with pytest.raises(DraftRefused, match=words):
        actions.set_stimuli(study=study, versions=list(PairVersion.objects.all()), by=study.owner, cells=cells)
    assert set(study.stimuli.values_list("pk", flat=True)) == before
    assert study.conditions.count() == 2


def test_a_new_version_a_preregistration_and_the_monitor_name_the_composers_cells():
    study = make_study(versions=both(4), cells=TWO, clips_per_participant=4)
    text = write_preregistration(study)
    assert "- Cell “Music only · paper”: Music only, music of paper alone, weight 1" in text
    copy = actions.make_new_version(study=study, by=study.owner)
    assert sorted(copy.conditions.values_list("composer", flat=True)) == ["muse", "paper"]
    client = Client()
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/monitor/").content.decode()
    assert '<th scope="row">Music only · muse</th><td class="number">4</td>' in page
    assert "Music only · paper" in page


def clips_page(study, **chosen):
    client = Client()
    client.force_login(study.owner)
    return client.post(f"/studies/{study.slug}/clips/", chosen, follow=True)


def test_the_clips_page_offers_a_cell_for_each_composer_and_keeps_what_was_chosen():
    versions = both(4)
    study = actions.create_study(by=make_researcher(), title="Two composers")
    ids = [str(version.public_id) for version in versions]
    cells = {"cell_music_only:muse": "on", "weight_music_only:muse": "2", "cell_music_only:paper": "on"}
    page = clips_page(study, **cells, main=ids).content.decode()
    assert "8 stimuli are chosen." in page
    assert dict(study.conditions.values_list("composer", "weight")) == {"muse": 2.0, "paper": 1.0}
    client = Client()
    client.force_login(study.owner)
    shown = client.get(f"/studies/{study.slug}/clips/").content.decode()
    assert 'name="cell_music_only:muse" id="id_cell_music_only:muse" checked' in shown
    assert 'name="weight_music_only:muse" value="2.0"' in shown
    assert 'name="cell_picture_only:muse"' not in shown
    assert shown.count('name="main"') == shown.count("checked> Main") == 8


def test_the_clips_page_refuses_an_empty_cell_and_keeps_the_selection_on_the_screen():
    versions = both(4)
    study = actions.create_study(by=make_researcher(), title="Two composers")
    muse = [str(version.public_id) for version in versions if version.composer == "muse"]
    response = clips_page(study, **{"cell_music_only:paper": "on"}, main=muse)
    page = response.content.decode()
    assert response.status_code == 400
    assert "No main clip of paper is chosen" in page
    assert page.count("checked> Main") == 4
    assert Stimulus.objects.count() == Condition.objects.count() == 0


def test_the_clips_page_says_which_clips_no_cell_uses():
    versions = both(4)
    study = actions.create_study(by=make_researcher(), title="Two composers")
    page = clips_page(
        study, **{"cell_music_only:paper": "on"}, main=[str(version.public_id) for version in versions]
    ).content.decode()
    assert "4 stimuli are chosen." in page
    assert "4 of the chosen clips fit no cell and are left out (of muse): no cell plays muse." in page
