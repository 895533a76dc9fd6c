"""Pieces of visitors without an account: made, told, kept for a while, and never stored."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.urls import reverse

from generation import pipeline, production, visits
from generation.emotions import nearest_emotion
from generation.images.intake import take_in
from generation.mp3 import walk_site_frames
from tests.generation.factories import picture_bytes
from tests.generation.visiting import begin, counted, kept, send, token_of

__all__ = ["kept"]
pytestmark = pytest.mark.django_db


def count_rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.parametrize("name", ["visit", "visit_state", "visit_file"])
def test_without_the_setting_there_is_no_such_page_and_strangers_log_in(kept: Any, settings: Any, name: str) -> None:
    token = begin().token
    settings.PUBLIC_CREATE = False
    args = [token, "picture"] if name == "visit_file" else [token]
    assert Client().get(reverse(name, args=args)).status_code == 404
    assert send()["Location"].startswith(reverse("login"))
    assert Client().get(reverse("create"))["Location"].startswith(reverse("login"))


def test_from_a_picture_to_a_piece_and_nothing_is_stored(kept: redis.Redis, tmp_path: Path) -> None:
    before = count_rows()
    client = Client()
    assert "You need no account" in client.get(reverse("create")).content.decode()
    token = token_of(send(client))
    page = client.get(reverse("visit", args=[token]))
    assert "Your piece waits for its turn" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert kept.llen("melodymuse.music") == 1
    production.make_visitors_piece(token)
    page = client.get(reverse("visit", args=[token])).content.decode()
    mp3 = reverse("visit_file", args=[token, "clip.mp3"])
    assert f'<source src="{mp3}" type="audio/mpeg">' in page
    assert "What the network finds in the picture" in page
    assert 'class="roll"' in page
    assert "noscript" not in page.partition("</head>")[0]
    state = client.get(reverse("visit_state", args=[token])).json()
    assert (state["status"], state["done"]) == ("ready", True)
    assert mp3 in state["html"]
    sound = client.get(mp3)
    assert sound["Content-Type"] == "audio/mpeg"
    assert len(list(walk_site_frames(sound.content))) > 900
    part = client.get(mp3, headers={"Range": "bytes=0-9"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert client.get(reverse("visit_file", args=[token, "clip.mid"])).content.startswith(b"MThd")
    picture = client.get(reverse("visit_file", args=[token, "picture"]))
    assert (picture["Content-Type"], picture.content) == ("image/png", take_in(picture_bytes()).data)
    assert client.get(reverse("visit_file", args=[token, "status"])).status_code == 404
    assert count_rows() == before
    assert not (tmp_path / "media").exists()
    assert set(client.cookies) <= {"csrftoken"}


def test_an_emotion_that_was_chosen_is_what_is_composed_for(kept: redis.Redis) -> None:
    token = begin().token
    production.make_visitors_piece(token)
    found = visits.find(token)
    assert found is not None
    assert (found.told["emotion"], found.told["guess"], found.status) == ("Awe", False, "ready")


def test_all_that_is_kept_goes_by_itself(kept: redis.Redis) -> None:
    token = token_of(send())
    production.make_visitors_piece(token)
    left = {name.decode(): kept.ttl(name) for name in kept.scan_iter("melodymuse.visits:*")}
    assert all(0 < seconds <= visits.HOUR for seconds in left.values()), left
    assert 0 < left[f"melodymuse.visits:visit:{token}"] <= 15 * 60
    assert not [name for name in left if "127.0.0.1" in name]
    kept.delete(f"melodymuse.visits:visit:{token}")
    gone = Client().get(reverse("visit", args=[token]))
    assert gone.status_code == 404
    assert "kept for 15 minutes" in gone.content.decode()
    state = Client().get(reverse("visit_state", args=[token])).json()
    assert (state["status"], state["done"], state["html"]) == ("lost", True, "")
    assert "kept for 15 minutes" in state["said"]
    assert Client().get(reverse("visit_file", args=[token, "picture"])).status_code == 404
    production.make_visitors_piece(token)  # a message that comes too late
    assert not kept.exists(f"melodymuse.visits:visit:{token}")


def test_a_piece_claimed_at_the_last_moment_has_its_whole_time(
    kept: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = time.time()
    late = begin().token
    too_late = begin().token
    for now in (begun + 149, begun + 149 + 149):
        monkeypatch.setattr(visits.time, "time", lambda now=now: now)
        assert visits.claim(late) is None or now == begun + 149
        found = visits.find(late)
        assert found is not None
        assert found.status == "running"
        with pytest.raises(visits.Busy):
            [begin() for _ in range(2)]
    assert visits.claim(too_late) is None
    monkeypatch.setattr(visits.time, "time", lambda: begun + 149 + 151)
    gone = visits.find(late)
    assert gone is not None
    assert gone.status == "lost"


@pytest.mark.parametrize("size", [30 * 2**20, 30 * 2**20 + 1])
def test_a_file_too_large_is_never_opened(
    kept: Any, monkeypatch: pytest.MonkeyPatch, admin_client: Client, size: int
) -> None:
    read: list[int] = []
    monkeypatch.setattr(TemporaryUploadedFile, "read", lambda self, *a: read.append(self.size) or b"", raising=False)
    for client in (Client(), admin_client):
        answer = send(client, bytes(size))
        assert answer.status_code == 400
        assert ("30 MB. Make the picture smaller" in answer.content.decode()) == (size > 30 * 2**20)
    assert bool(read) == (size <= 30 * 2**20)


@pytest.mark.parametrize("name", ["open", "hour:1", "from:x"])
def test_a_counter_is_no_visit(kept: redis.Redis, name: str) -> None:
    begin()
    kept.set("melodymuse.visits:hour:1", 1)
    kept.set("melodymuse.visits:from:x", 1)
    assert Client().get(reverse("visit", args=[name])).status_code == 404
    assert Client().get(reverse("visit_file", args=[name, "picture"])).status_code == 404
    assert Client().get(reverse("visit_state", args=[name])).json()["status"] == "lost"


def test_a_piece_whose_worker_died_says_so(kept: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    token = begin().token
    assert visits.claim(token) is not None
    assert visits.claim(token) is None  # the message comes again
    assert "is being made" in Client().get(reverse("visit", args=[token])).content.decode()
    late = time.time() + visits.PATIENCE_SECONDS + 1
    monkeypatch.setattr(visits.time, "time", lambda: late)
    page = Client().get(reverse("visit", args=[token])).content.decode()
    assert "The piece was interrupted" in page
    assert "Try once more with this picture" in page
    assert Client().get(reverse("visit_state", args=[token])).json()["done"]


def test_a_piece_that_fails_says_so_and_makes_room(kept: redis.Redis) -> None:
    wanted = visits.Wanted("", "paper", "image/png")
    visit = visits.begin(wanted, b"no picture", address="192.0.2.1", asked="this")
    production.make_visitors_piece(visit.token)
    assert "could not make this piece" in Client().get(reverse("visit", args=[visit.token])).content.decode()
    assert kept.zcard("melodymuse.visits:open") == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"file": SimpleUploadedFile("x.png", b"")}, "empty"),
        ({"file": ""}, "Choose a picture."),
        ({"wanted": "joy"}, "not one of the available choices"),
        ({"composer": "neutral"}, "not one of the available choices"),
    ],
    ids=str,
)
def test_what_cannot_be_made_is_sent_back_with_words(kept: redis.Redis, changed: Any, sentence: str) -> None:
    sent = {"file": SimpleUploadedFile("mine.png", picture_bytes()), "wanted": "", "composer": "paper", **changed}
    response = Client().post(reverse("create"), sent)
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert not kept.exists("melodymuse.visits:open")


def test_while_the_broker_is_away_the_page_says_so(settings: Any) -> None:
    settings.PUBLIC_CREATE = True
    pages = [Client().get(reverse(name, args=["x"])) for name in ("visit", "visit_state")]
    for response in (send(), *pages):
        assert (response.status_code, response["Retry-After"]) == (503, "30")
        sent = response.request["REQUEST_METHOD"] == "POST"
        assert ("Nothing was kept of your picture" in response.content.decode()) == sent
    assert Client().get(reverse("create")).status_code == 200


def test_who_is_logged_in_has_the_whole_page(settings: Any) -> None:
    settings.PUBLIC_CREATE = True
    from django.contrib.auth import get_user_model

    client = Client()
    client.force_login(get_user_model().objects.create_user("vera"))
    assert "You need no account" not in client.get(reverse("create")).content.decode()


def test_the_front_page_offers_it_where_it_is_on(settings: Any) -> None:
    offer = f'<a class="button" href="{reverse("create")}">Make music for a picture of yours</a>'
    assert offer not in Client().get("/").content.decode()
    settings.PUBLIC_CREATE = True
    assert offer in Client().get("/").content.decode()


AT_POINT = {"wanted": "point", "valence": "0.5", "arousal": "-0.25", "dominance": "0.1"}


def send_point(**changed: str) -> Any:
    file = SimpleUploadedFile("mine.png", picture_bytes())
    return Client().post(reverse("create"), {"file": file, "composer": "paper", **AT_POINT, **changed})


def test_a_piece_is_made_for_the_point_that_is_sent(kept: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(send_point())
    visit = visits.find(token)
    assert visit is not None
    assert (visit.wanted.emotion, visit.wanted.target) == ("", {"valence": 0.5, "arousal": -0.25, "dominance": 0.1})
    asked: list[Any] = []
    make_clip = pipeline.make_clip
    monkeypatch.setattr(pipeline, "make_clip", lambda request: asked.append(request) or make_clip(request))
    production.make_visitors_piece(token)
    assert [(one.valence, one.arousal, one.dominance) for one in asked] == [(0.5, -0.25, 0.1)]
    assert asked[0].emotion == nearest_emotion(0.5, -0.25, 0.1).slug
    page = Client().get(reverse("visit", args=[token])).content.decode()
    assert "Made for the place on the pad: valence 0.50, arousal −0.25." in page
    assert "It lies at valence" in page


@pytest.mark.parametrize("value", ["nan", "inf", "2", "-1.01", "left", ""])
@pytest.mark.parametrize("name", ["valence", "arousal", "dominance"])
def test_a_point_that_is_none_is_sent_back_with_words(kept: redis.Redis, name: str, value: str) -> None:
    answer = send_point(**{name: value})
    assert answer.status_code == 400
    assert "has to be given as numbers from −1 to 1. Move the pad, or choose an emotion." in answer.content.decode()
    assert not kept.exists("melodymuse.visits:open")


def test_beside_an_emotion_no_point_counts(kept: redis.Redis) -> None:
    visit = visits.find(token_of(send_point(wanted="awe", valence="nan")))
    assert visit is not None
    assert (visit.wanted.emotion, visit.wanted.target) == ("awe", None)


def test_another_take_of_the_same_picture_needs_no_upload(kept: redis.Redis) -> None:
    token = token_of(send_point())
    production.make_visitors_piece(token)
    client = Client(enforce_csrf_checks=True)
    page = client.get(reverse("visit", args=[token]))
    address = reverse("visit_again", args=[token])
    assert f'action="{address}"' in page.content.decode()
    assert client.post(address).status_code == 403
    sent = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    second = token_of(client.post(address, sent))
    assert second == token_of(client.post(address, sent)) != token
    one, other = visits.find(token), visits.find(second)
    assert one is not None
    assert other is not None
    assert (one.wanted, one.seed != other.seed) == (other.wanted, True)
    assert visits.read_file(second, "picture") == visits.read_file(token, "picture")
    assert counted(kept) == [2, 2]
    production.make_visitors_piece(second)
    assert visits.read_file(token, "clip.mid") != visits.read_file(second, "clip.mid") is not None


def test_another_take_is_refused_as_another_piece_is_and_the_first_is_still_there(kept: Any, settings: Any) -> None:
    settings.PUBLIC_CREATE_EACH = 1
    token = token_of(send())
    production.make_visitors_piece(token)
    refused = Client().post(reverse("visit_again", args=[token]))
    assert refused.status_code == 429
    assert f'<a href="{reverse("visit", args=[token])}">still there</a>' in refused.content.decode()
    gone = Client().post(reverse("visit_again", args=["nothing"]))
    assert (gone.status_code, "kept for 15 minutes" in gone.content.decode()) == (404, True)
    assert Client().get(reverse("visit_again", args=[token]))["Location"] == reverse("visit", args=[token])


def test_a_piece_that_no_worker_took_says_so(kept: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    token = begin().token
    late = time.time() + visits.PATIENCE_SECONDS + 1
    monkeypatch.setattr(visits.time, "time", lambda: late)
    page = Client().get(reverse("visit", args=[token])).content.decode()
    assert "Nobody has begun this piece" in page
    assert "Try once more with this picture" in page
    assert Client().get(reverse("visit_state", args=[token])).json()["done"]


def test_a_piece_that_waited_while_the_page_was_switched_off_is_not_made(kept: redis.Redis, settings: Any) -> None:
    token = token_of(send())
    settings.PUBLIC_CREATE = False
    production.make_visitors_piece(token)
    assert visits.find(token) is None
    assert kept.zcard("melodymuse.visits:open") == 0


def test_a_broker_that_goes_while_a_piece_is_made_breaks_no_worker(
    kept: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(send())

    def goes(request: Any) -> Any:
        kept.execute_command("ACL", "SETUSER", "default", "-hset")
        raise RuntimeError("the piece cannot be made")

    monkeypatch.setattr(pipeline, "make_clip", goes)
    production.make_visitors_piece(token)
    found = visits.find(token)
    assert found is not None
    assert found.status == "running"


def test_a_visit_of_the_release_before_is_still_shown(kept: redis.Redis) -> None:
    facts = {"emotion": "awe", "composer": "paper", "seed": 7, "picture_type": "image/png"}
    kept.hset(
        "melodymuse.visits:visit:old", mapping={"status": "queued", "since": time.time(), "facts": json.dumps(facts)}
    )
    found = visits.find("old")
    assert found is not None
    assert (found.seed, found.wanted) == (7, visits.Wanted("awe", "paper", "image/png"))
