"""What researchers send: a study's wording and rules, its clips, the people it is shared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model

from survey.design.contradictions import RULES, TRIALS, contradictions
from survey.design.devices import DEVICES
from survey.design.quality import is_applied
from survey.first_words import default_wording, is_default
from survey.forms.cells import EMOTION_CHOICES
from survey.forms.plan import PLAN_FIELDS, RULE_FIELDS, PlanFields
from survey.forms.steps import EVERY_FIELD, STEPS, ShownSection, ShownStep
from survey.models import Study, StudyMember
from survey.models.bounds import limits_of
from survey.queries.loudness import reasons_against_levels
from survey.questions import SWITCHES
from survey.wording import TRANSLATION_LABELS

MAY_BE_LEFT_OUT = (
    "unheard",
    "id_storage",
    "next_person",
    "trial_order",
    "lures",
    "loudness",
    "debrief_intended",
    "debrief_others",
    "affect_form",
    "continuous",
    "cue_design",
)
LONG_TEXTS = {"introduction": 3, "consent_text": 10, "instructions": 3, "instructions_picture": 3, "debriefing": 5}
HINTS = {
    "title": "Participants see it on the first page. It should not give the hypothesis away.",
    "introduction": "One or two sentences above the consent text.",
    "consent_text": "What participants agree to. Without it the study cannot be published.",
    "contact": "Whom participants can ask: a name and a mail address.",
    "question": "Ask for the perceived emotion (“does the music express”), not for the felt one. In the yes/no mode "
    "{emotion} stands for the emotion's name.",
    "question_music": "Asked about music without a picture; empty: the question above.",
    "question_picture": "Asked about a picture without music; empty: the default wording.",
    "instructions": "Shown on the first clip.",
    "instructions_picture": "Shown on the first picture without music.",
    "trial_order": "A Latin square lets everything follow everything else equally often. Of cells: each person gets "
    "them in blocks. Of clips: each person gets every clip.",
    "mode": "Yes/no asks about one emotion per clip, as the first project did. Two clips: clips of two cells are "
    "compared, either beside one picture, or music only of one emotion, which is named.",
    "lures": "Yes/no only. Where every trial names the intended emotion, yes is always right: how well people tell "
    "emotions apart cannot be known.",
    "offer_none": "Offer “None of these / cannot tell” as well; without it agreement is inflated.",
    "show_glosses": "One sentence for every emotion word, below the answers: the same for everybody and at every clip.",
    **{name: switch.hint for name, switch in SWITCHES.items() if switch.hint},
    "affect_form": "Where they are asked for after a clip. The pad names no emotion. Without JavaScript: steps.",
    "continuous": "Ten times a second of the clip, on the pad or one slider beside the player. It needs JavaScript; "
    "answers without it are taken, and have no course.",
    "clips_per_participant": "Without practice, gold and repeat trials.",
    "practice_trials": "They come first and never count.",
    "gold_trials": "Clips with a known answer, hidden among the others.",
    "repeat_trials": "Clips played once more in the second half, for self-consistency.",
    "devices": "Others are told before they agree to come with such a device. None ticked: every one. By age or other "
    "answers people are let in by questions before the clips, on the study’s page.",
    "attention_trials": "Pages that ask for a certain answer, whatever is heard; a clip is played once more, and the "
    "answer counts nowhere. Three are usual. Failing is written down; a rule below can leave people out.",
    "require_listening": "Where the browser can measure it, an answer is taken only after the whole clip was played.",
    "unheard": "Sound check, headphone test, and answers sooner than a clip lasts. "
    "With JavaScript, what was not played is always refused.",
    "replay_cap": "Most plays per clip; empty for no limit.",
    "loudness": "By intention, clips of aroused emotions are up to 3 dB louder, those of calm ones 1.5 dB softer: "
    "nearer to music as people play it, but loudness alone then tells part of the emotion. Set by publishing.",
    "recruiter": "Which service the participants come from; it decides the parameter that names them.",
    "id_storage": "Only of people whom a service sends. The proposed consent text follows; say in a text of your own "
    "that ids are kept, if they are.",
    "next_person": "What happens where a link that names nobody is opened in a browser after somebody else.",
    "return_url": "Where the last page leads; {code} stands for the completion code. Empty: the service's own.",
    "quota": "Most participants; empty for no limit.",
    "idle_minutes": "After so long without an answer people see the instructions again before going on.",
    "lease_minutes": "For how long a clip on somebody's screen counts as heard, at most.",
    "retention_until": "On this date free words, background answers, ids and links are deleted, and joining ends.",
    "debriefing": "Read below the completion code, after the last answer. Say so here if emotions were named that were "
    "not meant. Empty: nothing is said.",
    "debrief_own": "Below it: every clip once more, with what they chose.",
    "debrief_intended": "Beside their own answers, to those who have finished. Whoever knows it can tell people who "
    "come later.",
    "debrief_others": "Beside their own answers, from five others on. It tells what is meant nearly as well.",
    "cue_design": "For clips that are variants of one piece, made by a run for a cue experiment. In several variants a "
    "piece is compared with itself by the same ears; in one, what is varied is hard to notice, but more people are "
    "needed.",
    "spread": "Matters where there is more than one cell.",
}


class StudyForm(PlanFields, forms.ModelForm):
    """Everything about a draft but its clips."""

    emotions = forms.MultipleChoiceField(
        choices=EMOTION_CHOICES, widget=forms.CheckboxSelectMultiple, required=False, label="Emotions offered"
    )
    devices = forms.MultipleChoiceField(
        choices=[(device, device.capitalize()) for device in DEVICES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Devices admitted",
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES, initial="en", label="Language of the texts above")
    also_in = forms.MultipleChoiceField(
        choices=settings.LANGUAGES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Offer it also in",
    )

    class Meta:
        model = Study
        fields = [
            name for name in EVERY_FIELD if name not in {"emotions", "language", "also_in", *PLAN_FIELDS, *RULE_FIELDS}
        ]
        help_texts = HINTS
        labels = {
            "code_complete": "Code: complete",
            "code_screened_out": "Code: screened out",
            "code_no_consent": "Code: no consent",
            "code_quota_full": "Code: study full",
            "unheard": "What cannot have been heard",
            "loudness": "Loudness of the clips",
            "id_storage": "Outside ids",
            "next_person": "Several people in one browser",
            "question": "Question: picture and music",
            "question_music": "Question: music only",
            "question_picture": "Question: picture only",
            "instructions_picture": "Instructions: picture only",
            "trial_order": "Order of trials",
            "cue_design": "Cue experiment",
            **{name: switch.label for name, switch in SWITCHES.items()},
            "affect_form": "How valence and arousal are asked for",
            "continuous": "Rated while the clip plays",
            "lures": "Yes/no: emotion named",
            "offer_none": "Offer “none of these”",
            "show_glosses": "Say what the words mean",
            "debriefing": "What the study was about",
            "debrief_own": "Show people their own answers",
            "debrief_intended": "Tell them what was meant",
            "debrief_others": "Tell them how others answered",
        }
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 3}),
            "consent_text": forms.Textarea(attrs={"rows": 12}),
            "instructions": forms.Textarea(attrs={"rows": 3}),
            "instructions_picture": forms.Textarea(attrs={"rows": 3}),
            "debriefing": forms.Textarea(attrs={"rows": 5}),
            "retention_until": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        study = self.instance
        for name in MAY_BE_LEFT_OUT:
            self.fields[name].required = False
        # Left out by forms that were written for an earlier release.
        self.fields["attention_trials"].required = False
        for name in self.Meta.fields:
            if limits := limits_of(Study._meta.get_field(name)):
                self.fields[name].widget.attrs.update(min=str(limits.least), max=str(limits.most))
        for name, value in {**study.analysis_plan, **study.exclusion_rules}.items():
            if name in self.fields:
                self.initial[name] = value
        chosen = list(study.choices.values_list("slug", flat=True)) if study.pk else []
        self.initial["emotions"] = [slug for slug, _ in EMOTION_CHOICES if slug in chosen] or [
            slug for slug, _ in EMOTION_CHOICES
        ]
        self.initial["language"] = study.language
        # Offered beside the study's own. One that is sent all the same is no mistake: it is left out.
        own = self["language"].value()
        self.fields["also_in"].widget.choices = [one for one in settings.LANGUAGES if one[0] != own]  # type: ignore[attr-defined]
        self.initial["also_in"] = [code for code, _ in settings.LANGUAGES if code in study.translations]
        for code, name in settings.LANGUAGES:
            self._add_translation(code, name, study.translations.get(code, {}))
        if not study.pk:
            mode = self.initial.get("mode") or Study.Mode.CHOOSE
            given = kwargs.get("initial") or {}
            self.initial.update({"show_glosses": True, **default_wording("en", mode), **given})

    def _add_translation(self, code: str, language: str, texts: Mapping[str, str]) -> None:
        """Fields for the study's texts in one more language; empty ones take the default wording where it fits."""
        for name in TRANSLATION_LABELS:
            widget = forms.Textarea(attrs={"rows": LONG_TEXTS[name]}) if name in LONG_TEXTS else forms.TextInput()
            label = f"{TRANSLATION_LABELS[name]} ({language})"
            most = Study._meta.get_field(name).max_length
            field = forms.CharField(
                required=False, label=label, initial=texts.get(name, ""), widget=widget, max_length=most
            )
            self.fields[f"{name}_{code}"] = field

    def translations(self) -> Iterator[tuple[str, bool, list[forms.BoundField]]]:
        """(language, whether it is offered, its fields) of every language but the study's own."""
        for code, language in settings.LANGUAGES:
            if code != self["language"].value():
                offered = code in (self["also_in"].value() or [])
                yield language, offered, [self[f"{name}_{code}"] for name in TRANSLATION_LABELS]

    def clean(self) -> dict[str, Any]:
        """A choice that is left out stays as it is, so that forms written for an earlier release go on working."""
        data = super().clean() or {}
        for name in MAY_BE_LEFT_OUT:
            data[name] = data.get(name) or self.initial.get(name) or Study._meta.get_field(name).get_default()
        numbers = (*RULES, *TRIALS, "clips_per_participant")
        for name, sentence in contradictions({name: data.get(name) for name in numbers}):
            self.add_error(name, sentence)
        return data

    def clean_attention_trials(self) -> int:
        """Left out, the number stays as it is."""
        given = self.cleaned_data["attention_trials"]
        return int(self.instance.attention_trials if given is None else given)

    def clean_devices(self) -> list[str]:
        """All of them are no condition."""
        chosen = self.cleaned_data["devices"]
        return [] if len(chosen) == len(DEVICES) else [device for device in DEVICES if device in chosen]

    def clean_loudness(self) -> str:
        """Levels follow the intention only where every clip that has been chosen can change its own."""
        chosen = str(self.cleaned_data["loudness"] or "")
        if chosen == Study.Loudness.BY_INTENTION and self.instance.pk:
            reasons = list(reasons_against_levels(self.instance))
            if reasons:
                raise forms.ValidationError(reasons)
        return chosen

    def clean_emotions(self) -> list[str]:
        chosen = list(self.cleaned_data["emotions"])
        if self.data.get("mode", Study.Mode.CHOOSE) == Study.Mode.CHOOSE and len(chosen) < 2:
            raise forms.ValidationError("Offer at least two emotions.")
        return chosen

    def steps(self) -> Iterator[ShownStep]:
        """The form in the order in which a study is thought of; a part with a mistake in it is open."""
        for number, step in enumerate(STEPS, 1):
            sections = []
            for section in step.sections:
                fields = [self[name] for name in section.fields]
                hidden = self._translated_fields() if section.translates else []
                is_wrong = any(field.errors for field in (*fields, *hidden))
                sections.append(ShownSection(section.heading, section.say(self), is_wrong, fields, section.translates))
            yield ShownStep(number, step.heading, [self[name] for name in step.fields], sections)

    def _translated_fields(self) -> list[forms.BoundField]:
        return [field for _, _, fields in self.translations() for field in fields]

    def values(self) -> dict[str, Any]:
        """What `create_study` and `edit_study` take."""
        data = self.cleaned_data
        plan = {name: data[name] for name in PLAN_FIELDS if data[name] not in (None, "")}
        rules = {name: data[name] for name in RULE_FIELDS if is_applied(data[name])}
        plain = {name: data[name] for name in self.Meta.fields}
        plain |= {"language": data["language"], "translations": self._translated()}
        return {**plain, "emotions": data["emotions"], "analysis_plan": plan, "exclusion_rules": rules}

    def _translated(self) -> dict[str, dict[str, str]]:
        data = self.cleaned_data
        translated = {}
        for code in data["also_in"]:
            if code != data["language"]:
                written = {
                    name: data[f"{name}_{code}"] for name in TRANSLATION_LABELS if data[f"{name}_{code}"].strip()
                }
                translated[code] = {**self._default_where_own_is(code), **written}
        return translated

    def _default_where_own_is(self, code: str) -> dict[str, str]:
        """The default wording in a language, of the texts that are the default in the study's own: no other fits."""
        data = self.cleaned_data
        proposed = default_wording(code, data["mode"])
        return {name: text for name, text in proposed.items() if is_default(name, data[name])}


class ShareForm(forms.Form):
    username = forms.CharField(max_length=150, label="User name")
    role = forms.ChoiceField(choices=StudyMember.Role)

    def clean_username(self) -> Any:
        user = get_user_model().objects.filter(username=self.cleaned_data["username"].strip()).first()
        if user is None:
            raise forms.ValidationError("There is no account of this name.")
        return user
