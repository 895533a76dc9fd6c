"""The people of a study: how they took part, and setting one aside by hand. What clips mean is not shown here."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from melodymuse_site.buttons import pressed_on
from survey import actions
from survey.actions import JudgingRefused
from survey.actions.judging import CANNOT_BE_SET_ASIDE
from survey.models import Participant, Study
from survey.queries.participants import OUTCOMES, VERDICTS, describe_people, people_of
from survey.views.access import of_study

PER_PAGE = 50


@require_safe
@of_study(edit=True)
def people(request: HttpRequest, study: Study) -> HttpResponse:
    verdict, outcome = request.GET.get("verdict", ""), request.GET.get("outcome", "")
    page = Paginator(people_of(study, verdict=verdict, outcome=outcome), PER_PAGE).get_page(request.GET.get("page"))
    chosen = {"verdict": verdict if verdict in VERDICTS else "", "outcome": outcome if outcome in OUTCOMES else ""}
    context = {
        "study": study,
        "page": page,
        "people": describe_people(page),
        "verdicts": [(name, label) for name, (label, _) in VERDICTS.items()],
        "outcomes": OUTCOMES.items(),
        "chosen": chosen,
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "fixed": CANNOT_BE_SET_ASIDE,
    }
    return render(request, "survey/studies/people.html", context)


@pressed_on("study_people", "slug")
@of_study(edit=True)
def exclude(request: HttpRequest, study: Study, public_id: str) -> HttpResponse:
    try:
        actions.set_aside(participant=_find(study, public_id), reason=request.POST.get("reason", ""), by=request.user)
    except JudgingRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{public_id} is set aside. The answers stay; results exist with and without them.")
    return _back(request, study, public_id)


@pressed_on("study_people", "slug")
@of_study(edit=True)
def include(request: HttpRequest, study: Study, public_id: str) -> HttpResponse:
    actions.take_back(participant=_find(study, public_id), by=request.user)
    messages.success(request, f"{public_id} is judged by the rules alone again.")
    return _back(request, study, public_id)


def _find(study: Study, public_id: str) -> Participant:
    person = people_of(study).filter(public_id=public_id).first()
    if person is None:
        raise Http404
    return person


def _back(request: HttpRequest, study: Study, public_id: str) -> HttpResponse:
    """To the same page of the same list."""
    known = {name: request.POST.get(name, "")[:20] for name in ("verdict", "outcome", "page")}
    response = redirect("study_people", slug=study.slug)
    response["Location"] += f"?{urlencode({k: v for k, v in known.items() if v})}#{public_id}"
    return response
