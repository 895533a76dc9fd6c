"""The results of a study that compares two clips, on every outlet; and that nothing of recognition leaks into them."""

from __future__ import annotations

import csv
import dataclasses
import io
import random
import shutil
import subprocess
import zipfile

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec.structs import replace

from survey import actions
from survey.analysis.measures import all_measures
from survey.analysis.paired import fitting
from survey.analysis.reading_out import read_out
from survey.exports import r_pairs
from survey.exports.codebook import tables_of
from survey.exports.one_by_one import read_one_by_one
from survey.exports.pack import write_pack
from survey.exports.rows import DECLARED
from survey.findings import Choice, read_ratings, report_of
from survey.findings.compared import read_comparisons
from survey.findings.reports import compute_report, keep_report, key_of
from tests.survey.comparing import answer_all, begin, comparing

pytestmark = pytest.mark.django_db
MUSE = "Matching pair · muse"


def answered(people=10, prefers=0.8, mode="fits", **fields):
    """A closed study whose people prefer muse so often."""
    study = comparing(mode, count=6, clips_per_participant=6, **fields)
    dice = random.Random(7)

    def choose(trial):
        own = "first" if trial.stimulus.composer == "muse" else "second"
        other = "second" if own == "first" else "first"
        return own if dice.random() < prefers else other

    for _ in range(people):
        answer_all(study, begin(study), choose)
    return actions.close(study=study, by=study.owner)


@pytest.fixture
def study():
    return answered()


def get(client, study, path=""):
    client.force_login(study.owner)
    return client.get(f"/results/{study.slug}/{path}")


def test_the_page_says_who_is_preferred(client, study):
    response = get(client, study, "?open=all")
    page = response.content.decode()
    assert response.status_code == 200
    assert "preferred muse to paper: by the model muse is chosen over paper in " in page
    for title in ("Comparisons", "Results in words", "Other questions"):
        assert title in page
    for other in ("Hit rate", "Sources", "Agreement", "recognised", "intended emotion"):
        assert other not in page


def test_every_outlet_tells_of_comparisons_and_none_of_hits(client, study):
    report = get(client, study, "report/").content.decode()
    assert "Strengths of what was compared" in report
    assert "After each two clips" in report
    # Six pictures, two clips each; everybody judged all six pairs.
    assert (
        "10 participants made 60 comparisons among 12 clips (6.0 comparisons per participant; each clip was in 10.0 on"
        " average)." in report
    )
    assert "hit rate" not in report.lower()
    assert get(client, study, "report.pdf").content.startswith(b"%PDF")
    assert get(client, study, "figures/strengths.svg").status_code == 200
    assert get(client, study, "figures/confusion.svg").status_code == 404
    found = get(client, study, "report.json").json()
    assert found["measures"]["paired"]["n"] == found["n"]["responses"] == 60
    assert {name for name, held in found["measures"].items() if held is not None} == {"paired"}
    assert "listeners preferred " in read_out(report_of(study))


@pytest.mark.parametrize("section", ["emotions", "clips", "agreement", "sources", "people"])
def test_sections_about_recognition_are_not_there(client, study, section):
    assert get(client, study, f"sections/{section}/").status_code == 404


def test_the_measure_has_no_result_where_trials_play_one_clip():
    from survey.analysis.ratings import Rating, collect
    from survey.analysis.report import analyse

    found = analyse(collect([Rating("P1", "S1", "", "fear", "fear"), Rating("P2", "S1", "", "fear", "awe")]))
    assert found.measures["paired"] is None
    assert sum(measure.about_pairs for measure in all_measures()) == 1


def test_no_answer_is_taken_for_a_recognition(study):
    assert len(read_ratings(study)) == 0
    pairs = read_comparisons(study)
    assert len(pairs) == 60
    assert pairs.names == (MUSE, "Matching pair · paper")
    assert np.unique(pairs.topics).size == 6


def test_the_share_that_is_said_is_the_share_of_the_rows(study):
    one = report_of(study).measures["paired"].preferences[0]
    trials = [trial for person in study.participants.all() for trial in person.trials.all()]
    won = sum((trial.stimulus.composer == "muse") == (trial.response.choice.slug == "first") for trial in trials)
    assert (one.a, one.n, one.chosen) == (MUSE, 60, won)
    # Balanced sides, two cells: the model's preference is the share, but for the side's effect.
    assert one.probability == pytest.approx(won / 60, abs=0.01)
    assert one.participants_stimuli[0] < one.probability < one.participants_stimuli[1]


def test_what_was_planned_comes_first(client):
    study = answered(people=6, analysis_plan={"primary_measure": "Muse fits better than paper"})
    found = report_of(study).primary
    assert (found.kind, found.participants, found.n, found.chance) == ("preference", 6, 36, 0.5)
    page = get(client, study).content.decode()
    assert page.index("the first of them was chosen in") < page.index("Exploratory results")


def test_people_left_out_are_left_out(study):
    person = study.participants.first()
    actions.set_aside(participant=person, reason="A colleague", by=study.owner)
    assert report_of(study, Choice(included_only=True)).n.responses == 54
    assert report_of(study).n.responses == 60


