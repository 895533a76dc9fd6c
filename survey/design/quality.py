"""Whose answers count: rules fixed before anybody looks, a verdict with reasons, nothing deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

LARGEST: Final = 1e9
"""No rule asks for more; a larger number that an old study carries counts as this one."""
RULES: Final[Mapping[str, str]] = {
    "gold_needed": "at least {} of the gold trials answered as expected",
    "repeats_needed": "at least {} of the repeat trials answered as the first time",
    "fastest_seconds": "a median answer time of at least {} s",
    "longest_run": "no run of the same answer longer than {}",
    "listening_share": "on average at least {} of a clip played",
    "listening_measured": "listening measured at every clip and test",
    "most_sound_mistakes": "at most {} of the answers at the sound check wrong",
    "headphones_needed": "the headphone test passed",
    "attention_failed": "fewer than {} of the attention trials failed",
}
"""Rule of `Rules`, in their order → what somebody whose answers count has kept to, and the place of its number."""
COUNTED: Final = "people count with:"
"""Stands before rules in words: each is a condition to be kept, wherever it is read."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The exclusion rules of a study. A rule that is None is not applied.

    Parameters
    ----------
    gold_needed : int or None
        Fewest gold trials answered as expected.
    repeats_needed : int or None
        Fewest repeat trials answered as the first time.
    fastest_seconds : float or None
        Smallest median answer time.
    longest_run : int or None
        Most times the same answer may be given in a row.
    listening_share : float or None
        Smallest mean share of the clips that was really played, 0…1. People without a script, whose
        listening was not measured, are not judged by it.
    listening_measured : bool
        Whether a script must have seen every clip, the sound check and the headphone test played, and told of no
        more seconds than passed by the server's clock.
    most_sound_mistakes : int or None
        Most wrong answers at the sound check.
    headphones_needed : bool
        Whether the headphone test must have been passed.
    attention_failed : int or None
        Fewest attention trials answered otherwise than asked for that leave somebody out.
    """

    gold_needed: int | None = None
    repeats_needed: int | None = None
    fastest_seconds: float | None = None
    longest_run: int | None = None
    listening_share: float | None = None
    listening_measured: bool = False
    most_sound_mistakes: int | None = None
    headphones_needed: bool = False
    attention_failed: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer as the rules see it.

    Parameters
    ----------
    kind : str
        ``"main"``, ``"gold"``, ``"repeat"``, ``"practice"`` or ``"attention"``.
    stimulus : int
        Tells which answers belong to the same stimulus.
    chosen, expected : str
        The answer, and the one that a gold trial expects, or that an attention trial asks for.
    seconds : float
        Answer time.
    played : float or None
        Share of the clip that was played; None where not measured or silent.
    measured : bool or None
        Whether its playing was measured and can be believed; None where there was nothing to hear.
    """

    kind: str
    stimulus: int
    chosen: str
    expected: str
    seconds: float
    played: float | None = None
    measured: bool | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """How the tests before the first clip were heard.

    Parameters
    ----------
    sound_measured, headphones_measured : bool or None
        Whether a script saw the sounds of the test played, and can be believed; None where it was not done.
    sound_mistakes : int
        Wrong answers at the sound check.
    """

    sound_measured: bool | None = None
    sound_mistakes: int = 0
    headphones_measured: bool | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a participant counts, and every reason against it."""

    reasons: tuple[str, ...] = field(default=())

    @property
    def included(self) -> bool:
        return not self.reasons


def judge(
    answers: Sequence[Judged],
    rules: Rules,
    *,
    headphones_passed: bool | None = None,
    checked: Checked | None = None,
) -> Verdict:
    """Return the verdict on one participant.

    Parameters
    ----------
    answers : sequence of Judged
        All answers of the participant, in order. Practice does not count, and how attention trials were answered
        counts for the rule about them alone.
    rules : Rules
        What was fixed at publication.
    headphones_passed : bool or None
        Result of the headphone test; None where it was not done.
    checked : Checked or None
        How sound check and headphone test were heard; None where nothing is known of it.

    Returns
    -------
    Verdict
        With one reason for each rule that was broken, in the order of `Rules`.

    Notes
    -----
    Four gold items of which three are needed let 0.7 % of 8-way guessers pass and fail 1.4 % of people
    who are right 95 % of the time (binomial). Of three attention trials, two or more are failed by 0.7 % of people who
    fail one in twenty, and by 96 % of those who answer one of eight options unread (binomial).

    Examples
    --------
    >>> quick = [Judged("main", number, "fear", "", 0.4) for number in range(4)]
    >>> judge(quick, Rules(fastest_seconds=2.0, longest_run=3)).reasons
    ('too fast: median 0.4 s', 'straight-lining: 4 times "fear" in a row')
    >>> judge([], Rules()).included
    True
    """
    counted = [answer for answer in answers if answer.kind not in ("practice", "attention")]
    checks = (
        _check_gold(counted, rules),
        _check_repeats(counted, rules),
        _check_speed(counted, rules),
        _check_runs(counted, rules),
        _check_listening(counted, rules),
        _check_measured(counted, rules, checked or Checked()),
        _check_sound_mistakes(rules, checked or Checked()),
        "headphone test not passed" if rules.headphones_needed and headphones_passed is False else "",
        _check_attention(answers, rules),
    )
    return Verdict(tuple(reason for reason in checks if reason))


def read_rules(stored: Mapping[str, object]) -> Rules:
    """Return the rules as a study stores them; what is missing or empty is not applied.

    Examples
    --------
    >>> read_rules({"gold_needed": 3, "longest_run": ""}).gold_needed
    3
    """
    numbers = {name: _number(stored.get(name)) for name in ("fastest_seconds", "listening_share")}
    counts = ("gold_needed", "repeats_needed", "longest_run", "most_sound_mistakes", "attention_failed")
    whole = {name: _number(stored.get(name)) for name in counts}
    return Rules(
        gold_needed=_whole(whole["gold_needed"]),
        repeats_needed=_whole(whole["repeats_needed"]),
        longest_run=_whole(whole["longest_run"]),
        fastest_seconds=numbers["fastest_seconds"],
        listening_share=numbers["listening_share"],
        listening_measured=bool(stored.get("listening_measured")),
        most_sound_mistakes=_whole(whole["most_sound_mistakes"]),
        headphones_needed=bool(stored.get("headphones_needed")),
        attention_failed=_whole(whole["attention_failed"]),
    )


def is_applied(value: object) -> bool:
    """Return whether a stored rule says anything; none at all (0) is a rule, an empty or unchecked one is not.

    Examples
    --------
    >>> is_applied(0), is_applied(False), is_applied("")
    (True, False, False)
    """
    return value is not None and value is not False and value != ""


def say_rules(stored: Mapping[str, object]) -> tuple[str, ...]:
    """Return the rules that are applied in words, each the condition to be kept.

    Examples
    --------
    >>> say_rules({"attention_failed": 2, "longest_run": "", "headphones_needed": True})
    ('the headphone test passed', 'fewer than 2 of the attention trials failed')
    """
    return tuple(text.format(stored[name]) for name, text in RULES.items() if is_applied(stored.get(name)))


def who_counts(stored: Mapping[str, object]) -> str:
    """Return whose answers count by the rules that are applied; nothing where there are none.

    Examples
    --------
    >>> who_counts({"gold_needed": 3, "listening_measured": True})
    'people count with: at least 3 of the gold trials answered as expected; listening measured at every clip and test'
    """
    said = say_rules(stored)
    return f"{COUNTED} {'; '.join(said)}" if said else ""


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or value != value:
        return None
    return float(min(max(value, -LARGEST), LARGEST))


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _check_gold(answers: Sequence[Judged], rules: Rules) -> str:
    if rules.gold_needed is None:
        return ""
    gold = [answer for answer in answers if answer.kind == "gold"]
    right = sum(answer.chosen == answer.expected for answer in gold)
    return f"gold trials: {right} of {len(gold)} as expected" if right < rules.gold_needed else ""


def _check_attention(answers: Sequence[Judged], rules: Rules) -> str:
    trials = [answer for answer in answers if answer.kind == "attention"]
    failed = sum(answer.chosen != answer.expected for answer in trials)
    if rules.attention_failed is None or failed < max(rules.attention_failed, 1):
        return ""
    return f"attention trials: {failed} of {len(trials)} not as asked for"


def _check_repeats(answers: Sequence[Judged], rules: Rules) -> str:
    if rules.repeats_needed is None:
        return ""
    # Backwards, so that of several answers to one stimulus the first one stands.
    first = {answer.stimulus: answer.chosen for answer in reversed(answers) if answer.kind == "main"}
    repeats = [answer for answer in answers if answer.kind == "repeat"]
    same = sum(first.get(answer.stimulus) == answer.chosen for answer in repeats)
    return f"repeat trials: {same} of {len(repeats)} as before" if same < rules.repeats_needed else ""


def _check_speed(answers: Sequence[Judged], rules: Rules) -> str:
    if rules.fastest_seconds is None or not answers:
        return ""
    usual = median(answer.seconds for answer in answers)
    return f"too fast: median {usual:.1f} s" if usual < rules.fastest_seconds else ""


def _check_runs(answers: Sequence[Judged], rules: Rules) -> str:
    if rules.longest_run is None:
        return ""
    longest, word, length, before = 0, "", 0, None
    for answer in answers:
        length = length + 1 if answer.chosen == before else 1
        before = answer.chosen
        if length > longest:
            longest, word = length, answer.chosen
    return f'straight-lining: {longest} times "{word}" in a row' if longest > rules.longest_run else ""


def _check_listening(answers: Sequence[Judged], rules: Rules) -> str:
    shares = [min(answer.played, 1.0) for answer in answers if answer.played is not None]
    if rules.listening_share is None or not shares:
        return ""
    mean = sum(shares) / len(shares)
    return f"too little listening: {mean:.0%} of the clips' time" if mean < rules.listening_share else ""


def _check_measured(answers: Sequence[Judged], rules: Rules, checked: Checked) -> str:
    if not rules.listening_measured:
        return ""
    heard = [answer.measured for answer in answers if answer.measured is not None]
    missing = [
        f"{heard.count(False)} of {len(heard)} answers" if not all(heard) else "",
        "sound check" if checked.sound_measured is False else "",
        "headphone test" if checked.headphones_measured is False else "",
    ]
    said = ", ".join(part for part in missing if part)
    return f"listening not measured: {said}" if said else ""


def _check_sound_mistakes(rules: Rules, checked: Checked) -> str:
    if rules.most_sound_mistakes is None or checked.sound_mistakes <= rules.most_sound_mistakes:
        return ""
    return f"sound check: wrong {checked.sound_mistakes} times"


def count_reasons(verdicts: Sequence[Verdict]) -> Counter[str]:
    """Return how many participants broke each rule, by the rule's name (the text before the colon).

    Examples
    --------
    >>> count_reasons([Verdict(("too fast: median 0.4 s",)), Verdict()])
    Counter({'too fast': 1})
    """
    return Counter(reason.split(":")[0] for verdict in verdicts for reason in verdict.reasons)
