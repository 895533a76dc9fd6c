"""What researchers send: pictures, their descriptions, runs, filters."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from generation import queries
from generation.actions import SEED_LIMIT, top_emotion
from generation.emotions import EMOTIONS
from generation.import_requests import LARGEST_ARCHIVE
from generation.models import Composer, PairVersion, SourceImage

MOST_SEEDS = 50
EMOTION_CHOICES = [(emotion.slug, emotion.label) for emotion in EMOTIONS]


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files of any kind; what a picture is, the intake decides and says."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", ManyFilesInput(attrs={"multiple": True, "accept": "image/*"}))
        super().__init__(allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(ManyFilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    files = ManyFilesField(
        label="Pictures",
        error_messages={"required": "Choose at least one picture."},
        help_text="JPEG, PNG, WebP, GIF, TIFF or BMP, up to 30 MB each and 200 at once. "
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
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
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
        labels = {"alt_text": "Description"}


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
        self.fields["composer"].choices = [("", "Any"), *short_composer_choices(), *imported]

    def chosen(self) -> dict[str, str]:
        """The filters that were understood; what was not is left out."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


def short_composer_choices() -> list[tuple[str, str]]:
    return [(name, description.partition(":")[0]) for name, description in queries.composer_choices()]


class RunForm(forms.Form):
    """A run for `pictures`: one emotion field per picture, then what holds for all."""

    composer = forms.ChoiceField(widget=forms.RadioSelect)
    seeds_per_picture = forms.IntegerField(
        label="Clips per picture",
        min_value=1,
        max_value=MOST_SEEDS,
        initial=1,
        help_text="Each clip has its own seed, derived from the run's.",
    )
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=SEED_LIMIT - 1,
        help_text="Leave it empty for a random one. The same seed, pictures and networks give the same clips.",
    )
    reason = forms.CharField(
        required=False, max_length=300, help_text="For your notes, for instance “first wave of the pilot”."
    )

    def __init__(self, *args: Any, pictures: Sequence[SourceImage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pictures = list(pictures)
        self.fields["composer"].choices = queries.composer_choices()
        self.fields["composer"].initial = queries.composer_choices()[0][0]
        for picture in self.pictures:
            self.fields[self.emotion_name(picture)] = self._emotion_field(picture)

    @staticmethod
    def emotion_name(picture: SourceImage) -> str:
        return f"emotion-{picture.pk}"

    @staticmethod
    def _emotion_field(picture: SourceImage) -> forms.ChoiceField:
        top = top_emotion(picture) if picture.label_confident else None
        return forms.ChoiceField(
            label=f"Intended emotion of {picture}",
            choices=[("", "Choose…"), *EMOTION_CHOICES],
            initial=top or "",
            error_messages={
                "required": "Choose an emotion: the network is not sure of this picture."
                if picture.probabilities
                else "Choose an emotion: this picture is not labelled yet.",
            },
        )

    def rows(self) -> list[tuple[SourceImage, forms.BoundField]]:
        return [(picture, self[self.emotion_name(picture)]) for picture in self.pictures]

    def chosen_emotions(self) -> dict[int, str]:
        return {picture.pk: self.cleaned_data[self.emotion_name(picture)] for picture in self.pictures}


class RegenerateForm(forms.Form):
    reason = forms.CharField(required=False, max_length=300)
    composer = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["composer"].choices = [("", "The same as before"), *short_composer_choices()]


class SketchPictureForm(forms.Form):
    file = forms.FileField(
        label="Picture",
        widget=forms.ClearableFileInput(attrs={"accept": "image/*"}),
        error_messages={"required": "Choose a picture."},
        help_text="JPEG, PNG, WebP, GIF, TIFF or BMP, up to 30 MB. Place and camera are dropped; nobody else sees "
        "the picture in the library unless you send it there.",
        allow_empty_file=True,
    )


class CoordinateField(forms.FloatField):
    """One slider from −1 to 1."""

    def __init__(self, label: str, low: str, high: str) -> None:
        widget = forms.NumberInput(attrs={"type": "range", "step": "0.05", "data-low": low, "data-high": high})
        super().__init__(label=label, min_value=-1.0, max_value=1.0, initial=0.0, widget=widget, step_size=None)
        self.low, self.high = low, high


class SketchForm(forms.Form):
    """What the music should carry: the picture's own emotion, a chosen one, or a point set by three sliders."""

    AS_PICTURE, BY_SLIDERS = "picture", "sliders"

    wanted = forms.ChoiceField(
        label="The music should carry",
        choices=[(AS_PICTURE, "What the picture shows"), *EMOTION_CHOICES, (BY_SLIDERS, "My own mix, by the sliders")],
        widget=forms.RadioSelect,
        initial=AS_PICTURE,
    )
    valence = CoordinateField("Valence", "unpleasant", "pleasant")
    arousal = CoordinateField("Arousal", "calm", "excited")
    dominance = CoordinateField("Dominance", "overwhelmed", "in control")
    composer = forms.ChoiceField()
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=SEED_LIMIT - 1,
        help_text="Empty: another piece each time. The same seed and settings give the same piece.",
    )

    def __init__(self, *args: Any, picture: SourceImage, like: PairVersion | None = None, **kwargs: Any) -> None:
        if like is not None:
            kwargs["initial"] = self.settings_of(like)
        super().__init__(*args, **kwargs)
        self.picture = picture
        offered = (Composer.MUSE, Composer.PAPER)
        self.fields["composer"].choices = [choice for choice in short_composer_choices() if choice[0] in offered]
        for name, value in picture.implied.items():
            if name in self.fields:
                self.fields[name].initial = value

    @classmethod
    def settings_of(cls, version: PairVersion) -> dict[str, Any]:
        """How the form stood when `version` was asked for; its seed stays out, so that the next piece differs."""
        emotion = version.pair.emotion
        point = version.target or {name: getattr(emotion, name) for name in ("valence", "arousal", "dominance")}
        return {"wanted": cls.BY_SLIDERS if version.target else emotion.slug, "composer": version.composer, **point}

    def sliders(self) -> list[forms.BoundField]:
        return [self["valence"], self["arousal"], self["dominance"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("wanted") == self.AS_PICTURE and not (
            self.picture.probabilities and self.picture.label_confident
        ):
            reason = "is unsure of this picture" if self.picture.probabilities else "has not labelled this picture yet"
            self.add_error("wanted", f"The network {reason}: choose an emotion, or use the sliders.")
        return cleaned

    def chosen_emotion(self) -> str | None:
        wanted = self.cleaned_data["wanted"]
        return None if wanted in (self.AS_PICTURE, self.BY_SLIDERS) else str(wanted)

    def chosen_target(self) -> dict[str, float] | None:
        if self.cleaned_data["wanted"] != self.BY_SLIDERS:
            return None
        return {name: self.cleaned_data[name] for name in ("valence", "arousal", "dominance")}
