"""The R script of the export pack: its structure everywhere, its numbers where R and lme4 are installed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile

import pytest
from django.core.management import call_command

from survey.exports import TABLES
from survey.exports.r_model import quote
from survey.findings import report_of
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.rich_study import make_rich_study

pytestmark = pytest.mark.django_db


def has_lme4():
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(lme4); library(jsonlite)"], capture_output=True, check=False)
    return asked.returncode == 0


def unpack(study, folder):
    call_command("export", study.slug, "--out", str(folder / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(folder / "pack.zip") as archive:
        archive.extractall(folder)
    (folder / "report.json").write_text(json.dumps(report_of(study)), encoding="utf-8")
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
    made = {"hit", "emotion", "piece", "presentation"}
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


@pytest.mark.skipif(not has_lme4(), reason="R with lme4 and jsonlite is not installed")
@pytest.mark.parametrize("kind", ["four cells", "one cell", "an emotion nobody recognised"])
def test_lme4_gives_the_report_s_numbers(settings, tmp_path, kind):
    settings.MEDIA_ROOT = tmp_path / "media"
    if kind == "four cells":
        study = make_rich_study(people=24, each=32)
    else:
        study = make_study(versions=make_versions(24), clips_per_participant=12)
        hit = 0.0 if kind == "an emotion nobody recognised" else 0.55

        def choose(participant, stimulus, dice):
            share = hit if stimulus.emotion == "fear" else 0.55
            return stimulus.emotion if dice.random() < share else "none"

        answer_study(study, people=20, each=12, hit=0.0, seed=5, choose=choose)
    script = unpack(study, tmp_path)
    assert script
    done = subprocess.run(["Rscript", "mixed_model.R"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    largest = float(re.search(r"Largest difference: ([\d.]+)", done.stdout).group(1))
    assert largest < 0.02, done.stdout
    compared = re.search(r"Beside the report\n(.*)Largest", done.stdout, re.DOTALL).group(1).splitlines()[1:]
    known = [one for one in report_of(study)["measures"]["mixed_model"]["effects"] if one["log_odds"] is not None]
    assert len(compared) == len(known) + 3
