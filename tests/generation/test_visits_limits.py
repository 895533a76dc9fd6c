"""Pieces of visitors: how often one may ask, how many are waited for and kept, and what a broker without room costs."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
import redis
from django.test import Client
from django.urls import reverse
from PIL import Image

from generation import production, visits
from generation.images.intake import take_in
from melodymuse_site import nudges
from tests.generation.factories import picture_bytes
from tests.generation.visiting import begin, counted, kept, send, send_from_elsewhere, token_of

__all__ = ["kept"]
pytestmark = pytest.mark.django_db


def test_the_setting_is_off_and_its_limits_are_these() -> None:
    from melodymuse_site import settings

    assert (settings.PUBLIC_CREATE, settings.PUBLIC_CREATE_EACH, settings.PUBLIC_CREATE_ALL) == (False, 6, 60)
    assert (visits.KEPT_SECONDS, visits.MOST_OPEN, visits.PATIENCE_SECONDS) == (900, 2, 150)
    assert (visits.MOST_KEPT, visits.LONGEST_SIDE, visits.IPV6_CUSTOMER, visits.SOON) == (20, 1024, 56, 10)


def test_one_address_may_ask_so_often_and_others_still_may(kept: Any, settings: Any) -> None:
    settings.PUBLIC_CREATE_EACH = 2
    assert [send(data=b"no picture").status_code for _ in range(2)] == [400, 400]
    refused = send()
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert "You have asked 2 times within this hour" in refused.content.decode()
    assert send(REMOTE_ADDR="192.0.2.7").status_code == 302


def test_all_visitors_together_may_ask_so_often(kept: Any, settings: Any) -> None:
    settings.PUBLIC_CREATE_ALL = 3
    answers = [send(data=b"no picture", REMOTE_ADDR=f"192.0.2.{n}") for n in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert "Visitors have asked 3 times" in answers[-1].content.decode()


def test_who_has_asked_too_often_takes_nothing_from_the_others(kept: Any, settings: Any) -> None:
    settings.PUBLIC_CREATE_EACH, settings.PUBLIC_CREATE_ALL = 1, 2
    assert [send(data=b"x").status_code for _ in range(5)] == [400, 429, 429, 429, 429]
    assert send(REMOTE_ADDR="192.0.2.7").status_code == 302


def test_the_next_hour_counts_anew_and_knows_nobody(kept: redis.Redis, settings: Any) -> None:
    settings.PUBLIC_CREATE_EACH = 1
    visits.count_try("192.0.2.1", now=7200.0)
    with pytest.raises(visits.TooManyVisits) as refused:
        visits.count_try("192.0.2.1", now=7200.0 + 3000)
    assert refused.value.seconds == 600
    assert str(refused.value) == "You have asked 1 time within this hour; the next may come in 10 minutes."
    with pytest.raises(visits.TooManyVisits, match=r"in 1 minute\.$"):
        visits.count_try("192.0.2.1", now=7200.0 + 3540)
    visits.count_try("192.0.2.1", now=10800.0)
    assert len(list(kept.scan_iter("melodymuse.visits:from:*"))) == 2


def test_a_network_of_one_customer_is_one_address(kept: Any, settings: Any) -> None:
    settings.PUBLIC_CREATE_EACH = 1
    visits.count_try("2001:db8:1:200::1")
    with pytest.raises(visits.TooManyVisits):
        visits.count_try("2001:db8:1:2ff:ffff::9")
    visits.count_try("2001:db8:1:300::1")
    visits.count_try("no address")


def test_few_pieces_are_made_at_the_same_time_and_what_is_lost_makes_room(
    kept: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = token_of(send_from_elsewhere())
    token_of(send_from_elsewhere())
    refused = send_from_elsewhere()
    assert (refused.status_code, refused["Retry-After"]) == (429, "10")
    assert "other visitors are being made" in refused.content.decode()
    production.make_visitors_piece(first)
    token_of(send_from_elsewhere())
    late = time.time() + visits.PATIENCE_SECONDS + 1
    monkeypatch.setattr(visits.time, "time", lambda: late)
    token_of(send_from_elsewhere())


def test_who_finds_others_waiting_has_not_asked(kept: redis.Redis, settings: Any) -> None:
    first, _ = token_of(send_from_elsewhere()), token_of(send_from_elsewhere())
    assert [send().status_code for _ in range(8)] == [429] * 8
    assert counted(kept) == [1, 1, 2]
    production.make_visitors_piece(first)
    token_of(send())


def test_nor_has_who_finds_them_after_the_picture_was_looked_at(
    kept: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def others_come(data: bytes, **options: Any) -> Any:
        begin(), begin()
        return take_in(data, **options)

    monkeypatch.setattr("generation.views.visitors.take_in", others_come)
    refused = send()
    assert (refused.status_code, counted(kept)) == (429, [0, 0])
    assert "other visitors are being made" in refused.content.decode()


def test_a_piece_of_which_no_worker_hears_leaves_nothing(kept: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a moment in which the broker took nothing: it is asked nothing for some seconds."""
    monkeypatch.setattr(nudges, "_silent_until", time.monotonic() + 60)
    answer = send()
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Nothing was kept of your picture" in answer.content.decode()
    assert not list(kept.scan_iter("melodymuse.visits:visit:*"))
    assert (kept.zcard("melodymuse.visits:open"), counted(kept)) == (0, [0, 0])


