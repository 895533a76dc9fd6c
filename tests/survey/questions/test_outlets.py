"""Every question of the register comes out wherever answers do: a new one that is missed somewhere fails here."""

from __future__ import annotations

import csv
import html
import io
import json
import zipfile
from dataclasses import replace

import pytest
from django.utils import timezone
from pypdf import PdfReader

from survey import actions
from survey.actions.saying import storable
from survey.exports.loading import Pack
from survey.exports.pack import write_pack
from survey.models import Participant, QuestionAnswer, Response
from survey.preregistration import frozen_facts, write_preregistration
from survey.queries import asked_questions, screening_of
from survey.questions import REGISTER, TABLE, When
from tests.survey.questions.asking import asking_everything, take_part

pytestmark = [pytest.mark.django_db, pytest.mark.database]
KEYS = set(REGISTER)
IN_TABLE = {key for key, question in REGISTER.items() if question.in_table}
ABOUT_CLIPS = {key for key, question in REGISTER.items() if question.when is When.CLIP}
FORGOTTEN = {key for key, question in REGISTER.items() if question.is_forgotten}


@pytest.fixture
def study():
    return asking_everything()


def stored(participant) -> dict[str, int]:
    """How many answers of this person are stored to each question, wherever the question keeps them."""
    counts = dict.fromkeys(KEYS, 0)
    for key, question in REGISTER.items():
        if question.in_table:
            counts[key] = QuestionAnswer.objects.filter(participant=participant, question__key=key).count()
        elif question.when is When.CLIP:
            answers = Response.objects.filter(trial__participant=participant).values_list(key, flat=True)
            counts[key] = sum(answer not in (None, "") for answer in answers)
        else:
            counts[key] = int(participant.background.get(key, "") != "")
    return counts


def read(pack: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pack.read(name).decode())))


def packed(study, folder) -> zipfile.ZipFile:
    write_pack(study, folder / "pack.zip")
    return zipfile.ZipFile(folder / "pack.zip")


def test_every_question_is_asked_on_its_page_and_its_answer_is_stored(study):
    person = take_part(study)
    assert {question.key for question in asked_questions(study)} == KEYS
    assert stored(person) == {key: 3 if key in ABOUT_CLIPS else 1 for key in KEYS}


@pytest.mark.parametrize("language", ["de", "fr", "es", "tr"])
def test_every_question_is_asked_in_every_language(language):
    study = asking_everything(language=language)
    for row in study.questions.all():
        assert str(row.asked().wording) == row.wording[language]
        assert not row.lacks(language)
        assert row.wording[language] != str(REGISTER[row.key].wording)


def test_every_question_has_a_column_in_the_exports_and_a_line_in_the_codebook(study, tmp_path):
    take_part(study)
    pack = packed(study, tmp_path)
    lines = {(row["table"], row["name"]): row for row in read(pack, "codebook.csv")}
    for key, question in REGISTER.items():
        if question.when is When.CLIP:
            table = "responses_long"
        elif question.in_table:
            table = "participants"
        else:  # the background is one column of JSON
            assert key in json.loads(read(pack, "participants.csv")[0]["background"])
            continue
        assert lines[table, question.field]["meaning"] == question.meaning
        assert all(row[question.field] != "" for row in read(pack, f"{table}.csv")), key


def test_every_answer_in_the_table_is_exported_long(study, tmp_path):
    person = take_part(study)
    rows = read(packed(study, tmp_path), f"{TABLE}.csv")
    assert {row["question"] for row in rows} == IN_TABLE
    assert len(rows) == QuestionAnswer.objects.count()
    told = {(row["question"], row["position"]): row["value"] for row in rows}
    for answer in QuestionAnswer.objects.select_related("question", "trial"):
        at = str(answer.trial.position) if answer.trial else ""
        value = answer.choice or answer.text if answer.number is None else f"{answer.number:g}"
        assert told[answer.question.key, at].removeprefix("'") == value
    assert {row["participant"] for row in rows} == {person.public_id}


def test_every_question_stands_in_the_preregistration_and_among_what_is_frozen(study):
    text, frozen = write_preregistration(study), dict(frozen_facts(study))["Asked as well"]
    for question in REGISTER.values():
        if question.switch:
            assert f"- {question.switch.planned}: yes" in text
            assert question.switch.told in frozen
        else:
            needed = "needed" if question.required else "optional"
            assert f"({question.key}, {needed})" in text
            assert str(question.wording) in text
            assert question.told in frozen