def test_clips_that_nobody_heard_are_not_counted():
    """Six pairs of clips, of which the only person judged two."""
    study = comparing(count=6, clips_per_participant=2)
    answer_all(study, begin(study))
    assert report_of(study).n.stimuli == 4
    assert report_of(actions.close(study=study, by=study.owner), Choice(included_only=True)).n.stimuli == 4


def test_a_narrowed_report_has_the_planned_measure_of_the_one_that_is_kept(study):
    whole = report_of(study)
    marked = replace(whole, primary=dataclasses.replace(whole.primary, estimate=0.123))
    keep_report(key_of(study, Choice()), marked)
    person = study.participants.first()
    assert compute_report(study, Choice(included_only=True)).primary.estimate == 0.123
    actions.set_aside(participant=person, reason="A colleague", by=study.owner)  # nothing is kept of these data
    narrow = compute_report(study, Choice(included_only=True))
    assert (narrow.n.responses, narrow.primary) == (54, whole.primary)


def test_no_answer_is_read_that_is_not_used(study):
    """Answers to comparisons are none about one clip: they are not asked for."""
    with CaptureQueriesContext(connection) as asked:
        assert len(read_ratings(study)) == 0
    assert not [one for one in asked.captured_queries if 'FROM "survey_response"' in one["sql"]]


def test_where_one_always_wins_it_is_said_that_nothing_can_be_estimated(client):
    study = answered(people=3, prefers=1.0)
    page = get(client, study, "?open=all").content.decode()
    assert "cannot be estimated: a strength would grow without end" in page
    assert "muse was chosen over paper in 18 of 18" in page


def test_a_study_without_answers_has_a_page(client):
    study = actions.close(study=comparing(), by=None)
    assert "There are no answers yet." in get(client, study, "?open=all").content.decode()
    assert get(client, study, "report/").status_code == 200


def test_an_address_of_a_cell_shows_everything(client, study):
    page = get(client, study, f"?cell={MUSE}&composer=muse").content.decode()
    assert "60 comparisons by 10 people" in page


PAGES = (
    "",
    "monitor/",
    "people/",
    "log/",
    "invite/",
    "recruiting/",
    "preregistration.md",
    "links/",
    "publish/",
    "clips/",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_study_opens(client, path):
    study = answered(people=1)
    copy = actions.make_new_version(study=study, by=study.owner)
    client.force_login(study.owner)
    opened = [client.get(f"/studies/{one.slug}/{path}", follow=True).status_code for one in (study, copy)]
    assert 200 in opened
    assert 500 not in opened


def test_programs_and_spreadsheets_get_both_clips(client, study):
    client.force_login(study.owner)
    text = b"".join(client.get(f"/results/{study.slug}/responses.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 60
    assert all(row["second_stimulus"] and row["second_stimulus"] != row["stimulus"] for row in rows)
    assert {row["chosen"] for row in rows} == {"first", "second"}
    assert {(row["intended"], row["hit"]) for row in rows} == {("", "")}
    read = list(read_one_by_one(DECLARED["responses_long"](study), tables_of(study)["responses_long"]))
    assert [row[1] for row in read] == [row["stimulus"] for row in rows]


def test_the_script_takes_for_endless_what_the_report_does(study, monkeypatch):
    assert f"max(abs(predict(fit))) > {fitting.ENDLESS:g})" in r_pairs.paired_script(study)
    assert fitting.ENDLESS == 15
    monkeypatch.setattr(r_pairs, "ENDLESS", 12.5)
    assert "max(abs(predict(fit))) > 12.5)" in r_pairs.paired_script(study)


def run_the_script(client, study, tmp_path):
    with (tmp_path / "pack.zip").open("wb") as stream:
        write_pack(study, stream)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "report.json").write_bytes(get(client, study, "report.json").content)
    return subprocess.run(["Rscript", "paired_comparison.R"], cwd=tmp_path, capture_output=True, text=True, check=False)


WITH_R = pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")


@WITH_R
def test_the_script_of_the_pack_says_where_the_report_has_no_strengths(client, tmp_path):
    done = run_the_script(client, answered(people=3, prefers=1.0), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "report.json has no strengths: cannot be estimated" in done.stdout


@WITH_R
def test_the_script_of_the_pack_leaves_the_side_out_where_the_report_does(client, tmp_path):
    study = comparing("fits", count=6, clips_per_participant=6)
    dissent = []

    def choose(trial):
        if trial.stimulus.composer == "muse" and not dissent:
            dissent.append(trial)
            return "second"
        return "first" if trial.stimulus.composer == "muse" else "second"

    for _ in range(4):
        answer_all(study, begin(study), choose)
    study = actions.close(study=study, by=study.owner)
    found = report_of(study).measures["paired"]
    assert (found.side, round(found.preferences[0].probability, 6)) == (None, round(23 / 24, 6))
    done = run_the_script(client, study, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "played first: not finite, left out" in done.stdout
    assert "largest difference from report.json" in done.stdout


@WITH_R
def test_the_script_of_the_pack_finds_the_strengths_of_the_report(client, study, tmp_path):
    done = run_the_script(client, study, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    strength = report_of(study).measures["paired"].strengths[MUSE].strength
    assert f"{strength:.3f}"[:5] in done.stdout
