"""What generation stores: pictures, models, and every attempt at a picture–music pair."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.dispatch import Signal
from django.urls import reverse

from generation.emotion_words import say_found
from generation.music.cues.levels import CUES, check_levels, describe_levels
from generation.networks.composers import LONGEST_NAME, installed_composers
from melodymuse_site.jobs.model import PARKED, Job, Terms, job_constraints
from melodymuse_site.storage import ARCHIVES

SHA256_LENGTH = 64
versions_added = Signal()
"""Sent in the transaction that adds `versions` of one `run`: rows added many at once send no signal of their own."""


class Emotion(models.Model):
    """One of the eight; seeded from `emotions.py` by migration. The slug is the contract everywhere."""

    slug = models.SlugField(unique=True)
    label = models.CharField(max_length=40)
    valence = models.FloatField()
    arousal = models.FloatField()
    dominance = models.FloatField()
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label


class SourceImage(models.Model):
    """A picture as it was taken in: verified, re-encoded, without metadata."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(upload_to="pictures/", max_length=200)
    sha256 = models.CharField(max_length=SHA256_LENGTH, unique=True, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    bytes = models.PositiveIntegerField(editable=False)
    alt_text = models.CharField(
        max_length=300,
        blank=True,
        help_text="What it shows, for people who cannot see it. Name no emotion: participants hear this.",
    )
    title = models.CharField(max_length=200, blank=True, help_text="Shown to researchers only.")
    licence = models.CharField(max_length=200, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    brightness = models.FloatField(null=True, editable=False, help_text="Mean lightness, 0…1.")
    colourfulness = models.FloatField(null=True, editable=False, help_text="Hasler & Süsstrunk's M, about 0…110.")
    features = models.JSONField(default=dict, editable=False)
    probabilities = models.JSONField(default=dict, editable=False, help_text="By slug; empty until labelled.")
    labelled_by = models.ForeignKey("ModelVersion", null=True, blank=True, editable=False, on_delete=models.PROTECT)
    label_confident = models.BooleanField(default=True, editable=False, help_text="False: a person should choose.")
    implied = models.JSONField(default=dict, editable=False, help_text="Valence and arousal the picture implies.")
    seen = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Why: things, words and a map of what speaks for the label."
    )
    labelling_error = models.TextField(blank=True, editable=False)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    in_library = models.BooleanField(default=True, help_text="False: tried out on the create page, not sent on.")

    class Meta:
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.title or f"Picture {self.sha256[:8]}"

    def get_absolute_url(self) -> str:
        return reverse("picture", args=[self.public_id])

    @property
    def told_by_description(self) -> str:
        """The words of the description that name an emotion, for researchers; participants get no such text."""
        return say_found(self.alt_text)

    @property
    def told_by_title(self) -> str:
        """The same of the title, which only researchers see."""
        return say_found(self.title)


LEARNED = "learned"
"""The name of attribute targets that listeners taught."""
RECALIBRATIONS = "recalibrations"
"""The folder of the media storage where corrections of picture networks are kept."""


class ModelVersion(models.Model):
    """A trained network (or rule table) that makes labels or music."""

    class Kind(models.TextChoices):
        IMAGE_BACKBONE = "image_backbone", "Image backbone"
        IMAGE_EMOTION = "image_emotion", "Image emotion network"
        MFCC_EMOTION = "mfcc_emotion", "MFCC emotion network"
        COMPOSER = "composer", "Composer network"
        ATTRIBUTE_TARGETS = "attribute_targets", "Attribute targets"

    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    artifact = models.CharField(max_length=300, help_text="Folder, relative to the project or absolute.")
    sha256 = models.CharField(max_length=SHA256_LENGTH)
    manifest = models.JSONField(default=dict)
    is_default = models.BooleanField(default=False)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "name", "-registered_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name", "version"], name="model_version_once"),
            models.UniqueConstraint(fields=["kind"], condition=Q(is_default=True), name="one_default_per_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def is_learned(self) -> bool:
        """Targets that listeners taught: shifts in a file of the media storage, not a table of this code."""
        return self.kind == self.Kind.ATTRIBUTE_TARGETS and self.name == LEARNED

    @property
    def is_recalibrated(self) -> bool:
        """A picture network with a correction that people's answers taught, a file of the media storage."""
        return self.kind == self.Kind.IMAGE_EMOTION and self.artifact.startswith(f"{RECALIBRATIONS}/")

    @property
    def targets_line(self) -> str:
        """What people read where they choose targets: shipped, or learned when and from what."""
        if not self.is_learned:
            return "The table as shipped"
        told = self.manifest.get("provenance", {})
        studies, answers = told.get("studies"), told.get("answers")
        parts = []
        if isinstance(studies, list) and studies:
            parts.append(f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}")
        if isinstance(answers, int) and not isinstance(answers, bool):
            parts.append(f"{answers:,} answers")
        of = f" from {', '.join(parts)}" if parts else ""
        return f"Learned on {self.registered_at:%Y-%m-%d}{of} ({self.version})"


class Origin(models.TextChoices):
    """Made here by a composer, or imported; then the composer is the name of the system it came from."""

    MADE = "made", "Made here"
    IMPORTED = "imported", "Imported"


MADE, IMPORTED = Q(origin=Origin.MADE), Q(origin=Origin.IMPORTED)


class OfAComposer(models.Model):
    """Something made by a composer, or imported from the system that the composer's slug names.

    The database lists no composers: those installed are asked of `networks.composers`, and what one made stays when
    it is gone.
    """

    composer = models.SlugField(max_length=LONGEST_NAME)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.MADE, editable=False)

    class Meta:
        abstract = True

    @property
    def is_imported(self) -> bool:
        return self.origin == Origin.IMPORTED

    @property
    def composer_description(self) -> str:
        return self._describe(self.composer)

    def _describe(self, name: str) -> str:
        if self.is_imported:
            return f"{name}: imported"
        found = installed_composers().get(name)
        return found.line if found else f"{name}: not installed here"


