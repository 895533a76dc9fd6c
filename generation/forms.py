"""What researchers send: pictures, their descriptions, runs, filters."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from generation import queries
from generation.accepted import PICTURE_SUFFIXES, PICTURE_WORDS, TABLE_SUFFIXES, offer
from generation.actions import LARGEST_ARCHIVE, MOST_PAIRS, MOST_PAIRS_PER_RUN, SEED_LIMIT
from generation.emotion_lists import LARGEST_LIST, Matched, Problem, match_list, read_list
from generation.emotions import EMOTIONS
from generation.guesses import DIMENSIONS, find_point, likely_emotions, name_guess, signed
from generation.images.intake import MAX_BYTES
from generation.models import ListeningAnswer, ModelVersion, PairVersion, SourceImage
from generation.music.cues.levels import CUES, Cue, combine
from generation.pacing import reckon_seconds, say_clips, say_seconds

MOST_SEEDS = 50
PICTURES_OFFERED = offer("image/*", PICTURE_SUFFIXES)  # browsers count few of the suffixes to image/*
EMOTION_CHOICES = [(emotion.slug, emotion.label) for emotion in EMOTIONS]


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files of any kind; what a picture is, the intake decides and says."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", ManyFilesInput(attrs={"multiple": True, "accept": PICTURES_OFFERED}))
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class PictureField(forms.FileField):
    """One picture, no larger than what the intake looks at: a larger one is refused before any of it is read."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Picture")
        kwargs.setdefault("widget", forms.ClearableFileInput(attrs={"accept": PICTURES_OFFERED}))
        kwargs.setdefault("error_messages", {"required": "Choose a picture."})
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file.size > MAX_BYTES:
            megabytes = f"{file.size / 2**20:.1f} MB; the limit is {MAX_BYTES // 2**20} MB"
            raise forms.ValidationError(f"This file has {megabytes}. Make the picture smaller and send it again.")
        return file


class UploadForm(forms.Form):
    files = ManyFilesField(
        label="Pictures",
        error_messages={"required": "Choose at least one picture."},
        help_text=f"{PICTURE_WORDS}, up to 30 MB each and 200 at once. "
        "Place, camera and every other hidden note in the files is dropped.",
    )
    licence = forms.CharField(
        max_length=200, required=False, help_text="Applies to all pictures of this upload, for instance CC BY 4.0."
    )
    attribution = forms.CharField(max_length=300, required=False, help_text="Whom to name for these pictures.")


class ImportForm(forms.Form):
    """An archive of clips. Whether it can be imported, a worker finds out."""

    archive = forms.FileField(
        label="Archive",
        widget=forms.ClearableFileInput(attrs={"accept": offer("application/zip", [".zip"])}),
        error_messages={"required": "Choose an archive."},
        help_text=f"A zip file, up to {LARGEST_ARCHIVE // 2**20} MB.",
        allow_empty_file=True,
    )
    licence = forms.CharField(max_length=200, required=False, help_text="Of the clips whose row states none.")

    def clean_archive(self) -> UploadedFile:
        archive = self.cleaned_data["archive"]
        if archive.size > LARGEST_ARCHIVE:
            raise forms.ValidationError(
                f"The archive is larger than {LARGEST_ARCHIVE // 2**20} MB; send it in parts, or use import_clips."
            )
        if not zipfile.is_zipfile(archive):
            raise forms.ValidationError("This is no zip file; put manifest and clips in one.")
        return archive


class PictureForm(forms.ModelForm):
    class Meta:
        model = SourceImage
        fields = ["title", "alt_text", "licence", "attribution"]
        labels = {"alt_text": "Description (in English)"}


class PictureFilterForm(forms.Form):
    """GET parameters of the library; anything unknown counts as no filter."""

    search = forms.CharField(required=False, label="Title contains", max_length=100)
    emotion = forms.ChoiceField(required=False, label="Most probable emotion", choices=[("", "Any"), *EMOTION_CHOICES])
    state = forms.ChoiceField(
        required=False,
        label="Label",
        choices=[
            ("", "Any"),
            ("sure", "Labelled, sure"),
            ("unsure", "Labelled, unsure"),
            ("waiting", "Not labelled yet"),
            ("failed", "Labelling failed"),
        ],
    )


