"""The web server is killed with `kill -9` in the middle of answers and started again: no answer is lost or doubled."""

import threading
import time

import pytest

from survey.models import Participant, Response, Trial
from survey.simulation.hearing import count_tones, find_check
from survey.simulation.page_forms import read_forms
from survey.simulation.visitor import Timings, VisitFailed, Visitor
from tests.survey.factories import make_study
from tests.survey.serving import PATIENCE, Server

pytestmark = [
    pytest.mark.service,
    pytest.mark.database,
    pytest.mark.timeout(1800),
    pytest.mark.django_db(transaction=True),
]
PEOPLE = 6


def insist(action):
    """Do it again until it is acknowledged, as the page's script does."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return action()
        except VisitFailed:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def take_part(server, slug, sent):
    visitor = Visitor(server.url, Timings())
    insist(lambda: visitor.open(f"/study/{slug}/"))
    while not visitor.address.endswith("/end/"):
        form = read_forms(visitor.html)[0]
        values = {**form.values, **{name: options[0] for name, options in form.choices.items()}}
        address = visitor.address
        if "tones" in form.choices:
            sound = insist(lambda: visitor.download(find_check(visitor.html)))
            values["tones"] = str(count_tones(sound))

        def send(values=values, form=form, address=address):
            visitor.address = address
            visitor.send(form.action, values)

        insist(send)
        if "trial" in values:
            sent.append(values["trial"])
    visitor.close()


@pytest.mark.parametrize(
    "moments",
    [pytest.param((0.4,), id="once"), pytest.param((0.2, 0.45, 0.7), id="thrice", marks=pytest.mark.long)],
)
def test_a_server_killed_in_the_middle_of_answers_loses_and_doubles_nothing(moments):
    study = make_study()
    server = Server()
    sent = []
    try:
        server.start()
        people = [threading.Thread(target=take_part, args=(server, study.slug, sent)) for _ in range(PEOPLE)]
        for person in people:
            person.start()
        for share in moments:
            deadline = time.monotonic() + PATIENCE
            while len(sent) < share * PEOPLE * 8 and time.monotonic() < deadline:
                time.sleep(0.005)
            server.kill()
            server.start()
        for person in people:
            person.join(PATIENCE)
    finally:
        server.kill()
    stored = list(Response.objects.values_list("trial__token", flat=True))
    assert len(sent) == PEOPLE * 8
    assert sorted(stored) == sorted(sent)
    assert list(Participant.objects.values_list("outcome", flat=True)) == ["complete"] * PEOPLE
    assert Trial.objects.count() == PEOPLE * 8
