"""What people said beside their choice, from the database to the page: asked, not asked, deleted, simulated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from survey.actions import anonymise_due
from survey.figures import figures_of
from survey.figures.html_report import write_report_page
from survey.findings import report_of
from survey.findings.columns import WORDS_GONE
from survey.models import Participant, Study
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.rich_study import Speaker

pytestmark = pytest.mark.django_db
CELLS = {"music_only": 1.0}
SINGLE = "my cat Rex"


def test_a_word_of_one_person_is_on_no_page_and_one_of_several_is():
    study = make_study(cells=CELLS, ask_word=True)
    first = []

    def say(participant, stimulus, chosen):
        first.append(participant)
        return {"word": SINGLE if participant == first[0] else "gloomy"}

    answer_study(study, people=4, say=say)
    report = report_of(study)
    page = write_report_page(report, "A study")
    for outlet in (page, str(report)):
        assert SINGLE not in outlet
        assert "gloomy" in outlet
    assert report["measures"]["words"]["distinct"] == 2


def test_after_the_end_of_the_retention_words_are_gone_and_the_report_says_so():
    tomorrow = timezone.localdate() + timedelta(days=1)
    study = make_study(cells=CELLS, ask_word=True, ask_affect=True, retention_until=tomorrow)
    answer_study(study, people=4, say=Speaker(1))
    before = report_of(study)
    assert before["measures"]["words"]["n"] > 0
    assert before["notes"] == []
    Study.objects.filter(pk=study.pk).update(retention_until=timezone.localdate())
    for sweep in (False, True):
        if sweep:
            anonymise_due()
        study.refresh_from_db()
        after = report_of(study)
        assert after["measures"]["words"] is None, "the kept report is used no longer"
        assert after["notes"] == [WORDS_GONE]
        assert after["measures"]["rated"] == before["measures"]["rated"]
    assert WORDS_GONE in write_report_page(after, "A study")


def test_what_was_not_asked_is_in_no_outlet():
    study = make_study(cells=CELLS)
    answer_study(study, people=4, say=lambda *_: {"confidence": None})
    report = report_of(study)
    assert [report["measures"][name] for name in ("rated", "words", "confidence")] == [None] * 3
    page = write_report_page(report, "A study")
    assert [title for title in ("Rated valence", "Words of people", "Confidence and") if title in page] == []
    assert {figure.name for figure in figures_of(report)} & {"rated_valence", "rated_arousal", "confidence"} == set()


def test_a_word_in_the_language_of_the_study_is_the_emotions_own_name():
    study = make_study(cells=CELLS, ask_word=True, language="de")
    label = study.choices.get(slug="sadness").label
    assert label != "Sadness"
    answer_study(study, people=3, say=lambda p, stimulus, c: {"word": label if stimulus.emotion == "sadness" else ""})
    [sadness] = [found for found in report_of(study)["measures"]["words"]["emotions"] if found["n"]]
    assert (sadness["emotion"], sadness["own_label"], sadness["own_label_share"]) == ("sadness", 3, 1.0)


@pytest.mark.django_db(transaction=True)
def test_what_simulated_people_said_is_analysed_as_what_people_say(live_server):
    """Bots count in no report; here they are taken for people."""
    study = make_study(versions=make_versions(8), cells=CELLS, ask_affect=True, ask_word=True, clips_per_participant=8)
    call_command("simulate", study.slug, url=live_server.url, participants=4, mix="listener=1", verbosity=0, json=True)
    assert report_of(study)["measures"]["rated"] is None
    Participant.objects.filter(study=study).update(kind=Participant.Kind.PERSON)
    found = report_of(study)["measures"]
    assert all(found[name] for name in ("rated", "words", "confidence", "times"))
    assert found["rated"]["valence"]["n"] == found["times"]["n"] == 32
