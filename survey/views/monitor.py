"""How a study is doing while it runs; what it finds stays hidden until it is closed."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from melodymuse_site.buttons import pressed_on
from survey.actions.reminding import switch_reminders
from survey.models import Study
from survey.queries import may_edit
from survey.queries.monitor import monitor_of
from survey.queries.reminding import due_about
from survey.views.access import of_study


@require_safe
@of_study()
def monitor(request: HttpRequest, study: Study) -> HttpResponse:
    context = {
        "study": study,
        "monitor": monitor_of(study),
        "editable": may_edit(request.user, study),
        "due": due_about(study),
        "sends_mail": bool(settings.EMAIL_HOST),
    }
    response = render(request, "survey/studies/monitor.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@pressed_on("study_monitor", "slug")
@of_study(edit=True)
def reminders(request: HttpRequest, study: Study) -> HttpResponse:
    """Turn mails to the owner on or off."""
    switch_reminders(study=study, by=request.user, on=request.POST.get("on") == "1")
    return redirect("study_monitor", slug=study.slug)
