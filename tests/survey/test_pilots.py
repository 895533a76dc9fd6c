"""A draft tried out by simulated people: what comes out, and that nothing of it stays where it must not."""

import random
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from melodymuse_site.jobs.leases import LeaseLost, claim
from survey import actions
from survey.actions.cells import DraftRefused
from survey.actions.piloting import begin_pilot, let_in, let_time_pass
from survey.actions.publishing import PublishRefused
from survey.analysis.continuous.measure import measure_courses
from survey.analysis.measures import register
from survey.design.planning import Assumptions, expected_half_width
from survey.findings import pilots, read_ratings
from survey.findings.pilots import run_pilot
from survey.models import Course, Fill, Load, Participant, PilotJob, Response, Study
from survey.models.participation import HEADPHONE_TEST
from survey.models.pilots import FEWEST_BOTS, MOST_BOTS
from survey.queries import ratings
from survey.queries.questions import further_questions
from survey.simulation.personas import ATTENTIVE, HASTY, PERSONAS
from survey.views.pilots import list_kinds
from tests.survey.comparing import CELLS, comparing, two_composers
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def drafted(**fields):
    fields = {
        "versions": make_versions(4),
        "clips_per_participant": 2,
        "ask_background": False,
        "publish": False,
        **fields,
    }
    return make_study(**fields)


def tried(study, people=10):
    job = actions.request_pilot(study=study, by=study.owner, people=people)
    run_pilot(job.pk)
    job.refresh_from_db()
    return job


def test_simulated_people_take_the_draft_and_what_comes_out_is_kept():
    study = drafted(
        cells={"matched": 1.0, "music_only": 1.0}, analysis_plan={"primary_measure": "hit rate", "planned_n": 40}
    )
    job = tried(study, 12)
    assert job.status == "ready", job.error
    found = job.result
    assert found["errors"] == {}
    assert found["people"] == 12
    assert found["complete"] >= 10
    assert sum(found["ended"].values()) == found["complete"]
    assert found["ended"]["listener"] == found["personas"]["listener"] == 10
    assert {"who": "who listen", "came": 10, "ended": 10} in list_kinds(found)
    assert [kind["who"] for kind in list_kinds({"personas": {"dropout": 2}, "ended": {}})] == [
        "who may leave on the way"
    ]
    assert list_kinds({"personas": {"dropout": 2}, "ended": {}})[0]["ended"] == 0
    assert list_kinds({"personas": {"dropout": 2}}) == []  # of a run of an earlier release
    assert {cell["name"]: cell["answers"] > 6 for cell in found["cells"]} == {
        "Matching pair": True,
        "Music only": True,
    }
    assert found["report"]["computed"] is True
    assert found["report"]["estimate"] == pytest.approx(0.55, abs=0.4)
    assert found["expected"]["people"] == 40
    assumed = Assumptions(share=found["report"]["estimate"], trials=2, cells=2, loss=0.0)
    assert found["expected"]["half_width"] == pytest.approx(expected_half_width(assumed, 40, 4))
    assert found["minutes"] >= 1
    assert found["warnings"] == []
    assert job.done == 12


def test_nobody_of_them_counts_anywhere():
    study = drafted()
    tried(study)
    assert Response.objects.exists()
    assert not Response.objects.counted(study).exists()
    assert list(ratings(study)) == []
    assert set(Participant.objects.values_list("kind", flat=True)) == {"bot"}


def test_attentive_people_are_kept_by_sensible_rules_and_a_rule_nobody_can_keep_is_named():
    study = drafted(exclusion_rules={"fastest_seconds": 2.0, "listening_share": 0.8, "listening_measured": True})
    found = tried(study).result
    assert found["left_out_attentive"] == 0
    assert found["attentive"] >= 6
    actions.edit_study(study=study, by=study.owner, exclusion_rules={"fastest_seconds": 500.0})
    found = tried(study).result
    assert found["left_out_attentive"] == found["attentive"]
    assert any("leave out all" in warning for warning in found["warnings"])


def test_a_yes_no_study_with_all_questions_and_a_headphone_gate_can_be_tried():
    study = drafted(
        mode="yes_no", headphones="gate", ask_affect=True, ask_word=True, language="de", gold_trials=0,
        spread="between", cells={"matched": 1.0, "music_only": 1.0},
    )  # fmt: skip
    found = tried(study).result
    assert found["errors"] == {}
    assert found["complete"] + found["screened_out"] >= 8
    assert found["report"]["computed"] is True


def test_pictures_alone_can_be_tried():
    found = tried(drafted(cells={"picture_only": 1.0})).result
    assert found["errors"] == {}
    assert found["warnings"] == []


def asking(study, *keys):
    for key in keys:
        actions.add_question(study=study, key=key, by=study.owner)
    return study


