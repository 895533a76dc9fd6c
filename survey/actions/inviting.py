"""How people find a study: its short address, and what messages to them say."""

from __future__ import annotations

import re
from typing import Final

from django.db import IntegrityError, transaction

from melodymuse_site.turns import ActionRefused
from survey.actions.acting import on_study
from survey.actions.audit import Actor, record
from survey.models import Invitation, Study
from survey.models.inviting import LONGEST_WORD

SHORTEST_WORD: Final = 3
WORD: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class InvitationRefused(ActionRefused):
    """Why a short address cannot be had, and whether only a confirmation is missing."""

    def __init__(self, message: str, *, needs_confirming: bool = False) -> None:
        super().__init__(message)
        self.needs_confirming = needs_confirming


@on_study
def set_invitation(*, study: Study, word: str, paid: str, by: Actor, sure: bool = False) -> Invitation:
    """Choose the `word` of the short address (empty: none) and what messages say is `paid`.

    A word that already leads to a published study is changed or given up only by somebody who is `sure`: printed
    codes and sent messages lead nowhere then.
    """
    invitation = Invitation.objects.filter(study=study).first() or Invitation(study=study)
    chosen, before = word.strip().lower(), invitation.word or ""
    if chosen == before and paid == invitation.paid:
        return invitation
    if chosen:
        _require_word(chosen)
    if before not in ("", chosen) and not study.is_draft and not sure:
        raise InvitationRefused(
            f"/s/{before} leads to this study, and may stand on posters and in messages. Say that it may lead nowhere "
            "from now on, or leave it as it is.",
            needs_confirming=True,
        )
    invitation.word, invitation.paid = chosen or None, paid
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError:
        raise InvitationRefused(f"/s/{chosen} leads to another study already. Choose another word.") from None
    record(study=study, action="invite", by=by, word=chosen, before=before if before != chosen else "", paid=paid)
    return invitation


def _require_word(word: str) -> None:
    if not SHORTEST_WORD <= len(word) <= LONGEST_WORD:
        raise InvitationRefused(f"The word has {len(word)} characters; choose {SHORTEST_WORD} to {LONGEST_WORD}.")
    if not WORD.fullmatch(word):
        raise InvitationRefused(
            "Use the letters a to z, digits, and single hyphens between them: people type the word from a poster."
        )
