"""New − old targets as a plan's primary measure: fixed at publication, first in results, recomputed from packs."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from survey import actions
from survey.analysis import as_plain
from survey.analysis.planned import NEW_TARGETS, define_primary
from survey.analysis.report import main_trials
from survey.exports.codebook import format_of
from survey.exports.loading import Pack
from survey.exports.r_model import mixed_model_script
from survey.findings import read_ratings, report_of
from survey.findings.lesson_tests import find_tests
from survey.models import Stimulus, Study
from survey.preregistration import write_preregistration
from survey.queries.overview import overview_of
from survey.queries.sides import sides_of_stimuli
from tests.survey.answering import answer_study
from tests.survey.api.asking import Program, make_token
from tests.survey.factories import make_study, make_versions
from tests.survey.recomputed import read_pack
from tests.survey.recomputed.sensitivity import primary
from tests.survey.test_lessons import learned, media, taught  # noqa: F401 (a fixture)
from tests.survey.test_r_model import has_lme4
from tests.survey.test_recomputed import differences

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PLAN = {"primary_cell": NEW_TARGETS}


def clips_of_both(lesson, pairs=16):
    """Fresh clips of the same pairs for old and for new targets, which sound different."""
    made = []
    for tones, targets in ((200, lesson.base), (300, lesson.targets)):
        versions = make_versions(pairs, first=100, tones=tones)
        versions[0].run.model_versions.set([targets])
        made.append(versions)
    return made


def better_when_new(new):
    newer = {version.pk for version in new}

    def choose(participant, stimulus, dice):
        return stimulus.emotion if dice.random() < (0.8 if stimulus.pair_version_id in newer else 0.3) else "awe"

    return choose


@pytest.fixture
def lesson():
    return learned(taught())


@pytest.fixture
def test(lesson) -> Study:
    """A closed study of both that the plan compares; three people do not meet its rules."""
    old, new = clips_of_both(lesson)
    study = make_study(
        title="Old against new",
        versions=[*old, *new],
        cells={"music_only": 1.0},
        clips_per_participant=16,
        ask_background=False,
        analysis_plan=PLAN | {"planned_n": 20},
        exclusion_rules={"fastest_seconds": 0.5},
    )
    answer_study(study, people=20, each=16, seed=2, choose=better_when_new(new))
    out = list(study.participants.values_list("pk", flat=True)[:3])
    study.participants.filter(pk__in=out).update(included=False, verdict=["too fast"])
    return actions.close(study=study, by=study.owner)


def test_publication_writes_down_on_which_side_each_clip_is(lesson):
    old, new = clips_of_both(lesson)
    others = make_versions(4, first=60)
    extra = {"practice": others[:1], "gold": others[1:2], "practice_trials": 1, "gold_trials": 1}
    draft = make_study(versions=[*old, *new, *others[2:]], cells={"music_only": 1.0}, publish=False, **extra)
    expected = {version.pk: "old" for version in old} | {version.pk: "new" for version in new}
    main = list(draft.stimuli.filter(role="main"))
    assert sides_of_stimuli(draft, main) == {
        str(one.public_id): expected[one.pair_version_id] for one in main if one.pair_version_id in expected
    }
    assert not draft.stimuli.exclude(side="").exists()
    study = actions.publish(study=draft, by=draft.owner)
    assert {one.pair_version_id: one.side for one in study.stimuli.filter(role="main") if one.side} == expected
    assert not study.stimuli.exclude(role="main").exclude(side="").exists()


def test_a_side_is_frozen_and_only_of_main_sounds(test):
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Stimulus.objects.filter(study=test).update(side="old")
    draft = make_study(publish=False, practice=make_versions(1, first=60))
    for wrong in ({"role": "practice", "side": "old"}, {"role": "main", "side": "mid"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Stimulus.objects.filter(study=draft).update(**wrong)


def test_a_new_version_of_a_study_finds_its_sides_anew(test):
    again = actions.make_new_version(study=test, by=test.owner)
    assert not again.stimuli.exclude(side="").exists()
    again = actions.publish(study=again, by=again.owner)
    assert again.stimuli.filter(side="new").count() == again.stimuli.filter(side="old").count() == 16


def test_the_newest_lesson_with_clips_of_both_decides(lesson):
    from generation.actions.networks import make_default

    old, new = clips_of_both(lesson)
    make_default(model=lesson.targets, by=None)
    second = learned(taught(people=24, choose=None))
    study = make_study(versions=[*old, *new], cells={"music_only": 1.0})
    assert second.pk > lesson.pk
    assert study.stimuli.filter(side="new").count() == 16


def test_clips_that_taught_are_on_no_side(lesson):
    taught_clips = [one.pair_version for one in lesson.roles.get().study.stimuli.select_related("pair_version")[:16]]
    taught_clips[0].run.model_versions.set([lesson.base])
    _, new = clips_of_both(lesson)
    study = make_study(versions=[*taught_clips, *new], cells={"music_only": 1.0}, analysis_plan=PLAN)
    assert not study.stimuli.exclude(side="").exists()


def test_the_results_page_says_it_first_and_the_lessons_page_the_same(lesson, test):
    found = report_of(test).primary
    assert (found.kind, found.planned_cell, found.left_out, found.participants) == ("difference", NEW_TARGETS, 3, 17)
    (tested,) = find_tests(lesson, [test])
    assert found.estimate == pytest.approx(tested.together.difference)
    assert list(found.interval) == pytest.approx(tested.together.interval)
    client = Client()
    client.force_login(test.owner)
    page = client.get(f"/results/{test.slug}/", follow=True).content.decode()
    if "Primary measure" not in page:  # a worker is asked on a busy site
        client.post(f"/results/{test.slug}/compute/", {"here": "1"})
        page = client.get(f"/results/{test.slug}/").content.decode()
    said = "Primary measure, as planned – new targets − old targets: the intended emotion was picked in"
    assert said in page
    assert 'class="headline"' in page[: page.index(said)][-40:]


def test_it_is_recomputed_from_the_pack(test, tmp_path):
    call_command("export", test.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    pack = read_pack(tmp_path / "pack.zip")
    report = as_plain(report_of(test))["primary"]
    again = primary(pack, pack.main, len(pack.choices))
    for name in ("participants", "left_out", "n", "estimate", "share_a", "share_b", "p_value", "degrees", "planned_n"):
        assert report[name] == pytest.approx(again[name], rel=1e-9), name
    assert report["interval"] == pytest.approx(again["interval"])


def test_a_pack_that_compares_targets_has_a_column_more_and_its_own_format(lesson, test, tmp_path):
    call_command("export", test.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("stimuli.csv").decode("utf-8-sig"))))
        assert json.loads(archive.read("manifest.json"))["format_version"] == "9"
    assert list(rows[0])[-3:] == ["targets", "learned_targets", "side"]
    assert {row["side"] for row in rows} == {"old", "new"}
    with Pack(tmp_path / "pack.zip") as pack:
        pack.check()
        assert [row["side"] for row in pack.rows("stimuli")] == [row["side"] for row in rows]
    _, new = clips_of_both(lesson, pairs=8)
    assert format_of(make_study(versions=new[:8], cells={"music_only": 1.0})) == "6"
    _, secret = make_token(test.owner)
    asked = Program(secret).get(f"studies/{test.slug}").json()["stimuli"]
    assert [one["side"] for one in asked] == [row["side"] for row in rows]


def test_r_finds_the_same_difference(test, tmp_path):
    if not has_lme4():
        pytest.skip("R with lme4 and jsonlite is not installed")
    test.participants.update(included=True)
    call_command("export", test.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "report.json").write_text(json.dumps(as_plain(report_of(test))), encoding="utf-8")
    told = subprocess.run(
        ["Rscript", "mixed_model.R"], cwd=tmp_path, capture_output=True, check=True, text=True, timeout=240
    ).stdout
    (here,) = re.findall(r"New targets - old targets, emotion by emotion: ([\d.-]+) of 320 answers", told)
    (there,) = re.findall(r"In report.json: ([\d.-]+) of 320 answers", told)
    assert float(here) == pytest.approx(float(there), abs=1e-6)
    (odds,) = re.findall(r"Odds of a hit, new against old \(glmer\): ([\d.]+)", told)
    assert float(odds) > 3
    model = report_of(test)["measures"]["mixed_model"]
    (side,) = (one for one in model["effects"] if one["factor"] == "side")
    assert (side["level"], side["reference"]) == ("new", "old")
    assert side["interval"][0] > 1
    assert [one["p_value"] < 0.01 for one in model["tests"] if one["factor"] == "side"] == [True]
    (found,) = re.findall(r"^side new +(\S+)", told, re.MULTILINE)
    assert float(found) == pytest.approx(side["log_odds"], abs=0.01)
    assert float(re.search(r"Largest difference: ([\d.]+)", told).group(1)) < 0.02
    assert "Not in report.json" not in told
    assert "Not found by lme4" not in told


def test_r_finds_the_side_without_a_plan_and_beside_clips_on_neither(lesson, tmp_path):
    if not has_lme4():
        pytest.skip("R with lme4 and jsonlite is not installed")
    old, new = clips_of_both(lesson)
    versions = [*old, *new, *make_versions(2, first=300, tones=900)]
    study = make_study(title="Unplanned", versions=versions, cells={"music_only": 1.0}, clips_per_participant=17)
    answer_study(study, people=20, each=17, seed=2, choose=better_when_new(new))
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "report.json").write_text(json.dumps(as_plain(report_of(study))), encoding="utf-8")
    told = subprocess.run(
        ["Rscript", "mixed_model.R"], cwd=tmp_path, capture_output=True, check=True, text=True, timeout=240
    ).stdout
    beside = told.partition("Beside the report")[2]
    assert "side new" in beside
    assert "side (none)" in beside
    assert float(re.search(r"Largest difference: ([\d.]+)", beside).group(1)) < 0.02
    assert "Not in report.json" not in told
    assert "Not found by lme4" not in told


def test_analyse_finds_the_model_of_the_site_in_the_pack(test, tmp_path, capsys):
    test.participants.update(included=True)
    call_command("export", test.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path)
    capsys.readouterr()
    options = {"choices": ",".join(test.choices.values_list("slug", flat=True)), "none": "none", "replicates": 0}
    call_command("analyse", tmp_path / "responses_long.csv", sides=tmp_path / "stimuli.csv", json=True, **options)
    found = json.loads(capsys.readouterr().out)
    assert "Of 32 clips 16 are for the new and 16 for the old targets by stimuli.csv." in found["notes"]
    again, model = (one["measures"]["mixed_model"] for one in (found, as_plain(report_of(test))))
    assert list(differences(model, again)) == list(differences(again, model)) == []
    assert "side" in {one["factor"] for one in again["effects"]}


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("stimulus\nS1\n", "there is no column 'side'"),
        ("stimulus,side\nS1,newer\n", "line 2: the side 'newer' is none"),
        ("stimulus,side\nS1,\n", "names the side of none of the clips"),
        ("stimulus,side\nS9,new\n", "names the side of none of the clips"),
    ],
)
def test_analyse_refuses_sides_that_cannot_be_meant(tmp_path, table, told):
    ratings, sides = tmp_path / "r.csv", tmp_path / "s.csv"
    ratings.write_text("participant,stimulus,intended,chosen\nP1,S1,joy,joy\n")
    sides.write_text(table)
    with pytest.raises(CommandError, match=told):
        call_command("analyse", ratings, sides=sides)


def test_the_script_of_a_study_without_sides_has_none(lesson):
    plain = make_study(title="Plain", versions=make_versions(4), ask_background=False)
    script = mixed_model_script(plain)
    assert "$side" not in script
    assert '"side"' not in script
    assert "least <- c(emotion = 2, composer = 4, presentation = 0)" in script


def test_the_preregistration_says_how_it_is_computed(test):
    filed = write_preregistration(test)
    assert f"- How the primary measure is computed: {define_primary(NEW_TARGETS)}\n" in filed
    assert "- Primary cell or difference: Difference: Clips for new targets − clips for old targets" in filed
    assert "side new" in filed
    assert "side old" in filed


def warned(study):
    return [said for said in overview_of(study).warnings if "new targets with old ones" in said]


def test_the_overview_says_where_it_cannot_be_reported(lesson):
    old, new = clips_of_both(lesson)
    fields = {"publish": False, "cells": {"music_only": 1.0}, "analysis_plan": PLAN}
    assert warned(make_study(versions=[*old, *new], **fields)) == []
    assert "no fresh clips of both are chosen" in warned(make_study(versions=new, **fields))[0]
    assert "of which 3 clips are chosen" in warned(make_study(versions=[*old, *new[:3]], **fields))[0]
    assert warned(make_study(versions=[*old, *new[:4]], **fields)) == []
    apart = [version for version in new if version.pair.emotion_id != old[0].pair.emotion_id]
    assert "no emotion has clips of both" in warned(make_study(versions=[old[0], *apart], **fields))[0]


def test_a_rehearsal_of_the_draft_has_the_planned_result(lesson):
    old, new = clips_of_both(lesson)
    draft = make_study(versions=[*old, *new], publish=False, cells={"music_only": 1.0}, analysis_plan=PLAN)
    sides = main_trials(read_ratings(draft)).sides
    assert sorted(sides.values()) == ["new"] * 16 + ["old"] * 16


def test_the_kind_of_study_names_it_as_primary(lesson):
    clips_of_both(lesson)
    client = Client()
    client.force_login(lesson.requested_by)
    page = client.get("/studies/new/", {"template": "targets"}).content.decode()
    assert f'<option value="{NEW_TARGETS}" selected>' in page
