"""Who may open what: every address of the site for every kind of visitor. An address without a row here fails."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from generation.models import GenerationRun
from survey import actions
from survey.actions.exporting import request_export
from survey.exports.making import run_export
from survey.models import AuditEntry, Lesson, LessonStudy, ReportJob, Study
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

ROLES = ("stranger", "account", "viewer", "other", "editor", "owner", "admin")
OPEN, LOGIN, FORBIDDEN, MISSING = "open", "login", "forbidden", "missing"


def outcomes(*expected: str) -> dict[str, str]:
    return dict(zip(ROLES, expected, strict=True))


# stranger, somebody with an account, viewer of the study, researcher of another study, editor, owner, admin
EVERYBODY = outcomes(*[OPEN] * 7)
ANYONE_LOGGED_IN = outcomes(LOGIN, *[OPEN] * 6)
RESEARCHERS = outcomes(LOGIN, FORBIDDEN, FORBIDDEN, OPEN, OPEN, OPEN, OPEN)
MEMBERS = outcomes(LOGIN, MISSING, OPEN, MISSING, OPEN, OPEN, OPEN)
EDITORS = outcomes(LOGIN, MISSING, MISSING, MISSING, OPEN, OPEN, OPEN)
ADMINS = outcomes(LOGIN, LOGIN, LOGIN, LOGIN, LOGIN, LOGIN, OPEN)
IMPORTERS = outcomes(LOGIN, *[FORBIDDEN] * 5, OPEN)
NOBODY_WITHOUT_A_TOKEN = outcomes(*[MISSING] * 7)  # a login opens nothing of the API
MAKER_AND_RESEARCHERS = outcomes(LOGIN, MISSING, MISSING, OPEN, OPEN, OPEN, OPEN)

ROWS: dict[str, tuple[str, dict[str, str]]] = {
    "home": ("GET", EVERYBODY),
    "healthz": ("GET", EVERYBODY),
    "metrics": ("GET", outcomes(*[MISSING] * 7)),  # without its token
    "status": ("GET", IMPORTERS),
    "media": ("GET", EVERYBODY),
    "set_language": ("POST", EVERYBODY),
    "login": ("GET", EVERYBODY),
    "logout": ("POST", EVERYBODY),
    "password_change": ("GET", ANYONE_LOGGED_IN),
    "password_change_done": ("GET", ANYONE_LOGGED_IN),
    "password_reset": ("GET", EVERYBODY),
    "password_reset_done": ("GET", EVERYBODY),
    "password_reset_confirm": ("GET", EVERYBODY),
    "password_reset_complete": ("GET", EVERYBODY),
    **dict.fromkeys(
        [
            *("pictures", "picture_labels", "picture", "runs", "run_new", "run", "run_progress", "run_pace"),
            *("pairs", "pair_version", "pair_version_state"),
        ],
        ("GET", RESEARCHERS),
    ),
    **dict.fromkeys(["picture_relabel", "run_cancel", "run_retry", "pairs_regenerate"], ("POST", RESEARCHERS)),
    "run_retry_parked": ("POST", IMPORTERS),
    "clip_imports": ("GET", IMPORTERS),
    "create": ("GET", ANYONE_LOGGED_IN),  # without PUBLIC_CREATE, as are the next four
    **dict.fromkeys(["visit", "visit_state", "visit_file"], ("GET", outcomes(*[MISSING] * 7))),
    "visit_again": ("POST", outcomes(*[MISSING] * 7)),
    "create_from": ("GET", ANYONE_LOGGED_IN),
    "create_label": ("GET", ANYONE_LOGGED_IN),
    "listen": ("GET", ANYONE_LOGGED_IN),
    "listen_answer": ("POST", ANYONE_LOGGED_IN),
    "listen_stop": ("POST", ANYONE_LOGGED_IN),
    "listen_answers": ("GET", RESEARCHERS),
    "create_clip": ("GET", MAKER_AND_RESEARCHERS),
    "create_keep": ("POST", MAKER_AND_RESEARCHERS),
    "studies": ("GET", ANYONE_LOGGED_IN),
    "study_new": ("GET", RESEARCHERS),
    "planning": ("GET", ANYONE_LOGGED_IN),
    "lessons": ("GET", ANYONE_LOGGED_IN),
    **dict.fromkeys(["lesson", "lesson_state"], ("GET", MEMBERS)),
    **dict.fromkeys(["lesson_cancel", "lesson_test"], ("POST", EDITORS)),
    "glossary": ("GET", ANYONE_LOGGED_IN),
    **dict.fromkeys(["study", "study_preregistration", "study_monitor"], ("GET", MEMBERS)),
    **dict.fromkeys(
        [
            "study_clips",
            "study_questions",
            "study_question",
            "study_question_new",
            "study_people",
            "study_recruiting",
            "study_invite",
            "study_qr",
            "study_log",
            "study_links",
            "study_publish",
            "study_pilot",
            "study_pilot_state",
        ],
        ("GET", EDITORS),
    ),
    **dict.fromkeys(
        [
            *("study_preview", "study_close", "study_new_version", "study_remove"),
            *("study_share", "study_unshare", "study_person_exclude", "study_person_include"),
            *("study_pilot_cancel", "study_pilot_remove", "study_reminders"),
            *("study_recruited", "study_signed_links", "study_question_remove", "study_link_revoke"),
        ],
        ("POST", EDITORS),
    ),
    **dict.fromkeys(
        [
            *("study_start", "study_sound", "study_headphones", "study_headphone_sound", "study_clip"),
            "study_check_tones",
            *("study_before", "study_screening", "study_about", "study_end", "study_resume", "study_withdraw"),
        ],
        ("GET", EVERYBODY),
    ),
    "short_address": ("GET", EVERYBODY),
    "study_events": ("POST", EVERYBODY),
    "study_another": ("POST", EVERYBODY),
    **dict.fromkeys(
        [
            *("results", "results_section", "results_csv", "results_codebook", "results_json", "results_report"),
            *("results_report_pdf", "results_figure", "results_schema", "results_report_codebook"),
        ],
        ("GET", MEMBERS),
    ),
    **dict.fromkeys(
        [
            *(
                "shared",
                "shared_section",
                "shared_json",
                "shared_report",
                "shared_report_pdf",
                "shared_figure",
                "shared_schema",
            ),
            *("shared_report_codebook", "shared_making"),
        ],
        ("GET", EVERYBODY),  # who holds the link
    ),
    "api_tokens": ("GET", ANYONE_LOGGED_IN),
    "api_token_revoke": ("POST", ANYONE_LOGGED_IN),
    **dict.fromkeys(
        [
            *("api_openapi", "api_studies", "api_study", "api_responses", "api_report", "api_report_state"),
            *("api_codebook", "api_courses", "api", "api_missing"),
        ],
        ("GET", NOBODY_WITHOUT_A_TOKEN),
    ),
    "results_compute": ("POST", MEMBERS),
    "results_making": ("GET", MEMBERS),
    "results_open": ("POST", EDITORS),
    "results_export": ("POST", EDITORS),
    "results_export_state": ("GET", EDITORS),
    "results_export_fetch": ("GET", EDITORS),
    "results_export_cancel": ("POST", EDITORS),
    "administration": ("GET", ADMINS),
    "admin:index": ("GET", ADMINS),
    "admin:survey_study_changelist": ("GET", ADMINS),
    "admin:survey_participant_changelist": ("GET", ADMINS),
    "admin:survey_auditentry_changelist": ("GET", ADMINS),
    "admin:generation_actionrecord_changelist": ("GET", ADMINS),
    "admin:auth_user_changelist": ("GET", ADMINS),
    "admin:axes_accesslog_changelist": ("GET", ADMINS),
}
# Where a row needs something that nothing here has made: who may is asked of an address that is not there.
ABSENT: dict[str, tuple[str, dict[str, str]]] = {
    "clip_import": ("GET", outcomes(LOGIN, *[FORBIDDEN] * 5, MISSING)),
    "clip_import_progress": ("GET", outcomes(LOGIN, *[FORBIDDEN] * 5, MISSING)),
    "listen_clip": ("GET", outcomes(LOGIN, *[MISSING] * 6)),
    **dict.fromkeys(["score", "score_svg", "score_pdf"], ("GET", outcomes(LOGIN, *[FORBIDDEN] * 2, *[MISSING] * 4))),
}


def names(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.name)


def test_every_address_has_a_row() -> None:
    rows = {name for name in {**ROWS, **ABSENT} if not name.startswith("admin:")}
    assert rows == set(names(get_resolver().url_patterns))


@pytest.fixture
def site(transactional_db: None, settings: Any, tmp_path: Any) -> SimpleNamespace:
    """A running study with opened results, people, a pack; and one visitor of every kind."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    users = {name: get_user_model().objects.create_user(name, password="a long password") for name in ROLES[1:]}
    get_user_model().objects.filter(username="admin").update(is_staff=True, is_superuser=True)
    for name, group in (("viewer", "Viewers"), ("other", "Researchers"), ("editor", "Researchers")):
        users[name].groups.add(Group.objects.get(name=group))
    users["owner"].groups.add(Group.objects.get(name="Researchers"))
    versions = make_versions(2)
    study = make_study(versions=versions, by=users["owner"])
    make_study(versions=versions, by=users["other"], title="Another")
    for role in ("viewer", "editor"):
        actions.share(study=study, user=users[role], role=role, by=users["owner"])
    person = answer_study(study, people=2)[0]
    actions.open_results(study=study, by=users["owner"])
    actions.set_invitation(study=study, word="listen", paid="", by=users["owner"])
    job = request_export(study=study, by=users["owner"])
    run_export(job.pk)
    report_job = ReportJob.objects.create(study=study)
    lesson = Lesson.objects.create(seed=1)
    LessonStudy.objects.create(lesson=lesson, study=study, role=LessonStudy.Role.TAUGHT)
    _, secret = actions.make_results_link(study=study, by=users["owner"], name="Anna", expires_at=None)
    clients = {name: Client() for name in ROLES}
    for name, user in users.items():
        clients[name].force_login(user)
    run = GenerationRun.objects.get(pk=versions[0].run_id)
    return SimpleNamespace(
        study=study,
        person=person,
        job=job,
        report_job=report_job,
        lesson=lesson,
        version=versions[0],
        run=run,
        clients=clients,
        secret=secret,
    )


