"""How often the intervals and tests of hit rates hold and err; answers drawn here, with no code of the analysis."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.comparisons import compare_shares
from survey.analysis.consensus import describe_clips
from survey.analysis.permutation import permute_intentions
from survey.analysis.proportions import combine_intervals, proportion_index, wilson
from survey.analysis.recognition import recognise_emotions
from survey.analysis.reliability import share_over_participants
from tests.survey.analysis.holding import holds, rejects
from tests.survey.analysis.listeners import EMOTIONS, draw_guesses, logistic, true_shares

CLIP_SPREAD, PERSON_SPREAD = 0.8, 0.5
LEVELS = {"middle": np.linspace(-1.5, 0.5, EMOTIONS), "high": np.linspace(1.5, 2.5, EMOTIONS)}
LIKED = np.array([0.0] * 7 + [1.5])
BOOTSTRAP, SHUFFLES = 400, 199
HEARD = 0.6
GOLD = 2
"""Known answers of each person."""
OTHER_STUDY = 18, 0.6
"""Answers of another study, and its true share."""
INTERVALS = {
    "new clips": "hit rate, new people and clips",
    "these clips": "hit rate, new people, these clips",
    "bootstrap": "hit rate, new people and clips, bootstrap",
    "new clips, high": "the same at a hit rate of about .86, new people and clips",
    "these clips, high": "the same at a hit rate of about .86, new people, these clips",
    "clip": "hit rate of a clip, new people (Wilson)",
    "gold": f"share of {GOLD} known answers given, new people",
    "other study": "difference from another study of 18 answers (MOVER)",
    "emotion": "one emotion, new people and clips",
    "emotion, these": "one emotion, new people, these clips",
    "composers": "difference of two composers",
}
TESTS = {
    "guessers": "hit rate above chance where people guess (binomial)",
    "guessers, both sides": "hit rate other than chance where people guess (binomial)",
    "emotion test": "an emotion recognised (each, p ≤ .05)",
    "any emotion": "any of eight (Holm)",
    "empty emotion": "an emotion that carries nothing among seven heard in .6 of trials (Holm)",
    "guess test": "its hit rate above guessing (p ≤ .05)",
    "all emotions": "all answers (permutation)",
    "composer test": "two composers differ",
}


def draw(generator, people, emotion, level, person_by_group=None):
    """Hits of everybody for every clip, shape (people, clips), and the clips' own true shares, shape (clips,)."""
    ease = level[emotion] + generator.normal(0, CLIP_SPREAD, emotion.size)
    skill = generator.normal(0, PERSON_SPREAD, people)[:, None] + np.zeros(emotion.size)
    if person_by_group is not None:
        skill = skill + generator.normal(0, 0.3, (people, 2))[:, person_by_group]
    hits = generator.random((people, emotion.size)) < logistic(ease + skill)
    return hits, true_shares(ease, 0.0, PERSON_SPREAD)


def of_one_study(generator, people, clips, seed):
    """What each interval and test did in one study: name → list of true or false."""
    found = defaultdict(list)
    emotion = np.arange(clips) % EMOTIONS
    participant, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
    for suffix, level in (("", LEVELS["middle"]), (", high", LEVELS["high"])):
        hits, own = draw(generator, people, emotion, level)
        again = 0 if suffix else BOOTSTRAP
        accuracy = measure_accuracy(
            hits.ravel(), participant, clip, EMOTIONS, strata=emotion[clip], replicates=again, seed=seed
        )
        truth = true_shares(level, CLIP_SPREAD, PERSON_SPREAD)
        found[f"new clips{suffix}"].append(holds(accuracy.participants_stimuli, truth.mean()))
        found[f"these clips{suffix}"].append(holds(accuracy.participants, own.mean()))
        if not suffix:
            found["bootstrap"].append(holds(accuracy.bootstrap, truth.mean()))
            beside_another(found, generator, accuracy, truth.mean())
            of_emotions(found, hits, emotion, own, truth)
            of_clips(found, hits, emotion, own)
    guessed(found, generator, people, emotion, seed)
    compared(found, generator, people, clips)
    return found


