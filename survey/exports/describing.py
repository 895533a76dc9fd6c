"""What explains a pack: the study as data, README, and loaders for R and Python."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from generation.emotions import SLUGS, get_emotion
from survey.exports.codebook import COURSES_TABLE, format_of, has_attention
from survey.models import Participant, Study, StudyQuestion
from survey.models.freezing import STUDY_LIVES
from survey.queries.pianos import pianos_of
from survey.questions import TABLE

LIVE_BUT_TOLD = {"recruiter", "status", "closed_at"}
NOT_TOLD = {"id", "previous", "contact"}
"""Keys of this site, and whom people could ask: a researcher's name and address."""
STUDY_FIELDS = tuple(
    field.name
    for field in Study._meta.concrete_fields
    if field.name not in NOT_TOLD and (field.name not in STUDY_LIVES or field.name in LIVE_BUT_TOLD)
)
"""What publication froze, and how the study stands: a new field is told of as soon as there is one."""
LATE = frozenset(
    {
        *("loudness", "show_glosses", "glosses", "minutes_told", "devices", "attention_trials"),
        *("cue_design", "affect_form", "continuous", "debriefing", "debrief_own", "debrief_intended", "debrief_others"),
    }
)
"""Fields that came after packs of this format were written: told where they are not as before there was a choice."""
QUESTION_FIELDS = tuple(
    field.name for field in StudyQuestion._meta.concrete_fields if field.name not in {"id", "study"}
)


def describe_study(study: Study) -> dict[str, Any]:
    """Return wording, answers, cells and plan as they were published, and how many people withdrew."""
    return {
        **{name: getattr(study, name) for name in STUDY_FIELDS if not _is_late_default(study, name)},
        "choices": [
            {"slug": choice.slug, "label": choice.label, "labels": choice.labels, **_coordinates(choice.slug)}
            for choice in study.choices.all()
        ],
        "conditions": [
            {name: getattr(cell, name) for name in ("name", "presentation", "matching", "composer", "weight")}
            for cell in study.conditions.all()
        ],
        "withdrawn": study.participants.filter(
            kind=Participant.Kind.PERSON, outcome=Participant.Outcome.WITHDRAWN
        ).count(),
        **_further_questions(study),
        **_pianos(study),
        **({"loudness_caveat": study.loudness_caveat} if study.loudness_caveat else {}),
    }


def _pianos(study: Study) -> dict[str, Any]:
    """What played the clips; nothing where no clip names the version, as in packs that were written before it was."""
    pianos = pianos_of(study)
    return {"pianos": [asdict(piano) for piano in pianos]} if any(one.renderer_version for one in pianos) else {}


def _is_late_default(study: Study, name: str) -> bool:
    return name in LATE and getattr(study, name) == Study._meta.get_field(name).get_default()


def _further_questions(study: Study) -> dict[str, Any]:
    """The further questions as they were asked; nothing at all where there are none."""
    rows = [
        {name: getattr(row, name) for name in QUESTION_FIELDS if name != "admits" or row.admits}
        for row in study.questions.all()
    ]
    return {"questions": rows} if rows else {}


def _coordinates(slug: str) -> dict[str, float | None]:
    """Where an emotion lies in valence–arousal space, −1 to 1; "none", yes and no lie nowhere."""
    if slug not in SLUGS:
        return {"valence": None, "arousal": None}
    emotion = get_emotion(slug)
    return {"valence": emotion.valence, "arousal": emotion.arousal}


def read_me(study: Study) -> str:
    """The README of a study's pack."""
    version = format_of(study)
    told = README.replace("{version}", version)
    compares = study.form.compares
    told = told.replace("{kinds}", KINDS_WITH_ATTENTION if has_attention(study) else KINDS)
    told = told.replace("{wide}", "" if compares else WIDE).replace("{model}", STRENGTHS if compares else MIXED_MODEL)
    further = FURTHER if study.questions.exists() else ""
    return told.replace("{further}", further + (COURSES if study.rated_while_playing else ""))


KINDS = "main, gold and repeat trials; practice is left out)."
KINDS_WITH_ATTENTION = """main, gold, repeat and attention trials; practice is left out).
  Only main trials count in the results; at attention trials `instructed` is what the page asked for, and `passed`
  whether it was chosen."""
