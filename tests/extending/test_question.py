"""The question that docs/extending.md goes through: one file, and every outlet has it."""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from pathlib import Path

import pytest

from survey import actions
from survey.exports.pack import write_pack
from survey.models import QuestionAnswer
from survey.preregistration import write_preregistration
from survey.questions import REGISTER, TABLE
from survey.questions.register import find_questions
from tests.survey.questions.asking import asking_everything, take_part

ROOT = Path(__file__).resolve().parents[2]


def block(name: str) -> str:
    section = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8").partition("## A question in")[2]
    return re.search(rf"```python {name}\n(.*?)```", section, re.DOTALL).group(1)


@pytest.fixture
def humming(tmp_path, monkeypatch):
    """The document's file, in a folder of questions; the register as it would be with it."""
    folder = tmp_path / "documented_questions"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "humming.py").write_text(block("question"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = find_questions("documented_questions")
    monkeypatch.setitem(REGISTER, "humming", found["humming"])
    yield found["humming"]
    for name in [name for name in sys.modules if name.startswith("documented_questions")]:
        del sys.modules[name]


def test_the_test_of_the_document_holds(humming):
    names: dict[str, object] = {}
    exec(compile(block("test"), "docs/extending.md", "exec"), names)
    tests = [names[name] for name in names if name.startswith("test_")]
    assert len(tests) == 1
    tests[0]()


@pytest.mark.django_db
def test_the_question_of_the_document_comes_out_everywhere(humming, tmp_path, client):
    study = asking_everything()
    take_part(study)
    answers = QuestionAnswer.objects.filter(question__key="humming")
    assert answers.count() == 3
    write_pack(study, tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as pack:
        long, wide, book = (
            list(csv.DictReader(io.StringIO(pack.read(f"{name}.csv").decode())))
            for name in (TABLE, "responses_long", "codebook")
        )
    given = sorted(str(int(answer.number)) for answer in answers)
    assert sorted(row["value"] for row in long if row["question"] == "humming") == given
    assert sorted(row["q_humming"] for row in wide) == given
    assert [row["meaning"] for row in book if row["name"] == "q_humming"] == [humming.meaning]
    assert "Could you hum this clip?" in write_preregistration(study)
    actions.close(study=study, by=study.owner)
    client.force_login(study.owner)
    assert 'id="figure-question-humming"' in client.get(f"/results/{study.slug}/?open=all").content.decode()
    actions.withdraw(participant=study.participants.get(), by=None)
    assert not answers.all().exists()
