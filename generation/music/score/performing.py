"""A performance as MIDI, through mido: seconds become ticks fine enough that nobody hears a difference."""

from __future__ import annotations

import mido

from generation.music.notes import Performance, Piece
from generation.music.score.keyboard import share_keyboard
from generation.music.score.writing import CHANNEL, HANDS, lay_track, save, write_conductor

TICKS_PER_QUARTER = 9600
"""At 40 quarters a minute one tick is 0.16 ms, so an onset is off by less than 0.1 ms."""
SUSTAIN = 64
PEDAL_DOWN = 127
PEDAL_TRACK = "left"
"""The last track: who plays its tracks in their order releases the keys of both hands before the pedal moves."""
# at one tick keys are released first, then the pedal moves, then keys are struck
RELEASE, PEDAL_UP_ORDER, PEDAL_DOWN_ORDER, STRIKE = range(4)


def write_performance(performance: Performance, piece: Piece) -> bytes:
    """Return `performance` at the tempo, metre and key of `piece` (see `write_midi`)."""
    conductor = write_conductor(piece, TICKS_PER_QUARTER)
    seconds_per_tick = conductor[0].tempo / 1e6 / TICKS_PER_QUARTER
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    file.tracks.append(conductor)
    notes = share_keyboard(performance.notes)
    for hand in HANDS:
        events = _pedal_events(performance, seconds_per_tick) if hand == PEDAL_TRACK else []
        for note in notes:
            if note.hand == hand:
                start = round(note.onset / seconds_per_tick)
                stop = max(round(note.offset / seconds_per_tick), start + 1)
                strike = mido.Message("note_on", note=note.pitch, velocity=note.velocity, channel=CHANNEL)
                release = mido.Message("note_off", note=note.pitch, velocity=0, channel=CHANNEL)
                events += [(start, STRIKE, strike), (stop, RELEASE, release)]
        file.tracks.append(lay_track(events))
    return save(file)


def _pedal_events(performance: Performance, seconds_per_tick: float) -> list[tuple[int, int, mido.Message]]:
    events = []
    for pedal in performance.pedals:
        down = mido.Message("control_change", control=SUSTAIN, value=PEDAL_DOWN, channel=CHANNEL)
        up = mido.Message("control_change", control=SUSTAIN, value=0, channel=CHANNEL)
        events.append((round(pedal.down / seconds_per_tick), PEDAL_DOWN_ORDER, down))
        events.append((round(pedal.up / seconds_per_tick), PEDAL_UP_ORDER, up))
    return events
