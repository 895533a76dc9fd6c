"""What researchers send: a study's wording and rules, its clips, the people it is shared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model

from generation.emotions import EMOTIONS
from survey.actions.cells import CELLS, cell_key, cell_name
from survey.design.quality import is_applied
from survey.first_words import default_wording, is_default
from survey.forms.plan import PLAN_FIELDS, RULE_FIELDS, PlanFields
from survey.models import Study, StudyMember
from survey.models.bounds import HEAVIEST, limits_of
from survey.queries.loudness import reasons_against_levels
from survey.questions import SWITCHES
from survey.wording import TRANSLATION_LABELS

EMOTION_CHOICES = [(emotion.slug, emotion.label) for emotion in EMOTIONS]
MAY_BE_LEFT_OUT = ("unheard", "id_storage", "next_person", "trial_order", "lures", "loudness")
LONG_TEXTS = {"introduction": 3, "consent_text": 10, "instructions": 3, "instructions_picture": 3}
ASKED = ("question", "question_music", "question_picture", "instructions", "instructions_picture")
# (heading, whether it is open at first, fields)
SECTIONS: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    ("Wording", True, ("title", "introduction", "consent_text", "contact", *ASKED)),
    ("Languages", False, ("language", "also_in")),
    (
        "Answers",
        True,
        ("mode", "lures", "emotions", "offer_none", "show_glosses", *SWITCHES),
    ),
    (
        "Trials",
        True,
        ("clips_per_participant", "practice_trials", "gold_trials", "repeat_trials", "spread", "trial_order"),
    ),
    ("Listening", False, ("require_listening", "unheard", "replay_cap", "loudness", "headphones", "headphone_test")),
    (
        "Recruiting",
        False,
        (
            "recruiter",
            "id_storage",
            "next_person",
            "return_url",
            "quota",
            "code_complete",
            "code_screened_out",
            "code_no_consent",
            "code_quota_full",
            "idle_minutes",
            "lease_minutes",
            "retention_until",
        ),
    ),
    ("Plan of analysis", False, PLAN_FIELDS),
    ("Rules for leaving people out", False, RULE_FIELDS),
)
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
    "mode": "Yes/no asks about one emotion per clip, as the seed study did. Two clips: clips of two cells are "
    "compared, either beside one picture, or music only of one emotion, which is named.",
    "lures": "Yes/no only. Where every trial names the intended emotion, yes is always right: how well people tell "
    "emotions apart cannot be known.",
    "offer_none": "Offer “None of these / cannot tell” as well; without it agreement is inflated.",
    "show_glosses": "One sentence for every emotion word, below the answers: the same for everybody and at every clip.",
    **{name: switch.hint for name, switch in SWITCHES.items() if switch.hint},
    "clips_per_participant": "Without practice, gold and repeat trials.",
    "practice_trials": "They come first and never count.",
    "gold_trials": "Clips with a known answer, hidden among the others.",
    "repeat_trials": "Clips played once more in the second half, for self-consistency.",
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
    "spread": "Matters where there is more than one cell.",
}


class StudyForm(PlanFields, forms.ModelForm):
    """Everything about a draft but its clips."""

    emotions = forms.MultipleChoiceField(
        choices=EMOTION_CHOICES, widget=forms.CheckboxSelectMultiple, required=False, label="Emotions offered"
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
            name
            for _, _, names in SECTIONS
            for name in names
            if name not in {"emotions", "language", "also_in", *PLAN_FIELDS, *RULE_FIELDS}
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
            **{name: switch.label for name, switch in SWITCHES.items()},
            "lures": "Yes/no: emotion named",
            "offer_none": "Offer “none of these”",
            "show_glosses": "Say what the words mean",
        }
        widgets = {
            "introduction": forms.Textarea(attrs={"rows": 3}),
            "consent_text": forms.Textarea(attrs={"rows": 12}),
            "instructions": forms.Textarea(attrs={"rows": 3}),
            "instructions_picture": forms.Textarea(attrs={"rows": 3}),
            "retention_until": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        study = self.instance
        for name in MAY_BE_LEFT_OUT:
            self.fields[name].required = False
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
        self.initial["also_in"] = [code for code, _ in settings.LANGUAGES if code in study.translations]
        for code, name in settings.LANGUAGES:
            self._add_translation(code, name, study.translations.get(code, {}))
        if not study.pk:
            self.initial.update({"show_glosses": True, **default_wording("en", Study.Mode.CHOOSE)})

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
        return data

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

    def sections(self) -> Iterator[tuple[str, bool, list[forms.BoundField]]]:
        for heading, is_open, names in SECTIONS:
            fields = [self[name] for name in names]
            yield heading, is_open or any(field.errors for field in fields), fields

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


class ClipFilterForm(forms.Form):
    """GET parameters of the clip list; anything unknown counts as no filter."""

    emotion = forms.ChoiceField(required=False, choices=[("", "Any emotion"), *EMOTION_CHOICES])
    composer = forms.CharField(required=False, max_length=40)
    picture = forms.ChoiceField(
        required=False, choices=[("", "With or without"), ("with", "With a picture"), ("without", "Without a picture")]
    )
    newest = forms.BooleanField(required=False, label="Newest version of each pair only")

    def __init__(self, *args: Any, composers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Any composer"), *((name, name) for name in composers)]
        self.fields["composer"] = forms.ChoiceField(required=False, choices=choices)

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class CellsForm(forms.Form):
    """Which cells the design has, of all composers together or of one each, and how much weight each gets."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, current: Mapping[str, float], composers: Sequence[str] = ()
    ) -> None:
        super().__init__(data)
        self.kinds: dict[str, dict[str, str]] = {kind: {cell_key(kind): cell_name(kind)} for kind in CELLS}
        for kind, cell in CELLS.items():
            if cell.plays_music:
                self.kinds[kind] |= {cell_key(kind, name): cell_name(kind, name) for name in composers}
        for keys in self.kinds.values():
            for key, name in keys.items():
                self._add(key, name, current)

    def _add(self, key: str, name: str, current: Mapping[str, float]) -> None:
        self.fields[f"cell_{key}"] = forms.BooleanField(label=name, required=False, initial=key in current)
        self.fields[f"weight_{key}"] = forms.FloatField(
            label=f"Weight of “{name}”",
            required=False,
            min_value=0.01,
            max_value=HEAVIEST,
            initial=current.get(key, 1.0),
        )

    def groups(self) -> Iterator[tuple[tuple[forms.BoundField, ...], list[tuple[forms.BoundField, ...]], bool]]:
        """For every kind of cell: its row (checkbox, weight), the rows of single composers, whether one is chosen."""
        for keys in self.kinds.values():
            first, *rest = [(self[f"cell_{key}"], self[f"weight_{key}"]) for key in keys]
            yield first, rest, any(box.value() or weight.errors for box, weight in rest)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not any(data.get(f"cell_{key}") for keys in self.kinds.values() for key in keys):
            raise forms.ValidationError("Choose at least one cell.")
        return data

    def cells(self) -> dict[str, float]:
        data = self.cleaned_data
        keys = [key for keys in self.kinds.values() for key in keys if data.get(f"cell_{key}")]
        return {key: data.get(f"weight_{key}") or 1.0 for key in keys}


class ShareForm(forms.Form):
    username = forms.CharField(max_length=150, label="User name")
    role = forms.ChoiceField(choices=StudyMember.Role)

    def clean_username(self) -> Any:
        user = get_user_model().objects.filter(username=self.cleaned_data["username"].strip()).first()
        if user is None:
            raise forms.ValidationError("There is no account of this name.")
        return user
