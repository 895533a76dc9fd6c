"""Packs of studies that compare two clips are written and read back."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from survey import actions
from survey.exports.codebook import tables_of
from survey.exports.loading import Pack
from survey.exports.pack import write_pack
from survey.models import Participant, Trial
from tests.survey.comparing import answer_all, begin, comparing
from tests.survey.factories import make_study

pytestmark = pytest.mark.django_db


def pack_of(study, path):
    with path.open("wb") as stream:
        return write_pack(study, stream)


def rows_of_pack(path, table):
    with Pack(path) as pack:
        pack.check()
        return list(pack.rows(table))


def test_a_pack_tells_of_both_clips_and_is_read_back_as_it_was(tmp_path):
    study = comparing(practice_trials=0)
    dice = random.Random(4)
    for _ in range(5):
        answer_all(study, begin(study), lambda trial: dice.choice(["first", "second"]))
    path, again = tmp_path / "pack.zip", tmp_path / "again.zip"
    manifest = pack_of(study, path)
    names = {entry["name"] for entry in manifest["files"]}
    assert manifest["format_version"] == "4"
    assert "paired_comparison.R" in names
    assert not {"mixed_model.R", "responses_wide.csv"} & names
    answers = rows_of_pack(path, "responses_long")
    by_name = {str(one.public_id): one for one in study.stimuli.select_related("condition")}
    for row in answers:
        second = by_name[row["second_stimulus"]]
        assert row["second_condition"] == second.condition.name != row["condition"]
        assert (row["second_composer"], row["second_audio_sha256"]) == (second.composer, second.audio_sha256)
        assert (row["second_played_seconds"], row["second_plays"]) == (1.0, 2)
        assert (row["intended"], row["hit"]) == ("", None)
    copy = actions.publish(study=actions.make_new_version(study=study, by=study.owner), by=study.owner)
    before = dict(Trial.objects.values_list("pk", "clip_key"))
    forget = Participant.objects.filter(study=study)
    Trial.objects.filter(participant__in=forget).delete()
    forget.delete()
    with Pack(path) as pack:
        actions.restore_answers(study=copy, rows=pack.rows, by=study.owner)
    assert Counter(before.values()) == Counter(Trial.objects.values_list("clip_key", flat=True))
    pack_of(copy, again)
    own = ("stimulus", "second_stimulus")
    here, there = (
        [{k: v for k, v in row.items() if k not in own} for row in rows]
        for rows in (answers, rows_of_pack(again, "responses_long"))
    )
    assert here == there


def test_a_pack_of_one_clip_per_trial_has_no_column_of_a_second(tmp_path):
    study = make_study(clips_per_participant=2)
    manifest = pack_of(study, tmp_path / "pack.zip")
    assert manifest["format_version"] == "2"
    assert not [column.name for columns in tables_of(study).values() for column in columns if "second_" in column.name]
