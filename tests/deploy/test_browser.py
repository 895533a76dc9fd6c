"""A real browser on a phone through nginx: HTTP/2, clips past Django, and nothing that its console complains about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from survey.simulation.hearing import count_tones
from tests.browser.conftest import SIZES, WAIT_MILLISECONDS
from tests.browser.taking_part import answer, at_clip, hear, listen
from tests.deploy.fronts import needs_nginx, nginx, prepare, web_server
from tests.site.test_start import rows

pytestmark = [pytest.mark.service, pytest.mark.browser, pytest.mark.timeout(900), needs_nginx]


@pytest.fixture
def site(tmp_path: Path, migrated_file: Path) -> Iterator[SimpleNamespace]:
    slug = prepare(tmp_path, migrated_file)
    with web_server(tmp_path), nginx(tmp_path) as front:
        yield SimpleNamespace(front=front, slug=slug, folder=tmp_path)


def test_somebody_with_a_phone_takes_part(site: SimpleNamespace, chromium: Any) -> None:
    width, height = SIZES["phone"]
    context = chromium.new_context(
        base_url=site.front.url, viewport={"width": width, "height": height}, has_touch=True, ignore_https_errors=True
    )
    context.set_default_timeout(3 * WAIT_MILLISECONDS)
    page, problems, media = context.new_page(), [], []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("response", lambda one: media.append((one.url, one.status)) if "/media/" in one.url else None)
    page.goto(f"/study/{site.slug}/")
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    hear(page, 0)
    sound = page.request.get(page.locator("[data-sound] audio").get_attribute("src")).body()
    page.locator(f"input[name=tones][value='{count_tones(sound)}']").check()
    page.locator("main .button-wide").click()
    at_clip(page, 1)
    for number in range(1, 5):
        listen(page)
        answer(page, number, 4)
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/end/")
    context.close()
    assert problems == []
    assert media
    assert {status for _, status in media} <= {200, 206}
    assert rows("SELECT count(*), min(played_seconds) > 0.5 FROM survey_response", site.folder) == [(4, 1)]
    assert "/media/" not in site.front.logs()
