"""The front page: pairs that tell no participant anything, a figure of real answers, and a door for each role."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from generation.models import GenerationRun
from melodymuse_site.front_page import DEMO_STUDY, FEWEST_PEOPLE, FRONT_PAIRS, figure_to_show, pairs_to_play
from survey import actions
from survey.findings import report_of
from survey.models import Study
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = pytest.mark.django_db
EMOTIONS = ("amusement", "excitement", "sadness")


def make_front(first=40, count=3):
    versions = make_versions(count, emotions=EMOTIONS, first=first, composer="muse-2")
    GenerationRun.objects.filter(versions__in=versions).update(reason=FRONT_PAIRS)
    return versions


def test_the_pairs_of_the_front_page_are_played_with_their_emotions(client):
    versions = make_front()
    html = client.get("/").content.decode()
    assert [html.count(version.audio) > 0 for version in versions] == [True] * 3
    assert all(label in html for label in ("Amusement", "Excitement", "Sadness"))


def test_no_other_pairs_are_played(client):
    (version,) = make_versions(1)
    assert list(pairs_to_play()) == []
    html = client.get("/").content.decode()
    assert version.audio not in html
    assert "<audio" not in html


def test_three_are_played_and_of_each_pair_the_newest():
    versions = make_front() + make_front(first=50)
    assert list(pairs_to_play()) == versions[:3]
    (newer,) = make_front(count=1)  # of the first picture and emotion again
    assert newer.pair == versions[0].pair
    assert newer.number == 2
    assert list(pairs_to_play()) == [newer, *versions[1:3]]


def test_what_a_study_plays_or_shows_is_not_on_the_front_page():
    used, shown, free = make_front()
    other = make_versions(1, first=41, emotions=("awe",))  # the second picture, with other music
    assert other[0].pair.image == shown.pair.image
    make_study(versions=[used, *other], publish=False)
    assert list(pairs_to_play()) == [free]


def test_an_older_version_in_a_study_hides_the_newer_one_too():
    old, *_ = make_front(count=1)
    make_study(versions=[old], publish=False)
    make_front(count=1)
    assert list(pairs_to_play()) == []


def make_demo(people):
    study = make_study(slug=DEMO_STUDY, by=make_researcher())
    actions.open_results(study=study, by=study.owner)
    answer_study(study, people=people)
    return Study.objects.get(pk=study.pk)


def test_without_answers_the_figure_is_the_seed_studys(client):
    figure, of_demo = figure_to_show(None)
    assert not of_demo
    assert figure.finding.startswith("11 of 18 people said yes: 61.1 % (95 % interval 38.6–79.7 %)")
    assert figure.finding in client.get("/").content.decode()


def test_the_demo_studys_answers_are_drawn_once_somebody_has_computed_them(client):
    study = make_demo(FEWEST_PEOPLE)
    assert not figure_to_show(study)[1]  # a visitor's look computes nothing
    report = report_of(study)
    assert report.people.included == FEWEST_PEOPLE
    figure, of_demo = figure_to_show(study)
    assert of_demo
    assert figure.name == "emotions"
    assert "What people heard in the demo study" in client.get("/").content.decode()


def test_fewer_people_than_ten_are_not_drawn():
    study = make_demo(FEWEST_PEOPLE - 1)
    assert FEWEST_PEOPLE == 10
    report_of(study)
    assert not figure_to_show(study)[1]


def test_hidden_results_stay_hidden():
    study = make_study(slug=DEMO_STUDY)
    answer_study(study, people=FEWEST_PEOPLE)
    study = Study.objects.get(pk=study.pk)
    report_of(study)
    assert not study.shows_results
    assert not figure_to_show(study)[1]


@pytest.mark.parametrize(
    ("who", "doors"),
    [
        ("nobody", {"Take part", "Research"}),
        ("researcher", {"Take part", "Research"}),
        ("staff", {"Take part", "Research", "Administration"}),
    ],
)
def test_everybody_is_offered_the_doors_of_their_role(who, doors):
    client = Client()
    if who == "researcher":
        client.force_login(make_researcher())
    if who == "staff":
        client.force_login(get_user_model().objects.create_superuser("boss", password="a long password"))
    html = client.get("/").content.decode()
    assert {door for door in ("Take part", "Research", "Administration") if f'">{door}</h3>' in html} == doors
