"""One trial after the other: showing a clip, taking its answer and its events."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from melodymuse_site.readable import refuses_itself
from survey import actions
from survey.actions import ActionRefused, AnswerRefused, Stored
from survey.first_words import instructions_for, question_about, split_question
from survey.forms import AnswerForm, EventsForm
from survey.models import Participant, Response, Study, Trial
from survey.queries import (
    StimulusFacts,
    asked_at,
    facts_of,
    find_at_trial,
    find_study,
    is_idle,
    next_step,
    progress_of,
    stimulus_facts,
    study_choices,
    what_comes,
    word_asked,
)
from survey.queries.glosses import glosses_of
from survey.questions import When
from survey.views.clip_page import can_be_filled, show_filled
from survey.views.participation import (
    COOKIE,
    FORM_METHODS,
    admit,
    find_visitor,
    go_to_next,
    remember,
    send_on,
    show_step,
)
from survey.wording import names_emotion


@refuses_itself
@require_http_methods(FORM_METHODS)
def clip(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method == "POST":
        study = find_study(slug)
        return _take_answer(request, study) if study else redirect("study_start", slug=slug)
    found = find_at_trial(slug, request.COOKIES.get(COOKIE, ""))
    participant = admit(request, found[0] if found else None)
    if found is None or participant is None:
        return redirect("study_start", slug=slug)
    return _show_next(request, participant, waiting=found[1])


def _show_next(request: HttpRequest, participant: Participant, waiting: Trial | None) -> HttpResponse:
    """The page of the clip that comes now; the way to another page where that comes first or no clip is left."""
    if next_step(participant, trials_left=True) != "clip":
        return go_to_next(participant)
    if is_idle(participant) and actions.restart_if_idle(participant=participant):
        return redirect("study_sound", slug=participant.study.slug)
    trial = actions.give_trial(participant=participant, waiting=waiting)
    if trial is None:
        return go_to_next(participant, trials_left=False)
    actions.show_trial(trial=trial, participant=participant)
    return _show_clip(request, participant, trial)


def _take_answer(request: HttpRequest, study: Study) -> HttpResponse:
    """Store and move on. The trial's token says whose answer it is, so a lost cookie loses nothing."""
    form = AnswerForm(request.POST, questions=asked_at(study, When.CLIP))
    try:
        if not form.is_valid():
            raise _unreadable(form)
        stored = actions.record_answer(study=study, token=form.cleaned_data["trial"], answer=form.answer())
    except AnswerRefused as error:
        return _refuse_answer(request, study, error, form.cleaned_data.get("trial", ""))
    participant = stored.trial.participant
    if admit(request, participant) is None:
        return redirect("study_start", slug=study.slug)
    if _wants_json(request):
        return remember(_tell_next(request, participant, stored), participant)
    return remember(go_to_next(participant, trials_left=stored.goes_on), participant)


def _tell_next(request: HttpRequest, participant: Participant, stored: Stored) -> JsonResponse:
    """Where the script goes on, and where that is a clip also its page: the browser need not ask for it."""
    try:
        comes = (
            go_to_next(participant, trials_left=False)
            if stored.goes_on is False
            else _show_next(request, participant, waiting=stored.given)
        )
    except ActionRefused:  # the answer is stored all the same: the page is asked for as ever
        comes = go_to_next(participant)
    if "Location" in comes.headers:
        return JsonResponse({"stored": True, "next": comes.headers["Location"]})
    address = reverse("study_clip", args=[participant.study.slug])
    return JsonResponse({"stored": True, "next": address, "page": comes.content.decode()})


def _unreadable(form: AnswerForm) -> AnswerRefused:
    """The first thing that could not be read; of a further question its own words for it."""
    first = next(iter(form.errors))
    if any(question.field == first and question.in_table for question in form.questions):
        return AnswerRefused(form.errors[first][0], field=first)
    return AnswerRefused(_("Something on this page could not be read. Please answer again."), field=first)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _refuse_answer(request: HttpRequest, study: Study, error: AnswerRefused, token: str) -> HttpResponse:
    participant = find_visitor(request, study.slug)
    if _wants_json(request):
        with override(study.spoken(participant.language) if participant else study.language):
            problem = {"stored": False, "problem": str(error), "field": error.field}
        return JsonResponse(problem, status=400)
    if participant is None:
        return redirect("study_start", slug=study.slug)
    if Trial.objects.filter(token=token).exclude(participant=participant).exists():
        return send_on(participant)
    if next_step(participant) != "clip":
        return go_to_next(participant)
    trial = actions.give_trial(participant=participant)
    if trial is None:
        return go_to_next(participant)
    return _show_clip(request, participant, trial, problem=error, status=400)


