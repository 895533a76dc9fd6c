"""Attention trials: given, answered, judged, exported, and counted in nothing else."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from survey import actions
from survey.actions import Answer
from survey.actions.restoring import restore_answers
from survey.exports.codebook import ANSWERED_KINDS, COURSES, RESPONSES, tables_of
from survey.exports.loading import Pack
from survey.exports.pack import write_pack
from survey.exports.rows import rows_of
from survey.findings.columns import read_ratings
from survey.models import Fill, Load, Named, Participant, Response, Trial
from survey.models.participation import make_token
from survey.preregistration import frozen_facts, write_preregistration
from survey.queries.monitor import monitor_of
from survey.queries.overview import minutes_of, overview_of
from survey.simulation.page_forms import read_instructed
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db
LANGUAGES = {
    "en": "This time please", "de": "diesmal", "fr": "Cette fois", "es": "Esta vez", "tr": "Bu kez",
}  # fmt: skip


def attentive(**fields):
    usual = {"clips_per_participant": 4, "attention_trials": 2, "require_listening": False, "ask_background": False}
    return make_study(versions=make_versions(6), **{**usual, **fields})


def go(study, obeys=True, clips=99):
    """Somebody who answers every clip, and obeys or does not; the person."""
    person = actions.join(study=study, token=make_token(), language="en")
    actions.check_sound(participant=person, number=None, counted=None)
    for _ in range(clips):
        trial = actions.give_trial(participant=person)
        if trial is None:
            break
        others = [slug for slug in trial.option_order if slug not in (trial.instructed, "none")]
        chosen = trial.instructed if obeys and trial.instructed else others[0]
        actions.record_answer(study=study, token=trial.token, answer=Answer(chosen, confidence=3))
    else:
        return person
    return actions.finish(participant=person)


@pytest.mark.parametrize("mode", ["choose", "yes_no"])
def test_each_plays_a_clip_that_was_met_and_asks_for_another_answer_than_was_given(mode):
    study = attentive(mode=mode, repeat_trials=1)
    for _ in range(5):
        trials = list(go(study).trials.order_by("position").select_related("response__choice"))
        kinds = Counter(trial.kind for trial in trials)
        assert kinds == {"main": 4, "attention": 2, "repeat": 1}
        assert trials[0].kind == "main"
        for place, trial in enumerate(trials):
            if trial.kind != "attention":
                assert trial.instructed == ""
                continue
            first = next(one for one in trials[:place] if one.stimulus_id == trial.stimulus_id)
            assert first.kind == "main"
            assert trial.instructed in set(trial.option_order) - {"none", first.response.choice.slug}
            assert trial.asked_emotion == first.asked_emotion


def test_no_counter_and_no_result_counts_them():
    study = attentive(mode="yes_no")
    for _ in range(3):
        go(study)
    go(study, clips=2)
    main = Response.objects.filter(trial__kind="main").count()
    assert sum(Fill.objects.filter(kind="person").values_list("answers", flat=True)) == main
    assert sum(Named.objects.filter(kind="person").values_list("trials", flat=True)) == main
    held = Trial.objects.filter(holds_place=True).count()
    assert sum(Load.objects.filter(kind="person").values_list("load", flat=True)) == main + held
    assert not Trial.objects.filter(kind="attention", holds_place=True).exists()
    assert len(read_ratings(study)) == main
    actions.withdraw(participant=Participant.objects.first(), by=None)
    main = Response.objects.filter(trial__kind="main").count()
    assert sum(Fill.objects.filter(kind="person").values_list("answers", flat=True)) == main


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", ["choose", "yes_no"])
def test_the_page_asks_for_it_in_the_legend_in_every_language(language, mode):
    study = attentive(language=language, mode=mode, consent_text="x")
    listener = Listener(study.slug).begin()
    asked = 0
    while not listener.address.endswith("/end/"):
        trial = Trial.objects.filter(answered_at__isnull=True).get()
        instructed = read_instructed(listener.page)
        assert instructed == trial.instructed
        if instructed:
            legend = re.search(r"<legend>(.*?)</legend>", listener.page, re.S).group(1)
            assert LANGUAGES[language] in legend
            assert study.choices.get(slug=instructed).label_in(language) in legend
            asked += 1
        listener.send(chosen=instructed or trial.option_order[0])
    assert asked == 2


def test_but_for_those_words_the_page_is_that_of_any_other_clip():
    study = attentive(clips_per_participant=2, attention_trials=1)
    listener, pages = Listener(study.slug).begin(), {}
    while listener.address.endswith("/clip/"):
        trial = Trial.objects.filter(answered_at__isnull=True).get()
        page = re.sub(r' ?<span class="instructed">.*?</span>', "", listener.page, flags=re.S)
        page = re.sub(r'data-preload="[^"]*" ?|[0-9a-zA-Z]{16,}|Clip \d|value="\d"|\s+', " ", page)
        pages[trial.kind] = re.sub(r"<p class=\"hint instructions\">.*?</p>", "", page)
        listener.send(chosen=trial.instructed or trial.option_order[0])
    assert "attention" not in listener.page
    assert pages["main"].split() == pages["attention"].split()


def test_failing_is_written_down_and_leaves_nobody_out_unless_the_study_says_so():
    study = attentive()
    assert (go(study, obeys=False).included, go(study).included) == (True, True)
    monitor = monitor_of(study).attention
    assert (monitor.answered, monitor.failed, monitor.people) == (4, 2, 1)
    strict = attentive(exclusion_rules={"attention_failed": 2})
    failed = go(strict, obeys=False)
    assert (failed.included, failed.verdict) == (False, ["attention trials: 2 of 2 not as asked for"])
    assert go(strict).included is True


def test_they_stand_in_the_preregistration_and_lengthen_the_session():
    study = attentive(exclusion_rules={"attention_failed": 2}, attention_trials=5)
    facts = dict(frozen_facts(study))
    assert facts["Trials each"] == "4 + 5 attention"
    assert facts["Rules for leaving people out"].endswith("fewer than 2 of the attention trials failed")
    assert "0 repeats, 5 attention" in write_preregistration(study)
    assert minutes_of(study) > minutes_of(attentive(attention_trials=0))


def test_a_latin_square_has_no_room_for_them():
    with pytest.raises(actions.PublishRefused, match="attention trials in between"):
        attentive(trial_order="clips_latin", clips_per_participant=6)


def test_the_export_tells_what_was_asked_for_and_is_read_back(tmp_path):
    study = attentive()
    go(study)
    go(study, obeys=False)
    names = [column.name for column in tables_of(study)["responses_long"]]
    rows = [dict(zip(names, row, strict=True)) for row in rows_of(study, "responses_long")]
    told = Counter((row["trial_kind"], row["passed"], row["hit"] is None, bool(row["instructed"])) for row in rows)
    assert told == {
        ("main", None, False, False): 8, ("attention", True, True, True): 2, ("attention", False, True, True): 2,
    }  # fmt: skip
    write_pack(study, tmp_path / "one.zip")
    copy = actions.publish(study=actions.make_new_version(study=study, by=study.owner), by=study.owner)
    assert (copy.attention_trials, copy.number) == (2, 2)
    for person in study.participants.all():
        Participant.objects.filter(pk=person.pk).update(public_id=f"{person.public_id}-old")
    with Pack(tmp_path / "one.zip") as pack:
        pack.check()
        restore_answers(study=copy, rows=pack.rows, by=study.owner)
    again = Trial.objects.filter(participant__study=copy, kind="attention")
    before = Trial.objects.filter(participant__study=study, kind="attention")
    assert sorted(again.values_list("position", "instructed")) == sorted(before.values_list("position", "instructed"))
    assert sum(Fill.objects.filter(stimulus__study=copy, kind="person").values_list("answers", flat=True)) == 8


def test_studies_without_them_have_the_tables_that_they_had():
    names = [column.name for column in tables_of(make_study())["responses_long"]]
    assert not {"instructed", "passed"} & set(names)


@pytest.mark.database
def test_the_database_knows_no_attention_trial_without_an_instruction_and_no_other_with_one():
    study = attentive()
    person = go(study, clips=1)
    stimulus = study.stimuli.first()
    now = timezone.now()
    common = {
        "participant": person,
        "stimulus": stimulus,
        "assigned_at": now,
        "lease_expires_at": now,
        "answered_at": now,
    }
    for place, (kind, instructed) in enumerate([("attention", ""), ("main", "fear"), ("repeat", "fear")], start=20):
        with pytest.raises(IntegrityError), transaction.atomic():
            Trial.objects.create(**common, kind=kind, instructed=instructed, position=place, clip_key=f"k{place}")
    for place in (30, 31):  # one clip may be met again in several
        Trial.objects.create(**common, kind="attention", instructed="fear", position=place, clip_key="same")


def test_the_setting_is_kept_by_forms_that_do_not_know_it():
    from survey.forms import StudyForm
    from tests.survey.test_studies import FORM

    def kept(study, **sent):
        form = StudyForm({**FORM, **sent}, instance=study)
        assert form.is_valid(), form.errors
        return form.values()["attention_trials"]

    study = attentive(publish=False)
    assert (kept(study), kept(study, attention_trials="0"), kept(study, attention_trials="5")) == (2, 0, 5)
    assert "attention_trials" in StudyForm({**FORM, "attention_trials": "6"}).errors


def test_the_plan_beside_the_clips_counts_them_as_the_publishing_page_does(client):
    study = attentive(publish=False, attention_trials=5, practice_trials=0)
    client.force_login(study.owner)
    for page in ("clips", "publish"):
        assert (
            "<dt>Trials each</dt><dd>4 + 5 attention" in client.get(f"/studies/{study.slug}/{page}/").content.decode()
        )
    short = client.get(f"/studies/{study.slug}/clips/").content.decode().partition("data-plan-short>")[2]
    assert ", 9 trials and about" in short.partition("<")[0]
    assert overview_of(study).trials == 9


def test_what_is_exported_of_them_is_documented_wherever_kinds_are():
    kinds = "main, gold, repeat, attention"
    assert kinds == ANSWERED_KINDS
    described = {column.name: column.values for column in COURSES}
    assert described["trial_kind"] == kinds
    assert {column.name: column.values for column in RESPONSES}["trial_kind"] == kinds
