"""What stands against publishing a study that compares two clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from survey.design.comparing import parts_of
from survey.design.trial_forms import FITS
from survey.models import Stimulus, Study
from survey.queries import StimulusFacts, asked_questions, stimulus_facts
from survey.queries.pairs import pairs_of
from survey.questions import REGISTER, When

Role = Stimulus.Role
ABOUT_ANY_TRIAL = frozenset({"confidence"})
"""Ready-made questions that make sense about two clips; a researcher's own speak for themselves."""


def comparing_reasons(study: Study) -> Iterator[str]:
    """What stands against publishing a study that compares clips; nothing where it does not."""
    form = study.form
    if not form.compares:
        return
    every = stimulus_facts(study)
    what = "picture and music" if form is FITS else "music only"
    if strange := sorted({cell.name for cell in study.conditions.exclude(presentation=form.presents)}):
        yield (
            f"Where people say “{form.says.removeprefix('Two clips: ')}” every cell presents {what}, and these do not: "
            f"{', '.join(strange)}. Take them out on the page of clips."
        )
    yield from _pair_reasons(study, every)
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
    if len(set(study.conditions.values_list("weight", flat=True))) > 1:
        yield "Every pair is judged equally often, so cells cannot have different weights: give all the same."
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


def _pair_reasons(study: Study, every: Sequence[StimulusFacts]) -> Iterator[str]:
    topic = "picture" if study.form is FITS else "intended emotion"
    main = pairs_of(study.form, every, Role.MAIN)
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
    alone = sum(facts.role == Role.MAIN and facts.pk not in paired for facts in every)
    if alone:
        yield (
            f"{alone} main clips have no other clip of their {topic} in another cell, so nobody would ever hear them. "
            "Choose clips that can be compared, or leave these out."
        )
    parts = parts_of(main)
    if len(parts) > 1:
        names = dict(study.conditions.values_list("pk", "name"))
        named = "; ".join(" and ".join(sorted(names[cell] for cell in part)) for part in parts)
        yield (
            f"Cells of different parts would never be compared, not even by way of others, so no report could say how "
            f"strong they are against each other: {named}. On the page of clips, add clips of one {topic} from a cell "
            "of each part, or make a study of each part."
        )
    practice = pairs_of(study.form, every, Role.PRACTICE)
    if study.practice_trials > len(practice):
        yield (
            f"{study.practice_trials} practice trials are planned, but the practice clips make {len(practice)} pairs "
            f"of one {topic}: choose more practice clips of one {topic}, or fewer trials."
        )
