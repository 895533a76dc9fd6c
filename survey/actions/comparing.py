"""What stands against publishing a study that compares two clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from survey.design.comparing import parts_of
from survey.design.trial_forms import FITS
from survey.models import Stimulus, Study
from survey.queries import asked_questions
from survey.queries.pairs import planned_pairs
from survey.queries.planned import Planned
from survey.questions import REGISTER, When

Role = Stimulus.Role
ABOUT_ANY_TRIAL = frozenset({"confidence"})
"""Ready-made questions that make sense about two clips; a researcher's own speak for themselves."""


def comparing_reasons(study: Study, planned: Planned) -> Iterator[str]:
    """What stands against publishing a study that compares clips; nothing where it does not."""
    if not study.form.compares:
        return
    yield from pair_reasons(study, planned)
    if study.analysis_plan.get("primary_cell"):
        yield (
            "The plan names a primary cell, but every answer is about two cells: leave it empty. The preference "
            "between the two cells is what the report takes; write which one you expect in the plan’s words."
        )
    if study.gold_trials or study.repeat_trials or study.attention_trials:
        yield (
            "Comparisons of two clips have no right answer and are not repeated: set gold, repeat and attention trials "
            "to 0."
        )
    if study.spread != Study.Spread.WITHIN or study.trial_order != Study.Order.RANDOM:
        yield (
            "Two clips of a pair come from two cells, so everyone gets every cell, and the order is by chance: choose "
            "both under “Trials”."
        )
    if study.loudness != Study.Loudness.EQUAL:
        yield "Two clips that are compared must be equally loud: choose “All equally loud” under “Listening”."
    about_one = [
        question.told
        for question in asked_questions(study)
        if question.when is When.CLIP and question.key in REGISTER and question.key not in ABOUT_ANY_TRIAL
    ]
    if about_one:
        yield f"These questions ask about one clip, but a trial plays two: {', '.join(about_one)}. Leave them out."
    if study.rated_while_playing:
        yield "While a clip plays one clip can be rated, but a trial plays two: ask nothing then."


def pair_reasons(study: Study, planned: Planned) -> Iterator[str]:
    """What of it lies in the choice of cells and clips, stored or not; nothing where one clip is heard at a time."""
    form = study.form
    if not form.compares:
        return
    what = "picture and music" if form is FITS else "music only"
    if strange := sorted(cell.name for cell in planned.cells if cell.presentation != form.presents):
        yield (
            f"Where people say “{form.says.removeprefix('Two clips: ')}” every cell presents {what}, and these do not: "
            f"{', '.join(strange)}. Take them out on the page of clips."
        )
    yield from _pair_reasons(study, planned)
    if len({cell.weight for cell in planned.cells}) > 1:
        yield "Every pair is judged equally often, so cells cannot have different weights: give all the same."


def _pair_reasons(study: Study, planned: Planned) -> Iterator[str]:
    topic = study.form.topic
    main = planned_pairs(study, planned, Role.MAIN)
    if not main:
        yield (
            f"There is no pair to compare: a pair is made of two clips of one {topic} from two cells. On the page of "
            f"clips, choose a cell for each composer (or matching and mismatched pairs), and clips of the same {topic}."
        )
        return
    if study.clips_per_participant > len(main):
        yield (
            f"One person would compare {study.clips_per_participant} pairs, but there are only {len(main)} different "
            "ones; lower the number or add clips."
        )
    paired = Counter(clip.key for pair in main for clip in pair[:2])
    alone = sum(one.role == Role.MAIN and place not in paired for place, one in enumerate(planned.stimuli))
    if alone:
        yield (
            f"{alone} main clips have no other clip of their {topic} in another cell, so nobody would ever hear them. "
            "Choose clips that can be compared, or leave these out."
        )
    parts = parts_of(main)
    if len(parts) > 1:
        named = "; ".join(" and ".join(sorted(planned.cells[cell].name for cell in part)) for part in parts)
        yield (
            f"Cells of different parts would never be compared, not even by way of others, so no report could say how "
            f"strong they are against each other: {named}. On the page of clips, add clips of one {topic} from a cell "
            "of each part, or make a study of each part."
        )
    practice = planned_pairs(study, planned, Role.PRACTICE)
    if study.practice_trials > len(practice):
        yield (
            f"{study.practice_trials} practice trials are planned, but the practice clips make {len(practice)} pairs "
            f"of one {topic}: choose more practice clips of one {topic}, or fewer trials."
        )
