"""The rules for leaving people out read alike wherever they stand: in the form, the plan, its file and the report."""

import pytest

from survey.design.quality import say_rules
from survey.findings.study_facts import facts_of
from survey.forms.studies import StudyForm
from survey.preregistration import frozen_facts, plan_facts, write_preregistration
from tests.survey.factories import make_study

pytestmark = pytest.mark.django_db
STORED = {
    "gold_needed": 3,
    "repeats_needed": 2,
    "fastest_seconds": 1.5,
    "longest_run": 12,
    "listening_share": 0.8,
    "listening_measured": True,
    "most_sound_mistakes": 0,
    "headphones_needed": True,
    "attention_failed": 2,
}
HEADING = "Rules for leaving people out"


def said_by_the_form(rules):
    sections = [section for step in StudyForm(initial=rules).steps() for section in step.sections]
    return next(section.said for section in sections if section.heading == HEADING)


@pytest.mark.parametrize("rules", [*({name: value} for name, value in STORED.items()), STORED], ids=" ".join)
def test_every_place_says_the_conditions_under_which_people_count(rules):
    study = make_study(exclusion_rules=rules)
    said = say_rules(rules)
    in_a_row = "; ".join(said)
    assert said_by_the_form(rules) == f"People count with: {in_a_row}."
    assert plan_facts(study)[HEADING] == f"people count with: {in_a_row}"
    assert dict(frozen_facts(study))[HEADING].splitlines() == ["people count with:", *said]
    assert facts_of(study).rules == f"Fixed at publication; people count with: {in_a_row}."
    written = (
        write_preregistration(study).partition("## Exclusion of participants")[2].partition("Nothing is deleted")[0]
    )
    assert written.split("\n\n")[1:] == ["People count with:", "\n".join(f"- {rule}" for rule in said), ""]


def test_no_place_speaks_of_rules_where_there_are_none():
    rules = {"gold_needed": "", "listening_measured": False}
    study = make_study(exclusion_rules=rules)
    assert said_by_the_form({}) == "Everybody who finishes counts: there are no rules."
    assert HEADING not in plan_facts(study)
    assert dict(frozen_facts(study))[HEADING] == "none"
    assert facts_of(study).rules == ""
    assert "- No rule: everybody who finishes is included." in write_preregistration(study)
