"""A small site with a bit of everything, and who may visit it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.utils import timezone

from generation.models import ClipImport
from melodymuse_site.roles import RESEARCHERS, VIEWERS
from survey import actions
from survey.models import Participant, Stimulus, Study, StudyMember
from survey.models.participation import make_token
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

STRANGER, PARTICIPANT, VIEWER, EDITOR, ADMIN = ROLES = ("stranger", "participant", "viewer", "editor", "admin")


@dataclass
class World:
    """Cookies of every role (several for participants: one on each page), and what exists to be named in an address."""

    cookies: dict[str, list[str]]
    slug_of: dict[str, str]
    named: dict[str, list[str]]
    everything: list[str] = field(default_factory=list)


def build_world() -> World:
    """One study of each sort with people on every page of it, pictures, runs, pairs, an import, an export."""
    people = {name: _account(name, group) for name, group in ((VIEWER, VIEWERS), (EDITOR, RESEARCHERS))}
    people[ADMIN] = get_user_model().objects.create_superuser("admin", password="a long password")
    versions = make_versions(4)
    asks = {"ask_affect": True, "ask_word": True, "clips_per_participant": 3, "gold_trials": 1, "repeat_trials": 1}
    by = people[EDITOR]
    published = make_study(
        by=by, versions=versions[:3], gold=versions[3:], title="Running", headphones="record", **asks
    )
    sent = make_study(by=by, versions=versions, title="Sent", recruiter="prolific", id_storage="kept")
    laboratory = make_study(
        by=by,
        versions=versions,
        title="Laboratory",
        next_person="laboratory",
        require_listening=False,
        exclusion_rules={"gold_needed": 10**300, "longest_run": 1e300},
        analysis_plan={"planned_n": 10**300},
    )
    draft = make_study(
        by=by, versions=versions, title="Draft", publish=False, translations={"de": {"title": "Entwurf"}}
    )
    closed = make_study(by=by, versions=versions, title="Closed")
    answer_study(closed, people=3)
    actions.close(study=closed, by=by)
    closed.refresh_from_db()
    studies = [published, sent, laboratory, draft, closed]
    for study in studies:
        StudyMember.objects.create(study=study, user=people[VIEWER], role=StudyMember.Role.VIEWER)
    participants = _participants(published, sent, laboratory)
    _make_absurd(laboratory)
    actions.request_export(study=closed, by=by)
    ClipImport.objects.create(name="clips.zip", requested_by=people[ADMIN])
    cookies = {role: [f"sessionid={_session(user)}"] for role, user in people.items()}
    cookies[STRANGER] = [""]
    cookies[PARTICIPANT] = [f"participation={person.token}" for person in participants]
    slug_of = {f"participation={person.token}": person.study.slug for person in participants}
    return World(cookies, slug_of, *_names(studies, participants))


def _make_absurd(study: Study) -> None:
    """Numbers that were taken before there were limits, and that frozen studies go on carrying."""
    largest, small = (10**14, 10**14) if connection.vendor == "sqlite" else (2**31 - 1, 2**15 - 1)
    Study.objects.filter(pk=study.pk).update(quota=largest, lease_minutes=small, idle_minutes=small)


def _account(name: str, group: str) -> Any:
    user = get_user_model().objects.create_user(name, password="a long password")
    user.groups.add(Group.objects.get(name=group))
    return user


def _session(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def _participants(published: Study, sent: Study, laboratory: Study) -> list[Participant]:
    """Somebody at the sound check, the headphones, before a clip, at one, at the last questions, and withdrawn."""
    now = timezone.now()
    sounds = actions.join(study=published, token=make_token(), language="en")
    later = [
        actions.join(study=study, token=make_token(), language="de")
        for study in (published, laboratory, laboratory, laboratory)
    ]
    named = actions.join(study=sent, token=make_token(), language="en", external_id="5f0000000000000000000001")
    Participant.objects.filter(pk__in=[person.pk for person in (*later, named)]).update(sound_checked_at=now)
    last = actions.join(study=laboratory, token=make_token(), language="en")
    Participant.objects.filter(pk=last.pk).update(sound_checked_at=now, plan=[])
    gone = actions.withdraw(participant=actions.join(study=laboratory, token=make_token(), language="en"), by=None)
    for person in (*later[2:], named):
        actions.give_trial(participant=Participant.objects.get(pk=person.pk))
    return [sounds, *later, named, last, gone]


def _names(studies: list[Study], participants: list[Participant]) -> tuple[dict[str, list[str]], list[str]]:
    """What fits the names in addresses (with the part before them, where that decides) and forms; and all of it."""
    keys = {}
    of_things = {}
    for model in apps.get_models():
        rows = model._default_manager.order_by("pk")[:4]
        keys[model._meta.model_name] = [str(row.pk) for row in rows]
        of_things[model._meta.model_name] = [str(row.public_id) for row in rows if hasattr(row, "public_id")]
    tokens = [person.token for person in participants]
    files = list(Stimulus.objects.order_by("pk").values_list("audio", flat=True)[:2])
    versions = of_things["pairversion"]
    named = {
        **{f"{model}/object_id": some for model, some in keys.items()},
        "object_id": ["1", "2"],
        "pictures/public_id": of_things["sourceimage"],
        "create/public_id": of_things["sourceimage"],
        "runs/public_id": of_things["generationrun"],
        "pairs/public_id": versions,
        "clips/public_id": versions,
        "import/public_id": of_things["clipimport"],
        "exports/public_id": of_things["exportjob"],
        "people/public_id": [person.public_id for person in participants],
        "slug": [study.slug for study in studies],
        "results/slug": [study.slug for study in studies if study.status == Study.Status.CLOSED],
        "public_id": [key for some in of_things.values() for key in some],
        "token": tokens,
        "number": ["1", "2", "3"],
        "name": [*files, "confusion", "accuracy", "agreement"],
        "path": files,
        "extension": ["svg", "png", "pdf", "csv"],
        "app_label": ["survey", "generation", "auth", "axes"],
        "uidb64": ["MQ", "Mg", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"],
        "trial": [token for person in participants for token in person.trials.values_list("token", flat=True)],
        "version": versions,
        "main": versions,
        "clip": versions,
        "picture": of_things["sourceimage"],
        "username": [VIEWER, EDITOR, ADMIN],
        "participation": tokens,
        "emotion": ["awe", "sadness"],
        "_selected_action": ["1", "2", *keys["study"]],
    }
    return named, sorted({text for texts in named.values() for text in texts})
