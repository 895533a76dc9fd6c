"""The gallery, one version of a pair, and regeneration."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generation.models import GenerationRun, Origin, PairVersion
from generation.music.attributes.picture import find_moves
from generation.templatetags.measures import emotion_sentences
from tests.generation.factories import make_picture, make_researcher, make_run, only_version
from tests.generation.finished import NOTES, finish_version
from tests.survey.factories import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready() -> PairVersion:
    return finish_version(only_version(make_run([make_picture()], slug="sadness")))


def test_the_gallery_shows_picture_player_roll_provenance_and_downloads(researcher: Client, ready: PairVersion) -> None:
    page = researcher.get(reverse("pairs")).content.decode()
    assert re.findall(r'<source src="([^"]+)" type="([^"]+)"', page) == [
        (f"/media/{ready.audio}", "audio/mpeg"),
        (f"/media/{ready.audio_alternative}", "audio/flac"),
    ]
    assert page.count('class="small-roll"') == 1
    assert ready.pair.image.file.url in page
    assert str(ready.seed) in page
    assert ready.audio_sha256[:16] in page


def test_a_pair_says_in_plain_words_how_its_picture_moved_the_music(researcher: Client) -> None:
    version = only_version(make_run([make_picture()], slug="contentment"))
    record = {"moved": [move.as_dict() for move in find_moves({"brightness": 0.7, "saturation": 0.8})]}
    record["moved"][0]["word"] = "<b>bright</b>"
    unmoved = finish_version(only_version(make_run([make_picture(9)], slug="contentment")))
    version = finish_version(version, picture=record)
    page = researcher.get(version.get_absolute_url()).content.decode()
    assert "Saturated, &lt;b&gt;bright&lt;/b&gt;: louder, more major and higher than usual for contentment." in page
    assert "How the picture moved" not in researcher.get(unmoved.get_absolute_url()).content.decode()


SAD = {"tempo": {"label": "Tempo", "unit": "beats per minute", "target": [60.0, 76.0], "measured": 66.0}}
TOLD = "asks for 60–76 beats a minute, slower than the neutral 98; this piece goes at 66."


def finish_asked(*, models: Any = None, target: Any = None, picture: Any = None) -> PairVersion:
    """A ready version of which somebody asked for a tempo."""
    version = only_version(make_run([make_picture(1)], slug="sadness"))
    PairVersion.objects.filter(pk=version.pk).update(target=target)
    return finish_version(version, picture=picture, models=models, attributes=SAD)


def test_a_pair_says_in_plain_words_what_its_emotion_did_to_the_music(researcher: Client) -> None:
    page = researcher.get(finish_asked().get_absolute_url()).content.decode()
    assert f"<li>Sadness {TOLD}</li>" in page
    neutral = finish_asked(models={"control": "neutral"})
    assert "What the emotion did" not in researcher.get(neutral.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("facts", "who"),
    [
        ({"models": {"control": "shuffled", "composed_for": "fear"}}, "Fear"),
        ({"models": {"control": "shuffled", "composed_for": ["fear"]}}, "Sadness"),
        ({"models": {"control": "unpictured"}}, "Sadness"),
        ({"models": ["no mapping"]}, "Sadness"),
        ({"target": {"valence": 0.1, "arousal": 0.1, "dominance": 0.1}}, "The mix that was chosen"),
        (
            {"picture": {"moved": [move.as_dict() for move in find_moves({"brightness": 0.9})]}},
            "Sadness with this picture",
        ),
    ],
    ids=str,
)
def test_who_asked_is_who_is_said_to_have_asked(facts: Any, who: str) -> None:
    assert emotion_sentences(finish_asked(**facts)) == [f"{who} {TOLD}"]


def test_of_an_imported_clip_nothing_is_said() -> None:
    version = finish_asked()
    version.origin = Origin.IMPORTED
    assert emotion_sentences(version) == []


def test_a_pair_and_a_run_name_the_studies_that_use_them_to_those_who_may_look(researcher: Client) -> None:
    own = get_user_model().objects.get(username="rosa")
    study = make_study(by=own)
    version = study.stimuli.first().pair_version
    others = Client()
    others.force_login(make_researcher("otto"))
    for address in (version.get_absolute_url(), version.run.get_absolute_url(), version.pair.image.get_absolute_url()):
        page = researcher.get(address).content.decode()
        assert f'<a href="{study.get_absolute_url()}">' in page
        assert reverse("study_start", args=[study.slug]) in page
        page = others.get(address).content.decode()
        assert study.slug not in page
        assert study.title not in page
        assert "used in 1 study that you may not look at." in " ".join(page.split())


def test_what_no_study_uses_says_so(researcher: Client, ready: PairVersion) -> None:
    assert "This clip is used in no study." in researcher.get(ready.get_absolute_url()).content.decode()
    assert "Clips of this run are used in no study." in researcher.get(ready.run.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({}, 2),
        ({"emotion": "sadness"}, 1),
        ({"emotion": "fear"}, 1),
        ({"emotion": "awe"}, 0),
        ({"status": "ready"}, 1),
        ({"status": "queued"}, 1),
        ({"composer": "paper"}, 2),
        ({"composer": "muse"}, 0),
        ({"emotion": "nonsense", "page": "x"}, 2),
        ({"picture": "no-uuid"}, 2),
    ],
)
def test_the_gallery_is_filtered(researcher: Client, ready: PairVersion, query: dict[str, str], number: int) -> None:
    make_run([ready.pair.image], slug="fear")
    assert researcher.get(reverse("pairs"), query).context["page"].paginator.count == number


def test_the_gallery_of_one_picture_or_one_run(researcher: Client, ready: PairVersion) -> None:
    make_run([make_picture(9)], slug="fear")
    for query in ({"picture": ready.pair.image.public_id}, {"run": ready.run.public_id}):
        page = researcher.get(reverse("pairs"), query).context["page"]
        assert [version.pk for version in page] == [ready.pk]


def test_pages_keep_their_filters(researcher: Client) -> None:
    make_run([make_picture()], slug="awe", seeds=25)
    page = researcher.get(reverse("pairs"), {"emotion": "awe"}).content.decode()
    assert "?emotion=awe&amp;page=2" in page


def test_the_gallery_asks_the_database_as_often_for_three_pairs_as_for_one(
    researcher: Client, ready: PairVersion, django_assert_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as first:
        researcher.get(reverse("pairs"))
    for shade in (2, 3):
        finish_version(only_version(make_run([make_picture(shade)], slug="awe")))
    with django_assert_num_queries(len(first)):
        researcher.get(reverse("pairs"))


def test_the_detail_page_asks_the_database_as_often_for_three_versions_as_for_one(
    researcher: Client, ready: PairVersion, django_assert_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as first:
        researcher.get(ready.get_absolute_url())
    for seed in (2, 3):
        finish_version(only_version(make_run([ready.pair.image], slug="sadness", seed=seed)))
    with django_assert_num_queries(len(first)):
        researcher.get(ready.get_absolute_url())


def test_attributes_stand_beside_their_targets(researcher: Client, ready: PairVersion) -> None:
    page = researcher.get(ready.get_absolute_url()).content.decode()
    assert "52 to 66" in page
    assert re.findall(r'class="verdict verdict-(\w+)"', page) == ["inside", "above"]


def test_the_page_names_the_piano_and_what_it_lacks(researcher: Client, ready: PairVersion) -> None:
    page = researcher.get(ready.get_absolute_url()).content.decode()
    assert re.search(r"tinysoundfont [\d.]+ with TimGM6mb\.sf2", page)
    assert "soft and hard strokes differ in loudness alone on this piano" in page


def test_the_piano_roll_draws_every_note_of_both_hands(researcher: Client, ready: PairVersion) -> None:
    page = researcher.get(ready.get_absolute_url()).content.decode()
    right = sum(note[4] == "right" for note in NOTES)
    assert page.count('<rect class="roll-right"') == right
    assert page.count('<rect class="roll-left"') == len(NOTES) - right
    assert "10 notes in 4.0 seconds, from C2 to C5: 8 for the right hand, 2 for the left." in page


def test_downloads_are_named_by_hash_alone(researcher: Client, ready: PairVersion) -> None:
    page = researcher.get(ready.get_absolute_url()).content.decode()
    assert set(re.findall(r'download="([^"]+)"', page)) == {
        f"clip-{ready.midi_sha256[:8]}.mid",
        f"clip-{ready.audio_sha256[:8]}.mp3",
        f"clip-{ready.audio_alternative_sha256[:8]}.flac",
    }


def test_downloads_are_there(researcher: Client, ready: PairVersion) -> None:
    page = researcher.get(ready.get_absolute_url()).content.decode()
    for address in re.findall(r'href="(/media/[^"]+)" download', page):
        assert researcher.get(address).status_code == 200


def test_a_failed_version_says_why(researcher: Client) -> None:
    version = only_version(make_run([make_picture()]))
    PairVersion.objects.filter(pk=version.pk).update(status="failed", error="The clip is silent.", attempts=3)
    page = researcher.get(version.get_absolute_url()).content.decode()
    assert "The clip is silent." in page
    assert "tried 3 times" in page


def test_a_version_in_the_making_says_its_status(researcher: Client) -> None:
    version = only_version(make_run([make_picture()]))
    answer = researcher.get(reverse("pair_version_state", args=[version.public_id])).json()
    assert (answer["status"], answer["key"]) == ("queued", "queued::0")


def test_regenerating_a_pair_makes_a_new_version_and_keeps_the_old(researcher: Client, ready: PairVersion) -> None:
    response = researcher.post(
        reverse("pairs_regenerate"), {"version": str(ready.public_id), "reason": "nobody heard it"}
    )
    run = GenerationRun.objects.first()
    assert response["Location"] == run.get_absolute_url()
    assert list(ready.pair.versions.values_list("number", "status")) == [(2, "queued"), (1, "ready")]
    assert (run.reason, run.composer) == ("nobody heard it", "paper")


def test_regenerating_a_run_makes_a_new_version_of_each_of_its_pairs(researcher: Client) -> None:
    run = make_run([make_picture(1), make_picture(2)])
    researcher.post(reverse("pairs_regenerate"), {"run": str(run.public_id), "composer": "muse"})
    again = GenerationRun.objects.first()
    assert (again.composer, again.versions.count()) == ("muse", 2)


def test_regenerating_nothing_gets_a_sentence(researcher: Client) -> None:
    response = researcher.post(reverse("pairs_regenerate"), {"back": "/pairs/?emotion=awe"}, follow=True)
    assert response.redirect_chain == [("/pairs/?emotion=awe", 302)]
    assert [str(message) for message in response.context["messages"]] == ["Choose at least one pair to regenerate."]


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_nobody_is_sent_to_another_site(researcher: Client, back: str) -> None:
    response = researcher.post(reverse("pairs_regenerate"), {"back": back})
    assert response["Location"] == "/pairs/"
