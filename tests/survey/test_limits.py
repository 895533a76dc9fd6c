"""How large what a study stores may be: one declaration, asked by forms, publishing, the database and every use."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django import forms
from django.contrib import admin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, connection, transaction
from django.test import Client, RequestFactory

from survey.actions.publishing import PublishRefused, publish
from survey.design.quality import LARGEST, read_rules
from survey.forms import StudyForm
from survey.forms.recruiting import RecruitedForm
from survey.models import Condition, Participant, Study
from survey.models.bounds import HEAVIEST, PLAN_LIMITS, broken_limits, held, limits_of
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.test_studies import FORM

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LIMITS = {
    "clips_per_participant": (1, 200),
    "practice_trials": (0, 10),
    "gold_trials": (0, 20),
    "attention_trials": (0, 5),
    "repeat_trials": (0, 20),
    "quota": (1, 100_000),
    "lease_minutes": (1, 1440),
    "idle_minutes": (1, 10_080),
    "replay_cap": (1, 100),
    "retention_until": (date(2000, 1, 1), date(2199, 12, 31)),
}
RULES = {
    "planned_n": (1, 100_000),
    "answers_per_clip": (1, 100_000),
    "margin": (0.01, 0.5),
    "gold_needed": (0, 20),
    "repeats_needed": (0, 20),
    "fastest_seconds": (0, 600),
    "longest_run": (1, 200),
    "listening_share": (0, 1),
    "most_sound_mistakes": (0, 100),
    "attention_failed": (1, 5),
}
NUMBERS = {"FloatField", "PositiveIntegerField", "PositiveSmallIntegerField", "IntegerField", "BigIntegerField"}
# As many trials as the rules may ask for.
ROOMY = {**FORM, "clips_per_participant": "20", "gold_trials": "20", "repeat_trials": "20", "attention_trials": "5"}
STEP = {int: 1, date: timedelta(days=1)}
ABSURD = ["99999999999999", "9" * 30, "9" * 5000, "-1", "1e309", "nan", "inf", "1.5", "٣x", "\ufffd"]


def logged_in() -> Client:
    client = Client()
    client.force_login(make_researcher())
    return client


# --- one declaration ---


@pytest.mark.parametrize("name", LIMITS)
def test_a_study_s_fields_have_these_limits(name):
    assert limits_of(Study._meta.get_field(name)) == LIMITS[name]


def test_plan_and_rules_have_these_limits():
    assert PLAN_LIMITS == RULES
    assert set(RULES) <= set(StudyForm.base_fields)


@pytest.mark.parametrize(("name", "limits"), LIMITS.items())
def test_the_form_takes_both_limits_and_nothing_beyond(name, limits):
    least, most = limits
    step = STEP[type(least)]
    for value, taken in ((least, True), (most, True), (least - step, False), (most + step, False)):
        form = StudyForm({**ROOMY, name: str(value)})
        assert (name not in form.errors) is taken, value
    if name != "retention_until":
        assert (form[name].field.widget.attrs["min"], form[name].field.widget.attrs["max"]) == (str(least), str(most))


@pytest.mark.parametrize(("name", "limits"), RULES.items())
def test_a_rule_takes_both_limits_and_nothing_beyond(name, limits):
    least, most = limits
    for value, taken in ((least, True), (most, True), (least - 1, False), (most + 1, False)):
        assert (name not in StudyForm({**ROOMY, name: str(value)}).errors) is taken, value


@pytest.mark.parametrize("value", ABSURD)
@pytest.mark.parametrize("name", [*LIMITS, *RULES])
def test_an_absurd_number_is_refused_in_a_sentence_and_the_rest_is_kept(name, value):
    if value == "1.5" and name == "fastest_seconds":
        pytest.skip("a second and a half is a sensible rule")
    response = logged_in().post("/studies/new/", {**FORM, name: value})
    assert response.status_code == 400
    assert Study.objects.count() == 0
    assert name in response.context["form"].errors
    assert FORM["consent_text"] in response.content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2200-01-01", "9999-12-31", "10000-01-01", "2026-02-30"])
def test_a_day_out_of_this_world_is_refused(day):
    assert "retention_until" in StudyForm({**FORM, "retention_until": day}).errors


@pytest.mark.parametrize(("name", "most"), [("title_de", 200), ("question_de", 300), ("consent_text", 20_000)])
def test_a_text_has_the_length_its_field_declares_in_every_language(name, most):
    data = {**FORM, "also_in": ["de"]}
    assert name not in StudyForm({**data, name: "x" * most}).errors
    assert name in StudyForm({**data, name: "x" * (most + 1)}).errors


def _number_fields():
    """Every number or day that some form of the site takes: (form, name, field)."""
    seen, waiting = [], [forms.Form, forms.ModelForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            if form.__module__.startswith(("survey.", "generation.", "melodymuse_site.")):
                seen += [(form, name, field) for name, field in form.base_fields.items()]
    return [one for one in seen if isinstance(one[2], forms.IntegerField | forms.DateField)]


def test_no_form_of_the_site_takes_a_number_without_limits():
    boundless = []
    for form, name, field in _number_fields():
        model = getattr(getattr(form, "_meta", None), "model", None)
        own = getattr(field, "min_value", None) is not None and getattr(field, "max_value", None) is not None
        stored = model is not None and any(
            one.name == name and limits_of(one) is not None for one in model._meta.concrete_fields
        )
        declared = {type(one) for one in field.validators} >= {MinValueValidator, MaxValueValidator}
        # Seconds that a script measured: what is not sensible is not measured (MeasuredField).
        measured = type(field).__name__ == "MeasuredField"
        if not (own or stored or declared or measured):
            boundless.append(f"{form.__name__}.{name}")
    assert boundless == []
    assert len(_number_fields()) > 20


def test_the_administration_changes_no_number_of_ours_without_limits_and_no_json():
    request = RequestFactory().get("/")
    request.user = make_researcher("admin", is_staff=True, is_superuser=True)
    loose = []
    for model, model_admin in admin.site._registry.items():
        ours = model._meta.app_label in {"survey", "generation"}
        if not ours or not (model_admin.has_change_permission(request) or model_admin.has_add_permission(request)):
            continue
        for name in model_admin.get_form(request).base_fields:
            if name not in {field.name for field in model._meta.get_fields()}:
                continue  # a field of the form alone
            field = model._meta.get_field(name)
            kind = field.get_internal_type()
            if kind == "JSONField" or (kind in NUMBERS and limits_of(field) is None):
                loose.append(f"{model.__name__}.{name}")
    assert loose == []


# --- publishing and the database ---


@pytest.mark.parametrize("name", ["lease_minutes", "idle_minutes", "quota", "replay_cap"])
def test_a_draft_that_got_past_the_form_is_not_published(name):
    study = make_study(versions=make_versions(2), publish=False)
    Study.objects.filter(pk=study.pk).update(**{name: LIMITS[name][1] + 1})
    with pytest.raises(PublishRefused, match=f"is not between {LIMITS[name][0]} and {LIMITS[name][1]}"):
        publish(study=study, by=study.owner)
    Study.objects.filter(pk=study.pk).update(**{name: LIMITS[name][1]})
    assert publish(study=study, by=study.owner).status == "published"


@pytest.mark.parametrize("weight", [0.0, -1.0, HEAVIEST + 0.01, float("inf"), float("nan")])
def test_the_database_keeps_no_weight_that_cannot_be_weighed(weight):
    study = make_study(versions=make_versions(2), publish=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Condition.objects.filter(study=study).update(weight=weight)
    assert Condition.objects.filter(study=study).update(weight=HEAVIEST) == 1


def test_what_lies_beyond_is_told_field_by_field():
    study = Study(title="x", lease_minutes=0, quota=10**14, replay_cap=None)
    told = list(broken_limits(study))
    assert [text.partition(":")[0] for text in told] == ["Quota", "Lease minutes"]


# --- studies that were published before there were limits ---


@pytest.mark.parametrize(("value", "used"), [(10**14, 1440), (0, 1), (-5, 1), (1440, 1440), (15, 15)])
def test_an_absurd_lease_is_used_within_its_limits(value, used):
    study = Study(lease_minutes=value, idle_minutes=value)
    assert (held(study, "lease_minutes"), study.lease) == (used, timedelta(minutes=used))
    assert study.patience == timedelta(minutes=min(max(value, 1), 10_080))


def test_a_published_study_with_absurd_numbers_breaks_nobody_s_participation():
    study = make_study(
        versions=make_versions(3),
        exclusion_rules={"gold_needed": 10**300, "longest_run": 1e300, "fastest_seconds": -(10**300)},
        analysis_plan={"planned_n": 10**300},
    )
    small, large = (10**14, 10**14) if connection.vendor == "sqlite" else (2**15 - 1, 2**31 - 1)
    Study.objects.filter(pk=study.pk).update(quota=large, lease_minutes=small, idle_minutes=small)
    listener = Listener(study.slug).take_part()
    assert study.code_complete in listener.page
    person = Participant.objects.get()
    assert (person.outcome, person.trials.count()) == ("complete", 3)
    assert all(trial.lease_expires_at - trial.assigned_at == timedelta(days=1) for trial in person.trials.all())
    client = Client()
    client.force_login(study.owner)
    for page in ("", "monitor/", "people/", "recruiting/", "preregistration.md"):
        assert client.get(f"/studies/{study.slug}/{page}").status_code == 200, page
    assert client.post(f"/studies/{study.slug}/version/").status_code == 302


@pytest.mark.parametrize(
    ("stored", "read"),
    [(10**400, LARGEST), (float("inf"), LARGEST), (-(10**400), -LARGEST), (float("nan"), None), (True, None), (3, 3)],
)
def test_a_rule_that_is_no_number_to_count_with_is_held_or_not_applied(stored, read):
    assert read_rules({"gold_needed": stored}).gold_needed == read


@pytest.mark.parametrize("text", ["nan", "inf", "1e999999999", "-1", "1001"])
def test_a_bonus_is_an_amount_of_money(text):
    assert "per_gold" in RecruitedForm({"per_gold": text}).errors
    assert RecruitedForm({"per_gold": "0.25"}).is_valid()
