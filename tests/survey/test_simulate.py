"""Bots take the real study over HTTP; the numbers they leave are checked against the database."""

import json
import random
import re
from io import StringIO
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command

from survey.forms.participant import issue_pilot_pass
from survey.models import Participant, Response
from survey.queries import ratings
from survey.simulation.bots import Bot, Scene, take_part
from survey.simulation.personas import MixRefused, read_mix
from survey.simulation.truth import TruthRefused, default_truth, draw_answer, read_truth
from survey.wording import CHOICE_WORDS
from tests.survey.factories import make_study, make_versions

pytestmark = pytest.mark.database
live = pytest.mark.django_db(transaction=True)


def simulate(live_server, study, **options):
    out = StringIO()
    call_command("simulate", study.slug, url=live_server.url, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


@live
def test_every_kind_of_bot_comes_through_with_nothing_lost_or_doubled(live_server):
    study = make_study(versions=make_versions(8), clips_per_participant=4)
    mix = "listener=1,picture=1,guesser=1,straightliner=1,dropout=1,doubleclicker=1,twotab=1"
    result = simulate(live_server, study, participants=7, concurrency=4, mix=mix)
    assert result["personas"] == dict.fromkeys(result["personas"], 1)
    assert (result["lost"], result["doubled"], result["unacknowledged"]) == (0, 0, 0)
    assert result["stored"] == result["acknowledged"] == Response.objects.count()
    assert result["errors"] == {}
    assert result["finished"] >= 6
    assert list(ratings(study)) == []
    assert set(Participant.objects.values_list("kind", flat=True)) == {"bot"}


@live
def test_a_perfect_truth_is_recovered_exactly_and_bots_can_be_removed(live_server, tmp_path):
    matrix = tmp_path / "truth.csv"
    names = ["fear", "awe", "anger", "sadness"]
    rows = [",".join(["", *names]), *(f"{a}," + ",".join(str(int(a == b)) for b in names) for a in names)]
    matrix.write_text("\n".join(rows), encoding="utf-8")
    study = make_study(versions=make_versions(4, emotions=tuple(names)))
    result = simulate(live_server, study, participants=4, concurrency=2, mix="listener=1", truth=matrix, remove=True)
    found = {name: (row["n"], row["found"]) for name, row in result["recovery"]["emotions"].items()}
    assert found == dict.fromkeys(sorted(names), (4, 1.0))
    assert Participant.objects.count() == 0


@live
@pytest.mark.parametrize("language", ["en", "de"])
def test_bots_read_the_words_that_were_published_whatever_the_site_says_now(live_server, monkeypatch, language):
    """Another release may word an emotion otherwise: bots that looked for its words took every lure for a target."""
    names = ("fear", "awe", "anger", "sadness")
    study = make_study(versions=make_versions(8, emotions=names), mode="yes_no", language=language)
    for number, slug in enumerate(names):
        monkeypatch.setitem(CHOICE_WORDS, slug, f"Other word {number}")
    result = simulate(live_server, study, participants=6, concurrency=2, mix="listener=1")
    assert result["errors"] == {}
    assert result["finished"] == 6
    alarms = result["recovery"]["false_alarms"]
    assert (alarms["n"], sum(row["n"] for row in result["recovery"]["emotions"].values())) == (24, 24)
    assert alarms["found"] < 0.5


@live
def test_a_bot_that_cannot_read_what_is_named_says_so_and_answers_nothing(live_server):
    study = make_study(mode="yes_no", require_listening=False)
    entry = f"{live_server.url}/study/{study.slug}/?{urlencode({'pilot': issue_pilot_pass(study)})}"
    scene = Scene(live_server.url, study.slug, entry, default_truth(["fear", "awe"]), {}, {}, words={"Joy": "joy"})
    bot = take_part(Bot("listener", 1), scene)
    assert re.fullmatch("the question names '[A-Z][a-z]+', which is no emotion of the study", bot.timings.errors[0])
    assert Response.objects.count() == 0


@pytest.mark.django_db
def test_without_a_site_the_command_says_what_to_do():
    study = make_study()
    with pytest.raises(CommandError, match=r"No site answers at http://127\.0\.0\.1:9"):
        call_command("simulate", study.slug, url="http://127.0.0.1:9")


@pytest.mark.django_db
def test_an_unknown_study_is_named():
    with pytest.raises(CommandError, match="no study called 'nowhere'"):
        call_command("simulate", "nowhere")


@pytest.mark.parametrize("text", ["", "listener", "listener=x", "ghost=1", "listener=0", "listener=-1"])
def test_a_mix_that_cannot_be_read_is_refused(text):
    with pytest.raises(MixRefused):
        read_mix(text)


@pytest.mark.parametrize(
    "text", ["", "a\n", ",fear\nfear,x\n", ",fear\nfear,-1\n", ",joy\nfear,1\n", ",fear\nfear,1,2\n"]
)
def test_a_truth_that_cannot_be_read_is_refused_with_its_line(text, tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TruthRefused):
        read_truth(path, ["fear"])


def test_the_default_truth_has_rows_that_sum_to_one():
    truth = default_truth(["fear", "awe", "anger", "none"])
    assert {slug: round(sum(row.values()), 9) for slug, row in truth.items()} == dict.fromkeys(truth, 1.0)
    assert draw_answer({"fear": {"fear": 1.0}}, "fear", ["awe", "fear"], random.Random(0)) == "fear"
