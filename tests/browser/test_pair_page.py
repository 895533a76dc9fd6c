"""The page of a pair, of a clip that was really made: what a listener wants comes first, the rest is folded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generation import actions, production
from generation.models import PairVersion, SourceImage
from tests.generation.factories import make_picture, make_researcher, only_version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONGEST_ON_A_PHONE = 3500
FIRST = ("What the emotion did to the music", "Compare with other versions", "All versions of this pair")
FOLDED = ("Emotions of the picture", "Attributes", "Measured on the MIDI", "Provenance", "Scores of the candidates")


@pytest.fixture
def made(live_server: Any, transactional_db: None, settings: Any, tmp_path: Path) -> PairVersion:
    settings.MEDIA_ROOT = tmp_path / "media"
    picture = make_picture()
    SourceImage.objects.filter(pk=picture.pk).update(
        probabilities={"sadness": 0.7, "fear": 0.2, "awe": 0.1}, features={"brightness": 0.2}, alt_text="Two halves."
    )
    first = only_version(
        actions.request_run(
            pictures=[picture], emotions={picture.pk: "sadness"}, composer="muse", options={"candidates": 2}, by=None
        )
    )
    again = only_version(actions.regenerate(versions=[first], reason="Again", by=None, composer="paper"))
    for version in (first, again):
        production.make_pair_version(version.pk)
    first.refresh_from_db()
    assert first.status == "ready"
    return first


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_what_a_listener_wants_comes_first_and_the_rest_is_folded(
    open_page: Callable[..., Any],
    log_in: Callable[[Any, Any], None],
    made: PairVersion,
    accessibility_violations: Callable[[Any], list[str]],
    sideways_scroll: Callable[[Any], int],
    size: str,
    scheme: str,
) -> None:
    page = open_page(size, scheme=scheme)
    log_in(page, make_researcher())
    page.goto(made.get_absolute_url())
    page.get_by_role("button", name="Play this clip").wait_for()
    assert page.evaluate("document.documentElement.scrollHeight") <= LONGEST_ON_A_PHONE
    places = [page.get_by_role("heading", name=name).bounding_box()["y"] for name in FIRST]
    folded = [page.locator("details > summary").filter(has_text=name) for name in FOLDED]
    places += [summary.bounding_box()["y"] for summary in folded]
    assert max(places[: len(FIRST)]) < min(places[len(FIRST) :])
    for summary in folded:
        summary.focus()
        assert not page.evaluate("document.activeElement.parentElement.open")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.parentElement.open")
    assert (sideways_scroll(page), accessibility_violations(page)) == (0, [])