def compared(mode, **fields):
    return drafted(
        versions=two_composers(), mode=mode, cells=CELLS[mode], analysis_plan={"primary_measure": "muse"}, **fields
    )


DRAFTS = {
    "questions that screen": lambda: asking(drafted(), "adult", "age_to_enter"),
    "one kind of device": lambda: drafted(devices=["phone"]),
    "attention trials": lambda: drafted(versions=make_versions(6), clips_per_participant=4, attention_trials=1),
    "a pad": lambda: drafted(ask_affect=True, affect_form="pad"),
    "courses": lambda: drafted(continuous="plane"),
    "two clips that fit": lambda: compared("fits"),
    "two clips of an emotion": lambda: compared("more"),
    "two clips with questions that screen": lambda: asking(compared("fits", devices=["computer"]), "adult"),
    "all that go together": lambda: asking(
        drafted(
            versions=make_versions(6), clips_per_participant=4, attention_trials=1, ask_affect=True, affect_form="pad",
            continuous="valence", devices=["computer"], headphones="test", debrief_own=True,
        ),
        "adult", "age_to_enter",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAFTS)
def test_whatever_a_draft_asks_simulated_people_can_do_it(name, client):
    study = DRAFTS[name]()
    job = tried(study, 12)
    assert job.status == "ready", job.error
    found = job.result
    assert found["errors"] == {}
    assert found["complete"] >= 9
    assert found["screened_out"] == 0
    assert found["report"]["computed"] is True
    # Twelve people who compare may, by chance, go against the rest on one side alone: that is said, and no fault.
    assert [said for said in found["warnings"] if "the effect of the side has no finite estimate" not in said] == []
    bots = Response.objects.counted(study, kind="bot")
    done = bots.filter(trial__participant__outcome="complete")
    assert not done.filter(listening_measured=False).exists()
    main = done.filter(trial__kind="main")
    if study.rated_while_playing:
        assert set(main.values_list("trial", flat=True)) <= set(Course.objects.values_list("trial", flat=True))
        assert not Course.objects.filter(samples=1).exists()
        read = read_ratings(study, kind="bot").courses
        assert len(read) == Course.objects.filter(trial__kind="main").count()
        assert measure_courses(read) is not None
        assert read_ratings(study).courses is None
    if study.asks_on_pad:
        assert not main.filter(valence=None).exists()
    if study.attention_trials:
        told = done.filter(trial__kind="attention").values_list("choice__slug", "trial__instructed")
        assert len(told) == found["complete"]
        assert sum(chosen == instructed for chosen, instructed in told) >= len(told) / 2
    if study.form.compares:
        assert found["expected"] is None
        ((row,),) = (found["cells"],)
        assert (row["stimuli"], row["answers"]) == (4, bots.count())
        assert row["most"] - row["fewest"] <= 2
        assert found["report"]["kind"] == "preference"
        assert not done.filter(second_plays=None).exists()
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/pilot/").content.decode()
    assert ("Cells compared" in page) is study.form.compares
    assert "Nothing to worry about" in page


@pytest.mark.parametrize(("admits", "ended"), [((17.5, 18.5), "ready"), ((17.2, 17.8), "failed")])
def test_people_are_let_in_by_a_narrow_condition_and_one_that_nobody_meets_is_named(admits, ended):
    """The second was stored by an earlier release; it cannot be written any more."""
    study = asking(drafted(), "age_to_enter")
    study.questions.filter(key="age_to_enter").update(admits={"least": admits[0], "most": admits[1]})
    job = tried(study)
    assert job.status == ended
    if ended == "ready":
        assert job.result["screened_out"] == 0
        assert job.result["complete"] >= 8
        actions.publish(study=study, by=study.owner)
        return
    assert job.error == "Nobody can be let in by the answer to “age_to_enter”: change whom it lets in."
    with pytest.raises(PublishRefused, match="nobody could be let in"):
        actions.publish(study=study, by=study.owner)


def test_the_planned_measure_of_a_trial_run_is_that_of_its_report():
    """Clips of one emotion compared: the reason names emotions, as the report of people's answers would."""
    emotion = ("awe",)
    versions = [*make_versions(2, emotions=emotion), *make_versions(2, emotions=emotion, composer="paper", tones=100)]
    cells = {f"music_only:{one}": 1.0 for one in ("muse", "paper")}
    plan = {"primary_measure": "muse expresses more"}
    found = tried(drafted(versions=versions, mode="more", cells=cells, analysis_plan=plan)).result
    assert found["report"]["kind"] == "preference"
    first, *_ = found["report"]["reason"].split("; ")
    assert first == "for these clips alone: with one emotion nothing can be said about new ones"


def test_the_personas_that_a_trial_run_treats_apart_are_known_and_others():
    assert PERSONAS.keys() > ATTENTIVE | HASTY
    assert not ATTENTIVE & HASTY


def test_an_open_run_is_not_doubled_and_a_new_one_replaces_the_last():
    study = drafted()
    first = actions.request_pilot(study=study, by=study.owner, people=10)
    assert actions.request_pilot(study=study, by=study.owner, people=20) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        PilotJob.objects.create(study=study, people=10, seed=1)
    run_pilot(first.pk)
    people = set(Participant.objects.values_list("pk", flat=True))
    second = actions.request_pilot(study=study, by=study.owner, people=11)
    assert list(study.pilots.all()) == [second]
    assert not Participant.objects.filter(pk__in=people).exists()


@pytest.mark.parametrize("people", [FEWEST_BOTS - 1, MOST_BOTS + 1])
def test_so_many_are_not_let_in(people):
    assert (FEWEST_BOTS, MOST_BOTS) == (10, 60)
    study = drafted()
    with pytest.raises(DraftRefused, match="10 to 60"):
        actions.request_pilot(study=study, by=study.owner, people=people)


def test_a_draft_without_clips_and_a_published_study_are_not_tried():
    empty = actions.create_study(by=make_researcher(), title="Empty")
    with pytest.raises(DraftRefused, match="Choose clips first"):
        actions.request_pilot(study=empty, by=empty.owner, people=10)
    study = make_study(versions=make_versions(2))
    with pytest.raises(DraftRefused, match="published"):
        actions.request_pilot(study=study, by=study.owner, people=10)


def nothing_left(study):
    return not (
        study.pilots.exists()
        or Participant.objects.filter(study=study).exists()
        or Fill.objects.filter(stimulus__study=study, kind="bot").exists()
        or Load.objects.filter(stimulus__study=study, kind="bot").exists()
    )


@pytest.mark.parametrize("how", ["publish", "edit", "remove_pilot", "set_stimuli"])
def test_publication_a_change_and_a_request_take_everything_away(how):
    study = drafted()
    tried(study)
    assert not nothing_left(study)
    {
        "publish": lambda: actions.publish(study=study, by=study.owner),
        "edit": lambda: actions.edit_study(study=study, by=study.owner, title="Another"),
        "remove_pilot": lambda: actions.remove_pilot(study=study, by=study.owner),
        "set_stimuli": lambda: actions.set_stimuli(study=study, versions=make_versions(8), by=study.owner),
    }[how]()
    assert nothing_left(Study.objects.get(pk=study.pk))


def test_a_run_that_was_called_off_stops_and_leaves_nobody():
    study = drafted()
    job = actions.request_pilot(study=study, by=study.owner, people=10)
    lease = claim(PilotJob, job.pk)
    let_in(job=job, lease=lease, rng=random.Random(1))
    assert actions.cancel_pilot(job=job, by=study.owner)
    assert not Participant.objects.exists()
    with pytest.raises(LeaseLost):
        let_in(job=job, lease=lease, rng=random.Random(1))
    assert not actions.cancel_pilot(job=job, by=study.owner)
    run_pilot(job.pk)
    assert not Participant.objects.exists()


def test_nobody_comes_into_a_study_that_was_published_a_moment_ago():
    study = drafted()
    job = actions.request_pilot(study=study, by=study.owner, people=10)
    lease = claim(PilotJob, job.pk)
    actions.publish(study=study, by=study.owner)
    with pytest.raises(Exception, match=r"does not exist|Gone|") as refused:
        let_in(job=job, lease=lease, rng=random.Random(1))
    assert refused.type.__name__ in ("Gone", "LeaseLost", "DoesNotExist")
    assert not Participant.objects.exists()


def test_a_second_worker_begins_anew_without_the_people_of_a_dead_one():
    study = drafted()
    job = actions.request_pilot(study=study, by=study.owner, people=10)
    dead = claim(PilotJob, job.pk)
    left = let_in(job=job, lease=dead, rng=random.Random(1))
    PilotJob.objects.update(status="queued", claim=None, lease_expires_at=None)
    run_pilot(job.pk)
    job.refresh_from_db()
    assert job.status == "ready"
    assert not Participant.objects.filter(pk=left.pk).exists()
    assert Participant.objects.count() == 10
    with pytest.raises(LeaseLost):
        begin_pilot(job=job, lease=dead)
    assert Participant.objects.count() == 10


def test_time_passes_for_simulated_people_alone():
    study = make_study(versions=make_versions(2))
    person = actions.join(study=study, token="a" * 40, language="en")
    trial = actions.give_trial(participant=person)
    let_time_pass(participant=person, seconds=1000)
    before = trial.assigned_at
    trial.refresh_from_db()
    assert trial.assigned_at == before


def test_a_measure_that_fails_is_told_as_a_warning(monkeypatch):
    def boom(asked):
        raise RuntimeError("boom in here")

    measures = [replace(one, compute=boom) if one.name == "times" else one for one in register.all_measures()]
    monkeypatch.setattr(register, "all_measures", lambda: tuple(measures))
    found = tried(drafted()).result
    assert found["report"]["computed"] is True
    (said,) = found["warnings"]
    assert said.startswith("The measure times (")
    assert said.endswith("failed and is left out: RuntimeError: boom in here.")


def test_who_was_not_let_in_is_told_by_reason():
    study = asking(drafted(headphones="gate"), "adult")
    tried(study)
    keys = list(Participant.objects.filter(study=study).order_by("pk").values_list("pk", flat=True)[:3])
    Participant.objects.filter(pk__in=keys).update(outcome="screened_out", screened_by=HEADPHONE_TEST)
    Participant.objects.filter(pk=keys[0]).update(screened_by="adult")
    asked = next(question.told for question in further_questions(study) if question.key == "adult")
    found = pilots.find_out(study, [])
    assert found["screened_out"] == 3
    assert found["screened_out_by"] == [["headphone test not passed", 2], [asked, 1]]


FINE = {
    "people": 10,
    "compares": False,
    "complete": 9,
    "screened_out": 0,
    "errors": {},
    "attentive": 8,
    "left_out_attentive": 0,
    "cells": [{"name": "Matching pair", "stimuli": 4, "answers": 20, "fewest": 4, "most": 6}],
    "report": {"computed": True, "reason": ""},
}


def cell(**changed):
    return {"cells": [{**FINE["cells"][0], **changed}]}


@pytest.mark.parametrize(
    ("changed", "warned"),
    [
        ({}, ""),
        ({"left_out_attentive": 4}, ""),
        ({"left_out_attentive": 5}, "The rules leave out 5 of 8"),
        ({"left_out_attentive": 8}, "The rules leave out all 8"),
        ({"screened_out": 5}, ""),
        (
            {"screened_out": 6, "screened_out_by": [["headphone test not passed", 5], ["adult", 1]]},
            "6 of 10 were not let in. By reason: headphone test not passed: 5; adult: 1.",
        ),
        ({"complete": 0}, "Nobody came to the end."),
        ({"errors": {"status 500": 2}}, "2 of 10 could not go on: status 500"),
        (cell(answers=0, fewest=0, most=0), "Nobody got “Matching pair”"),
        (cell(answers=7, fewest=0, most=3), ""),
        (cell(answers=8, fewest=0, most=3), "Some clips of “Matching pair” had no answer"),
        ({"compares": True, **cell(answers=0, fewest=0, most=0)}, "Nobody compared “Matching pair”"),
        ({"compares": True, **cell(answers=8, fewest=0, most=3)}, "Some pairs of “Matching pair” had no answer"),
        ({"compares": True, **cell(fewest=3, most=7)}, "Pairs of “Matching pair” had 3 to 7 answers each"),
        (cell(fewest=3, most=6), ""),
        (cell(fewest=3, most=7), "had 3 to 7 answers each"),
        (cell(fewest=6, most=9), ""),
        (cell(fewest=6, most=10), "had 6 to 10 answers each"),
        (cell(fewest=8, most=12), ""),
        (cell(fewest=7, most=12), "had 7 to 12 answers each"),
        (cell(fewest=200, most=300), ""),
        (cell(fewest=199, most=300), "had 199 to 300 answers each"),
        ({"report": {"computed": False, "reason": "ValueError: no"}}, "The report cannot be computed: ValueError: no"),
        ({"report": {"computed": True, "reason": "", "failed": ["The measure x failed."]}}, "The measure x failed."),
        ({"report": {"computed": True, "reason": "not defined"}}, "The planned measure has no result: not defined"),
    ],
)
def test_what_is_to_be_looked_at_is_named_and_nothing_else(changed, warned):
    found = list(pilots._warnings({**FINE, **changed}))
    assert found == [] if not warned else len(found) == 1 and warned in found[0]


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_after_a_run_that_did_not_end_well_a_button_removes_what_is_left(ended, client):
    study = drafted()
    job = tried(study)
    PilotJob.objects.filter(pk=job.pk).update(status=ended, error="No room." if ended == "failed" else "")
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/pilot/").content.decode()
    assert "Remove the simulated people" in page
    client.post(f"/studies/{study.slug}/pilot/remove/")
    assert nothing_left(study)
    assert "Remove the simulated people" not in client.get(f"/studies/{study.slug}/pilot/").content.decode()


def test_where_two_clips_are_compared_no_hit_rate_is_to_be_expected():
    study = comparing(publish=False)
    job = tried(study)
    assert job.status == "ready", job.error
    assert job.result["expected"] is None
