"""The administration of generation."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generation import actions, queries
from generation.models import GenerationRun, ModelVersion, PairVersion, SourceImage
from tests.generation.factories import make_picture, make_researcher, make_run, only_version, picture_bytes
from tests.generation.finished import finish_version
from tests.survey.factories import make_study

pytestmark = pytest.mark.django_db
LISTS = ["emotion", "sourceimage", "modelversion", "generationrun", "pair", "pairversion"]


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


@pytest.fixture
def ready() -> PairVersion:
    return finish_version(only_version(make_run([make_picture()])))


def register(name: str, *, default: bool) -> ModelVersion:
    return ModelVersion.objects.create(
        kind="composer", name=name, version="1", artifact="somewhere", sha256="0" * 64, is_default=default
    )


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens(admin: Client, ready: PairVersion, name: str) -> None:
    register("muse", default=True)
    assert admin.get(reverse(f"admin:generation_{name}_changelist")).status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_every_row_opens(admin: Client, ready: PairVersion, name: str) -> None:
    register("muse", default=True)
    from django.apps import apps

    row = apps.get_model("generation", name).objects.first()
    assert admin.get(reverse(f"admin:generation_{name}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("name", ["emotion", "modelversion", "generationrun", "pair", "pairversion"])
def test_what_is_immutable_offers_no_adding(admin: Client, name: str) -> None:
    assert admin.get(reverse(f"admin:generation_{name}_add")).status_code == 403


@pytest.mark.parametrize("name", ["pairversion", "pair", "generationrun"])
def test_the_regenerate_action_makes_a_new_version_and_keeps_the_old(
    admin: Client, ready: PairVersion, name: str
) -> None:
    row = {"pairversion": ready, "pair": ready.pair, "generationrun": ready.run}[name]
    response = admin.post(
        reverse(f"admin:generation_{name}_changelist"), {"action": "regenerate", "_selected_action": [row.pk]}
    )
    assert response["Location"] == GenerationRun.objects.first().get_absolute_url()
    assert list(ready.pair.versions.values_list("number", "status")) == [(2, "queued"), (1, "ready")]


def test_a_picture_is_added_through_the_same_intake(admin: Client) -> None:
    sent = {"upload": SimpleUploadedFile("boat.png", picture_bytes()), "title": "Boat"}
    response = admin.post(reverse("admin:generation_sourceimage_add"), sent)
    assert response.status_code == 302
    assert [picture.title for picture in SourceImage.objects.all()] == ["Boat"]


@pytest.mark.parametrize("data", [b"no picture", b""])
def test_a_file_that_is_no_picture_is_refused_in_the_form(admin: Client, data: bytes) -> None:
    sent = {"upload": SimpleUploadedFile("boat.png", data)}
    response = admin.post(reverse("admin:generation_sourceimage_add"), sent)
    assert (response.status_code, SourceImage.objects.count()) == (200, 0)
    assert response.context["errors"]


def test_a_known_picture_is_named(admin: Client) -> None:
    make_picture(50)
    sent = {"upload": SimpleUploadedFile("again.png", picture_bytes(50))}
    page = admin.post(reverse("admin:generation_sourceimage_add"), sent).content.decode()
    assert "already in the library as “50.png”" in page


def test_the_description_of_a_picture_is_edited(admin: Client) -> None:
    picture = make_picture()
    sent = {"title": "Sea", "alt_text": "Waves.", "licence": "", "attribution": ""}
    admin.post(reverse("admin:generation_sourceimage_change", args=[picture.pk]), sent)
    picture.refresh_from_db()
    assert (picture.title, picture.alt_text) == ("Sea", "Waves.")


def test_a_picture_with_music_cannot_be_deleted(admin: Client, ready: PairVersion) -> None:
    address = reverse("admin:generation_sourceimage_delete", args=[ready.pair.image.pk])
    assert admin.post(address, {"post": "yes"}).status_code == 403


def test_another_network_is_put_to_use(admin: Client) -> None:
    old, new = register("old", default=True), register("new", default=False)
    admin.post(reverse("admin:generation_modelversion_changelist"), {"action": "serve", "_selected_action": [new.pk]})
    assert list(ModelVersion.objects.filter(is_default=True)) == [new]
    assert not ModelVersion.objects.get(pk=old.pk).is_default


def test_two_networks_of_one_kind_cannot_serve_at_once(admin: Client) -> None:
    old, new = register("old", default=True), register("new", default=False)
    admin.post(
        reverse("admin:generation_modelversion_changelist"),
        {"action": "serve", "_selected_action": [old.pk, new.pk]},
    )
    assert list(ModelVersion.objects.filter(is_default=True)) == [old]


def test_a_pair_version_is_seen_and_heard_and_leads_to_its_run_and_page(admin: Client, ready: PairVersion) -> None:
    for address in ("change", "changelist"):
        args = [ready.pk] if address == "change" else []
        page = admin.get(reverse(f"admin:generation_pairversion_{address}", args=args)).content.decode()
        assert f'<source src="/media/{ready.audio}" type="audio/mpeg">' in page
        assert ready.pair.image.file.url in page
        assert ready.get_absolute_url() in page
        assert reverse("admin:generation_generationrun_change", args=[ready.run_id]) in page
        assert "site/administration" in page


def test_a_pair_shows_its_picture_and_plays_every_version(admin: Client, ready: PairVersion) -> None:
    second = only_version(make_run([ready.pair.image]))
    page = admin.get(reverse("admin:generation_pair_change", args=[ready.pair_id])).content.decode()
    assert page.count("<audio") == 1
    assert "<h2>Version 2</h2>" in page
    assert "Queued: there is nothing to be heard" in page
    finish_version(second)
    page = admin.get(reverse("admin:generation_pair_change", args=[ready.pair_id])).content.decode()
    assert page.count("<audio") == 2
    assert ready.pair.image.file.url in admin.get(reverse("admin:generation_pair_changelist")).content.decode()


def test_a_pair_of_many_versions_shows_twelve_and_leads_to_the_rest(admin: Client, ready: PairVersion) -> None:
    picture = ready.pair.image
    make_run([make_picture(9)])
    shown = []
    for _ in range(13):
        page = admin.get(reverse("admin:generation_pair_change", args=[ready.pair_id])).content.decode()
        shown.append((page.count("<h2>Version "), "more version" in page))
        make_run([picture])
    assert shown == [(number, False) for number in range(1, 13)] + [(12, True)]
    page = admin.get(reverse("admin:generation_pair_change", args=[ready.pair_id])).content.decode()
    address = f"{reverse('admin:generation_pairversion_changelist')}?pair__id__exact={ready.pair_id}"
    assert f'<a href="{address}">and 2 more versions</a>' in page
    assert {row.pair_id for row in admin.get(address).context["cl"].result_list} == {ready.pair_id}
    assert admin.get(address).context["cl"].result_count == 14


def test_study_run_and_pair_lead_to_each_other(admin: Client) -> None:
    study = make_study()
    version = study.stimuli.first().pair_version
    page = admin.get(reverse("admin:survey_study_change", args=[study.pk])).content.decode()
    for address in (
        study.get_absolute_url(),
        reverse("study_start", args=[study.slug]),
        version.get_absolute_url(),
        version.run.get_absolute_url(),
        reverse("admin:generation_generationrun_change", args=[version.run_id]),
    ):
        assert f'href="{address}"' in page
    for name, row in (("generationrun", version.run), ("pair", version.pair), ("pairversion", version)):
        page = admin.get(reverse(f"admin:generation_{name}_change", args=[row.pk])).content.decode()
        assert f'href="{study.get_absolute_url()}"' in page
    listed = admin.get(reverse("admin:survey_study_changelist")).content.decode()
    assert f'href="{study.get_absolute_url()}"' in listed


def test_staff_is_not_told_of_studies_it_may_not_look_at() -> None:
    study = make_study()
    version = study.stimuli.first().pair_version
    client = Client()
    client.force_login(make_researcher("helper"))
    user = get_user_model().objects.get(username="helper")
    user.is_staff = True
    user.save()
    for name, row in (("generationrun", version.run), ("pair", version.pair), ("pairversion", version)):
        page = client.get(reverse(f"admin:generation_{name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert study.slug not in page.content.decode()
        assert "that you may not look at" in page.content.decode()


def test_the_pairs_of_a_run_are_listed_in_the_administration(admin: Client, ready: PairVersion) -> None:
    make_run([make_picture(9)])
    page = admin.get(reverse("admin:generation_pairversion_changelist"), {"run__id__exact": ready.run_id})
    assert page.status_code == 200
    assert [row.pk for row in page.context["cl"].result_list] == [ready.pk]


def test_runs_are_found_by_any_of_their_composers(admin: Client) -> None:
    picture = make_picture()
    both = actions.request_run(
        pictures=[picture], emotions={picture.pk: "awe"}, composer=("muse", "paper"), seed=1, by=None
    )
    alone = make_run([picture])
    address = reverse("admin:generation_generationrun_changelist")
    found = {
        name: {run.pk for run in admin.get(address, {"composer": name}).context["cl"].result_list}
        for name in ("muse", "paper", "gone")
    }
    assert found == {"muse": {both.pk}, "paper": {both.pk, alone.pk}, "gone": set()}
    assert "muse, paper" in admin.get(address).content.decode()


def test_the_list_of_runs_reads_names_and_no_run_to_filter_by_composer(admin: Client) -> None:
    """However many runs there are: one row for each name, and the names of those of several."""
    picture = make_picture()
    for seed in range(3):
        make_run([picture])
        actions.request_run(
            pictures=[picture], emotions={picture.pk: "awe"}, composer=("paper", "muse"), seed=seed, by=None
        )
    with CaptureQueriesContext(connection) as asked:
        assert queries.composers_of_runs() == ["muse", "paper"]
    assert "DISTINCT" in asked.captured_queries[0]["sql"]
    assert len(asked) == 2
    page = admin.get(reverse("admin:generation_generationrun_changelist")).content.decode()
    assert "?composer=muse" in page


def test_a_file_too_large_is_refused_in_the_administration(admin: Client) -> None:
    file = SimpleUploadedFile("large.png", bytes(30 * 2**20 + 1))
    answer = admin.post(reverse("admin:generation_sourceimage_add"), {"upload": file})
    assert "the limit is 30 MB" in answer.content.decode()
