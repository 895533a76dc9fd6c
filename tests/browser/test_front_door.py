"""The front page and the login page, in a real browser."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_login_page_is_reached_from_anywhere(page):
    page.goto("/accounts/login/")
    assert page.get_by_role("heading", level=1).count() == 1


def test_login_page_does_not_scroll_sideways_on_a_phone(phone, sideways_scroll):
    phone.goto("/accounts/login/")
    assert sideways_scroll(phone) == 0


def test_login_page_breaks_no_accessibility_rule(page, accessibility_violations):
    page.goto("/accounts/login/")
    assert accessibility_violations(page) == []
