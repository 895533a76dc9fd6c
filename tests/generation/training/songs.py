"""Small songs in the form of POP909, for tests."""

from __future__ import annotations

from pathlib import Path

import mido

BEAT = 480
CHORDS = ("C:maj", "F:maj", "G:7", "A:min")
TUNES = (((72, 1), (74, 0.5), (76, 0.5), (79, 2)), ((77, 1), (76, 0.5), (74, 0.5), (71, 2)))
"""MIDI pitches and beats of the bars, in turn."""


def write_song(
    folder: Path, name: str, *, bars: int = 16, beats: int = 4, off: float = 0.0, key: str = "C:maj"
) -> Path:
    """Write one song of `bars` bars in C major at 120 beats per minute; `off` beats delays every note off the grid."""
    for part in ("midi", "beats", "chords", "keys"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    midi = mido.MidiFile(ticks_per_beat=BEAT)
    midi.tracks.append(mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000, time=0)]))
    shift = int(name) % 3
    melody, piano = [], []
    for bar in range(bars):
        start = float(bar * beats)
        for pitch, length in TUNES[bar % 2]:
            if start < (bar + 1) * beats and not (bar % 4 == 3 and pitch == 71):
                melody.append((start + off, pitch, length * 0.9, 80))
            start += length
        for beat in range(beats):
            root = {"C": 48, "F": 41, "G": 43, "A": 45}[CHORDS[bar % 4][0]]
            piano.append((bar * beats + beat + off, root if beat == 0 else root + (7, 12, 19)[shift], 1.0, 60))
            piano.append((bar * beats + beat + 0.5 + off, root + 12, 0.5, 58))
    midi.tracks.append(_track("MELODY", melody))
    midi.tracks.append(_track("PIANO", piano))
    midi.save(folder / "midi" / f"{name}.mid")
    marks = [
        f"{i * 0.5} {float(i % min(beats, 3 if beats == 3 else 2) == 0)} {float(i % beats == 0)}"
        for i in _count(bars, beats)
    ]
    (folder / "beats" / f"{name}.txt").write_text("\n".join(marks))
    lines = [f"{bar * beats * 0.5}\t{(bar + 1) * beats * 0.5}\t{CHORDS[bar % 4]}" for bar in range(bars)]
    (folder / "chords" / f"{name}.txt").write_text("\n".join(lines))
    (folder / "keys" / f"{name}.txt").write_text(f"0.0\t{bars * beats * 0.5}\t{key}")
    return folder / "midi" / f"{name}.mid"


def _count(bars: int, beats: int) -> range:
    return range(bars * beats + 1)


def _track(name: str, notes: list[tuple[float, int, float, int]]) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name, time=0)])
    events = [(round(on * BEAT), 1, pitch, velocity) for on, pitch, _, velocity in notes]
    events += [(round((on + length) * BEAT) - 1, 0, pitch, 0) for on, pitch, length, _ in notes]
    now = 0
    for tick, _, pitch, velocity in sorted(events):
        track.append(mido.Message("note_on", note=pitch, velocity=velocity, time=tick - now))
        now = tick
    return track
