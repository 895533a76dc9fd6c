"""Who somebody is at the service that sent them: known again by a keyed hash, or by the id where it is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Lower

from survey.models import OutsideId, Participant, Study

AT_A_TIME = 500
Kind = Participant.Kind


def hash_outside_id(study: Study, value: str) -> str:
    """The outside id as answers know it: keyed, so that nobody can try ids against it. Empty for no id.

    Upper and lower case are one id: no service gives two people ids that differ in nothing else.
    """
    return _hash_exactly(study, value.casefold())


def _hashes_of(study: Study, value: str) -> set[str]:
    """What may be stored of an id: earlier it was hashed as it came, which is in one case for every service."""
    return {_hash_exactly(study, one) for one in (value.casefold(), value, value.upper())}


def _hash_exactly(study: Study, value: str) -> str:
    if not value:
        return ""
    # The study is part of it: one person's hashes in two studies cannot be joined.
    return hmac.new(settings.SECRET_KEY.encode(), f"{study.pk}:{value}".encode(), hashlib.sha256).hexdigest()


def key_fingerprint() -> str:
    """Tells whether the key is the same as before, and nothing else about it."""
    return hmac.new(settings.SECRET_KEY.encode(), b"fingerprint", hashlib.sha256).hexdigest()[:16]


def kept_outside_ids(study: Study) -> QuerySet[OutsideId]:
    """The ids that are kept of people. Pilots and previews are nobody's, and nobody is paid for them."""
    return study.outside_ids.filter(participant__kind=Kind.PERSON)


def whose_outside_id(study: Study, value: str) -> Participant | None:
    """The participation of this outside id in `study`. An id that is kept is found under any key."""
    return people_of_outside_ids(study, [value]).get(value) if value else None


def people_of_outside_ids(study: Study, values: Collection[str]) -> dict[str, Participant]:
    """The participations of outside ids, by id; of many in a few questions. Upper and lower case are one id.

    Where two people took part with ids that differ in case alone, as was possible once, the one whose id was kept as
    it is asked for is meant, else the first.
    """
    found: dict[str, Participant] = {}
    for some in _in_batches(values, AT_A_TIME):
        hashes = {value: _hashes_of(study, value) for value in some}
        every = set[str]().union(*hashes.values())
        people = Participant.objects.filter(study=study, kind=Kind.PERSON, external_id_hash__in=every).order_by("-pk")
        hashed = {person.external_id_hash: person for person in people}
        rows = _kept_in_any_case(study, some)
        kept = {row.value.casefold(): row.participant for row in rows}
        # The latest first, so that the earliest, written last, stands in both.
        exact = {row.value: row.participant for row in rows}
        for value in some:
            known = [hashed[one] for one in hashes[value] if one in hashed]
            person = exact.get(value) or kept.get(value.casefold()) or min(known, key=lambda one: one.pk, default=None)
            if person:
                found[value] = person
    return found


def _kept_in_any_case(study: Study, values: Collection[str]) -> list[OutsideId]:
    """Kept ids that are `values` but for upper and lower case, the latest first."""
    rows = kept_outside_ids(study).annotate(folded=Lower("value")).order_by("-pk").select_related("participant")
    return list(rows.filter(folded__in={value.casefold() for value in values}))


def _in_batches(values: Collection[str], size: int) -> Iterator[list[str]]:
    waiting = list(values)
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


def studies_of_another_key() -> list[Study]:
    """Studies that go on and know people by hashes of a key that is not this site's any more."""
    waiting = Study.objects.filter(status=Study.Status.PUBLISHED, anonymised_at__isnull=True)
    waiting = waiting.exclude(recruiter=Study.Recruiter.PLAIN).exclude(id_storage=Study.IdStorage.KEPT)
    return list(waiting.exclude(key_fingerprint__in=["", key_fingerprint()]))
