"""Links to the results of a study, for co-authors without an account: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from melodymuse_site.buttons import pressed_on
from survey import actions
from survey.actions import KeyRefused
from survey.forms.reading import LinkForm
from survey.models import Study
from survey.views.access import Reader, of_study

MOST_READINGS = 100
"""Lines of the table of what was read; the newest."""


@require_http_methods(["GET", "HEAD", "POST"])
@of_study(edit=True)
def links(request: HttpRequest, study: Study) -> HttpResponse:
    form = LinkForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _show(request, study, form)
    if not form.is_valid():
        return _show(request, study, form, status=400)
    try:
        link, secret = actions.make_results_link(
            study=study, by=request.user, name=form.cleaned_data["name"], expires_at=form.expires_at
        )
    except KeyRefused as refused:
        form.add_error(None, str(refused))
        return _show(request, study, form, status=409)
    address = request.build_absolute_uri(Reader(request.user, study, link, secret).address())
    return _show(request, study, LinkForm(), made=link, address=address)


def _show(request: HttpRequest, study: Study, form: LinkForm, status: int = 200, **made: Any) -> HttpResponse:
    context = {
        "study": study,
        "form": form,
        "links": study.results_links.select_related("made_by"),
        "readings": study.readings.all()[:MOST_READINGS],
        **made,
    }
    response = render(request, "survey/reading/links.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@pressed_on("study_links", "slug")
@of_study(edit=True)
def revoke(request: HttpRequest, study: Study) -> HttpResponse:
    for link in study.results_links.filter(shown=request.POST.get("link", "")):
        actions.revoke_results_link(study=study, link=link, by=request.user)
        messages.success(request, f"The link for “{link.name}” is revoked: it opens nothing any more.")
    return redirect("study_links", slug=study.slug)