def test_a_visit_that_the_broker_does_not_keep_takes_no_place(kept: redis.Redis) -> None:
    """As where memory ends between two commands: counting still goes, and keeping the picture does not."""
    kept.execute_command("ACL", "SETUSER", "default", "-hset")
    assert send().status_code == 503
    assert kept.zcard("melodymuse.visits:open") == 0
    assert counted(kept) == [0, 0]


@pytest.mark.parametrize(
    ("seconds", "answer", "waiting"),
    [
        (1.5, 302, [1, 1]),  # longer than a broker is waited for: the second attempt is taken
        (3.5, 503, [0, 0]),  # longer than all attempts, and there again to take the try back
    ],
)
def test_a_try_that_the_broker_did_not_answer_is_given_back(
    kept: redis.Redis, monkeypatch: pytest.MonkeyPatch, seconds: float, answer: int, waiting: list[int]
) -> None:
    def stalls(data: bytes, **options: Any) -> Any:
        taken = take_in(data, **options)
        kept.client_pause(round(1000 * seconds), all=False)
        return taken

    monkeypatch.setattr("generation.views.visitors.take_in", stalls)
    assert send().status_code == answer
    assert kept.zcard("melodymuse.visits:open") == waiting[0]
    assert counted(kept) == [waiting[0], waiting[1]]


def test_a_broker_that_stays_silent_is_not_asked_for_ever(kept: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    def stalls(data: bytes, **options: Any) -> Any:
        taken = take_in(data, **options)
        kept.client_pause(60_000, all=False)
        return taken

    monkeypatch.setattr("generation.views.visitors.take_in", stalls)
    assert send().status_code == 503
    kept.client_unpause()
    assert kept.zcard("melodymuse.visits:open") == 0


def test_ipv4_addresses_written_as_ipv6_are_each_their_own(kept: Any, settings: Any) -> None:
    settings.PUBLIC_CREATE_EACH = 1
    visits.count_try("::ffff:192.0.2.1")
    visits.count_try("::ffff:192.0.2.2")
    with pytest.raises(visits.TooManyVisits):
        visits.count_try("192.0.2.1")


def test_a_form_without_a_picture_counts_as_no_try(kept: redis.Redis) -> None:
    assert Client().post(reverse("create"), {"wanted": "", "composer": "paper"}).status_code == 400
    assert counted(kept) == []


def test_a_double_click_leads_to_one_piece_and_counts_once(kept: redis.Redis) -> None:
    first, second = token_of(send()), token_of(send())
    assert first == second
    assert counted(kept) == [1, 1]
    assert kept.llen("melodymuse.music") == 1
    production.make_visitors_piece(first)
    assert token_of(send()) != first


def test_two_posts_at_once_lead_to_one_piece(kept: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have found nobody waiting when the first is kept."""
    first: list[str] = []

    def the_other_is_quicker(data: bytes, **options: Any) -> Any:
        monkeypatch.setattr("generation.views.visitors.take_in", take_in)
        first.append(token_of(send()))
        return take_in(data, **options)

    monkeypatch.setattr("generation.views.visitors.take_in", the_other_is_quicker)
    assert token_of(send()) == first[0]
    assert counted(kept) == [1, 1]
    assert kept.zcard("melodymuse.visits:open") == 1


def test_one_address_waits_for_one_piece_and_sees_nobody_elses(kept: redis.Redis) -> None:
    token = token_of(send())
    other = send(data=picture_bytes(9))
    assert (other.status_code, other["Retry-After"]) == (429, "10")
    assert "A piece for your address is being made" in other.content.decode()
    assert token not in other.content.decode()
    assert send(wanted="awe").status_code == 429
    assert counted(kept) == [1, 1]


def test_so_many_are_kept_and_the_next_is_told_when(kept: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.time()
    for place in range(visits.MOST_KEPT):
        monkeypatch.setattr(visits.time, "time", lambda place=place: begun + place)
        visits.finish(begin().token, mp3=b"", midi=b"", told={})
    monkeypatch.setattr(visits.time, "time", lambda: begun + 60)
    refused = send()
    assert (refused.status_code, refused["Retry-After"]) == (429, "840")
    assert (
        "The 20 latest pieces of visitors are kept, as many as there is room for; the next may come in 14 minutes."
        in (refused.content.decode())
    )
    assert counted(kept) == []
    monkeypatch.setattr(visits.time, "time", lambda: begun + 900.5)
    token_of(send())


def test_what_is_kept_of_a_large_photograph_is_small(kept: redis.Redis) -> None:
    """A broker of 256 MB has room for all that may be kept."""
    noise = Image.effect_noise((3000, 2000), 90).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG", quality=95)
    token = token_of(send(data=buffer.getvalue()))
    picture = visits.read_file(token, "picture")
    assert picture is not None
    assert max(Image.open(io.BytesIO(picture)).size) == 1024
    production.make_visitors_piece(token)
    used = kept.memory_usage(f"melodymuse.visits:visit:{token}")
    assert used * visits.MOST_KEPT < 64 * 2**20
