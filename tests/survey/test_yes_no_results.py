"""What a yes/no study tells: with lures hits beside false alarms, without them that nothing can be said."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from survey import actions
from survey.analysis import read_out
from survey.exports.describing import describe_study
from survey.figures.datasheet import sheet_rows
from survey.findings import report_of
from survey.findings.columns import Choice
from survey.findings.study_facts import facts_of
from survey.models import Study
from tests.survey.recomputed import detection
from tests.survey.recomputed.pack import read_pack
from tests.survey.recomputed.whole import primary
from tests.survey.rich_study import make_yes_no_study
from tests.survey.test_recomputed import differences, numbers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def page_of(study):
    client = Client()
    client.force_login(study.owner)
    return client.get(f"/results/{study.slug}/?open=all").content.decode()


def recomputed(study, folder):
    call_command("export", study.slug, "--out", str(folder / "pack.zip"), verbosity=0)
    main = read_pack(folder / "pack.zip").main
    named = report_of(study)["cell"]
    frame = main[main["condition"] == named] if named in set(main["condition"]) else primary(main)
    return detection.recompute(main, frame)


@pytest.mark.parametrize("lures", ["half", "none"])
def test_every_number_of_the_measure_is_recomputed_from_the_pack(lures, tmp_path):
    study = make_yes_no_study(lures=lures)
    found, again = report_of(study)["measures"]["detection"], recomputed(study, tmp_path)
    assert list(differences(found, again)) == []
    assert {path for path, _ in numbers(found)} == {path for path, _ in numbers(again)}
    assert sum(1 for _ in numbers(found)) > (130 if lures == "half" else 40)


def test_the_page_tells_hits_beside_false_alarms_and_never_hits_alone():
    study = make_yes_no_study()
    text = page_of(study)
    together = report_of(study)["measures"]["detection"]["together"]
    assert together["d_prime"] > 0.1  # about 1.05, with a standard error of .2: people are asked by chance
    assert "Listeners said yes to" in text
    assert "Sensitivity per emotion named" in text
    assert "Targets and lures, each cell by itself" in text
    assert "picked the intended emotion" not in text
    assert "Hit rate per intended emotion" not in text
    assert "half of ours another one" in text
    places = [text.index(f'id="table-{name}"') for name in ("detection", "detection-cells", "confusion")]
    assert places == sorted(places)
    spoken = text.lower().replace("d′ = z(hit rate)", "").replace("hit_rate", "")
    assert "hit rate" not in spoken


def test_what_cannot_be_defined_without_choices_has_no_block_on_the_terminal():
    report = report_of(make_yes_no_study(people=6))
    assert {effect["difference"] for effect in report["picture_music"].values()} == {None}
    text = read_out(report)
    assert "What the answer follows" not in text
    assert "Targets and lures" in text


def test_the_datasheet_says_what_was_asked_and_names_no_guessers_hits():
    study = make_yes_no_study(people=6)
    rows = dict(sheet_rows(report_of(study), facts_of(study, Choice())))
    assert rows["3.6 How were responses collected?"].startswith("Yes or no to one emotion named.")
    assert rows["4.2 Scale"].startswith("Yes or no;")


def test_without_lures_the_page_says_that_it_is_a_replication_and_that_yes_was_always_right():
    study = make_yes_no_study(lures="none")
    report, text = report_of(study), page_of(study)
    assert report["measures"]["detection"]["together"]["d_prime"] is None
    assert report["seed_study"]["difference"] is not None
    for said in ("yes was always right", "as a replication", "11 of 18 had no lures either"):
        assert said in text
    assert "picked the intended emotion" not in text


@pytest.mark.parametrize("lures", ["half", "none"])
def test_an_export_says_what_was_named_and_which_form_the_study_had(lures, tmp_path):
    study = make_yes_no_study(people=4, lures=lures)
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    pack = read_pack(tmp_path / "pack.zip")
    assert pack.study["lures"] == describe_study(study)["lures"] == lures
    right = (pack.main["asked_emotion"] == pack.main["music_emotion"]).map({True: "yes", False: "no"})
    assert list(right) == list(pack.main["intended"])
    assert set(pack.main["intended"]) == ({"yes", "no"} if lures == "half" else {"yes"})


def test_answers_of_an_export_are_restored_with_the_questions_that_were_asked(tmp_path):
    study = make_yes_no_study(people=5)
    before = report_of(study)["measures"]["detection"]
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    again = actions.make_new_version(study=study, by=study.owner)
    study.participants.all().delete()
    actions.publish(study=again, by=again.owner)
    call_command("import_responses", str(tmp_path / "pack.zip"), study=again.slug, verbosity=0)
    again = Study.objects.get(pk=again.pk)
    assert again.lures == "half"
    assert report_of(again)["measures"]["detection"] == before


def test_the_planner_takes_no_hit_rate_from_a_study_with_lures():
    for lures, said in (("half", "not sensitivity"), ("none", "hit rate, spreads, trials")):
        study = make_yes_no_study(lures=lures)
        client = Client()
        client.force_login(study.owner)
        page = client.get(reverse("planning"), {"study": study.slug}).content.decode()
        assert said in page, lures
