"""What a simulation showed: speed, errors, lost and doubled answers, and whether the truth came back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count

from survey.analysis.proportions import wilson
from survey.design.lures import YES, right_answer
from survey.design.quality import Verdict, count_reasons
from survey.design.trial_forms import FIRST
from survey.models import Fill, Participant, Response, Study, Trial
from survey.queries import ratings
from survey.queries.pairs import frame_of_pairs
from survey.simulation.bots import Bot
from survey.simulation.truth import Truth, preferred


def summarise(
    study: Study,
    bots: Sequence[Bot],
    truth: Truth,
    seconds: float,
    since: int,
    strengths: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Everything `simulate` prints; `since` is the last participant's key from before the run."""
    pages = [time for bot in bots for time in bot.timings.pages]
    answers = [time for bot in bots for time in bot.timings.answers]
    media = [time for bot in bots for time in bot.timings.media]
    errors = Counter(error for bot in bots for error in bot.timings.errors)
    return {
        "study": study.slug,
        "participants": len(bots),
        "personas": dict(Counter(bot.persona for bot in bots)),
        "finished": sum(bot.finished for bot in bots),
        "seconds": round(seconds, 2),
        "answers_per_second": round(len(answers) / seconds, 1) if seconds else None,
        "milliseconds": {
            "pages": _quantiles(pages),
            "answers": _quantiles(answers),
            "media": _quantiles(media),
        },
        "errors": dict(errors),
        **check_rows(study, bots, since),
        "outcomes": count_outcomes(study, since),
        "left_out": count_left_out(study, since),
        "balance": _balance(study),
        "recovery": _recovery(study, truth, strengths, {bot.persona for bot in bots}),
    }


def count_outcomes(study: Study, since: int) -> dict[str, int]:
    """How the participations ended: complete, screened out …; `active` are those who left on the way."""
    people = Participant.objects.filter(study=study, kind=Participant.Kind.BOT, pk__gt=since)
    found = people.order_by().values_list("outcome").annotate(n=Count("pk"))
    return {outcome or "active": number for outcome, number in sorted(found)}


def count_left_out(study: Study, since: int) -> dict[str, Any]:
    """How many of those who finished the study's rules leave out, and how many broke each rule."""
    people = Participant.objects.filter(
        study=study, kind=Participant.Kind.BOT, pk__gt=since, outcome=Participant.Outcome.COMPLETE
    )
    verdicts = [Verdict(tuple(reasons)) for reasons in people.values_list("verdict", flat=True)]
    broken = dict(count_reasons(verdicts))
    return {"people": sum(not verdict.included for verdict in verdicts), "of": len(verdicts), "by_rule": broken}


def _quantiles(times: Sequence[float]) -> dict[str, float | int | None]:
    ordered = sorted(times)

    def at(share: float) -> float | None:
        return round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1) if ordered else None

    return {"n": len(ordered), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99)}


