"""How far people come: started, there now, past it and gone, for every page of a participation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from survey.models import Participant, Study, Trial
from survey.models.counted import IsAmong
from survey.models.participation import HEADPHONE_TEST
from survey.queries.progress import next_step, plays_music
from survey.queries.questions import asked_at, screening_of
from survey.questions import When

Outcome = Participant.Outcome
IDLE = timedelta(minutes=30)
Key = tuple[str, int]
NEEDED = (
    "study",
    "outcome",
    "condition",
    "headphones",
    "plan",
    "background_at",
    "asked_before_at",
    "screened_at",
    "sound_checked_at",
    "created_at",
    "restarts",
)
NAMES = {
    "screening": "Who is let in",
    "sound": "Sound check",
    "headphones": "Headphone test",
    "before": "Before the clips",
    "about": "About you",
    "end": "End",
}
NUMBERED = {"practice": "Practice", "clip": "Clip"}
BAR = 100.0


@dataclass(frozen=True, slots=True)
class PageCount:
    """People of one page: started = active + dropped + screened out + finished (they went past it)."""

    name: str
    active: int
    dropped: int
    screened_out: int
    finished: int
    of: int

    @property
    def started(self) -> int:
        return self.active + self.dropped + self.screened_out + self.finished

    @property
    def bars(self) -> list[tuple[str, float, float]]:
        """(what, from, width) of the parts of a bar that is 100 wide for everybody who began."""
        parts, start = [], 0.0
        for name in ("finished", "active", "screened_out", "dropped"):
            width = BAR * getattr(self, name) / self.of if self.of else 0.0
            parts.append((name, start, width))
            start += width
        return parts


@dataclass(frozen=True, slots=True)
class Standing:
    """Where people stand who have not finished: active or gone (not seen for `IDLE`), by page."""

    active: Counter[Key]
    dropped: Counter[Key]


def standing_of(study: Study, now: datetime) -> Standing:
    """Everybody of `study` who has not finished, on the page that `next_step` would send them to."""
    under_way = study.participants.filter(kind=Participant.Kind.PERSON, outcome=Outcome.ACTIVE)
    people = list(under_way.order_by().only("last_seen_at", *NEEDED))
    # Counted in the database, one row per person who is under way; asked one by one it would be a question per person.
    answered = dict(
        Trial.objects.filter(IsAmong("participant_id", under_way.values("pk")), answered_at__isnull=False)
        .order_by()
        .values_list("participant")
        .annotate(n=Count("pk"))
    )
    active: Counter[Key] = Counter()
    dropped: Counter[Key] = Counter()
    for person in people:
        person.study = study
        where = active if person.last_seen_at > now - IDLE else dropped
        where[_page_of(person, answered.get(person.pk, 0))] += 1
    return Standing(active, dropped)


def _page_of(person: Participant, answered: int) -> Key:
    """The furthest page: a sound check that comes again after a long pause takes nobody back."""
    if person.sound_checked_at is None and person.restarts:
        person.sound_checked_at = person.created_at
    step = next_step(person, trials_left=answered < len(person.plan))
    if step != "clip":
        return step, 0
    if person.plan[answered] == Trial.Kind.PRACTICE:
        return "practice", answered + 1
    return "clip", answered + 1 - person.plan[: answered + 1].count(Trial.Kind.PRACTICE)


def count_pages(study: Study, standing: Standing, *, complete: int, screened_out: Mapping[str, int]) -> list[PageCount]:
    """Every page in its order; who is complete has passed them all. `screened_out`: people by the reason."""
    keys = _keys(study, standing)
    by_test = screened_out.get(HEADPHONE_TEST, 0)
    out = Counter({("headphones", 0): by_test, ("screening", 0): sum(screened_out.values()) - by_test})
    here = [standing.active[key] + standing.dropped[key] + out[key] for key in keys]
    began = complete + sum(here)
    pages, past = [], began
    for key, staying in zip(keys, here, strict=True):
        past -= staying
        pages.append(
            PageCount(_name(key), standing.active[key], standing.dropped[key], out[key], finished=past, of=began)
        )
    return pages


def _keys(study: Study, standing: Standing) -> list[Key]:
    clips = study.clips_per_participant + study.gold_trials + min(study.repeat_trials, study.clips_per_participant)
    clips += study.attention_trials
    met = [*standing.active, *standing.dropped]
    practice = _most(met, "practice", study.practice_trials)
    return [
        *([("screening", 0)] if screening_of(study) else []),
        *([("sound", 0)] if plays_music(study) else []),
        *([("headphones", 0)] if study.headphones != Study.Headphones.NONE and plays_music(study) else []),
        *([("before", 0)] if asked_at(study, When.BEFORE) else []),
        *(("practice", number) for number in range(1, practice + 1)),
        *(("clip", number) for number in range(1, _most(met, "clip", clips) + 1)),
        *([("about", 0)] if asked_at(study, When.AFTER) else []),
        ("end", 0),
    ]


def _most(met: Iterable[Key], name: str, planned: int) -> int:
    return max([planned, *(number for kind, number in met if kind == name)])


def _name(key: Key) -> str:
    name, number = key
    return f"{NUMBERED[name]} {number}" if name in NUMBERED else NAMES[name]