class GalleryFilterForm(forms.Form):
    emotion = forms.ChoiceField(required=False, label="Intended emotion", choices=[("", "Any"), *EMOTION_CHOICES])
    composer = forms.ChoiceField(required=False)
    status = forms.ChoiceField(required=False, choices=[("", "Any"), *PairVersion.Status.choices])
    picture = forms.UUIDField(required=False, widget=forms.HiddenInput)
    run = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        imported = [(name, f"{name} (imported)") for name in queries.imported_systems()]
        gone = [(name, f"{name} (not installed)") for name in queries.uninstalled_composers()]
        self.fields["composer"].choices = [("", "Any"), *queries.short_composer_choices(), *gone, *imported]

    def chosen(self) -> dict[str, str]:
        """The filters that were understood; what was not is left out."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class RunSizeForm(forms.Form):
    """How large a run is: by whom, and how many clips of each picture."""

    composer = forms.MultipleChoiceField(
        label="Composers",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one composer."},
    )
    seeds_per_picture = forms.IntegerField(
        label="Clips per picture and composer",
        min_value=1,
        max_value=MOST_SEEDS,
        initial=1,
        help_text="Each clip has its own seed, derived from the run's.",
    )
    cues = forms.MultipleChoiceField(
        label="Cues to vary",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(f"{name}={level.name}", level.label) for name, cue in CUES.items() for level in cue.levels],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = queries.composer_choices()
        self.fields["composer"].choices = choices
        self.fields["composer"].initial = [name for name, _ in choices[:1]]

    def clean_cues(self) -> dict[str, tuple[str, ...]]:
        """Cue → levels to play, as `levels.combine` takes them and the command does; empty: nothing is varied."""
        asked: dict[str, tuple[str, ...]] = {}
        for chosen in self.cleaned_data["cues"]:
            name, _, level = chosen.partition("=")
            asked[name] = (*asked.get(name, ()), level)
        try:
            if asked:
                combine(asked)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return asked

    def cue_rows(self) -> list[tuple[Cue, list[forms.BoundWidget]]]:
        """Each cue with the boxes of its levels."""
        boxes = list(self["cues"])
        return [(cue, [box for box in boxes if box.data["value"].startswith(f"{name}=")]) for name, cue in CUES.items()]

    def describe_size(self, pictures: int) -> str:
        """How many clips that makes of so many pictures, and how long it takes; for any state of the fields."""
        asked = RunSizeForm({name: self[name].value() for name in RunSizeForm.base_fields})
        if not asked.is_valid():
            return " ".join(text for texts in asked.errors.values() for text in texts)
        names, each = list(dict.fromkeys(asked.cleaned_data["composer"])), asked.cleaned_data["seeds_per_picture"]
        variants = len(combine(asked.cleaned_data["cues"])) if asked.cleaned_data["cues"] else 1
        each *= variants
        size = pictures * len(names) * each
        said = say_clips(pictures, len(names), each)
        if variants > 1:
            said = f"Every clip is made in {variants} variants. {said}"
        if size > MOST_PAIRS_PER_RUN:
            return f"{said} That is more than the {MOST_PAIRS_PER_RUN:,} that one run may make."
        return f"{said} {_say_time(dict.fromkeys(names, pictures * each))}"


def _say_time(wanted: Mapping[str, int]) -> str:
    before = queries.clips_before(sum(wanted.values()))
    made = queries.made_lately({*wanted, *before})
    seconds = reckon_seconds({name: wanted.get(name, 0) + before.get(name, 0) for name in {*wanted, *before}}, made)
    if seconds is None:
        known = {one.composer for one in made}
        new = ", ".join(sorted({*wanted, *before} - known))
        return f"How long that takes nobody knows yet: no clip of {new} has been made here."
    waiting = sum(before.values())
    first = f", with {waiting:,} that come{'s' if waiting == 1 else ''} first" if waiting else ""
    return f"At the pace of the latest clips that takes {say_seconds(seconds)}{first}."


class TargetsField(forms.ChoiceField):
    """Which targets the composers follow; offered where there is more than the table as shipped."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Targets")
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "help_text",
            "What each emotion asks of music. The muses follow them; the paper's composer and neutral music have none.",
        )
        super().__init__(**kwargs)

    @staticmethod
    def offer_in(form: forms.Form) -> None:
        """Fill in what can be chosen, those in force first; take the fields away where there is no choice."""
        versions = queries.target_versions()
        beside = form.fields.get("attribute_targets_beside")
        if len(versions) < 2:
            del form.fields["attribute_targets"]
            if beside:
                del form.fields["attribute_targets_beside"]
            return
        if beside:
            beside.choices = [("", "No"), *((str(one.pk), one.targets_line) for one in versions)]
        serving = next((version for version in versions if version.is_default), versions[0])
        rest = [(str(one.pk), one.targets_line) for one in versions if one != serving]
        field = form.fields["attribute_targets"]
        field.choices = [(str(serving.pk), f"{serving.targets_line}, in force"), *rest]
        field.initial = str(serving.pk)

    @staticmethod
    def chosen_in(form: forms.Form, field: str = "attribute_targets") -> ModelVersion | None:
        """What was chosen; None: those in force, or none beside them."""
        key = form.cleaned_data.get(field)
        return next((version for version in queries.target_versions() if str(version.pk) == key), None) if key else None


