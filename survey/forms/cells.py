"""What researchers send about a draft's clips: which are shown, the design in a sentence or cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms

from generation.emotions import EMOTIONS
from survey.actions.cells import CELLS, cell_key, cell_name
from survey.design.sentence import ANYBODY, HEARD, Sentence, read_sentence
from survey.models import Study
from survey.models.bounds import HEAVIEST, Limits, limits_of

EMOTION_CHOICES = [(emotion.slug, emotion.label) for emotion in EMOTIONS]
SENTENCE, CELL_BY_CELL = "sentence", "cells"
EACH = limits_of(Study._meta.get_field("clips_per_participant")) or Limits(1, 1)


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
    """The design: a sentence, or which cells it has, of all composers together or of one each, and their weights.

    What does not say which of the two it is (programs, forms of an earlier release) names cells.
    """

    design = forms.ChoiceField(
        required=False,
        label="How the design is said",
        choices=[(SENTENCE, "In a sentence"), (CELL_BY_CELL, "Cell by cell, with weights and mismatched pairs")],
        widget=forms.RadioSelect,
    )
    music = forms.MultipleChoiceField(
        required=False, label="The same pictures with", widget=forms.CheckboxSelectMultiple
    )
    silence = forms.BooleanField(required=False, label="silence (the picture alone)")
    heard = forms.MultipleChoiceField(
        required=False, label="Music is heard", choices=list(HEARD.items()), widget=forms.CheckboxSelectMultiple
    )
    spread = forms.ChoiceField(
        required=False,
        label="Who gets what",
        choices=[(Study.Spread.WITHIN, "everyone gets all of it"), (Study.Spread.BETWEEN, "each person gets one cell")],
        widget=forms.RadioSelect,
    )
    clips_per_participant = forms.IntegerField(
        required=False, label="Clips for each person", min_value=EACH.least, max_value=EACH.most
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        study: Study,
        current: Mapping[str, float],
        composers: Sequence[str] = (),
    ) -> None:
        super().__init__(data)
        self.compares = study.form.compares
        if self.compares:
            self.fields["clips_per_participant"].label = "Pairs for each person"
        said = read_sentence(current)
        shown = said or Sentence()
        self.fields["music"].choices = [
            (ANYBODY, "their music, whoever made it"),
            *((name, name) for name in composers),
        ]
        self.initial = {
            "design": SENTENCE if said else CELL_BY_CELL,
            "music": list(shown.music),
            "silence": shown.silence,
            "heard": list(shown.heard) or ["matched"],
            "spread": Study.Spread.WITHIN if self.compares else study.spread,
            "clips_per_participant": study.clips_per_participant,
        }
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

    def clean_music(self) -> list[str]:
        names = list(self.cleaned_data["music"])
        if ANYBODY in names and len(names) > 1:
            raise forms.ValidationError(
                "Choose their music, whoever made it, or single composers: both would play the same clips twice."
            )
        return names

    def clean_spread(self) -> str:
        """Two clips that are compared come from two cells, so nobody can have one cell alone."""
        chosen = str(self.cleaned_data["spread"])
        if self.compares and chosen == Study.Spread.BETWEEN:
            raise forms.ValidationError(
                "Two clips of two cells are compared, so everyone gets all cells: choose “everyone gets all of it”."
            )
        return Study.Spread.WITHIN if self.compares else chosen

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("design") == SENTENCE:
            if "music" not in self.errors and not self.sentence().cells():
                raise forms.ValidationError(
                    "Nothing would be presented: choose a composer and how the music is heard, or silence."
                )
        elif not any(data.get(f"cell_{key}") for keys in self.kinds.values() for key in keys):
            raise forms.ValidationError("Choose at least one cell.")
        return data

    def sentence(self) -> Sentence:
        data = self.cleaned_data
        music = tuple(data.get("music") or ())
        heard = tuple(kind for kind in HEARD if kind in (data.get("heard") or ())) if music else ()
        return Sentence(music, heard, bool(data.get("silence")))

    def cells(self) -> dict[str, float]:
        data = self.cleaned_data
        if data.get("design") == SENTENCE:
            return self.sentence().cells()
        keys = [key for keys in self.kinds.values() for key in keys if data.get(f"cell_{key}")]
        return {key: data.get(f"weight_{key}") or 1.0 for key in keys}

    def spreading(self) -> dict[str, Any]:
        """Who gets which cell and how many clips, as `set_stimuli` takes them; None for what was not sent."""
        data = self.cleaned_data
        return {
            "spread": data.get("spread") or None,
            "clips_per_participant": data.get("clips_per_participant") or None,
        }
