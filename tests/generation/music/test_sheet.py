"""Scores engraved: all that is written is drawn, and nothing that a page forbids; broken ones harm nobody."""

from __future__ import annotations

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from xml.etree import ElementTree

import mido
import pypdf
import pytest

from generation.music.notes import Note, Piece
from generation.music.score import write_musicxml
from generation.music.sheet import (
    EngravingFailed,
    engrave,
    engraver_name,
    print_pdf,
    process,
    say_bars,
    slot,
    time_notes,
)
from generation.music.sheet.drawing import SHAPES
from generation.music.sheet.layouts import NARROW, WIDE
from tests.generation.music.sheets import composed

MELODY = Piece(
    tuple(Note(float(start), pitch, 1.0, 64, "right") for start, pitch in enumerate((60, 64, 66, 67, 72))),
    tempo=120.0,
    tonic=0,
    mode="major",
)
GOLDEN = [
    (composer, emotion)
    for composer in ("muse", "muse-2", "paper")
    for emotion in ("amusement", "awe", "contentment", "excitement", "anger", "fear", "sadness")
]
"""21 clips: every composer's own tempo, metre and touch."""


def onsets(midi: bytes) -> list[tuple[int, float]]:
    """Pitch and time of every key that is struck; the player's clock begins a hundredth before the first."""
    now, found = 0.0, []
    for message in mido.MidiFile(file=io.BytesIO(midi)):
        now += message.time
        if message.type == "note_on" and message.velocity:
            found.append((message.note, now))
    begin = min(second for _, second in found) - 0.010
    return [(pitch, second - begin) for pitch, second in found]


@pytest.mark.parametrize("layout", [WIDE, NARROW])
@pytest.mark.parametrize("composer", ["muse", "muse-2", "paper", "neutral", "muse-2-neutral"])
def test_all_that_is_written_is_drawn_without_a_complaint(composer: str, layout: str) -> None:
    musicxml = composed(composer, "disgust").musicxml
    sheet = engrave(musicxml)[layout]
    root = ElementTree.fromstring(musicxml)
    (first, *_) = root.findall("part")
    assert sheet.warnings == []
    assert len(sheet.notes) == len(root.findall(".//note/pitch")) == sheet.body.count("data-note=")
    assert len(sheet.bars) == len(sheet.numbers) == len(first.findall("measure")) == sheet.body.count("data-bar=")
    assert sum(note[3] for note in sheet.notes) == len(sheet.notes) - len(root.findall(".//tie[@type='stop']"))


def test_a_drawing_holds_nothing_that_a_page_forbids() -> None:
    body = engrave(composed("muse-2", "awe").musicxml)[WIDE].body
    root = ElementTree.fromstring(f"<svg>{body}</svg>")
    assert {element.tag for element in root.iter()} <= {"svg", "defs", "g", "use", "text", "tspan", *SHAPES}
    names = {name for element in root.iter() for name in element.attrib}
    assert "style" not in names
    assert not any(name.startswith("on") for name in names)
    assert all(element.get("href", "#").startswith("#") for element in root.iter())
    used = {element.get("href", "")[1:] for element in root.iter("use")}
    assert used == {element.get("id") for element in root.iter() if element.get("id")}


def test_words_of_a_score_stay_words() -> None:
    told = write_musicxml(MELODY).replace(
        b"</direction-type>", b"<words>&lt;script&gt; &amp; loud</words></direction-type>", 1
    )
    body = engrave(told)[WIDE].body
    assert "&lt;script&gt; &amp; loud" in body
    assert "<script" not in body


def test_the_same_score_gives_the_same_drawing() -> None:
    musicxml = write_musicxml(MELODY)
    assert engrave(musicxml) == engrave(musicxml)


def test_what_is_drawn_has_not_changed_since_its_number_was_raised() -> None:
    """Kept drawings bear who drew them: where this hash changes, raise `ENGRAVING`, unless Verovio was."""
    sheets = engrave(write_musicxml(MELODY))
    drawn = "".join(sheets[layout].body for layout in (WIDE, NARROW))
    assert (engraver_name(), hashlib.sha256(drawn.encode()).hexdigest()[:16]) == (
        "verovio 6.4.1, engraving 1",
        "f67e4cc064475996",
    )


def test_a_telephone_gets_more_and_shorter_systems() -> None:
    musicxml = composed("muse", "sadness").musicxml
    wide, narrow = (engrave(musicxml)[layout] for layout in (WIDE, NARROW))
    assert narrow.width < wide.width / 2
    assert narrow.body.count('class="system"') > wide.body.count('class="system"')
    assert narrow.notes == wide.notes


