"""Methods and results as paragraphs for a paper, with numbers in APA style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from survey.analysis.estimates import ALPHA
from survey.analysis.measures import Measured, read_measures
from survey.analysis.reported import CoefficientPart, DifferencePart, Report
from survey.analysis.wording import (
    compares_clips,
    confused,
    counted,
    equals_p,
    new_ones,
    points,
    presented,
    recognised,
    says_yes_or_no,
    share,
)
from survey.design.listed import listed
from survey.design.loudness import TELLS as LOUDNESS_TELLS

if TYPE_CHECKING:
    from survey.figures.document import StudyFacts


def percent(value: float | None) -> str:
    """Return a share as every other part of the report writes it.

    >>> percent(0.5432)
    '54.3 %'
    """
    return share(value)


def interval(ends: Sequence[float] | None) -> str:
    """Return a 95 % interval of shares.

    >>> interval([0.46, 0.621])
    '95 % CI [46.0, 62.1]'
    """
    return "no interval" if ends is None else f"95 % CI [{_points(ends[0])}, {_points(ends[1])}]"


def _points(value: float) -> str:
    return f"{100 * value:.1f}".replace("-", "−")


def coefficient(value: float) -> str:
    """Return a coefficient that cannot exceed 1, without the leading zero.

    >>> coefficient(0.314), coefficient(-0.05), coefficient(1.0)
    ('.31', '−.05', '1.00')
    """
    text = f"{abs(value):.2f}"
    text = text if abs(value) >= 0.995 else text.lstrip("0")
    return f"−{text}" if value < 0 and text != ".00" else text


def left_out_of(facts: StudyFacts) -> str:
    """Return how many the rules leave out, if there are rules, and how many a researcher did."""
    by_rules = facts.excluded - facts.set_aside
    said = (
        f"the exclusion rules fixed at publication apply to {by_rules}"
        if facts.rules or by_rules
        else "no rules leave people out"
    )
    return f"{said} and a researcher set {facts.set_aside} aside by hand" if facts.set_aside else said


def screened_of(facts: StudyFacts) -> str:
    """Return how many were screened out and for which reasons, and a semicolon; nothing where nobody was.

    >>> from survey.figures.document import StudyFacts
    >>> screened_of(StudyFacts(title="A", screened_out=(("18 or older", 2), ("headphone test not passed", 1))))
    '3 were screened out (18 or older: 2, headphone test not passed: 1); '
    """
    number = sum(people for _, people in facts.screened_out)
    reasons = ", ".join(f"{reason}: {people}" for reason, people in facts.screened_out)
    return f"{number} {'was' if number == 1 else 'were'} screened out ({reasons}); " if number else ""


def people_of(facts: StudyFacts) -> str:
    """Return what became of everybody who gave consent; whoever withdrew had given it too."""
    gone = ""
    if facts.withdrawn:
        gone = f"{facts.withdrawn} withdrew and {'is' if facts.withdrawn == 1 else 'are'} in no other number; "
    kept = ", whose answers are among the main results unless stated otherwise" if facts.excluded else ""
    return (
        f"Of {counted(facts.consented, 'person', 'people')} who gave consent, {facts.complete} completed the study;"
        f" {gone}{screened_of(facts)}{left_out_of(facts)}{kept}."
    )


def methods_paragraph(report: Report, facts: StudyFacts) -> str:
    """Return the methods paragraph."""
    parts = []
    if report.cell:
        parts.append(f"Cells of the design are never pooled; the main results are of one: {presented(report.cell)}.")
    parts.append(_compared(report) if compares_clips(report) else _answered(report))
    if facts.consented:
        parts.append(people_of(facts))
    if facts.question:
        after = "two clips" if compares_clips(report) else "clip"
        parts.append(f"After each {after} participants were asked: “{facts.question}” ({facts.mode}).")
    parts.append("" if says_yes_or_no(report) or compares_clips(report) else _options(report, facts))
    if facts.loudness_tells:
        parts.append(LOUDNESS_TELLS)
    if facts.cells:
        parts.append(f"Cells of the design: {', '.join(facts.cells)}.")
    if facts.composers:
        parts.append(f"The music was made by: {', '.join(facts.composers)}.")
    parts += [text for text in (facts.listening, facts.headphones, facts.loudness) if text]
    if compares_clips(report):
        parts.append(TWO_CLIPS)
    else:
        parts.append(YES_OR_NO if says_yes_or_no(report) else _choosing(report))
    return " ".join(part for part in parts if part)


def _answered(report: Report) -> str:
    n, answers = report.n, report.accuracy.n
    return (
        f"{counted(n.people, 'participant')} gave {counted(n.responses, 'answer')} to"
        f" {counted(n.stimuli, 'clip')}"
        f" ({answers / max(1, n.people):.1f} answers per participant,"
        f" {answers / max(1, n.stimuli):.1f} per clip)."
    )


def _compared(report: Report) -> str:
    """Every answer is about two clips."""
    n = report.n
    return (
        f"{counted(n.people, 'participant')} made {counted(n.responses, 'comparison')} among"
        f" {counted(n.stimuli, 'clip')}"
        f" ({n.responses / max(1, n.people):.1f} comparisons per participant; each clip was in"
        f" {2 * n.responses / max(1, n.stimuli):.1f} on average)."
    )


def _options(report: Report, facts: StudyFacts) -> str:
    if not report.accuracy.chance:
        return ""
    options = ", ".join(facts.labels or tuple(report.choices))
    guessed = percent(report.accuracy.chance)
    return f"They chose among {len(report.choices)} options ({options}); a guesser hits {guessed}."


TWO_CLIPS = (
    "Every trial played two clips of two cells of the design, and one of them had to be chosen; every pair was to be"
    " judged equally often, and either clip to come first equally often. Strengths are of Bradley and Terry’s (1952)"
    " model with an effect of the side (Davidson & Beaver, 1977), by maximum likelihood. Answers of one person, and"
    " answers about one picture or emotion, hang together: intervals are cluster-robust over people (for these clips)"
    " and two-way over people and pictures or emotions (for new clips), with t distributions of as many degrees of"
    " freedom as the fewer of them leave."
)
YES_OR_NO = (
    "Participants said whether a named emotion is expressed, yes or no. Where trials named another emotion than the"
    " intended one (lures), sensitivity d′ and bias c are of the rates of yes to targets and to lures, each emotion"
    " named counting alike in both, with the log-linear correction (Hautus, 1995). Answers of one person, and answers"
    " to one clip, hang together: d′ has an interval for new people hearing these clips (delta method, clustered by"
    " participant, t with P − 1 degrees of freedom) and one for new people hearing new clips (two-way clustered by"
    " participant and by piece within its emotion; Cameron et al., 2011). That targets are told from lures is tested"
    " one-sided with the latter, for single emotions Holm-corrected. Agreement is Krippendorff's nominal α, Fleiss' κ,"
    " Gwet's AC1 and the Brennan–Prediger coefficient among those who were asked about the same emotion, with jackknife"
    " intervals."
)


def _choosing(report: Report) -> str:
    return (
        "Answers of one person, and answers to one clip, hang together. Hit rates therefore have two 95 % intervals:"
        " one for new people hearing these clips (variance clustered by participant, t with P − 1 degrees of freedom)"
        " and"
        " one for new people hearing new clips of the same kind (two-way clustered by participant and by piece"
        " within its emotion, never below the larger of the two; Cameron et al., 2011), both as Wilson intervals with"
        f" the effective number of answers (Korn & Graubard, 1998){_checked(report)}."
        " For single emotions the clips' variance is pooled over the emotions. Single clips have Wilson"
        " intervals. Whether an emotion is recognised is tested by permuting intended emotions between clips"
        " (one-sided, Holm-corrected over the emotions), beside how often the same listeners gave that answer to"
        " other clips. Composers are compared emotion by emotion with Satterthwaite's degrees of freedom. Agreement is"
        " Krippendorff's nominal α, Fleiss' κ, Gwet's AC1 and the Brennan–Prediger coefficient over the options"
        " offered, with jackknife intervals."
    )


def _checked(report: Report) -> str:
    """The bootstrap, where there is one."""
    return ", checked by a participants × clips bootstrap (Owen, 2007)" if report.accuracy.bootstrap else ""


def results_paragraphs(report: Report, measured: Measured | None = None) -> list[str]:
    """Return the results in words: hit rates, confusions, agreement, effects, comparisons, then every measure."""
    if compares_clips(report):
        found = measured or read_measures(report)
        return [found.headline, *found.paragraphs]
    if report.accuracy.estimate is None:
        return ["There are no answers."]
    measured = measured or read_measures(report)
    agreement = _agreement(report.agreement)
    if says_yes_or_no(report):
        return [measured.headline, *measured.paragraphs, agreement]
    of_emotions = " ".join(text for text in (recognised(report), confused(report)) if text)
    effects = (" ".join(_sources(report)), " ".join(_comparisons(report)))
    parts = (_hit_rates(report), of_emotions, agreement, *effects, *measured.paragraphs)
    return [text for text in parts if text]


def _hit_rates(report: Report) -> str:
    accuracy = report.accuracy
    parts = [
        f"{_presented(report)}isteners chose the intended emotion in {percent(accuracy.estimate)} of trials"
        f" ({accuracy.hits} of {accuracy.n}; for these clips {interval(accuracy.participants)}; for"
        f" {new_ones(report.cell)} {interval(accuracy.participants_stimuli)}; a guesser"
        f" {percent(accuracy.chance)}).",
        *_other_cells(report),
    ]
    permutation = accuracy.permutation
    if permutation.p_value is not None:
        parts.append(
            f"With intended emotions permuted between clips {percent(permutation.expected)} hits would be expected"
            f" (one-sided permutation test, {equals_p(permutation.p_value)})."
        )
    return " ".join(parts)


def _presented(report: Report) -> str:
    return f"{presented(report.cell)}: l" if report.cell else "L"


def _other_cells(report: Report) -> list[str]:
    """The other cells, each by itself."""
    said = [
        f"{name} {percent(found.accuracy.estimate)} of {counted(found.accuracy.n, 'answer')}"
        f" ({interval(found.accuracy.participants_stimuli)})"
        for name, found in report.conditions.items()
        if found.accuracy.estimate is not None
    ]
    return [f"Each cell by itself: {'; '.join(said)}."] if said else []


def _agreement(agreement: dict[str, CoefficientPart]) -> str:
    names = (("krippendorff_alpha", "Krippendorff's α"), ("fleiss_kappa", "Fleiss' κ"), ("gwet_ac1", "Gwet's AC1"))
    said: list[str] = []
    undefined: dict[str, list[str]] = {}
    for name, label in names:
        value = agreement[name]
        if value.estimate is None:
            undefined.setdefault(value.reason or "", []).append(label)
            continue
        ends = value.interval
        shown = f", 95 % CI [{coefficient(ends[0])}, {coefficient(ends[1])}]" if ends else ""
        said.append(f"{label} = {coefficient(value.estimate)}{shown}")
    said += [f"{listed(labels)} {'is' if len(labels) == 1 else 'are'} {why}" for why, labels in undefined.items()]
    return f"Agreement between listeners: {'; '.join(said)}."


SOURCES = {
    "music": "The effect of the music (picture's emotion chosen, matching minus other music)",
    "picture": "The effect of the picture (music's emotion chosen, matching minus other picture)",
    "dominance": "In mismatched pairs, music's minus picture's emotion chosen",
    "music_added": "Music added to the picture",
    "picture_added": "The picture added to the music",
}


def _sources(report: Report) -> list[str]:
    return [
        f"{SOURCES[name]}: {percent(e.share_a)} against {percent(e.share_b)}, {_difference(e)}"
        for name, e in report.picture_music.items()
        if e.difference is not None and e.interval is not None
    ]


def _comparisons(report: Report) -> list[str]:
    return [
        f"{c.a} {percent(c.share_a)}, {c.b} {percent(c.share_b)}"
        f" (means over the emotions they share{_shared(c)}): {_difference(c)}"
        for c in report.comparisons
        if c.interval is not None
    ]


def _shared(comparison: DifferencePart) -> str:
    """Name them, with the answers of both, where not all are shared.

    >>> _shared(DifferencePart(n_a=31, n_b=60, emotions=["calm"], emotions_left_out=["joy"])), _shared(DifferencePart())
    (': calm, not joy; 31 and 60 answers', '')
    """
    left_out = comparison.emotions_left_out
    if not left_out or not comparison.emotions:
        return ""
    sizes = f"{comparison.n_a} and {comparison.n_b} answers"
    return f": {', '.join(comparison.emotions)}, not {', '.join(left_out)}; {sizes}"


def _difference(found: DifferencePart) -> str:
    """Difference, interval, test and, where it was tested, equivalence.

    >>> found = DifferencePart(difference=-0.08, interval=(-0.2, 0.04), error=0.05, degrees=9.0, p_holm=0.3,
    ...                        margin=0.15, equivalence_p=0.1)
    >>> for sentence in _difference(found).split(" After correction "):
    ...     print(sentence)
    −8.0 points (95 % CI [−20.0, 4.0], t(9) = −1.60, Holm-corrected p = .300).
    neither a difference nor equivalence within ± 15.0 points is shown (TOST, uncorrected p = .100).
    """
    tests = [interval(found.interval)]
    if found.error and found.difference is not None:
        ratio = f"{found.difference / found.error:.2f}".replace("-", "−")
        tests.append(f"t({_degrees(found.degrees)}) = {ratio}")
    tests.append(f"Holm-corrected {equals_p(found.p_holm)}")
    return f"{points(found.difference)} points ({', '.join(tests)}).{_equivalent(found)}"


def _degrees(value: float) -> str:
    """Degrees of freedom, whole where they are.

    >>> _degrees(12), _degrees(3.161)
    ('12', '3.2')
    """
    return f"{value:.1f}".removesuffix(".0")


def _equivalent(found: DifferencePart) -> str:
    """Equivalence where it was tested; a large p of the difference alone shows nothing, and the sentence says so."""
    if found.equivalence_p is None:
        return ""
    test = f"within ± {_points(found.margin)} points"
    how = f"(TOST, uncorrected {equals_p(found.equivalence_p)})"
    if found.equivalence_p < ALPHA:
        return f" They are equivalent {test} {how}."
    if found.p_holm is not None and found.p_holm >= ALPHA:
        return f" After correction neither a difference nor equivalence {test} is shown {how}."
    return ""
