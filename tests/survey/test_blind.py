"""A crawler takes the whole study and looks at every byte and header: nothing tells what is intended."""

import json
import re
from collections import Counter
from pathlib import Path
from posixpath import dirname, normpath

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from generation.emotions import EMOTIONS, SLUGS
from generation.networks.composers import installed_composers
from survey import actions
from survey.models import Trial
from survey.models.participation import make_token
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db

WORDS = [word for emotion in EMOTIONS for word in (emotion.slug, emotion.label.casefold())]
# Of composers' names and of the shortest emotion only whole words count: the site's own name holds the one,
# random tokens now and then the other.
WHOLE = [word for word in WORDS if len(word) < 4]
# A dangerous button is no hint at anger.
PARTS = [f"(?<!d){word}" for word in {*WORDS} - {*WHOLE}]
TELLING = re.compile(
    "|".join([*PARTS, *(rf"(?<![\w-]){word}(?![\w-])" for word in [*WHOLE, *installed_composers()])]),
    re.IGNORECASE,
)
OPTIONS = re.compile(r'<fieldset class="answers".*?</fieldset>', re.DOTALL)


def told(response):
    """What a response gives away: headers and body, without the answer options."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    body = b"".join(response) if response.streaming else response.content
    text = as_read(response.headers.get("Content-Type", ""), body)
    return TELLING.findall(headers + OPTIONS.sub("", text))


def as_read(content_type, body):
    """A body as the browser reads it: a page that travels inside of JSON is a page."""
    if content_type != "application/json":
        return body.decode("latin-1")
    return "\n".join(str(value) for value in json.loads(body).values())


def addresses(page):
    """Every address the page names, those of clips to load ahead included."""
    lists = re.findall(r'(?:src|href|data-preload)="([^"]+)"', page)
    return {address for text in lists for address in text.split() if address.startswith("/")}


def test_a_crawl_through_the_whole_study_finds_no_hint():
    versions = make_versions(8) + make_versions(8, first=50, composer="paper")
    study = make_study(
        versions=versions,
        clips_per_participant=12,
        practice_trials=0,
        cells={"matched": 1.0, "mismatched": 1.0},
    )
    listener = Listener(study.slug)
    listener.get()
    found, files, pages = [], set(), 0
    while True:
        pages += 1
        found += told(listener.response)
        files |= {address for address in addresses(listener.page) if address.startswith("/media/")}
        if listener.address.endswith("/end/"):
            break
        listener.send()
    found += [word for address in files for word in TELLING.findall(address)]
    found += [word for address in files for word in told(Client().get(address))]
    assert (found, pages) == ([], 16)
    assert len(files) >= 20


def test_what_the_script_is_told_about_its_answer_and_its_events_holds_no_hint():
    study = make_study(require_listening=False)
    listener = Listener(study.slug).begin()
    address, values, radios = listener.form()
    token = values["csrfmiddlewaretoken"]
    events = '[{"sequence": 0, "kind": "play", "milliseconds": 5, "seconds": 0.0}]'
    sent = {"csrfmiddlewaretoken": token, "trial": values["trial"], "events": events}
    stored = listener.client.post(address.replace("/clip/", "/events/"), sent)
    refused = listener.client.post(address, values, headers={"Accept": "application/json"})
    data = {**values, **{name: options[0] for name, options in radios.items()}}
    accepted = listener.client.post(address, data, headers={"Accept": "application/json"})
    assert [response.status_code for response in (stored, refused, accepted)] == [200, 400, 200]
    assert [told(response) for response in (stored, refused, accepted)] == [[], [], []]


def test_the_scripts_that_the_page_loads_hold_no_hint():
    names, found = {"survey/trial.js", "survey/hearing.js"}, {}
    while names - found.keys():
        name = (names - found.keys()).pop()
        script = Path(finders.find(name)).read_text()
        found[name] = TELLING.findall(script)
        names |= {normpath(f"{dirname(name)}/{other}") for other in re.findall(r'from "(\.[^"]+)"', script)}
    assert {name: words for name, words in found.items() if words} == {}
    assert len(found) >= 12
    # Of the shared player they get frame and clock: no roll, nothing that seeks, no remembered volume.
    assert {name for name in found if name.startswith("site/")} == {"site/clock.js", "site/frame.js", "site/pad.js"}


def test_a_picture_whose_description_names_an_emotion_is_shown_without_it():
    versions = make_versions(2, emotions=("fear", "awe"))
    image = versions[0].pair.image
    for version in versions:
        version.pair.image.alt_text = "A scene of Fear and awe"
        version.pair.image.save()
    study = make_study(versions=versions)
    listener = Listener(study.slug).begin()
    assert told(listener.response) == []
    assert 'alt="The picture of this clip"' in listener.page
    assert image.alt_text == "A scene of Fear and awe"


def test_every_emotion_is_the_first_one_equally_often():
    study = make_study()
    for _ in range(40):
        participant = actions.join(study=study, token=make_token(), language="en")
        actions.give_trial(participant=participant)
    first = Counter(Trial.objects.filter(position=1).values_list("stimulus__emotion", flat=True))
    assert first == Counter(dict.fromkeys(SLUGS, 5))


def test_the_order_of_answers_does_not_follow_the_intention():
    study = make_study()
    for _ in range(6):
        Listener(study.slug).take_part()
    places = Counter(
        trial.option_order.index(trial.stimulus.emotion) for trial in Trial.objects.select_related("stimulus")
    )
    # Every person meets every emotion once, so every place of the list holds the intention equally often.
    assert places == Counter(dict.fromkeys(range(8), 6))
