"""What a study consists of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from generation.models import LEARNED, ModelVersion
from survey.design.variants import Levels, Played, order_levels
from survey.models import Condition, Stimulus, Study, StudyChoice
from survey.models.studies import hash_text
from survey.wording import choice_label


@dataclass(frozen=True, slots=True)
class StimulusFacts:
    """What assignment and the participant's page need to know of a stimulus, all of it from the frozen row.

    `levels` are those of a variant where each person hears each piece once; elsewhere there are none.
    """

    pk: int
    role: str
    condition_id: int
    weight: float
    emotion: str
    picture_emotion: str
    clip_key: str
    levels: Levels
    picture_sha256: str
    pictures: frozenset[str]
    has_audio: bool
    shows_picture: bool
    picture_file: str
    picture_width: int
    picture_height: int
    picture_words: str
    asked_labels: dict[str, str]
    audio: str
    audio_alternative: str
    duration_seconds: float | None

    @property
    def presentation(self) -> str:
        if not self.has_audio:
            return str(Condition.Presentation.PICTURE)
        return str(Condition.Presentation.BOTH if self.shows_picture else Condition.Presentation.MUSIC)


def stimulus_facts(study: Study) -> tuple[StimulusFacts, ...]:
    """The stimuli of `study`. Those of a published study are frozen, so they are read once per process."""
    if study.is_draft or study.published_at is None:
        return _read_facts(study.pk)
    return _frozen_facts(study.pk, study.published_at)


def facts_of(study: Study) -> Mapping[int, StimulusFacts]:
    """The stimuli of `study` by their keys."""
    if study.is_draft or study.published_at is None:
        return {facts.pk: facts for facts in _read_facts(study.pk)}
    return _facts_by_key(study.pk, study.published_at)


@lru_cache(maxsize=64)
def _facts_by_key(study_id: int, published_at: datetime) -> Mapping[int, StimulusFacts]:
    return {facts.pk: facts for facts in _frozen_facts(study_id, published_at)}


def sounds_that_may_come(study: Study, roles: frozenset[str], cell: int | None) -> frozenset[bool]:
    """Of the stimuli in `roles`, main ones of `cell` alone where it is given: have some sound, have some none?"""
    if study.is_draft or study.published_at is None:
        return _sounds(_read_facts(study.pk), roles, cell)
    return _frozen_sounds(study.pk, study.published_at, roles, cell)


@lru_cache(maxsize=512)
def _frozen_sounds(study_id: int, published_at: datetime, roles: frozenset[str], cell: int | None) -> frozenset[bool]:
    return _sounds(_frozen_facts(study_id, published_at), roles, cell)


def _sounds(every: Iterable[StimulusFacts], roles: frozenset[str], cell: int | None) -> frozenset[bool]:
    return frozenset(
        facts.has_audio
        for facts in every
        if facts.role in roles and (cell in (None, facts.condition_id) or facts.role != Stimulus.Role.MAIN)
    )


@lru_cache(maxsize=64)
def _frozen_facts(study_id: int, _published_at: datetime) -> tuple[StimulusFacts, ...]:
    return _read_facts(study_id)


def met_once(study: Study, stimulus: Stimulus) -> str:
    """What a person must not meet twice: the sound, the picture where there is none, of a Latin square the piece."""
    piece = stimulus.pair_version.base_piece if study.hears_pieces_once and stimulus.audio_sha256 else ""
    return hash_text(piece) if piece else stimulus.clip_key


def played_as(stimulus: Stimulus) -> Played:
    """A stimulus as a cue experiment sees it; one that is not heard is no variant, whatever its music is."""
    version = stimulus.pair_version
    if not (version.cues and stimulus.audio_sha256):
        return Played(str(version), stimulus.condition.name)
    name = f"{version.pair} by {version.composer}"
    levels = order_levels(version.cues)
    return Played(str(version), stimulus.condition.name, version.base_piece, name, levels)


def _read_facts(study_id: int) -> tuple[StimulusFacts, ...]:
    study = Study.objects.only("cue_design").get(pk=study_id)
    return tuple(
        StimulusFacts(
            pk=stimulus.pk,
            role=stimulus.role,
            condition_id=stimulus.condition_id,
            weight=stimulus.condition.weight,
            emotion=stimulus.emotion,
            picture_emotion=stimulus.picture_emotion if stimulus.picture_file else "",
            clip_key=met_once(study, stimulus),
            levels=order_levels(stimulus.pair_version.cues or {}) if study.hears_pieces_once else (),
            picture_sha256=stimulus.picture_sha256,
            pictures=frozenset(_pictures_of(stimulus)),
            has_audio=bool(stimulus.audio_sha256),
            shows_picture=bool(stimulus.picture_file),
            picture_file=stimulus.picture_file,
            picture_width=stimulus.picture_width,
            picture_height=stimulus.picture_height,
            picture_words=stimulus.picture_description,
            asked_labels=stimulus.asked_labels,
            audio=stimulus.audio,
            audio_alternative=stimulus.audio_alternative,
            duration_seconds=stimulus.duration_seconds,
        )
        for stimulus in Stimulus.objects.filter(study_id=study_id).select_related("condition", "pair_version__pair")
    )


def _pictures_of(stimulus: Stimulus) -> Iterator[str]:
    """By their keys, which stay: the picture that is shown, and the one that the music was made from.

    Versions of a pair without a picture are about the same all the same.
    """
    if stimulus.picture_id:
        yield f"picture {stimulus.picture_id}"
    if stimulus.audio_sha256:
        pair = stimulus.pair_version.pair
        yield f"picture {pair.image_id}" if pair.image_id else f"pair {pair.pk}"


def word_asked(stimuli: Iterable[StimulusFacts], emotion: str, language: str) -> str:
    """What people read where a yes/no question names `emotion`: the word kept at publication.

    Every stimulus keeps the word of its own emotion, and a lure names the emotion of another one. Studies published
    before words were kept have the site's. Empty where no emotion is named.
    """
    if not emotion:
        return ""
    kept = (facts.asked_labels.get(language) for facts in stimuli if facts.emotion == emotion)
    return next(filter(None, kept), "") or choice_label(emotion, language)


def study_choices(study: Study) -> tuple[StudyChoice, ...]:
    """The answers a study offers, in the researcher's order; frozen like its stimuli."""
    if study.is_draft or study.published_at is None:
        return tuple(study.choices.all())
    return _frozen_choices(study.pk, study.published_at)


@lru_cache(maxsize=64)
def _frozen_choices(study_id: int, _published_at: datetime) -> tuple[StudyChoice, ...]:
    return tuple(StudyChoice.objects.filter(study_id=study_id))


def plays_variants(study: Study) -> bool:
    """Whether any sound of a study is a variant of a cue experiment."""
    heard = Stimulus.objects.filter(study=study).exclude(audio_sha256="")
    return heard.filter(pair_version__cues__isnull=False).exists()


def compares_targets(study: Study) -> bool:
    """Whether publication wrote down which clips are for the old and which for the new targets of a lesson."""
    return Stimulus.objects.filter(study=study).exclude(side="").exists()


def plays_learned_targets(study: Study) -> bool:
    """Whether any clip of a study was made for targets that listeners taught."""
    made = {"pair_version__run__model_versions__kind": ModelVersion.Kind.ATTRIBUTE_TARGETS}
    return Stimulus.objects.filter(study=study, pair_version__run__model_versions__name=LEARNED, **made).exists()


def shows_measured_pictures(study: Study) -> bool:
    """Whether any picture that a study shows was measured."""
    return Stimulus.objects.filter(study=study, picture__isnull=False).exclude(picture__features={}).exists()
