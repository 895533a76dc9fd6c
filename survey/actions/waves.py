"""The next wave: a study of fresh clips that tests a lesson, made ready from the study that taught it."""

from __future__ import annotations

import re
from typing import Any, Final

from django.utils import timezone

from melodymuse_site.turns import in_turn, lock_row
from survey.actions.audit import record
from survey.actions.building import free_slug, set_stimuli
from survey.actions.learning import LessonRefused
from survey.actions.publishing import FIELDS_NOT_COPIED, copy_answers_and_questions
from survey.analysis.planned import NEW_TARGETS
from survey.models import Lesson, LessonStudy, Stimulus, Study
from survey.queries.picking import Picked, clips_being_made, pick_wave

WAVE: Final = re.compile(r", wave (\d+)$")
KEPT_OF_PLAN: Final = ("margin", "planned_n", "answers_per_clip", "stop_rule")
HYPOTHESIS: Final = "The intended emotion is chosen more often for clips made for the new targets than for the old."
LONGEST_TITLE: Final = 200


@in_turn
def begin_test(*, lesson: Lesson, by: Any) -> Study:
    """Make the draft of a study that tests `lesson`, ready to be published; whoever has one already gets that.

    Wording, people, consent, rules and all else are those of the last study that taught; the clips are every pair's
    fresh ones for the old and the new targets; the plan's primary measure is their difference. They come by chance, in
    one cell, and are no variants, whatever that study's were. Raises LessonRefused.
    """
    locked = lock_row(Lesson, pk=lesson.pk)
    taught = locked.roles.filter(role=LessonStudy.Role.TAUGHT).select_related("study").order_by("-study_id")
    if locked.targets_id is None or not taught:
        raise LessonRefused("Nothing was learned, so there is nothing to test.")
    if clips_being_made(locked):
        raise LessonRefused("Clips of the next wave are still being made. Wait for them, then begin its study.")
    picked = pick_wave(locked)
    if picked.lacking:
        raise LessonRefused(picked.lacking)
    source = taught[0].study
    title = name_next(source.title)
    wanted = {version.pk for version in picked.versions}
    for draft in Study.objects.filter(owner=by, title=title, status=Study.Status.DRAFT).order_by("pk"):
        if set(draft.stimuli.filter(role=Stimulus.Role.MAIN).values_list("pair_version", flat=True)) == wanted:
            return draft
    return _make(source, title, picked, by, lesson=str(locked.public_id))


def name_next(title: str) -> str:
    """Return the title of the next wave: participants read it, so it says nothing of what is compared.

    >>> name_next("Moods of places"), name_next("Moods of places, wave 2")
    ('Moods of places, wave 2', 'Moods of places, wave 3')
    """
    found = WAVE.search(title)
    number = int(found[1]) + 1 if found else 2
    end = f", wave {number}"
    return f"{WAVE.sub('', title)[: LONGEST_TITLE - len(end)]}{end}"


def _make(source: Study, title: str, picked: Picked, by: Any, *, lesson: str) -> Study:
    fields = {
        field.name: getattr(source, field.name)
        for field in Study._meta.concrete_fields
        if field.name not in FIELDS_NOT_COPIED
    }
    clips = picked.clips_each(source.clips_per_participant)
    fields |= {
        "title": title,
        "clips_per_participant": clips,
        "repeat_trials": min(source.repeat_trials, clips),
        "analysis_plan": {
            "hypotheses": HYPOTHESIS,
            "primary_cell": NEW_TARGETS,
            **{name: source.analysis_plan[name] for name in KEPT_OF_PLAN if name in source.analysis_plan},
        },
        "spread": Study.Spread.WITHIN,
        "trial_order": Study.Order.RANDOM,
        "cue_design": Study.CueDesign.NONE,
        "retention_until": _as_long_again(source),
    }
    draft = Study.objects.create(**fields, owner=by, slug=free_slug(title))
    record(study=draft, action="create", by=by, lesson=lesson, like=source.slug)
    copy_answers_and_questions(source, draft)
    extras = {
        role: [one.pair_version for one in source.stimuli.filter(role=role).select_related("pair_version")]
        for role in (Stimulus.Role.PRACTICE, Stimulus.Role.GOLD)
    }
    set_stimuli(
        study=draft,
        versions=picked.versions,
        cells=picked.cells,
        practice=list({one.pk: one for one in extras[Stimulus.Role.PRACTICE]}.values()),
        gold=list({one.pk: one for one in extras[Stimulus.Role.GOLD]}.values()),
        by=by,
    )
    return draft


def _as_long_again(source: Study) -> Any:
    """The day on which personal data go: as long from today as it was from the publication of the other study."""
    if source.retention_until is None or source.published_at is None:
        return None
    return timezone.localdate() + (source.retention_until - timezone.localdate(source.published_at))
