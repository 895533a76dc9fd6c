"""The forms of a participation. Each page's HTML holds every field that is required."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from survey.actions import Answer
from survey.actions.answering import MOST_EVENTS
from survey.actions.hearing import PARTS
from survey.design.headphones import TRIALS
from survey.forms.questions import QuestionsForm
from survey.models import Participant, Study
from survey.models.bounds import MOST_COUNTED
from survey.models.participation import make_token

TICKET_SALT = "survey.participation"
PILOT_SALT = "survey.pilot"
PAGE_SALT = "survey.page"
MARK = "whose"
PILOT_SECONDS = 24 * 3600
LONGEST_SECONDS = 24 * 3600.0
MOST_PLAYS = 1000


class MeasuredField(forms.FloatField):
    """Seconds or counts that a script measured: not there, or not sensible, is not measured."""

    def clean(self, value: Any) -> float | None:
        try:
            number = float(value)
        except (TypeError, ValueError):
            return None
        return number if math.isfinite(number) and 0 <= number <= LONGEST_SECONDS else None


class RawField(forms.Field):
    """What a script sends in a form of its own: the action that takes it judges it, and none of it costs an answer."""

    def clean(self, value: Any) -> str:
        return value if isinstance(value, str) else ""


def issue_ticket(study: Study) -> str:
    """A fresh, signed token for the start page: the participation it makes is made once."""
    return signing.dumps(make_token(), salt=f"{TICKET_SALT}:{study.pk}", compress=False)


def issue_pilot_pass(study: Study) -> str:
    """Lets a simulated participant in as a bot, which never counts among people."""
    return signing.dumps("bot", salt=f"{PILOT_SALT}:{study.pk}")


def is_pilot_pass(study: Study, text: str) -> bool:
    try:
        return bool(signing.loads(text, salt=f"{PILOT_SALT}:{study.pk}", max_age=PILOT_SECONDS) == "bot")
    except signing.BadSignature:
        return False


def mark_of(participant: Participant) -> str:
    """Tells, signed, whose page a form is on. It opens nothing."""
    return salted_hmac(PAGE_SALT, participant.token).hexdigest()


def is_of_somebody_else(sent: Mapping[str, str], participant: Participant) -> bool:
    """Whether a form comes from a page of another person than `participant`. Without a mark it is from no page."""
    return MARK in sent and not constant_time_compare(sent[MARK], mark_of(participant))


class StartForm(forms.Form):
    consent = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    ticket = forms.CharField(max_length=300)
    language = forms.CharField(max_length=10, required=False)
    external_id = forms.CharField(max_length=200, required=False)
    pilot = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, study: Study, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study

    def clean_ticket(self) -> str:
        try:
            return str(signing.loads(self.cleaned_data["ticket"], salt=f"{TICKET_SALT}:{self.study.pk}"))
        except signing.BadSignature as error:
            raise forms.ValidationError(_("This page is out of date. Please choose again.")) from error

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"])
        return str(self.study.spoken(language))


class AnswerForm(QuestionsForm):
    """The answer to a trial: the chosen emotion, what else is asked, and what the browser measured."""

    trial = forms.CharField(max_length=64)
    chosen = forms.CharField(max_length=50, required=False)
    played_seconds = MeasuredField(required=False)
    plays = MeasuredField(required=False)
    second_played_seconds = MeasuredField(required=False)
    second_plays = MeasuredField(required=False)
    hidden_seconds = MeasuredField(required=False)
    first_choice_seconds = MeasuredField(required=False)
    course = RawField(required=False)

    def answer(self) -> Answer:
        data = self.cleaned_data
        return Answer(
            data["chosen"],
            self.said(),
            played_seconds=data["played_seconds"],
            plays=_count(data["plays"]),
            second_played_seconds=data["second_played_seconds"],
            second_plays=_count(data["second_plays"]),
            hidden_seconds=data["hidden_seconds"],
            first_choice_seconds=data["first_choice_seconds"],
            course=data["course"],
        )


def _count(plays: float | None) -> int | None:
    return None if plays is None else min(int(plays), MOST_PLAYS)


class SoundForm(forms.Form):
    """The sound check: which sound was heard, how many tones it had, how long a script saw it playing."""

    number = forms.IntegerField(required=False, min_value=1, max_value=2 * MOST_COUNTED)
    tones = forms.IntegerField(required=False, min_value=0, max_value=100)
    played = MeasuredField(required=False)

    def values(self) -> dict[str, Any]:
        """What `check_sound` takes; what cannot be read counts as not said."""
        self.is_valid()
        data = self.cleaned_data
        return {"number": data.get("number"), "counted": data.get("tones"), "played": data.get("played")}


class HeadphonesForm(forms.Form):
    """The odd part of each sound, and how long a script saw each playing."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for number in range(1, TRIALS + 1):
            self.fields[f"part_{number}"] = forms.IntegerField(required=False, min_value=1, max_value=PARTS)
            self.fields[f"played_{number}"] = MeasuredField(required=False)
        self.is_valid()

    def heard(self) -> list[int | None]:
        parts = (self.cleaned_data.get(f"part_{number}") for number in range(1, TRIALS + 1))
        return [None if part is None else part - 1 for part in parts]

    def played(self) -> list[float | None]:
        return [self.cleaned_data.get(f"played_{number}") for number in range(1, TRIALS + 1)]

    def sounds(self) -> list[tuple[int, int | None, float | None]]:
        """(number, part that was chosen, seconds played) of each sound, to be shown again."""
        return [
            (number, self.cleaned_data.get(f"part_{number}"), self.cleaned_data.get(f"played_{number}"))
            for number in range(1, TRIALS + 1)
        ]


