"""Which clips fit a kind of study: those that were chosen, the same pictures by several composers, old and new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import comb
from typing import Any, Final

from generation.models import ModelVersion, PairVersion
from generation.queries import ready_pair_versions, without_measures
from survey.design.templates import TEMPLATES, StudyTemplate
from survey.design.variants import Played, no_variants
from survey.models import Lesson, Stimulus, Study
from survey.queries.in_front import in_front
from survey.queries.sides import named_to_teach

WHERE_FROM: Final = (
    "Start a run for a cue experiment from the page of pictures, and make the study from the page of that run."
)
MOST_READ: Final = 2000
MOST_GROUPS: Final = 24
"""Pictures with several composers, or pairs with two versions: three of every emotion make a study."""

AS_ONE_HEARS: Final = (0.02, 0.1, 0.0, 3.0)
"""Two notes by whose onset, duration (both in seconds), pitch and velocity nobody tells them apart; judgement."""

NO_WAVE: Final = (
    "No pair has fresh clips for old and new targets yet. Have listeners teach the composer, compose the next wave "
    "from the page of the lesson, then choose its clips here. (Clips of emotions whose targets stayed are one sound "
    "for both, and test nothing.)"
)


@dataclass(frozen=True, slots=True)
class Picked:
    """Clips for a study and its cells; `lacking` says what there is not, empty where all is there.

    `pairs` is how many two clips of one picture there are, for kinds of study that compare them; else None. `lesson` is
    the one whose old and new targets the clips were made for, where a kind of study asks for both.
    """

    versions: list[PairVersion]
    cells: dict[str, float]
    lacking: str = ""
    pairs: int | None = None
    lesson: Lesson | None = None

    def clips_each(self, wanted: int) -> int:
        """How many clips one person gets of these: no more than there are, and as many of each cell; or of pairs."""
        if not self.versions:
            return wanted
        if self.pairs:
            return min(wanted, self.pairs)
        most = min(wanted, len(self.versions))
        return most - most % len(self.cells) if most >= len(self.cells) else most


def pick_clips(template: StudyTemplate, chosen: Sequence[PairVersion] = ()) -> Picked:
    """The clips that fit `template`, among the pairs of those `chosen` where there are any, else in the library."""
    if template.clips == "shared":
        return _by_several_composers(template, chosen)
    if template.clips == "taught":
        return _old_and_new_targets(template, chosen)
    if template.clips == "renewed":
        return _old_and_new(template, chosen)
    if template.clips == "varied":
        return _variants(template, chosen)
    versions = list(chosen) or ([] if template.clips == "none" else _latest_of_each_pair())
    return Picked(versions, template.cells_for(version.composer for version in versions))


def _variants(template: StudyTemplate, chosen: Sequence[PairVersion]) -> Picked:
    """Those chosen that are variants of a cue experiment; others would tell nothing of cues."""
    versions = [version for version in chosen if version.cues]
    strange = no_variants([Played(str(version), "", version.base_piece) for version in chosen])
    lacking = f"{strange} Left out: what cues do is told from variants alone. {WHERE_FROM}" if strange else ""
    return Picked(versions, template.cells_for(version.composer for version in versions), lacking)


def _latest_of_each_pair() -> list[PairVersion]:
    """The newest version of every pair with a picture, by one composer: whose clips reach the most pairs."""
    newest: dict[str, dict[int, PairVersion]] = {}
    for version in _candidates(()):
        if version.pair.image_id and not version.is_imported:
            newest.setdefault(version.composer, {}).setdefault(version.pair_id, version)
    if not newest:
        return []
    composer = min(newest, key=lambda name: (-len(newest[name]), name))
    return _evenly([[version] for version in newest[composer].values()], every=False)


def _by_several_composers(template: StudyTemplate, chosen: Sequence[PairVersion]) -> Picked:
    newest: dict[int, dict[str, PairVersion]] = {}
    for version in _candidates(chosen):
        if version.pair.image_id:
            newest.setdefault(version.pair_id, {}).setdefault(version.composer, version)
    composers = _best_company([frozenset(by_composer) for by_composer in newest.values()])
    if not composers:
        return Picked(
            list(chosen),
            template.cells_for(version.composer for version in chosen) if chosen else {"matched": 1.0},
            "No picture has clips of two composers yet. Start a run of the same pictures with another composer, "
            "then choose its clips here.",
        )
    groups = [[found[name] for name in sorted(composers)] for found in newest.values() if composers <= set(found)]
    versions = _evenly(groups, every=bool(chosen))
    pairs = len(versions) // len(composers) * comb(len(composers), 2) if template.compares else None
    return Picked(versions, template.cells_for(composers), pairs=pairs)


def _best_company(companies: Sequence[frozenset[str]]) -> frozenset[str]:
    """The two or more composers with the most clips for the same pictures; of equals the larger company."""
    several = {company for company in companies if len(company) > 1}
    wrote = {several_of: sum(several_of <= company for company in companies) for several_of in several}
    ranked = sorted(several, key=lambda names: (-wrote[names] * len(names), -len(names), sorted(names)))
    return ranked[0] if ranked else frozenset()


def _old_and_new(template: StudyTemplate, chosen: Sequence[PairVersion]) -> Picked:
    by_pair: dict[tuple[int, str], list[PairVersion]] = {}
    for version in _candidates(chosen):
        # Imported clips are no attempts at one thing: each is a clip of its own.
        if not version.is_imported:
            by_pair.setdefault((version.pair_id, version.composer), []).append(version)
    renewed = [sorted(versions, key=lambda one: one.number) for versions in by_pair.values() if len(versions) > 1]
    if not renewed:
        return Picked(
            list(chosen),
            template.cells_for(()),
            "No pair has two versions by the same composer yet. Have pairs made anew, then choose both versions here.",
        )
    groups = [[versions[0], versions[-1]] for versions in renewed]
    return Picked(_evenly(groups, every=bool(chosen)), template.cells_for(()))


def _old_and_new_targets(template: StudyTemplate, chosen: Sequence[PairVersion]) -> Picked:
    """Of every pair the newest fresh clip for what the latest lesson taught, and that for what it started from."""
    candidates = [version for version in _candidates(chosen) if not version.is_imported]
    followed = _targets_followed(candidates)
    lessons = Lesson.objects.filter(targets__isnull=False)
    for lesson in lessons.filter(targets__in=set().union(*followed.values())):
        if whole := _of_both(lesson, candidates, followed):
            return Picked(_evenly(whole, every=bool(chosen)), template.cells_for(()), lesson=lesson)
    return Picked(list(chosen), template.cells_for(()), NO_WAVE)


def pick_wave(lesson: Lesson) -> Picked:
    """Of every pair the newest fresh clip for the new targets of `lesson` and that for the old ones."""
    ready = ready_pair_versions().filter(cues__isnull=True, run__model_versions__in=_targets_of(lesson))
    candidates = [one for one in without_measures(ready) if not one.is_imported]
    whole = _of_both(lesson, candidates, _targets_followed(candidates))
    cells = TEMPLATES["targets"].cells_for(())
    return Picked(_evenly(whole, every=True), cells, "" if whole else NO_WAVE, lesson=lesson)


def clips_that_may_test() -> set[int]:
    """The keys of fresh clips that stand ready to test a lesson: what teaches is not taken from them."""
    made = Lesson.objects.filter(targets__generationrun__isnull=False).distinct()
    return {version.pk for lesson in made for version in pick_wave(lesson).versions}


def clips_being_made(lesson: Lesson) -> int:
    """How many clips of pairs that have one for its new targets a worker has or will have, for these or the old ones.

    The old targets are those in force as a rule: others have clips made for them that are nothing to this lesson.
    """
    made = PairVersion.objects.filter(cues__isnull=True, run__model_versions__in=_targets_of(lesson))
    working = made.filter(status__in=[PairVersion.Status.QUEUED, PairVersion.Status.RUNNING])
    return working.filter(pair__in=made.filter(run__model_versions=lesson.targets).values("pair")).count()


def _targets_of(lesson: Lesson) -> list[int]:
    return [key for key in (lesson.base_id, lesson.targets_id) if key]


def _of_both(
    lesson: Lesson, candidates: Sequence[PairVersion], followed: Mapping[int, set[int]]
) -> list[list[PairVersion]]:
    """Of every pair and composer the first of `candidates` for the old and the new targets, where there are both.

    Where an emotion kept its targets both are one sound, or so nearly that nobody tells them apart, as a picture lies
    a little nearer to an emotion that moved: it stands alone, as nobody hears a sound twice. It is compared with
    nothing, and keeps all emotions among what people hear. Of an emotion with other clips of both it is left out: it
    would count for the old targets, and not for the new.
    """
    new, old = lesson.targets_id, lesson.base_id
    groups: dict[tuple[int, str], dict[int | None, PairVersion]] = {}
    for version in candidates:
        if {new, old} & followed[version.pk]:
            side = new if new in followed[version.pk] else old
            groups.setdefault((version.pair_id, version.composer), {}).setdefault(side, version)
    both = [(found[old], found[new]) for found in groups.values() if len(found) == 2]
    alike = _alike(both)
    if len(alike) == len(both):
        return []
    compared = {one.pair.emotion_id for one, _ in both if one.pk not in alike}
    return [
        [one] if one.pk in alike else [one, other]
        for one, other in both
        if one.pk not in alike or one.pair.emotion_id not in compared
    ]


def _alike(both: Sequence[tuple[PairVersion, PairVersion]]) -> set[int]:
    """The keys of the first of every two clips that sound alike."""
    apart = [(one.pk, other.pk) for one, other in both if one.audio_sha256 != other.audio_sha256]
    told = PairVersion.objects.filter(pk__in={key for keys in apart for key in keys})
    notes = dict(told.values_list("pk", "notes"))
    other_sounds = {one for one, other in apart if not same_to_the_ear(notes[one], notes[other])}
    return {one.pk for one, _ in both} - other_sounds


def same_to_the_ear(one: Sequence[Sequence[Any]], other: Sequence[Sequence[Any]]) -> bool:
    """Whether two piano rolls have the same notes, played so alike that nobody tells them apart; none is like none.

    >>> played = [[0.5, 1.0, 60, 70, "right"], [1.0, 1.0, 64, 70, "right"]]
    >>> same_to_the_ear(played, [[0.51, 1.05, 60, 71, "right"], [1.0, 1.0, 64, 70, "right"]])
    True
    >>> same_to_the_ear(played, [[0.5, 1.0, 60, 80, "right"], [1.0, 1.0, 64, 70, "right"]])
    False
    >>> same_to_the_ear([], [])
    False
    """
    if not one or len(one) != len(other):
        return False
    return all(
        abs(mine - theirs) <= within
        for note, beside in zip(one, other, strict=True)
        for mine, theirs, within in zip(note, beside, AS_ONE_HEARS, strict=False)
    )


def _targets_followed(versions: Sequence[PairVersion]) -> dict[int, set[int]]:
    """By the key of every clip of which no published study has played sound or notes, the targets it was made for.

    None for clips that a lesson named as telling most: they were chosen, and a test is of clips that nobody chose.
    """
    played = Stimulus.objects.exclude(study__status=Study.Status.DRAFT).exclude(audio_sha256="")
    hashes = played.values_list("pair_version__audio_sha256", "pair_version__midi_sha256")
    known = {sha256 for both in hashes for sha256 in both if sha256}
    chosen = named_to_teach()
    targets = ModelVersion.objects.filter(kind=ModelVersion.Kind.ATTRIBUTE_TARGETS)
    of_run: dict[int, set[int]] = {}
    for target, run in targets.filter(generationrun__isnull=False).values_list("pk", "generationrun"):
        of_run.setdefault(run, set()).add(target)
    return {
        version.pk: set()
        if known & {version.audio_sha256, version.midi_sha256} or str(version.public_id) in chosen
        else of_run.get(version.run_id, set())
        for version in versions
    }


def _candidates(chosen: Sequence[PairVersion]) -> list[PairVersion]:
    """Every ready version of the chosen pairs, newest first; without any, of those that were made last.

    What the front page plays is taken only where somebody chose it: the front page would lose it. Variants of cue
    experiments are no newer attempts at their pair: they stand in a study only where each was chosen.
    """
    ready = without_measures(ready_pair_versions().filter(cues__isnull=True))
    if chosen:
        return list(ready.filter(pair__in={version.pair_id for version in chosen}))
    front = in_front()
    return [version for version in ready[:MOST_READ] if not front.has(version)]


def _evenly(groups: Iterable[list[PairVersion]], *, every: bool) -> list[PairVersion]:
    """The clips of all groups, the emotions in turn; or of as many of every emotion, of `MOST_GROUPS` at most.

    A study, not a library; and where emotions are not equally many, an answer that people like is right more often.
    """
    by_emotion: dict[int, list[list[PairVersion]]] = {}
    for group in groups:
        by_emotion.setdefault(group[0].pair.emotion.position, []).append(group)
    if every or not by_emotion:
        in_turn = [group for row in zip_longest(*by_emotion.values()) for group in row if group is not None]
    else:
        each = min(MOST_GROUPS // len(by_emotion), *(len(found) for found in by_emotion.values()))
        in_turn = [found[place] for place in range(each) for found in by_emotion.values()]
    return [version for group in in_turn for version in group]
