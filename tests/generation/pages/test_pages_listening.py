"""The listening page: what it asks, what it shows, and that nothing tells which clip a person played."""

from __future__ import annotations

import csv
import io
import re
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from django.contrib.auth import get_user_model
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from generation import actions, queries
from generation.importing.storing import import_manifest
from generation.models import ListeningAnswer, ListeningSeries, ListeningTrial, PairVersion
from tests.generation.factories import make_picture, make_researcher, make_run
from tests.generation.finished import finish_version
from tests.generation.importing import write_manifest, write_midi
from tests.generation.listening.clips import make_composed, make_played

pytestmark = [pytest.mark.database, pytest.mark.django_db]
BEGIN = {"system": "pianists", "made_by": "muse muse 1.0", "pairs": "2"}


def begin(client: Client, **facts: str) -> HttpResponseBase:
    return client.post(reverse("listen"), {**BEGIN, **facts})


def send(client: Client, trial: ListeningTrial, *, right: bool = True, **facts: str) -> HttpResponseBase:
    chosen = "first" if trial.played_is_first == right else "second"
    sent = {"pair": trial.token, "chosen": chosen, "preferred": "", "first_seconds": "9", "second_seconds": "9.5"}
    return client.post(reverse("listen_answer"), {**sent, **facts}, follow=True)


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def write_recording(path: Path) -> None:
    """Half a minute of one tone, so that the import fades it out."""
    times = np.arange(31 * 22_050) / 22_050
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * 330 * times), 22_050)


@pytest.fixture
def clips(db: None) -> None:
    for emotion in ("awe", "fear"):
        make_played(emotion)
        make_composed(emotion)


@pytest.fixture
def real_clips(db: None, settings: Any, tmp_path: Path) -> tuple[PairVersion, PairVersion]:
    """A recording that was imported, and a piece that was made: real files, as the site makes them."""
    settings.DATA_DIR = tmp_path
    write_recording(tmp_path / "sent" / "a.wav")
    rows = [{"file": "a.wav", "emotion": "sadness", "system": "pianists"}]
    import_manifest(write_manifest(tmp_path / "sent", rows), by=None)
    made = finish_version(make_run([make_picture()]).versions.get())
    return PairVersion.objects.get(composer="pianists"), made


def test_without_clips_the_page_says_what_to_do(visitor: Client, researcher: Client) -> None:
    said = words(visitor.get(reverse("listen")))
    assert "There are no clips yet that people played" in said
    assert "manage.py import_clips" in said
    assert "There are no composed clips yet" in said
    assert reverse("clip_imports") not in said
    assert reverse("run_new") in words(researcher.get(reverse("listen")))
    admin = Client()
    admin.force_login(get_user_model().objects.create_superuser("ada"))
    assert reverse("clip_imports") in words(admin.get(reverse("listen")))


def test_without_clips_nothing_begins(visitor: Client) -> None:
    response = begin(visitor)
    assert response.status_code == 400
    assert not ListeningSeries.objects.exists()


def test_the_form_offers_systems_and_composers_with_what_there_is_of_each(visitor: Client, clips: None) -> None:
    make_played("awe", midi=False)
    make_composed("awe", composer="old", models={})
    said = words(visitor.get(reverse("listen")))
    assert "pianists: 2 clips from MIDI, 1 clip from recordings" in said
    assert "muse (muse 1.0): 2 clips" in said
    assert "old (unknown version): 1 clip<" in said


def test_a_series_is_heard_pair_by_pair_left_and_gone_on_with(visitor: Client, clips: None) -> None:
    begin(visitor)
    first, second = ListeningTrial.objects.all()
    page = words(visitor.get(reverse("listen")))
    assert "Pair 1 of 2" in page
    assert first.token in page
    assert second.token not in page
    again = Client()
    again.force_login(get_user_model().objects.get(username="vera"))
    assert "Pair 2 of 2" in words(send(again, first, preferred="first"))
    done = words(send(again, second, right=False))
    assert "That was the last pair; all answers are stored." in done
    assert "2 answers. From 10 on it is told how many were right" in done
    assert "you found" not in done
    assert ListeningAnswer.objects.count() == 2


