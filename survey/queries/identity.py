"""Who somebody is at the service that sent them: known again by a keyed hash, or by the id where it is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator

from django.conf import settings

from survey.models import OutsideId, Participant, Study

AT_A_TIME = 500


def hash_outside_id(study: Study, value: str) -> str:
    """The outside id as answers know it: keyed, so that nobody can try ids against it. Empty for no id."""
    if not value:
        return ""
    return hmac.new(settings.SECRET_KEY.encode(), f"{study.pk}:{value}".encode(), hashlib.sha256).hexdigest()


def key_fingerprint() -> str:
    """Tells whether the key is the same as before, and nothing else about it."""
    return hmac.new(settings.SECRET_KEY.encode(), b"fingerprint", hashlib.sha256).hexdigest()[:16]


def whose_outside_id(study: Study, value: str) -> Participant | None:
    """The participation of this outside id in `study`. An id that is kept is found under any key."""
    return people_of_outside_ids(study, [value]).get(value) if value else None


def people_of_outside_ids(study: Study, values: Collection[str]) -> dict[str, Participant]:
    """The participations of outside ids, by id; of many in a few questions."""
    found: dict[str, Participant] = {}
    for some in _in_batches(values, AT_A_TIME):
        hashes = {hash_outside_id(study, value): value for value in some}
        hashed = Participant.objects.filter(study=study, external_id_hash__in=hashes)
        found |= {hashes[person.external_id_hash]: person for person in hashed}
        kept = OutsideId.objects.filter(study=study, value__in=some).select_related("participant")
        found |= {row.value: row.participant for row in kept}
    return found


def _in_batches(values: Collection[str], size: int) -> Iterator[list[str]]:
    waiting = list(values)
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def studies_of_another_key() -> list[Study]:
    """Studies that go on and know people by hashes of a key that is not this site's any more."""
    waiting = Study.objects.filter(status=Study.Status.PUBLISHED, anonymised_at__isnull=True)
    waiting = waiting.exclude(recruiter=Study.Recruiter.PLAIN).exclude(id_storage=Study.IdStorage.KEPT)
    return list(waiting.exclude(key_fingerprint__in=["", key_fingerprint()]))
