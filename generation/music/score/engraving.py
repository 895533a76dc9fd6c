"""A score to read: MusicXML for two piano staves, through music21.

What values, voices and ties the notes get is said in `generation.music.score.notation`. The document carries a neutral
title and no date, name or emotion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from math import ceil, floor
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final

from generation.music.notes import Hand, Piece
from generation.music.score.notation import Chord, Grids, Metre, gather_chords, share_voices, split_value
from generation.music.score.spelling import count_sharps, spell_pitch
from generation.music.score.writing import HANDS

if TYPE_CHECKING:
    from music21 import stream

TITLE: Final = "Piano piece"


def write_musicxml(piece: Piece, *, fermata: bool = False) -> bytes:
    """Write `piece` as MusicXML: a piano system of two staves with key, metre, tempo and the marks of the piece.

    Parameters
    ----------
    piece : Piece
        The score. Starts and ends are placed on the grid of their beat: sixteenths, triplets, 32nds or sextuplets. An
        upbeat is a measure of number 0; one that ends in a part of a triplet is filled up to a beat by a rest.
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


@dataclass(slots=True)
class _Staff:
    """A staff while it is written: its measures, and where its notes are.

    `bars` are the measures by number of bar, −1 for an upbeat; `values` the tied values that write each chord.
    """

    hand: Hand
    piece: Piece
    metre: Metre
    grids: Grids
    part: stream.PartStaff
    bars: dict[int, stream.Measure] = field(default_factory=dict)
    values: dict[Chord, list[Any]] = field(default_factory=dict)

    def begin_of(self, bar: int) -> Fraction:
        """Where a measure begins; an upbeat is as long as it needs to be."""
        if bar >= 0:
            return bar * self.metre.bar
        upbeat = Fraction(self.piece.upbeat).limit_denominator(32)
        whole_values = upbeat.denominator in (1, 2, 4, 8)
        return -upbeat if whole_values else -ceil(upbeat / self.metre.beat) * self.metre.beat

    def struck_at(self, start: float) -> list[Chord]:
        """Chords that begin at a time (counted from the beginning of the upbeat), the highest last."""
        moment = self.grids.snap(start)
        return sorted((chord for chord in self.values if chord.start == moment), key=lambda chord: chord.pitches[-1])

    def insert(self, moment: Fraction, mark: Any, *, ends: bool = False) -> Any:
        """Put a mark into the measure of a moment; where something ends there, into the one that ends there."""
        bar = ceil(moment / self.metre.bar) - 1 if ends else floor(moment / self.metre.bar)
        bar = min(max(bar, min(self.bars)), max(self.bars))
        self.bars[bar].insert(moment - self.begin_of(bar), mark)
        return mark


def _build_score(piece: Piece, fermata: bool) -> stream.Score:
    from music21 import layout, metadata, stream

    score = stream.Score(id="piece")
    score.metadata = metadata.Metadata()
    score.metadata.title = TITLE
    staves = {hand: _open_staff(piece, hand) for hand in HANDS}
    last = max((chord.end for _, chords in staves.values() for chord in chords), default=Fraction())
    for staff, chords in staves.values():
        _write_notes(staff, share_voices(chords), max(1, ceil(last / staff.metre.bar)))
        _write_slurs_and_dots(staff)
        score.insert(0, staff.part)
    right, left = (staves[hand][0] for hand in HANDS)
    if fermata:
        _hold_last_chord((right, left))
    _write_dynamics(right)
    _write_pedals(left)
    score.insert(0, layout.StaffGroup([right.part, left.part], symbol="brace", name="Piano", barTogether=True))
    return score


def _open_staff(piece: Piece, hand: Hand) -> tuple[_Staff, list[Chord]]:
    from music21 import stream

    part = stream.PartStaff(id=f"{hand}-hand")
    part.partName = "Piano"
    notes = [note for note in piece.notes if note.hand == hand]
    grids = Grids(notes, Metre.of(piece), piece.upbeat)
    return _Staff(hand, piece, Metre.of(piece), grids, part), gather_chords(notes, grids)


