"""What a package's composer does wrong is one sentence on the clip's page; the gallery and all other clips stand."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generation import production
from generation.checks import check_composers
from generation.images.features import FEATURE_NAMES
from generation.models import PairVersion
from generation.music.notes import HIGHEST_KEY, LOWEST_KEY, Note, Piece
from generation.networks.composers import (
    Composer,
    ComposeRequest,
    Composition,
    Package,
    checking,
    find_composers,
    finding,
    installed_composers,
)
from tests.extending.test_composer import GUIDE, ROOT, beside, declare, install_by_hand, make_clips
from tests.generation.factories import make_researcher

__all__ = ["beside"]

PIECE = Piece((Note(0.0, 60, 23.5, 64, "right"), Note(23.5, 48, 3.0, 60, "left")), tempo=60.0, tonic=0, mode="major")
NAMED = "the composer 'odd' of the package odd-one 2.0"


@pytest.fixture
def odd(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], PairVersion]:
    """Makes a clip with a composer, of a package, that gives or raises what is handed in."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def make(outcome: Any) -> PairVersion:
        def compose(request: ComposeRequest) -> Composition:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        odd = Composer("odd", "Odd", "odd", load=lambda: compose)
        found = finding.Found(
            MappingProxyType({**find_composers().composers, "odd": odd}),
            MappingProxyType({"odd": Package("odd-one", "2.0")}),
            (),
        )
        with monkeypatch.context() as patched:
            patched.setattr(finding, "find_composers", lambda: found)
            (version,) = make_clips("odd", "awe")
        return version

    return make


def composition(**changed: Any) -> Composition:
    """What stands, with something changed."""
    return replace(Composition(PIECE, None, {}, {}, {}), **changed)


WRONG = {
    "tempo": (composition(piece=replace(PIECE, tempo=1e9)), "gave what cannot be a clip: piece.tempo is 1000000000.0"),
    "nan": (composition(attributes={"a": math.nan}), "gave what cannot be a clip: attributes['a'] is nan"),
    "type": (3, "gave a value of type int: let it return a Composition."),
    "empty error": (RuntimeError(), "RuntimeError – Raised in the composer"),
    "NUL": (RuntimeError("a\0b"), "RuntimeError: ab – Raised in the composer"),
    "exit": (SystemExit(3), "ended the process (SystemExit 3): let it raise an error."),
}


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize("case", WRONG)
def test_a_clip_that_fails_says_which_composer_and_what(
    odd: Callable[[Any], PairVersion], client: Client, case: str
) -> None:
    outcome, told = WRONG[case]
    version = odd(outcome)
    assert version.status == "failed"
    assert told in version.error
    assert NAMED in version.error.replace("The composer", "the composer")
    client.force_login(make_researcher())
    for address in (version.get_absolute_url(), version.run.get_absolute_url(), reverse("pairs")):
        assert client.get(address).status_code == 200, address
    assert "of the package odd-one 2.0" in client.get(version.get_absolute_url()).content.decode()


@pytest.mark.database
@pytest.mark.django_db
def test_a_clip_that_waits_for_another_try_says_why(odd: Callable[[Any], PairVersion], client: Client) -> None:
    version = odd(ConnectionError("no\0 net"))
    told = f"It will be tried again. ConnectionError: no net – Raised in {NAMED}."
    assert (version.status, version.error) == ("queued", told)
    client.force_login(make_researcher())
    page = client.get(version.run.get_absolute_url()).content.decode()
    assert "It will be tried again. ConnectionError: no net" in page
    PairVersion.objects.update(attempts=PairVersion.terms.most_attempts - 1)
    production.make_pair_version(version.pk)  # by now its package is removed
    version.refresh_from_db()
    assert (version.status, "There is no composer 'odd' here" in version.error) == ("parked", True)


@pytest.mark.django_db
def test_after_the_last_try_the_clip_says_what_it_met(
    odd: Callable[[Any], PairVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PairVersion, "terms", replace(PairVersion.terms, most_attempts=1))
    version = odd(TimeoutError("a\0b"))
    assert version.status == "parked"
    assert version.error == f"Tried 1 times; last: TimeoutError: ab – Raised in {NAMED}."


@pytest.mark.database
@pytest.mark.django_db
def test_what_a_composer_notes_is_stored_plain_and_shown(odd: Callable[[Any], PairVersion], client: Client) -> None:
    attributes = {"drops": 41, "asked": {"valence": 0.5}, "warm\0th": "x\ud800"}
    picture = {"moved": 3, "place": ["a", "b", "c"], "home": ["d", "e", "f"]}
    version = odd(composition(attributes=attributes, scores={"candidates": 3}, picture=picture))
    assert (version.status, version.error) == ("ready", "")
    assert version.attributes == {"drops": 41, "asked": {"valence": 0.5}, "warmth": "x"}
    client.force_login(make_researcher())
    answer = client.get(version.get_absolute_url())
    page = answer.content.decode()
    assert answer.status_code == 200
    for name, shown in (("Drops", "41"), ("Asked", "Valence 0.5"), ("Warmth", "x")):
        assert f'<th scope="row">{name}</th><td>none</td><td class="number">{shown}</td>' in " ".join(page.split()), (
            name
        )


@pytest.mark.parametrize(
    ("loads", "told"),
    [
        ("odd_one.writing", "its load names the module 'odd_one.writing', which is not installed: list it in the"),
        ("odd_one", ""),
    ],
)
def test_check_tells_a_module_that_load_will_not_find(
    tmp_path: Path, beside: Callable[[], None], loads: str, told: str
) -> None:
    code = declare().replace("import Composer", "import Composer, find_function")
    install_by_hand(tmp_path, "odd-one", "odd", code.replace("lambda: None", f"find_function({loads!r})"))
    beside()
    errors = [str(error.msg) for error in check_composers()]
    assert [told in error for error in errors] == ([True] if told else [])
    assert ("odd" in installed_composers()) == (not told)


def guide() -> str:
    """The composer's chapter."""
    return (ROOT / GUIDE).read_text(encoding="utf-8").split("## A measure in ten minutes")[0]


def test_the_guide_names_every_measurement_of_a_picture_and_no_other() -> None:
    listed = re.search(r"what was measured \((.*?);", guide(), re.DOTALL)
    assert listed
    assert tuple(re.findall(r"`(\w+)`", listed[1])) == FEATURE_NAMES


def test_the_guide_names_the_fields_and_ranges_that_are_checked() -> None:
    named = [*(field.name for field in fields(ComposeRequest)), *(field.name for field in fields(Composition))]
    for name in sorted({*named, "onset", "down", "up"} - {"piece"}):
        assert re.search(rf"\b{name}\b", guide()), name
    low, high = checking.TEMPI
    assert (
        f"tempo {low:g} to {high:g}, pitch {LOWEST_KEY} to {HIGHEST_KEY}, velocity 1 to 127, tonic 0 to 11" in guide()
    )
    assert f"more than {checking.LEEWAY_SECONDS:g} s outside its" in guide()


def test_the_modules_that_the_guide_lets_load_find_are_listed_as_it_says() -> None:
    (listed,) = re.findall(r"list it \(`py-modules = \[(.*?)\]`\)", guide())
    named = re.findall(r'find_function\("([\w.]+)"\)', guide())
    assert named
    assert set(named) <= set(re.findall(r'"(\w+)"', listed))
