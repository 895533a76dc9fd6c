"""Pages that ask again and again: where the login has ended they are loaded anew, which says so."""

from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.browser
SCRIPTS = {
    path.relative_to(folder).as_posix(): path
    for folder in (
        Path(settings.BASE_DIR) / place for place in ("melodymuse_site/static", "survey/static", "generation/static")
    )
    for path in folder.rglob("*.js")
}
ASKING = {
    "survey/making.js": """<div data-making="/state" data-look="1"><p data-making-said></p></div>""",
    "survey/results.js": """<progress data-export="/state"></progress>""",
    "generation/progress.js": """<section data-progress="/state"></section>""",
}


@pytest.mark.parametrize("name", ASKING)
def test_a_page_that_waits_is_loaded_anew_where_the_login_has_ended(chromium, name):
    asked = []

    def answer(route):
        asked.append(path := route.request.url.removeprefix("http://site.test"))
        if path == "/state":
            route.fulfill(status=302, headers={"Location": "/login"})
        elif path.lstrip("/") in SCRIPTS:
            route.fulfill(body=SCRIPTS[path.lstrip("/")].read_text(), content_type="text/javascript")
        elif asked.count("/") == 1:
            body = f"<!doctype html><meta charset=utf-8>{ASKING[name]}<script type=module src=/{name}></script>"
            route.fulfill(body=body, content_type="text/html")
        else:
            route.fulfill(body="<!doctype html><h1>Log in</h1>", content_type="text/html")

    page = chromium.new_page()
    try:
        page.route("http://site.test/**", answer)
        page.goto("http://site.test/")
        page.get_by_role("heading", name="Log in").wait_for()
        assert (asked.count("/"), asked.count("/state"), asked.count("/login")) == (2, 1, 0)
    finally:
        page.close()
