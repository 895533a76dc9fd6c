"""Parked pairs on the pages of a run and of the site's status, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from generation.models import GenerationRun, PairVersion
from tests.generation.factories import make_picture, make_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run(live_server: Any, transactional_db: None, settings: Any, tmp_path: Path) -> GenerationRun:
    settings.MEDIA_ROOT = tmp_path / "media"
    found = make_run([make_picture(40), make_picture(90)])
    parked = found.versions.order_by("pk").first()
    now = timezone.now()
    reason = "ValueError: Valence must lie between -1 and 1, not 7.0."
    PairVersion.objects.filter(pk=parked.pk).update(
        status="parked", attempts=3, error=reason, started_at=now, finished_at=now
    )
    return found


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_administrator_has_parked_pairs_tried_again(
    run: GenerationRun,
    open_page: Callable[..., Any],
    log_in: Callable[[Any, Any], None],
    accessibility_violations: Callable[[Any], list[str]],
    size: str,
    scheme: str,
    tmp_path: Path,
) -> None:
    page = open_page(size, scheme=scheme)
    log_in(page, get_user_model().objects.create_superuser("ada"))
    page.goto("/status/")
    assert page.get_by_role("button", name="Try the parked of this run again").is_visible()
    assert accessibility_violations(page) == []
    page.screenshot(path=tmp_path / "status.png", full_page=True)
    page.goto(run.get_absolute_url())
    assert page.get_by_text("Valence must lie between").is_visible()
    assert accessibility_violations(page) == []
    page.screenshot(path=tmp_path / "run.png", full_page=True)
    page.get_by_role("button", name="Try the parked again").click()
    page.get_by_text("1 queued again.").wait_for()
    assert not page.get_by_role("button", name="Try the parked again").is_visible()
    assert set(run.versions.values_list("status", "attempts")) == {("queued", 0)}
