"""Nothing that matters is cut off or stuck together on the researcher's pages."""

import pytest

from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CUT = "table => table.scrollWidth - table.clientWidth"
GAP = """() => {
  const card = document.querySelector('section.card'), next = card.nextElementSibling
  return next.getBoundingClientRect().top - card.getBoundingClientRect().bottom
}"""


@pytest.fixture
def composed():
    return make_versions(4) + make_versions(4, composer="unpictured", first=50)


@pytest.mark.parametrize("publish", [True, False])
def test_the_music_of_a_study_is_seen_at_1280(page, log_in, composed, publish):
    study = make_study(versions=composed, publish=publish)
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, study.owner)
    page.goto(study.get_absolute_url())
    assert page.locator(".stimuli").evaluate(CUT) <= 0


def test_the_composers_of_the_monitor_are_seen_at_1280(page, log_in, composed):
    study = make_study(versions=composed)
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, study.owner)
    page.goto(f"{study.get_absolute_url()}monitor/")
    assert page.get_by_role("region", name="Fill per stimulus").evaluate(CUT) <= 0
    cell = page.get_by_role("cell", name="unpictured").first
    assert cell.evaluate("cell => cell.getBoundingClientRect().height") < 45


@pytest.mark.parametrize("width", [360, 1280])
def test_the_reasons_and_the_warnings_before_publishing_stand_apart(page, log_in, width):
    study = make_study(publish=False, consent_text="")
    page.set_viewport_size({"width": width, "height": 800})
    log_in(page, study.owner)
    page.goto(f"{study.get_absolute_url()}publish/")
    assert page.evaluate(GAP) >= 8


def test_what_failed_is_seen_on_a_telephone(page, log_in):
    admin = make_researcher("boss")
    admin.is_staff = admin.is_superuser = True
    admin.save()
    page.set_viewport_size({"width": 360, "height": 700})
    log_in(page, admin)
    page.goto("/status/")
    box = page.get_by_role("region", name="Work").get_by_role("columnheader", name="Failed").bounding_box()
    assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("width", [320, 360, 768, 1024])
def test_the_header_of_the_administration_takes_two_lines_at_most(page, log_in, sideways_scroll, width):
    admin = make_researcher("an-administrator-with-a-long-name")
    admin.is_staff = admin.is_superuser = True
    admin.save()
    page.set_viewport_size({"width": width, "height": 700})
    log_in(page, admin)
    page.goto("/admin/")
    assert page.locator("#header").bounding_box()["height"] <= 72
    assert sideways_scroll(page) == 0
    reached = []
    page.locator(".skip-to-content-link").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText"))
        box = page.locator(":focus").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 24  # WCAG 2.2, target size
    assert reached == ["MelodyMuse administration", "View site", "Change password", "Log out"]