def test_a_pack_is_read_back_into_a_new_version_with_every_answer(study, tmp_path):
    for seed in range(2):
        take_part(study, seed)
    write_pack(study, tmp_path / "one.zip")
    before = [stored(person) for person in study.participants.order_by("public_id")]
    copy = actions.make_new_version(study=study, by=study.owner)
    actions.publish(study=copy, by=study.owner)
    names = dict(study.participants.values_list("pk", "public_id"))
    for pk, name in names.items():  # the same people cannot be there twice
        Participant.objects.filter(pk=pk).update(public_id=f"{name}-old")
    with Pack(tmp_path / "one.zip") as pack:
        pack.check()
        counts = actions.restore_answers(study=copy, rows=pack.rows, by=study.owner)
    assert counts["further"] == QuestionAnswer.objects.filter(participant__study=study).count()
    assert [stored(person) for person in copy.participants.order_by("public_id")] == before
    write_pack(copy, tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "one.zip") as one, zipfile.ZipFile(tmp_path / "two.zip") as two:
        assert read(one, f"{TABLE}.csv")[0]["value"] == read(two, f"{TABLE}.csv")[0]["value"]
        for table in (f"{TABLE}.csv", "responses_long.csv"):
            assert [{name: cell for name, cell in row.items() if name != "stimulus"} for row in read(one, table)] == [
                {name: cell for name, cell in row.items() if name != "stimulus"} for row in read(two, table)
            ]


def test_what_is_said_about_people_and_in_their_words_is_gone_after_the_retention_and_nothing_else(study):
    person = take_part(study)
    actions.anonymise(study=study, by=None)
    person.refresh_from_db()
    left = {key for key, count in stored(person).items() if count}
    assert left == KEYS - FORGOTTEN


def test_after_the_retention_nothing_that_would_have_to_go_is_stored_any_more(study):
    said = {question.key: 1 for question in REGISTER.values()}
    assert set(storable(study, said)) == KEYS
    study.retention_until = timezone.localdate()
    assert set(storable(study, said)) == KEYS - FORGOTTEN


def test_whoever_withdraws_leaves_no_answer(study):
    person = actions.withdraw(participant=take_part(study), by=None)
    assert stored(person) == dict.fromkeys(KEYS, 0)
    assert QuestionAnswer.objects.count() == 0


def test_a_new_version_asks_the_same(study):
    copy = actions.make_new_version(study=study, by=study.owner)
    assert [question.key for question in asked_questions(copy)] == [q.key for q in asked_questions(study)]


def test_every_question_is_counted_on_the_results_page_with_a_figure_of_its_own(study, client):
    take_part(study)
    actions.close(study=study, by=study.owner)
    client.force_login(study.owner)
    page = client.get(f"/results/{study.slug}/?open=all").content.decode()
    for key, question in REGISTER.items():
        assert f'id="figure-question-{key}"' in page, key
        if question.kind.name != "text":
            data = client.get(f"/results/{study.slug}/figures/question-{key}.csv").content.decode()
            counts = [int(row["count"]) for row in csv.DictReader(io.StringIO(data))]
            assert sum(counts) == (3 if key in ABOUT_CLIPS else 1), key
            assert client.get(f"/results/{study.slug}/figures/question-{key}.svg").status_code == 200
    assert client.get(f"/results/{study.slug}/figures/question-nothing.csv").status_code == 404


def test_every_question_is_counted_in_the_report_as_page_as_pdf_and_as_numbers(study, client):
    take_part(study)
    actions.close(study=study, by=study.owner)
    client.force_login(study.owner)
    page = html.unescape(client.get(f"/results/{study.slug}/report/").content.decode())
    pdf = PdfReader(io.BytesIO(client.get(f"/results/{study.slug}/report.pdf").content))
    pages = " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
    asked = {found["key"]: found for found in client.get(f"/results/{study.slug}/report.json").json()["asked"]}
    assert set(asked) == KEYS
    for key, question in REGISTER.items():
        assert f"“{question.wording}”" in page, key
        assert " ".join(str(question.wording).split()) in pages, key
        assert asked[key]["question"] == str(question.wording)
        assert asked[key]["answers"] == (3 if key in ABOUT_CLIPS else 1), key
        counted = sum(option["answers"] for option in asked[key]["options"])
        assert counted == (0 if question.kind.name == "text" else asked[key]["answers"]), key


def test_simulated_people_answer_every_question(study, live_server):
    from survey.forms.participant import issue_pilot_pass
    from survey.simulation.admitted import admitted_answers
    from survey.simulation.bots import Bot, Scene
    from survey.simulation.bots import take_part as simulate

    entry = f"/study/{study.slug}/?pilot={issue_pilot_pass(study)}"
    scene = Scene(live_server.url, study.slug, entry, truth={"fear": {"fear": 1.0}}, music={}, pictures={})
    scene = replace(scene, admitted=admitted_answers(screening_of(study)))
    for seed in range(3):
        assert simulate(Bot("guesser", seed), scene).timings.errors == []
    answered = dict.fromkeys(KEYS, 0)
    for bot in study.participants.filter(kind="bot"):
        for key, count in stored(bot).items():
            answered[key] += count
    assert [key for key, count in answered.items() if not count] == []


def test_the_length_of_a_session_counts_every_question(study):
    from survey.queries.overview import overview_of

    everything = overview_of(study).minutes
    for question in REGISTER.values():
        assert question.seconds > 0
    less = actions.make_new_version(study=study, by=study.owner)
    for key in IN_TABLE:
        actions.remove_question(study=less, key=key, by=study.owner)
    saved = sum(q.seconds * (3 if q.when is When.CLIP else 1) for q in REGISTER.values() if q.in_table)
    assert everything - overview_of(less).minutes == pytest.approx(saved / 60)
