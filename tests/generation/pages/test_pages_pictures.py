"""The picture library."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from generation.models import PairVersion, SourceImage
from tests.generation.factories import make_picture, make_run, picture_bytes

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def files(*shades: int) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{shade}.png", picture_bytes(shade), "image/png") for shade in shades]


def label(picture: SourceImage, slug: str, *, sure: bool = True) -> None:
    rest = {"awe": 0.1, "fear": 0.1}
    SourceImage.objects.filter(pk=picture.pk).update(probabilities={**rest, slug: 0.8}, label_confident=sure)


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_many_pictures_are_added_by_one_plain_form(researcher: Client) -> None:
    response = researcher.post(reverse("pictures"), {"files": files(10, 20, 30)}, follow=True)
    assert SourceImage.objects.count() == 3
    assert messages_of(response) == ["3 pictures added. The network is labelling."]


def test_each_refused_file_and_each_duplicate_is_named(researcher: Client) -> None:
    make_picture(10)
    text = SimpleUploadedFile("notes.jpg", b"no picture at all")
    response = researcher.post(reverse("pictures"), {"files": [*files(10, 20), text]}, follow=True)
    said = messages_of(response)
    assert said[0] == "1 picture added. The network is labelling."
    assert said[1] == "10.png: Already in the library as “10.png”."
    assert said[2].startswith("notes.jpg: ")
    assert said[2].endswith(".")


def test_an_empty_file_is_refused_with_a_sentence(researcher: Client) -> None:
    response = researcher.post(reverse("pictures"), {"files": [SimpleUploadedFile("empty.png", b"")]}, follow=True)
    assert [text.partition(":")[0] for text in messages_of(response)] == ["empty.png"]


def test_a_form_without_files_says_what_is_missing(researcher: Client) -> None:
    response = researcher.post(reverse("pictures"), {})
    assert response.status_code == 400
    assert "Choose at least one picture." in response.content.decode()


def test_more_files_than_allowed_get_a_page_that_says_so(researcher: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    response = researcher.post(reverse("pictures"), {"files": files(1, 2, 3)})
    assert response.status_code == 400
    assert "Send fewer files at a time" in response.content.decode()


def test_the_script_gets_one_result_per_file(researcher: Client) -> None:
    answer = researcher.post(reverse("pictures"), {"files": files(10)}, headers=JSON).json()
    picture = SourceImage.objects.get()
    assert answer == {
        "results": [{"file": "10.png", "outcome": "added", "message": "Added.", "url": picture.get_absolute_url()}]
    }


def test_licence_and_attribution_hold_for_the_whole_upload(researcher: Client) -> None:
    sent = {"files": files(1, 2), "licence": "CC BY 4.0", "attribution": "Ada"}
    researcher.post(reverse("pictures"), sent)
    assert set(SourceImage.objects.values_list("licence", "attribution")) == {("CC BY 4.0", "Ada")}


def test_an_unlabelled_picture_says_that_it_is_being_labelled(researcher: Client) -> None:
    make_picture()
    assert "Labelling…" in researcher.get(reverse("pictures")).content.decode()


def test_a_labelled_picture_shows_eight_probabilities(researcher: Client) -> None:
    label(make_picture(), "sadness")
    page = researcher.get(reverse("pictures")).content.decode()
    assert page.count('class="bar-value"') == 8
    assert "Most probably <strong>sadness</strong>" in page
    assert "80 %" in page


def test_an_unsure_label_asks_for_a_person(researcher: Client) -> None:
    label(make_picture(), "awe", sure=False)
    assert "guess: <strong>awe or fear</strong>" in researcher.get(reverse("pictures")).content.decode()


def test_waiting_pages_are_told_when_a_label_is_there(researcher: Client) -> None:
    waiting, done = make_picture(1), make_picture(2)
    label(done, "anger")
    asked = {"picture": [str(waiting.public_id), str(done.public_id), "nonsense"]}
    answer = researcher.get(reverse("picture_labels"), asked).json()
    assert {key: entry["done"] for key, entry in answer.items()} == {
        str(waiting.public_id): False,
        str(done.public_id): True,
    }
    assert "anger" in answer[str(done.public_id)]["html"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, {"1.png", "2.png", "3.png"}),
        ({"emotion": "anger"}, {"1.png"}),
        ({"state": "waiting"}, {"3.png"}),
        ({"state": "unsure"}, {"2.png"}),
        ({"state": "sure"}, {"1.png"}),
        ({"state": "failed"}, set()),
        ({"search": "2.p"}, {"2.png"}),
        ({"emotion": "nonsense", "page": "99"}, {"1.png", "2.png", "3.png"}),
    ],
)
def test_the_library_is_filtered(researcher: Client, query: dict[str, str], shown: set[str]) -> None:
    label(make_picture(1), "anger")
    label(make_picture(2), "sadness", sure=False)
    make_picture(3)
    page = researcher.get(reverse("pictures"), query).context["page"]
    assert {picture.title for picture in page} == shown


def test_the_library_asks_the_database_as_often_for_three_pictures_as_for_one(
    researcher: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_picture(1)
    with CaptureQueriesContext(
        connection,
    ) as first:
        researcher.get(reverse("pictures"))
    for shade in (2, 3):
        label(make_picture(shade), "awe")
    with django_assert_num_queries(len(first)):
        researcher.get(reverse("pictures"))


def own_picture(client: Client) -> SourceImage:
    return make_picture(by=get_user(client))


def test_the_description_of_a_picture_is_edited(researcher: Client) -> None:
    picture = own_picture(researcher)
    sent = {"title": "Harbour", "alt_text": "Boats in fog.", "licence": "CC0", "attribution": ""}
    response = researcher.post(picture.get_absolute_url(), sent)
    picture.refresh_from_db()
    assert (response.status_code, picture.title, picture.alt_text) == (302, "Harbour", "Boats in fog.")


def test_a_description_that_is_too_long_is_sent_back(researcher: Client) -> None:
    response = researcher.post(own_picture(researcher).get_absolute_url(), {"alt_text": "x" * 400})
    assert response.status_code == 400
    assert "at most 300 characters" in response.content.decode()


def test_a_picture_shows_the_versions_made_of_it(researcher: Client) -> None:
    picture = make_picture()
    make_run([picture], slug="fear", seeds=2)
    page = researcher.get(picture.get_absolute_url())
    assert [version.number for version in page.context["versions"]] == [2, 1]
    assert [version.pk for version in page.context["versions"]] == list(
        PairVersion.objects.order_by("-pk").values_list("pk", flat=True)
    )


def test_a_file_name_cannot_smuggle_markup_into_the_page(researcher: Client) -> None:
    evil = SimpleUploadedFile("<img src=x onerror=alert(1)>.png", picture_bytes(7))
    researcher.post(reverse("pictures"), {"files": [evil]})
    assert "<img src=x" not in researcher.get(reverse("pictures")).content.decode()


def test_place_and_camera_never_reach_the_stored_file(researcher: Client) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(stream, "JPEG", exif=exif)
    researcher.post(reverse("pictures"), {"files": [SimpleUploadedFile("a.jpg", stream.getvalue())]})
    with SourceImage.objects.get().file.open("rb") as stored:
        assert b"SecretCamera" not in stored.read()


SEEN = {
    "things": [
        {"name": "volcano", "probability": 0.61, "valence": -0.1, "arousal": 0.7},
        {"name": "<b>storm</b>", "probability": 0.2},
    ],
    "words": "volcano, storm: high arousal; dark, little colour: low valence",
    "map": [[1.0 if (x, y) == (0, 0) else -0.6 if (x, y) == (3, 3) else 0.0 for x in range(7)] for y in range(7)],
}
INTERVALS = {
    "valence": -0.6,
    "valence_low": -0.9,
    "valence_high": -0.2,
    "arousal": 0.4,
    "arousal_low": 0.1,
    "arousal_high": 0.7,
    "dominance": -0.3,
    "dominance_low": -0.6,
    "dominance_high": 0.1,
}


def page_of(client: Client, picture: SourceImage, **row: Any) -> str:
    SourceImage.objects.filter(pk=picture.pk).update(probabilities={"fear": 0.5, "awe": 0.4, "anger": 0.1}, **row)
    response = client.get(picture.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_a_picture_shows_its_point_with_the_interval_in_words_and_as_an_ellipse(researcher: Client) -> None:
    html = page_of(researcher, make_picture(), implied=INTERVALS)
    assert "valence −0.60 (80 % interval −0.90 to −0.20), arousal 0.40 (80 % interval 0.10 to 0.70)</desc>" in html
    assert "Where the picture lies on the plane: unpleasant and excited</title>" in html
    assert '<ellipse class="pad-interval" cx="' in html
    assert "<dt>Implied dominance</dt><dd>−0.30 (80 % interval −0.60 to 0.10)</dd>" in html


def test_a_row_of_an_older_network_shows_its_point_alone(researcher: Client) -> None:
    html = page_of(researcher, make_picture(), implied={"valence": -0.6, "arousal": 0.4}, seen={})
    assert "valence −0.60, arousal 0.40</desc>" in html
    assert "pad-interval" not in html
    assert "Implied dominance" not in html
    assert "Why fear?" not in html


def test_a_picture_says_why_in_things_words_and_a_map(researcher: Client) -> None:
    html = page_of(researcher, make_picture(), implied=INTERVALS, seen=SEEN)
    assert "<summary>Why fear?</summary>" in html
    assert "volcano, storm: high arousal; dark, little colour: low valence" in html
    assert "valence −0.10, arousal 0.70" in html
    assert "&lt;b&gt;storm&lt;/b&gt;" in html
    assert "speak for fear: upper left; against it: centre</title>" in html
    assert (html.count('class="map-for"'), html.count('class="map-against"')) == (1, 1)
    assert 'type="checkbox" id="map-' in html
    assert "must not be used to judge people in pictures" in html
    assert "style=" not in html  # the content security policy would refuse it


@pytest.mark.parametrize(
    "seen",
    [
        {"map": [[0.0] * 7] * 7},
        {"map": [[0.5] * 6] * 7},
        {"map": [["a", None, True, 1e300, -1, 2, 3]] * 7},
        {"map": "no map"},
        {"things": [None, {}, {"name": " "}, {"name": 5}, {"name": "tree", "probability": "high"}]},
        {"things": {"name": "tree"}, "words": None},
        {"words": ["a"], "more": 1},
        [],
        "text",
        None,
    ],
)
def test_reasons_of_any_shape_never_break_the_page(researcher: Client, seen: Any) -> None:
    picture = make_picture()
    if seen is None:
        seen = {"map": None, "things": None, "words": ""}
    page_of(researcher, picture, implied={"valence": "x", "arousal": 0.4}, seen=seen)
    answer = researcher.get(reverse("picture_labels"), {"picture": str(picture.public_id), "whole": "1"}).json()
    assert "Most probably <strong>fear</strong>" in answer[str(picture.public_id)]["html"]


def test_labelling_again_forgets_the_reasons_of_before(researcher: Client) -> None:
    picture = make_picture()
    page_of(researcher, picture, seen=SEEN)
    researcher.post(reverse("picture_relabel", args=[picture.public_id]))
    picture.refresh_from_db()
    assert (picture.probabilities, picture.seen) == ({}, {})
