"""People without names, what they were given, and what they answered."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from survey.models.counted import CountedQuerySet, CountedThroughParticipant, CountedThroughTrial
from survey.models.drawn import DrawnCharField
from survey.models.stimuli import Condition, Stimulus, StudyChoice
from survey.models.studies import SHA256_LENGTH, Study

HEADPHONE_TEST: Final = "headphone-test"
"""What somebody was screened out by where no question did it: no question's key has a hyphen."""


def make_public_id() -> str:
    """Begins with a letter that no number and no month begins with: spreadsheets leave it as it is."""
    return f"q{secrets.token_hex(6)}"


def make_token() -> str:
    """Secret, and in hexadecimal digits: no accidental word in an address hints at anything."""
    return secrets.token_hex(20)


class Participant(models.Model):
    """One participation. No name, no mail address, no IP address, no fingerprint."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        PREVIEW = "preview", "Preview"
        BOT = "bot", "Bot"

    class Outcome(models.TextChoices):
        ACTIVE = "", "Taking part"
        COMPLETE = "complete", "Complete"
        SCREENED_OUT = "screened_out", "Screened out"
        NO_CONSENT = "no_consent", "No consent"
        QUOTA_FULL = "quota_full", "Quota full"
        WITHDRAWN = "withdrawn", "Withdrawn"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants", db_index=False)
    public_id = DrawnCharField(max_length=32, unique=True, default=make_public_id, editable=False)
    token = DrawnCharField(max_length=64, unique=True, default=make_token, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    external_id_hash = models.CharField(max_length=SHA256_LENGTH, blank=True)
    language = models.CharField(max_length=10, default="en")
    condition = models.ForeignKey(Condition, null=True, blank=True, on_delete=models.PROTECT)
    option_order = models.JSONField(default=list)
    plan = models.JSONField(default=list, help_text="The kind of each trial, in order.")
    order_row = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Row of the Latin square, from 0; empty where the order is by chance."
    )

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField()
    consented_at = models.DateTimeField(null=True, blank=True)
    consent_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    sound_checked_at = models.DateTimeField(null=True, blank=True)
    sound_wrong = models.PositiveSmallIntegerField(default=0, help_text="How often the sound check was answered wrong.")
    sound_measured = models.BooleanField(
        null=True, help_text="Whether a script saw the sound check played; empty: not checked."
    )
    sounds_sent = models.JSONField(
        default=dict, blank=True, help_text="Sounds of open tests, and when each was first sent."
    )
    headphones = models.JSONField(default=dict, blank=True)
    asked_before_at = models.DateTimeField(
        null=True, blank=True, help_text="When the questions before the clips were answered."
    )
    background = models.JSONField(default=dict, blank=True)
    background_at = models.DateTimeField(null=True, blank=True)
    device = models.CharField(max_length=10, blank=True, help_text="phone, tablet, computer: nothing finer.")
    restarts = models.PositiveSmallIntegerField(default=0)
    screened_at = models.DateTimeField(
        null=True, blank=True, help_text="When the questions that decide who is let in were answered."
    )
    screened_by = models.SlugField(
        blank=True, db_index=False, help_text="What somebody was screened out by: a question, or the headphone test."
    )

    outcome = models.CharField(max_length=15, choices=Outcome, default=Outcome.ACTIVE, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    completion_code = models.CharField(max_length=40, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    included = models.BooleanField(null=True, help_text="The verdict of the rules fixed at publication.")
    verdict = models.JSONField(default=list, blank=True, help_text="Reasons for leaving this person out.")
    set_aside = models.CharField(
        max_length=200, blank=True, help_text="Why a researcher left this person out by hand; empty: nobody did."
    )

    objects = CountedQuerySet.as_manager()

    class Meta:
        ordering = ["study_id", "pk"]
        indexes = [
            models.Index(fields=["study", "kind", "outcome", "consented_at"], name="people_by_outcome"),
            models.Index(fields=["study", "id"], name="people_as_they_came"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "external_id_hash"],
                condition=~Q(external_id_hash=""),
                name="one_outside_id_once",
            ),
            models.CheckConstraint(
                name="consent_is_of_a_text",
                condition=Q(consented_at__isnull=True, consent_sha256="")
                | (Q(consented_at__isnull=False) & ~Q(consent_sha256="")),
            ),
            models.CheckConstraint(
                name="an_outcome_has_a_time",
                condition=Q(outcome="", finished_at__isnull=True) | (~Q(outcome="") & Q(finished_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="complete_means_consent_and_code",
                condition=~Q(outcome="complete") | (Q(consented_at__isnull=False) & ~Q(completion_code="")),
            ),
            models.CheckConstraint(
                name="only_who_is_screened_out_has_a_reason",
                condition=Q(screened_by="") | Q(outcome="screened_out"),
            ),
            models.CheckConstraint(
                name="withdrawn_has_a_time",
                condition=Q(outcome="withdrawn", withdrawn_at__isnull=False)
                | (~Q(outcome="withdrawn") & Q(withdrawn_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_test(self) -> bool:
        return self.kind != self.Kind.PERSON


class OutsideId(models.Model):
    """Who somebody is at the service that sent them, where the study keeps that: to pay, reject or screen people.

    A table of its own: no export reads it, looking is written down, and it is emptied at the end of the retention.
    """

    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="outside_id")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="outside_ids", db_index=False)
    value = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "value"], name="one_kept_outside_id_once")]
        indexes = [models.Index("study", Lower("value"), name="kept_outside_id_in_any_case")]

    def __str__(self) -> str:
        return f"An id of {self.study}"


class Trial(models.Model):
    """One stimulus given to one participant. Until answered, the lease keeps its place in the balance."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", "Practice"
        MAIN = "main", "Main"
        GOLD = "gold", "Gold"
        REPEAT = "repeat", "Repeat"
        ATTENTION = "attention", "Attention"

    AGAIN = (Kind.REPEAT, Kind.ATTENTION)
    """They play a clip that the person has met: they hold no place in the balance, and no counter counts them."""
    ASIDE = (Kind.PRACTICE, Kind.ATTENTION)
    """Their answers say nothing of the clip, nor of how the person judges: no number is made of them."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="trials", db_index=False)
    stimulus = models.ForeignKey(Stimulus, on_delete=models.PROTECT, related_name="trials")
    second = models.ForeignKey(
        Stimulus,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="trials_as_second",
        help_text="The clip played second, where two are compared.",
    )
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MAIN)
    clip_key = models.CharField(max_length=SHA256_LENGTH)
    asked_emotion = models.SlugField(blank=True, db_index=False, help_text="The emotion that the question names.")
    instructed = models.SlugField(
        blank=True, db_index=False, help_text="The answer that the page of an attention trial asks for."
    )
    token = DrawnCharField(max_length=64, unique=True, default=make_token, editable=False)
    option_order = models.JSONField(default=list)
    preload = models.JSONField(
        default=list, blank=True, help_text="Sound files that will probably come next, for the browser to load early."
    )
    assigned_at = models.DateTimeField()
    lease_expires_at = models.DateTimeField()
    shown_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    first_shown_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was first on a screen, where a long pause made it be shown anew."
    )

    holds_place = models.BooleanField(
        default=False, help_text="Whether the balance counts this trial on a screen as if it were answered."
    )

    objects = CountedThroughParticipant.as_manager()

    class Meta:
        ordering = ["participant_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["participant", "position"], name="trial_position_once"),
            models.UniqueConstraint(
                fields=["participant"], condition=Q(answered_at__isnull=True), name="one_open_trial_each"
            ),
            models.UniqueConstraint(
                fields=["participant", "clip_key"],
                condition=~Q(kind__in=["repeat", "attention"]),
                name="nobody_meets_a_clip_twice",
            ),
            models.CheckConstraint(
                name="attention_trials_are_instructed",
                condition=Q(kind="attention") & ~Q(instructed="") | ~Q(kind="attention") & Q(instructed=""),
            ),
        ]
        indexes = [
            # As many rows as people are at it: trials that were answered, or whose people left, are not in it.
            models.Index(fields=["lease_expires_at"], condition=Q(holds_place=True), name="places_by_lease"),
            models.Index(
                fields=["stimulus", "lease_expires_at"], condition=Q(answered_at__isnull=True), name="open_by_stimulus"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.position}"

    @property
    def playable_since(self) -> datetime:
        """From when the clip can have been heard."""
        return self.first_shown_at or self.shown_at or self.assigned_at


class Response(models.Model):
    """One answer. One per trial; never edited."""

    trial = models.OneToOneField(Trial, on_delete=models.CASCADE, related_name="response")
    choice = models.ForeignKey(StudyChoice, on_delete=models.PROTECT, related_name="responses", db_index=False)
    confidence = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    valence = models.FloatField(null=True, blank=True)
    arousal = models.FloatField(null=True, blank=True)
    word = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField()
    seconds = models.FloatField(help_text="From first showing to answer, by the server's clock.")
    played_seconds = models.FloatField(null=True, blank=True)
    plays = models.PositiveSmallIntegerField(null=True, blank=True)
    second_played_seconds = models.FloatField(null=True, blank=True, help_text="Of the second of two clips.")
    second_plays = models.PositiveSmallIntegerField(null=True, blank=True)
    hidden_seconds = models.FloatField(null=True, blank=True)
    first_choice_seconds = models.FloatField(null=True, blank=True)
    listening_measured = models.BooleanField(default=False)
    listening_doubtful = models.BooleanField(
        default=False, help_text="More seconds were told than had passed by the server's clock."
    )

    objects = CountedThroughTrial.as_manager()

    class Meta:
        ordering = ["pk"]
        # A choice is of one study: so the latest answers of a study are found, and all of them.
        indexes = [models.Index(fields=["choice", "id"], name="answers_by_choice")]
        constraints = [
            models.CheckConstraint(
                name="confidence_is_1_to_5",
                condition=Q(confidence__isnull=True) | Q(confidence__gte=1, confidence__lte=5),
            ),
            models.CheckConstraint(
                name="affect_is_within_one",
                condition=(Q(valence__isnull=True) | Q(valence__gte=-1, valence__lte=1))
                & (Q(arousal__isnull=True) | Q(arousal__gte=-1, arousal__lte=1)),
            ),
            models.CheckConstraint(name="answer_took_time", condition=Q(seconds__gte=0)),
            models.CheckConstraint(
                name="measured_means_seconds_heard",
                condition=Q(listening_measured=True, played_seconds__gte=0)
                | Q(listening_measured=False, played_seconds__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"Answer to {self.trial_id}"


class TrialEvent(models.Model):
    """Something the browser told during a trial: play, pause, seek, hidden tab, error."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="events", db_index=False)
    sequence = models.PositiveIntegerField()
    kind = models.SlugField(max_length=20, db_index=False)
    milliseconds = models.PositiveIntegerField(help_text="Since the page was opened, by the browser's clock.")
    detail = models.JSONField(default=dict, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    objects = CountedThroughTrial.as_manager()

    class Meta:
        ordering = ["trial_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["trial", "sequence"], name="event_sequence_once")]
        indexes = [models.Index(fields=["trial"], condition=Q(kind="error"), name="sounds_that_failed")]

    def __str__(self) -> str:
        return f"{self.kind} {self.sequence}"
