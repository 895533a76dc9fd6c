"""What a researcher hands out to find people: messages in every language of the study, and a code to scan."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import segno
from django.utils.translation import gettext, ngettext, override

from survey.models import Study
from survey.queries.overview import minutes_of

# Units of the code left white around it, as the standard wants; and how much of it may be damaged: 15 %.
QUIET: Final = 4
DAMAGE: Final = "m"


@dataclass(frozen=True, slots=True)
class Message:
    """An invitation to paste, in one `language`."""

    language: str
    text: str


def messages_of(study: Study, address: str, paid: str) -> list[Message]:
    """The message in each language that participants are offered. An empty `address` is left to the service."""
    minutes = study.minutes_told or minutes_of(study)  # as the first page says
    found = []
    for language in study.spoken_languages:
        with override(language):
            paragraphs = "\n\n".join(_paragraphs(study, language, minutes, address, paid))
        found.append(Message(language, paragraphs))
    return found


def _paragraphs(study: Study, language: str, minutes: int, address: str, paid: str) -> Iterator[str]:
    yield study.wording(language)["title"]
    yield " ".join([gettext("We are looking for people to take part in a study."), *_task(study)])
    yield " ".join(
        [
            ngettext(
                "It takes about %(minutes)s minute, in your browser.",
                "It takes about %(minutes)s minutes, in your browser.",
                minutes,
            )
            % {"minutes": minutes},
            *_needs(study),
        ]
    )
    if paid:
        yield gettext("For taking part you get: %(paid)s") % {"paid": paid}
    if address:
        yield gettext("Take part here: %(address)s") % {"address": address}
    if study.contact:
        yield f"{gettext('Questions about the study:')} {study.contact}"


def _task(study: Study) -> Iterator[str]:
    """What people do, in one sentence that names no emotion and no hypothesis."""
    hears, sees = _hears(study), study.stimuli.exclude(picture_file="").exists()
    if hears and sees:
        yield gettext("You look at pictures, listen to short pieces of music, and answer questions about them.")
    elif hears:
        yield gettext("You listen to short pieces of music and answer questions about them.")
    elif sees:
        yield gettext("You look at pictures and answer questions about them.")


def _needs(study: Study) -> Iterator[str]:
    if _hears(study) and study.headphones != Study.Headphones.NONE:
        yield gettext("You need headphones.")
    elif _hears(study):
        yield gettext("You need sound, best with headphones.")


def _hears(study: Study) -> bool:
    return study.stimuli.exclude(audio_sha256="").exists()


def draw_code(address: str, *, whole_file: bool = False) -> str:
    """A QR code of `address` as SVG for a page, or as a file. Readers want it dark on white in every colour scheme."""
    drawn = io.BytesIO()
    segno.make(address, error=DAMAGE, micro=False).save(
        drawn,
        kind="svg",
        scale=10 if whole_file else 4,
        border=QUIET,
        dark="#000",
        light="#fff",
        svgclass=None,
        lineclass=None,
        xmldecl=whole_file,
        svgns=whole_file,
        nl=whole_file,
    )
    return drawn.getvalue().decode()
