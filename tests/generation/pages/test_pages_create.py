"""The page to play with."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from generation import production, queries
from generation.emotions import EMOTIONS, nearest_emotion
from generation.models import PairVersion, SourceImage
from tests.generation.factories import make_picture, picture_bytes
from tests.generation.finished import finish_version

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
SLIDERS = {"valence": "0", "arousal": "0", "dominance": "0"}


@pytest.fixture
def sketched(visitor: Client) -> SourceImage:
    """A picture that the visitor dropped and that is labelled."""
    visitor.post(reverse("create"), {"file": SimpleUploadedFile("mine.png", picture_bytes(5))})
    SourceImage.objects.update(probabilities={"fear": 0.8, "awe": 0.2}, implied={"valence": -0.6, "arousal": 0.4})
    return SourceImage.objects.get()


def ask(client: Client, picture: SourceImage, **settings: str) -> Any:
    sent = {"wanted": "picture", "composer": "muse", **SLIDERS, **settings}
    return client.post(reverse("create_from", args=[picture.public_id]), sent)


def test_strangers_are_asked_to_log_in(stranger: Client) -> None:
    assert stranger.get(reverse("create"))["Location"].startswith(reverse("login"))


def test_anyone_with_a_login_may_drop_a_picture(visitor: Client) -> None:
    response = visitor.post(reverse("create"), {"file": SimpleUploadedFile("mine.png", picture_bytes())})
    picture = SourceImage.objects.get()
    assert response["Location"] == reverse("create_from", args=[picture.public_id])
    assert visitor.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("file", "sentence"),
    [(None, "Choose a picture."), (SimpleUploadedFile("a.jpg", b"text"), "."), (SimpleUploadedFile("a.jpg", b""), ".")],
    ids=["none", "text", "empty"],
)
def test_a_file_that_is_no_picture_is_refused(visitor: Client, file: Any, sentence: str) -> None:
    response = visitor.post(reverse("create"), {"file": file} if file else {})
    assert response.status_code == 400
    (error,) = response.context["form"].errors["file"]
    assert error.endswith(sentence)


def test_a_sketched_picture_stays_out_of_the_library(
    visitor: Client, researcher: Client, sketched: SourceImage
) -> None:
    ask(visitor, sketched)
    assert list(researcher.get(reverse("pictures")).context["page"]) == []
    assert list(researcher.get(reverse("pairs")).context["page"]) == []
    assert list(researcher.get(reverse("runs")).context["page"]) == []
    assert list(queries.ready_pair_versions()) == []


def test_the_music_follows_the_picture(visitor: Client, sketched: SourceImage) -> None:
    ask(visitor, sketched)
    version = PairVersion.objects.get()
    assert (version.pair.emotion.slug, version.target, version.composer) == ("fear", None, "muse")


def test_the_music_follows_a_chosen_emotion(visitor: Client, sketched: SourceImage) -> None:
    ask(visitor, sketched, wanted="amusement", seed="9")
    version = PairVersion.objects.get()
    assert (version.pair.emotion.slug, version.target, version.run.seed) == ("amusement", None, 9)


def test_the_music_follows_the_sliders(visitor: Client, sketched: SourceImage) -> None:
    ask(visitor, sketched, wanted="sliders", valence="-0.7", arousal="-0.5", dominance="-0.6")
    version = PairVersion.objects.get()
    assert version.pair.emotion.slug == "sadness"
    assert version.target == {"valence": -0.7, "arousal": -0.5, "dominance": -0.6}


def test_the_page_of_a_piece_remembers_its_settings(visitor: Client, sketched: SourceImage) -> None:
    response = ask(visitor, sketched, wanted="sliders", valence="-0.7", arousal="0.25", composer="paper")
    form = visitor.get(response["Location"]).context["form"]
    settings = {name: form[name].value() for name in ("wanted", "valence", "arousal", "dominance", "composer")}
    assert settings == {
        "wanted": "sliders",
        "valence": -0.7,
        "arousal": 0.25,
        "dominance": 0.0,
        "composer": "paper",
    }


@pytest.mark.parametrize("emotion", EMOTIONS, ids=lambda emotion: emotion.slug)
def test_every_emotion_is_nearest_to_itself(emotion: Any) -> None:
    assert nearest_emotion(emotion.valence, emotion.arousal, emotion.dominance) == emotion


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"valence": "2"}, "less than or equal to 1"),
        ({"arousal": "high"}, "Enter a number."),
        ({"wanted": "joy"}, "not one of the available choices"),
        ({"composer": "neutral"}, "not one of the available choices"),
        ({"seed": "-4"}, "greater than or equal to 0"),
    ],
)
def test_wrong_settings_get_a_sentence(
    visitor: Client, sketched: SourceImage, wrong: dict[str, str], sentence: str
) -> None:
    response = ask(visitor, sketched, **wrong)
    assert (response.status_code, PairVersion.objects.count()) == (400, 0)
    assert sentence in response.content.decode()


def test_the_default_of_an_unsure_picture_is_its_best_guess_marked_as_one(
    visitor: Client, sketched: SourceImage
) -> None:
    SourceImage.objects.update(label_confident=False)
    page = visitor.get(reverse("create_from", args=[sketched.public_id]))
    assert "What the picture shows (a guess: fear or awe)" in page.content.decode()
    assert page.context["form"]["wanted"].value() == "picture"
    response = ask(visitor, sketched)
    version = PairVersion.objects.get()
    assert (response.status_code, version.pair.emotion.slug) == (302, "fear")
    assert version.run.options["guesses"] == [sketched.pk]
    finish_version(version)
    assert "a guess</span>" in visitor.get(response["Location"]).content.decode()


def test_the_default_asks_nothing_of_the_sliders(visitor: Client, sketched: SourceImage) -> None:
    sliders = {"valence": "", "arousal": "", "dominance": ""}
    assert ask(visitor, sketched, **sliders).status_code == 302
    plain = visitor.post(reverse("create_from", args=[sketched.public_id]), {"wanted": "picture", "composer": "muse"})
    assert plain.status_code == 302
    assert ask(visitor, sketched, wanted="sliders", **sliders).status_code == 400


def test_the_default_of_a_sure_picture_is_no_guess(visitor: Client, sketched: SourceImage) -> None:
    ask(visitor, sketched)
    assert PairVersion.objects.get().run.options == {"sketch": True}


def test_the_likely_emotions_are_offered_with_their_probabilities(visitor: Client, sketched: SourceImage) -> None:
    SourceImage.objects.update(label_confident=False)
    page = visitor.get(reverse("create_from", args=[sketched.public_id]))
    choices = page.context["form"]["wanted"].field.choices
    assert [slug for slug, _ in choices][:4] == ["picture", "fear", "awe", "point"]
    assert [label for _, label in choices][1:3] == ["Fear (80 %)", "Awe (20 %)"]
    assert len(choices) == 11


@pytest.mark.parametrize(
    ("implied", "target"),
    [
        ({"valence": -0.6, "arousal": 0.4}, {"valence": -0.6, "arousal": 0.4, "dominance": -0.4}),
        (
            {"valence": -0.6, "arousal": 0.4, "dominance": 0.1, "valence_low": -0.9, "valence_high": 0.2},
            {"valence": -0.6, "arousal": 0.4, "dominance": 0.1},
        ),
    ],
    ids=["old row", "with intervals"],
)
def test_the_music_follows_the_point_on_the_plane(
    visitor: Client, sketched: SourceImage, implied: dict[str, float], target: dict[str, float]
) -> None:
    SourceImage.objects.update(implied=implied, label_confident=False)
    assert ask(visitor, sketched, wanted="point").status_code == 302
    version = PairVersion.objects.get()
    assert version.target == pytest.approx(target)
    assert "guesses" not in version.run.options


def test_the_point_is_offered_only_where_there_is_one(visitor: Client, sketched: SourceImage) -> None:
    SourceImage.objects.update(implied={})
    assert ask(visitor, sketched, wanted="point").status_code == 400
    assert ask(visitor, sketched).status_code == 302


def test_an_unlabelled_picture_asks_to_wait_and_reports_no_error(visitor: Client, sketched: SourceImage) -> None:
    SourceImage.objects.update(probabilities={}, implied={})
    response = ask(visitor, sketched)
    assert (response.status_code, PairVersion.objects.count()) == (200, 0)
    assert "The network is still looking at this picture" in response.content.decode()
    sent = {"wanted": "picture", "composer": "muse", **SLIDERS}
    told = visitor.post(reverse("create_from", args=[sketched.public_id]), sent, headers=JSON)
    assert (told.status_code, told.json()["again"]) == (202, True)
    assert ask(visitor, sketched, wanted="awe").status_code == 302


def test_a_picture_that_cannot_be_labelled_begins_with_the_sliders(visitor: Client, sketched: SourceImage) -> None:
    SourceImage.objects.update(probabilities={}, implied={}, labelling_error="Unreadable")
    form = visitor.get(reverse("create_from", args=[sketched.public_id])).context["form"]
    assert form["wanted"].value() == "sliders"
    assert "picture" not in dict(form["wanted"].field.choices)
    assert ask(visitor, sketched, wanted="sliders").status_code == 302


def test_a_page_from_before_the_labelling_failed_is_told_so(visitor: Client, sketched: SourceImage) -> None:
    SourceImage.objects.update(probabilities={}, implied={}, labelling_error="Unreadable")
    response = ask(visitor, sketched)
    assert response.status_code == 200
    assert "could not label this picture" in response.content.decode()


def test_the_choices_follow_the_label_as_it_arrives(visitor: Client, sketched: SourceImage) -> None:
    SourceImage.objects.update(label_confident=False)
    answers = visitor.get(reverse("create_label", args=[sketched.public_id])).json()
    answer = answers[str(sketched.public_id)]
    assert "a guess: fear or awe" in answer["wanted"]
    assert answer["implied"] == {"valence": -0.6, "arousal": 0.4, "dominance": -0.4}
    assert "<svg" in answer["html"]


def test_a_fourth_piece_that_is_pressed_for_has_to_wait(visitor: Client, sketched: SourceImage) -> None:
    for emotion in ("fear", "awe", "anger"):
        ask(visitor, sketched, wanted=emotion)
    response = ask(visitor, sketched, wanted="sadness")
    assert (response.status_code, PairVersion.objects.count()) == (400, 3)
    assert "3 of your pieces are still being made" in response.content.decode()


def test_the_script_is_told_where_to_ask_for_the_piece(visitor: Client, sketched: SourceImage) -> None:
    sent = {"wanted": "picture", "composer": "muse", **SLIDERS}
    answer = visitor.post(reverse("create_from", args=[sketched.public_id]), sent, headers=JSON).json()
    state = visitor.get(answer["state"]).json()
    assert (state["id"], state["status"]) == (answer["clip"], "queued")


def test_a_finished_piece_comes_with_player_roll_and_downloads(visitor: Client, sketched: SourceImage) -> None:
    ask(visitor, sketched)
    version = finish_version(PairVersion.objects.get())
    html = visitor.get(reverse("create_clip", args=[version.public_id])).json()["html"]
    assert [part in html for part in ("<audio", "roll-playhead", ".mid", "Send to the library")] == [True] * 4


def test_a_piece_sent_to_the_library_is_listed_with_its_picture(
    visitor: Client, researcher: Client, sketched: SourceImage
) -> None:
    ask(visitor, sketched)
    version = finish_version(PairVersion.objects.get())
    visitor.post(reverse("create_keep", args=[version.public_id]))
    assert [row.pk for row in researcher.get(reverse("pairs")).context["page"]] == [version.pk]
    assert [row.pk for row in researcher.get(reverse("pictures")).context["page"]] == [sketched.pk]
    assert [row.pk for row in queries.ready_pair_versions()] == [version.pk]


def test_nobody_sees_another_persons_piece(visitor: Client, sketched: SourceImage) -> None:
    ask(visitor, sketched)
    version = finish_version(PairVersion.objects.get())
    other = Client()
    other.force_login(get_user_model().objects.create_user("otto"))
    assert other.get(reverse("create_clip", args=[version.public_id])).status_code == 404
    assert other.post(reverse("create_keep", args=[version.public_id])).status_code == 404
    page = other.get(reverse("create_from", args=[sketched.public_id]), {"clip": version.public_id})
    assert page.context["clip"] is None


def test_a_picture_of_the_library_stays_there_when_it_is_dropped_again(visitor: Client) -> None:
    picture = make_picture(5)
    visitor.post(reverse("create"), {"file": SimpleUploadedFile("again.png", picture_bytes(5))})
    picture.refresh_from_db()
    assert picture.in_library


def test_a_researcher_who_adds_a_dropped_picture_brings_it_into_the_library(
    researcher: Client, sketched: SourceImage
) -> None:
    researcher.post(reverse("pictures"), {"files": [SimpleUploadedFile("mine.png", picture_bytes(5))]})
    sketched.refresh_from_db()
    assert sketched.in_library


def test_the_worker_makes_pieces_that_are_not_in_the_library(visitor: Client, sketched: SourceImage) -> None:
    ask(visitor, sketched, wanted="sadness", composer="paper")
    version = PairVersion.objects.get()
    production.make_pair_version(version.pk)
    version.refresh_from_db()
    assert (version.status, version.error) == ("ready", "")


def test_a_quick_take_is_of_one_candidate_and_the_next_of_the_same_seed_of_all(
    visitor: Client, sketched: SourceImage
) -> None:
    sent = {"wanted": "fear", "composer": "muse", "quick": "on", **SLIDERS}
    told = visitor.post(reverse("create_from", args=[sketched.public_id]), sent, headers=JSON).json()
    quick = PairVersion.objects.get()
    assert quick.run.options == {"sketch": True, "candidates": 1}
    assert told["seed"] == quick.run.seed
    ask(visitor, sketched, wanted="fear", seed=str(told["seed"]))
    better = PairVersion.objects.latest("pk")
    assert (better.seed, better.run.options) == (quick.seed, {"sketch": True})


@pytest.mark.parametrize(("candidates", "said"), [(1, "first take"), (8, "best of 8"), (0, "")])
def test_a_take_says_from_how_many_it_was_chosen(
    visitor: Client, sketched: SourceImage, candidates: int, said: str
) -> None:
    ask(visitor, sketched, wanted="fear")
    version = finish_version(PairVersion.objects.get(), candidates=candidates)
    state = visitor.get(reverse("create_clip", args=[version.public_id])).json()
    assert state["candidates"] == candidates
    assert 'data-valence="-0.70" data-arousal="0.60"' in state["take"]
    badges = [words for words in ("first take", "best of 8") if f">{words}</span>" in state["take"]]
    assert badges == ([said] if said else [])


def test_the_label_tells_the_pad_where_the_picture_lies(visitor: Client, sketched: SourceImage) -> None:
    told = visitor.get(reverse("create_label", args=[sketched.public_id])).json()[str(sketched.public_id)]
    assert '<circle class="pad-picture" cx="80.4" cy="103.6"' in told["pad"]
    assert told["place"] == "valence −0.60, arousal 0.40"
    SourceImage.objects.update(probabilities={}, implied={})
    told = visitor.get(reverse("create_label", args=[sketched.public_id])).json()[str(sketched.public_id)]
    assert (told["pad"].strip(), told["place"]) == ("", "")


def test_a_fourth_piece_is_told_as_busy_and_other_faults_are_not(visitor: Client, sketched: SourceImage) -> None:
    address = reverse("create_from", args=[sketched.public_id])
    sent = {"composer": "muse", **SLIDERS}
    for emotion in ("fear", "awe", "anger"):
        assert visitor.post(address, {**sent, "wanted": emotion}, headers=JSON).status_code == 201
    told = visitor.post(address, {**sent, "wanted": "sadness"}, headers=JSON)
    assert (told.status_code, told.json()["busy"]) == (202, True)
    refused = visitor.post(address, {**sent, "wanted": "fear", "seed": "x"}, headers=JSON)
    assert (refused.status_code, "busy" in refused.json()) == (400, False)


def test_the_oldest_take_that_moving_asked_for_gives_way(visitor: Client, sketched: SourceImage) -> None:
    for emotion in ("fear", "awe", "anger"):
        ask(visitor, sketched, wanted=emotion, quick="on")
    assert ask(visitor, sketched, wanted="sadness").status_code == 302
    standing = dict(PairVersion.objects.values_list("pair__emotion__slug", "status"))
    assert standing == {"fear": "cancelled", "awe": "queued", "anger": "queued", "sadness": "queued"}


def test_the_better_take_of_a_first_one_gives_way_and_one_that_is_being_made_does_not(
    visitor: Client, sketched: SourceImage
) -> None:
    ask(visitor, sketched, wanted="fear", quick="on")
    first = finish_version(PairVersion.objects.get())
    ask(visitor, sketched, wanted="fear", seed=str(first.run.seed))  # as the page asks by itself
    better = PairVersion.objects.latest("pk")
    for emotion in ("awe", "anger"):
        ask(visitor, sketched, wanted=emotion)
    assert ask(visitor, sketched, wanted="sadness").status_code == 302
    better.refresh_from_db()
    assert better.status == "cancelled"
    assert ask(visitor, sketched, wanted="disgust").status_code == 400


def test_what_is_being_made_for_the_same_wish_is_given_again(visitor: Client, sketched: SourceImage) -> None:
    for _ in range(2):
        ask(visitor, sketched, wanted="sliders", quick="on")
    first = PairVersion.objects.get()
    for _ in range(2):
        ask(visitor, sketched, wanted="sliders")
    better = PairVersion.objects.latest("pk")
    assert PairVersion.objects.count() == 2
    assert (better.run.seed, better.run.options) == (first.run.seed, {"sketch": True})
    ask(visitor, sketched, wanted="sliders", seed=str((first.run.seed or 0) + 1))
    assert PairVersion.objects.count() == 3
