"""Addresses of studies, participation and results."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from survey.views import (
    clips,
    headphones,
    inviting,
    lessons,
    links,
    log,
    making,
    monitor,
    participant,
    people,
    pilots,
    questions,
    recruiting,
    studies,
    tokens,
    trials,
)
from survey.views import exports as exports_views
from survey.views import planning as planning_views
from survey.views import results as results_views
from survey.views import sections as sections_views
from survey.views import waiting as waiting_views
from survey.views.api import endpoints as api

researcher: list[URLPattern] = [
    path("studies/", studies.studies, name="studies"),
    path("studies/new/", making.new, name="study_new"),
    path("studies/<slug:slug>/", studies.study, name="study"),
    path("studies/<slug:slug>/clips/", clips.clips, name="study_clips"),
    path("studies/<slug:slug>/questions/", questions.questions, name="study_questions"),
    path("studies/<slug:slug>/new-question/", questions.write, name="study_question_new"),
    path("studies/<slug:slug>/questions/<slug:key>/", questions.change, name="study_question"),
    path("studies/<slug:slug>/questions/<slug:key>/remove/", questions.remove, name="study_question_remove"),
    path("studies/<slug:slug>/preview/", studies.preview, name="study_preview"),
    path("studies/<slug:slug>/pilot/", pilots.pilot, name="study_pilot"),
    path("studies/<slug:slug>/pilot/state.json", pilots.state, name="study_pilot_state"),
    path("studies/<slug:slug>/pilot/cancel/", pilots.cancel, name="study_pilot_cancel"),
    path("studies/<slug:slug>/pilot/remove/", pilots.remove, name="study_pilot_remove"),
    path("studies/<slug:slug>/publish/", studies.publish, name="study_publish"),
    path("studies/<slug:slug>/close/", studies.close, name="study_close"),
    path("studies/<slug:slug>/version/", studies.new_version, name="study_new_version"),
    path("studies/<slug:slug>/remove/", studies.remove, name="study_remove"),
    path("studies/<slug:slug>/share/", studies.share, name="study_share"),
    path("studies/<slug:slug>/unshare/", studies.unshare, name="study_unshare"),
    path("studies/<slug:slug>/links/", links.links, name="study_links"),
    path("studies/<slug:slug>/links/revoke/", links.revoke, name="study_link_revoke"),
    path("studies/<slug:slug>/preregistration.md", studies.preregistration, name="study_preregistration"),
    path("studies/<slug:slug>/monitor/", monitor.monitor, name="study_monitor"),
    path("studies/<slug:slug>/monitor/reminders/", monitor.reminders, name="study_reminders"),
    path("studies/<slug:slug>/people/", people.people, name="study_people"),
    path("studies/<slug:slug>/people/<slug:public_id>/exclude/", people.exclude, name="study_person_exclude"),
    path("studies/<slug:slug>/people/<slug:public_id>/include/", people.include, name="study_person_include"),
    path("studies/<slug:slug>/invite/", inviting.invite, name="study_invite"),
    path("studies/<slug:slug>/invite/code.svg", inviting.code, name="study_qr"),
    path("studies/<slug:slug>/recruiting/", recruiting.recruiting, name="study_recruiting"),
    path("studies/<slug:slug>/recruiting/table.csv", recruiting.table, name="study_recruited"),
    path("studies/<slug:slug>/recruiting/links.csv", recruiting.links, name="study_signed_links"),
    path("studies/<slug:slug>/log/", log.log, name="study_log"),
]
# Behind `study/<slug>/`, before all others (`melodymuse_site/urls.py`).
participation: list[URLPattern] = [
    path("", participant.start, name="study_start"),
    path("another/", participant.another, name="study_another"),
    path("screening/", participant.screening, name="study_screening"),
    path("sound/", participant.sound, name="study_sound"),
    path("sound/<int:number>.wav", participant.check_tones, name="study_check_tones"),
    path("headphones/", headphones.headphones, name="study_headphones"),
    path(
        "headphones/<int:number>.wav",
        headphones.headphone_sound,
        name="study_headphone_sound",
    ),
    path("before/", participant.before, name="study_before"),
    path("clip/", trials.clip, name="study_clip"),
    path("events/", trials.events, name="study_events"),
    path("about/", participant.about, name="study_about"),
    path("end/", participant.end, name="study_end"),
    path("resume/<str:token>/", participant.resume, name="study_resume"),
    path("withdraw/<str:token>/", participant.withdraw, name="study_withdraw"),
]
# With or without a slash at its end: people type these from a poster.
short: list[URLPattern] = [
    path("s/<slug:word>/", inviting.short, name="short_address"),
    path("s/<slug:word>", inviting.short, name="short_address"),  # the last one is what pages show
]


def readable(name: str) -> list[URLPattern]:
    """What whoever may read results opens, with names that begin with `name`.

    Below /results/<slug>/ stands all of it for members, below /shared/<secret>/ for whoever holds a link. A page that
    is added here is there for both; its view says `of_study(linked=True)`, its address is `reader.address("…")` or, in
    templates, `{% results_url "…" %}`.
    """
    return [
        path("", results_views.results, name=name),
        path("sections/<slug:name>/", sections_views.section, name=f"{name}_section"),
        path("making/<uuid:public_id>.json", waiting_views.report_state, name=f"{name}_making"),
        path("report-codebook.csv", results_views.report_codebook_csv, name=f"{name}_report_codebook"),
        path("report.schema.json", results_views.report_schema_json, name=f"{name}_schema"),
        path("report.json", results_views.report_json, name=f"{name}_json"),
        path("report/", results_views.report_page, name=f"{name}_report"),
        path("report.pdf", results_views.report_pdf, name=f"{name}_report_pdf"),
        re_path(
            r"^figures/(?P<name>[\w-]+)\.(?P<extension>svg|png|pdf|csv)$",
            results_views.figure_file,
            name=f"{name}_figure",
        ),
    ]


results: list[URLPattern | URLResolver] = [
    path("taught/", lessons.lessons, name="lessons"),
    path("taught/<uuid:public_id>/", lessons.lesson, name="lesson"),
    path("taught/<uuid:public_id>/state.json", lessons.state, name="lesson_state"),
    path("taught/<uuid:public_id>/test/", lessons.begin_test, name="lesson_test"),
    path("taught/<uuid:public_id>/cancel/", lessons.cancel, name="lesson_cancel"),
    path("planning/", planning_views.planning, name="planning"),
    path("results/<slug:slug>/", include(readable("results"))),
    path("shared/<str:secret>/", include(readable("shared"))),
    path("results/<slug:slug>/compute/", results_views.compute, name="results_compute"),
    path("results/<slug:slug>/open/", results_views.open_early, name="results_open"),
    path("results/<slug:slug>/responses.csv", results_views.responses_csv, name="results_csv"),
    path("results/<slug:slug>/codebook.csv", results_views.codebook_csv, name="results_codebook"),
    path("results/<slug:slug>/exports/", exports_views.ask, name="results_export"),
    path("results/<slug:slug>/exports/<uuid:public_id>.json", exports_views.state, name="results_export_state"),
    path("results/<slug:slug>/exports/<uuid:public_id>.zip", exports_views.fetch, name="results_export_fetch"),
    path("results/<slug:slug>/exports/<uuid:public_id>/cancel/", exports_views.cancel, name="results_export_cancel"),
]
programs: list[URLPattern | URLResolver] = [
    path("accounts/tokens/", tokens.tokens, name="api_tokens"),
    path("accounts/tokens/revoke/", tokens.revoke, name="api_token_revoke"),
    path("api/v1/", include(api.urlpatterns)),
]
urlpatterns: list[URLPattern | URLResolver] = [*researcher, *results, *programs]
