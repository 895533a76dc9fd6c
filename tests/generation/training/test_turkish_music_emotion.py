"""The feature table is read exactly, and every fault in it is named with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from generation.emotions import EMOTIONS
from generation.training.datasets.turkish_music_emotion import (
    CLASSES,
    MFCC_COLUMNS,
    fold_table,
    read_clips,
)
from generation.training.workplace import TrainingRefused

REAL = Path(settings.BASE_DIR).parent / "shared/data/turkish-music-emotion/Acoustic Features.csv"
HEADER = ["Class", "_Tempo_Mean", *MFCC_COLUMNS]


def write(tmp_path: Path, *rows: list[str], header: list[str] = HEADER) -> Path:
    path = tmp_path / "features.csv"
    path.write_text("\n".join(",".join(f'"{field}"' for field in row) for row in [header, *rows]))
    return path


def row(label: str, *values: float) -> list[str]:
    return [label, "120", *(str(value) for value in values or range(13))]


def test_class_and_thirteen_values_are_read_by_column_name(tmp_path: Path) -> None:
    clips = read_clips(write(tmp_path, row("relax"), row("angry", *[0.5] * 13)))
    assert [CLASSES[index] for index in clips.classes] == ["relax", "angry"]
    assert clips.mfcc.tolist() == [list(range(13)), [0.5] * 13]
    assert clips.lines.tolist() == [2, 3]


def test_absent_columns_are_all_named(tmp_path: Path) -> None:
    path = write(tmp_path, header=[name for name in HEADER if name not in ("Class", "_MFCC_Mean_7")])
    with pytest.raises(TrainingRefused, match="Line 1: absent columns: Class, _MFCC_Mean_7"):
        read_clips(path)


def test_every_fault_is_listed_with_its_line(tmp_path: Path) -> None:
    faulty = row("happy")
    faulty[3], faulty[5] = "x", "nan"
    with pytest.raises(TrainingRefused) as caught:
        read_clips(write(tmp_path, row("sad"), faulty, row("bored"), row("sad")[:-1]))
    assert str(caught.value).splitlines()[1:] == [
        "  line 3: _MFCC_Mean_2 is 'x', not a number",
        "  line 3: _MFCC_Mean_4 is 'nan', not a number",
        "  line 4: class 'bored' is none of happy, angry, sad, relax",
        "  line 5: 14 fields instead of 15",
    ]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"just text"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "features.csv"
    path.write_bytes(content)
    with pytest.raises(TrainingRefused, match=r"features\.csv"):
        read_clips(path)


def test_a_missing_file_and_a_table_without_clips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingRefused, match="cannot be read"):
        read_clips(tmp_path / "absent.csv")
    with pytest.raises(TrainingRefused, match="no clips below the header"):
        read_clips(write(tmp_path))


def test_duplicates_are_the_later_rows(tmp_path: Path) -> None:
    clips = read_clips(write(tmp_path, row("sad"), row("happy"), row("sad"))).without_duplicates()
    assert clips.lines.tolist() == [2, 3]


def test_the_fold_is_that_of_the_emotions() -> None:
    assert fold_table() == [(e.slug, e.turkish_class, e.fold_certainty) for e in EMOTIONS]


@pytest.mark.parametrize("page", ["models/mfcc-emotion.md", "models/paper-composer.md"])
def test_the_documented_fold_is_that_of_the_emotions(page: str) -> None:
    text = (Path(settings.BASE_DIR) / "docs" / page).read_text(encoding="utf-8")
    assert [line for line in fold_table() if f"| {' | '.join(line)} |" not in text] == []


@pytest.mark.skipif(not REAL.is_file(), reason="the data set is not at ../shared/data/turkish-music-emotion")
def test_the_real_table_has_400_clips_of_which_388_are_unique() -> None:
    clips = read_clips(REAL)
    assert np.bincount(clips.classes).tolist() == [100, 100, 100, 100]
    assert len(clips.without_duplicates()) == 388