class EventsForm(forms.Form):
    """A batch of what the browser saw: JSON, a list of {sequence, kind, milliseconds, seconds, clip}.

    `clip` is 2 where the event is of the second of two clips.

    One event that cannot be used costs no other one: `refused` says, by its place in the list, what is wrong with it.
    """

    KINDS = frozenset(
        {"loaded", "play", "pause", "ended", "seek", "stall", "retry", "error", "hidden", "visible", "choose"}
    )
    MOST = 200

    trial = forms.CharField(max_length=64)
    events = forms.CharField(max_length=60_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused: dict[int, str] = {}

    def clean_events(self) -> dict[int, dict[str, Any]]:
        """The events that can be used, by their places."""
        try:
            events = json.loads(self.cleaned_data["events"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("Events are not JSON.") from error
        if not isinstance(events, list) or len(events) > self.MOST:
            raise forms.ValidationError("Events are not a short list.")
        self.refused = {place: problem for place, event in enumerate(events) if (problem := self._problem(event))}
        return {place: self._read(event) for place, event in enumerate(events) if place not in self.refused}

    def _problem(self, event: Any) -> str:
        if not isinstance(event, dict):
            return "An event is no object."
        kind, sequence, milliseconds = (event.get(name) for name in ("kind", "sequence", "milliseconds"))
        if not isinstance(kind, str) or kind not in self.KINDS:
            return "An event is of no known kind."
        if type(sequence) is not int or not 0 <= sequence < MOST_EVENTS:
            return f"An event's number is not between 0 and {MOST_EVENTS - 1}."
        if type(milliseconds) is not int or not 0 <= milliseconds < 2**31:
            return "An event lacks its time."
        seconds = event.get("seconds")
        if seconds is not None and (type(seconds) not in {int, float} or not 0 <= seconds <= LONGEST_SECONDS):
            return "An event's seconds are no number of seconds."
        if event.get("clip") not in (None, 1, 2):
            return "An event's clip is neither the first nor the second."
        return ""

    @staticmethod
    def _read(event: dict[str, Any]) -> dict[str, Any]:
        seconds = event.get("seconds")
        detail = {} if seconds is None else {"seconds": round(float(seconds), 2)}
        if event.get("clip") == 2:
            detail["clip"] = 2
        return {name: event[name] for name in ("sequence", "milliseconds", "kind")} | {"detail": detail}
