"""The score of a clip: a page that follows the player, a drawing, and pages to print."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.http import require_safe

from generation import engravings, queries
from generation.models import PairVersion
from generation.music.sheet import EngravingFailed, Sheet, say_bars, time_notes
from generation.music.sheet.drawing import TEXT_FONT
from generation.music.sheet.layouts import NARROW, WIDE
from generation.templatetags.measures import neutral_name
from generation.views.access import RESEARCH_PERMISSION

UNDRAWABLE = 422
UNAVAILABLE = 503
RETRY_SECONDS = 10
"""After which those who found no slot may ask again."""
BY_ITSELF = f'xmlns="http://www.w3.org/2000/svg" role="img" fill="currentColor" font-family="{TEXT_FONT}"'


def _find(request: HttpRequest, public_id: UUID) -> PairVersion:
    """A clip with a score: for researchers, as its page is, and for whoever had it made on the create page."""
    version = queries.pair_version_detail(public_id)
    own = version is not None and version.run.requested_by_id == request.user.pk
    if not own and not request.user.has_perm(RESEARCH_PERMISSION):
        raise PermissionDenied
    if version is None or version.status != PairVersion.Status.READY or not version.musicxml:
        raise Http404("This clip has no score.")
    return version


def _picture(request: HttpRequest, version: PairVersion) -> str:
    """Titles are for researchers: who uploads a picture that the library has is given the library's row of it."""
    if version.pair.image is None:
        return "No picture"
    return str(version.pair.image) if request.user.has_perm(RESEARCH_PERMISSION) else "Your picture"


def _title(request: HttpRequest, version: PairVersion) -> str:
    return f"{_picture(request, version)} – {version.pair.emotion.label.lower()}, {version.composer}"


@require_safe
@login_required
def score(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The engraved score beside its player; where it cannot be drawn, a sentence says why."""
    version = _find(request, public_id)
    context: dict[str, Any] = {
        "version": version,
        "title": _title(request, version),
        "picture": _picture(request, version),
        "researches": request.user.has_perm(RESEARCH_PERMISSION),
    }
    failed = None
    try:
        sheets = engravings.sheets_of(version)
    except EngravingFailed as error:
        failed, context["problem"] = error, str(error)
    else:
        wide = sheets[WIDE]
        timing = time_notes(wide.notes, wide.bars, version.notes)
        context |= {
            "sheets": sheets,
            "font": TEXT_FONT,
            "bars": say_bars(wide),
            "times": {"notes": timing.notes, "bars": timing.bars} if timing else None,
        }
    answer = render(request, "generation/score.html", context)
    return _defer(answer) if failed and not failed.lasting else answer


@require_safe
@login_required
def score_svg(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The drawing as a file of its own, `?width=wide` (the usual one) or `?width=narrow`."""
    version = _find(request, public_id)
    layout = NARROW if request.GET.get("width") == NARROW else WIDE
    try:
        sheet = engravings.sheets_of(version)[layout]
    except EngravingFailed as error:
        return _undrawable(error)
    return HttpResponse(_as_file(sheet, f"Score: {_title(request, version)}"), content_type="image/svg+xml")


def _as_file(sheet: Sheet, title: str) -> str:
    size = f'viewBox="0 0 {sheet.width:g} {sheet.height:g}" width="{sheet.width / 20:g}" height="{sheet.height / 20:g}"'
    return f"<svg {BY_ITSELF} {size}><title>{escape(title)}</title>{sheet.body}</svg>"


@require_safe
@login_required
def score_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The score on A4, to be downloaded."""
    version = _find(request, public_id)
    name = neutral_name(version.musicxml).removesuffix(".musicxml")
    subtitle = f"{name.replace('-', ' ').capitalize()}, {version.duration_seconds:.0f} seconds"
    try:
        made = engravings.pdf_of(version, title=_title(request, version), subtitle=subtitle)
    except EngravingFailed as error:
        return _undrawable(error)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response


def _undrawable(error: EngravingFailed) -> HttpResponse:
    advice = "The MusicXML can still be downloaded from the clip's page."
    answer = HttpResponse(f"{error} {advice}\n", status=UNDRAWABLE, content_type="text/plain; charset=utf-8")
    return answer if error.lasting else _defer(answer)


def _defer(answer: HttpResponse) -> HttpResponse:
    """Nothing is wrong with the score: another time it may be drawn."""
    answer.status_code = UNAVAILABLE
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
