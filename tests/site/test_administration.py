"""The administration beside everything else, twenty requests at once: each is done or told in words, never a 500."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.forms import ModelMultipleChoiceField, MultipleChoiceField
from django.test import Client
from pytest_django import Settings

from generation import actions as making
from survey import actions
from tests.generation.factories import make_picture, make_run, picture_bytes
from tests.racing import THREADS, at_once
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
PASSWORD = "a long and good one 5"
Step = Callable[[Any, int], Any]


def form_of(world: SimpleNamespace, address: str) -> dict[str, Any]:
    """What the form at `address` would send, as it stands."""
    page = world.browsers[0].get(address).context
    if "adminform" in page:
        formsets = [one.formset for one in page["inline_admin_formsets"]]
        forms = [page["adminform"].form, *(form for one in formsets for form in [one.management_form, *one.forms])]
    else:
        forms = [page["form"]] if "form" in page else []
    sent: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, datetime):
                sent |= {f"{field.html_name}_0": f"{value:%Y-%m-%d}", f"{field.html_name}_1": f"{value:%H:%M:%S}"}
            elif isinstance(value, dict | list) and not isinstance(
                field.field, ModelMultipleChoiceField | MultipleChoiceField
            ):
                sent[field.html_name] = json.dumps(value)
            elif value is not None and value is not False:
                sent[field.html_name] = value
    return sent


def post(address: str, **values: str) -> Step:
    def step(world: SimpleNamespace, number: int) -> int:
        keys = {"number": number, **{name: getattr(one, "pk", one) for name, one in vars(world).items()}}
        at = address.format(**keys)
        sent = {**world.forms.get(at, {}), **{name: value.format(**keys) for name, value in values.items()}}
        return int(world.browsers[number].post(at, sent).status_code)

    return step


def add_picture(world: SimpleNamespace, number: int) -> int:
    file = SimpleUploadedFile("new.png", picture_bytes(99), "image/png")
    values = {"upload": file, "title": "New", "alt_text": "", "licence": "", "attribution": ""}
    return int(world.browsers[number].post("/admin/generation/sourceimage/add/", values).status_code)


def regenerate(world: SimpleNamespace, number: int) -> int:
    values = {"action": "regenerate", "_selected_action": str(world.run.pk)}
    return int(world.browsers[number].post("/admin/generation/generationrun/", values).status_code)


EDIT = post("/admin/survey/study/{draft}/change/", contact="Ada {number}")
SHARE_INLINE = post(
    "/admin/survey/study/{draft}/change/",
    **{"memberships-TOTAL_FORMS": "1", "memberships-0-user": "{guest}", "memberships-0-role": "viewer"},
)
STEPS: dict[str, Step] = {
    "edit study": EDIT,
    "delete study": post("/admin/survey/study/{draft}/delete/", post="yes"),
    "add user": post("/admin/auth/user/add/", username="same", password1=PASSWORD, password2=PASSWORD),
    "edit user": post("/admin/auth/user/{guest}/change/", first_name="N{number}", username="g{guest}"),
    "new password": post("/admin/auth/user/{guest}/password/", password1=PASSWORD, password2=PASSWORD),
    "delete user": post("/admin/auth/user/{guest}/delete/", post="yes"),
    "add group": post("/admin/auth/group/add/", name="same"),
    "delete group": post("/admin/auth/group/{group}/delete/", post="yes"),
    "delete users": post("/admin/auth/user/", action="delete_selected", _selected_action="{guest}", post="yes"),
    "edit picture": post("/admin/generation/sourceimage/{picture}/change/", title="T{number}"),
    "delete picture": post("/admin/generation/sourceimage/{picture}/delete/", post="yes"),
    "add picture": add_picture,
    "regenerate": regenerate,
    "publish": lambda w, i: actions.publish(study=w.draft, by=w.owner),
    "page edit": lambda w, i: actions.edit_study(study=w.draft, by=w.owner, title=f"Title {i}"),
    "share": lambda w, i: actions.share(study=w.draft, user=w.guest, role="viewer", by=w.owner),
    "create": lambda w, i: actions.create_study(by=w.guest, title="Made by a guest"),
    "form edit": post("/studies/{slug}/", title="T{number}"),
    "form delete": post("/studies/{slug}/remove/"),
    "form publish": post("/studies/{slug}/publish/"),
    "form picture": post("/pictures/{public_id}/", title="T{number}"),
    "run": lambda w, i: make_run([w.picture]),
    "sketch": lambda w, i: making.sketch(
        picture=w.picture, emotion="awe", target=None, composer="paper", seed=i, by=w.guest
    ),
}
NEIGHBOURS = [
    ("edit study", "publish"),
    ("edit study", "delete study"),
    ("edit study", "page edit"),
    ("delete study", "publish"),
    ("delete study", "page edit"),
    ("form edit", "form delete"),
    ("form edit", "form publish"),
    ("form picture", "delete picture"),
    ("share inline", "share"),
    ("delete user", "create"),
    ("delete user", "share"),
    ("delete user", "sketch"),
    ("delete users", "create"),
    ("delete user", "edit user"),
    ("delete user", "new password"),
    ("delete picture", "run"),
    ("delete picture", "sketch"),
    ("delete picture", "edit picture"),
    *((name, name) for name in ("add user", "add group", "add picture", "regenerate")),
]
EVERY = {**STEPS, "share inline": SHARE_INLINE}


@pytest.fixture
def ground(settings: Settings, tmp_path: Any) -> SimpleNamespace:
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    admin = get_user_model().objects.create_superuser("admin", password=PASSWORD)
    browsers = [Client(raise_request_exception=False) for _ in range(THREADS)]
    for browser in browsers:
        browser.force_login(admin)
    return SimpleNamespace(versions=make_versions(8), owner=make_researcher("owner"), browsers=browsers)


def build_world(ground: SimpleNamespace, number: int) -> SimpleNamespace:
    get_user_model().objects.filter(username="same").delete()
    Group.objects.filter(name="same").delete()
    guest = make_researcher(f"guest{number}")
    draft = make_study(publish=False, versions=ground.versions, by=ground.owner)
    picture, other = make_picture(10 + 2 * number), make_picture(11 + 2 * number)
    group = Group.objects.create(name=f"group{number}")
    run = make_run([other])
    world = SimpleNamespace(**vars(ground), guest=guest, draft=draft, picture=picture, run=run, group=group)
    world.slug, world.public_id, world.forms = draft.slug, picture.public_id, {}
    addresses = [
        f"/admin/survey/study/{draft.pk}/change/",
        f"/admin/auth/user/{guest.pk}/change/",
        f"/admin/generation/sourceimage/{picture.pk}/change/",
        f"/studies/{draft.slug}/",
        f"/pictures/{picture.public_id}/",
    ]
    world.forms = {address: form_of(world, address) for address in addresses}
    return world


def race(world: SimpleNamespace, first: Step, second: Step) -> Counter[str]:
    def run(number: int) -> str:
        try:
            answer = (first, second)[number % 2](world, number)
        except actions.ActionRefused:
            return "refused"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            return f"{type(error).__name__}: {error}"
        return "refused" if answer in {403, 404, 409} else f"{answer}" if isinstance(answer, int) else "done"

    return Counter(at_once(THREADS, run))


def run_pairs(ground: SimpleNamespace, pairs: Any, *, one_succeeds: bool = True) -> None:
    failed = {}
    for number, (first, second) in enumerate(pairs):
        ended = race(build_world(ground, number), EVERY[first], EVERY[second])
        wrong = [text for text in ended if text not in {"done", "refused", "200", "302"}]
        if wrong or (one_succeeds and not (ended["done"] or ended["302"])):
            failed[first, second] = wrong or dict(ended)
        connection.check_constraints()
    assert failed == {}


@pytest.mark.slow
def test_the_administration_and_its_neighbours_end_in_order(ground: SimpleNamespace) -> None:
    run_pairs(ground, NEIGHBOURS)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_everything_in_the_administration_beside_everything(ground: SimpleNamespace) -> None:
    names = sorted(EVERY)
    pairs = [(first, second) for i, first in enumerate(names) for second in names[i:]]
    run_pairs(ground, pairs, one_succeeds=False)  # studies are only shown in the administration
