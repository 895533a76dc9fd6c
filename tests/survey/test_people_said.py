"""Who took part, what was heard and how, as the method and the datasheet say it."""

from __future__ import annotations

import pytest

from generation.models import PairVersion
from survey import actions
from survey.figures.datasheet import sheet_rows
from survey.figures.document import StudyFacts
from survey.figures.paragraphs import people_of
from survey.findings import report_of
from survey.findings.recruitment import count_people
from survey.findings.study_facts import _loudness, facts_of
from survey.models import Participant, Stimulus, Study
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions


@pytest.fixture
def media(settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path


def sheet(study):
    return {question[:3]: answer for question, answer in sheet_rows(report_of(study), facts_of(study))}


def test_who_withdrew_had_given_consent_or_not(media):
    study = make_study(exclusion_rules={})
    people = answer_study(study, people=4)
    for person in people[:2]:
        actions.withdraw(participant=person, by=None)
    Participant.objects.filter(pk=people[1].pk).update(consented_at=None, consent_sha256="")
    found = count_people(study)
    assert (found.consented, found.recruited, found.withdrawn) == (3, 2, 2)
    assert facts_of(study).consented == 3
    assert sheet(study)["3.3"].startswith("3 gave consent, 2 completed, 2 withdrew; no rules leave people out;")


def test_sentences_about_people_have_their_number():
    nobody = StudyFacts("A study", consented=5, complete=5)
    assert people_of(nobody) == "Of 5 people who gave consent, 5 completed the study; no rules leave people out."
    several = StudyFacts("A study", consented=6, complete=3, withdrawn=2, excluded=2, set_aside=1, rules="Fixed.")
    assert people_of(several) == (
        "Of 6 people who gave consent, 3 completed the study; 2 withdrew and are in no other number; the exclusion"
        " rules fixed at publication apply to 1 and a researcher set 1 aside by hand, whose answers are among the main"
        " results unless stated otherwise."
    )


def test_the_datasheet_counts_the_stimuli_of_every_cell(media):
    study = make_study(versions=make_versions(8), cells={"matched": 1.0, "music_only": 1.0}, clips_per_participant=8)
    answer_study(study, people=3, each=8)
    answered = study.stimuli.filter(trials__response__isnull=False)
    pairs, alone = (
        answered.filter(condition__name=name).distinct().count() for name in ("Matching pair", "Music only")
    )
    assert 8 < pairs + alone <= 16
    assert sheet(study)["3.1"] == (
        f"{pairs + alone} stimuli with answers; by cell: Matching pair {pairs}, Music only {alone}."
    )
    alone = make_study(versions=make_versions(8), cells={"matched": 1.0}, clips_per_participant=8)
    answer_study(alone, people=3, each=8)
    assert (
        sheet(alone)["3.1"] == "8 stimuli with answers in the cell Matching pair; cells of the design: Matching pair."
    )


@pytest.mark.parametrize(
    ("unheard", "said"),
    [
        ("refuse", "none was taken sooner than the clip lasts."),
        ("mark", "one given sooner than the clip lasts was taken and marked."),
    ],
)
def test_an_answer_sooner_than_its_clip_is_of_what_could_not_be_measured(media, unheard, said):
    study = make_study(require_listening=True, unheard=unheard)
    assert facts_of(study).listening.endswith(f"the whole clip had been played; where it could not, {said}")


def test_one_loudness_is_one_number():
    def said(*levels):
        return _loudness(
            Study(), [Stimulus(audio_sha256="0f", pair_version=PairVersion(loudness_lufs=level)) for level in levels]
        )

    assert said(-23.04, -22.96).endswith(": −23.0 LUFS.")
    assert said(-23.04, -24.5).endswith(": −24.5 to −23.0 LUFS.")
