"""Who holds a key that reads without a login, and what it opens now."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from survey.models import ApiToken, ResultsLink, Study
from survey.models.reading import hash_secret
from survey.queries.access import may_edit, studies_for


def find_api_token(secret: str) -> ApiToken | None:
    """The token of a secret, if it opens anything now.

    Found by the hash in an index: how long that takes tells nothing of a secret, and whatever is wrong is asked for
    by the same one statement.
    """
    token = ApiToken.objects.select_related("user").filter(sha256=hash_secret(secret)).first()
    if token is None or not token.opens_at(timezone.now()) or not token.user.is_active:
        return None
    return token


def studies_of_token(token: ApiToken) -> QuerySet[Study]:
    """What the token's owner may look at now; of a token for one study, that study if it is among them."""
    studies = studies_for(token.user)
    return studies.filter(pk=token.study_id) if token.study_id else studies


def find_results_link(secret: str) -> ResultsLink | None:
    """The link of a secret, if it opens its study now: as long as its maker is there and may change the study."""
    link = ResultsLink.objects.select_related("study", "made_by").filter(sha256=hash_secret(secret)).first()
    if link is None or not link.opens_at(timezone.now()):
        return None
    return link if link.made_by.is_active and may_edit(link.made_by, link.study) else None