def _write_notes(staff: _Staff, voices: Sequence[Sequence[Chord]], bars: int) -> None:
    from music21 import bar, instrument, stream

    staff.part.insert(0, instrument.Piano())
    first = -1 if staff.piece.upbeat else 0
    for number in range(first, bars):
        measure = stream.Measure(number=number + 1)
        if number == first:
            _state_clef_key_and_metre(measure, staff)
        if number < 0:
            measure.showNumber = stream.enums.ShowNumber.NEVER
            measure.paddingLeft = staff.metre.bar + staff.begin_of(number)
        staff.bars[number] = measure
        _fill_measure(staff, voices, number)
        staff.part.append(measure)
        # within the staff, whose first measure knows the metre; stems are the renderer's, or those of two voices
        measure.makeBeams(inPlace=True, setStemDirections=False)
    measure.rightBarline = bar.Barline("final")


def _state_clef_key_and_metre(measure: stream.Measure, staff: _Staff) -> None:
    from music21 import clef, key, meter, tempo

    piece = staff.piece
    measure.insert(0, clef.TrebleClef() if staff.hand == "right" else clef.BassClef())
    measure.insert(0, key.KeySignature(count_sharps(piece.tonic, piece.mode)))
    measure.insert(0, meter.TimeSignature(piece.metre))
    if staff.hand == "right":
        beat = float(staff.metre.beat)
        measure.insert(0, tempo.MetronomeMark(number=_round_tempo(piece.tempo / beat), referent=beat))


def _round_tempo(tempo: float) -> float:
    return round(tempo) if abs(tempo - round(tempo)) < 0.005 else round(tempo, 2)


def _fill_measure(staff: _Staff, voices: Sequence[Sequence[Chord]], number: int) -> None:
    from music21 import stream

    measure, begin, end = staff.bars[number], staff.begin_of(number), (number + 1) * staff.metre.bar
    inside = [[chord for chord in voice if chord.start < end and chord.end > begin] for voice in voices]
    busy = sorted((voice for voice in inside if voice), key=_height, reverse=True) or [[]]
    for index, chords in enumerate(busy):
        voice = stream.Voice(id=str(index + 1)) if len(busy) > 1 else measure
        at = begin
        for chord in chords:
            _write_rests(staff, voice, (at, max(chord.start, begin)), number, hidden=index > 0)
            _write_chord(staff, voice, chord, number)
            at = min(chord.end, end)
        _write_rests(staff, voice, (at, end), number, hidden=index > 0)
        _bracket_tuplets(voice, begin)
        if voice is not measure:
            for element in voice.notes:
                element.stemDirection = "down" if index else "up"
            measure.insert(0, voice)


def _height(chords: Sequence[Chord]) -> float:
    """Mean pitch of a voice."""
    return fmean(pitch for chord in chords for pitch in chord.pitches)


def _bracket_tuplets(voice: Any, begin: Fraction) -> None:
    """One bracket for the tuplets that stand side by side in a quarter."""

    def quarter_of(element: Any) -> int | None:
        return floor(begin + Fraction(element.offset)) if element.duration.tuplets else None

    for quarter, elements in groupby(voice.notesAndRests, key=quarter_of):
        if quarter is not None:
            tuplets = [element.duration.tuplets[0] for element in elements]
            tuplets[0].type, tuplets[-1].type = ("startStop",) * 2 if len(tuplets) == 1 else ("start", "stop")


def _write_chord(staff: _Staff, voice: Any, chord: Chord, number: int) -> None:
    """Write a chord, or the part of it that lies in a measure, in values that are tied."""
    begin, line = staff.begin_of(number), number * staff.metre.bar
    start, stop = max(chord.start, begin), min(chord.end, line + staff.metre.bar)
    for first, last in split_value(start - line, stop - line, staff.metre):
        engraved = _engrave(chord, last - first, staff.piece)
        _tie(engraved, line + first > chord.start, line + last < chord.end)
        voice.insert(line + first - begin, engraved)
        staff.values.setdefault(chord, []).append(engraved)


