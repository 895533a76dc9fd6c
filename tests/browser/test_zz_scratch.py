import pytest

from tests.browser.taking_part import begin
from tests.survey.factories import make_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_shot(open_page, log_in, size, scheme):
    page = open_page(size, scheme=scheme)
    begin(page, make_study(clips_per_participant=2))
    page.screenshot(path=f"/tmp/recruit-clip-{size}.png", full_page=True)