def check_rows(study: Study, bots: Sequence[Bot], since: int) -> dict[str, int]:
    """Acknowledged answers that are not stored, stored ones nobody was told of, and trials with two."""
    acknowledged = {token for bot in bots for token in bot.acknowledged}
    people = Participant.objects.filter(study=study, kind=Participant.Kind.BOT, pk__gt=since)
    stored = set(Response.objects.filter(trial__participant__in=people).values_list("trial__token", flat=True))
    twice = (
        Trial.objects.filter(participant__in=people)
        .exclude(kind__in=Trial.AGAIN)
        .values("participant", "clip_key")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    rows = Response.objects.filter(trial__participant__in=people)
    return {
        "acknowledged": len(acknowledged),
        "stored": len(stored),
        "lost": len(acknowledged - stored),
        "unacknowledged": len(stored - acknowledged),
        "doubled": rows.count() - len(stored) + twice.count(),
    }


def _balance(study: Study) -> dict[str, int]:
    """Answers per stimulus, of pairs judgements per pair."""
    if study.form.compares:
        pairs = [pair.name for pair in frame_of_pairs(study).pairs[Trial.Kind.MAIN]]
        bots = Response.objects.counted(study, kind=Participant.Kind.BOT).filter(trial__kind=Trial.Kind.MAIN)
        judged = Counter(bots.values_list("trial__clip_key", flat=True))
        return {"fewest": min(map(judged.__getitem__, pairs), default=0), "most": max(judged.values(), default=0)}
    fills = dict(Fill.objects.filter(stimulus__study=study, kind="bot").values_list("stimulus", "answers"))
    counts = [fills.get(pk, 0) for pk in study.stimuli.filter(role="main").values_list("pk", flat=True)]
    return {"fewest": min(counts, default=0), "most": max(counts, default=0)}


def recover(study: Study, truth: Truth, personas: set[str]) -> dict[str, Any]:
    """Hit rate per emotion among included bots, with Wilson's interval, beside the truth.

    With listeners alone the truth should lie inside for about 19 of 20 emotions; guessers and others whom
    the rules do not leave out pull the rates towards chance, which is what a pilot is to show. Where people say yes
    or no, a hit is yes said to the intended emotion, and yes said to another one is a false alarm.
    """
    hits: dict[str, list[bool]] = defaultdict(list)
    alarms: list[tuple[bool, float]] = []
    for row in ratings(study, participant_kind=Participant.Kind.BOT, included_only=True):
        asked, intended, chosen = row["asked_emotion"], row["intended"], row["chosen"]
        if asked and asked != intended:
            alarms.append((chosen == YES, truth.get(intended, {}).get(asked, 0.0)))
        else:
            hits[intended].append(chosen == right_answer(intended, asked))
    emotions = {}
    for emotion, answers in sorted(hits.items()):
        interval = wilson(sum(answers), len(answers))
        if interval is None:
            continue
        low, high = interval
        expected = truth.get(emotion, {}).get(emotion, 0.0)
        emotions[emotion] = {
            "n": len(answers),
            "truth": round(expected, 3),
            "found": round(sum(answers) / len(answers), 3),
            "low": round(low, 3),
            "high": round(high, 3),
            "recovered": low <= expected <= high,
        }
    return {"personas": sorted(personas), "emotions": emotions, "false_alarms": _alarms(alarms), **_overall(emotions)}


def _recovery(study: Study, truth: Truth, strengths: Mapping[str, float] | None, personas: set[str]) -> dict[str, Any]:
    return recover(study, truth, personas) if strengths is None else recover_preferences(study, strengths, personas)


def recover_preferences(study: Study, strengths: Mapping[str, float], personas: set[str]) -> dict[str, Any]:
    """How often included bots chose one cell over another, with Wilson's interval, beside the truth.

    Sides are balanced, so that a share over both orders needs no effect of the side.
    """
    cells = dict(study.stimuli.values_list("pk", "condition__name"))
    chosen: dict[tuple[str, str], list[bool]] = defaultdict(list)
    order = list(strengths)
    answers = Response.objects.counted(study, kind=Participant.Kind.BOT).filter(trial__kind=Trial.Kind.MAIN)
    rows = answers.exclude(trial__participant__included=False)
    for one, other, slug in rows.values_list("trial__stimulus", "trial__second", "choice__slug"):
        first, second = cells[one], cells[other]
        if order.index(first) < order.index(second):
            chosen[first, second].append(slug == FIRST)
        else:
            chosen[second, first].append(slug != FIRST)
    found = {}
    for (one_cell, other_cell), wins in sorted(chosen.items()):
        low, high = wilson(sum(wins), len(wins)) or (0.0, 1.0)
        expected = preferred(strengths[one_cell], strengths[other_cell])
        found[f"{one_cell} over {other_cell}"] = {
            "n": len(wins),
            "truth": round(expected, 3),
            "found": round(sum(wins) / len(wins), 3),
            "low": round(low, 3),
            "high": round(high, 3),
            "recovered": low <= expected <= high,
        }
    return {"personas": sorted(personas), "emotions": {}, "preferences": found, "false_alarms": None, **_overall(found)}


def _alarms(answers: Sequence[tuple[bool, float]]) -> dict[str, Any] | None:
    """How often yes was said to lures, beside the truth; None where there were none."""
    if not answers:
        return None
    said, expected = (sum(column) / len(answers) for column in zip(*answers, strict=True))
    return {"n": len(answers), "truth": round(expected, 3), "found": round(said, 3)}


def _overall(emotions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {"inside": sum(row["recovered"] for row in emotions.values()), "of": len(emotions)}