def test_fewer_clips_than_wanted_pairs_are_told(visitor: Client, clips: None) -> None:
    response = visitor.post(reverse("listen"), {**BEGIN, "pairs": "20"}, follow=True)
    assert "There are clips for 2 pairs; no clip comes twice." in words(response)


@pytest.mark.parametrize("pairs", ["0", "61", "many"])
def test_a_strange_number_of_pairs_is_refused(visitor: Client, clips: None, pairs: str) -> None:
    assert begin(visitor, pairs=pairs).status_code == 400
    assert not ListeningSeries.objects.exists()


def test_an_answer_is_refused_in_words_and_the_pair_stays(visitor: Client, clips: None) -> None:
    begin(visitor)
    trial = ListeningTrial.objects.get(position=1)
    for wrong, sentence in (
        ({"chosen": ""}, "Say which one a person played."),
        ({"chosen": "third"}, "Select a valid choice"),
        ({"first_seconds": "4.9"}, "Listen to at least 5 seconds of both clips"),
        ({"first_seconds": "NaN"}, "Enter a number"),
        ({"pair": "0" * 32}, "This pair is not one of yours."),
    ):
        said = words(send(visitor, trial, **wrong))
        assert sentence in said
        assert "Pair 1 of 2" in said
    assert not ListeningAnswer.objects.exists()
    assert "Pair 2 of 2" in words(send(visitor, trial, first_seconds="", second_seconds=""))
    assert "the first answer stays" in words(send(visitor, trial, right=False))


def test_stopping_ends_the_series_and_keeps_the_answers(visitor: Client, clips: None) -> None:
    begin(visitor)
    send(visitor, ListeningTrial.objects.get(position=1))
    asked = words(visitor.post(reverse("listen_stop")))
    assert "<h1>Stop this series?</h1> <p>1 of 2 pairs are answered" in asked
    assert "Not asked any more: 1." in asked
    assert "Pair 2 of 2" in words(visitor.get(reverse("listen")))  # nothing was stopped by one press
    # A page that asked about an earlier series, and was left open, ends nothing.
    assert "<h1>Stop this series?" in words(visitor.post(reverse("listen_stop"), {"sure": str(uuid.uuid4())}))
    sure = {"sure": str(ListeningSeries.objects.get().public_id)}
    said = words(visitor.post(reverse("listen_stop"), sure, follow=True))
    assert "The series is over" in said
    assert "1 answer. From 10 on" in said
    assert "Too few answers to say anything: 1 of the 20 it takes." in said
    again = words(visitor.post(reverse("listen_stop"), sure, follow=True))  # from another tab
    assert "No series of yours is running" in again
    assert "The series is over" not in again


def test_results_and_answers_are_hidden_while_a_series_of_ones_own_runs(researcher: Client, clips: None) -> None:
    begin(researcher)
    send(researcher, ListeningTrial.objects.get(position=1))
    said = words(researcher.get(reverse("listen")))
    assert "What was heard" not in said
    assert "found" not in said
    fetched = researcher.get(reverse("listen_answers"))
    assert (fetched.status_code, fetched["Location"]) == (302, reverse("listen"))
    other = Client()
    other.force_login(make_researcher("ben"))
    assert "What was heard" in words(other.get(reverse("listen")))


def answer_many(by: Any, rights: list[bool], prefers: list[bool | None]) -> None:
    series = actions.start_listening(composer="muse", version="muse 1.0", system="pianists", pairs=len(rights), by=by)
    for trial, right, prefer in zip(series.trials.all(), rights, prefers, strict=True):
        first = "first" if trial.played_is_first else "second"
        second = "second" if trial.played_is_first else "first"
        actions.answer_pair(
            token=trial.token,
            chosen=first if right else second,
            preferred="" if prefer is None else first if prefer else second,
            seconds=[6.0, None],
            by=by,
        )


