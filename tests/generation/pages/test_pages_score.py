"""The score of a clip: who sees it, what is kept, and what is said where it cannot be drawn."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from generation import engravings
from generation.models import PairVersion, SourceImage
from generation.music.sheet import EngravingFailed, Sheet, process, slot
from tests.generation.factories import make_picture, make_run, only_version
from tests.generation.finished import NOTES, finish_version, finish_with_score, score_of_notes

pytestmark = pytest.mark.django_db
ADDRESSES = ["score", "score_svg", "score_pdf"]


@pytest.fixture
def ready() -> PairVersion:
    return finish_with_score(only_version(make_run([make_picture()], slug="sadness")))


@pytest.fixture
def broken() -> PairVersion:
    return finish_with_score(only_version(make_run([make_picture()], slug="sadness")), b"<score-partwise>")


def ask(client: Client, name: str, version: PairVersion, **query: str) -> Any:
    return client.get(reverse(name, args=[version.public_id]), query)


def test_the_page_holds_both_drawings_the_player_and_the_times(researcher: Client, ready: PairVersion) -> None:
    page = ask(researcher, "score", ready).content.decode()
    assert re.findall(r'<svg class="(score-\w+)" role="img" aria-labelledby="([\w-]+)"', page) == [
        ("score-wide", "score-wide-title"),
        ("score-narrow", "score-narrow-title"),
    ]
    assert page.count(f"Score: {ready.pair.image} – sadness, paper, 2 bars</title>") == 2
    assert page.count("data-note=") == 2 * len(NOTES)
    assert f"/media/{ready.audio}" in page
    assert 'id="score-times"' in page
    identifiers = re.findall(r' id="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))


def test_the_page_has_no_style_of_its_own(researcher: Client, ready: PairVersion) -> None:
    page = ask(researcher, "score", ready).content.decode()
    assert "<style" not in page
    assert " style=" not in page


def test_the_clips_page_leads_to_the_score(researcher: Client, ready: PairVersion) -> None:
    link = f'<a href="{reverse("score", args=[ready.public_id])}">Score</a>'
    assert link in researcher.get(ready.get_absolute_url()).content.decode()


def test_a_clip_without_a_score_has_neither_link_nor_page(researcher: Client) -> None:
    version = finish_version(only_version(make_run([make_picture()])))
    assert ">Score</a>" not in researcher.get(version.get_absolute_url()).content.decode()
    assert [ask(researcher, name, version).status_code for name in ADDRESSES] == [404] * 3


def test_the_drawing_is_a_file_of_its_own(researcher: Client, ready: PairVersion) -> None:
    answer = ask(researcher, "score_svg", ready)
    root = ElementTree.fromstring(answer.content)
    assert answer["Content-Type"] == "image/svg+xml"
    assert (root[0].tag, root[0].text) == (
        "{http://www.w3.org/2000/svg}title",
        f"Score: {ready.pair.image} – sadness, paper",
    )
    narrow = ElementTree.fromstring(ask(researcher, "score_svg", ready, width="narrow").content)
    assert float(narrow.get("width", 0)) < float(root.get("width", 0)) / 2
    assert ask(researcher, "score_svg", ready, width="nonsense").content == answer.content


def test_the_pdf_is_called_after_nothing_but_the_clip(researcher: Client, ready: PairVersion) -> None:
    answer = ask(researcher, "score_pdf", ready)
    assert re.fullmatch(r'attachment; filename="clip-[\w]+\.pdf"', answer["Content-Disposition"])
    text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert f"{ready.pair.image} – sadness, paper" in text
    assert re.search(rf"Clip \w+, {ready.duration_seconds:.0f} seconds", text)


def test_a_drawing_is_made_once(researcher: Client, ready: PairVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ask(researcher, "score_svg", ready).content

    def never(*_: Any) -> Sheet:
        raise AssertionError("It was kept.")

    monkeypatch.setattr(engravings, "engrave", never)
    assert ask(researcher, "score_svg", ready).content == first


def test_a_kept_drawing_that_was_damaged_is_made_anew(researcher: Client, ready: PairVersion, media: Path) -> None:
    first = ask(researcher, "score_svg", ready).content
    (kept,) = (media / "engraved").rglob("*.json.gz")
    whole = kept.read_bytes()
    for damaged in (whole[:50], whole[:40] + bytes([whole[40] ^ 0xFF]) + whole[41:]):
        kept.write_bytes(damaged)
        assert ask(researcher, "score_svg", ready).content == first
        assert kept.read_bytes() == whole


def test_what_is_kept_tells_neither_picture_nor_emotion_even_where_the_score_does() -> None:
    telling = score_of_notes()
    assert telling.count(b"<part-name") == 1
    telling = re.sub(rb"<part-name.*?(/>|</part-name>)", b"<part-name>sadness by paper</part-name>", telling)
    telling = telling.replace(b"<part-list>", b"<movement-title>sadness, paper</movement-title><part-list>", 1)
    version = finish_with_score(only_version(make_run([make_picture()], slug="sadness")), telling)
    kept = str(engravings.sheets_of(version)).lower()
    assert "data-note" in kept
    assert not re.search("sadness|paper", kept)
    assert str(version.pair.image).lower() not in kept


def test_a_broken_score_gets_a_sentence_and_the_file(researcher: Client, broken: PairVersion) -> None:
    page = ask(researcher, "score", broken)
    assert page.status_code == 200
    assert "The score is no MusicXML that can be read." in page.content.decode()
    assert f'href="/media/{broken.musicxml}"' in page.content.decode()
    for name in ("score_svg", "score_pdf"):
        answer = ask(researcher, name, broken)
        assert (answer.status_code, answer["Content-Type"]) == (422, "text/plain; charset=utf-8")


def test_a_broken_score_is_not_tried_again_at_once(
    researcher: Client, broken: PairVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(researcher, "score_svg", broken)
    ask(researcher, "score_pdf", broken)
    for maker in ("engrave", "print_pdf"):
        monkeypatch.setattr(engravings, maker, None)
    assert [ask(researcher, name, broken).status_code for name in ("score_svg", "score_pdf")] == [422, 422]


def test_a_failure_is_remembered_for_ten_minutes(broken: PairVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr(engravings.cache, "set", lambda *told: kept.append(told[2]))
    with pytest.raises(EngravingFailed):
        engravings.sheets_of(broken)
    assert kept == [600]


def test_what_may_work_another_time_is_not_remembered_and_answered_with_503(
    researcher: Client, ready: PairVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LIMIT_SECONDS", 0.01)
    for name in ADDRESSES:
        answer = ask(researcher, name, ready)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    monkeypatch.undo()
    assert [ask(researcher, name, ready).status_code for name in ADDRESSES] == [200] * 3


def test_who_finds_no_slot_is_asked_to_come_back(
    researcher: Client, ready: PairVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "QUEUE_SECONDS", 0.01)
    with slot(), slot():
        answers = [ask(researcher, name, ready) for name in ADDRESSES]
    for answer in answers:
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert "Many scores are being drawn at the moment" in answer.content.decode()
    assert f'href="/media/{ready.musicxml}"' in answers[0].content.decode()


def test_of_several_who_ask_at_once_one_has_it_drawn(ready: PairVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one's drawing is put there while this one waits for its slot."""
    drawn = engravings.sheets_of(ready)
    find, looks = engravings._find, [None]
    monkeypatch.setattr(engravings, "_find", lambda name: looks.pop() if looks else find(name))
    monkeypatch.setattr(engravings, "engrave", None)
    assert engravings.sheets_of(ready) == drawn


