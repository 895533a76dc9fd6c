"""The report: its paragraphs, its two forms, and what it prints beside the export pack."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pypdf
import pytest
from django.core.management import call_command
from django.test import Client

from survey import actions
from survey.analysis.wording import decimal, share, shares
from survey.figures.document import Heading, StudyFacts, report_blocks
from survey.figures.html_report import to_html
from survey.findings import report_of
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.recomputed import read_pack, recompute

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_versions(24), clips_per_participant=16, title="Which emotion?")
    answer_study(study, people=14, each=16, hit=0.55, seed=11)
    return study


@pytest.fixture
def second(study, tmp_path):
    """The numbers of the second implementation."""
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    return recompute(tmp_path / "pack.zip")[0]


def fetch(study, path):
    actions.open_results(study=study, by=study.owner)
    client = Client()
    client.force_login(study.owner)
    response = client.get(f"/results/{study.slug}/{path}")
    assert response.status_code == 200
    return response


def test_the_printed_numbers_are_the_recomputed_ones(study, second):
    """What a reader of the report sees, not only what the program holds."""
    page = fetch(study, "report/").content.decode()
    accuracy = second["accuracy"]
    printed = [share(accuracy["estimate"]), shares(accuracy["participants"]), shares(accuracy["participants_stimuli"])]
    printed += [shares(accuracy["wilson"])]
    printed += [decimal(value["estimate"]) for value in second["agreement"].values()]
    printed += [decimal(found["hu"]) for found in second["emotions"].values()]
    assert [text for text in printed if text not in page] == []
    low, high = accuracy["participants_stimuli"]
    ends = f"[{100 * low:.1f}, {100 * high:.1f}]"
    whole = f'<span class="unbroken">95 %</span> CI <span class="unbroken">{ends}</span>'
    assert f"for new matching pairs of this generator {whole}" in page


def test_the_people_named_are_those_of_the_pack(study, tmp_path):
    """Consented, complete and excluded from participants.csv, withdrawn from study.json."""
    people = list(study.participants.order_by("pk"))
    actions.withdraw(participant=people[0], by=None)
    type(people[1]).objects.filter(pk=people[1].pk).update(included=False)
    call_command("export", study.slug, "--out", str(tmp_path / "people.zip"), verbosity=0)
    pack = read_pack(tmp_path / "people.zip")
    consented = [person for person in pack.people if person["consented_at"]]
    complete = [person for person in consented if person["outcome"] == "complete"]
    excluded = [person for person in consented if person["included"] == "false"]
    assert (len(consented), len(excluded), pack.study["withdrawn"]) == (13, 1, 1)
    said = (
        f"Of {len(consented) + 1} people who gave consent, {len(complete)} completed the study;"
        f" {pack.study['withdrawn']} withdrew and is in no other number; the exclusion rules fixed at publication"
        f" apply to {len(excluded)}, whose answers are among the main results"
    )
    page = fetch(study, "report/").content.decode()
    assert said in page
    assert f"{len(consented) + 1} gave consent, {len(complete)} completed, 1 withdrew;" in page


def test_the_page_stands_alone_and_may_be_shown(study):
    response = fetch(study, "report/")
    page = response.content.decode()
    assert not re.search(r"<(script|link|img)\b|\bsrc=|url\(", page)
    assert "style-src 'sha256-" in response["Content-Security-Policy"]
    for heading in ("Method", "Results", "Figures", "Tables", "Human evaluation datasheet", "Provenance"):
        assert f">{heading}" in page


def test_the_report_is_interim_until_the_study_is_closed(study):
    assert "Interim: the study is not closed." in fetch(study, "report/").content.decode()
    actions.close(study=study, by=study.owner)
    assert "Interim: the study is not closed." not in fetch(study, "report/").content.decode()


def test_the_pdf_has_the_same_blocks(study):
    answer = fetch(study, "report.pdf")
    assert answer["Content-Type"] == "application/pdf"
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert pdf.metadata.title == "Results: Which emotion?"
    blocks = report_blocks(report_of(study), StudyFacts(title=study.title))
    assert [block.text for block in blocks if isinstance(block, Heading) and block.text not in text] == []


def test_an_empty_study_has_a_report_too(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = make_study(versions=make_versions(3))
    assert "There are no answers." in fetch(study, "report/").content.decode()
    assert fetch(study, "report.pdf").content.startswith(b"%PDF")


def test_titles_cannot_carry_markup():
    from survey.analysis.ratings import collect
    from survey.analysis.report import analyse

    page = to_html(report_blocks(analyse(collect([]), replicates=0), StudyFacts(title="<script>alert(1)</script>")))
    assert "<script>" not in page


def test_analyse_writes_the_same_kind_of_page(study, tmp_path):
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        (tmp_path / "answers.csv").write_bytes(archive.read("responses_long.csv"))
    page = tmp_path / "report.html"
    call_command("analyse", str(tmp_path / "answers.csv"), "--none", "none", "--html", str(page), "--replicates", "20")
    text = page.read_text(encoding="utf-8")
    assert "<h1>Results: answers.csv</h1>" in text
    assert text.count("<svg") >= 4


def test_analyse_writes_a_page_for_counts_tables(tmp_path):
    (tmp_path / "counts.csv").write_text("item,a,b\n1,3,1\n2,1,3\n", encoding="utf-8")
    call_command("analyse", str(tmp_path / "counts.csv"), "--counts", "--html", str(tmp_path / "page.html"))
    assert "Krippendorff α" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_report_of_a_part_of_the_answers_says_so(study):
    page = fetch(study, "report/?people=included").content.decode()
    assert "A part of the answers: included listeners only." in page
    assert "A part of the answers" not in fetch(study, "report/").content.decode()
    assert fetch(study, "report.json?people=included").json()["selection"] == "included listeners only"


def test_a_figure_taken_along_says_that_it_is_interim(study):
    """Until the study is closed, and of which part of the answers it is."""
    assert "Interim: the study is not closed." in fetch(study, "figures/emotions.svg").content.decode()
    part = fetch(study, "figures/emotions.svg?people=included").content.decode()
    assert "Interim: the study is not closed; included listeners only." in part
    actions.close(study=study, by=study.owner)
    assert "Interim" not in fetch(study, "figures/emotions.svg").content.decode()


def test_the_forest_plots_data_have_every_number_drawn(study):
    report = report_of(study)
    rows = list(csv.DictReader(io.StringIO(fetch(study, "figures/emotions.csv").content.decode())))
    assert [row["emotion"] for row in rows] == [*report["emotions"], "all"]
    low, high = report["accuracy"]["participants"]
    assert (float(rows[-1]["these_clips_low"]), float(rows[-1]["these_clips_high"])) == (low, high)
