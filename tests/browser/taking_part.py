"""What every browser test of a participation does: begin, listen, answer."""

from __future__ import annotations

import re
from typing import Any

from survey.simulation.hearing import count_tones
from survey.views.participation import COOKIE
from tests.survey.participating import let_time_pass

SHORT = {"clips_per_participant": 3}
HEARD = "Heard. You may play it again or go on."


def begin(page: Any, study: Any, address: str = "") -> None:
    page.goto(address or f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    pass_test_sounds(page)
    at_clip(page, 1)


def pass_test_sounds(page: Any, *, wrong: bool = False) -> None:
    """Go past the sound check, or the headphone test, as somebody who has heard it all a while ago: nobody waits."""
    for sound in page.locator("[data-sound] audio").all():
        page.request.get(sound.get_attribute("src"))
    cookies = {cookie["path"]: cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE}
    let_time_pass(next(value for path, value in cookies.items() if path in page.url))
    if page.url.endswith("/sound/"):
        choose_tones(page, wrong=wrong)
    with page.expect_navigation():
        page.evaluate("""() => {
            const form = document.querySelector("[data-hearing]");
            for (const field of form.querySelectorAll("[name^=played]")) field.value = "4.00";
            form.submit();
        }""")


def check_sound(page: Any, *, scripts: bool = True) -> None:
    """Play the sound, count its tones, go on."""
    page.get_by_role("heading", name="Check your sound").wait_for()
    hear(page, 0, scripts=scripts)
    choose_tones(page)
    page.locator("main .button-wide").click()


def hear(page: Any, number: int, *, scripts: bool = True) -> None:
    """Play a test sound of the page to its end: with the button that its script makes, or the browser's own player."""
    box = page.locator("[data-sound]").nth(number)
    if scripts:
        box.locator(".player-button").click()
        page.wait_for_function("([n]) => 'heard' in document.querySelectorAll('[data-sound]')[n].dataset", arg=[number])
        page.wait_for_timeout(1_000)  # on a busy machine the server's clock began later than the browser's
        return
    # The player's own keys are pressed; nothing of the page can be asked whether it is over.
    box.locator("audio").focus()
    page.keyboard.press("Space")
    page.wait_for_timeout(4_500)


def choose_tones(page: Any, *, wrong: bool = False) -> None:
    """Choose as many tones as the page's sound has, counted in the sound."""
    sound = page.request.get(page.locator("[data-sound] audio").get_attribute("src")).body()
    count = count_tones(sound)
    page.locator(f"input[name=tones][value='{count if not wrong else 3 + (count == 3)}']").check()


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
