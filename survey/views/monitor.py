"""How a study is doing while it runs; what it finds stays hidden until it is closed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from survey.models import Study
from survey.queries import may_edit
from survey.queries.monitor import monitor_of
from survey.views.access import of_study


@require_safe
@of_study()
def monitor(request: HttpRequest, study: Study) -> HttpResponse:
    context = {"study": study, "monitor": monitor_of(study), "editable": may_edit(request.user, study)}
    response = render(request, "survey/studies/monitor.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
