"""Who somebody is at the service that sent them: known again by a keyed hash, or by the id where it is kept."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from survey.models import OutsideId, Participant, Study


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
    if not value:
        return None
    kept = OutsideId.objects.filter(study=study, value=value).values("participant")
    people = Participant.objects.filter(study=study)
    return people.filter(pk__in=kept).first() or people.filter(external_id_hash=hash_outside_id(study, value)).first()


def studies_of_another_key() -> list[Study]:
    """Studies that go on and know people by hashes of a key that is not this site's any more."""
    waiting = Study.objects.filter(status=Study.Status.PUBLISHED, anonymised_at__isnull=True)
    waiting = waiting.exclude(recruiter=Study.Recruiter.PLAIN).exclude(id_storage=Study.IdStorage.KEPT)
    return list(waiting.exclude(key_fingerprint__in=["", key_fingerprint()]))
