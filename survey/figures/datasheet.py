"""The human evaluation datasheet of a study (after HEDS 3.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey.analysis.reported import Report
from survey.analysis.wording import counted, presented, says_yes_or_no
from survey.figures.paragraphs import left_out_of, percent, screened_of

if TYPE_CHECKING:
    from survey.figures.document import StudyFacts


def _asked_for(report: Report, facts: StudyFacts) -> str:
    """What one answer is."""
    if says_yes_or_no(report):
        return "Yes or no to one emotion named."
    return f"Forced choice: {', '.join(facts.labels)}; order random per person."


def _scale(report: Report) -> str:
    if says_yes_or_no(report):
        return "Yes or no; beside yes to the intended emotion stands yes to lures, where there were any."
    return f"{len(report.choices)} named options; a guesser hits {percent(report.accuracy.chance or 0)}."


def _outputs(report: Report, facts: StudyFacts) -> str:
    """How many stimuli were answered, cell by cell: the report's own size is of its main cell alone."""
    each = {name: found.n.stimuli for name, found in report.conditions.items()}
    if not each:
        cell = f" in the cell {presented(report.cell)}" if report.cell else ""
        where = f"; cells of the design: {', '.join(facts.cells)}" if facts.cells else ""
        return f"{counted(report.n.stimuli, 'stimulus', 'stimuli')} with answers{cell}{where}."
    cells = ", ".join(f"{name} {number}" for name, number in each.items())
    return f"{counted(sum(each.values()), 'stimulus', 'stimuli')} with answers; by cell: {cells}."


def sheet_rows(report: Report, facts: StudyFacts) -> list[list[str]]:
    """Return question and answer of the evaluation datasheet; what the platform cannot know is said to be open."""
    n = report.n
    open_answer = "To be filled in by the authors."
    return [
        ["1.1 Where is the evaluation described?", open_answer],
        ["1.2 Where are the data?", f"Export pack of study {facts.slug}, version {facts.version}."],
        ["2.1 What kind of input do the systems take?", "A picture and an intended emotion."],
        ["2.2 What kind of output?", "A piano piece of about 25 seconds (audio), shown with or without the picture."],
        ["2.3 Which systems?", ", ".join(facts.composers) or "–"],
        [
            "3.1 How many outputs were evaluated?",
            _outputs(report, facts),
        ],
        ["3.2 How were evaluators recruited?", facts.recruiter or open_answer],
        [
            "3.3 How many evaluators?",
            f"{facts.consented} gave consent, {facts.complete} completed, {facts.withdrawn} withdrew;"
            f" {screened_of(facts)}{left_out_of(facts)}; the main results are of {n.participants}.",
        ],
        [
            "3.4 What training did they get?",
            "Sound check; practice trials without feedback on the answer where planned.",
        ],
        [
            "3.5 How were stimuli assigned?",
            "At every trial the cell due by its weight, in it the least-filled stimulus; nobody gets a clip twice.",
        ],
        [
            "3.6 How were responses collected?",
            f"{_asked_for(report, facts)} {facts.listening}".strip(),
        ],
        ["3.7 Quality control", facts.rules or "No exclusion rules."],
        ["3.8 Conditions of listening", " ".join(t for t in (facts.headphones, facts.loudness) if t) or "–"],
        ["3.9 Sample size planned how?", facts.plan or "No plan is stored with the study."],
        ["4.1 Quality criterion", f"Recognition of the intended emotion (perceived): “{facts.question}”"],
        ["4.2 Scale", _scale(report)],
        ["4.3 Statistics", "Two-way clustered intervals, jackknife agreement; see Method."],
        ["5.1 Ethical approval", open_answer],
        ["5.2 Personal data", "No name, mail or network address; withdrawal by personal link removes all answers."],
        ["5.3 Consent", f"Text with SHA-256 {facts.consent_sha256 or '–'}."],
    ]