IN_FRONT = "front_page"
"""The option of a run whose pairs the front page plays."""


class GenerationRun(OfAComposer):
    """One request for pairs: who, when, why, with which models. Never edited, but a sketch may enter the library.

    An import is a run as well: of the system that made the clips, without a seed.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reason = models.CharField(max_length=300, blank=True)
    options = models.JSONField(default=dict, help_text="What the composer was asked beyond emotion and seed.")
    seed = models.BigIntegerField(null=True, blank=True, help_text="None: imported.")
    model_versions = models.ManyToManyField(ModelVersion, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    requested_at = models.DateTimeField(auto_now_add=True)
    in_library = models.BooleanField(default=True, help_text="False: a sketch of the create page, not sent on.")

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="only_imported_runs_lack_a_seed",
                condition=MADE & Q(seed__isnull=False) | IMPORTED & Q(seed__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"Run {self.pk}: {self.reason or ', '.join(self.composers)}"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.public_id])

    @property
    def composers(self) -> list[str]:
        """Whose clips these are, in the order asked for: of several, `composer` is the first."""
        return list(self.options.get("composers") or [self.composer])

    @property
    def composer_descriptions(self) -> list[str]:
        return [self._describe(name) for name in self.composers]


class Pair(models.Model):
    """The idea: this picture with music of that emotion. An imported clip without a picture is a pair of its own."""

    image = models.ForeignKey(SourceImage, null=True, blank=True, on_delete=models.PROTECT, related_name="pairs")
    emotion = models.ForeignKey(Emotion, on_delete=models.PROTECT, related_name="pairs")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["image", "emotion"], name="pair_once")]

    def __str__(self) -> str:
        return f"{self.image or 'Without a picture'} · {self.emotion}"


READY_FACTS = (
    (IMPORTED | ~Q(midi="") & ~Q(midi_sha256=""))
    & ~Q(audio="")
    & ~Q(audio_alternative="")
    & ~Q(audio_sha256="")
    & Q(finished_at__isnull=False)
    & Q(loudness_lufs__isnull=False)
)


class PairVersion(OfAComposer, Job):
    """One attempt at a pair. Immutable once ready; a regeneration is a new version.

    An imported clip is a version that was ready from the start: it has the hash of the file it came from instead
    of a seed, MIDI only where MIDI was imported, and is never made anew.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        PARKED = PARKED, "Parked"

    # Attempts are those of workers, also where a person asked for another: what failed three times is parked, so that
    # nobody tries it again with everything else of its run before an administrator has read why.
    terms = Terms(
        lease=lambda: timedelta(seconds=settings.PAIR_LEASE_SECONDS),
        most_attempts=3,
        given_up_as=PARKED,
        given_up=lambda version: f"Tried {version.attempts} times; last the worker died or stalled while making it.",
        let_go={"step": ""},
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="versions")
    run = models.ForeignKey(GenerationRun, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    seed = models.BigIntegerField(null=True, blank=True, help_text="None: imported.")
    source_sha256 = models.CharField(
        max_length=SHA256_LENGTH, blank=True, editable=False, help_text="Of the file an imported clip came from."
    )
    target = models.JSONField(
        null=True, blank=True, help_text="Valence, arousal, dominance asked for, where they differ from the emotion's."
    )
    cues = models.JSONField(
        null=True, blank=True, help_text="Cue → level of a variant of a cue experiment; none: the piece as composed."
    )

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED, db_index=True)
    step = models.CharField(max_length=20, blank=True, help_text="What the worker is doing now.")

    midi = models.CharField(max_length=200, blank=True, help_text="Name below MEDIA_ROOT.")
    musicxml = models.CharField(max_length=200, blank=True)
    audio = models.CharField(max_length=200, blank=True, help_text="MP3.")
    audio_alternative = models.CharField(max_length=200, blank=True, help_text="A second format.")
    midi_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    audio_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    audio_alternative_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.0)])
    loudness_lufs = models.FloatField(null=True, blank=True, validators=[MaxValueValidator(0.0)])
    true_peak_dbtp = models.FloatField(null=True, blank=True)
    notes = models.JSONField(
        default=list, blank=True, help_text="[onset s, duration s, pitch, velocity, hand] for the piano roll."
    )
    features = models.JSONField(default=dict, blank=True, help_text="Measured on the MIDI.")
    attributes = models.JSONField(default=dict, blank=True, help_text="Target and measured musical attributes.")
    scores = models.JSONField(default=dict, blank=True, help_text="How the candidates of this clip scored.")
    provenance = models.JSONField(default=dict, blank=True, help_text="Models, software, renderer, SoundFont, picture.")
    seconds = models.JSONField(default=dict, blank=True, help_text="Time spent per step.")

    class Meta:
        ordering = ["pair_id", "-number"]
        constraints = [
            *job_constraints(running="running_means_claimed", failed="failed_means_message"),
            models.CheckConstraint(
                name="parked_means_message_and_tries",
                condition=~Q(status="parked") | (~Q(error="") & Q(attempts__gt=0) & Q(finished_at__isnull=False)),
            ),
            models.UniqueConstraint(fields=["pair", "number"], name="pair_version_number_once"),
            models.CheckConstraint(
                name="ready_means_complete",
                condition=(Q(status="ready") & READY_FACTS) | (~Q(status="ready") & Q(audio="") & Q(midi="")),
            ),
            models.CheckConstraint(
                name="imported_means_ready_and_from_a_file",
                condition=MADE & Q(seed__isnull=False, source_sha256="")
                | IMPORTED & Q(status="ready", seed__isnull=True) & ~Q(source_sha256=""),
            ),
            # A clip imported before all clips lasted equally long may be imported once more, at today's length.
            models.UniqueConstraint(
                fields=["source_sha256", "duration_seconds"],
                condition=~Q(source_sha256=""),
                name="one_file_is_imported_once_per_length",
            ),
            models.CheckConstraint(
                name="started_before_finished",
                condition=Q(started_at__isnull=True)
                | Q(finished_at__isnull=True)
                | Q(finished_at__gte=F("started_at")),
            ),
        ]
        indexes = [models.Index(fields=["status", "queued_at"]), models.Index(fields=["status", "lease_expires_at"])]

    def __str__(self) -> str:
        return f"{self.pair} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("pair_version", args=[self.public_id])

    @property
    def cues_line(self) -> str:
        """The levels of a variant of a cue experiment as people read them; empty where it is none."""
        return describe_levels(self.cues) if self.cues else ""

    @property
    def cue_values(self) -> dict[str, float]:
        """Cue → the value that its level has on the cue's scale, as `CUES` go; nothing where it is no variant."""
        return {name: CUES[name].find(level).value for name, level in check_levels(self.cues or {}).items()}

    @property
    def base_piece(self) -> str:
        """What all variants of one piece share: pair, composer, seed and run; empty where it is no variant.

        A variant that is made anew has another seed, and is another piece.
        """
        return f"{self.pair_id}:{self.composer}:{self.seed}:{self.run_id}" if self.cues else ""


