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
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from generation import engravings
from generation.models import PairVersion
from generation.music.notes import Note, Piece
from generation.music.score import write_musicxml
from generation.music.sheet import Sheet
from tests.generation.factories import make_picture, make_run, only_version
from tests.generation.finished import NOTES, finish_version

pytestmark = pytest.mark.django_db
ADDRESSES = ["score", "score_svg", "score_pdf"]


def score_of_notes() -> bytes:
    """The notes of `finished.NOTES` as they would be written at 120 quarters a minute."""
    written = tuple(Note(onset * 2, pitch, 1.0, velocity, hand) for onset, _, pitch, velocity, hand in NOTES)
    return write_musicxml(Piece(written, tempo=120.0, tonic=0, mode="major"))


def finish_with_score(
    version: PairVersion, musicxml: bytes | None = None, notes: list[list[Any]] | None = None
) -> PairVersion:
    """A ready version with a score; it gets the score first, as a ready one does not change."""
    data = score_of_notes() if musicxml is None else musicxml
    name = default_storage.save(f"scores/{len(data)}.musicxml", ContentFile(data))
    PairVersion.objects.filter(pk=version.pk).update(musicxml=name)
    return finish_version(version, notes=notes)


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
    kept.write_bytes(kept.read_bytes()[:50])
    assert ask(researcher, "score_svg", ready).content == first
    assert kept.stat().st_size > 50


def test_what_is_kept_tells_neither_picture_nor_emotion(researcher: Client, ready: PairVersion) -> None:
    ask(researcher, "score", ready)
    kept = str([engravings.sheet_of(ready, layout) for layout in ("wide", "narrow")]).lower()
    assert "sadness" not in kept
    assert str(ready.pair.image).lower() not in kept


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
    monkeypatch.setattr(engravings, "engrave", None)
    assert ask(researcher, "score_svg", broken).status_code == 422


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