def of_emotions(found, hits, emotion, own, truth):
    """Each emotion's hit rate."""
    participant, clip = (codes.ravel() for codes in np.indices(hits.shape))
    chosen = np.where(hits.ravel(), emotion[clip], (emotion[clip] + 1) % EMOTIONS)
    recognised = recognise_emotions(participant, clip, emotion[clip], chosen, EMOTIONS, replicates=0)
    for code, one in enumerate(recognised):
        found["emotion, these"].append(holds(one.these_clips, own[emotion == code].mean()))
        if one.new_clips:
            found["emotion"].append(holds(one.new_clips, truth[code]))


def of_clips(found, hits, emotion, own):
    """Each clip's hit rate, and the share of known answers given, where the first clips are those that are known."""
    counts = np.zeros((emotion.size, EMOTIONS), int)
    right, each = hits.sum(axis=0), np.arange(emotion.size)
    counts[each, emotion], counts[each, (emotion + 1) % EMOTIONS] = right, len(hits) - right
    names = tuple(map(str, range(max(emotion.size, EMOTIONS))))
    described = describe_clips(counts, names[: emotion.size], names[:EMOTIONS], emotion)
    found["clip"] += [holds(one.wilson, share) for one, share in zip(described, own, strict=True)]
    known = share_over_participants(hits[:, :GOLD].ravel(), np.repeat(np.arange(len(hits)), GOLD))
    found["gold"].append(holds(known.interval, own[:GOLD].mean()))


def beside_another(found, generator, accuracy, truth):
    """Our hit rate as a proportion index, less the share of a study with two answers."""
    if accuracy.participants_stimuli is None:
        return
    n, share = OTHER_STUDY
    theirs = int(generator.binomial(n, share))
    ours, *ends = (
        proportion_index(value, EMOTIONS) or 0.0 for value in (accuracy.estimate, *accuracy.participants_stimuli)
    )
    interval = combine_intervals(ours, tuple(ends), theirs / n, wilson(theirs, n))
    found["other study"].append(holds(interval, proportion_index(truth, EMOTIONS) - share))


def guessed(found, generator, people, emotion, seed):
    """Clips that carry nothing: people guess, or answer what they like."""
    hits = generator.random(people * emotion.size) < 1 / EMOTIONS
    guesses = measure_accuracy(
        hits, *(codes.ravel() for codes in np.indices((people, emotion.size))), EMOTIONS
    ).as_json()
    found["guessers"].append(rejects(guesses["p_value"]))
    found["guessers, both sides"].append(rejects(guesses["p_value_two_sided"]))
    chosen, participant, clip = draw_guesses(generator, people, emotion, LIKED)
    each = recognise_emotions(participant, clip, emotion[clip], chosen, EMOTIONS, replicates=SHUFFLES, seed=seed)
    found["emotion test"] += [rejects(one.p_value) for one in each]
    found["any emotion"].append(any(one.is_recognised for one in each))
    one_is_empty(found, generator, people, emotion, seed)
    table = np.zeros((emotion.size, EMOTIONS), int)
    np.add.at(table, (clip, chosen), 1)
    found["all emotions"].append(rejects(permute_intentions(table, emotion, replicates=SHUFFLES, seed=seed).p_value))


def one_is_empty(found, generator, people, emotion, seed):
    """Seven emotions are heard in `HEARD` of the trials, the eighth never; what is not heard is guessed or liked."""
    chosen, participant, clip = draw_guesses(generator, people, emotion, LIKED)
    intended = emotion[clip]
    hears = (generator.random(clip.size) < HEARD) & (intended != EMOTIONS - 2)
    chosen = np.where(hears, intended, chosen)
    empty = recognise_emotions(participant, clip, intended, chosen, EMOTIONS, replicates=SHUFFLES, seed=seed)[-2]
    found["empty emotion"].append(bool(empty.is_recognised))
    if empty.p_guess is not None:
        found["guess test"].append(rejects(empty.p_guess))


def compared(found, generator, people, clips):
    """Two composers alike in everything, each with half of the clips of the same emotions."""
    emotion, composer = np.arange(clips) // 2 % EMOTIONS, np.arange(clips) % 2
    hits, _ = draw(generator, people, emotion, LEVELS["middle"], composer)
    participant, clip = np.repeat(np.arange(people), clips), np.tile(np.arange(clips), people)
    by = composer[clip]
    difference = compare_shares(hits.ravel(), by == 0, by == 1, participant, clip, strata=emotion[clip])
    if difference.interval:
        found["composers"].append(holds(difference.interval, 0.0))
        found["composer test"].append(rejects(difference.p_value))
