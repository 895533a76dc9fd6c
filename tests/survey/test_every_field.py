"""Every field of people and answers, as the models have them: is it frozen, and what does the retention leave of it?"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from survey import actions
from survey.actions.forgetting import BY_HAND, REASON_GONE, holds_personal
from survey.models import Participant, Response, Study
from survey.models.freezing import RESPONSE_LIVES
from survey.models.personal import DELETED, EMPTIED, KEPT, REPLACED
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MODELS = (Participant, Response)


def names_of(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields]


def fields_of(kinds: dict[type[models.Model], frozenset[str]]) -> list[Any]:
    """(model, name) of every field in such a list."""
    return [
        pytest.param(model, name, id=f"{model.__name__}.{name}") for model in MODELS for name in sorted(kinds[model])
    ]


@pytest.fixture
def study() -> Study:
    made = make_study(ask_word=True, ask_background=True)
    Listener(made.slug).begin().send(word="mine")
    return made


def of_people() -> list[type[models.Model]]:
    """People, and every model whose rows are of one: through one foreign key or several."""
    found: list[type[models.Model]] = [Participant]
    for model in found:
        found += [
            relation.related_model for relation in model._meta.related_objects if relation.related_model not in found
        ]
    return found


def test_the_models_that_are_of_people_are_all_known() -> None:
    assert {model.__name__ for model in of_people()} == {
        *("Participant", "OutsideId", "Trial", "TrialEvent", "Response", "QuestionAnswer", "Course")
    }


@pytest.mark.parametrize("model", of_people())
def test_every_field_is_declared_once_as_emptied_replaced_deleted_or_kept(model: type[models.Model]) -> None:
    declared = [name for kinds in (EMPTIED, REPLACED, DELETED, KEPT) for name in kinds.get(model, ())]
    undecided = set(names_of(model)) - set(declared)
    assert not undecided, f"survey/models/personal.py does not say what becomes of {sorted(undecided)}."
    assert sorted(declared) == sorted(names_of(model))


def another(field: Any) -> Any:
    """A value that this field has by no default."""
    kind = field.get_internal_type()
    if isinstance(field, models.JSONField):
        return {"a": "b"}
    if isinstance(field, models.DateTimeField):
        return timezone.now() - datetime.timedelta(days=9)
    return {"BooleanField": True, "FloatField": 0.25}.get(kind, 3 if "Integer" in kind else "xy")


@pytest.mark.parametrize(("model", "name"), fields_of(EMPTIED))
def test_a_field_that_is_emptied_is_personal_by_itself(model: type[models.Model], name: str, study: Study) -> None:
    actions.anonymise(study=study, by=None)
    assert not holds_personal(study)
    rows = model._default_manager.all()
    rows.update(**{name: another(model._meta.get_field(name))})
    assert holds_personal(study)
    actions.anonymise(study=study, by=None)
    assert rows.values_list(name, flat=True).get() == model._meta.get_field(name).get_default()
    assert not holds_personal(study)


def test_what_is_kept_is_kept_and_what_is_replaced_says_something_else(study: Study) -> None:
    Participant.objects.update(set_aside="Mrs Miller", verdict=["quick", f"{BY_HAND}: Mrs Miller"])
    before = {model: model._default_manager.values().get() for model in MODELS}
    actions.anonymise(study=study, by=None)
    for model in MODELS:
        after = model._default_manager.values().get()
        columns = [model._meta.get_field(name).attname for name in KEPT[model]]
        assert {name: after[name] for name in columns} == {name: before[model][name] for name in columns}
    person = Participant.objects.get()
    assert person.token != before[Participant]["token"]
    assert (person.set_aside, person.verdict) == (REASON_GONE, ["quick", f"{BY_HAND}: {REASON_GONE}"])


@pytest.mark.parametrize("name", [name for name in names_of(Response) if name != "id"])
def test_every_field_of_a_stored_answer_is_frozen_unless_it_is_named_as_living(name: str, study: Study) -> None:
    field = Response._meta.get_field(name)
    value = {"trial": -1, "choice": -1, "confidence": None}.get(name, another(field))
    changes: dict[str, Any] = {field.attname: value}
    if name in ("listening_measured", "played_seconds"):  # one says that the other is known
        changes = {"listening_measured": True, "played_seconds": 0.25}
    rows = Response.objects.all()
    if name in RESPONSE_LIVES:
        assert rows.update(**changes) == 1
    else:
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            rows.update(**changes)
