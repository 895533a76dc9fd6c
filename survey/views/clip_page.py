"""The page of a clip: its template is rendered once for everybody who sees the same, and what differs is filled in.

Of a page's five kilobytes a few words differ between people: tokens, names of files, the order of the answers. Django's
template of them takes a third of what an answer costs, so it is rendered once per form that the page can have, with a
hole for each of these words, and kept. There is no second copy of the page: the holes go through the very template, and
a page with something more to say (a problem, how practice went) is rendered whole.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.templatetags.l10n import unlocalize
from django.utils.html import conditional_escape
from django.utils.translation import override

from survey.forms import AnswerForm
from survey.models import Study, Trial
from survey.queries import Progress, StimulusFacts, asked_at
from survey.queries.glosses import glosses_of
from survey.questions import When
from survey.views.participation import as_page

TEMPLATE: Final = "survey/participant/clip.html"
# Drawn anew in every process: no text of a study can hold it, by accident or on purpose.
MARK: Final = secrets.token_hex(8)
HOLE: Final = re.compile(rf"{MARK}-([a-z]+-?[0-9]*)-{MARK}")


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides on the page's form: two pages of one shape differ in their holes alone."""

    study_id: int
    state: Any
    language: str
    preview: bool
    comes: str
    practice: bool
    question: tuple[str, str, str]
    instructions: str
    has_audio: bool
    shows_picture: bool
    two_formats: bool
    second_formats: int
    described: bool
    preloads: int
    options: int
    study: Study = field(compare=False)


def show_filled(
    request: HttpRequest,
    *,
    study: Study,
    trial: Trial,
    stimulus: StimulusFacts,
    second: StimulusFacts | None,
    options: list[tuple[str, str]],
    progress: Progress,
    description: str,
    **shown: Any,
) -> HttpResponse:
    """The page of a clip on which nothing stands beside it. `shown` are the other parts of `Shape`."""
    shape = Shape(
        study_id=study.pk,
        state=study.updated_at,
        practice=progress.practice,
        has_audio=stimulus.has_audio,
        shows_picture=stimulus.shows_picture,
        two_formats=bool(stimulus.audio_alternative),
        second_formats=0 if second is None else 1 + bool(second.audio_alternative),
        described=bool(description),
        preloads=len(trial.preload),
        options=len(options),
        study=study,
        **shown,
    )
    words = {
        "trial": trial.token,
        "position": progress.position,
        "total": progress.total,
        "answered": progress.answered,
        "csrf": get_token(request),
        "audio": stimulus.audio,
        "alternative": stimulus.audio_alternative,
        "duration": unlocalize(stimulus.duration_seconds),
        "picture": stimulus.picture_file,
        "width": stimulus.picture_width,
        "height": stimulus.picture_height,
        "description": description,
    }
    if second is not None:
        words |= {
            "audio-2": second.audio,
            "alternative-2": second.audio_alternative,
            "duration-2": unlocalize(second.duration_seconds),
        }
    for place, (slug, label) in enumerate(options):
        words[f"slug-{place}"], words[f"label-{place}"] = slug, label
    for place, name in enumerate(trial.preload):
        words[f"preload-{place}"] = name
    return as_page(HttpResponse(fill(_skeleton(shape), words)), shape.language)


def fill(pieces: tuple[str, ...], words: Mapping[str, Any]) -> str:
    """The page: text and names of holes by turns, and in every hole its word, escaped as the template would."""
    return "".join([conditional_escape(words[piece]) if place % 2 else piece for place, piece in enumerate(pieces)])


@lru_cache(maxsize=512)
def _skeleton(shape: Shape) -> tuple[str, ...]:
    with override(shape.language):
        return tuple(HOLE.split(render_to_string(TEMPLATE, _with_holes(shape))))


def _with_holes(shape: Shape) -> dict[str, Any]:
    study = shape.study
    return {
        "study": study,
        "wording": study.wording(shape.language),
        "preview": shape.preview,
        "csrf_token": hole("csrf"),
        "trial": SimpleNamespace(
            token=hole("trial"), preload=[hole(f"preload-{place}") for place in range(shape.preloads)]
        ),
        "stimulus": SimpleNamespace(
            has_audio=shape.has_audio,
            shows_picture=shape.shows_picture,
            audio=hole("audio"),
            audio_alternative=hole("alternative") if shape.two_formats else "",
            duration_seconds=hole("duration"),
            picture_file=hole("picture"),
            picture_width=hole("width"),
            picture_height=hole("height"),
        ),
        "second": SimpleNamespace(
            audio=hole("audio-2"),
            audio_alternative=hole("alternative-2") if shape.second_formats > 1 else "",
            duration_seconds=hole("duration-2"),
        )
        if shape.second_formats
        else None,
        "options": [(hole(f"slug-{place}"), hole(f"label-{place}")) for place in range(shape.options)],
        "glosses": glosses_of(study, shape.language),
        "question": shape.question,
        "instructions": shape.instructions,
        "comes": shape.comes,
        "progress": {
            "practice": shape.practice,
            "position": hole("position"),
            "total": hole("total"),
            "answered": hole("answered"),
        },
        "form": AnswerForm(questions=asked_at(study, When.CLIP, hears_music=shape.has_audio)),
        "given": {},
        "problem": None,
        "practised": None,
        "description": hole("description") if shape.described else "",
    }


def hole(name: str) -> str:
    """What stands in the template's place of a word; nothing in it is escaped or translated."""
    return f"{MARK}-{name}-{MARK}"


def can_be_filled(request: HttpRequest, study: Study) -> bool:
    """Whether the page's form may be kept: not of a draft, whose parts change, nor while templates are worked on."""
    return not study.is_draft and not settings.DEBUG and "page" not in request.GET
