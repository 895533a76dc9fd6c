"""A kept report is one of today's code: other code, other libraries or other answers make it anew."""

import ast
import shutil

import pytest
from django.core.cache import caches

from survey.analysis import as_plain, read_report, write_report
from survey.findings import Choice, report_of, reports, versions
from survey.findings.code_version import CODE_VERSION, LIBRARIES, ROOT, SHAPING, hash_of
from tests.survey.answering import answer_study
from tests.survey.factories import make_study
from tests.survey.rich_study import make_rich_study, make_yes_no_study


@pytest.fixture
def copy(tmp_path):
    """Everything that shapes a report, copied."""
    for place in SHAPING:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        copied = shutil.copytree if (ROOT / place).is_dir() else shutil.copy
        copied(ROOT / place, tmp_path / place)
    return tmp_path


def test_a_copy_of_the_code_has_the_same_version_wherever_it_lies(copy):
    assert hash_of(copy, SHAPING, LIBRARIES) == CODE_VERSION


@pytest.mark.parametrize(
    "name", ["survey/analysis/accuracy.py", "survey/findings/columns.py", "generation/emotions.py"]
)
def test_one_byte_changed_is_another_version(copy, name):
    source = (copy / name).read_bytes()
    (copy / name).write_bytes(source[:-1] + bytes([source[-1] ^ 1]))
    assert hash_of(copy, SHAPING, LIBRARIES) != CODE_VERSION


def test_a_new_file_a_renamed_one_and_other_libraries_are_other_versions(copy):
    seen = {CODE_VERSION, hash_of(copy, SHAPING, {**LIBRARIES, "numpy": "0.1"})}
    (copy / "survey/analysis/measures/mine.py").write_bytes(b"")
    seen.add(hash_of(copy, SHAPING, LIBRARIES))
    (copy / "survey/analysis/measures/mine.py").rename(copy / "survey/analysis/measures/yours.py")
    seen.add(hash_of(copy, SHAPING, LIBRARIES))
    assert len(seen) == 4


BESIDE = {
    "generation.models": "notes of a page's clips, drawn beside them, which no kept report holds",
    "survey.models": "rows, which the key asks for by themselves",
    "survey.exports.describing": "of facts, which no kept report holds",
    "survey.figures.document": "of facts",
    "survey.figures.distribution": "of answers to further questions, which are counted for every page anew",
    "survey.first_words": "of facts",
    "survey.queries.admission": "of facts",
    "survey.queries.glosses": "of facts",
}
"""What is imported where reports are made, and shapes none; with the reason."""

ALONE = {
    "pilots.py": "trial runs of drafts, whose reports nobody keeps",
    "clips_to_teach.py": "which clips a lesson names, before its row keeps them",
    "learned.py": "what a lesson comes to, before its row keeps it",
    "lessons.py": "what is learned from answers, which its own row keeps",
    "picture_lessons.py": "the same of answers to pictures, and what tests it",
    "taught.py": "that row in words",
}
"""Files of findings that make no part of a report."""


def test_whatever_makes_a_report_is_in_its_version():
    known = [place.removesuffix(".py").replace("/", ".") for place in SHAPING]
    files = [
        file for place in SHAPING for file in ((ROOT / place).rglob("*.py") if "." not in place else [ROOT / place])
    ]
    imported = {
        node.module
        for file in files
        if file.name not in ALONE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] in ("survey", "generation")
    }
    strange = [name for name in imported if not any(f"{name}.".startswith(f"{one}.") for one in (*known, *BESIDE))]
    assert strange == []


@pytest.mark.django_db
def test_a_report_kept_by_other_code_is_made_anew(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(clips_per_participant=4)
    answer_study(study, people=3, each=4)
    computed, compute = [], reports.compute_report
    monkeypatch.setattr(reports, "compute_report", lambda *given: computed.append(1) or compute(*given))
    first = report_of(study)
    assert (report_of(study), len(computed)) == (first, 1)
    monkeypatch.setattr(reports, "CODE_VERSION", "other code")
    assert (report_of(study), len(computed)) == (first, 2)


def test_versions_of_a_pair_are_compared_anew_by_other_code(monkeypatch):
    computed = []
    monkeypatch.setattr(versions, "_compare_together", lambda *given: computed.append(1) or len(computed))
    ask = (None, [], ("music_only", ""), 0.1)
    assert [versions._kept_together(*ask), versions._kept_together(*ask)] == [1, 1]
    monkeypatch.setattr(versions, "CODE_VERSION", "other code")
    assert versions._kept_together(*ask) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("make", [make_rich_study, make_yes_no_study])
def test_a_kept_report_is_the_same_report_to_its_last_digit(make, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    report = report_of(make(people=8, each=8))
    assert write_report(read_report(write_report(report))) == write_report(report)
    assert as_plain(read_report(as_plain(report))) == as_plain(report)


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [b"{", b'{"schema": 3}', b"[]"])
def test_what_was_kept_in_another_form_is_made_anew(kept, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(clips_per_participant=4)
    answer_study(study, people=3, each=4)
    first = report_of(study)
    caches["reports"].set(reports.key_of(study, Choice()), kept)
    assert report_of(study) == first
