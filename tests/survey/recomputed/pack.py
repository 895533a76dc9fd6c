"""What a pack holds, as a data frame and the design."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import pandas as pd

TEXTS = [
    "participant",
    "stimulus",
    "intended",
    "chosen",
    "condition",
    "presentation",
    "matching",
    "composer",
    "picture_emotion",
    "music_emotion",
    "picture_sha256",
    "audio_sha256",
    "trial_kind",
    "asked_emotion",
    "word",
]
NUMBERS = {
    "hit": lambda row: float(row["chosen"] == row["intended"]),
    "included": lambda row: row["included"] == "true",
    "position": lambda row: int(row["position"]),
    "seconds": lambda row: float(row["seconds"] or "nan"),
    "confidence": lambda row: float(row["confidence"] or "nan"),
    "valence": lambda row: float(row["valence"] or "nan"),
    "arousal": lambda row: float(row["arousal"] or "nan"),
}
COLUMNS = (*TEXTS, *NUMBERS, "order", "cue_piece")
"""Of the data frame that every `recompute` gets; docs/extending.md lists them."""


@dataclass(frozen=True)
class Pack:
    """All answers (gold and repeats among them), the stimuli, the people, the study as described."""

    answers: pd.DataFrame
    stimuli: list[dict[str, str]]
    people: list[dict[str, str]]
    study: dict[str, Any]
    assignment: list[dict[str, str]]

    @property
    def choices(self):
        return [choice["slug"] for choice in self.study["choices"]]

    @property
    def emotions(self):
        return [slug for slug in self.choices if slug != "none"]

    @property
    def coordinates(self):
        return {c["slug"]: (c["valence"], c["arousal"]) for c in self.study["choices"] if c["valence"] is not None}

    @property
    def planned_cell(self):
        """The cell that the plan of a published study names, empty where it names none."""
        return "" if self.study["status"] == "draft" else self.study["analysis_plan"].get("primary_cell", "")

    @property
    def main(self):
        return self.answers[self.answers["trial_kind"] == "main"]

    @property
    def counted(self):
        """`main`; what a clip shows and plays makes a cell where its emotion was among the answers offered."""
        named = ("picture_emotion", "music_emotion")
        return self.main.assign(
            **{name: self.main[name].where(self.main[name].isin(self.emotions), "") for name in named}
        )


def read_pack(path):
    with zipfile.ZipFile(path) as archive:

        def table(name):
            return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"))))

        rows = [
            {**{name: row[name] for name in TEXTS}, **{name: read(row) for name, read in NUMBERS.items()}}
            for row in table("responses_long")
        ]
        stimuli = table("stimuli")
        order = {item["stimulus"]: place for place, item in enumerate(stimuli)}
        answers = pd.DataFrame(rows)
        answers["order"] = answers["stimulus"].map(order)
        varied = {item["stimulus"]: item.get("cue_piece", "") for item in stimuli}
        answers["cue_piece"] = answers["stimulus"].map(varied)
        study = json.loads(archive.read("study.json"))
        return Pack(answers, stimuli, table("participants"), study, table("assignment"))
