"""The front page: pairs that tell no participant anything, one figure, and a door for each role."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from generation.models import GenerationRun
from melodymuse_site.demo import FRONT_PAIRS
from survey.queries.in_front import in_front, pairs_to_play
from survey.queries.overview import overview_of
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = pytest.mark.django_db
EMOTIONS = ("amusement", "excitement", "sadness")
MUSIC_ONLY = {"music_only": 1.0}


def make_front(first=40, count=3):
    versions = make_versions(count, emotions=EMOTIONS, first=first, composer="muse-2")
    GenerationRun.objects.filter(versions__in=versions).update(options={"front_page": True})
    return versions


def test_the_pairs_of_the_front_page_are_played_with_their_emotions(client):
    versions = make_front()
    html = client.get("/").content.decode()
    assert [version.audio in html for version in versions] == [True] * 3
    assert all(label in html for label in ("Amusement", "Excitement", "Sadness"))


def test_no_other_pairs_are_played_whatever_a_run_says_of_its_reason(client):
    (version,) = make_versions(1)
    GenerationRun.objects.update(reason=FRONT_PAIRS)
    assert list(pairs_to_play()) == []
    html = client.get("/").content.decode()
    assert version.audio not in html
    assert "<audio" not in html


def test_the_three_latest_are_played_and_of_each_pair_the_newest():
    make_front()
    latest = make_front(first=50)
    assert list(pairs_to_play()) == latest[::-1]
    (newer,) = make_front(first=50, count=1)  # of the first picture and emotion again
    assert newer.pair == latest[0].pair
    assert list(pairs_to_play()) == [latest[2], latest[1], newer]


def test_what_a_study_plays_or_shows_is_not_on_the_front_page():
    used, shown, free = make_front()
    other = make_versions(1, first=41, emotions=("awe",))  # the second picture, with other music
    assert other[0].pair.image == shown.pair.image
    make_study(versions=[used, *other], publish=False)
    assert list(pairs_to_play()) == [free]


def test_a_version_in_a_study_of_music_alone_hides_the_newer_ones_of_its_pair():
    old, *_ = make_front(count=1)
    study = make_study(versions=[old], publish=False, cells=MUSIC_ONLY)
    assert not study.stimuli.exclude(picture_file="").exists()
    make_front(count=1)
    assert list(pairs_to_play()) == []


def front_doubts(study):
    return [warning for warning in overview_of(study).warnings if "front page" in warning]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 pair of the 3 on the front page is among the clips"),
        (3, "3 pairs of the 3 on the front page are among"),
    ],
)
def test_a_draft_that_takes_pairs_from_the_front_page_is_told_how_many(count, said):
    study = make_study(versions=make_front()[:count], publish=False, cells=MUSIC_ONLY)
    [doubt] = front_doubts(study)
    assert said in doubt


def test_a_draft_that_shows_only_the_picture_of_such_a_pair_is_told_too():
    make_front()
    shown = make_versions(1, first=41, emotions=("awe",))
    assert "1 pair of the 3" in front_doubts(make_study(versions=shown, publish=False))[0]
    assert front_doubts(make_study(versions=shown, publish=False, cells=MUSIC_ONLY)) == []


def test_what_another_study_took_before_is_no_loss_by_this_one():
    versions = make_front()
    make_study(versions=versions, publish=False, cells=MUSIC_ONLY)
    later = make_study(versions=versions, publish=False, cells=MUSIC_ONLY)
    assert front_doubts(later) == []


def test_the_clips_page_marks_what_the_front_page_plays_also_once_it_is_chosen():
    versions = make_front(count=2)
    other = make_versions(1, emotions=("awe",))
    study = make_study(versions=[versions[0], *other], publish=False, cells=MUSIC_ONLY)
    assert [in_front(study).has(one) for one in (*versions, *other)] == [True, True, False]
    client = Client()
    client.force_login(study.owner)
    html = client.get(f"/studies/{study.slug}/clips/").content.decode()
    assert html.count(" data-in-front") == html.count(">On the front page</span>") == 2


def test_the_figure_is_the_seed_studys_and_tells_nothing_of_a_study_that_runs(client):
    html = client.get("/").content.decode()
    assert "11 of 18 people said yes: 61.1 % (95 % interval 38.6–79.7 %)" in html


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