def _show_clip(
    request: HttpRequest,
    participant: Participant,
    trial: Trial,
    problem: AnswerRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    study = participant.study
    language = study.spoken(participant.language)
    labels = {choice.slug: choice.label_in(language) for choice in study_choices(study)}
    facts = facts_of(study)
    stimulus, second = facts[trial.stimulus_id], facts.get(trial.second_id)
    wording = study.wording(participant.language)
    comes = what_comes(participant)
    shown = {
        "trial": trial,
        "stimulus": stimulus,
        "second": second,
        "options": [(slug, labels[slug]) for slug in trial.option_order if slug in labels],
        "question": split_question(
            question_about(wording, stimulus.presentation),
            word_asked(stimulus_facts(study), trial.asked_emotion, language),
        ),
        "instructions": _instructions(wording, trial, stimulus, comes),
        "comes": comes,
        "progress": progress_of(participant, trial),
        "description": _description(stimulus),
    }
    # Of attention trials nothing is kept ready: each asks for an answer of its own.
    instructed = labels.get(trial.instructed, "")
    practised = _practised(participant, trial)
    if problem is None and practised is None and not instructed and can_be_filled(request, study):
        preview = participant.kind == Participant.Kind.PREVIEW
        return show_filled(request, study=study, language=language, preview=preview, **shown)
    return show_step(
        request,
        "clip",
        participant,
        status=status,
        form=AnswerForm(
            request.POST if problem else None,
            questions=asked_at(study, When.CLIP, hears_music=stimulus.has_audio),
        ),
        given=request.POST if problem else {},
        problem=problem,
        practised=practised,
        instructed=instructed,
        glosses=glosses_of(study, language),
        **shown,
    )


def _instructions(wording: Mapping[str, str], trial: Trial, stimulus: StimulusFacts, comes: str) -> str:
    """Shown on the first trial; where music and pictures alone are mixed, on the first of either sort."""
    if trial.position > 1:
        if comes != "mixed":
            return ""
        before = Trial.objects.filter(participant=trial.participant_id, position__lt=trial.position)
        silent = before.filter(stimulus__audio_sha256="")
        if (before.exclude(stimulus__audio_sha256="") if stimulus.has_audio else silent).exists():
            return ""
    return instructions_for(wording, stimulus.presentation)


def _description(stimulus: StimulusFacts) -> str:
    """The picture in words, unless the words name an emotion: then the page says only that it is a picture.

    Such words are not copied to a stimulus; a study published earlier, or before a word was known, may hold some.
    """
    return "" if names_emotion(stimulus.picture_words) else stimulus.picture_words


def _practised(participant: Participant, trial: Trial) -> int | None:
    """After a practice trial: how many seconds of the clip were heard, where it was measured."""
    if trial.position < 2 or participant.plan[trial.position - 2] != Trial.Kind.PRACTICE:
        return None
    before = Response.objects.filter(trial__participant=participant, trial__position=trial.position - 1)
    heard = before.values_list("played_seconds", "second_played_seconds").first()
    return None if heard is None or heard[0] is None else round(heard[0] + (heard[1] or 0.0))


@refuses_itself
@require_POST
def events(request: HttpRequest, slug: str) -> HttpResponse:
    """What the page saw during a trial. A batch sent again is harmless.

    `stored` is true where every event of the batch is stored; `refused` says of each other one what is wrong, and
    those are not worth sending again. 400 means that nothing of the batch is stored.
    """
    study = find_study(slug)
    form = EventsForm(request.POST)
    if study is None or not form.is_valid():
        problem = next((texts[0] for texts in form.errors.values()), "This study is not known.")
        return JsonResponse({"stored": False, "kept": 0, "problem": problem}, status=400)
    told, refused = form.cleaned_data["events"], dict(form.refused)
    try:
        stored = actions.record_events(study=study, token=form.cleaned_data["trial"], events=list(told.values()))
    except AnswerRefused as error:
        return JsonResponse({"stored": False, "kept": 0, "problem": str(error)}, status=400)
    refused |= {
        place: "Another event has this number." for place, is_there in zip(told, stored, strict=True) if not is_there
    }
    if not refused:
        return JsonResponse({"stored": True})
    told_of = [{"place": place, "problem": problem} for place, problem in sorted(refused.items())]
    answer = {"stored": False, "kept": sum(stored), "refused": told_of}
    return JsonResponse(answer, status=200 if any(stored) else 400)
