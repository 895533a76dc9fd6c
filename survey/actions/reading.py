"""Keys that read without a login: making, revoking and using them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib.auth import get_user_model
from django.db.models import F
from django.utils import timezone

from melodymuse_site.turns import ActionRefused, Gone, in_turn, lock_row
from survey.actions.acting import lock_study, on_study
from survey.actions.audit import Actor, record
from survey.models import ApiToken, Reading, ResultsLink, Study
from survey.models.reading import SHOWN, TOKEN_MARK, hash_secret, make_secret
from survey.queries import may_edit, study_for

MOST_TOKENS: Final = 20
"""Tokens of one person that open something."""
MOST_LINKS: Final = 50
"""Links of one study that open something."""
ANSWERS: Final = "responses"
"""The kind of reading that takes answers away: it stands in the audit log, as every export does."""


class KeyRefused(ActionRefused):
    """A key that cannot be made."""


@in_turn
def make_api_token(*, by: Actor, name: str, study: Study | None, expires_at: datetime | None) -> tuple[ApiToken, str]:
    """A token of `by` and its secret, which nobody sees again; with `study` it opens that one alone."""
    if study is not None:
        study = lock_study(study.pk)
    user = lock_row(get_user_model(), pk=by.pk if by else None)  # two at once count one after the other
    if study is not None and study_for(user, study.slug) is None:
        raise Gone
    if ApiToken.objects.opening().filter(user=user).count() >= MOST_TOKENS:
        raise KeyRefused(f"You have {MOST_TOKENS} tokens in use, the most there may be: revoke one that nothing needs.")
    secret = TOKEN_MARK + make_secret()
    token = ApiToken.objects.create(
        user=user,
        study=study,
        name=name,
        expires_at=expires_at,
        sha256=hash_secret(secret),
        shown=secret[: len(TOKEN_MARK) + SHOWN],
    )
    record(study=study, action="make_token", by=by, token=str(token))
    return token, secret


@in_turn
def revoke_api_token(*, token: ApiToken, by: Actor) -> None:
    """From here on the token opens nothing; requests that it has opened already come to their end."""
    row = lock_row(ApiToken, pk=token.pk)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record(study=row.study, action="revoke_token", by=by, token=str(row))


@on_study
def make_results_link(*, study: Study, by: Actor, name: str, expires_at: datetime | None) -> tuple[ResultsLink, str]:
    """A link to the results of `study` and its secret, which nobody sees again."""
    if not may_edit(by, study):
        raise Gone
    if ResultsLink.objects.opening().filter(study=study).count() >= MOST_LINKS:
        raise KeyRefused(f"The study has {MOST_LINKS} links in use, the most there may be: revoke one first.")
    secret = make_secret()
    link = ResultsLink.objects.create(
        study=study,
        made_by=by,
        name=name,
        expires_at=expires_at,
        sha256=hash_secret(secret),
        shown=secret[:SHOWN],
    )
    record(study=study, action="make_link", by=by, link=str(link))
    return link, secret


@on_study
def revoke_results_link(*, study: Study, link: ResultsLink, by: Actor) -> None:
    """From here on the link opens nothing."""
    row = lock_row(ResultsLink, pk=link.pk, study=study)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record(study=study, action="revoke_link", by=by, link=str(row))


@in_turn
def note_reading(*, key: ApiToken | ResultsLink, study: Study | None, kind: str) -> None:
    """Count that `key` reads `kind` of `study`, or what is of no study. Raises Gone where it was revoked meanwhile.

    The first of a day that takes answers away is written in the audit log, the others in its count.
    """
    row = lock_row(type(key), pk=key.pk)
    now = timezone.now()
    if not row.opens_at(now):
        raise Gone
    type(key).objects.filter(pk=row.pk).update(last_used_at=now, uses=F("uses") + 1)
    if study is None:
        return
    owner = row.user if isinstance(row, ApiToken) else None
    reader = f"{owner.get_username()}, token “{row.name}”" if owner else f"link “{row.name}”"
    reading, is_first = Reading.objects.get_or_create(
        study=study, day=now.date(), key=row.shown, kind=kind, defaults={"reader": reader, "last_at": now}
    )
    Reading.objects.filter(pk=reading.pk).update(times=F("times") + 1, last_at=now)
    if is_first and kind == ANSWERS:
        record(study=study, action="export", by=owner, format="api", token=str(row))