def test_results_say_shares_intervals_and_what_they_allow(visitor: Client) -> None:
    for _ in range(20):
        make_played("awe", midi=False)
        make_composed("awe")
    answer_many(make_researcher(), [True] * 15 + [False] * 5, [True] * 2 + [None] * 18)
    said = words(visitor.get(reverse("listen")))
    assert 'muse <span class="muted">(muse 1.0)</span> beside pianists' in said
    assert "20 of 1 listener<" in said
    assert "15 of 20, 75 %" in said
    assert "53 % to 89 %" in said
    assert "takes two listeners" in said
    assert "<dd>.041</dd>" in said
    assert "0.95 (0.11 to 1.72)" in said
    assert "2 of 2, 100 % (34 % to 100 %)" in said
    assert "in at least 53 % of pairs. It is one person’s ear" in said
    assert "Too few preferences to say anything: 2 of the 20" in said
    assert "In 20 of 20 pairs the played clip is a recording, or another piano" in said
    answer_many(make_researcher("ben"), [True] * 8 + [False] * 12, [None] * 20)
    both = words(visitor.get(reverse("listen")))
    assert "Cannot say: between" in both
    assert "40 of 2 listeners" in both


def test_the_csv_holds_a_row_for_every_answer(researcher: Client, visitor: Client) -> None:
    played, composed = make_played("awe"), make_composed("fear")
    by = get_user_model().objects.get(username="rosa")
    answer_many(by, [False], [True])
    response = researcher.get(reverse("listen_answers"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(response.content.decode()))
    trial = ListeningTrial.objects.get()
    assert row["answered_at"] == ListeningAnswer.objects.get().answered_at.isoformat()
    assert {name: row[name] for name in row if name not in ("answered_at", "chosen", "preferred")} == {
        "series": str(trial.series.public_id),
        "listener": queries.listener_key(by),
        "composer": "muse",
        "version": "muse 1.0",
        "system": "pianists",
        "pair": "1",
        "played_clip": str(played.public_id),
        "composed_clip": str(composed.public_id),
        "played_emotion": "awe",
        "composed_emotion": "fear",
        "played_from_midi": "true",
        "played_is_first": "true" if trial.played_is_first else "false",
        "heard_before": "false",
        "found_played": "false",
        "prefers_played": "true",
        "first_seconds": "6.00",
        "second_seconds": "",
    }
    assert {row["chosen"], row["preferred"]} == {"first", "second"}
    assert visitor.get(reverse("listen_answers")).status_code == 403


def test_how_many_were_right_is_told_from_ten_answers_on(visitor: Client) -> None:
    for _ in range(19):
        make_played("awe")
        make_composed("awe")
    by = get_user_model().objects.get(username="vera")
    answer_many(by, [True] * 9, [None] * 9)
    assert "you found" not in words(visitor.get(reverse("listen")))
    answer_many(by, [True] * 7 + [False] * 3, [None] * 10)
    assert "you found the played clip in 7 of 10 pairs." in words(visitor.get(reverse("listen")))


def test_answers_on_clips_heard_before_are_told_and_not_counted(visitor: Client) -> None:
    make_played("awe")
    make_composed("awe")
    by = make_researcher()
    answer_many(by, [True], [None])
    answer_many(by, [True], [None])
    said = words(visitor.get(reverse("listen")))
    assert "1 of 2 answers on clips heard before: not counted" in said
    assert "1 of 1, 100 %" in said


def test_no_cell_of_the_csv_is_run_by_a_spreadsheet(researcher: Client) -> None:
    make_played("awe")
    make_composed("awe", models={"composer": {"name": "=1+1", "version": "2"}})
    by = get_user_model().objects.get(username="rosa")
    series = actions.start_listening(composer="muse", version="=1+1 2", system="pianists", pairs=1, by=by)
    send(researcher, series.trials.get())
    (row,) = csv.DictReader(io.StringIO(researcher.get(reverse("listen_answers")).content.decode()))
    assert row["version"] == "'=1+1 2"


def test_a_clip_whose_file_is_gone_is_not_found_and_logged(visitor: Client, clips: None, caplog: Any) -> None:
    begin(visitor)
    trial = ListeningTrial.objects.get(position=1)
    clip = trial.played if trial.played_is_first else trial.composed
    assert visitor.get(reverse("listen_clip", args=[trial.first_token])).status_code == 404
    assert f"The file of clip {clip.public_id} is missing: {clip.audio}." in caplog.text


TELLING = re.compile(
    r"pianists|paper|muse|imported|recording|composer_|sadness|media/|[0-9a-f]{8}-[0-9a-f]{4}|\.mp3|\.flac|\.wav"
)


def test_nothing_that_is_sent_before_the_answer_tells_the_two_apart(
    visitor: Client, real_clips: tuple[PairVersion, PairVersion]
) -> None:
    assert begin(visitor, made_by="paper paper 1").status_code == 302
    trial = ListeningTrial.objects.get()
    page = visitor.get(reverse("listen"))
    assert TELLING.findall(words(page)) == []
    assert page["Cache-Control"] == "no-store"
    keys = [trial.played.public_id, trial.composed.public_id, trial.played.audio_sha256, trial.composed.audio_sha256]
    assert [str(key) for key in keys if str(key) in words(page)] == []
    tokens = re.findall(r"/create/listen/clips/(\w+)/", words(page))
    assert tokens == [trial.first_token, trial.second_token]
    sides = dict.fromkeys(("first", "second"), page.content.decode())
    for place, token in zip(sides, tokens, strict=True):  # the two halves of the page differ in words and token alone
        (half,) = re.findall(rf'<section class="card" aria-labelledby="{place}-clip">.*?</section>', sides[place], re.S)
        sides[place] = (
            half.replace(token, "TOKEN")
            .replace("seconds", "time")
            .replace(place, "PLACE")
            .replace(place.title(), "Place")
        )
    assert sides["first"].replace(">1<", ">2<") == sides["second"]


def test_both_clips_are_sent_with_the_same_headers_whole_and_in_parts(
    visitor: Client, media: Path, real_clips: tuple[PairVersion, PairVersion]
) -> None:
    begin(visitor, made_by="paper paper 1")
    trial = ListeningTrial.objects.get()
    first, second = [reverse("listen_clip", args=[token]) for token in (trial.first_token, trial.second_token)]
    for headers in ({}, {"range": "bytes=0-"}, {"range": "bytes=1000-1999"}, {"range": "bytes=-5"}):
        one, other = visitor.get(first, headers=headers), visitor.get(second, headers=headers)
        assert one.status_code == other.status_code
        assert dict(one.items()) == dict(other.items())
        assert len(one.content) == len(other.content) > 0
        assert one.content != other.content or headers == {"range": "bytes=-5"}
    whole = visitor.get(first)
    assert whole["Content-Type"] == "audio/mpeg"
    assert not {"Last-Modified", "ETag", "Content-Disposition"} & {*whole.headers}
    sent = [whole.content, visitor.get(second).content]
    stored = [(media / version.audio).read_bytes() for version in (trial.played, trial.composed)]
    assert {len(one) for one in sent} == {320_156}
    assert sent == [one[:320_156] for one in (stored if trial.played_is_first else stored[::-1])]


def test_a_clip_is_there_for_its_listener_and_while_the_series_runs(
    visitor: Client, researcher: Client, real_clips: tuple[PairVersion, PairVersion]
) -> None:
    begin(visitor, made_by="paper paper 1")
    trial = ListeningTrial.objects.get()
    where = reverse("listen_clip", args=[trial.first_token])
    assert visitor.get(where).status_code == 200
    assert researcher.get(where).status_code == 404
    assert Client().get(where).status_code == 302
    assert visitor.get(reverse("listen_clip", args=[trial.token])).status_code == 404
    visitor.post(reverse("listen_stop"), {"sure": str(ListeningSeries.objects.get().public_id)})
    assert visitor.get(where).status_code == 404


@pytest.mark.parametrize("kind", ["midi", "sound"])
def test_clips_of_either_import_can_be_heard(kind: str, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    if kind == "midi":
        write_midi(tmp_path / "sent" / "a.mid", 30.0)
    else:
        write_recording(tmp_path / "sent" / "a.wav")
    rows = [{"file": "a.mid" if kind == "midi" else "a.wav", "emotion": "awe", "system": "pianists"}]
    import_manifest(write_manifest(tmp_path / "sent", rows), by=None)
    assert queries.played_systems() == {"pianists": (1, 0) if kind == "midi" else (0, 1)}
