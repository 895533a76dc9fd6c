"""The table of coverage and error rates in docs/analysis.md: its bounds, what it lists, and how it is made."""

import pytest

from tests.survey.analysis import coverage_mixed, yes_no
from tests.survey.analysis.coverage import BEGIN, DOCUMENT, END, SIZES, labels, measure, table
from tests.survey.analysis.coverage_bounds import ERRORS, NOMINAL, REASONS, outside, read_table
from tests.survey.analysis.many_studies import Kept, blocks_of, run, shares

STUDIES = 300
"""Standard error of a coverage of .95: .013."""
FAR = 4.5
"""Standard errors between two simulations, of which there are some 700."""
KINDS = ("INTERVALS", "TESTS")


def documented():
    """Number of studies, and size → name → share as the document has it."""
    studies, rows = read_table(DOCUMENT.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0])
    columns = {size: {} for size in SIZES}
    for kind in KINDS:
        for name, label in labels(kind).items():
            for size, share in rows[label].items():
                columns[size][name] = share
    return studies, columns


def forgotten(columns, studies, errors=ERRORS):
    """Cells outside of what is nominal that no reason is given for."""
    return [
        (name, size, share)
        for kind in KINDS
        for name, size, share, side in outside(kind, labels(kind), columns, studies, errors)
        if name not in REASONS[kind][side]
    ]


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", SIZES)
def test_every_interval_covers_and_every_test_keeps_its_level(size):
    """With other random numbers than the table's: nominal or named, and as documented."""
    found = measure([size], STUDIES, seed=7)
    assert forgotten(found, STUDIES, errors=3.0) == []
    studies, columns = documented()
    assert set(found[size]) == set(columns[size])
    apart = {}
    for name, share in found[size].items():
        middle = (share * STUDIES + columns[size][name] * studies) / (STUDIES + studies)
        error = (max(middle * (1 - middle), 0.002) * (1 / STUDIES + 1 / studies)) ** 0.5
        if abs(share - columns[size][name]) > FAR * error:
            apart[name] = (share, columns[size][name])
    assert apart == {}


def test_what_is_outside_of_the_nominal_is_named_with_a_reason():
    studies, columns = documented()
    assert studies >= 200
    assert forgotten(columns, studies) == []
    assert ERRORS == 2.0
    assert NOMINAL == {"INTERVALS": (0.93, 0.97), "TESTS": (0.03, 0.07)}


def test_a_row_that_falls_short_is_found():
    """With 2,000 studies the bounds are .919 and .978, of a test .022 and .081."""
    size = (12, 8)
    columns = {size: {"gold": 0.918, "clip": 0.92, "times": 0.979, "guessers": 0.082, "d′ test": 0.021}}
    found = [(name, side) for kind in KINDS for name, _, _, side in outside(kind, labels(kind), columns, 2000)]
    assert found == [("gold", 0), ("times", 1), ("guessers", 1), ("d′ test", 0)]
    assert forgotten(columns, 2000) == [
        ("gold", (12, 8), 0.918),
        ("times", (12, 8), 0.979),
        ("guessers", (12, 8), 0.082),
    ]


def test_every_row_has_a_name_of_its_own_and_stands_in_the_document():
    rows = [label for kind in KINDS for label in labels(kind).values()]
    assert len(set(rows)) == len(rows)
    text = DOCUMENT.read_text(encoding="utf-8")
    mixed = (*coverage_mixed.INTERVALS.values(), *coverage_mixed.TESTS.values())
    assert [label for label in (*rows, *mixed) if f"| {label} |" not in text] == []


def test_the_document_is_what_the_command_writes():
    studies, columns = documented()
    assert table(columns, studies) in DOCUMENT.read_text(encoding="utf-8")


def test_a_run_goes_on_where_it_was_stopped(tmp_path):
    path = tmp_path / "var" / "blocks.jsonl"
    blocks = blocks_of([yes_no.__name__], [(12, 8), (12, 16)], 4, seed=3, block=2)
    assert run(blocks, Kept(path)) == 4
    whole = shares(blocks, Kept(path))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:4], lines[-1][:40]]))  # two blocks, and half of the last one
    assert run(blocks, Kept(path)) == 2
    assert run(blocks, Kept(path)) == 0
    assert shares(blocks, Kept(path)) == whole
    path.write_text(path.read_text().replace('"code": "', '"code": "older '))
    assert run(blocks, Kept(path)) == 4


def test_two_processes_find_what_one_finds_however_studies_are_cut():
    cut = [blocks_of([yes_no.__name__], [(12, 8)], 4, seed=3, block=block) for block in (4, 1)]
    kept = Kept(), Kept()
    run(cut[0], kept[0])
    run(cut[1], kept[1], processes=2)
    assert shares(cut[0], kept[0]) == shares(cut[1], kept[1])
    other = blocks_of([yes_no.__name__], [(12, 8)], 4, seed=4)
    run(other, kept[0])
    assert shares(other, kept[0]) != shares(cut[0], kept[0])


MIXED_STUDIES = 400
"""Standard error of a coverage of .91, the lowest of them: .014. With 150 a size that is as documented may fail."""


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("people", "clips"), coverage_mixed.SIZES)
def test_the_mixed_model_covers_and_keeps_its_level(people, clips):
    found = coverage_mixed.measure(people, clips, MIXED_STUDIES, seed=7)
    reported = [name for name in coverage_mixed.INTERVALS if name in found and not name.startswith("plain")]
    assert {"marginal", "people"} <= set(reported)
    for name in reported:
        assert found[name] >= 0.88, (name, found[name])
    for name in coverage_mixed.TESTS:
        assert found.get(name, 0.0) <= 0.1, (name, found[name])
