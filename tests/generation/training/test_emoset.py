"""EmoSet's layout: both forms of list, absent annotations, and the label order of info.json."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from generation.emotions import SLUGS
from generation.training.datasets.emoset import Entry, load_emoset, read_label_order
from generation.training.workplace import TrainingRefused

REAL = Path(settings.BASE_DIR).parent / "shared" / "data" / "emoset"


def write_tree(folder: Path, rows: list, name: str = "train", order: tuple[str, ...] = SLUGS) -> Path:
    numbers = {slug: number for number, slug in enumerate(order)}
    (folder / "info.json").write_text(json.dumps({"emotion": {"label2idx": numbers}}))
    (folder / f"{name}.json").write_text(json.dumps(rows))
    return folder


LONG = ["awe", "awe_00001", "image/awe/awe_00001.jpg", "annotation/awe/awe_00001.json"]
SHORT = ["fear", "image/fear/fear_00002.jpg", "annotation/fear/fear_00002.json"]


def test_both_forms_of_list_are_read(tmp_path):
    emoset = load_emoset(write_tree(tmp_path, [LONG, SHORT]))
    assert emoset.lists["train"] == (
        Entry("awe", "image/awe/awe_00001.jpg", "annotation/awe/awe_00001.json"),
        Entry("fear", "image/fear/fear_00002.jpg", "annotation/fear/fear_00002.json"),
    )


def test_a_picture_without_annotation_is_read(tmp_path):
    emoset = load_emoset(write_tree(tmp_path, [["awe", "image/awe/a.jpg"], ["awe", "id", "image/awe/b.jpg", None]]))
    assert [entry.annotation for entry in emoset.entries] == [None, None]


def test_a_picture_on_two_lists_counts_once(tmp_path):
    write_tree(tmp_path, [LONG], "train")
    emoset = load_emoset(write_tree(tmp_path, [LONG, SHORT], "val"))
    assert len(emoset.entries) == 2


def test_the_label_order_of_info_json_decides_the_place_of_the_one(tmp_path):
    order = tuple(sorted(SLUGS))
    emoset = load_emoset(write_tree(tmp_path, [LONG], order=order))
    assert emoset.labels == order
    assert emoset.read(emoset.entries[0]).label.index(1.0) == order.index("awe")


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ({"image_id": "x", "emotion": "awe", "brightness": 0.3, "colorfulness": 1.0}, (0.3, 1.0)),
        ({"image_id": "x", "emotion": "awe"}, (None, None)),
        ({"brightness": None, "colorfulness": 0}, (None, 0.0)),
        (None, (None, None)),
        ([], (None, None)),
    ],
)
def test_absent_attributes_are_absent(tmp_path, annotation, expected):
    emoset = load_emoset(write_tree(tmp_path, [LONG]))
    if annotation is not None:
        path = tmp_path / LONG[3]
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(annotation))
    sample = emoset.read(emoset.entries[0])
    assert (sample.brightness, sample.colourfulness) == expected


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "none of train.json"),
        ({"awe": 1}, "is not a list"),
        ([["joy", "image/joy/1.jpg"]], "'joy', which info.json does not know"),
        ([["awe", "awe_1"]], "names no picture"),
        ([["awe", "../../etc/passwd/x.jpg"]], "names no picture"),
        ([7], "is not a list of texts"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_with_its_place(tmp_path, rows, sentence):
    with pytest.raises(TrainingRefused, match=sentence):
        load_emoset(write_tree(tmp_path, rows))


@pytest.mark.parametrize("info", ["{", "{}", '{"emotion": {"label2idx": {"awe": 0}}}', '{"emotion": []}'])
def test_an_info_json_without_the_eight_emotions_is_refused(tmp_path, info):
    (tmp_path / "info.json").write_text(info)
    with pytest.raises(TrainingRefused, match=r"info\.json"):
        read_label_order(tmp_path / "info.json")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(TrainingRefused, match=r"the folder that holds EmoSet's info\.json"):
        load_emoset(tmp_path / "nowhere")


@pytest.mark.skipif(not REAL.is_dir(), reason="EmoSet's lists are not on this machine (../shared/data/emoset)")
def test_the_real_label_map_and_validation_list_are_read():
    emoset = load_emoset(REAL)
    assert emoset.labels == SLUGS
    assert len(emoset.lists["val"]) == len(emoset.entries) == 5905