WIDE = (
    "- `responses_wide.csv`: one row per participant, one column per stimulus (which emotion a yes/no question named\n"
    "  stands in `responses_long.csv` alone).\n"
)
MIXED_MODEL = (
    "- `mixed_model.R`: the report's mixed model by `lme4::glmer`, from `responses_long.csv`; put the report's "
    "`report.json`\n  beside it, and it compares.\n"
)
STRENGTHS = """- `paired_comparison.R`: the report's strengths by `glm`, from `responses_long.csv`; put the
  report's `report.json` beside it, and it compares.
"""
FURTHER = f"""- `{TABLE}.csv`: every answer to the study's further questions, one row each; the same answers stand
  in columns of their own at the ends of `responses_long.csv` (about a clip) and `participants.csv` (about a person).
"""
COURSES = f"""- `{COURSES_TABLE}.csv`: what was rated while clips played, one row per tenth of a second of the clip.
"""
README = """# Answers of a listening study

Format version {version}. Made by MelodyMuse.

- `responses_long.csv`: one row per answer ({kinds}
{wide}- `participants.csv`, `stimuli.csv`, `assignment.csv` (every trial given, also unanswered), `events.csv`.
{further}- `codebook.csv` / `codebook.json`: every column of every table: type, unit, values, meaning.
- `study.json`: wording, answers in order with valence and arousal, cells, plan and exclusion rules as published.
- `manifest.json`: SHA-256, size and number of rows of every file, software versions.
- `load.py`, `load.R`: read everything with the right types.
{model}
UTF-8, comma, decimal point, times in UTC (ISO 8601), true/false, an empty cell is a missing value. Text cells
and headers that begin with = + - @ tab, a line end or ' have one apostrophe before them, so that no spreadsheet
runs them; the loaders remove it. People who withdrew, previews and bots are in no file.
"""

LOAD_PY = '''"""Read the pack beside this file: tables["responses_long"] and so on, with the codebook's types."""

import json
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
codebook = pd.read_csv(HERE / "codebook.csv", keep_default_na=False)


def unguard(value):
    return value[1:] if isinstance(value, str) and value.startswith("'") else value


def load(table):
    frame = pd.read_csv(HERE / f"{table}.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for name, kind in codebook.loc[codebook["table"] == table, ["name", "type"]].itertuples(index=False):
        column = frame[name].map(unguard)
        empty = column == ""
        if kind.startswith("integer"):
            column = pd.to_numeric(column.mask(empty)).astype("Int64")
        elif kind.startswith("number"):
            column = pd.to_numeric(column.mask(empty))
        elif kind.startswith("true"):
            column = column.map({"true": True, "false": False}).astype("boolean")
        elif kind.startswith("ISO"):
            column = pd.to_datetime(column.mask(empty), utc=True, format="ISO8601")
        elif kind.startswith("JSON"):
            column = column.map(lambda text: json.loads(text) if text else None)
        else:
            column = column.mask(empty)
        frame[name] = column
    return frame


tables = {name: load(name) for name in codebook["table"].unique()}
'''

LOAD_R = r"""# Reads the pack in the working directory: tables$responses_long and so on, with the codebook's types.
read_text <- function(file) read.csv(file, colClasses = "character", na.strings = character(0),
                                     fileEncoding = "UTF-8-BOM", check.names = FALSE)
codebook <- read_text("codebook.csv")
unguard <- function(x) sub("^'", "", x)
load_table <- function(table) {
  frame <- read_text(paste0(table, ".csv"))
  rows <- codebook[codebook$table == table, ]
  for (i in seq_len(nrow(rows))) {
    name <- rows$name[i]; kind <- rows$type[i]; x <- unguard(frame[[name]])
    x[x == ""] <- NA
    if (grepl("^integer", kind)) x <- as.integer(x)
    else if (grepl("^number", kind)) x <- as.numeric(x)
    else if (grepl("^true", kind)) x <- x == "true"
    else if (grepl("^ISO", kind)) x <- as.POSIXct(x, format = "%Y-%m-%dT%H:%M:%OSZ", tz = "UTC")
    frame[[name]] <- x
  }
  frame
}
tables <- lapply(setNames(nm = unique(codebook$table)), load_table)
"""
