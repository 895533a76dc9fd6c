"""One of anything is said in the singular."""

import re

from survey.analysis.ratings import Rating, collect
from survey.analysis.reading_out import read_out
from survey.analysis.report import analyse
from survey.figures.document import StudyFacts, report_blocks
from survey.figures.figure import size_of


def test_a_report_of_one_answer_has_no_plural_of_one():
    report = analyse(collect([Rating("P1", "S1", "", "fear", "fear", confidence=0.5)]), replicates=0)
    assert size_of(report) == "n = 1 answer of 1 participant to 1 clip"
    said = [text for block in report_blocks(report, StudyFacts("A study")) for text in _texts(block)]
    plural = re.compile(r"(?<![\d.,])1 (answers|clips|people|participants|pieces|trials|ratings|words|hits)\b")
    assert [text for text in [*said, read_out(report)] if plural.search(text)] == []


def _texts(block):
    for name in ("text", "caption", "finding", "notes"):
        value = getattr(block, name, "")
        yield from [value] if isinstance(value, str) else value