def _write_rests(staff: _Staff, voice: Any, span: tuple[Fraction, Fraction], number: int, *, hidden: bool) -> None:
    from music21 import note

    begin, line = staff.begin_of(number), number * staff.metre.bar
    start, stop = span
    if stop <= start:
        return
    whole = stop - start == staff.metre.bar
    values = [(start - line, stop - line)] if whole else split_value(start - line, stop - line, staff.metre, rest=True)
    for first, last in values:
        rest = note.Rest(quarterLength=last - first)
        rest.fullMeasure = whole
        rest.style.hideObjectOnPrint = hidden
        voice.insert(line + first - begin, rest)


def _engrave(written: Chord, length: Fraction, piece: Piece) -> Any:
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


def _hold_last_chord(staves: Sequence[_Staff]) -> None:
    """A fermata over what sounds as the last key is struck; over the rest, in a hand that is silent then."""
    from music21 import expressions

    placed = [[(one.getOffsetInHierarchy(staff.part), one) for one in _values_of(staff)] for staff in staves]
    attacks = [at for values in placed for at, one in values if not one.isRest and not _goes_on(one)]
    last = max(attacks, default=0)
    for values in placed:
        there = [one for at, one in values if at <= last < at + one.quarterLength]
        for element in [one for one in there if not one.isRest] or there[:1]:
            fermata = expressions.Fermata()
            fermata.type = "upright"
            element.expressions.append(fermata)


def _values_of(staff: _Staff) -> list[Any]:
    return list(staff.part.recurse().notesAndRests)


def _goes_on(element: Any) -> bool:
    """Whether it is held on from the value before, not struck."""
    return element.tie is not None and element.tie.type != "start"


def _write_slurs_and_dots(staff: _Staff) -> None:
    """Slurs from the first value of one chord to the last of another, the highest of each; dots on first values."""
    from music21 import articulations, spanner

    marks = staff.piece.marks
    for first, last, hand in marks.slurs:
        starts, ends = (staff.struck_at(first), staff.struck_at(last)) if hand == staff.hand else ([], [])
        if starts and ends and starts[-1].start < ends[-1].start:
            staff.part.insert(0, spanner.Slur(staff.values[starts[-1]][0], staff.values[ends[-1]][-1]))
    for moment, hand in marks.staccato:
        for chord in staff.struck_at(moment) if hand == staff.hand else ():
            staff.values[chord][0].articulations.append(articulations.Staccato())


def _write_dynamics(staff: _Staff) -> None:
    """Dynamics and hairpins between the staves, words of tempo above them."""
    from music21 import dynamics, expressions, spanner

    marks = staff.piece.marks
    for moment, name in marks.dynamics:
        staff.insert(staff.grids.snap(moment), dynamics.Dynamic(name)).placement = "below"
    for first, last, swell in marks.hairpins:
        wedge = dynamics.Crescendo() if swell == "crescendo" else dynamics.Diminuendo()
        wedge.addSpannedElements(
            staff.insert(staff.grids.snap(first), spanner.SpannerAnchor()),
            staff.insert(staff.grids.snap(last), spanner.SpannerAnchor(), ends=True),
        )
        wedge.placement = "below"
        staff.part.insert(0, wedge)
    for moment, words in marks.tempi:
        text = staff.insert(staff.grids.snap(moment), expressions.TextExpression(words))
        text.placement, text.style.fontStyle = "above", "italic"


def _write_pedals(staff: _Staff) -> None:
    from music21 import expressions, spanner

    for down, up in staff.piece.marks.pedals:
        line = expressions.PedalMark(
            staff.insert(staff.grids.snap(down), spanner.SpannerAnchor()),
            staff.insert(staff.grids.snap(up), spanner.SpannerAnchor(), ends=True),
        )
        line.pedalType = expressions.PedalType.Sustain
        line.pedalForm = expressions.PedalForm.Line
        line.placement = "below"
        staff.part.insert(0, line)


def _make_neutral(document: str) -> str:
    """Take out the date and the maker, and give the random identifiers names that never change."""
    document = re.sub(r"\s*<identification>.*?</identification>", "", document, flags=re.DOTALL)
    names: dict[str, str] = {}
    for random_name in re.findall(r'\bid="([^"]+)"', document):
        names.setdefault(random_name, f"P{len(names) + 1}")
    for random_name, name in names.items():
        document = document.replace(f'"{random_name}"', f'"{name}"')
    return document
