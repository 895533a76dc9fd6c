"""The steps in which a study's form is filled in, each part with a sentence that says what it holds now.

A part is read as its sentence, and opened where something else is wanted: only what cannot be guessed stands open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.conf import settings

from survey.analysis.planned import say_planned
from survey.design.listed import listed
from survey.design.quality import who_counts
from survey.design.trial_forms import CHOOSE, TRIAL_FORMS
from survey.first_words import EMOTION_PLACE, is_default
from survey.forms.plan import PLAN_FIELDS, RULE_FIELDS
from survey.models import Study
from survey.preregistration import RULES_HEADING
from survey.questions import SWITCHES

Form = forms.BaseForm
MOST_DIGITS: Final = 9
ONE_VARIANT: Final = " Each person hears each piece in one variant."


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that are thought of together. `say` tells in a sentence or two what a form holds of them.

    `translates`: the texts in other languages stand below its fields.
    """

    heading: str
    fields: tuple[str, ...]
    say: Callable[[Form], str]
    translates: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A heading, the fields that always stand open, and the parts that are opened on demand."""

    heading: str
    fields: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class ShownSection:
    heading: str
    said: str
    is_open: bool
    fields: Sequence[forms.BoundField]
    translates: bool


@dataclass(frozen=True, slots=True)
class ShownStep:
    number: int
    heading: str
    fields: Sequence[forms.BoundField]
    sections: Sequence[ShownSection]


class Held:
    """What a form holds now, typed or stored, by the names of its fields."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __getitem__(self, name: str) -> Any:
        return self._form[name].value()

    def text(self, name: str) -> str:
        value = self[name]
        return "" if value is None else str(value).strip()

    def number(self, name: str) -> int:
        """A whole number; 0 where there is none, or one that no field takes."""
        text = self.text(name)
        return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0

    def is_on(self, name: str) -> bool:
        return self[name] not in (None, False, "", "False", "0")

    def label(self, name: str) -> str:
        """The chosen option in words; what is left out counts as the model's own default."""
        chosen = self.text(name) or str(Study._meta.get_field(name).get_default())
        options = dict(self._form.fields[name].choices)  # type: ignore[attr-defined]
        return str(options.get(chosen, chosen))


def say_wording(form: Form) -> str:
    held = Held(form)
    question = held.text("question")
    asked = f"People are asked: “{question.replace(EMOTION_PLACE, '…')}”" if question else "No question is written yet."
    consent = held.text("consent_text")
    if not consent:
        return f"{asked} There is no consent text yet."
    whose = "the proposed one" if is_default("consent_text", consent) else "your own"
    return f"{asked} The consent text is {whose}."


def say_languages(form: Form) -> str:
    held, names = Held(form), dict(settings.LANGUAGES)
    others = [names[code] for code in held["also_in"] or [] if code in names and code != held.text("language")]
    also = f"; also in {listed(others)}" if others else ""
    return f"In {names.get(held.text('language'), names['en'])}{also}."


def say_answers(form: Form) -> str:
    held = Held(form)
    asked = [switch.told for name, switch in SWITCHES.items() if held.is_on(name)]
    also = f" Asked as well: {listed(asked)}." if asked else " Nothing else is asked."
    also += _rated(held)
    if TRIAL_FORMS.get(held.text("mode"), CHOOSE).compares:
        return f"{held.label('mode')} They say which of the two.{also}"
    if held.text("mode") == Study.Mode.YES_NO:
        lures = held.text("lures") != Study.Lures.NONE
        named = "half of the trials name another emotion" if lures else "every trial names the intended emotion"
        return f"People say yes or no to one emotion; {named}.{also}"
    none = ", or none of them" if held.is_on("offer_none") else ""
    meant = ", with a sentence on what each means" if held.is_on("show_glosses") else ""
    return f"People choose one of {len(held['emotions'] or [])} emotions{none}{meant}.{also}"


def _rated(held: Held) -> str:
    """How valence and arousal are rated, where it is not by sliders after the clip."""
    pad = held.is_on("ask_affect") and held.text("affect_form") == Study.AffectForm.PAD
    playing = held.text("continuous") not in ("", Study.Continuous.NONE)
    rated = " Valence and arousal are asked for on one pad." if pad else ""
    return f"{rated} While the clip plays they rate: {held.label('continuous').lower()}." if playing else rated


def say_afterwards(form: Form) -> str:
    held = Held(form)
    told = "People are told what it was about" if held.text("debriefing") else "Nothing is told of what it was about"
    if not held.is_on("debrief_own"):
        return f"{told}; they do not see their answers again."
    when = {Study.Disclosure.NEVER: "never", Study.Disclosure.CLOSED: "once the study is closed"}
    meant, others = (when.get(held.text(f"debrief_{what}") or "never", "at once") for what in ("intended", "others"))
    return f"{told} and see their own answers; what was meant is told {meant}, how others answered {others}."


def say_admission(form: Form) -> str:
    held = Held(form)
    labels = [str(name) for key, name in form.fields["devices"].choices if key in (held["devices"] or [])]  # type: ignore[attr-defined]
    admitted = f"Only with a {listed(labels, 'or').lower()}" if labels else "On any device"
    number = held.number("attention_trials")
    asked = (
        f"{number} trial{'' if number == 1 else 's'} each ask for a certain answer" if number else "no attention trials"
    )
    return f"{admitted}; {asked}. Questions that decide who is let in are on the page of questions."


