"""The admin shows studies and never gets in the way of the freeze."""

import pytest

from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("publish", [True, False])
def test_the_admin_pages_open(admin_client, publish):
    study = make_study(publish=publish)
    if publish:
        Listener(study.slug).take_part()
    for model in ("study", "participant", "auditentry"):
        assert admin_client.get(f"/admin/survey/{model}/").status_code == 200
    assert admin_client.get(f"/admin/survey/study/{study.pk}/change/").status_code == 200
    assert admin_client.get(f"/admin/survey/study/{study.pk}/delete/").status_code == (403 if publish else 200)


def test_a_participants_secret_token_is_not_on_the_admin_page(admin_client):
    study = make_study()
    Listener(study.slug).begin()
    person = study.participants.get()
    page = admin_client.get(f"/admin/survey/participant/{person.pk}/change/").content.decode()
    assert person.public_id in page
    assert person.token not in page
