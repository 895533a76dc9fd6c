"""Numbers of the form that contradict each other are refused there, beside the number that is to change."""

import pytest

from survey.forms.studies import StudyForm
from survey.queries.overview import overview_of
from tests.survey.factories import make_study, make_versions
from tests.survey.test_studies import FORM

pytestmark = pytest.mark.django_db

PAIRS = [
    ("gold_needed", {"gold_trials": 2, "gold_needed": 3}, {"gold_trials": 3, "gold_needed": 3}),
    ("repeats_needed", {"repeat_trials": 0, "repeats_needed": 1}, {"repeat_trials": 1, "repeats_needed": 1}),
    (
        "attention_failed",
        {"attention_trials": 1, "attention_failed": 2},
        {"attention_trials": 2, "attention_failed": 2},
    ),
    ("repeat_trials", {"clips_per_participant": 2, "repeat_trials": 3}, {"repeat_trials": 2}),
]


def filled(**changed):
    return StudyForm({**FORM, **{name: str(value) for name, value in changed.items()}})


@pytest.mark.parametrize(("name", "wrong", "right"), PAIRS)
def test_what_contradicts_is_refused_with_words_and_its_neighbour_is_taken(name, wrong, right):
    refused = filled(**wrong)
    assert list(refused.errors) == [name]
    (section,) = [one for step in refused.steps() for one in step.sections if one.is_open]
    assert name in [field.name for field in section.fields]
    assert str(max(value for value in wrong.values())) in refused.errors[name][0]
    assert filled(**right).errors == {}


def test_a_draft_that_was_stored_with_such_a_rule_is_warned_before_it_is_published():
    study = make_study(versions=make_versions(4), publish=False, exclusion_rules={"gold_needed": 3})
    assert any("it leaves out everybody" in warning for warning in overview_of(study).warnings)
