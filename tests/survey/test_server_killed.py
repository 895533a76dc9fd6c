"""The web server is killed with `kill -9` in the middle of answers and started again: no answer is lost or doubled."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection

from survey.models import Participant, Response, Trial
from survey.simulation.reading import read_forms
from survey.simulation.visitor import Timings, VisitFailed, Visitor
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.service,
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]
PEOPLE = 6
PATIENCE = 60.0


class Server:
    """gunicorn with two processes on the test's own database, to be killed and started again."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        database = settings.DATABASES["default"]
        name = connection.settings_dict["NAME"]
        url = f"sqlite:///{name}"
        if connection.vendor == "postgresql":
            url = f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{name}"
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "melodymuse_site.wsgi",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--threads",
            "4",
            "--log-level",
            "critical",
        ]
        self.process = subprocess.Popen(
            command,
            env=environment,
            cwd=Path(settings.BASE_DIR),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.1)
        raise AssertionError("The server does not start.")

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


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
