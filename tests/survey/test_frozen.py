"""What is published cannot be changed, not even past every form: the database refuses."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from survey.models import Condition, Response, Stimulus, Study, StudyChoice
from survey.models.freezing import STUDY_LIVES
from tests.survey.factories import make_researcher, make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def refused(change):
    with pytest.raises(DatabaseError, match=r"frozen|never edited"), transaction.atomic():
        change()


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Another"},
        {"question": "Another?"},
        {"consent_text": "Another"},
        {"mode": "yes_no"},
        {"lures": "none"},
        {"offer_none": False},
        {"clips_per_participant": 2},
        {"exclusion_rules": {"a": 1}},
        {"analysis_plan": {"n": 1}},
        {"slug": "another"},
        {"status": "draft", "published_at": None, "consent_sha256": ""},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_published_study_keeps_its_wording_and_rules(fields):
    study = make_study()
    refused(lambda: Study.objects.filter(pk=study.pk).update(**fields))


def test_a_draft_can_be_changed():
    study = make_study(publish=False)
    assert Study.objects.filter(pk=study.pk).update(title="Another", question="Another?") == 1


@pytest.mark.parametrize("model", [StudyChoice, Condition, Stimulus])
def test_parts_of_a_published_study_can_be_neither_changed_nor_added_nor_removed(model):
    study = make_study()
    part = model.objects.filter(study=study).first()
    change = {"label": "x"} if model is StudyChoice else {"name": "x"} if model is Condition else {"emotion": "x"}
    refused(lambda: model.objects.filter(pk=part.pk).update(**change))
    refused(lambda: model.objects.filter(pk=part.pk)._raw_delete("default"))
    part.pk, part.position = None, 99
    for name, value in {"slug": "new", "name": "new", "role": "gold"}.items():
        setattr(part, name, value)
    part.public_id = "3b241101-e2bb-4255-8caf-4136c566a962"
    refused(lambda: part.save(force_insert=True))


def test_a_part_cannot_be_moved_into_a_published_study():
    published, draft = make_study(), make_study(publish=False)
    other = StudyChoice.objects.create(study=draft, slug="new", label="New", position=50)
    refused(lambda: StudyChoice.objects.filter(pk=other.pk).update(study=published))


def test_a_published_study_cannot_be_deleted():
    study = make_study()
    refused(lambda: Study.objects.filter(pk=study.pk)._raw_delete("default"))


def test_a_stored_answer_is_never_edited():
    study = make_study()
    Listener(study.slug).begin().send()
    refused(lambda: Response.objects.update(confidence=1 + Response.objects.get().confidence % 5))


def test_a_pair_version_that_a_study_uses_is_protected():
    stimulus = make_study().stimuli.first()
    with pytest.raises(ProtectedError):
        stimulus.pair_version.delete()


@pytest.mark.django_db(transaction=True)
def test_flush_empties_everything_and_the_freeze_is_back_afterwards():
    make_study()
    call_command("flush", interactive=False, verbosity=0)
    assert Study.objects.count() == 0
    user = make_researcher("after")
    study = Study.objects.create(owner=user, title="A", slug="a", question="Q?", consent_text="C")
    now = timezone.now()
    Study.objects.filter(pk=study.pk).update(status="published", consent_sha256="x", published_at=now)
    refused(lambda: Study.objects.filter(pk=study.pk).update(title="B"))


@pytest.mark.parametrize("name", [field.name for field in Study._meta.concrete_fields if field.name != "id"])
def test_every_field_of_a_published_study_is_frozen_unless_it_is_named_as_living(name):
    study = make_study()
    field = Study._meta.get_field(name)
    others = {
        "BooleanField": lambda old: not old,
        "JSONField": lambda old: {"another": 1},
        "DateTimeField": lambda old: timezone.now(),
        "DateField": lambda old: timezone.localdate(),
        "ForeignKey": lambda old: make_researcher("another").pk if name == "owner" else make_study(publish=False).pk,
    }
    plain = (
        (lambda old: (old or 0) + 1) if "Integer" in field.get_internal_type() else (lambda old: f"{old or ''}x"[-9:])
    )
    another = others.get(field.get_internal_type(), plain)(getattr(study, field.attname))
    values = {"closed": {"status": "closed", "closed_at": timezone.now()}}.get(
        "closed" if name in ("status", "closed_at") else "", {field.attname: another}
    )
    if name in STUDY_LIVES:
        assert Study.objects.filter(pk=study.pk).update(**values) == 1
    else:
        refused(lambda: Study.objects.filter(pk=study.pk).update(**values))


@pytest.mark.django_db(transaction=True)
def test_after_migrating_back_and_forth_everything_is_frozen_as_before():
    study = make_study()
    version = study.stimuli.first().pair_version
    try:
        call_command("migrate", "survey", "0006", verbosity=0)
        call_command("migrate", "generation", "0007", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    refused(lambda: Study.objects.filter(pk=study.pk).update(title="Another"))
    refused(lambda: study.stimuli.all().update(emotion="awe"))
    with pytest.raises(DatabaseError, match="immutable"):
        type(version).objects.filter(pk=version.pk).update(seed=1)
