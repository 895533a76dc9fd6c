"""What a draft will be once it is published: how long it takes, how even it is, what to look at again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from generation.emotions import SLUGS
from survey.analysis.planned import FEWEST_OF_A_SIDE, NEW_TARGETS, is_difference, planned_cells
from survey.analysis.wording import PRESENTED
from survey.design.balancing import share_out
from survey.design.contradictions import RULES, TRIALS, contradictions
from survey.design.duration import answer_seconds, session_seconds
from survey.design.quality import read_rules
from survey.design.variants import uneven_pieces
from survey.first_words import SAID_IN_CONSENT, is_default, speaks_of_ten_minutes
from survey.models import Condition, Stimulus, Study
from survey.queries.in_front import doubts_about_the_front
from survey.queries.loudness import doubts_about_levels
from survey.queries.numbers import aim_of
from survey.queries.pairs import PairRow, planned_rows
from survey.queries.pianos import doubts_about_pianos
from survey.queries.planned import Planned, stored_plan
from survey.queries.questions import asked_questions, further_questions
from survey.queries.sides import sides_of_stimuli
from survey.queries.stimuli import met_once, played_as, study_choices
from survey.questions import When

Role = Stimulus.Role
FEW_PIECES: Final = 8
"""A cue experiment with fewer pieces says little of others."""
LONG_SESSION: Final = 30.0
# What the proposed consent text said in earlier releases, which drafts may still have.
MINUTES_SAID: Final = (7.0, 13.0)


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell: its stimuli, its trials per person, and answers per stimulus when `people` have taken part."""

    name: str
    weight: float
    stimuli: int
    fewest: int
    most: int
    answers_each: float


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many main stimuli of each emotion there are in a cell or of a composer."""

    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that is shown before a study is frozen."""

    minutes: float
    people: int
    people_said_by: str
    trials: int
    cells: tuple[CellRow, ...]
    pairs: tuple[PairRow, ...]
    judged_each: float
    emotions: tuple[str, ...]
    offered: int
    by_cell: tuple[CountRow, ...]
    by_composer: tuple[CountRow, ...]
    roles: dict[str, int]
    warnings: tuple[str, ...]

    @property
    def by_emotion(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Each emotion with the number of clips of every composer, in the order of `by_composer`."""
        columns = zip(*(row.counts for row in self.by_composer), strict=True)
        return tuple(zip(self.emotions, columns, strict=True)) if self.by_composer else ()

    @property
    def balance(self) -> str:
        """Whether every composer has equally many clips of every emotion, in a sentence; empty without music."""
        counts = [count for row in self.by_composer for count in row.counts]
        if not counts:
            return ""
        least, most = min(counts), max(counts)
        by = " by every composer" if len(self.by_composer) > 1 else ""
        if len(self.emotions) < self.offered:
            each = f"{least}" if least == most else f"{least} to {most}"
            named = f"{len(self.emotions)} of the {self.offered} emotions that people choose from"
            return f"{each} clip{'' if most == 1 else 's'} each{by} of {named}."
        if least == most:
            return f"Balanced: {least} clip{'' if least == 1 else 's'} of every emotion{by}."
        return f"Not balanced: {least} to {most} clips of an emotion{by and ' by a composer'}."


def overview_of(study: Study, planned: Planned | None = None) -> Overview:
    """What publishing `study` now would mean; with `planned`, what it would mean with those cells and stimuli."""
    planned = planned or stored_plan(study)
    stimuli, main = planned.stimuli, planned.main
    emotions = tuple(slug for slug in SLUGS if any(stimulus.emotion == slug for stimulus in main))
    aim = aim_of(study)
    people = aim.people
    pairs = tuple(planned_rows(study, planned))
    cells = tuple(_cell_rows(study, planned.cells, main, people, pairs))
    by_cell = _count(emotions, [(stimulus.condition.name, stimulus.emotion) for stimulus in main])
    heard = {(stimulus.composer, stimulus.clip_key): stimulus.emotion for stimulus in main if stimulus.composer}
    by_composer = _count(emotions, [(composer, emotion) for (composer, _), emotion in heard.items()])
    minutes = _minutes(study, stimuli, cells)
    plays = any(stimulus.audio_sha256 for stimulus in stimuli)
    offered = _emotions_offered(study)
    return Overview(
        minutes=minutes,
        people=people,
        people_said_by=aim.said_by,
        trials=sum((study.practice_trials, study.gold_trials, *_trials_of_main_clips(study))),
        cells=cells,
        pairs=pairs,
        judged_each=people * study.clips_per_participant / number
        if (number := sum(row.pairs for row in pairs))
        else 0.0,
        emotions=emotions,
        offered=offered,
        by_cell=by_cell,
        by_composer=by_composer,
        roles=dict(Counter(stimulus.role for stimulus in stimuli)),
        warnings=(
            *_warnings(study, cells, by_cell, by_composer, minutes, plays),
            *_about_primary_cell(study, planned),
            *_about_rules(study),
            *_about_emotions_not_played(emotions, offered),
            *_about_pieces_varied(study, main),
            *_shared_clips(study, stimuli),
            *doubts_about_pianos(stimuli),
            *doubts_about_levels(study, stimuli),
            *doubts_about_the_front(study, stimuli),
        ),
    )


def _cell_rows(
    study: Study, cells: Sequence[Condition], main: Sequence[Stimulus], people: int, pairs: Sequence[PairRow]
) -> Iterator[CellRow]:
    total = sum(cell.weight for cell in cells)
    between = study.spread == Study.Spread.BETWEEN
    each = study.clips_per_participant
    bounds = share_out(each, [cell.weight for cell in cells]) if cells else []
    for cell, (fewest, most) in zip(cells, bounds, strict=True):
        stimuli = sum(stimulus.condition.name == cell.name for stimulus in main)
        share = cell.weight / total
        if study.form.compares:
            # Every pair is judged equally often, so a cell plays in as many trials as it has pairs.
            with_cell = sum(row.pairs for row in pairs if cell.name in (row.one, row.other))
            share = with_cell / max(1, sum(row.pairs for row in pairs))
            fewest, most = each if share == 1.0 else 0, each if share else 0
        elif between:
            fewest, most = 0, each
        answers = people * each * share
        yield CellRow(cell.name, cell.weight, stimuli, fewest, most, answers / stimuli if stimuli else 0.0)


def _count(emotions: Sequence[str], pairs: Sequence[tuple[str, str]]) -> tuple[CountRow, ...]:
    counts = Counter(pairs)
    names = dict.fromkeys(name for name, _ in pairs)
    return tuple(CountRow(name, tuple(counts[name, emotion] for emotion in emotions)) for name in names)


def _trials_of_main_clips(study: Study) -> tuple[int, ...]:
    return (study.clips_per_participant, study.repeat_trials, study.attention_trials)


def _minutes(study: Study, stimuli: Sequence[Stimulus], cells: Sequence[CellRow]) -> float:
    """How long a participant needs, in minutes; between participants over all cells."""
    total = sum(cell.weight for cell in cells)
    lengths = [
        (cell.weight, _mean_length([s for s in stimuli if s.role == Role.MAIN and s.condition.name == cell.name]))
        for cell in cells
    ]
    clips = study.form.clips
    main = clips * sum(weight * length for weight, length in lengths) / total if total else 0.0
    extra = {role: clips * _mean_length([s for s in stimuli if s.role == role]) for role in (Role.PRACTICE, Role.GOLD)}
    plays = any(stimulus.audio_sha256 for stimulus in stimuli)
    asked = asked_questions(study)
    seconds = session_seconds(
        [
            (sum(_trials_of_main_clips(study)), main),
            (study.practice_trials, extra[Role.PRACTICE]),
            (study.gold_trials, extra[Role.GOLD]),
        ],
        answer_seconds(question.seconds for question in asked if question.when is When.CLIP),
        sound_check=plays,
        headphone_test=plays and study.headphones != Study.Headphones.NONE,
        questions=sum(question.seconds for question in asked if question.about_person),
    )
    return seconds / 60.0


def minutes_of(study: Study) -> int:
    """How long a session takes, in whole minutes, at least one: as people are told it."""
    planned = Planned(list(study.conditions.all()), list(study.stimuli.select_related("condition")))
    rows = tuple(_cell_rows(study, planned.cells, planned.main, people=0, pairs=()))
    return max(1, round(_minutes(study, planned.stimuli, rows)))


def minutes_to_tell(study: Study) -> int | None:
    """What the first page says; nothing where the consent text is one that speaks of ten minutes already."""
    return None if speaks_of_ten_minutes(study.consent_text) else minutes_of(study)


def _mean_length(stimuli: Sequence[Stimulus]) -> float:
    lengths = [stimulus.duration_seconds or 0.0 for stimulus in stimuli]
    return sum(lengths) / len(lengths) if lengths else 0.0


def _warnings(
    study: Study,
    cells: Sequence[CellRow],
    by_cell: Sequence[CountRow],
    by_composer: Sequence[CountRow],
    minutes: float,
    plays: bool,
) -> Iterator[str]:
    """What may be meant, and should be looked at once more."""
    if minutes > LONG_SESSION:
        yield f"A session takes about {minutes:.0f} minutes: people tire, and more of them leave."
    proposed = is_default("consent_text", study.consent_text)
    if speaks_of_ten_minutes(study.consent_text) and not MINUTES_SAID[0] <= minutes <= MINUTES_SAID[1]:
        yield f"The consent text speaks of about ten minutes, but a session takes about {minutes:.0f}: change the text."
    if proposed:
        yield from _asked_without_saying_so(study)
    if study.keeps_outside_ids:
        yield from _own_texts(study, "Outside ids are kept")
    if study.rated_while_playing:
        yield from _own_texts(study, "People also rate while the clip plays")
    for row in by_cell:
        if len(set(row.counts)) > 1:
            yield f"The emotions are not equally many in “{row.name}”: {min(row.counts)} to {max(row.counts)} stimuli."
    if len({row.counts for row in by_composer}) > 1:
        yield "The composers do not have the same number of clips per emotion: comparisons are less precise."
    if study.quota is None:
        yield "There is no quota: the study takes people until somebody closes it."
    else:
        if study.quota < aim_of(study).people:
            yield f"The plan wants {aim_of(study).people} people, but the quota of {study.quota} ends the study before."
        for cell in cells:
            if cell.answers_each < 1:
                yield (
                    f"With {aim_of(study).people} people the stimuli of “{cell.name}” have {cell.answers_each:.2g} "
                    "answers each, so some have none: let more people take part, or choose fewer clips."
                )
    if not plays and study.headphones != Study.Headphones.NONE:
        yield "A headphone test is chosen, but no music is played: it will not be shown."


def _about_rules(study: Study) -> Iterator[str]:
    if not study.exclusion_rules:
        yield "There are no rules for leaving people out: everybody who finishes counts, and rules cannot follow later."
    rules = read_rules(study.exclusion_rules)
    needed, given = ({name: getattr(of, name) for name in names} for of, names in ((rules, RULES), (study, TRIALS)))
    yield from (sentence for _, sentence in contradictions(needed | given))


def _emotions_offered(study: Study) -> int:
    """From how many emotions people choose; 0 where they choose from no list."""
    return sum(choice.slug in SLUGS for choice in study_choices(study)) if study.mode == Study.Mode.CHOOSE else 0


def _about_emotions_not_played(played: Sequence[str], offered: int) -> Iterator[str]:
    if played and len(played) < offered:
        are = "is" if len(played) == 1 else "are"
        yield (
            f"People choose from {offered} emotions, but only {len(played)} of them {are} played"
            f" ({', '.join(played)}): an answer that people like is then right more often than it deserves."
        )


def _about_pieces_varied(study: Study, main: Sequence[Stimulus]) -> Iterator[str]:
    """Whether a cue experiment has pieces enough to speak of others, and a full factorial all variants of each."""
    if not study.varies_cues:
        return
    played = [played_as(stimulus) for stimulus in main]
    if not study.hears_pieces_once and (said := uneven_pieces(played)):  # a square of such pieces is refused
        yield said
    pieces = len({clip.piece for clip in played} - {""})
    if 0 < pieces < FEW_PIECES:
        yield (
            f"Cues are varied in {pieces} {'piece' if pieces == 1 else 'pieces'}. What a cue does in other pieces is "
            f"known from how much pieces differ: with fewer than {FEW_PIECES} the intervals will be wide. Rather more "
            "pieces than more cues."
        )


def _asked_without_saying_so(study: Study) -> Iterator[str]:
    """The proposed consent text knows the age band and musical training alone, and no question that was added."""
    asked = [question for question in further_questions(study) if question.key not in SAID_IN_CONSENT]
    told = [question.told for question in asked if question.about_person]
    if told:
        yield (
            f"People are also asked about themselves ({', '.join(told)}), which the proposed consent text does not "
            "say: name it there."
        )


def _about_primary_cell(study: Study, design: Planned) -> Iterator[str]:
    planned = study.analysis_plan.get("primary_cell")
    if not planned:
        return
    cells = {cell.presented for cell in design.cells}
    if is_difference(planned):
        lacking = [PRESENTED[name] for name in planned_cells(planned) if name not in cells]
        if lacking:
            yield (
                f"The plan's primary difference needs {' and '.join(f'“{name}”' for name in lacking)}, which the "
                "design lacks: it cannot be reported."
            )
        if planned == NEW_TARGETS and study.mode == Study.Mode.CHOOSE:
            yield from _about_sides(study, design)
        if study.mode == Study.Mode.YES_NO:
            yield (
                "The plan names a difference as primary, but where people say yes or no none is computed: name a cell"
                f"{', whose d′ then comes first' if study.has_lures else ''}."
            )
        return
    if planned not in cells:
        yield "The plan's primary cell is not among the cells of the design: nothing of it can be reported."
    if study.mode == Study.Mode.YES_NO and not study.has_lures:
        yield (
            "The plan names a primary cell of a yes/no study without lures: its share of yes comes first in the "
            "report, which tells nothing of recognition."
        )


def _about_sides(study: Study, design: Planned) -> Iterator[str]:
    """Whether there are clips of both targets, and enough of them for an interval."""
    sides = sides_of_stimuli(study, design.stimuli)
    heard: dict[str, dict[tuple[str, str], set[str]]] = {"old": {}, "new": {}}
    for one in design.stimuli:
        if side := sides.get(str(one.public_id)):
            heard[side].setdefault((one.emotion, one.condition.presented), set()).add(one.audio_sha256)
    both = set(heard["old"]) & set(heard["new"])  # only what is heard of both is compared
    fewest = min(len(set().union(*(found[key] for key in both))) for found in heard.values())
    if not sides:
        yield (
            "The plan compares new targets with old ones, but no fresh clips of both are chosen: it cannot be "
            "reported. Compose the next wave from the page of a lesson, and choose its clips."
        )
    elif not both:
        yield (
            "The plan compares new targets with old ones, but no emotion has clips of both: it cannot be reported. "
            "Choose clips of the same emotions."
        )
    elif fewest < FEWEST_OF_A_SIDE:
        yield (
            f"The plan compares new targets with old ones, of which {fewest} clips are chosen: with fewer "
            f"than {FEWEST_OF_A_SIDE} of each there is no interval and no test."
        )


def _shared_clips(study: Study, stimuli: Sequence[Stimulus]) -> Iterator[str]:
    """Main clips that are also practice or gold: who met one there does not get it again, so it has fewer answers."""
    extras = {met_once(study, stimulus) for stimulus in stimuli if stimulus.role != Role.MAIN}
    shared = {met_once(study, stimulus) for stimulus in stimuli if stimulus.role == Role.MAIN} & extras
    if shared:
        are, they = ("clips are", "they get") if len(shared) > 1 else ("clip is", "it gets")
        yield (
            f"{len(shared)} main {are} practice or gold clips too, and nobody hears a clip twice: {they} fewer answers "
            "than the table says, and the others more. Choose other practice and gold clips to have them equal."
        )


def _own_texts(study: Study, what: str) -> Iterator[str]:
    """A sentence for every language whose consent text somebody wrote, for `what` the proposed text would say."""
    names = dict(settings.LANGUAGES)
    for code in study.languages:
        text = study.wording(code)["consent_text"]
        if text and not is_default("consent_text", text):
            yield (
                f"{what}: make sure that the consent text in {names.get(code, code)} says so. "
                "It is your own, so nobody has checked it."
            )
