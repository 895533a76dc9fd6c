"""A real Chromium for the pages: fixtures that every browser test shares.

`page` is a desktop window (1280 × 900), `phone` a telephone (360 × 740, touch), `plain_page` a desktop window
without JavaScript; `open_page(…)` opens others. A page fails its test when its console shows a script error,
a failed request, or a refused inline script or style (`page_problems` lists them; clear it where meant).
`log_in(page, user)` puts a session cookie into the page's browser context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

SIZES = {"phone": (360, 740), "desktop": (1280, 900), "narrow": (320, 640)}
WAIT_MILLISECONDS = 20_000
Size = Literal["phone", "desktop", "narrow"]
OpenPage = Callable[..., Any]


@pytest.fixture
def page_problems() -> list[str]:
    """What the consoles of this test's pages complained about."""
    return []


@pytest.fixture
def open_page(chromium: Any, live_server: Any, transactional_db: None, page_problems: list[str]) -> Iterator[OpenPage]:
    """Open pages: ``open_page("phone", scheme="dark", javascript=False)``; addresses may be relative."""
    contexts: list[Any] = []

    def open_one(
        size: Size = "desktop",
        *,
        scheme: Literal["light", "dark"] = "light",
        javascript: bool = True,
        **options: Any,
    ) -> Any:
        width, height = SIZES[size]
        usual = {
            "base_url": live_server.url,
            "viewport": {"width": width, "height": height},
            "color_scheme": scheme,
            "java_script_enabled": javascript,
            "has_touch": size == "phone",
        }
        context = chromium.new_context(**{**usual, **options})
        context.set_default_timeout(WAIT_MILLISECONDS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: page_problems.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: page_problems.append(f"{page.url}: {message.text}") if message.type == "error" else None,
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert page_problems == [], "The browser's console complained."


@pytest.fixture
def right_to_left(settings: Any) -> str:
    """A language that is written from the right, which the site speaks for this test (in English words)."""
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]
    return "ar"


@pytest.fixture
def page(open_page: OpenPage) -> Any:
    return open_page("desktop")


@pytest.fixture
def phone(open_page: OpenPage) -> Any:
    return open_page("phone")


@pytest.fixture
def plain_page(open_page: OpenPage) -> Any:
    return open_page("desktop", javascript=False)


@pytest.fixture
def log_in(live_server: Any) -> Callable[[Any, Any], None]:
    """``log_in(page, user)``: the page's browser context has the user's session."""
    from django.conf import settings
    from django.test import Client

    def log_in_one(page: Any, user: Any) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return log_in_one


@pytest.fixture
def accessibility_violations() -> Callable[[Any], list[str]]:
    """``accessibility_violations(page)``: what axe-core finds against WCAG 2.2 AA, a line per rule."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def check(page: Any) -> list[str]:
        # Of what passes nothing is read; telling every node of it takes most of the time.
        options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
        results = Axe().run(page, options=options)
        return [
            f"{violation['id']}: {violation['nodes'][0]['html'][:200]}" for violation in results.response["violations"]
        ]

    return check


@pytest.fixture
def sideways_scroll() -> Callable[[Any], int]:
    """``sideways_scroll(page)``: by how many pixels the page is wider than its window."""
    return lambda page: page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
