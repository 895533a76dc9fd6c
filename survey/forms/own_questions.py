"""A researcher's own question: its words in every language of the study, and what its kind of answer needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import slugify

from generation.emotions import EMOTIONS
from survey.models import Study, StudyQuestion
from survey.questions import LONGEST, REGISTER, Admission, say_in
from survey.questions.answer_lists import LISTS
from survey.wording import choice_labels

Moment, Sort = StudyQuestion.Moment, StudyQuestion.Sort
MOST_STEPS = 10
MOST_OPTIONS = 40
FARTHEST = 1e12
"""No number that people are asked for lies farther from nothing; doubles tell whole numbers apart up to 9e15."""
WORDS = ("wording", "options", "low", "high")
LABELS = {
    "wording": "The question",
    "options": "Options, one per line",
    "low": "Words at the lower end",
    "high": "Words at the upper end",
}
WRITTEN, EIGHT = "", "eight"
ANSWERS = [
    (WRITTEN, "The options written below"),
    (EIGHT, "The eight emotions of this site"),
    *((name, f"{found.label}: {', '.join(found.options)}") for name, found in LISTS.items()),
]
ADMISSION = frozenset({"admits_options", "admits_least", "admits_most"})
NEEDED = {"choice": ("options",), "scale": ("low", "high"), "slider": ("low", "high")}


class ReadyMadeForm(forms.Form):
    """Which question of the register is asked as well."""

    key = forms.ChoiceField()

    def __init__(self, *args: Any, study: Study, moment: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = set(study.questions.values_list("key", flat=True))
        offered = [
            (key, question.told[0].upper() + question.told[1:])
            for key, question in REGISTER.items()
            if question.in_table and key not in asked and moment in ("", question.when)
        ]
        self.fields["key"].choices = offered
        self.fields["key"].label = "Ready-made question"


class AdmissionFields(forms.Form):
    """Which answers let somebody in; without any, all do."""

    admits_options = forms.CharField(
        required=False,
        label="Let in who chooses",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For a choice before the clips: the options that let somebody in, one per line, as they are written "
        "in the study’s own language. Empty: whatever is chosen. Everybody else is screened out.",
    )
    admits_least = forms.FloatField(
        required=False,
        min_value=-FARTHEST,
        max_value=FARTHEST,
        label="Let in from",
        help_text="For a number before the clips, such as an age.",
    )
    admits_most = forms.FloatField(required=False, min_value=-FARTHEST, max_value=FARTHEST, label="Let in up to")

    def _admission(self, options: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
        """What is stored: options by their names, found by their words (`options`) or `names`; limits as they are."""
        data = self.cleaned_data
        lines = [line.strip() for line in str(data.get("admits_options") or "").splitlines() if line.strip()]
        slugs = [options.get(line, line) for line in lines]
        ordered = tuple(name for name in names if name in slugs) + tuple(s for s in slugs if s not in names)
        return Admission(ordered, data.get("admits_least"), data.get("admits_most")).stored


class PlaceForm(AdmissionFields):
    """What can be changed of a ready-made question: whether it is needed, its place, and whom it lets in."""

    required = forms.BooleanField(required=False, label="Nobody goes on without answering")
    position = forms.IntegerField(min_value=0, max_value=1000, label="Place among the questions of its page")
    field_order = ("required", "position")

    def __init__(self, *args: Any, row: StudyQuestion | None = None, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, initial={**_place_of(row), **kwargs.pop("initial", {})}, **kwargs)
        if row is not None and row.is_ready_made:
            for name in ADMISSION - _admission_fields(row):
                del self.fields[name]

    def values(self) -> dict[str, Any]:
        data, own = self.cleaned_data, self.row.study.language if self.row else ""
        words = {option["labels"].get(own, ""): option["slug"] for option in _options_of(self.row)}
        admits = self._admission(words, [option["slug"] for option in _options_of(self.row)])
        return {"required": data["required"], "position": data["position"], "admits": admits}


class OwnQuestionForm(PlaceForm):
    """Everything about a question that a researcher writes."""

    key = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,40}$",
        label="Name in exports",
        help_text="Small letters, digits and underscores, for example humming.",
        error_messages={"invalid": "Small letters, digits and underscores, a letter first."},
    )
    moment = forms.ChoiceField(choices=Moment, label="When")
    sort = forms.ChoiceField(choices=Sort, label="Kind of answer")
    answers = forms.ChoiceField(
        choices=ANSWERS,
        required=False,
        label="Choice: answers",
        help_text="A list brings its words in every language of the study; they can be changed afterwards.",
    )
    steps = forms.IntegerField(
        required=False, min_value=2, max_value=MOST_STEPS, initial=5, label="Scale: number of steps"
    )
    least = forms.FloatField(required=False, min_value=-FARTHEST, max_value=FARTHEST, label="Number: at least")
    most = forms.FloatField(required=False, min_value=-FARTHEST, max_value=FARTHEST, label="Number: at most")
    whole = forms.BooleanField(required=False, initial=True, label="Number: whole numbers only")
    longest = forms.IntegerField(
        required=False, min_value=1, max_value=LONGEST, initial=LONGEST, label="Text: most characters"
    )
    field_order = ("key", "moment", "sort")

    def __init__(self, *args: Any, study: Study, row: StudyQuestion | None = None, **kwargs: Any) -> None:
        self.study = study
        super().__init__(*args, row=row, initial={**_initial(row), **kwargs.pop("initial", {})}, **kwargs)
        self.fields["position"].required = False
        names = dict(settings.LANGUAGES)
        for code in study.languages:
            language = f" ({names.get(code, code)})" if len(study.languages) > 1 else ""
            for name in WORDS:
                self.fields[f"{name}_{code}"] = _words_field(name, f"{LABELS[name]}{language}")

    def sections(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """(heading, fields) as the page shows them."""
        yield "The question", [self[name] for name in ("key", "moment", "sort", "answers", "required", "position")]
        for code in self.study.languages:
            yield f"Words: {dict(settings.LANGUAGES).get(code, code)}", [self[f"{name}_{code}"] for name in WORDS]
        yield "Limits", [self[name] for name in ("steps", "least", "most", "whole", "longest")]
        yield "Who is let in", [self[name] for name in ("admits_options", "admits_least", "admits_most")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        own, sort = self.study.language, data.get("sort", "")
        listed = bool(data.get("answers"))
        for name in ("wording", *NEEDED.get(sort, ())):
            if not (name == "options" and listed) and not data.get(f"{name}_{own}"):
                self.add_error(f"{name}_{own}", "This is needed.")
        if sort == Sort.CHOICE and not listed:
            self._check_options(data)
        least, most = data.get("least"), data.get("most")
        if sort == Sort.NUMBER and least is not None and most is not None and least > most:
            self.add_error("most", "This is less than the least number.")
        return data

    def _check_options(self, data: dict[str, Any]) -> None:
        own = self._lines(data, self.study.language)
        if len(own) < 2 or len(own) > MOST_OPTIONS:
            self.add_error(f"options_{self.study.language}", f"Write 2 to {MOST_OPTIONS} options, one per line.")
        for code in self.study.languages:
            lines = self._lines(data, code)
            if lines and len(lines) != len(own):
                self.add_error(f"options_{code}", f"Write {len(own)} lines, in the same order as above.")
            for twice in sorted({line for line in lines if lines.count(line) > 1}):
                self.add_error(f"options_{code}", f"{twice!r} stands there twice: people could not tell them apart.")

    @staticmethod
    def _lines(data: dict[str, Any], code: str) -> list[str]:
        return [line.strip() for line in str(data.get(f"options_{code}") or "").splitlines() if line.strip()]

    def values(self) -> dict[str, Any]:
        """What `write_question` takes."""
        data, sort = self.cleaned_data, self.cleaned_data["sort"]
        named = {name: data[name] for name in ("key", "moment", "sort", "required")}
        place = {} if data["position"] is None else {"position": data["position"]}
        ends = {name: self._said(name) if name in NEEDED.get(sort, ()) else {} for name in ("low", "high")}
        least, most = {
            Sort.SCALE: (None, data["steps"] or 5),
            Sort.SLIDER: (0.0, 100.0),
            Sort.NUMBER: (data["least"], data["most"]),
            Sort.TEXT: (None, data["longest"] or LONGEST),
        }.get(sort, (None, None))
        options = self._options() if sort == Sort.CHOICE else []
        words = {option["labels"].get(self.study.language, ""): option["slug"] for option in options}
        return {
            **named,
            **place,
            **ends,
            "admits": self._admission(words, [option["slug"] for option in options]),
            "wording": self._said("wording"),
            "options": options,
            "least": least,
            "most": most,
            "whole": data["whole"],
        }

    def _said(self, name: str) -> dict[str, str]:
        data = self.cleaned_data
        return {code: data[f"{name}_{code}"] for code in self.study.languages if data[f"{name}_{code}"]}

    def _options(self) -> list[dict[str, Any]]:
        """Each option with a name of its own, which stays where its words in the study's language do."""
        if self.cleaned_data["answers"]:
            return _listed(self.cleaned_data["answers"], self.study.languages)
        lines = {code: self._lines(self.cleaned_data, code) for code in self.study.languages}
        own = lines[self.study.language]
        known = {option["labels"].get(self.study.language): option["slug"] for option in _options_of(self.row)}
        taken = set(known.values())
        options: list[dict[str, Any]] = []
        for place, label in enumerate(own):
            slug = known.get(label) or _new_slug(label, taken)
            taken.add(slug)
            labels = {code: words[place] for code, words in lines.items() if words}
            options.append({"slug": slug, "labels": labels})
        return options