def test_the_value_of_the_beat_is_drawn_without_a_font() -> None:
    body = engrave(write_musicxml(MELODY))[WIDE].body
    assert not re.search("[\ue000-\uf8ff]", body)
    assert re.search(
        r"<path transform=\"translate\([^\"]+\" d=\"[^\"]+\"/><text [^>]+><tspan[^>]+>\s*=\s*</tspan>", body
    )


def test_bars_are_told_in_words_as_they_are_spelt() -> None:
    bars = say_bars(engrave(write_musicxml(MELODY))[WIDE])
    assert [(bar.number, bar.upper, bar.lower) for bar in bars] == [
        ("1", "C4, E4, F♯4, G4", "nothing is struck"),
        ("2", "C5", "nothing is struck"),
    ]


@pytest.mark.parametrize(("composer", "emotion"), GOLDEN)
def test_the_cursor_keeps_to_the_performance(composer: str, emotion: str) -> None:
    """For at least 95 of 100 keys struck, a note of its own on the page lights up within a tenth of a second."""
    clip = composed(composer, emotion)
    sheet = engrave(clip.musicxml)[WIDE]
    timing = time_notes(sheet.notes, sheet.bars, clip.rows)
    assert timing is not None
    waiting = [(note[2], timing.notes[index][0]) for index, note in enumerate(sheet.notes) if note[3]]
    struck = onsets(clip.midi)
    met = 0
    for pitch, second in struck:
        near = [one for one in waiting if one[0] == pitch and abs(one[1] - second) <= 0.1]
        if near:
            met += 1
            waiting.remove(min(near, key=lambda one: abs(one[1] - second)))
    assert met >= 0.95 * len(struck)
    assert timing.bars == sorted(timing.bars)
    assert all(start <= end for start, end in timing.notes)


def test_a_note_without_a_partner_stands_between_its_neighbours() -> None:
    notes = [[0, 1, 60, True, 0, 0, "C4"], [1, 2, 61, True, 0, 0, "C♯4"], [2, 3, 62, True, 0, 0, "D4"]]
    timing = time_notes(notes, [0], [[1.0, 0.5, 60, 64, "right"], [3.0, 0.5, 62, 64, "right"], ["?"], []])
    assert timing is not None
    assert [start for start, _ in timing.notes] == [0.01, 1.01, 2.01]


def test_a_note_that_was_played_and_not_written_moves_no_other() -> None:
    notes = [[start, start + 1, 60, True, 0, 0, "C4"] for start in range(4)]
    rows = [[second, 0.1, 60, 64, "right"] for second in (0.0, 0.5, 0.6, 1.0, 1.5)]
    timing = time_notes(notes, [0], rows)
    assert timing is not None
    assert [start for start, _ in timing.notes] == pytest.approx([0.01, 0.51, 1.01, 1.51], abs=0.11)


def test_one_note_that_is_paired_wrongly_takes_no_other_along() -> None:
    notes = [[start, start + 1, 60 + start, True, 0, 0, ""] for start in range(8)]
    rows = [[5.0, 0.4, 60, 64, "right"], *([start / 2, 0.4, 60 + start, 64, "right"] for start in range(1, 8))]
    timing = time_notes(notes, [0, 4], rows)
    assert timing is not None
    assert [start for start, _ in timing.notes[1:]] == pytest.approx([0.01 + step / 2 for step in range(7)])
    assert timing.bars[1] == pytest.approx(1.51)


@pytest.mark.parametrize("rows", [[], [["x", 1, "y"]]])
def test_without_a_performance_there_are_no_times(rows: list[list[object]]) -> None:
    assert time_notes([[0, 1, 60, True, 0, 0, "C4"]], [0], rows) is None


@pytest.mark.parametrize(
    "broken",
    [b"", b"not xml", b"<x/>", b"\xff\xfe", write_musicxml(MELODY)[:300], b"<score-partwise><part-list/>"],
    ids=["empty", "text", "other XML", "no UTF-8", "cut off", "unclosed"],
)
def test_what_is_no_score_gets_a_sentence(broken: bytes) -> None:
    with pytest.raises(EngravingFailed, match=r"^The score .*\.$"):
        engrave(broken)


def test_what_is_too_large_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.subprocess, "run", None)
    with pytest.raises(EngravingFailed, match="larger than 4 MB"):
        engrave(b" " * (process.LARGEST_BYTES + 1))


@pytest.mark.slow
def test_a_score_that_would_keep_it_busy_for_ever_is_given_up() -> None:
    endless = composed("muse", "fear").musicxml.replace(b"<duration>", b"<duration>99999999")
    begun = time.monotonic()
    with pytest.raises(EngravingFailed) as failed:
        engrave(endless)
    assert failed.value.lasting
    assert time.monotonic() - begun < process.LIMIT_SECONDS + 5


