"""What every browser test of a participation does: begin, listen, answer."""

from __future__ import annotations

import re
from typing import Any

SHORT = {"clips_per_participant": 3}
HEARD = "Heard. You may play it again or go on."


def begin(page: Any, study: Any, address: str = "") -> None:
    page.goto(address or f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    page.get_by_role("button", name="I hear it well – go on").click()
    at_clip(page, 1)


def at_clip(page: Any, number: int) -> None:
    """Wait until the page of clip `number` is there."""
    page.get_by_role("heading", name=re.compile(f"Clip {number} of")).wait_for(state="attached")


def listen(page: Any) -> None:
    """Play the clip to its end."""
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Play again").wait_for()
    page.get_by_text(HEARD).wait_for()


def choose(page: Any) -> None:
    page.locator(".answer").first.click()
    page.locator(".confidence-list label").nth(3).click()


def answer(page: Any, number: int, total: int) -> None:
    choose(page)
    page.get_by_role("button", name="Next").click()
    if number < total:
        at_clip(page, number + 1)