def address(site: SimpleNamespace, name: str) -> str:
    version, job = site.version, site.job
    slug, packs = {"slug": site.study.slug}, ("results_export_state", "results_export_fetch", "results_export_cancel")
    own: dict[str, dict[str, Any]] = {
        "media": {"name": version.audio},
        "visit": {"token": "0" * 32},
        "visit_again": {"token": "0" * 32},
        "visit_state": {"token": "0" * 32},
        "visit_file": {"token": "0" * 32, "name": "picture"},
        "listen_clip": {"token": "0" * 32},
        "short_address": {"word": "listen"},
        "password_reset_confirm": {"uidb64": "MQ", "token": "a-b"},
        "results_making": {**slug, "public_id": site.report_job.public_id},
        "results_figure": {**slug, "name": "confusion", "extension": "svg"},
        "results_section": {**slug, "name": "clips"},
        "study_headphone_sound": {**slug, "number": 1},
        "study_check_tones": {**slug, "number": 1},
        "study_person_exclude": {**slug, "public_id": site.person.public_id},
        "study_person_include": {**slug, "public_id": site.person.public_id},
        **{key: {**slug, "key": "humming"} for key in ("study_question", "study_question_remove")},
        "study_resume": {**slug, "token": site.person.token},
        "study_withdraw": {**slug, "token": site.person.token},
        **{key: {**slug, "public_id": job.public_id} for key in packs},
        **{
            key: {"public_id": site.lesson.public_id}
            for key in ("lesson", "lesson_state", "lesson_cancel", "lesson_test")
        },
    }
    shared, made = {"secret": site.secret}, {"public_id": site.report_job.public_id}
    own |= {key: shared for key in ROWS if key.startswith("shared")}
    own |= {
        "shared_section": {**shared, "name": "clips"},
        "shared_making": {**shared, **made},
        "shared_figure": {**own["results_figure"], **shared},
    }
    del own["shared_figure"]["slug"]
    own |= {f"api_{key}": slug for key in ("study", "responses", "courses", "report", "codebook")}
    own |= {"api_report_state": {**slug, **made}, "api_missing": {"rest": "nothing"}}
    rows = (
        (version.pair.image.public_id, ("picture", "picture_relabel", "create_from", "create_label")),
        (site.run.public_id, ("run", "run_progress", "run_pace", "run_cancel", "run_retry", "run_retry_parked")),
        (version.public_id, ("score", "score_svg", "score_pdf")),
        (version.public_id, ("pair_version", "pair_version_state", "create_clip", "create_keep")),
        (uuid.UUID(int=0), ("clip_import", "clip_import_progress")),
    )
    own |= {key: {"public_id": public_id} for public_id, keys in rows for key in keys}
    of_study = name.startswith(("study_", "results")) and name != "study_new"
    return reverse(name, kwargs=own.get(name, slug if of_study or name == "study" else {}))


