"""The headphone test: six short sounds, which of the three parts is the odd one?"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from melodymuse_site.readable import refuses_itself
from survey import actions
from survey.actions.hearing import name_headphones, targets_of
from survey.design.headphones import SECONDS, TRIALS, make_antiphase, make_huggins, to_wav
from survey.forms import HeadphonesForm
from survey.models import Participant, Study
from survey.views.participation import FORM_METHODS, find_visitor, go_to_next, send_sound, show_step, taking_part


@refuses_itself
@require_http_methods(FORM_METHODS)
@taking_part("headphones")
def headphones(request: HttpRequest, participant: Participant) -> HttpResponse:
    study = participant.study
    form = HeadphonesForm(request.POST)
    problem = ""
    if request.method == "POST":
        stored = actions.record_headphones(participant=participant, heard=form.heard(), played=form.played())
        if not stored.problem:
            return go_to_next(stored.participant)
        problem = stored.problem
    return show_step(
        request,
        "headphones",
        participant,
        status=400 if problem else 200,
        sounds=form.sounds(),
        seconds=SECONDS,
        huggins=study.headphone_test == Study.HeadphoneTest.HUGGINS,
        problem=problem,
    )


@require_safe
def headphone_sound(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    participant = find_visitor(request, slug)
    if participant is None:
        return redirect("study_start", slug=slug)
    if not 1 <= number <= TRIALS:
        raise Http404
    target = targets_of(participant)[number - 1]
    if participant.study.headphone_test == Study.HeadphoneTest.HUGGINS:
        sound = make_huggins(target, seed=participant.pk * TRIALS + number)
    else:
        sound = make_antiphase(target)
    return send_sound(request, participant, name_headphones(number), to_wav(sound))
