"""What a study shows and offers: answers, cells, and stimuli with the hashes of what they play."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from generation.models import PairVersion, SourceImage
from survey.design.loudness import arousal_meant, steps_of, steps_wanted
from survey.models.bounds import HEAVIEST, within
from survey.models.studies import SHA256_LENGTH, Study


class StudyChoice(models.Model):
    """One answer people can give. The slug is an emotion's, `none`, `yes` or `no`."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="choices")
    slug = models.SlugField(max_length=50)
    label = models.CharField(max_length=60)
    labels = models.JSONField(default=dict, blank=True, help_text="Language → label, locked at publication.")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["study_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["study", "slug"], name="choice_slug_once"),
            models.UniqueConstraint(fields=["study", "position"], name="choice_position_once"),
        ]

    def __str__(self) -> str:
        return self.label

    def label_in(self, language: str) -> str:
        return self.labels.get(language) or self.label


class Condition(models.Model):
    """A cell of the design: what is presented, and whether picture and music belong together."""

    class Presentation(models.TextChoices):
        BOTH = "picture_and_music", "Picture and music"
        MUSIC = "music_only", "Music only"
        PICTURE = "picture_only", "Picture only"

    class Matching(models.TextChoices):
        MATCHED = "matched", "Matching pair"
        MISMATCHED = "mismatched", "Mismatched pair (another picture's music)"
        NEITHER = "not_applicable", "Not applicable"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="conditions")
    name = models.CharField(max_length=60)
    presentation = models.CharField(max_length=20, choices=Presentation)
    matching = models.CharField(max_length=20, choices=Matching)
    composer = models.SlugField(blank=True, help_text="Only clips of this composer; empty: clips of every composer.")
    weight = models.FloatField(default=1.0, validators=within(0.01, HEAVIEST))
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["study_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["study", "name"], name="condition_name_once"),
            models.CheckConstraint(
                name="only_pairs_match",
                condition=Q(presentation="picture_and_music", matching__in=["matched", "mismatched"])
                | (~Q(presentation="picture_and_music") & Q(matching="not_applicable")),
            ),
            models.CheckConstraint(
                # The upper limit keeps "not a number" out as well, which PostgreSQL takes for more than any other.
                name="weight_is_within_limits",
                condition=Q(weight__gt=0, weight__lte=HEAVIEST),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shows_picture(self) -> bool:
        return self.presentation != self.Presentation.MUSIC

    @property
    def plays_music(self) -> bool:
        return self.presentation != self.Presentation.PICTURE

    @property
    def presented(self) -> str:
        """What a plan and a report call the cell: matched, mismatched, music_only or picture_only."""
        return self.matching if self.presentation == self.Presentation.BOTH else self.presentation


class Stimulus(models.Model):
    """One thing to judge. All that people see and hear of it is copied here, files, hashes and words alike.

    Participants' pages read this row and never the picture's: a study keeps what it was published with.
    """

    class Role(models.TextChoices):
        MAIN = "main", "Main"
        PRACTICE = "practice", "Practice"
        GOLD = "gold", "Gold (known answer)"

    class Side(models.TextChoices):
        OLD = "old", "For the targets that a lesson started from"
        NEW = "new", "For the targets that a lesson made"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="stimuli")
    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="stimuli")
    pair_version = models.ForeignKey(PairVersion, on_delete=models.PROTECT, related_name="stimuli")
    picture = models.ForeignKey(SourceImage, null=True, blank=True, on_delete=models.PROTECT, related_name="stimuli")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    role = models.CharField(max_length=10, choices=Role, default=Role.MAIN)
    side = models.CharField(
        max_length=3,
        choices=Side,
        blank=True,
        default="",
        help_text="Of a study that tests a lesson; publication writes it down. Empty: counts on neither side.",
    )
    emotion = models.SlugField(help_text="Intended: the music's; the picture's where there is no music.")
    picture_emotion = models.SlugField(blank=True, help_text="The shown picture's own emotion.")
    composer = models.SlugField(blank=True)
    audio = models.CharField(max_length=200, blank=True)
    audio_alternative = models.CharField(max_length=200, blank=True)
    audio_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    picture_file = models.CharField(max_length=200, blank=True)
    picture_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    picture_description = models.CharField(
        max_length=300, blank=True, help_text="What people who cannot see the picture are told; it names no emotion."
    )
    picture_width = models.PositiveIntegerField(default=0)
    picture_height = models.PositiveIntegerField(default=0)
    picture_reading = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="What the network that had labelled the picture said of it, where it is shown without music;"
        " publication writes it down. A picture can be labelled anew.",
    )
    asked_labels = models.JSONField(
        default=dict, blank=True, help_text="Language → the emotion's word, where people are asked for it (yes or no)."
    )
    duration_seconds = models.FloatField(null=True, blank=True)
    gain_db = models.FloatField(default=0.0, help_text="By how much it is louder than its pair version.")

    class Meta:
        ordering = ["study_id", "pk"]
        verbose_name_plural = "stimuli"
        constraints = [
            models.CheckConstraint(
                name="stimulus_is_seen_or_heard", condition=~Q(audio_sha256="") | ~Q(picture_sha256="")
            ),
            models.CheckConstraint(
                name="audio_and_its_hash_together",
                condition=(Q(audio="") & Q(audio_sha256="")) | (~Q(audio="") & ~Q(audio_sha256="")),
            ),
            models.CheckConstraint(
                name="picture_and_its_hash_together",
                condition=Q(picture__isnull=True, picture_file="", picture_sha256="")
                | (Q(picture__isnull=False) & ~Q(picture_file="") & ~Q(picture_sha256="")),
            ),
            models.CheckConstraint(
                name="only_main_sounds_have_a_side",
                condition=Q(side="") | (Q(side__in=["old", "new"], role="main") & ~Q(audio_sha256="")),
            ),
            models.UniqueConstraint(
                fields=["condition", "pair_version", "picture_sha256", "role"], name="stimulus_once_per_cell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition}: {self.emotion} {str(self.public_id)[:8]}"

    @property
    def loudness_lufs(self) -> float | None:
        """As it is played; None where nothing is heard, or it was never measured."""
        return self._played_at(self.pair_version.loudness_lufs)

    @property
    def true_peak_dbtp(self) -> float | None:
        """As it is played; None as with `loudness_lufs`."""
        return self._played_at(self.pair_version.true_peak_dbtp)

    @property
    def steps_wanted(self) -> int:
        """As `steps_by_intention`, had the clip no peaks."""
        return steps_wanted(self._arousal_meant)

    @property
    def steps_by_intention(self) -> int:
        """By how many steps it is played louder (softer) where a study's loudness is by intention; draft or not."""
        return steps_of(self._arousal_meant, self.pair_version.true_peak_dbtp)

    @property
    def _arousal_meant(self) -> float:
        version = self.pair_version
        return arousal_meant(version.provenance.get("models", {}), version.pair.emotion.slug)

    def _played_at(self, level: float | None) -> float | None:
        if level is None or not self.audio_sha256:
            return None
        return round(level + self.gain_db, 2) if self.gain_db else level

    @property
    def clip_key(self) -> str:
        """What a person must not meet twice: the sound, or the picture where there is no sound."""
        return self.audio_sha256 or self.picture_sha256