def read_outcome(response: Any, name: str) -> str:
    assert response.status_code < 500 or name == "healthz", response.status_code  # which says that no broker runs here
    if response.status_code == 302 and "/login/" in response["Location"] and name != "login":
        return LOGIN
    return {401: MISSING, 403: FORBIDDEN, 404: MISSING}.get(response.status_code, OPEN)


def ask_as_everybody(site: SimpleNamespace, name: str, method: str) -> dict[str, str]:
    """What each visitor gets; nothing of it stays."""
    found, where = {}, address(site, name)
    for role in ROLES:
        client, cookies = site.clients[role], deepcopy(site.clients[role].cookies)
        with transaction.atomic():
            response = getattr(client, method.lower())(where)
            found[role] = read_outcome(response, name)
            if response.streaming:
                b"".join(response.streaming_content)
            transaction.set_rollback(True)
        client.cookies = cookies
    return found


def test_each_visitor_gets_what_is_theirs(site: SimpleNamespace) -> None:
    rows = {**ROWS, **ABSENT}
    found = {name: ask_as_everybody(site, name, method) for name, (method, _) in rows.items()}
    wrong = {name: found[name] for name, (_, expected) in rows.items() if found[name] != expected}
    assert wrong == {}


# Django's own language switch answers a link with a redirect and changes nothing; events carry a token of their own.
CHANGING = sorted({name for name, (method, _) in ROWS.items() if method == "POST"} - {"set_language", "study_events"})


