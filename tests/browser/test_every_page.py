"""The pages that no test of their own opens: axe finds nothing in them, and nothing is wider than a phone."""

import pytest
from django.contrib.auth import get_user_model

from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OF_THE_SITE = (
    *(
        "/glossary/",
        "/planning/",
        "/status/",
        "/accounts/tokens/",
        "/accounts/password_change/",
        "/accounts/password_reset/",
    ),
    *("/pairs/import/", "/runs/", "/pictures/", "/studies/", "/create/", "/no-such-page/"),
)
OF_A_STUDY = (
    "",
    "clips/",
    "questions/",
    "new-question/",
    "people/",
    "log/",
    "links/",
    "invite/",
    "recruiting/",
    "monitor/",
)


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    owner = get_user_model().objects.create_superuser("boss", password="a long password")
    made = make_study(by=owner, versions=make_versions(4), clips_per_participant=4)
    answer_study(made, people=3)
    return made


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_no_other_page_breaks_a_rule_or_is_too_wide(
    open_page, log_in, study, accessibility_violations, sideways_scroll, page_problems, size, scheme
):
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    draft = make_study(by=study.owner, versions=make_versions(2), publish=False)
    addresses = [*OF_THE_SITE, *(f"/studies/{study.slug}/{end}" for end in OF_A_STUDY)]
    addresses += [f"/studies/{draft.slug}/", f"/studies/{draft.slug}/clips/", f"/studies/{draft.slug}/publish/"]
    addresses += [f"/studies/{draft.slug}/pilot/"]
    found = {}
    for address in addresses:
        page.goto(address)
        faults = [*accessibility_violations(page), *(["too wide"] if sideways_scroll(page) else [])]
        if faults:
            found[address] = faults
    page_problems[:] = [said for said in page_problems if "/no-such-page/" not in said and "404" not in said]
    assert found == {}
