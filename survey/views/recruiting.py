"""The people a service sent: its table of them, and signed links. Every look at an id is written down."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from melodymuse_site.buttons import pressed_on
from survey import actions
from survey.exports.csv_text import stream_csv
from survey.forms.recruiting import RecruitedForm, SignedLinksForm
from survey.models import Participant, Study
from survey.queries import studies_of_another_key
from survey.queries.identity import kept_outside_ids
from survey.queries.recruiting import STATUSES, recruited
from survey.recruiting import RECRUITERS, signed_link
from survey.views.access import given_link, of_study

COLUMNS = ("id", "code", "status", "reason", "bonus")


@require_safe
@of_study(edit=True)
def recruiting(request: HttpRequest, study: Study) -> HttpResponse:
    return _show(request, study, RecruitedForm(), SignedLinksForm())


def _show(
    request: HttpRequest, study: Study, table: RecruitedForm, links: SignedLinksForm, status: int = 200
) -> HttpResponse:
    people = study.participants.filter(kind=Participant.Kind.PERSON)
    counts = Counter(outcome or "active" for outcome in people.values_list("outcome", flat=True))
    context = {
        "study": study,
        "table": table,
        "links": links,
        "given": given_link(request, study),
        "parameter": RECRUITERS[study.recruiter].person,
        "kept": kept_outside_ids(study).count(),
        "counts": [(label, counts[name]) for name, label in STATUSES.items()],
        "another_key": study in studies_of_another_key(),
    }
    return render(request, "survey/studies/recruiting.html", context, status=status)


@pressed_on("study_recruiting", "slug")
@of_study(edit=True)
def table(request: HttpRequest, study: Study) -> HttpResponse | StreamingHttpResponse:
    form = RecruitedForm(request.POST)
    if not form.is_valid():
        return _show(request, study, form, SignedLinksForm(), status=400)
    ids, per_gold = form.cleaned_data["ids"], form.cleaned_data["per_gold"] or 0
    found = list(recruited(study, ids=ids, per_gold=per_gold))
    actions.note_access(study=study, action="outside_ids", by=request.user, ids=len(found))
    rows = ((one.outside_id, one.code, one.status, one.reason, str(one.bonus)) for one in found)
    return _send(study, "recruiting", COLUMNS, rows)


@pressed_on("study_recruiting", "slug")
@of_study(edit=True)
def links(request: HttpRequest, study: Study) -> HttpResponse | StreamingHttpResponse:
    form = SignedLinksForm(request.POST)
    if not form.is_valid() or not RECRUITERS[study.recruiter].person:
        return _show(request, study, RecruitedForm(), form, status=400)
    ids = form.cleaned_data["ids"]
    address = request.build_absolute_uri(reverse("study_start", args=[study.slug]))
    actions.note_access(study=study, action="signed_links", by=request.user, ids=len(ids))
    return _send(study, "links", ("id", "link"), ((one, signed_link(study, address, one)) for one in ids))


def _send(study: Study, what: str, columns: tuple[str, ...], rows: object) -> StreamingHttpResponse:
    response = StreamingHttpResponse(stream_csv(columns, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}-{what}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
