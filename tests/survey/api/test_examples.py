"""The programs that the documentation shows read a real site."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site

from survey import actions
from tests.survey.answering import answer_study
from tests.survey.api.asking import make_token
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGE = Path(site.BASE_DIR) / "docs/tasks/read-by-program.md"
RSCRIPT = shutil.which("Rscript")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def has_package(name: str) -> bool:
    asked = [RSCRIPT or "", "-e", f"quit(status = !requireNamespace('{name}', quietly = TRUE))"]
    return bool(RSCRIPT) and subprocess.run(asked, capture_output=True).returncode == 0


@pytest.fixture
def environment(settings, tmp_path, live_server):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    study = make_study(versions=make_versions(4), clips_per_participant=4, title="Größe")
    answer_study(study, people=5)
    actions.close(study=study, by=study.owner)
    _, secret = make_token(study.owner)
    told = {"SITE": live_server.url, "TOKEN": secret, "STUDY": study.slug}
    return {**os.environ, **{f"MELODYMUSE_{name}": value for name, value in told.items()}}


def run(command: list[str], environment: dict[str, str]) -> str:
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_program_in_python_reads_answers_and_report(environment, tmp_path):
    (program,) = blocks("python")
    file = tmp_path / "read.py"
    file.write_text(program, encoding="utf-8")
    told = run([sys.executable, str(file)], environment)
    assert told == f"{environment['MELODYMUSE_STUDY']} closed 5\n20 answers 20 in the report\n"
    wrong = {**environment, "MELODYMUSE_TOKEN": "muse_0"}
    refused = subprocess.run([sys.executable, str(file)], env=wrong, capture_output=True, text=True, timeout=60)
    assert (refused.returncode, refused.stderr.startswith("This token opens nothing")) == (1, True)


@pytest.mark.skipif(not RSCRIPT, reason="R is not installed (Debian: r-base-core)")
def test_every_program_in_r_can_be_parsed(tmp_path):
    for number, program in enumerate(blocks("r")):
        file = tmp_path / f"{number}.R"
        file.write_text(program, encoding="utf-8")
        run([RSCRIPT or "", "-e", f"invisible(parse('{file}'))"], dict(os.environ))
    assert len(blocks("r")) == 2


@pytest.mark.skipif(not has_package("jsonlite"), reason="R with jsonlite is not installed")
def test_the_program_in_r_without_packages_reads_answers_and_report(environment, tmp_path):
    file = tmp_path / "read.R"
    file.write_text(blocks("r")[0], encoding="utf-8")
    assert run([RSCRIPT or "", str(file)], environment) == "20 answers 20 in the report\n"


@pytest.mark.skipif(not has_package("httr2"), reason="R with httr2 is not installed")
def test_the_program_in_r_that_waits_reads_the_report(environment, tmp_path):
    file = tmp_path / "wait.R"
    file.write_text(blocks("r")[1], encoding="utf-8")
    assert run([RSCRIPT or "", str(file)], environment) == "20 in the report\n"
