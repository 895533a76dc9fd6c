"""Files sent as CSV that are something else: said where lists of emotions and manifests are taken."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from generation.accepted import refuse_other_kinds
from generation.emotion_lists import read_list
from generation.importing.manifest import read_manifest
from tests.generation.factories import picture_bytes


def archive(name: str, content: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content, compress_type=zipfile.ZIP_STORED if name == "mimetype" else None)
        file.writestr("more.xml", "<more/>")
    return out.getvalue()


KINDS = {
    "This is a spreadsheet of Excel (.xlsx); save it as CSV.": archive("xl/workbook.xml", "<workbook/>"),
    "This is a spreadsheet of LibreOffice (.ods); save it as CSV.": archive(
        "mimetype", "application/vnd.oasis.opendocument.spreadsheet"
    ),
    "This is a spreadsheet of Numbers; save it as CSV.": archive("Index/Document.iwa"),
    "This is a spreadsheet of an old Excel (.xls); save it as CSV.": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "This is a ZIP archive; send a CSV file.": archive("clip.wav"),
    "This is a PDF; send a CSV file.": b"%PDF-1.7\n",
    "This is a picture; send a CSV file.": picture_bytes(),
    "This is a compressed file (.gz); send a CSV file.": b"\x1f\x8b\x08" + bytes(20),
}


@pytest.mark.parametrize(("said", "data"), KINDS.items(), ids=[said[8:30] for said in KINDS])
def test_both_doors_say_what_was_sent_in_place_of_a_csv_file(said: str, data: bytes, tmp_path: Path) -> None:
    _, problems = read_list(data)
    assert [str(problem) for problem in problems] == [said]
    file = tmp_path / "sent.csv"
    file.write_bytes(data)
    assert [str(problem) for problem in read_manifest(file).problems] == [said]


@pytest.mark.parametrize(
    "data", [b"", b"file,emotion\na.png,awe", "file;emotion\n".encode("utf-16"), b"PK,awe", b"\xff\xfea"]
)
def test_what_may_be_csv_is_not_refused(data: bytes) -> None:
    assert refuse_other_kinds(data) == ""