def _new_slug(label: str, taken: set[str]) -> str:
    """A name for an option that no other has, nor had before this change.

    >>> _new_slug("C#", {"c"}), _new_slug("😀", {"option", "option-2"})
    ('c-2', 'option-3')
    """
    plain = slugify(label)[:40] or "option"
    return next(slug for number in count(1) if (slug := plain if number == 1 else f"{plain}-{number}") not in taken)


def _listed(name: str, languages: list[str]) -> list[dict[str, Any]]:
    """The options of a list, in the languages of the study."""
    if name == EIGHT:
        return [{"slug": emotion.slug, "labels": choice_labels(emotion.slug, languages)} for emotion in EMOTIONS]
    return [
        {"slug": slug, "labels": {code: say_in(words, code) for code in languages}}
        for slug, words in LISTS[name].options.items()
    ]


def _options_of(row: StudyQuestion | None) -> list[dict[str, Any]]:
    return row.options if row else []


def _words_field(name: str, label: str) -> forms.CharField:
    if name == "options":
        return forms.CharField(required=False, label=label, widget=forms.Textarea(attrs={"rows": 5}), max_length=4000)
    return forms.CharField(required=False, label=label, max_length=300 if name == "wording" else 60)


def _place_of(row: StudyQuestion | None) -> dict[str, Any]:
    """What can be changed of any question that is there already."""
    if row is None:
        return {}
    words = {option["slug"]: option["labels"].get(row.study.language, "") for option in row.options}
    return {
        "required": row.required,
        "position": row.position,
        "admits_options": "\n".join(words.get(slug) or slug for slug in row.admits.get("options", ())),
        "admits_least": row.admits.get("least"),
        "admits_most": row.admits.get("most"),
    }


def _admission_fields(row: StudyQuestion) -> frozenset[str]:
    """The fields that fit a ready-made question: none where it is not asked before the clips."""
    if row.moment != Moment.BEFORE:
        return frozenset()
    if row.sort == Sort.CHOICE:
        return frozenset({"admits_options"})
    return frozenset({"admits_least", "admits_most"}) if row.sort == Sort.NUMBER else frozenset()


def _initial(row: StudyQuestion | None) -> dict[str, Any]:
    """The fields of a question of a researcher's own that is there already."""
    if row is None:
        return {}
    found = {name: getattr(row, name) for name in ("key", "moment", "sort", "whole")}
    if row.sort == Sort.NUMBER:
        found |= {"least": row.least, "most": row.most}
    if row.sort == Sort.SCALE:
        found["steps"] = row.most and int(row.most)
    if row.sort == Sort.TEXT:
        found["longest"] = row.most and int(row.most)
    for name in ("wording", "low", "high"):
        found |= {f"{name}_{code}": text for code, text in getattr(row, name).items()}
    for code in row.study.languages:
        found[f"options_{code}"] = "\n".join(option["labels"].get(code, "") for option in row.options)
    return found
