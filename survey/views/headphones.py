"""The headphone test: six short sounds, which of the three parts is the odd one?"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from survey import actions
from survey.design.headphones import TRIALS, make_antiphase, make_huggins, to_wav
from survey.models import Participant, Study
from survey.views.participation import find_visitor, go_to_next, show, taking_part

PARTS = (0, 1, 2)


def targets_of(participant: Participant) -> list[int]:
    """Which part is the odd one in each trial: drawn from the participant's secret, told to nobody."""
    secret = f"{settings.SECRET_KEY}:headphones:{participant.token}".encode()
    return [byte % len(PARTS) for byte in hashlib.sha256(secret).digest()[:TRIALS]]


@require_http_methods(["GET", "HEAD", "POST"])
@taking_part("headphones")
def headphones(request: HttpRequest, participant: Participant) -> HttpResponse:
    study = participant.study
    language = study.spoken(participant.language)
    missing = False
    if request.method == "POST":
        heard = [request.POST.get(f"part_{number}", "") for number in range(1, TRIALS + 1)]
        missing = not all(text in {"1", "2", "3"} for text in heard)
        if not missing:
            participant = actions.record_headphones(
                participant=participant,
                heard=[int(text) - 1 for text in heard],
                asked=targets_of(participant),
            )
            return go_to_next(participant)
    context = {
        "study": study,
        "participant": participant,
        "wording": study.wording(language),
        "preview": participant.kind == Participant.Kind.PREVIEW,
        "numbers": range(1, TRIALS + 1),
        "huggins": study.headphone_test == Study.HeadphoneTest.HUGGINS,
        "missing": missing,
        "given": request.POST,
    }
    return show(request, "headphones", context, language=language, status=400 if missing else 200)


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
    response = HttpResponse(to_wav(sound), content_type="audio/wav")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
