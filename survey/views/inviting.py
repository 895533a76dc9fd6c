"""From a study to its people: addresses, codes and messages to hand out, and the short address itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from survey import actions
from survey.actions import InvitationRefused
from survey.forms.recruiting import InvitationForm
from survey.inviting import draw_code, messages_of
from survey.models import Invitation, Study
from survey.queries import may_edit
from survey.recruiting import CODES, RECRUITERS, handovers
from survey.views.access import of_study


@require_http_methods(["GET", "HEAD", "POST"])
@of_study(edit=True)
def invite(request: HttpRequest, study: Study) -> HttpResponse:
    """Everything that is handed out to find people, ready to copy."""
    if request.method != "POST":
        return _show(request, study, InvitationForm(initial=_stored(study)))
    form = InvitationForm(request.POST)
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            actions.set_invitation(
                study=study, word=chosen["word"], paid=chosen["paid"], sure=chosen["sure"], by=request.user
            )
        except InvitationRefused as refused:
            form.add_error("sure" if refused.needs_confirming else "word", str(refused))
        else:
            messages.success(request, "Saved.")
            return redirect("study_invite", slug=study.slug)
    return _show(request, study, form, status=400)


def _stored(study: Study) -> dict[str, str]:
    """Word and pay as they are; empty where nobody chose any."""
    found = Invitation.objects.filter(study=study).values("word", "paid").first() or {}
    return {name: found.get(name) or "" for name in ("word", "paid")}


def _show(request: HttpRequest, study: Study, form: InvitationForm, status: int = 200) -> HttpResponse:
    stored = _stored(study)
    address = request.build_absolute_uri(reverse("study_start", args=[study.slug]))
    short = request.build_absolute_uri(reverse("short_address", args=[stored["word"]])) if stored["word"] else ""
    service = RECRUITERS[study.recruiter]
    # Whom a service sends comes by the service's own button: a message with the plain address would lead nowhere.
    in_message = "" if service.person else short or address
    handed = handovers(study, address)
    context = {
        "study": study,
        "form": form,
        # A first word is simply chosen; only one that leads here already is given up.
        "asks_whether_sure": bool(stored["word"]) and not study.is_draft,
        "address": address,
        "short": short,
        "code": mark_safe(draw_code(address)),
        "names_people": bool(service.person),
        "handovers": handed,
        "codes": [
            (name, label, getattr(study, name), handed[0].returns.get(name, "") if service.person else study.return_url)
            for name, label in CODES.items()
        ],
        "messages_to_paste": messages_of(study, in_message, stored["paid"]),
    }
    return render(request, "survey/studies/invite.html", context, status=status)


@require_safe
@of_study(edit=True)
def code(request: HttpRequest, study: Study) -> HttpResponse:
    """The code to scan as a file, for posters."""
    address = request.build_absolute_uri(reverse("study_start", args=[study.slug]))
    response = HttpResponse(draw_code(address, whole_file=True), content_type="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}.svg"'
    return response


@require_safe
def short(request: HttpRequest, word: str) -> HttpResponse:
    """To the study that the word leads to, with everything that the address says behind it."""
    invitation = Invitation.objects.filter(word=word.lower()).select_related("study").first()
    if invitation is None or (invitation.study.is_draft and not may_edit(request.user, invitation.study)):
        raise Http404
    asked = request.GET.urlencode()
    return redirect(reverse("study_start", args=[invitation.study.slug]) + (f"?{asked}" if asked else ""))
