"""A score to read: MusicXML for two piano staves, through music21.

Times are rounded to sixteenths or triplet eighths, whichever lies nearer. A hand that holds one note while
it moves another gets a second voice. The document carries a neutral title and no date, name or emotion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from generation.music.notes import Hand, Note, Piece
from generation.music.score.keyboard import release_repeated_keys
from generation.music.score.spelling import count_sharps, spell_pitch
from generation.music.score.writing import HANDS

if TYPE_CHECKING:
    from music21 import stream

TITLE = "Piano piece"
MOST_VOICES = 2
_SHORTEST = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class _Chord:
    """Keys struck and released together; `start` and `end` in quarters."""

    start: Fraction
    end: Fraction
    pitches: tuple[int, ...]


def write_musicxml(piece: Piece, *, fermata: bool = False) -> bytes:
    """Write `piece` as MusicXML: a piano system of two staves with key, metre and tempo.

    Parameters
    ----------
    piece : Piece
        The score. Note starts and ends are rounded to multiples of 1/4 or 1/3 of a quarter.
    fermata : bool
        Whether the last chord is held at will, not as long as written.

    Returns
    -------
    bytes
        UTF-8 MusicXML 4.0, the same for the same piece. Its title is "Piano piece".
    """
    from music21.musicxml.m21ToXml import GeneralObjectExporter

    document = GeneralObjectExporter(_build_score(piece, fermata)).parse().decode()
    return _make_neutral(document).encode()


def snap_to_grid(beats: float) -> Fraction:
    """Return the nearest multiple of 1/4 or 1/3 quarter; sixteenths win a tie.

    >>> snap_to_grid(0.34), snap_to_grid(0.26)
    (Fraction(1, 3), Fraction(1, 4))
    """
    fourths, thirds = Fraction(round(beats * 4), 4), Fraction(round(beats * 3), 3)
    return fourths if abs(fourths - Fraction(beats)) <= abs(thirds - Fraction(beats)) else thirds


def _build_score(piece: Piece, fermata: bool) -> stream.Score:
    from music21 import layout, metadata, stream

    score = stream.Score(id="piece")
    score.metadata = metadata.Metadata()
    score.metadata.title = TITLE
    bars = max(1, -int(-snap_to_grid(piece.length) // piece.beats_per_bar))
    staves = [_build_staff(piece, hand, bars) for hand in HANDS]
    for staff in staves:
        if fermata:
            _hold_last_chord(staff)
        score.insert(0, staff)
    score.insert(0, layout.StaffGroup(staves, symbol="brace", name="Piano", barTogether=True))
    return score


def _build_staff(piece: Piece, hand: Hand, bars: int) -> stream.PartStaff:
    from music21 import bar, clef, instrument, key, meter, stream, tempo

    staff = stream.PartStaff(id=f"{hand}-hand")
    staff.partName = "Piano"
    voices = _share_voices(_gather_chords(note for note in piece.notes if note.hand == hand))
    for number in range(bars):
        measure = stream.Measure(number=number + 1)
        if number == 0:
            staff.insert(0, instrument.Piano())
            measure.insert(0, clef.TrebleClef() if hand == "right" else clef.BassClef())
            measure.insert(0, key.KeySignature(count_sharps(piece.tonic, piece.mode)))
            measure.insert(0, meter.TimeSignature(f"{piece.beats_per_bar}/4"))
            if hand == "right":
                measure.insert(0, tempo.MetronomeMark(number=_round_tempo(piece.tempo)))
        _fill_measure(measure, voices, piece, number)
        staff.append(measure)
    staff.getElementsByClass(stream.Measure)[-1].rightBarline = bar.Barline("final")
    return staff


def _hold_last_chord(staff: stream.PartStaff) -> None:
    from music21 import expressions

    struck = [(element.getOffsetInHierarchy(staff), element) for element in staff.recurse().notes]
    last = max((offset for offset, _ in struck), default=0)
    for offset, element in struck:
        if offset == last:
            element.expressions.append(expressions.Fermata())


def _round_tempo(tempo: float) -> float:
    return round(tempo) if abs(tempo - round(tempo)) < 0.005 else round(tempo, 2)


def _gather_chords(notes: Iterable[Note]) -> list[_Chord]:
    chords: dict[tuple[Fraction, Fraction], set[int]] = {}
    for note in release_repeated_keys(notes):
        start = snap_to_grid(note.start)
        end = max(snap_to_grid(note.end), start + _SHORTEST)
        chords.setdefault((start, end), set()).add(note.pitch)
    return sorted(
        (_Chord(*span, tuple(sorted(pitches))) for span, pitches in chords.items()),
        key=lambda chord: (chord.start, -max(chord.pitches)),
    )


def _share_voices(chords: list[_Chord]) -> list[list[_Chord]]:
    """Share chords among voices; what a third voice would need is cut short instead."""
    voices: list[list[_Chord]] = [[]]
    for chord in chords:
        free = [voice for voice in voices if not voice or voice[-1].end <= chord.start]
        if free:
            free[0].append(chord)
        elif len(voices) < MOST_VOICES:
            voices.append([chord])
        else:
            voice = min(voices, key=lambda line: (line[-1].end, -line[-1].start))
            last = voice.pop()
            if last.start == chord.start:
                pitches = tuple(sorted({*last.pitches, *chord.pitches}))
                voice.append(_Chord(last.start, last.end, pitches))
            else:
                voice += [_Chord(last.start, chord.start, last.pitches), chord]
    return voices


def _fill_measure(measure: stream.Measure, voices: list[list[_Chord]], piece: Piece, number: int) -> None:
    from music21 import stream

    begin = Fraction(number * piece.beats_per_bar)
    end = begin + piece.beats_per_bar
    inside = [[chord for chord in voice if chord.start < end and chord.end > begin] for voice in voices]
    busy = [voice for voice in inside if voice] or [[]]
    for index, chords in enumerate(busy):
        voice = stream.Voice(id=str(index + 1)) if len(busy) > 1 else measure
        at = begin
        for chord in chords:
            start, stop = max(chord.start, begin), min(chord.end, end)
            _add_rest(voice, at, start, begin, hidden=index > 0)
            engraved = _engrave_chord(chord, stop - start, piece)
            _tie(engraved, chord.start < begin, chord.end > end)
            voice.insert(start - begin, engraved)
            at = stop
        _add_rest(voice, at, end, begin, hidden=index > 0)
        if voice is not measure:
            measure.insert(0, voice)
    measure.makeBeams(inPlace=True)


def _add_rest(voice: Any, at: Fraction, until: Fraction, begin: Fraction, *, hidden: bool) -> None:
    from music21 import note

    if until > at:
        rest = note.Rest(quarterLength=until - at)
        rest.style.hideObjectOnPrint = hidden
        voice.insert(at - begin, rest)


def _engrave_chord(written: _Chord, length: Fraction, piece: Piece) -> Any:
    from music21 import chord, note

    names = [spell_pitch(pitch, piece.tonic, piece.mode) for pitch in written.pitches]
    if len(names) == 1:
        return note.Note(names[0], quarterLength=length)
    return chord.Chord(names, quarterLength=length)


def _tie(engraved: Any, from_before: bool, to_after: bool) -> None:
    from music21 import tie

    if from_before or to_after:
        kind = "continue" if from_before and to_after else "stop" if from_before else "start"
        engraved.tie = tie.Tie(kind)


def _make_neutral(document: str) -> str:
    """Take out the date and the maker, and give the random identifiers names that never change."""
    document = re.sub(r"\s*<identification>.*?</identification>", "", document, flags=re.DOTALL)
    names: dict[str, str] = {}
    for random_name in re.findall(r'\bid="([^"]+)"', document):
        names.setdefault(random_name, f"P{len(names) + 1}")
    for random_name, name in names.items():
        document = document.replace(f'"{random_name}"', f'"{name}"')
    return document
