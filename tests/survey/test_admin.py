"""The admin shows studies and never gets in the way of the freeze."""

import pytest
from django.test import Client

from survey import actions
from survey.models import Study
from tests.survey.factories import make_researcher, make_study
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


def test_no_field_of_a_study_can_be_changed_past_its_own_page(admin_client):
    """Another mode without its questions and answers would ask “Which emotion …? Amusement” above nine emotions."""
    study = make_study(publish=False)
    address = f"/admin/survey/study/{study.pk}/change/"
    page = admin_client.get(address).content.decode()
    assert 'name="_save"' not in page
    assert [name for name in ("mode", "offer_none", "owner", "question") if f'name="{name}"' in page] == []
    before = Study.objects.values().get()
    sent = {"title": "Another", "mode": "yes_no", "slug": "other", "owner": study.owner_id}
    assert admin_client.post(address, sent).status_code == 403
    assert Study.objects.values().get() == before
    assert admin_client.get("/admin/survey/study/add/").status_code == 403
    assert actions.publish(study=study, by=study.owner).mode == "choose"


def test_staff_sees_and_changes_in_the_admin_no_more_than_on_the_pages():
    theirs, own = make_study(publish=False), make_study(publish=False, by=make_researcher("colleague", is_staff=True))
    published = make_study()
    Listener(published.slug).begin()
    person, entry = published.participants.get(), published.audit.first()
    client = Client()
    client.force_login(own.owner)
    assert own.owner.has_perms(["survey.change_study", "survey.delete_study"])
    for others in (theirs, published):
        for page in ("change", "delete"):
            response = client.get(f"/admin/survey/study/{others.pk}/{page}/", follow=True)
            assert others.slug not in response.content.decode()
            assert "doesn’t exist" in response.content.decode()
    for address in (f"participant/{person.pk}", f"auditentry/{entry.pk}"):
        assert "doesn’t exist" in client.get(f"/admin/survey/{address}/change/", follow=True).content.decode()
    for model in ("study", "participant", "auditentry"):
        listed = client.get(f"/admin/survey/{model}/").content.decode()
        assert published.slug not in listed
        assert person.public_id not in listed
    page = client.get(f"/admin/survey/study/{own.pk}/change/").content.decode()
    assert own.title in page
    assert 'name="_save"' not in page
