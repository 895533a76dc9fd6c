"""The participant's pages, from consent to the completion code. Plain forms: they work without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from melodymuse_site.buttons import pressed_on
from melodymuse_site.readable import refuses_itself
from survey import actions
from survey.actions import ActionRefused, AlreadyBegun, AnswerRefused, JoinRefused
from survey.actions.hearing import check_number, name_check, tones_of
from survey.design.devices import DEVICES, is_admitted, name_device
from survey.design.headphones import to_wav
from survey.design.tones import COUNTS, RATE, SECONDS, make_tones
from survey.forms import QuestionsForm, SoundForm, StartForm
from survey.forms.participant import is_of_somebody_else, is_pilot_pass
from survey.models import Participant, Study
from survey.models.participation import HEADPHONE_TEST
from survey.queries import (
    asked_at,
    find_participation,
    find_study,
    hears_music,
    next_step,
    screening_of,
    what_comes,
    whose_outside_id,
)
from survey.queries.debriefing import debriefing_of
from survey.questions import Question, When
from survey.recruiting import OWN_PARAMETER, SIGNATURE, Sent, read_outside_id, return_address
from survey.views.participation import (
    COOKIE,
    FORM_METHODS,
    admit,
    choose_language,
    clear_in_laboratory,
    find_visitor,
    forget,
    go_to_next,
    has_been_left,
    remember,
    send_sound,
    show,
    show_start,
    show_step,
    taking_part,
)
from survey.views.previews import find_previewed, start_preview

CARRIED = (OWN_PARAMETER, SIGNATURE, "pilot")
"""Fields of the consent that say who comes."""


def _closed(request: HttpRequest, study: Study | None) -> HttpResponse:
    """No such study and a draft look the same from outside."""
    known = study is not None and not study.is_draft
    language = choose_language(request, study) if known and study else "en"
    context = {"study": study if known else None, "preview": False}
    return show(request, "closed", context, language=language, status=200 if known else 404)


@refuses_itself
@require_http_methods(FORM_METHODS)
@ensure_csrf_cookie
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """The first page. Who comes is told by the id in the link, and only where it names nobody by the cookie."""
    if previewed := find_previewed(request, slug):
        return start_preview(request, previewed)
    visitor = find_visitor(request, slug)
    study = visitor.study if visitor else find_study(slug)
    if study is None:
        return _closed(request, study)
    sent = read_outside_id(study, request.POST or request.GET)
    pilot = is_pilot_pass(study, (request.POST or request.GET).get("pilot", ""))
    if visitor and not _is_somebody_else(visitor, sent, pilot):
        if not sent.names_somebody and _may_be_another(visitor) and not _agreed_on_this_page(request, visitor):
            return show_step(request, "another", visitor)
        return _go_on(request, visitor)
    if study.is_draft and not pilot:
        return _closed(request, study)
    if request.method == "POST" and not _declines(request) and not _fits(request, study):
        return _show_device(request, study)
    if request.method == "POST":
        return _answer_consent(request, study, sent, pilot)
    known = None if pilot else whose_outside_id(study, sent.outside_id)
    if known:
        known.study = study
        return remember(_go_on(request, known), known) if sent.vouched else _show_begun(request, study)
    if not study.is_open and not pilot:
        return _closed(request, study)
    if has_been_left(request) and not sent.names_somebody and not pilot:
        return _show_another(request, study)
    return show_start(request, study, sent) if _fits(request, study) else _show_device(request, study)


def _declines(request: HttpRequest) -> bool:
    return request.POST.get("consent") == "no"


def _fits(request: HttpRequest, study: Study) -> bool:
    """Whether the study admits the device, as far as the browser's name tells what it is."""
    return is_admitted(request.headers.get("User-Agent", ""), study.devices)


def _go_on(request: HttpRequest, participant: Participant) -> HttpResponse:
    """To the page of somebody who takes part, on a device that the study admits; whoever has ended needs none."""
    goes_on = participant.outcome == Participant.Outcome.ACTIVE and participant.kind != Participant.Kind.PREVIEW
    if goes_on and not _fits(request, participant.study):
        return _show_device(request, participant.study, participant)
    return go_to_next(participant)


