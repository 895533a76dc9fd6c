"""The whole report: its names, its silence about NaN, and its reasons."""

import hashlib
import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from survey.analysis import as_plain, read_long, read_report, write_report
from survey.analysis.ratings import Rating, collect, read_counts, read_wide
from survey.analysis.reading_out import read_out
from survey.analysis.report import analyse, analyse_table
from tests.survey.analysis.published import KRIPPENDORFF_2011

ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5), st.sampled_from(["a", "b", "none", None]), st.booleans()),
    max_size=25,
    unique_by=lambda row: (row[0], row[1]),
)


def ratings_of(rows):
    return collect(
        [
            Rating(f"P{p}", f"S{s}", "x" if s % 2 else "y", "ab"[s % 2], chosen, included=included)
            for p, s, chosen, included in rows
        ],
        ["a", "b"],
        "none",
    )


def walk(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)
    else:
        yield value


@given(ROWS)
@settings(max_examples=40, deadline=None)
def test_any_answers_give_json_without_nan_and_text(rows):
    report = analyse(ratings_of(rows), replicates=5)
    plain = as_plain(report)
    assert all(not isinstance(value, float) or math.isfinite(value) for value in walk(plain))
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert read_report(write_report(report)) == report
    plan, sizes, *_ = read_out(report).split("\n\n")[1 if report["notes"] else 0 :]
    assert plan.startswith("No plan of analysis comes with these answers: everything here is exploratory")
    assert sizes.startswith(f"{report['n']['responses']} answer")


@given(ROWS)
@settings(max_examples=20, deadline=None)
def test_whatever_is_undefined_has_a_reason(rows):
    report = analyse(ratings_of(rows), replicates=5)
    for name in ("estimate", "wilson", "participants", "participants_stimuli", "p_value"):
        assert report["accuracy"][name] is not None or report["accuracy"]["reasons"][name]
    for emotion in report["emotions"].values():
        for name in ("precision", "f1", "hu", "hu_chance", "p_holm"):
            assert emotion[name] is not None or emotion["reasons"][name]
        assert emotion["recall"]["estimate"] is not None or emotion["recall"]["reason"]
    for value in report["agreement"].values():
        assert None not in (value["estimate"], value["interval"]) or value["reason"]
    for clip in report["stimuli"]:
        for name in ("pairwise_agreement", "evenness", "wilson"):
            assert clip[name] is not None or clip["reasons"][name]


def test_the_names_of_the_command_line():
    report = analyse(ratings_of([(0, 0, "a", True), (1, 0, "b", True), (0, 1, "b", True)]), replicates=5)
    assert set(report["n"]) >= {"responses", "participants", "stimuli"}
    assert set(report["accuracy"]) >= {
        "estimate",
        "chance",
        "wilson",
        "participants",
        "participants_stimuli",
        "p_value",
    }
    assert set(report["confusion"]) >= {"rows", "columns", "counts"}
    assert set(report["emotions"]["a"]) >= {
        "n",
        "hits",
        "recall",
        "precision",
        "f1",
        "hu",
        "hu_chance",
        "p_holm",
    }
    assert set(report["agreement"]) == {
        "percent",
        "fleiss_kappa",
        "krippendorff_alpha",
        "gwet_ac1",
        "brennan_prediger",
    }
    assert all(set(v) >= {"estimate", "interval", "reason"} for v in report["agreement"].values())
    assert set(report["stimuli"][0]) >= {
        "stimulus",
        "intended",
        "n",
        "hits",
        "modes",
        "pairwise_agreement",
        "evenness",
        "wilson",
    }


def test_none_is_an_error_and_left_out():
    rows = [(p, s, ["a", "b", "none"][(p + s) % 3], True) for p in range(3) for s in range(4)]
    accuracy = analyse(ratings_of(rows), replicates=0)["accuracy"]
    assert (accuracy["estimate"], accuracy["chance"]) == (accuracy["hits"] / 6, 1 / 3)  # of the first cell alone
    assert (accuracy["excluding_none"]["n"], accuracy["excluding_none"]["chance"]) == (4, 1 / 2)


def test_conditions_are_reported_cell_by_cell_and_compared():
    rows = [(p, s, "ab"[(p + s) % 2], True) for p in range(4) for s in range(6)]
    report = analyse(ratings_of(rows), replicates=0)
    assert {name: cell["n"]["responses"] for name, cell in report["conditions"].items()} == {"y": 12, "x": 12}
    assert [(c["a"], c["b"]) for c in report["comparisons"]] == [("y", "x")]


def test_a_wide_table_gives_agreement_alone():
    report = analyse_table(read_wide(KRIPPENDORFF_2011.splitlines()))
    assert round(report["agreement"]["krippendorff_alpha"]["estimate"], 3) == 0.743
    assert (report["n"]["responses"], report["n"]["participants"], report["n"]["missing"]) == (41, 4, 7)
    assert (report["accuracy"]["estimate"], bool(report["accuracy"]["reason"])) == (None, True)


def test_a_counts_table_does_not_know_who_answered():
    report = analyse_table(read_counts(["item,a,b", "1,3,1", "2,1,3", "3,4,0"]))
    assert report["n"]["participants"] is None
    assert report["agreement"]["percent"]["interval_participants"] is None


LONG = "participant,stimulus,intended,chosen,country,composer\n" + "".join(
    f"P{p},S{s},{('grief', 'joy')[s % 2]},{('joy', 'grief', 'skip')[(p + s) % 3]},{('DE', 'FR')[p % 2]},c{s % 4}\n"
    for p in range(6)
    for s in range(8)
)
AS_WRITTEN = "0fe1e0c72238943cf881f775cdd6c9a2f28beeac32a02ba4e0ab816489cab552"
"""Of every name but the measures', the version and `SINCE`, in its order with its value, numbers to 6 digits."""
SINCE = ("participants_stimuli", "interval_reasons")
"""Names of the confusions that came with version 3.3."""


def leaves(value, path=""):
    """Every name of plain data in its order, with its value."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        yield f"{path} {type(value).__name__}"
        for name, item in pairs:
            yield from leaves(item, f"{path}.{name}")
    else:
        yield f"{path} {value:.6g}" if isinstance(value, float) else f"{path} {value}"


def test_the_file_of_a_report_is_to_the_byte_the_one_it_was():
    report = analyse(read_long(LONG, choices=["joy", "grief", "skip"]), replicates=0)
    plain = {
        name: item for name, item in json.loads(write_report(report)).items() if name not in ("measures", "schema")
    }
    since = [plain["confusion"].pop(name) for name in SINCE]
    assert [[len(row) for row in matrix] for matrix in since] == [[3, 3, 3], [3, 3, 3]]
    written = "\n".join(leaves(plain))
    assert hashlib.sha256(written.encode()).hexdigest() == AS_WRITTEN
