"""How often an action begins anew, for what, and what is answered when it was overtaken every time."""

from types import SimpleNamespace

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError
from django.test import RequestFactory

from melodymuse_site.refusals import RefusalMiddleware
from melodymuse_site.turns import Gone, Overtaken, in_turn, is_acting, may_pass

pytestmark = pytest.mark.django_db(transaction=True)


def let_go(state):
    """What the database's driver raises: the state stands in the cause."""
    error = OperationalError("let go")
    error.__cause__ = type("Cause", (Exception,), {"sqlstate": state})()
    return error


def failing(times, error):
    """An action that the database lets go so many times, and how often it was begun."""
    begun = SimpleNamespace(times=0)

    @in_turn
    def act():
        begun.times += 1
        assert is_acting()
        if begun.times <= times:
            raise error
        return "done"

    return act, begun


@pytest.mark.parametrize("error", [let_go("40001"), let_go("40P01"), let_go("55P03"), IntegrityError("once")])
def test_what_may_pass_is_tried_six_times(error):
    act, begun = failing(5, error)
    assert (act(), begun.times) == ("done", 6)
    act, begun = failing(6, error)
    with pytest.raises(Overtaken, match="Somebody else changed the same thing"):
        act()
    assert (begun.times, is_acting()) == (6, False)


@pytest.mark.parametrize("error", [let_go("57014"), ProgrammingError("no such column")])
def test_what_will_not_pass_is_tried_once(error):
    act, begun = failing(1, error)
    with pytest.raises(type(error)):
        act()
    assert begun.times == 1


@pytest.mark.parametrize(("text", "passes"), [("database is locked", True), ("disk I/O error", False)])
def test_a_locked_sqlite_file_may_pass(text, passes):
    assert may_pass(OperationalError(text)) is passes


def test_a_refusal_that_no_view_expected_is_a_sentence_and_no_error():
    answer = RefusalMiddleware(lambda request: None).process_exception
    page = answer(RequestFactory().get("/x/"), Gone())
    told = answer(RequestFactory().get("/x/", headers={"accept": "application/json"}), Gone())
    assert (page.status_code, told.status_code) == (409, 409)
    assert "does not exist any more" in page.content.decode()
    assert b"does not exist any more" in told.content
    assert answer(RequestFactory().get("/x/"), ValueError("a fault")) is None
