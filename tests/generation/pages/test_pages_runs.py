"""Starting runs and watching them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generation.models import IN_FRONT, GenerationRun, PairVersion, SourceImage
from survey.queries.in_front import pairs_to_play
from tests.generation.factories import make_picture, make_run
from tests.generation.finished import finish_version

pytestmark = pytest.mark.django_db


def label(picture: SourceImage, slug: str, *, sure: bool = True) -> SourceImage:
    SourceImage.objects.filter(pk=picture.pk).update(probabilities={slug: 1.0}, label_confident=sure)
    return picture


def fail(version: PairVersion, message: str) -> None:
    PairVersion.objects.filter(pk=version.pk).update(status="failed", error=message)


def test_the_form_fills_in_the_most_probable_emotion(researcher: Client) -> None:
    picture = label(make_picture(), "fear")
    form = researcher.get(reverse("run_new"), {"picture": str(picture.public_id)}).context["form"]
    assert form[form.emotion_name(picture)].value() == "fear"


def test_the_form_marks_what_it_fills_in_for_an_unsure_picture_as_a_guess(researcher: Client) -> None:
    picture = make_picture()
    SourceImage.objects.update(probabilities={"fear": 0.5, "awe": 0.4, "anger": 0.1}, label_confident=False)
    response = researcher.get(reverse("run_new"), {"picture": str(picture.public_id)})
    form = response.context["form"]
    assert form[form.emotion_name(picture)].value() == "fear"
    html = response.content.decode()
    assert "guess: fear or awe" in html
    assert "Accept all guesses and start the run" in html


def test_all_guesses_are_accepted_by_one_click_and_the_run_says_so(researcher: Client) -> None:
    pictures = [label(make_picture(1), "fear", sure=False), label(make_picture(2), "awe", sure=False)]
    sent = {
        "picture": [str(picture.public_id) for picture in pictures],
        f"emotion-{pictures[0].pk}": "fear",
        f"emotion-{pictures[1].pk}": "anger",
        "composer": "paper",
        "seeds_per_picture": "1",
        "start": "1",
    }
    response = researcher.post(reverse("run_new"), sent, follow=True)
    assert GenerationRun.objects.get().options == {"guesses": [pictures[0].pk]}
    assert "intended for 1 picture is the guess of an unsure network" in response.content.decode()


def test_an_administrator_has_pairs_made_for_the_front_page_and_nobody_else(
    researcher: Client, admin_client: Client
) -> None:
    picture = label(make_picture(), "fear")
    sent = {
        "picture": [str(picture.public_id)], f"emotion-{picture.pk}": "fear", "composer": "paper",
        "seeds_per_picture": "1", "in_front": "on", "start": "1",
    }  # fmt: skip
    for client, offered, options in ((researcher, False, {}), (admin_client, True, {IN_FRONT: True})):
        page = client.get(reverse("run_new"), {"picture": str(picture.public_id)}).content.decode()
        assert ("For the front page" in page) is offered
        assert page.count("id_in_front_helptext") == (2 if offered else 0)  # told of, and there
        assert client.post(reverse("run_new"), sent).status_code == 302
        assert GenerationRun.objects.first().options == options
    made = PairVersion.objects.latest("pk")
    finish_version(made)
    assert [one.pk for one in pairs_to_play()] == [made.pk]


def send_list(client: Client, pictures: list[SourceImage], text: str | bytes, **more: str) -> Any:
    listed = {"list_file": SimpleUploadedFile("list.csv", text)} if isinstance(text, bytes) else {"list_text": text}
    sent = {"picture": [str(picture.public_id) for picture in pictures], "fill": "1", **listed, **more}
    return client.post(reverse("run_new"), sent)


def filled(response: Any) -> dict[str, str]:
    return {str(picture): field.value() for picture, field in response.context["form"].rows()}


@pytest.mark.parametrize("as_file", [True, False], ids=["file", "text"])
def test_a_list_sets_many_emotions_at_once_and_keeps_the_rest_of_the_form(researcher: Client, as_file: bool) -> None:
    pictures = [label(make_picture(1), "fear", sure=False), make_picture(2), make_picture(3)]
    text = "file,emotion\n1.png,Awe\n2,SADNESS\n"
    response = send_list(researcher, pictures, text.encode() if as_file else text, reason="pilot", seed="7")
    assert response.status_code == 200
    assert filled(response) == {"1.png": "awe", "2.png": "sadness", "3.png": ""}
    assert (response.context["form"]["reason"].value(), response.context["form"]["seed"].value()) == ("pilot", "7")
    assert "2 emotions set from the list." in response.content.decode()


def test_a_list_with_a_mistake_sets_nothing_and_names_every_line(researcher: Client) -> None:
    response = send_list(researcher, [make_picture(1), make_picture(2)], "1.png,awe\n9.png,fear\n2.png,joy\n1,fear\n")
    assert response.status_code == 400
    assert filled(response) == {"1.png": "", "2.png": ""}
    errors = response.context["listing"].non_field_errors()
    assert [error.partition(":")[0] for error in errors] == ["Line 2", "Line 3", "Line 4"]
    assert "No picture of the library is called “9.png”." in errors[0]
    assert "9.png,fear" in response.content.decode()  # the lines stay, to be mended


def test_lines_for_pictures_of_the_library_that_are_not_in_the_run_are_left_out(researcher: Client) -> None:
    chosen, _other = make_picture(1), make_picture(2)
    response = send_list(researcher, [chosen], "1.png,awe\n2.png,fear\n")
    assert filled(response) == {"1.png": "awe"}
    assert "1 line names a picture that is not in this run." in " ".join(response.content.decode().split())


def test_a_list_alone_chooses_the_pictures_in_its_order(researcher: Client) -> None:
    make_picture(1), make_picture(2), make_picture(3)
    assert filled(send_list(researcher, [], "3.png;fear\r\n1.png;awe\r\n")) == {"3.png": "fear", "1.png": "awe"}


def test_a_list_alone_with_a_mistake_has_a_page_to_mend_it(researcher: Client) -> None:
    response = send_list(researcher, [], "nowhere.png,fear")
    assert response.status_code == 400
    assert "“nowhere.png”" in response.content.decode()


def test_a_sketch_of_somebody_is_not_found_by_its_name(researcher: Client) -> None:
    SourceImage.objects.filter(pk=make_picture(1).pk).update(in_library=False)
    assert send_list(researcher, [], "1.png,fear").status_code == 400


def test_a_list_that_was_not_filled_in_counts_when_the_run_is_started(researcher: Client) -> None:
    picture = label(make_picture(1), "fear")
    more = {f"emotion-{picture.pk}": "fear", "composer": "paper", "seeds_per_picture": "1", "start": "1"}
    assert send_list(researcher, [picture], "1.png,anger", **more).status_code == 302
    assert PairVersion.objects.get().pair.emotion.slug == "anger"
    assert send_list(researcher, [picture], "1.png,joy", **more).status_code == 400
    assert PairVersion.objects.count() == 1


def test_a_list_with_nothing_in_it_is_refused_in_words(researcher: Client) -> None:
    response = send_list(researcher, [make_picture(1)], b"file,emotion\n")
    assert "names no picture" in response.content.decode()


def press(client: Client, pictures: list[SourceImage], button: str, **more: Any) -> Any:
    return client.post(reverse("run_new"), {"picture": [str(one.public_id) for one in pictures], button: "1", **more})


def test_one_press_fills_in_what_is_empty_and_names_the_unsure_ones(researcher: Client) -> None:
    sure, unsure, waiting = label(make_picture(1), "fear"), label(make_picture(2), "awe", sure=False), make_picture(3)
    own, guess = label(make_picture(4), "fear"), label(make_picture(5), "sadness", sure=False)
    chosen = dict(zip((sure, unsure, waiting, own, guess), ("", "joy", "", "anger", "sadness"), strict=True))
    sent = {f"emotion-{picture.pk}": slug for picture, slug in chosen.items()}
    response = press(researcher, list(chosen), "accept", **sent)
    assert filled(response) == {"1.png": "fear", "2.png": "awe", "3.png": "", "4.png": "anger", "5.png": "sadness"}
    html = " ".join(response.content.decode().split())
    assert "The network's emotion is filled in for 2 pictures; what was chosen stays." in html.replace("&#x27;", "'")
    assert f'<a href="#id_emotion-{unsure.pk}">2.png</a>, <a href="#id_emotion-{guess.pk}">5.png</a></p>' in html
    buttons = [words.strip() for words in re.findall(r"<button[^>]*>([^<]+)</button>", html)]
    assert {"Fill in empty ones", "Accept all guesses and start the run"} <= set(buttons)
    assert not GenerationRun.objects.exists()


def test_pictures_without_a_label_are_named_until_their_emotion_is_chosen(researcher: Client) -> None:
    waiting = make_picture(3)
    assert f'<a href="#id_emotion-{waiting.pk}">3.png</a>.' in press(researcher, [waiting], "accept").content.decode()
    chosen = press(researcher, [waiting], "accept", **{f"emotion-{waiting.pk}": "awe"}).content.decode()
    assert "Not labelled yet, so that" not in chosen


def test_one_emotion_is_set_for_the_pictures_chosen_and_the_rest_of_the_form_stays(researcher: Client) -> None:
    pictures = [label(make_picture(1), "fear"), label(make_picture(2), "fear"), label(make_picture(3), "fear")]
    many = [str(picture.public_id) for picture in pictures[:2]]
    sent = {"many": many, "many_emotion": "awe", "composer": ["paper", "muse"], "seeds_per_picture": "3", "seed": "7"}
    response = press(researcher, pictures, "set_many", **sent)
    assert filled(response) == {"1.png": "awe", "2.png": "awe", "3.png": "fear"}
    form = response.context["form"]
    assert (form["composer"].value(), form["seeds_per_picture"].value(), form["seed"].value()) == (
        ["paper", "muse"],
        "3",
        "7",
    )
    html = response.content.decode()
    assert "Awe is set for 2 pictures." in html
    assert html.count('name="many"') == 3
    assert [one in html for one in (f'value="{many[0]}" checked', f'value="{pictures[2].public_id}" checked')] == [
        True,
        False,
    ]


@pytest.mark.parametrize("sent", [{"many": [], "many_emotion": "awe"}, {"many_emotion": "joy"}, {"many_emotion": ""}])
def test_setting_nothing_says_what_to_do(researcher: Client, sent: dict[str, Any]) -> None:
    picture = label(make_picture(1), "fear")
    response = press(researcher, [picture], "set_many", **{"many": [str(picture.public_id)], **sent})
    assert filled(response) == {"1.png": "fear"}
    said = '<p class="message message-warning" role="status">Nothing was set: choose pictures by their boxes'
    assert said in response.content.decode()


def test_a_composer_given_twice_counts_once_in_what_is_told_of_the_size(researcher: Client) -> None:
    pictures = [label(make_picture(1), "fear")]
    once, twice = (press(researcher, pictures, "count", composer=given) for given in (["paper"], ["paper"] * 2))
    assert twice.context["form"].size_words() == once.context["form"].size_words()


def test_no_composer_is_chosen_where_all_were_taken_away(researcher: Client) -> None:
    response = press(researcher, [label(make_picture(1), "fear")], "count", seeds_per_picture="2")
    assert response.context["form"]["composer"].value() == []
    assert "Choose at least one composer." in response.content.decode()


def test_the_library_s_selection_may_come_with_one_emotion(researcher: Client) -> None:
    pictures = [label(make_picture(1), "fear"), make_picture(2)]
    assert filled(press(researcher, pictures, "from_library", intended="awe")) == {"1.png": "awe", "2.png": "awe"}
    assert filled(press(researcher, pictures, "from_library", intended="")) == {"1.png": "fear", "2.png": ""}
    assert '<select id="intended" name="intended">' in researcher.get(reverse("pictures")).content.decode()


def test_what_is_filled_in_is_downloaded_as_a_list_that_fills_it_in_again(researcher: Client) -> None:
    pictures = [label(make_picture(1), "fear"), label(make_picture(2), "awe", sure=False), make_picture(3)]
    pictures += [label(make_picture(4), "anger"), label(make_picture(5), "disgust"), label(make_picture(6), "sadness")]
    for picture, title in zip(pictures[3:], ("=cmd()", "same.png", "same.png"), strict=True):
        SourceImage.objects.filter(pk=picture.pk).update(title=title)
    response = press(researcher, pictures, "template", **{f"emotion-{pictures[0].pk}": "contentment"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="emotions.csv"'
    assert response.content.decode("utf-8-sig").splitlines() == [
        "file,emotion,note",
        "1.png,contentment,",
        "2.png,awe,guess of an unsure network",
        "3.png,,not labelled yet: choose an emotion",
        f"{pictures[3].public_id},anger,",
        f"{pictures[4].public_id},disgust,",
        f"{pictures[5].public_id},sadness,",
    ]
    mended = response.content.replace(b"3.png,,", b"3.png,excitement,")
    back = send_list(researcher, pictures, mended)
    assert [field.value() for _, field in back.context["form"].rows()] == [
        "contentment",
        "awe",
        "excitement",
        "anger",
        "disgust",
        "sadness",
    ]


def test_several_composers_are_chosen_and_named_wherever_the_run_is(researcher: Client) -> None:
    picture = label(make_picture(), "fear")
    sent = {"composer": ["muse", "paper"], "seeds_per_picture": "2", f"emotion-{picture.pk}": "fear"}
    assert press(researcher, [picture], "start", **sent).status_code == 302
    run = GenerationRun.objects.get()
    assert list(run.versions.order_by("pk").values_list("composer", flat=True)) == ["muse"] * 2 + ["paper"] * 2
    page = researcher.get(run.get_absolute_url()).content.decode()
    assert page.count("<dt>Composer</dt>") == 2
    assert page.count("<td>paper</td>") == 2
    assert "<td>muse, paper</td>" in researcher.get(reverse("runs")).content.decode()


def test_the_page_s_script_is_told_how_large_the_run_is(researcher: Client) -> None:
    sent = {"composer": ["muse", "paper"], "seeds_per_picture": "2", "pictures": "3"}
    answer = researcher.post(reverse("run_new"), sent, headers={"Accept": "application/json"})
    assert answer.json()["words"].startswith("12 clips: 3 pictures × 2 composers × 2 clips each.")
    for number in ("", "-1", "x", "1e5", "9" * 400, "²"):
        answer = researcher.post(
            reverse("run_new"), {**sent, "pictures": number}, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 200


def test_the_form_of_the_largest_run_is_taken(researcher: Client, settings: Any) -> None:
    """Picture, emotion and box of each of 2,000, and what holds for all."""
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS >= 3 * 2000 + 50


def test_a_run_is_started_for_many_pictures_and_several_seeds(researcher: Client) -> None:
    pictures = [label(make_picture(1), "fear"), label(make_picture(2), "awe")]
    sent = {
        "picture": [str(picture.public_id) for picture in pictures],
        f"emotion-{pictures[0].pk}": "sadness",
        f"emotion-{pictures[1].pk}": "awe",
        "composer": "paper",
        "seeds_per_picture": "3",
        "seed": "7",
        "reason": "pilot",
        "start": "1",
    }
    response = researcher.post(reverse("run_new"), sent)
    run = GenerationRun.objects.get()
    assert response["Location"] == run.get_absolute_url()
    assert (run.seed, run.composer, run.reason, run.requested_by.username) == (7, "paper", "pilot", "rosa")
    made = run.versions.values_list("pair__image", "pair__emotion__slug")
    assert sorted(made) == sorted([(pictures[0].pk, "sadness")] * 3 + [(pictures[1].pk, "awe")] * 3)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("seeds_per_picture", "0", "greater than or equal to 1"),
        ("seeds_per_picture", "1000", "less than or equal to 50"),
        ("seed", "-1", "greater than or equal to 0"),
        ("seed", "99999999999999999999", "less than or equal to"),
        ("composer", "mozart", "not one of the available choices"),
        ("emotion", "joy", "not one of the available choices"),
        ("emotion", "", "Choose an emotion"),
        ("reason", "x" * 400, "at most 300 characters"),
    ],
)
def test_a_run_with_a_wrong_field_is_sent_back(researcher: Client, field: str, value: str, sentence: str) -> None:
    picture = label(make_picture(), "fear")
    good = {"picture": str(picture.public_id), "composer": "paper", "seeds_per_picture": "1", "start": "1"}
    wrong = {f"emotion-{picture.pk}" if field == "emotion" else field: value}
    response = researcher.post(reverse("run_new"), {**good, f"emotion-{picture.pk}": "awe", **wrong})
    assert (response.status_code, GenerationRun.objects.count()) == (400, 0)
    assert sentence in response.content.decode()


def test_a_run_without_pictures_leads_back_to_the_library(researcher: Client) -> None:
    response = researcher.post(reverse("run_new"), {"picture": "nonsense"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "Choose the pictures first: tick them here, then press “Make music for the selected pictures”."
    ]


def test_progress_tells_every_state_of_a_run(researcher: Client) -> None:
    run = make_run([make_picture()], seeds=3)
    versions = list(run.versions.order_by("pk"))
    finish_version(versions[0])
    fail(versions[1], "The clip is silent.")
    answer = researcher.get(reverse("run_progress", args=[run.public_id])).json()
    assert (answer["finished"], answer["total"], answer["is_finished"]) == (2, 3, False)
    assert answer["counts"] == {"queued": 1, "running": 0, "ready": 1, "failed": 1, "cancelled": 0, "parked": 0}
    assert [(row["status"], row["error"]) for row in answer["rows"]] == [
        ("ready", ""),
        ("failed", "The clip is silent."),
        ("queued", ""),
    ]


def test_progress_is_never_cached(researcher: Client) -> None:
    run = make_run([make_picture()])
    response = researcher.get(reverse("run_progress", args=[run.public_id]))
    assert response["Cache-Control"] == "no-store"


def test_without_javascript_the_page_refreshes_itself_until_all_is_done(researcher: Client) -> None:
    run = make_run([make_picture()])
    assert '<noscript><meta http-equiv="refresh"' in researcher.get(run.get_absolute_url()).content.decode()
    finish_version(run.versions.get())
    assert 'http-equiv="refresh"' not in researcher.get(run.get_absolute_url()).content.decode()


def test_cancelling_stops_what_has_not_started(researcher: Client) -> None:
    run = make_run([make_picture()], seeds=2)
    finish_version(run.versions.first())
    response = researcher.post(reverse("run_cancel", args=[run.public_id]), follow=True)
    assert sorted(run.versions.values_list("status", flat=True)) == ["cancelled", "ready"]
    assert [str(message) for message in response.context["messages"]] == ["1 cancelled."]


def test_failed_pairs_are_queued_again(researcher: Client) -> None:
    run = make_run([make_picture()])
    fail(run.versions.get(), "No piano.")
    researcher.post(reverse("run_retry", args=[run.public_id]))
    assert run.versions.get().status == "queued"


def test_the_run_page_asks_the_database_as_often_for_three_pairs_as_for_one(researcher: Client) -> None:
    counts = []
    for seeds in (1, 3):
        run = make_run([make_picture(seeds)], seeds=seeds)
        for version in run.versions.all():
            finish_version(version)
        with CaptureQueriesContext(connection) as asked:
            researcher.get(run.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_list_of_runs_asks_the_database_as_often_for_three_as_for_one(
    researcher: Client, django_assert_num_queries: Any
) -> None:
    make_run([make_picture()])
    with CaptureQueriesContext(connection) as first:
        researcher.get(reverse("runs"))
    make_run([make_picture(2)])
    make_run([make_picture(3)])
    with django_assert_num_queries(len(first)):
        page = researcher.get(reverse("runs"))
    assert [run.total for run in page.context["page"]] == [1, 1, 1]
