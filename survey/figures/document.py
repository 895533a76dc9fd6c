"""A report as blocks: headings, paragraphs, tables, figures. Written as HTML and as PDF from the same blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from survey.analysis.measures import read_measures
from survey.analysis.measures.shown import Table
from survey.analysis.primary_words import say_primary
from survey.analysis.reported import AskedPart, Report
from survey.analysis.wording import compares_clips
from survey.figures.catalogue import figures_of
from survey.figures.clip_tables import clip_table
from survey.figures.datasheet import sheet_rows
from survey.figures.distribution import draw_distribution, say_distribution
from survey.figures.figure import Figure
from survey.figures.paragraphs import methods_paragraph, results_paragraphs
from survey.figures.tables import all_tables

INTERIM = (
    "Interim: the study is not closed. An interval looked at again and again has no 95 % guarantee; these numbers must"
    " not decide when the study ends."
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text."""

    text: str
    strong: bool = False


Block = Heading | Paragraph | Table | Figure


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What a report says about a study beyond its numbers. All texts; empty where nothing is known.

    `provenance` are rows (what, value): software, models, seeds, hashes. `clips` has emotion and cell of each clip.
    """

    title: str
    slug: str = ""
    version: int = 1
    interim: bool = False
    selection: str = ""
    question: str = ""
    mode: str = ""
    labels: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    composers: tuple[str, ...] = ()
    language: str = ""
    clips_per_participant: int = 0
    listening: str = ""
    headphones: str = ""
    rules: str = ""
    plan: str = ""
    recruiter: str = ""
    consented: int = 0
    complete: int = 0
    excluded: int = 0
    set_aside: int = 0
    withdrawn: int = 0
    screened_out: tuple[tuple[str, int], ...] = ()
    """(reason, people) of those who agreed and were not let in."""
    loudness: str = ""
    loudness_tells: bool = False
    """Clips are louder or softer by what is meant, so that loudness alone tells part of it."""
    consent_sha256: str = ""
    opened: str = ""
    closed: str = ""
    provenance: tuple[tuple[str, str], ...] = field(default=())
    clips: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def report_blocks(report: Report, facts: StudyFacts) -> Iterator[Block]:
    """Yield the whole report."""
    measured = read_measures(report)
    is_study = bool(report.emotions) or compares_clips(report)
    yield Heading(f"Results: {facts.title}", 1)
    if report.notes:  # what is doubtful comes before every number
        yield Heading("Notes")
        yield from map(Paragraph, report.notes)
    if facts.interim:
        yield Paragraph(INTERIM, strong=True)
    if is_study:
        yield from _primary(report)
        yield Heading("Exploratory results" if report.primary.fixed_at else "Results in short")
    if facts.selection:
        yield Paragraph(f"A part of the answers: {facts.selection}.", strong=True)
    if is_study:
        yield Paragraph(measured.headline, strong=True)
        yield Heading("Method")
        yield Paragraph(methods_paragraph(report, facts))
        yield Heading("Results")
        yield from map(Paragraph, results_paragraphs(report, measured))
        yield Heading("Figures")
        yield from figures_of(report, measured)
    yield Heading("Tables")
    yield from all_tables(report, measured)
    if not compares_clips(report):
        yield clip_table(report, facts.clips)
    if report.asked:
        yield from _asked(report.asked)
    if facts.slug:
        yield Heading("Human evaluation datasheet (after HEDS 3.0)")
        yield Table("heds", "Datasheet", ["Question", "Answer"], sheet_rows(report, facts), kinds={"Answer": "remark"})
    yield Heading("Provenance")
    rows = [[what, value] for what, value in (*facts.provenance, *_settings(report))]
    yield Table("provenance", "Software, models, seeds, hashes", ["What", "Value"], rows, kinds={"Value": "remark"})


def _primary(report: Report) -> Iterator[Block]:
    """The plan and its primary measure; without a plan the sentence that there is none."""
    yield Heading("Plan and primary measure")
    plan = plan_table(report)
    if plan.rows:
        yield plan
    first, *others = primary_sentences(report)
    yield Paragraph(first, strong=True)
    yield from map(Paragraph, others)


def _asked(asked: list[AskedPart]) -> Iterator[Block]:
    """What else was asked: a figure each, or a sentence where there is nothing to draw."""
    yield Heading("Other questions")
    for found in asked:
        figure = draw_distribution(found)
        yield figure or Paragraph(f"“{found.question}” {say_distribution(found)}")


def _settings(report: Report) -> list[tuple[str, str]]:
    settings = report.settings
    if not settings:
        return []
    drawn = [("Seed of bootstrap and permutation", str(settings.seed))] if settings.replicates else []
    return [
        *drawn,
        ("Replicates", str(settings.replicates)),
        ("Confidence level", str(settings.level)),
    ]


def plan_table(report: Report) -> Table:
    """Return the plan as a table; without rows where none was fixed."""
    found = report.primary
    rows = [[what, said] for what, said in found.plan.items()]
    caption = f"Fixed at publication, {found.fixed_at}, before the first answer." if found.fixed_at else ""
    return Table("plan", "Plan of analysis", ["What", "As fixed"], rows, caption, kinds={"As fixed": "remark"})


def primary_sentences(report: Report) -> list[str]:
    """Return the primary measure's result and what is exploratory, sentence by sentence."""
    return say_primary(report.primary)