def test_what_changes_something_is_not_done_by_following_a_link(site: SimpleNamespace) -> None:
    before = AuditEntry.objects.count(), Study.objects.count(), Study.objects.get(pk=site.study.pk).status
    codes = {name: site.clients["admin"].get(address(site, name)).status_code for name in CHANGING}
    # Logging out has no page, closing asks on one; all others lead to the page with their button.
    assert codes == {**dict.fromkeys(CHANGING, 302), "logout": 405, "study_close": 200}
    assert (AuditEntry.objects.count(), Study.objects.count(), Study.objects.get(pk=site.study.pk).status) == before


def test_what_changes_something_needs_a_form_of_this_site(site: SimpleNamespace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(site.study.owner)
    codes = {name: client.post(address(site, name)).status_code for name in CHANGING}
    assert codes == dict.fromkeys(CHANGING, 403)


def test_whom_a_study_is_no_longer_shared_with_is_out(site: SimpleNamespace) -> None:
    editor = site.clients["editor"]
    assert editor.get(address(site, "study_people")).status_code == 200
    actions.unshare(study=site.study, username="editor", by=site.study.owner)
    assert editor.get(address(site, "study_people")).status_code == 404


def test_a_viewers_list_of_studies_holds_only_shared_ones(site: SimpleNamespace) -> None:
    page = site.clients["viewer"].get("/studies/").content.decode()
    assert ("A study" in page, "Another" in page) == (True, False)
    assert "New study" not in page
    assert Study.objects.count() == 2


def test_buttons_that_a_viewer_may_not_use_are_not_shown(site: SimpleNamespace) -> None:
    page = site.clients["viewer"].get(address(site, "study")).content.decode()
    for name in ("study_close", "study_share", "study_people", "study_log", "study_new_version", "study_preview"):
        assert address(site, name) not in page
        assert address(site, name) in site.clients["owner"].get(address(site, "study")).content.decode()
