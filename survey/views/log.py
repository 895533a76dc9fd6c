"""The audit log of a study: who did what, and when."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from survey.models import Study
from survey.views.access import of_study

PER_PAGE = 50


@require_safe
@of_study(edit=True)
def log(request: HttpRequest, study: Study) -> HttpResponse:
    page = Paginator(study.audit.all(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "survey/studies/log.html", {"study": study, "page": page})