def test_a_score_that_takes_too_long_by_the_clock_is_given_up_and_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(process, "LIMIT_SECONDS", 0.01)
    with pytest.raises(EngravingFailed, match="took too long") as failed:
        engrave(write_musicxml(MELODY))
    assert not failed.value.lasting
    assert "given up" in caplog.text


def test_the_process_limits_itself() -> None:
    told = "; ".join(f"print(*r.getrlimit(r.RLIMIT_{kind}))" for kind in ("CPU", "AS", "FSIZE", "CORE"))
    code = f"import resource as r; from generation.music.sheet.engraver import limit; limit(); {told}"
    said = subprocess.run([sys.executable, "-c", code], cwd=process.ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[:4] == ["10 12", "400000000 400000000", "16000000 16000000", "0 0"]


def test_a_page_waits_for_a_drawing_less_than_half_a_minute() -> None:
    assert (process.QUEUE_SECONDS, process.LIMIT_SECONDS, process.AT_ONCE) == (2, 20, 2)


def test_who_finds_no_slot_is_told_after_two_seconds() -> None:
    begun = time.monotonic()
    with slot(), slot(), pytest.raises(EngravingFailed, match="try again in a minute") as failed, slot():
        pass
    assert 1.9 < time.monotonic() - begun < 4
    assert not failed.value.lasting
    with slot(), slot():
        pass


@pytest.mark.parametrize(
    ("code", "lasting"),
    [(process.UNREADABLE_EXIT, True), (-signal.SIGXCPU, True), (-signal.SIGKILL, False), (process.MISSING_EXIT, False)],
    ids=["unreadable", "too much to compute", "killed", "no Verovio"],
)
def test_only_what_the_score_did_is_lasting_and_all_is_logged(
    code: int, lasting: bool, caplog: pytest.LogCaptureFixture
) -> None:
    lines = "\n".join(f"line {number}" for number in range(9))
    assert process._failure(code, lines).lasting is lasting
    assert f"ended with {code}: line 4 / line 5" in caplog.text


def test_a_verovio_that_does_not_load_is_not_blamed_on_the_score(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "verovio.py").write_text("raise ImportError('libstdc++ is too old')")
    usual = process._environment()
    path = f"{tmp_path}{os.pathsep}{usual['PYTHONPATH']}"
    monkeypatch.setattr(process, "_environment", lambda: {**usual, "PYTHONPATH": path})
    with pytest.raises(EngravingFailed, match="on this site") as failed:
        engrave(write_musicxml(MELODY))
    assert not failed.value.lasting
    assert "libstdc++ is too old" in caplog.text


def test_a_site_without_verovio_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(process, "version", nothing)
    with pytest.raises(EngravingFailed, match="on this site") as failed:
        process.engraver_name()
    assert not failed.value.lasting


def test_a_repeat_is_drawn_once_and_shifts_no_bar() -> None:
    repeated = write_musicxml(MELODY).replace(
        b"</measure>", b'<barline location="right"><repeat direction="backward"/></barline></measure>', 1
    )
    sheet, plain = engrave(repeated)[WIDE], engrave(write_musicxml(MELODY))[WIDE]
    assert sheet.body.count("data-bar=") == len(sheet.bars) == 2
    assert (sheet.bars, sheet.numbers, sheet.notes) == (plain.bars, plain.numbers, plain.notes)
    assert sheet.body != plain.body


def test_the_process_hands_on_none_of_the_sites_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "told to nobody")
    assert "SECRET_KEY" not in process._environment()


def test_the_pdf_holds_text_and_lines_and_no_picture_of_them() -> None:
    pdf = print_pdf(composed("muse-2", "excitement").musicxml, title="Über „Ærø“ 日本 #x", subtitle="awe, muse-2")
    read = pypdf.PdfReader(io.BytesIO(pdf))
    assert read.metadata is not None
    assert read.metadata.title == "Über „Ærø“ 日本 #x"
    text = "".join(page.extract_text() for page in read.pages)
    assert "Über „Ærø“ 日本 #x" in text
    assert re.search(r"awe, muse-2\s+=\s*\d+", text), "the tempo stands below the composer"
    assert not any(page.images for page in read.pages)
    assert [round(float(side)) for side in read.pages[0].mediabox[2:]] == [595, 842]
    assert b"pdfuaid" in pdf
    assert len(pdf) < 500_000


def test_a_long_score_takes_as_many_pages_as_it_needs_and_none_is_empty() -> None:
    notes = tuple(Note(start / 2, 60 + start % 13, 0.5, 64, "right") for start in range(800))
    pdf = print_pdf(write_musicxml(Piece(notes, 120.0, 0, "major")), title="Long", subtitle="")
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert len(texts) > 1
    for number, text in enumerate(texts, 1):
        (*bars, count) = text.split("\n")
        assert count == f"{number} of {len(texts)}"
        assert sum(line.strip().isdigit() for line in bars) >= 1, "numbers of bars"
