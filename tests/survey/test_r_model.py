"""The R script of the export pack: its structure everywhere, its numbers where R and lme4 are installed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from functools import lru_cache

import pytest
from django.core.management import call_command

from survey.analysis import as_plain
from survey.exports import TABLES
from survey.exports.r_model import quote
from survey.findings import report_of
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.rich_study import make_rich_study, make_yes_no_study

pytestmark = pytest.mark.django_db


@lru_cache(maxsize=1)
def has_lme4():
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(lme4); library(jsonlite)"], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.fixture
def lme4():
    """R is started when a test needs it, not when tests are collected."""
    if not has_lme4():
        pytest.skip("R with lme4 and jsonlite is not installed")


def unpack(study, folder):
    call_command("export", study.slug, "--out", str(folder / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(folder / "pack.zip") as archive:
        archive.extractall(folder)
    (folder / "report.json").write_text(json.dumps(as_plain(report_of(study))), encoding="utf-8")
    return (folder / "mixed_model.R").read_text(encoding="utf-8")


def without_texts(script):
    """The code alone: comments and string literals taken out, and the literals."""
    literals = re.findall(r'"(?:[^"\\\n]|\\.)*"', script)
    code = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', script)
    return re.sub(r"#.*", "", code), [json.loads(text) for text in literals if "\\(" not in text]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_rich_study()


def test_the_script_is_whole_and_names_what_the_pack_has(study, tmp_path):
    script = unpack(study, tmp_path)
    code, texts = without_texts(script)
    assert "@" not in script
    assert '"' not in code.replace('""', "")
    pairs = {")": "(", "]": "[", "}": "{"}
    open_ones = []
    for sign in re.findall(r"[()\[\]{}]", code):
        if sign in pairs:
            assert open_ones.pop() == pairs[sign]
        else:
            open_ones.append(sign)
    assert open_ones == []
    made = {"hit", "emotion", "piece", "presentation", "stratum"}
    columns = {column.name for column in TABLES["responses_long"]} | made
    assert set(re.findall(r"\bd\$(\w+)", code)) <= columns
    with (tmp_path / "responses_long.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert set(re.findall(r"\bd\$(\w+)", code)) - made <= set(header)
    files = {text for text in texts if re.fullmatch(r"\w+\.(csv|json)", text)}
    assert files == {"responses_long.csv", "stimuli.csv", "report.json"}
    assert all((tmp_path / name).exists() for name in files)
    offered = re.search(r"^offered <- c\((.*)\)$", script, re.MULTILINE).group(1)
    slugs = [choice.slug for choice in study.choices.order_by("pk") if choice.slug != "none"]
    assert next(csv.reader(io.StringIO(offered), skipinitialspace=True)) == slugs


def test_every_text_is_quoted():
    assert quote('a "b" \\ c') == r'"a \"b\" \\ c"'


def run(folder):
    done = subprocess.run(["Rscript", "mixed_model.R"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def one_cell(shares, *, people=20, clips=24, each=12, otherwise=0.55, **fields):
    """A study of one cell in which emotions are recognised as often as `shares` says."""
    study = make_study(versions=make_versions(clips), clips_per_participant=each, **fields)

    def choose(participant, stimulus, dice):
        return stimulus.emotion if dice.random() < shares.get(stimulus.emotion, otherwise) else "none"

    answer_study(study, people=people, each=each, hit=0.0, seed=5, choose=choose)
    return study


def separated_by_two_composers():
    """Every emotion and either composer has hits and misses, but with one emotion a composer has no hit."""
    study = make_study(
        versions=[*make_versions(16), *make_versions(16, composer="paper", first=16)], clips_per_participant=32
    )

    def choose(participant, stimulus, dice):
        never = stimulus.emotion == "fear" and stimulus.composer == "paper"
        always = stimulus.emotion == "fear" or (stimulus.emotion == "awe" and stimulus.composer == "muse")
        share = 0.0 if never or (stimulus.emotion == "awe" and stimulus.composer == "paper") else 1.0 if always else 0.5
        return stimulus.emotion if dice.random() < share else "none"

    answer_study(study, people=16, each=32, hit=0.0, seed=6, choose=choose)
    return study


STUDIES = {
    "four cells": lambda: make_rich_study(people=24, each=32),
    "four cells, matching pairs planned": lambda: make_rich_study(people=24, each=32, cell="matched"),
    "one cell": lambda: one_cell({}),
    "an emotion nobody recognised": lambda: one_cell({"fear": 0.0}),
    "combinations that separate": separated_by_two_composers,
}


@pytest.mark.usefixtures("lme4")
@pytest.mark.parametrize("kind", STUDIES)
def test_lme4_gives_the_report_s_numbers(settings, tmp_path, kind):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = STUDIES[kind]()
    assert unpack(study, tmp_path)
    said = run(tmp_path)
    largest = float(re.search(r"Largest difference: ([\d.]+)", said).group(1))
    assert largest < 0.02, said
    compared = re.search(r"Beside the report\n(.*)Largest", said, re.DOTALL).group(1).splitlines()[1:]
    report = report_of(study)
    model = report["measures"]["mixed_model"]
    known = [one for one in model["effects"] if one["log_odds"] is not None]
    assert len(compared) == len(known) + 3
    assert "Not in report.json" not in said
    assert "Not found by lme4" not in said
    assert f"Answers: {model['n']} here, {model['n']} in report.json" in said
    assert f"Primary cell: {report['cell'] or 'main'} " in said
    left_out = {re.match(r"(\w+ [^:]+): ", one).group(1) for one in model["left_out"]}
    assert left_out <= set(re.findall(r"^(\w+ [^:\n]+): not finite, left out", said, re.MULTILINE))


NO_MODEL = {
    "too few answers": (lambda: one_cell({}, people=4, each=4), "not defined: 16 answers are fewer than 2 for each"),
    "two people": (lambda: one_cell({}, people=2, each=24), "not defined: it needs at least three people"),
    "all hits": (lambda: one_cell({}, otherwise=1.0), "not defined: every answer is a hit, or none is"),
    "nobody": (lambda: one_cell({}, people=0), "there are no answers"),
    "yes or no": (lambda: make_yes_no_study(people=3, each=4), "people said yes or no"),
}


@pytest.mark.usefixtures("lme4")
@pytest.mark.parametrize("kind", NO_MODEL)
def test_where_the_report_has_no_model_the_script_says_why(settings, tmp_path, kind):
    settings.MEDIA_ROOT = tmp_path / "media"
    make, why = NO_MODEL[kind]
    study = make()
    unpack(study, tmp_path)
    said = run(tmp_path)
    assert f"report.json has no model, because {why}" in said
    assert "Beside the report" not in said


@pytest.mark.usefixtures("lme4")
def test_a_report_about_another_cell_is_not_compared(study, tmp_path):
    unpack(study, tmp_path)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    (tmp_path / "report.json").write_text(json.dumps(report | {"cell": "matched"}), encoding="utf-8")
    assert "report.json is about matched, this is about music_only: nothing is compared." in run(tmp_path)