def _show_device(request: HttpRequest, study: Study, participant: Participant | None = None) -> HttpResponse:
    """Says which device is needed, before anything is asked. The same link opens the study there: nobody is stored."""
    language = study.spoken(participant.language) if participant else choose_language(request, study)
    context = {
        "study": study,
        "wording": study.wording(language),
        "admitted": [device for device in DEVICES if device in study.devices],
        "link": request.build_absolute_uri(_address_elsewhere(request, participant)),
        "begun": participant is not None,
    }
    return show(request, "device", context, language=language)


def _address_elsewhere(request: HttpRequest, participant: Participant | None) -> str:
    """What opens on another device what was opened here: the same person, whoever sent them."""
    if participant:
        return reverse("study_resume", args=[participant.study.slug, participant.token])
    query = request.GET.copy()
    query.update({name: request.POST[name] for name in CARRIED if request.POST.get(name)})
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _is_somebody_else(visitor: Participant, sent: Sent, pilot: bool) -> bool:
    """Whether somebody else comes than the one whose browser this was.

    That is so where the link names another person. A preview never goes on by a link that participants have, a pilot
    by its own link alone, and a person never by a pilot's.
    """
    if visitor.kind != (Participant.Kind.BOT if pilot else Participant.Kind.PERSON):
        return True
    if not sent.names_somebody:
        return False
    known = whose_outside_id(visitor.study, sent.outside_id)
    return known is None or known.pk != visitor.pk


def _agreed_on_this_page(request: HttpRequest, visitor: Participant) -> bool:
    """Whether the consent that is sent is the visitor's own, pressed twice."""
    form = StartForm(request.POST, study=visitor.study)
    return request.method == "POST" and form.is_valid() and form.cleaned_data["ticket"] == visitor.token


def _may_be_another(visitor: Participant) -> bool:
    """Whether it is asked who comes now, where a link names nobody and somebody took part before."""
    study = visitor.study
    if visitor.is_test:
        return False
    ended = visitor.outcome != Participant.Outcome.ACTIVE
    return study.next_person == Study.NextPerson.LABORATORY or (study.next_person == Study.NextPerson.ASK and ended)


def _show_another(request: HttpRequest, study: Study) -> HttpResponse:
    """Asks who comes, where nothing is known any more of who took part before."""
    language = choose_language(request, study)
    return show(request, "another", {"study": study, "wording": study.wording(language)}, language=language)


def _offers_another(participant: Participant) -> bool:
    """Whether the last page leads to the next person: not where each comes by a link of their own, from at home.

    Nor does it invite whoever was screened out to answer once more. Opened again, the plain link asks in their browser
    too who comes now (`_may_be_another`): that is meant for computers that several people share.
    """
    study = participant.study
    if study.next_person == Study.NextPerson.LABORATORY:
        return True
    return study.recruiter == Study.Recruiter.PLAIN and participant.outcome != Participant.Outcome.SCREENED_OUT


