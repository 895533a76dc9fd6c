"""A study's answers as plain rows, for statistics and export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from survey.models import Participant, Response, Study, Trial
from survey.questions import RESPONSE_COLUMNS

CHUNK = 2000
# Name in the row → where it comes from, seen from a Response.
COLUMNS = {
    "participant": "trial__participant__public_id",
    "stimulus": "trial__stimulus__public_id",
    "position": "trial__position",
    "trial_kind": "trial__kind",
    "condition": "trial__stimulus__condition__name",
    "presentation": "trial__stimulus__condition__presentation",
    "matching": "trial__stimulus__condition__matching",
    "composer": "trial__stimulus__composer",
    "intended": "trial__stimulus__emotion",
    "picture_emotion": "trial__stimulus__picture_emotion",
    "asked_emotion": "trial__asked_emotion",
    "chosen": "choice__slug",
    **{question.key: question.key for question in RESPONSE_COLUMNS},
    "option_order": "trial__option_order",
    "assigned_at": "trial__assigned_at",
    "answered_at": "answered_at",
    "seconds": "seconds",
    "first_choice_seconds": "first_choice_seconds",
    "played_seconds": "played_seconds",
    "plays": "plays",
    "hidden_seconds": "hidden_seconds",
    "listening_measured": "listening_measured",
    "audio_sha256": "trial__stimulus__audio_sha256",
    "picture_sha256": "trial__stimulus__picture_sha256",
    "language": "trial__participant__language",
    "device": "trial__participant__device",
    "background": "trial__participant__background",
    "outcome": "trial__participant__outcome",
    "included": "trial__participant__included",
    "verdict": "trial__participant__verdict",
}


def ratings(
    study: Study,
    *,
    included_only: bool = False,
    trial_kinds: tuple[str, ...] = (Trial.Kind.MAIN,),
    participant_kind: str = Participant.Kind.PERSON,
) -> Iterator[dict[str, Any]]:
    """Every answer that counts, oldest first, as a plain dict with the keys of `COLUMNS`.

    Previews, bots and people who withdrew are never among them. `included` is False only where the rules
    fixed at publication leave a person out; people about whom no verdict exists yet count as included.
    Practice, gold and repeat trials are left out unless `trial_kinds` names them.
    """
    answers = Response.objects.counted(study, kind=participant_kind).filter(trial__kind__in=trial_kinds).in_order()
    if included_only:
        answers = answers.exclude(trial__participant__included=False)
    names = list(COLUMNS)
    for values in answers.values_list(*COLUMNS.values()).iterator(chunk_size=CHUNK):
        row = dict(zip(names, values, strict=True))
        row["stimulus"] = str(row["stimulus"])
        row["included"] = row["included"] is not False
        yield row
