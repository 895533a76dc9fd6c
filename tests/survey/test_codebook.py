"""The codebook says what columns mean in the study at hand, and the settings that decide which there are."""

import pytest
from django.db import models

from survey.exports.codebook import MEDIA, MEDIA_TABLE, PICTURES, SHAPING, TABLES, TARGETS, tables_with
from survey.exports.describing import STUDY_FIELDS
from survey.models import Study

RATED = {"ask_affect": True, "affect_form": "pad"}


def meaning(study, table, name):
    return next(column.meaning for column in tables_with([], study)[table] if column.name == name)


@pytest.mark.parametrize("table", ["responses_long", "assignment"])
def test_the_emotion_asked_about_is_told_for_the_form_of_trials_at_hand(table):
    plain = "Emotion named in the yes/no question: the intended one (target) or another (lure)."
    assert meaning(Study(mode="yes_no"), table, "asked_emotion") == plain
    assert "two clips: what both are meant to express." in meaning(Study(mode="more"), table, "asked_emotion")


def test_the_document_says_of_every_column_what_the_codebook_says(settings):
    text = (settings.BASE_DIR / "docs" / "codebook.md").read_text(encoding="utf-8")
    for table, columns in {**TABLES, MEDIA_TABLE: MEDIA}.items():
        part = text.partition(f"\n## {table}")[2].partition("\n## ")[0]
        for column in columns:
            told = (column.kind, column.unit, column.values, column.meaning.replace("|", "\\|"))
            assert f"| `{column.name}` | {' | '.join(told)} |" in part


def test_the_document_says_so_of_columns_that_only_some_studies_have(settings):
    text = (settings.BASE_DIR / "docs" / "codebook.md").read_text(encoding="utf-8")
    for column in (*TARGETS, *PICTURES):
        assert f"| `{column.name}` | {column.kind} | {column.unit} | {column.values} | {column.meaning} |" in text


def others(field):
    """Values that a setting can have."""
    if field.choices:
        return [value for value, _ in field.choices]
    if isinstance(field, models.BooleanField):
        return [False, True]
    if isinstance(field, models.IntegerField):
        return [3]
    return [["en"]] if isinstance(field, models.JSONField) else []


@pytest.mark.parametrize("beside", [{}, RATED], ids=["plain", "on a pad"])
def test_no_other_setting_decides_which_tables_and_columns_there_are(beside):
    fields = [field for field in Study._meta.concrete_fields if not field.is_relation]
    tables = tables_with([], Study(**beside))
    deciding = {
        field.name
        for field in fields
        for value in others(field)
        if tables_with([], Study(**{**beside, field.name: value})) != tables
    }
    assert deciding == set(SHAPING) - ({"ask_affect", "affect_form"} if not beside else set())


def test_a_pack_carries_the_settings_that_decide():
    assert set(SHAPING) <= set(STUDY_FIELDS)
