"""The page that is filled in is the page that the template makes, letter by letter, whatever a study shows and asks."""

import re

import pytest

from survey.views import clip_page, trials
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
STUDIES = {
    "music alone": {"cells": {"music_only": 1.0}, "clips_per_participant": 4},
    "pictures, with music and alone": {"cells": {"matched": 1.0, "picture_only": 1.0}, "clips_per_participant": 4},
    "yes or no, lures": {"mode": "yes_no", "clips_per_participant": 4, "gold_trials": 1, "repeat_trials": 1},
    "every question": {"ask_word": True, "ask_affect": True, "clips_per_participant": 3, "replay_cap": 2},
    "practice": {"practice_trials": 2, "clips_per_participant": 3},
}


def make(name, language):
    fields = {**STUDIES[name], "language": language}
    versions = make_versions(12)
    extra = {"practice": versions[8:10]} if "practice_trials" in fields else {}
    extra |= {"gold": versions[10:]} if "gold_trials" in fields else {}
    return make_study(versions=versions[:8], **extra, **fields)


def pages(study, monkeypatch):
    """Each clip's page as it is filled in, and as the template makes it whole; how many were filled in."""
    listener = Listener(study.slug).begin()
    filled_in = []
    while "trial" in listener.form()[1]:
        address = f"/study/{study.slug}/clip/"
        filled = listener.client.get(address)
        with monkeypatch.context() as whole:
            whole.setattr(trials, "can_be_filled", lambda *_: False)
            rendered = listener.client.get(address)
        filled_in.append(bool(rendered.templates) and not filled.templates)
        yield filled, rendered
        listener.send()
    assert any(filled_in)


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("name", STUDIES)
def test_a_page_that_is_filled_in_is_the_one_that_the_template_makes(name, language, monkeypatch):
    study = make(name, language)
    for _ in range(2):  # the second person's pages are those that were kept
        for filled, rendered in pages(study, monkeypatch):
            assert CSRF.sub("", filled.content.decode()) == CSRF.sub("", rendered.content.decode())
            assert {**filled.headers, "Expires": ""} == {**rendered.headers, "Expires": ""}
            assert "hole-" not in filled.content.decode()


def test_what_is_filled_in_is_escaped():
    assert clip_page.fill(("<b>", "word", "</b>"), {"word": '<i title="x">&'}) == (
        "<b>&lt;i title=&quot;x&quot;&gt;&amp;</b>"
    )


def test_the_form_of_a_draft_is_not_kept():
    assert not clip_page.can_be_filled(None, make_study(publish=False))
