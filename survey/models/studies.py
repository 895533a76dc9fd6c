"""A study: its wording, its rules, its people. Frozen by the database once it is published."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from survey.design.loudness import TELLS
from survey.design.trial_forms import CHOOSE, FITS, MORE, YES_OR_NO, TrialForm, form_of
from survey.models.bounds import FIRST_DAY, LAST_DAY, LONGEST_TEXT, held, within
from survey.models.drawn import DrawnCharField

SHA256_LENGTH = 64
DAY_MINUTES = 24 * 60
CODE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXYZ"
CODE_LETTERS = CODE_ALPHABET.lstrip("0123456789")


def make_code() -> str:
    """A code people can type: no 0/O, no 1/I, and no vowels, so that it spells nothing; and never a number."""
    return secrets.choice(CODE_LETTERS) + "".join(secrets.choice(CODE_ALPHABET) for _ in range(7))


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Studies(models.QuerySet["Study"]):
    def update(self, **values: Any) -> int:
        """Every change moves `updated_at`: processes keep a study in memory as of that time."""
        return super().update(**{"updated_at": timezone.now(), **values})


class Study(models.Model):
    """One version of a listening study. After publication a change is a new version."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        CLOSED = "closed", "Closed"

    class Mode(models.TextChoices):
        CHOOSE = CHOOSE.mode, CHOOSE.says
        YES_NO = YES_OR_NO.mode, YES_OR_NO.says
        FITS = FITS.mode, FITS.says
        MORE = MORE.mode, MORE.says

    class Lures(models.TextChoices):
        HALF = "half", "Half of the trials name another emotion than the intended one"
        NONE = "none", "Every trial names the intended emotion (the seed study's form: a replication)"

    class Spread(models.TextChoices):
        WITHIN = "within", "Everyone gets every cell (within participants)"
        BETWEEN = "between", "Each person gets one cell (between participants)"

    class Order(models.TextChoices):
        RANDOM = "random", "By chance"
        CELLS = "cells_latin", "Cells one after the other, in the order of a Latin square (Williams design)"
        CLIPS = "clips_latin", "Every clip, in the order of a Latin square (Williams design)"

    class CueDesign(models.TextChoices):
        NONE = "none", "No cue experiment"
        CROSSED = "crossed", "Full factorial: everybody hears a piece in several variants"
        SQUARE = "square", "Latin square: everybody hears each piece in one variant"

    class Headphones(models.TextChoices):
        NONE = "none", "No headphone test"
        RECORD = "record", "Test and record the result"
        GATE = "gate", "Only people who pass take part"

    class Unheard(models.TextChoices):
        MARK = "mark", "Where no script measures, take it and mark it as not measured"
        REFUSE = "refuse", "Refuse it: the sounds must have been fetched, and their tones counted"

    class Loudness(models.TextChoices):
        EQUAL = "equal", "All equally loud"
        BY_INTENTION = "by_intention", "By intention, within ± 4 LU"

    class HeadphoneTest(models.TextChoices):
        HUGGINS = "huggins", "Huggins pitch (Milne et al. 2021)"
        ANTIPHASE = "antiphase", "Antiphase tones (Woods et al. 2017)"

    class Recruiter(models.TextChoices):
        PLAIN = "plain", "Plain link"
        PROLIFIC = "prolific", "Prolific"
        CLOUDRESEARCH = "cloudresearch", "CloudResearch"
        MTURK = "mturk", "Amazon Mechanical Turk"
        SONA = "sona", "SONA"

    class IdStorage(models.TextChoices):
        HASHED = "hashed", "Keep a keyed hash only: enough to know somebody again"
        KEPT = "kept", "Keep the ids apart from the answers: to pay, reject or screen people"

    class Disclosure(models.TextChoices):
        NEVER = "never", "Never"
        CLOSED = "closed", "Once the study is closed"
        ALWAYS = "always", "At once, while others may still take part and hear of it"

    class AffectForm(models.TextChoices):
        SLIDERS = "sliders", "Two Affective Sliders (Betella & Verschure 2016)"
        PAD = "pad", "One pad: a square of both at once"

    class Continuous(models.TextChoices):
        NONE = "none", "Nothing is rated while the clip plays"
        PLANE = "plane", "Valence and arousal, on a pad"
        VALENCE = "valence", "Valence alone, on a slider"
        AROUSAL = "arousal", "Arousal alone, on a slider"

    class NextPerson(models.TextChoices):
        SAME = "same", "One person per browser"
        ASK = "ask", "Whoever opens the link in a browser where somebody has finished is asked"
        LABORATORY = "laboratory", "Laboratory: one person after the other in the same browser"

    slug = models.SlugField(unique=True, max_length=60, help_text="Part of the address: /study/<this>/.")
    number = models.PositiveIntegerField("version", default=1, editable=False)
    previous = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="successors"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="studies")
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="StudyMember", related_name="shared_studies", blank=True
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False, db_index=True)

    title = models.CharField(max_length=200)
    introduction = models.TextField(blank=True, max_length=LONGEST_TEXT)
    consent_text = models.TextField(blank=True, max_length=LONGEST_TEXT)
    consent_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True, editable=False)
    contact = models.CharField(max_length=200, blank=True)
    question = models.CharField(max_length=300)
    question_music = models.CharField(max_length=300, blank=True)
    question_picture = models.CharField(max_length=300, blank=True)
    instructions = models.TextField(blank=True, max_length=LONGEST_TEXT)
    instructions_picture = models.TextField(blank=True, max_length=LONGEST_TEXT)
    debriefing = models.TextField(blank=True, max_length=LONGEST_TEXT)
    language = models.CharField(max_length=10, default="en")
    translations = models.JSONField(default=dict, blank=True)

    mode = models.CharField(max_length=10, choices=Mode, default=Mode.CHOOSE)
    lures = models.CharField(max_length=10, choices=Lures, default=Lures.HALF)
    offer_none = models.BooleanField(default=True)
    show_glosses = models.BooleanField(default=False, help_text="Whether people can read what each word means.")
    glosses = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Answer → language → sentence, locked at publication."
    )
    minutes_told = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="How long it takes, as the first page says; reckoned at publication."
    )
    ask_confidence = models.BooleanField(default=True)
    ask_affect = models.BooleanField(default=False)
    affect_form = models.CharField(max_length=10, choices=AffectForm, default=AffectForm.SLIDERS)
    continuous = models.CharField(max_length=10, choices=Continuous, default=Continuous.NONE)
    ask_word = models.BooleanField(default=False)
    ask_background = models.BooleanField(default=True)

    clips_per_participant = models.PositiveSmallIntegerField(default=8, validators=within(1, 200))
    practice_trials = models.PositiveSmallIntegerField(default=0, validators=within(0, 10))
    gold_trials = models.PositiveSmallIntegerField(default=0, validators=within(0, 20))
    attention_trials = models.PositiveSmallIntegerField(default=0, validators=within(0, 5))
    repeat_trials = models.PositiveSmallIntegerField(default=0, validators=within(0, 20))
    spread = models.CharField(max_length=10, choices=Spread, default=Spread.WITHIN)
    trial_order = models.CharField(max_length=12, choices=Order, default=Order.RANDOM)
    cue_design = models.CharField(max_length=10, choices=CueDesign, default=CueDesign.NONE)
    quota = models.PositiveIntegerField(null=True, blank=True, validators=within(1, 100_000))
    lease_minutes = models.PositiveSmallIntegerField(default=15, validators=within(1, DAY_MINUTES))
    idle_minutes = models.PositiveSmallIntegerField(default=60, validators=within(1, 7 * DAY_MINUTES))

    devices = models.JSONField(default=list, blank=True, help_text="Kinds that are admitted; empty: every one.")

    require_listening = models.BooleanField(default=True)
    unheard = models.CharField(max_length=10, choices=Unheard, default=Unheard.MARK)
    replay_cap = models.PositiveSmallIntegerField(null=True, blank=True, validators=within(1, 100))
    loudness = models.CharField(max_length=12, choices=Loudness, default=Loudness.EQUAL)
    headphones = models.CharField(max_length=10, choices=Headphones, default=Headphones.NONE)
    headphone_test = models.CharField(max_length=10, choices=HeadphoneTest, default=HeadphoneTest.HUGGINS)

    recruiter = models.CharField(max_length=20, choices=Recruiter, default=Recruiter.PLAIN)
    id_storage = models.CharField(max_length=10, choices=IdStorage, default=IdStorage.HASHED)
    next_person = models.CharField(max_length=10, choices=NextPerson, default=NextPerson.ASK)
    key_fingerprint = models.CharField(
        max_length=16, blank=True, editable=False, help_text="Of the key that outside ids are hashed with."
    )
    return_url = models.URLField(blank=True)
    code_complete = DrawnCharField(max_length=40, default=make_code)
    code_screened_out = DrawnCharField(max_length=40, default=make_code)
    code_no_consent = DrawnCharField(max_length=40, default=make_code)
    code_quota_full = DrawnCharField(max_length=40, default=make_code)

    debrief_own = models.BooleanField(default=False)
    debrief_intended = models.CharField(max_length=10, choices=Disclosure, default=Disclosure.NEVER)
    debrief_others = models.CharField(max_length=10, choices=Disclosure, default=Disclosure.NEVER)
    reminders = models.BooleanField(default=True, help_text="Whether the owner gets mails about how it goes.")

    analysis_plan = models.JSONField(default=dict, blank=True)
    exclusion_rules = models.JSONField(default=dict, blank=True)
    retention_until = models.DateField(null=True, blank=True, validators=within(FIRST_DAY, LAST_DAY))
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)
    results_opened_at = models.DateTimeField(null=True, blank=True, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = Studies.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                name="published_means_consent_and_time",
                condition=Q(status="draft", published_at__isnull=True, consent_sha256="")
                | (~Q(status="draft") & ~Q(consent_text="") & ~Q(consent_sha256="") & Q(published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="closed_means_closing_time",
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(name="at_least_one_clip_each", condition=Q(clips_per_participant__gte=1)),
            models.UniqueConstraint(
                fields=["previous", "number"], condition=Q(previous__isnull=False), name="study_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **named: Any) -> None:
        if update_fields is not None:
            update_fields = {*update_fields, "updated_at"}
        super().save(*args, update_fields=update_fields, **named)

    def get_absolute_url(self) -> str:
        return reverse("study", args=[self.slug])

    @property
    def loudness_caveat(self) -> str:
        """What loudness may tell, to be said beside results; empty where all clips are equally loud."""
        return TELLS if self.loudness == self.Loudness.BY_INTENTION else ""

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_open(self) -> bool:
        """Whether anybody can join: after the end of the retention nobody can, as nobody would be known again."""
        return self.status == self.Status.PUBLISHED and not self.has_forgotten

    @property
    def has_forgotten(self) -> bool:
        """Whether the end of the retention has come: from that day on nothing is stored that points to a person."""
        if self.is_draft:
            return False
        over = self.retention_until is not None and self.retention_until <= timezone.localdate()
        return over or self.anonymised_at is not None

    @property
    def is_reminded_of(self) -> bool:
        """Whether anything may still be due that its owner hears of; `reminded_studies` finds those in the database."""
        awaits_retention = self.retention_until is not None and self.anonymised_at is None
        return self.status == self.Status.PUBLISHED or (not self.is_draft and awaits_retention)

    @property
    def lease(self) -> timedelta:
        """For how long a clip on somebody's screen counts as heard, at most."""
        return timedelta(minutes=held(self, "lease_minutes"))

    @property
    def patience(self) -> timedelta:
        """After so long without an answer people see the instructions again."""
        return timedelta(minutes=held(self, "idle_minutes"))

    @property
    def shows_results(self) -> bool:
        """Whether the results may be looked at: not while people take part, unless somebody opened them."""
        return self.status != self.Status.PUBLISHED or self.results_opened_at is not None

    @property
    def form(self) -> TrialForm:
        """What its trials play, and which answers there are."""
        return form_of(self.mode)

    @property
    def varies_cues(self) -> bool:
        """Whether it plays variants alone, so that the effects of cues can be told."""
        return self.cue_design != self.CueDesign.NONE

    @property
    def hears_pieces_once(self) -> bool:
        """Whether each person hears each piece of a cue experiment in one variant only."""
        return self.cue_design == self.CueDesign.SQUARE

    @property
    def has_lures(self) -> bool:
        """Whether people say yes or no, and half of the trials name another emotion than the intended one."""
        return self.mode == self.Mode.YES_NO and self.lures == self.Lures.HALF

    def discloses(self, when: str) -> bool:
        """Whether somebody who has finished may be told now what a setting of `Disclosure` says `when` to tell."""
        return when == self.Disclosure.ALWAYS or (when == self.Disclosure.CLOSED and self.status == self.Status.CLOSED)

    @property
    def asks_on_pad(self) -> bool:
        """Whether one pad asks for valence and arousal in place of two sliders."""
        return self.ask_affect and self.affect_form == self.AffectForm.PAD

    @property
    def rated_while_playing(self) -> tuple[str, ...]:
        """The dimensions that people rate while a clip plays: valence, arousal, both or none."""
        if self.continuous == self.Continuous.PLANE:
            return (self.Continuous.VALENCE.value, self.Continuous.AROUSAL.value)
        return () if self.continuous == self.Continuous.NONE else (str(self.continuous),)

    @property
    def has_pad(self) -> bool:
        """Whether people meet the pad at some clip."""
        return self.asks_on_pad or self.continuous == self.Continuous.PLANE

    @property
    def keeps_outside_ids(self) -> bool:
        return self.id_storage == self.IdStorage.KEPT

    @property
    def languages(self) -> list[str]:
        """The study's own language and those it is to be translated into; `spoken_languages` are offered."""
        return [self.language, *(code for code in self.translations if code != self.language)]

    def lacking(self, language: str) -> list[str]:
        """The texts that the study's own language has and its translation into `language` lacks."""
        texts = self.translations.get(language)
        texts = texts if isinstance(texts, dict) else {}
        own = [name for name in TRANSLATED if name not in FOLLOW_OTHERS and getattr(self, name).strip()]
        return [name for name in own if not str(texts.get(name) or "").strip()]

    def unnamed_answers(self, language: str) -> list[str]:
        """The answers (slugs) that have no label in `language`."""
        return [choice.slug for choice in self.choices.all() if not choice.labels.get(language)]

    def speaks(self, language: str) -> bool:
        """Whether a page can be in `language` as a whole: the site's words, every text, every answer."""
        if language == self.language:
            return True
        known = language in dict(settings.LANGUAGES) and language in self.translations
        return known and not self.lacking(language) and not self.unnamed_answers(language)

    @property
    def spoken_languages(self) -> list[str]:
        """What participants are offered: the study's own language, and every translation that is whole."""
        return [language for language in self.languages if self.speaks(language)]

    def spoken(self, language: str) -> str:
        """The language of the pages for somebody who asked for `language`: that one as a whole, or the study's own."""
        return language if self.speaks(language) else self.language

    def wording(self, language: str) -> Mapping[str, str]:
        """What people read, all of it in `language` or all of it in the study's own; never a mixture."""
        own = {name: getattr(self, name) for name in TRANSLATED}
        if self.spoken(language) == self.language:
            return own
        return {name: str(self.translations[language].get(name) or "") for name in own}


TRANSLATED = (
    "title",
    "introduction",
    "consent_text",
    "question",
    "question_music",
    "question_picture",
    "instructions",
    "instructions_picture",
    "debriefing",
)
# Where these are empty, the text about all presentations is read.
FOLLOW_OTHERS = ("question_music", "question_picture", "instructions_picture")


class StudyMember(models.Model):
    """Somebody besides the owner who may work on a study, or look at it."""

    class Role(models.TextChoices):
        EDITOR = "editor", "Researcher: everything but deleting"
        VIEWER = "viewer", "Viewer: monitor and results only"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="study_memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "user"], name="one_role_per_member")]

    def __str__(self) -> str:
        return f"{self.user} · {self.role} of {self.study}"