@refuses_itself
@pressed_on("study_start", "slug")
def another(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody else takes part in this browser: it forgets the one before, who keeps their personal link."""
    visitor = find_visitor(request, slug)
    response = redirect("study_start", slug=slug)
    if visitor is None:
        return forget(response, slug) if has_been_left(request) else response
    may_begin = _may_be_another(visitor) and not is_of_somebody_else(request.POST, visitor)
    return forget(response, slug) if may_begin else response


def _show_begun(request: HttpRequest, study: Study) -> HttpResponse:
    return show(request, "begun", {"study": study}, language=choose_language(request, study), status=409)


def _answer_consent(request: HttpRequest, study: Study, sent: Sent, pilot: bool) -> HttpResponse:
    form = StartForm(request.POST, study=study)
    if sent.missing or not form.is_valid():
        return show_start(request, study, sent, problem="choose", status=400)
    data = form.cleaned_data
    kind = Participant.Kind.BOT if pilot else Participant.Kind.PERSON
    comes = {
        "token": data["ticket"],
        "language": data["language"],
        "external_id": sent.outside_id,
        "vouched": sent.vouched,
        "owner": request.COOKIES.get(COOKIE, ""),
    }
    try:
        if data["consent"] == "no":
            participant = actions.decline(study=study, kind=kind, **comes)
        else:
            device = name_device(request.headers.get("User-Agent", ""))
            participant = actions.join(study=study, device=device, kind=kind, **comes)
    except AlreadyBegun:
        return _show_begun(request, study)
    except JoinRefused:
        return _closed(request, study)
    return remember(go_to_next(participant), participant)


@require_safe
def resume(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The personal link: goes on where the person stopped, on whatever device."""
    participant = admit(request, find_participation(slug, token))
    if participant is None:
        return _closed(request, None)
    return remember(_go_on(request, participant), participant)


@refuses_itself
@require_http_methods(FORM_METHODS)
@taking_part("screening")
def screening(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Questions that decide who is let in, before anything is played."""
    asked = screening_of(participant.study, hears_music=hears_music(participant))
    return _ask_person(request, participant, "screening", asked, actions.record_screening)


@refuses_itself
@require_http_methods(FORM_METHODS)
@taking_part("sound")
def sound(request: HttpRequest, participant: Participant) -> HttpResponse:
    form = SoundForm(request.POST)
    problem = ""
    if request.method == "POST":
        checked = actions.check_sound(participant=participant, **form.values())
        if not checked.problem:
            return go_to_next(checked.participant)
        participant, problem = checked.participant, checked.problem
    number = check_number(participant)
    return show_step(
        request,
        "sound",
        participant,
        status=400 if problem else 200,
        number=number,
        counts=COUNTS,
        seconds=SECONDS,
        given=form.values() if form.values()["number"] == number else {},
        problem=problem,
    )


@require_safe
def check_tones(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The sound of the check: a new one for every try."""
    participant = find_visitor(request, slug)
    if participant is None:
        return redirect("study_start", slug=slug)
    if number != check_number(participant):
        raise Http404
    return send_sound(request, participant, name_check(number), to_wav(make_tones(*tones_of(participant)), RATE))


@refuses_itself
@require_http_methods(FORM_METHODS)
@taking_part("before")
def before(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Questions before the clips, where the study asks some."""
    return _ask_person(request, participant, "before", _asked(participant, When.BEFORE), actions.record_before)


@refuses_itself
@require_http_methods(FORM_METHODS)
@taking_part("about")
def about(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Questions after the clips."""
    return _ask_person(request, participant, "about", _asked(participant, When.AFTER), actions.record_background)


def _asked(participant: Participant, when: When) -> list[Question]:
    return asked_at(participant.study, when, hears_music=hears_music(participant))


def _ask_person(
    request: HttpRequest, participant: Participant, page: str, asked: list[Question], store: Callable[..., None]
) -> HttpResponse:
    """Show the questions of one point of a participation, and store what is said to them."""
    study = participant.study
    form = QuestionsForm(request.POST if request.method == "POST" else None, questions=asked)
    problem: ActionRefused | None = None
    with override(study.spoken(participant.language)):
        if form.is_bound and form.is_valid():
            try:
                store(participant=participant, answers=form.said())
            except AnswerRefused as error:
                problem = error
            else:
                return go_to_next(participant)
    return show_step(
        request,
        page,
        participant,
        status=400 if form.is_bound else 200,
        form=form,
        needed=any(question.required for question in asked),
        problem=problem,
        comes=what_comes(participant),
    )


@require_safe
def end(request: HttpRequest, slug: str) -> HttpResponse:
    participant = find_visitor(request, slug)
    if participant is None:
        return redirect("study_start", slug=slug)
    if next_step(participant) != "end":
        return go_to_next(participant)
    if participant.outcome == Participant.Outcome.ACTIVE:
        participant = actions.finish(participant=participant)
    withdraw_url = reverse("study_withdraw", args=[slug, participant.token])
    page = show_step(
        request,
        "end",
        participant,
        withdraw_url=request.build_absolute_uri(withdraw_url),
        headphone_test=HEADPHONE_TEST,
        return_url=return_address(participant.study, participant.completion_code),
        another=_may_be_another(participant) and _offers_another(participant),
        debriefing=debriefing_of(participant),
    )
    return clear_in_laboratory(page, participant) if request.method == "GET" else page


@refuses_itself
@require_http_methods(FORM_METHODS)
def withdraw(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    participant = admit(request, find_participation(slug, token))
    if participant is None:
        return _closed(request, None)
    if request.method == "POST":
        participant = actions.withdraw(participant=participant, by=None)
        response = redirect("study_withdraw", slug=slug, token=token)
        return clear_in_laboratory(response, participant) if request.COOKIES.get(COOKIE) == token else response
    return show_step(request, "withdraw", participant)
