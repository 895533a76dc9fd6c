"""Making and editing a draft: wording, choices, and stimuli from ready pair versions."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from generation.emotions import SLUGS
from generation.models import PairVersion, SourceImage
from survey.actions.audit import Actor, record
from survey.design.pairing import mismatch
from survey.models import Condition, Participant, Stimulus, Study, StudyChoice, Trial
from survey.wording import choice_label, default_wording

YES_NO = ("yes", "no")


class DraftRefused(ValueError):
    """A change to a draft that cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a researcher asks for when choosing a cell of the design."""

    name: str
    presentation: str
    matching: str
    weight: float = 1.0


CELLS: Mapping[str, Cell] = {
    "matched": Cell("Matching pair", Condition.Presentation.BOTH, Condition.Matching.MATCHED),
    "mismatched": Cell("Mismatched pair", Condition.Presentation.BOTH, Condition.Matching.MISMATCHED),
    "music_only": Cell("Music only", Condition.Presentation.MUSIC, Condition.Matching.NEITHER),
    "picture_only": Cell("Picture only", Condition.Presentation.PICTURE, Condition.Matching.NEITHER),
}


def free_slug(title: str) -> str:
    """An address for a study called `title` that no other study has."""
    base = slugify(title)[:50] or "study"
    taken = set(Study.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbers) if slug not in taken)


@transaction.atomic
def create_study(*, by: Any, title: str, emotions: Sequence[str] = SLUGS, **fields: Any) -> Study:
    """A draft with `title`; what is not given starts from the default wording."""
    mode = fields.get("mode", Study.Mode.CHOOSE)
    language = fields.get("language", "en")
    wording = {name: text for name, text in default_wording(language, mode).items() if name not in fields}
    slug = fields.pop("slug", "") or free_slug(title)
    study = Study.objects.create(owner=by, title=title, slug=slug, **{**fields, **wording})
    set_choices(study, emotions)
    record(study=study, action="create", by=by)
    return study


@transaction.atomic
def edit_study(*, study: Study, by: Any, emotions: Sequence[str] | None = None, **fields: Any) -> Study:
    """Change a draft's wording and settings; its choices follow mode and `emotions`."""
    _require_draft(study)
    kept = emotions if emotions is not None else _emotions_of(study)
    for name, value in fields.items():
        setattr(study, name, value)
    study.save()
    _forget_previews(study)
    set_choices(study, kept)
    return study


@transaction.atomic
def remove_study(*, study: Study, by: Actor) -> None:
    """Delete a draft. A published study is closed instead: its answers are kept."""
    _require_draft(study)
    _forget_previews(study)
    record(study=study, action="remove", by=by, title=study.title)
    study.delete()


def set_choices(study: Study, emotions: Sequence[str]) -> None:
    """Replace the answers of a draft: yes and no, or the emotions in their order and perhaps `none`."""
    if study.mode == Study.Mode.YES_NO:
        slugs = list(YES_NO)
    else:
        slugs = [slug for slug in SLUGS if slug in set(emotions)] + (["none"] if study.offer_none else [])
    study.choices.all().delete()
    StudyChoice.objects.bulk_create(
        StudyChoice(
            study=study,
            slug=slug,
            position=position,
            label=choice_label(slug, study.language),
            labels={language: choice_label(slug, language) for language in study.languages},
        )
        for position, slug in enumerate(slugs)
    )


@transaction.atomic
def set_stimuli(
    *,
    study: Study,
    versions: Sequence[PairVersion],
    by: Actor,
    cells: Mapping[str, float] | None = None,
    practice: Sequence[PairVersion] = (),
    gold: Sequence[PairVersion] = (),
) -> int:
    """Replace the stimuli of a draft: every main version in every cell; returns how many there are.

    `cells` maps the names of `CELLS` to weights; by default matching pairs alone. Practice and gold
    versions are shown as matching pairs in the first cell that plays music.
    """
    _require_draft(study)
    _forget_previews(study)
    study.stimuli.all().delete()
    study.conditions.all().delete()
    conditions = _make_conditions(study, cells or {"matched": 1.0})
    stimuli = [stimulus for condition in conditions for stimulus in _fill_cell(condition, versions, study.slug)]
    extra_cell = next((condition for condition in conditions if condition.plays_music), conditions[0])
    for role, extras in ((Stimulus.Role.PRACTICE, practice), (Stimulus.Role.GOLD, gold)):
        stimuli += [make_stimulus(extra_cell, version, version.pair.image, role) for version in extras]
    Stimulus.objects.bulk_create(stimuli)
    return len(stimuli)


def _make_conditions(study: Study, cells: Mapping[str, float]) -> list[Condition]:
    return [
        Condition.objects.create(
            study=study,
            name=CELLS[name].name,
            presentation=CELLS[name].presentation,
            matching=CELLS[name].matching,
            weight=weight,
            position=position,
        )
        for position, (name, weight) in enumerate(cells.items())
    ]


def _fill_cell(condition: Condition, versions: Sequence[PairVersion], seed: str) -> list[Stimulus]:
    if condition.presentation == Condition.Presentation.PICTURE:
        one_per_picture = {version.pair_id: version for version in versions}.values()
        return [make_stimulus(condition, version, version.pair.image) for version in one_per_picture]
    if condition.matching == Condition.Matching.MISMATCHED:
        return _mismatched(condition, versions, seed)
    return [make_stimulus(condition, version, version.pair.image) for version in versions]


def _mismatched(condition: Condition, versions: Sequence[PairVersion], seed: str) -> list[Stimulus]:
    try:
        pictures = mismatch([version.pair.emotion.slug for version in versions], random.Random(seed))
    except ValueError as error:
        raise DraftRefused(str(error)) from error
    return [
        make_stimulus(condition, version, versions[picture].pair.image, picture_of=versions[picture])
        for version, picture in zip(versions, pictures, strict=True)
    ]


def make_stimulus(
    condition: Condition,
    version: PairVersion,
    picture: SourceImage,
    role: str = Stimulus.Role.MAIN,
    picture_of: PairVersion | None = None,
) -> Stimulus:
    """An unsaved stimulus with the files and hashes that `condition` shows and plays of `version`."""
    stimulus = Stimulus(
        study_id=condition.study_id,
        condition=condition,
        pair_version=version,
        role=role,
        emotion=version.pair.emotion.slug,
        composer=version.composer if condition.plays_music else "",
        duration_seconds=version.duration_seconds if condition.plays_music else None,
    )
    if condition.plays_music:
        stimulus.audio = version.audio
        stimulus.audio_alternative = version.audio_alternative
        stimulus.audio_sha256 = version.audio_sha256
    if condition.shows_picture:
        stimulus.picture = picture
        stimulus.picture_file = picture.file.name
        stimulus.picture_sha256 = picture.sha256
        stimulus.picture_emotion = (picture_of or version).pair.emotion.slug
    return stimulus


def _emotions_of(study: Study) -> list[str]:
    chosen = [slug for slug in study.choices.values_list("slug", flat=True) if slug in SLUGS]
    return chosen or list(SLUGS)


def _require_draft(study: Study) -> None:
    if not study.is_draft:
        raise DraftRefused("This study is published and frozen. Make a new version to change it.")


def _forget_previews(study: Study) -> None:
    """Previews of a draft hold trials on its stimuli; a changed draft starts without them."""
    previews = Participant.objects.filter(study=study)
    Trial.objects.filter(participant__in=previews).delete()
    previews.delete()