class ClipImport(Job):
    """An archive of clips that an admin sent, to be taken in by a worker: all of it or nothing."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        READY = "ready", "Imported"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    # A clip takes seconds; the heaviest that is admitted takes half a minute of one core (`benchmarks.intake`), which
    # on a machine busy with ten other things is three minutes. A second worker would only do the same once more.
    # One at a time, so that exports have room.
    terms = Terms(
        lease=lambda: timedelta(seconds=5 * settings.PAIR_LEASE_SECONDS),
        most_attempts=5,
        given_up=lambda job: f"The worker died {job.attempts} times at this import.",
        one_at_a_time=True,
    )

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=200, help_text="Of the file as it was sent.")
    licence = models.CharField(max_length=200, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, blank=True, help_text="[line or null, message] for everything wrong.")
    imported = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Rows that an earlier import has brought.")
    faded = models.PositiveIntegerField(
        default=0, help_text="Clips that went on beyond the common length and were faded out."
    )

    class Meta:
        ordering = ["-queued_at", "-pk"]
        constraints = [
            *job_constraints(running="running_import_is_claimed", failed="failed_import_says_why"),
            models.CheckConstraint(name="refused_import_says_why", condition=~Q(status="refused") | ~Q(problems=[])),
            models.CheckConstraint(
                name="import_is_finished_or_open",
                condition=Q(status__in=["queued", "running"], finished_at__isnull=True)
                | (~Q(status__in=["queued", "running"]) & Q(finished_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Import of {self.name}"

    @property
    def archive(self) -> str:
        """Where the archive that was sent waits for its worker: its name in the private storage."""
        return f"{ARCHIVES}/{self.public_id}.zip"

    def get_absolute_url(self) -> str:
        return reverse("clip_import", args=[self.public_id])


class ActionRecord(models.Model):
    """One line of the log: who did what to pictures, runs, clips and networks. Written by actions, never edited.

    It speaks of a row by words and key, not by a reference, so that it outlives the row.
    """

    LONGEST_ABOUT = 300

    action = models.SlugField(max_length=30)
    kind = models.CharField(max_length=40, blank=True, help_text="What sort of row it was done to.")
    key = models.CharField(max_length=40, blank=True, help_text="That row's public id, or its number.")
    about = models.CharField(max_length=LONGEST_ABOUT, blank=True, help_text="What the row was called then.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=150, blank=True, help_text="Kept where the account is gone.")
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"


class ListeningSeries(models.Model):
    """Pairs that one person hears on the listening page: one clip that a person played, one that was composed.

    `composer` is who composed, `version` with which networks, `system` under which name the played ones were imported.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    listener = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="listening_series"
    )
    listener_key = models.CharField(
        max_length=16, editable=False, help_text="Random, the same for all series of one account; stays when it goes."
    )
    composer = models.SlugField(max_length=LONGEST_NAME)
    version = models.CharField(max_length=200, blank=True)
    system = models.SlugField(max_length=LONGEST_NAME)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, help_text="None: it runs. Set by the last answer, or by stopping.")

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name_plural = "listening series"
        constraints = [
            models.UniqueConstraint(
                fields=["listener"], condition=Q(finished_at__isnull=True), name="one_running_series_per_listener"
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} against {self.composer}"


class ListeningTrial(models.Model):
    """One pair of a series, drawn when it began. A browser gets the three tokens, which are secret and random,
    and nothing else of it: neither a key nor a name says which clip is which.
    """

    series = models.ForeignKey(ListeningSeries, on_delete=models.PROTECT, related_name="trials")
    position = models.PositiveSmallIntegerField(help_text="1 comes first.")
    played = models.ForeignKey(PairVersion, on_delete=models.PROTECT, related_name="+")
    composed = models.ForeignKey(PairVersion, on_delete=models.PROTECT, related_name="+")
    played_is_first = models.BooleanField()
    heard_before = models.BooleanField(help_text="One of the clips came in an earlier series of this listener.")
    token = models.CharField(max_length=32, unique=True, editable=False)
    first_token = models.CharField(max_length=32, unique=True, editable=False)
    second_token = models.CharField(max_length=32, unique=True, editable=False)

    class Meta:
        ordering = ["series_id", "position"]
        constraints = [models.UniqueConstraint(fields=["series", "position"], name="listening_trial_position_once")]

    def __str__(self) -> str:
        return f"Pair {self.position} of a series"

    def is_played(self, place: str) -> bool:
        """Whether the clip at `place` ("first" or "second") is the one that a person played."""
        return (place == ListeningAnswer.Place.FIRST) == self.played_is_first


class ListeningAnswer(models.Model):
    """What a person said of one pair. Written once; the database refuses to change it."""

    class Place(models.TextChoices):
        FIRST = "first", "The first"
        SECOND = "second", "The second"

    trial = models.OneToOneField(ListeningTrial, on_delete=models.PROTECT, related_name="answer")
    chosen = models.CharField(max_length=6, choices=Place, help_text="Which one a person played, they say.")
    preferred = models.CharField(max_length=6, choices=Place, blank=True, help_text="Empty: not said.")
    first_seconds = models.FloatField(null=True, help_text="Of the first clip really played; None: not measured.")
    second_seconds = models.FloatField(null=True, help_text="The same of the second.")
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["answered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="listening_answer_names_a_clip",
                condition=Q(chosen__in=["first", "second"], preferred__in=["first", "second", ""]),
            )
        ]

    def __str__(self) -> str:
        return f"Answer to {self.trial}"

    @property
    def found_played(self) -> bool:
        return self.trial.is_played(self.chosen)

    @property
    def prefers_played(self) -> bool | None:
        """None where no preference was said."""
        return self.trial.is_played(self.preferred) if self.preferred else None