def test_the_title_of_a_picture_is_for_researchers(researcher: Client, ready: PairVersion) -> None:
    """Who uploads a picture that the library has is given the library's row, with what researchers wrote there."""
    maker = get_user_model().objects.create_user("mia")
    type(ready.run).objects.filter(pk=ready.run.pk).update(requested_by=maker)
    SourceImage.objects.filter(pk=ready.pair.image_id).update(title="Grief, low arousal", alt_text="")
    client = Client()
    client.force_login(maker)
    told = [ask(client, name, ready).content for name in ADDRESSES]
    told[2] = pypdf.PdfReader(io.BytesIO(told[2])).pages[0].extract_text().encode()
    for content in told:
        assert b"Your picture" in content
        assert b"Grief" not in content
    assert b'alt="Your picture"' in told[0]
    assert b"Grief" in ask(researcher, "score", ready).content


def test_a_score_whose_file_is_gone_gets_a_sentence(researcher: Client, ready: PairVersion, media: Path) -> None:
    (media / ready.musicxml).unlink()
    assert "The file of the score is missing." in ask(researcher, "score", ready).content.decode()


@pytest.mark.parametrize("name", ADDRESSES)
def test_who_made_a_clip_sees_its_score_and_others_without_the_right_do_not(name: str, ready: PairVersion) -> None:
    maker, other = (get_user_model().objects.create_user(one) for one in ("mia", "otto"))
    type(ready.run).objects.filter(pk=ready.run.pk).update(requested_by=maker)
    found = {}
    for user in (maker, other):
        client = Client()
        client.force_login(user)
        found[user.get_username()] = ask(client, name, ready).status_code
    assert found == {"mia": 200, "otto": 403}
    assert ask(Client(), name, ready).status_code == 302