class RunForm(RunSizeForm):
    """A run for `pictures`: one emotion field per picture, then what holds for all."""

    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=SEED_LIMIT - 1,
        help_text="Leave it empty for a random one. The same seed, pictures and networks give the same "
        "clips, unless the composer is marked “not repeatable”.",
    )
    reason = forms.CharField(
        required=False, max_length=300, help_text="For your notes, for instance “first wave of the pilot”."
    )

    attribute_targets = TargetsField()
    attribute_targets_beside = TargetsField(
        label="Make the same clips by other targets too",
        help_text="A second run with the same seeds, so that a study can play both.",
    )
    in_front = forms.BooleanField(
        label="For the front page",
        required=False,
        help_text="The front page plays its three latest pairs to everybody and names their emotions. It leaves out "
        "what a study plays or shows; kinds of study that choose their clips leave these out.",
    )

    def __init__(self, *args: Any, pictures: Sequence[SourceImage], may_front: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_front:
            del self.fields["in_front"]
        TargetsField.offer_in(self)
        self.pictures = list(pictures)
        for picture in self.pictures:
            self.fields[self.emotion_name(picture)] = self._emotion_field(picture)

    @staticmethod
    def emotion_name(picture: SourceImage | int) -> str:
        """Name of the field of a picture, or of the picture with this key."""
        return f"emotion-{getattr(picture, 'pk', picture)}"

    @staticmethod
    def _emotion_field(picture: SourceImage) -> forms.ChoiceField:
        return forms.ChoiceField(
            label=f"Intended emotion of {picture}",
            choices=[("", "Choose…"), *EMOTION_CHOICES],
            initial=queries.top_emotion(picture) or "",
            error_messages={
                "required": "Choose an emotion."
                if picture.probabilities
                else "Choose an emotion: this picture is not labelled yet."
            },
        )

    def rows(self) -> list[tuple[SourceImage, forms.BoundField]]:
        return [(picture, self[self.emotion_name(picture)]) for picture in self.pictures]

    def guessed(self) -> list[SourceImage]:
        """Pictures of which the network is unsure and whose field holds its guess."""
        return [
            picture
            for picture, field in self.rows()
            if picture.probabilities and not picture.label_confident and field.value() == queries.top_emotion(picture)
        ]

    def unlabelled(self) -> list[SourceImage]:
        """Pictures without a label or a choice: nothing can be made for them yet."""
        return [picture for picture, field in self.rows() if not picture.probabilities and not field.value()]

    def size_words(self) -> str:
        return self.describe_size(len(self.pictures))

    def chosen_targets(self) -> ModelVersion | None:
        return TargetsField.chosen_in(self)

    def chosen_beside(self) -> ModelVersion | None:
        """Targets of a second run; None: there is to be none."""
        return TargetsField.chosen_in(self, "attribute_targets_beside")

    def chosen_cues(self) -> dict[str, tuple[str, ...]] | None:
        """Each cue to vary with its levels; None: nothing is varied."""
        return self.cleaned_data["cues"] or None

    def chosen_emotions(self) -> dict[int, str]:
        return {picture.pk: self.cleaned_data[self.emotion_name(picture)] for picture in self.pictures}


class EmotionListForm(forms.Form):
    """Intended emotions of many pictures as CSV, sent as a file or typed in. All lines count, or none."""

    list_file = forms.FileField(
        label="CSV file",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": offer("text/csv", TABLE_SUFFIXES)}),
        allow_empty_file=True,
    )
    list_text = forms.CharField(
        label="or its lines",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "file,emotion\nvolcano.jpg,fear\nmeadow.png,contentment"}
        ),
    )
    MOST_PROBLEMS_TOLD = 100

    def __init__(self, *args: Any, pictures: Sequence[SourceImage] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pictures = pictures
        self.matched = Matched()

    @staticmethod
    def is_sent(data: Mapping[str, Any], files: Mapping[str, Any]) -> bool:
        return bool(data.get("list_text", "").strip() or files.get("list_file"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file, text = cleaned.get("list_file"), cleaned.get("list_text") or ""
        if file and text.strip():
            raise forms.ValidationError("Send a file or lines, not both.")
        if file and file.size > 2 * LARGEST_LIST:
            raise forms.ValidationError(f"The file is larger than {LARGEST_LIST // 2**20} MB; send it in parts.")
        lines, problems = read_list(file.read() if file else text)
        asked = queries.picture_names(self.pictures) if self.pictures else []
        self.matched = match_list(lines, asked, queries.picture_names())
        problems = sorted([*problems, *self.matched.problems])
        if not problems and not self.matched.emotions:
            problems = [Problem(0, "None of the pictures that the list names is in this run.")]
        if problems:
            told = [str(problem) for problem in problems[: self.MOST_PROBLEMS_TOLD]]
            if len(problems) > len(told):
                told.append(f"{len(problems) - len(told)} more lines cannot be used.")
            raise forms.ValidationError([forms.ValidationError(text) for text in told])
        return cleaned


class RegenerateForm(forms.Form):
    reason = forms.CharField(required=False, max_length=300)
    composer = forms.ChoiceField(required=False)
    attribute_targets = TargetsField(help_text="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["composer"].choices = [("", "The same as before"), *queries.short_composer_choices()]
        TargetsField.offer_in(self)

    def chosen_targets(self) -> ModelVersion | None:
        return TargetsField.chosen_in(self)


class SketchPictureForm(forms.Form):
    file = PictureField(
        help_text=f"{PICTURE_WORDS}, up to 30 MB. Place and camera are dropped; nobody else sees "
        "the picture in the library unless you send it there."
    )


class CoordinateField(forms.FloatField):
    """One slider from −1 to 1."""

    def __init__(self, label: str, low: str, high: str) -> None:
        widget = forms.NumberInput(attrs={"type": "range", "step": "0.05", "data-low": low, "data-high": high})
        super().__init__(label=label, min_value=-1.0, max_value=1.0, initial=0.0, widget=widget, step_size=None)
        self.low, self.high = low, high


class VisitForm(forms.Form):
    """What a visitor without an account sends: a picture, and what the music should carry.

    The page's script has a pad, and sends where it stands as the choice AT_POINT; without a script there is no pad, and
    that choice is not offered.
    """

    AT_POINT = "point"
    AT_POINT_LABEL = "The place on the pad"

    file = PictureField(help_text=f"{PICTURE_WORDS}, up to 30 MB.")
    wanted = forms.ChoiceField(label="The music should carry", required=False)
    composer = forms.ChoiceField()
    valence = CoordinateField("Valence", "unpleasant", "pleasant")
    arousal = CoordinateField("Arousal", "calm", "excited")
    dominance = CoordinateField("Dominance", "overwhelmed", "in control")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["composer"].choices = queries.short_composer_choices(on_create=True)
        offered = [("", "What the picture shows"), *EMOTION_CHOICES]
        self.fields["wanted"].choices = [*offered, (self.AT_POINT, self.AT_POINT_LABEL)]
        if self.data.get("wanted") != self.AT_POINT:  # it came from a script, and stays chosen
            self.fields["wanted"].widget.choices = offered
        for name in DIMENSIONS:
            self.fields[name].widget = forms.HiddenInput()
            self.fields[name].initial = None

    def clean(self) -> dict[str, Any]:
        """The coordinates count only at a point of the pad; what is wrong with them is told in one sentence."""
        wrong = [name for name in DIMENSIONS if self.errors.pop(name, None)]
        if wrong and self.cleaned_data.get("wanted") == self.AT_POINT:
            raise forms.ValidationError(
                "Where the pad stands has to be given as numbers from −1 to 1. Move the pad, or choose an emotion."
            )
        return self.cleaned_data

    def chosen_emotion(self) -> str:
        """A slug; empty for the picture's own, or where a point is chosen."""
        wanted = str(self.cleaned_data["wanted"])
        return "" if wanted == self.AT_POINT else wanted

    def chosen_target(self) -> dict[str, float] | None:
        if self.cleaned_data["wanted"] != self.AT_POINT:
            return None
        return {name: self.cleaned_data[name] for name in DIMENSIONS}


class SketchForm(forms.Form):
    """What the music should carry: the picture's own emotion, its point, a chosen emotion, or three sliders.

    The default can always be used: where the network is unsure it is the best guess, marked as one, and where the
    network has not finished the form asks to wait (`must_wait`) and reports no error.
    """

    AS_PICTURE, AT_POINT, BY_SLIDERS = "picture", "point", "sliders"

    wanted = forms.ChoiceField(label="The music should carry", widget=forms.RadioSelect)
    valence = CoordinateField("Valence", "unpleasant", "pleasant")
    arousal = CoordinateField("Arousal", "calm", "excited")
    dominance = CoordinateField("Dominance", "overwhelmed", "in control")
    composer = forms.ChoiceField()
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=SEED_LIMIT - 1,
        help_text="Empty: another piece each time. The same seed and settings give the same piece, unless the composer "
        "is marked “not repeatable”.",
    )
    quick = forms.BooleanField(required=False, widget=forms.HiddenInput)
    """A first take of one candidate, which is there soonest; the page's script asks for a better one afterwards."""

    def __init__(self, *args: Any, picture: SourceImage, like: PairVersion | None = None, **kwargs: Any) -> None:
        if like is not None:
            kwargs["initial"] = self.settings_of(like)
        super().__init__(*args, **kwargs)
        self.picture = picture
        self.point = find_point(picture.implied, picture.probabilities) if picture.probabilities else None
        self.hopeless = bool(picture.labelling_error) and not picture.probabilities
        self.fields["composer"].choices = queries.short_composer_choices(on_create=True)
        self.fields["wanted"].choices = self._wanted_choices()
        self.fields["wanted"].initial = self.BY_SLIDERS if self.hopeless else self.AS_PICTURE
        for name, value in (self.point.as_target() if self.point else {}).items():
            self.fields[name].initial = value

    def _wanted_choices(self) -> list[tuple[str, str]]:
        unsure = bool(self.picture.probabilities) and not self.picture.label_confident
        choices = []
        if not self.hopeless or self.is_bound:
            guess = f" (a guess: {name_guess(self.picture.probabilities)})" if unsure else ""
            choices.append((self.AS_PICTURE, f"What the picture shows{guess}"))
        likely = likely_emotions(self.picture.probabilities) if unsure else []
        choices += [(one.emotion.slug, f"{one.emotion.label} ({100 * one.probability:.0f} %)") for one in likely]
        if self.point:
            place = f"{signed(self.point.valence)}, {signed(self.point.arousal)}"
            choices.append((self.AT_POINT, f"The picture’s point on the plane ({place})"))
        known = {slug for slug, _ in choices}
        choices += [choice for choice in EMOTION_CHOICES if choice[0] not in known]
        return [*choices, (self.BY_SLIDERS, "My own mix, by the sliders")]

    @classmethod
    def settings_of(cls, version: PairVersion) -> dict[str, Any]:
        """How the form stood when `version` was asked for; its seed stays out, so that the next piece differs."""
        emotion = version.pair.emotion
        point = version.target or {name: getattr(emotion, name) for name in ("valence", "arousal", "dominance")}
        return {"wanted": cls.BY_SLIDERS if version.target else emotion.slug, "composer": version.composer, **point}

    def clean(self) -> dict[str, Any]:
        """Only who mixes by the sliders has to set them."""
        if self.cleaned_data.get("wanted") != self.BY_SLIDERS:
            for name in DIMENSIONS:
                if self.has_error(name, "required"):
                    del self.errors[name]
        return self.cleaned_data

    def sliders(self) -> list[forms.BoundField]:
        return [self["valence"], self["arousal"], self["dominance"]]

    def must_wait(self) -> bool:
        """Whether the picture's own emotion is wanted, and is not known. Asked of a valid form."""
        return self.cleaned_data["wanted"] == self.AS_PICTURE and queries.top_emotion(self.picture) is None

    def words_of_waiting(self, *, by_itself: bool = False) -> str:
        """What to tell the person; `by_itself`: the page asks again as soon as the label is there."""
        if self.hopeless:
            return "The network could not label this picture: choose an emotion, or use the sliders."
        goes_on = "Your piece is asked for as soon as it is done" if by_itself else "Wait a moment and ask again"
        return f"The network is still looking at this picture. {goes_on}; or choose an emotion, or use the sliders."

    def chosen_emotion(self) -> str | None:
        wanted = self.cleaned_data["wanted"]
        return None if wanted in (self.AS_PICTURE, self.AT_POINT, self.BY_SLIDERS) else str(wanted)

    def chosen_target(self) -> dict[str, float] | None:
        if self.cleaned_data["wanted"] == self.AT_POINT and self.point:
            return self.point.as_target()
        if self.cleaned_data["wanted"] != self.BY_SLIDERS:
            return None
        return {name: self.cleaned_data[name] for name in DIMENSIONS}


class ListeningForm(forms.Form):
    """What a series of pairs is drawn from; `systems` or `composers` is empty where there are no such clips."""

    system = forms.ChoiceField(
        label="Clips that people played",
        help_text="By the name they were imported under. Clips of other generators are imported in the same way: "
        "choose what people played.",
    )
    made_by = forms.ChoiceField(label="Composed clips", help_text="Of one composer and version.")
    pairs = forms.IntegerField(
        label="Pairs",
        min_value=1,
        max_value=MOST_PAIRS,
        initial=20,
        help_text="Each takes about a minute. You can stop at any time, and go on later. No clip comes twice.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems, composed = queries.played_systems(), queries.composed_by()
        self.composers = {f"{composer} {version}": (composer, version) for composer, version in composed}
        self.fields["system"].choices = [(name, _say_system(name, *counts)) for name, counts in self.systems.items()]
        self.fields["made_by"].choices = [
            (f"{composer} {version}", f"{composer} ({version or 'unknown version'}): {_say_clips(number)}")
            for (composer, version), number in composed.items()
        ]

    def composer_and_version(self) -> tuple[str, str]:
        return self.composers[self.cleaned_data["made_by"]]


def _say_clips(number: int) -> str:
    return f"{number} clip{'' if number == 1 else 's'}"


def _say_system(name: str, notes: int, sounds: int) -> str:
    kinds = (notes, "from MIDI"), (sounds, "from recordings")
    return f"{name}: " + ", ".join(f"{_say_clips(number)} {kind}" for number, kind in kinds if number)


class PairAnswerForm(forms.Form):
    """What somebody says of two clips. `first_seconds` and `second_seconds` come from the page's script."""

    pair = forms.CharField(max_length=32)
    chosen = forms.ChoiceField(
        choices=ListeningAnswer.Place, error_messages={"required": "Say which one a person played."}
    )
    preferred = forms.ChoiceField(choices=ListeningAnswer.Place, required=False)
    first_seconds = forms.FloatField(min_value=0, max_value=24 * 3600, required=False)
    second_seconds = forms.FloatField(min_value=0, max_value=24 * 3600, required=False)
