"""What keeps a draft from being published leads to the field in which it is mended."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from survey.actions.publishing import reasons_against_publishing
from survey.actions.reasons import Reason
from survey.models import Study
from tests.survey.factories import make_study, make_versions

pytestmark = pytest.mark.django_db

GERMAN = {"title": "Was hören Sie?", "consent_text": "Ich stimme zu.", "question": ""}
LACKING = {
    "title": {"title": " "},
    "consent_text": {"consent_text": ""},
    "question": {"question": ""},
    "question_picture": {"question_picture": ""},
    "retention_until": {"retention_until": timezone.localdate()},
    "continuous": {"continuous": "plane"},
    "clips_per_participant": {"clips_per_participant": 9},
    "practice_trials": {"practice_trials": 2},
    "gold_trials": {"gold_trials": 2},
    "repeat_trials": {"clips_per_participant": 2, "repeat_trials": 3},
    "title_de": {"translations": {"de": {**GERMAN, "title": "", "question": "Was?"}}},
    "question_de": {"translations": {"de": {**GERMAN, "question": "Was ist {emotion}?"}}},
}


@pytest.mark.parametrize("field", LACKING)
def test_a_reason_leads_to_its_field(field):
    study = make_study(versions=make_versions(4), publish=False, cells={"picture_only": 1.0})
    Study.objects.filter(pk=study.pk).update(**LACKING[field])
    study.refresh_from_db()
    reasons = {one.field: one for one in reasons_against_publishing(study) if isinstance(one, Reason)}
    assert field in reasons
    client = Client()
    client.force_login(study.owner)
    address = f'href="{study.get_absolute_url()}#id_{field}"'
    asked = client.get(f"/studies/{study.slug}/publish/").content.decode()
    form = client.get(study.get_absolute_url()).content.decode()
    assert address in asked
    assert address in form
    assert len(re.findall(rf'id="id_{field}"', form)) == 1


def test_a_language_that_is_not_spoken_leads_to_the_choice_of_languages():
    study = make_study(publish=False)
    Study.objects.filter(pk=study.pk).update(translations={"xx": {"title": "?"}})
    study.refresh_from_db()
    assert "also_in" in [one.field for one in reasons_against_publishing(study) if isinstance(one, Reason)]
    client = Client()
    client.force_login(study.owner)
    assert 'id="id_also_in"' in client.get(study.get_absolute_url()).content.decode()