def say_trials(form: Form) -> str:
    held = Held(form)
    extras = {"practice_trials": "practice", "gold_trials": "gold", "repeat_trials": "repeat"}
    more = [f"{held.number(name)} {what}" for name, what in extras.items() if held.number(name)]
    spread = "each gets one cell" if held.text("spread") == Study.Spread.BETWEEN else "everyone gets every cell"
    order = "in random order" if held.text("trial_order") in ("", Study.Order.RANDOM) else "in a balanced order"
    added = f"Beside them {listed(more)} trials." if more else "No practice, gold or repeat trials."
    each = held.number("clips_per_participant")
    if TRIAL_FORMS.get(held.text("mode"), CHOOSE).compares:
        return f"People compare {each} pairs of clips each, {order}. {added}"
    pieces = {Study.CueDesign.CROSSED: " Pieces come in several variants.", Study.CueDesign.SQUARE: ONE_VARIANT}
    varied = pieces.get(held.text("cue_design"), "")
    return f"People hear or see {each} clips each, {order}; {spread}.{varied} {added}"


def say_listening(form: Form) -> str:
    held = Held(form)
    whole = "Each clip must be heard to its end" if held.is_on("require_listening") else "People may answer at any time"
    cap = held.number("replay_cap")
    plays = f"at most {cap} play{'' if cap == 1 else 's'}" if cap else "as many plays as they like"
    tested = held.text("headphones") not in ("", Study.Headphones.NONE)
    phones = held.label("headphones").lower() if tested else "no headphone test"
    equal = held.text("loudness") in ("", Study.Loudness.EQUAL)
    loudness = "all clips are equally loud" if equal else "loudness follows the intention"
    return f"{whole}, with {plays}; {loudness}; {phones}."


def say_recruiting(form: Form) -> str:
    held = Held(form)
    kept = held.text("id_storage") == Study.IdStorage.KEPT
    ids = "The service’s ids are kept apart from the answers" if kept else "Of a service’s ids a keyed hash is kept"
    until = held.text("retention_until")
    ends = f"personal data are deleted on {until}" if until else "no date is set on which personal data are deleted"
    back = "to an address of your own" if held.text("return_url") else "to the service, or stay on the last page"
    return f"{ids}. At the end people go back {back}, with codes that are drawn for this study; {ends}."


def say_plan(form: Form) -> str:
    held = Held(form)
    chosen = say_planned(held.text("primary_cell"))
    primary = f"Primary: {chosen}." if chosen else "No primary cell or difference is named."
    people = held.number("planned_n")
    return f"{primary} {f'{people} people are planned.' if people else 'No number of people is planned.'}"


def say_rules(form: Form) -> str:
    held = Held(form)
    counted = who_counts(
        {
            name: held.is_on(name) if isinstance(form.fields[name], forms.BooleanField) else held.text(name)
            for name in RULE_FIELDS
        }
    )
    return f"{counted[0].upper()}{counted[1:]}." if counted else "Everybody who finishes counts: there are no rules."


STEPS: tuple[Step, ...] = (
    Step(
        "What is asked",
        ("title", "contact"),
        (
            Section(
                "Wording",
                (
                    *("introduction", "consent_text", "question", "question_music", "question_picture"),
                    *("instructions", "instructions_picture"),
                ),
                say_wording,
            ),
            Section("Languages", ("language", "also_in"), say_languages, translates=True),
            Section(
                "Answers",
                (
                    *("mode", "lures", "emotions", "offer_none", "show_glosses"),
                    *(*SWITCHES, "affect_form", "continuous"),
                ),
                say_answers,
            ),
            Section(
                "After the last answer",
                ("debriefing", "debrief_own", "debrief_intended", "debrief_others"),
                say_afterwards,
            ),
        ),
    ),
    Step(
        "Clips and cells",
        (),
        (
            Section(
                "Trials",
                (
                    *("clips_per_participant", "practice_trials", "gold_trials", "repeat_trials"),
                    *("spread", "trial_order", "cue_design"),
                ),
                say_trials,
            ),
            Section(
                "Listening",
                ("require_listening", "unheard", "replay_cap", "loudness", "headphones", "headphone_test"),
                say_listening,
            ),
        ),
    ),
    Step(
        "Who takes part",
        ("recruiter", "quota"),
        (
            Section("Admission and attention", ("devices", "attention_trials"), say_admission),
            Section(
                "Recruiting",
                (
                    *("id_storage", "next_person", "return_url"),
                    *("code_complete", "code_screened_out", "code_no_consent", "code_quota_full"),
                    *("idle_minutes", "lease_minutes", "retention_until"),
                ),
                say_recruiting,
            ),
        ),
    ),
    Step(
        "Plan and rules",
        (),
        (
            Section("Plan of analysis", PLAN_FIELDS, say_plan),
            Section(RULES_HEADING, RULE_FIELDS, say_rules),
        ),
    ),
)


def _every_field() -> Iterator[str]:
    for step in STEPS:
        yield from step.fields
        for section in step.sections:
            yield from section.fields


EVERY_FIELD: tuple[str, ...] = tuple(_every_field())
