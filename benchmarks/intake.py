"""What the heaviest MIDI file that an import takes costs its worker: `python -m benchmarks.intake`.

Each file stands at the bounds of `generation.music.midi_files` and of a clip's length, and is taken from bytes to
finished clip. Prints seconds on the clock and CPU seconds (this process and the piano it starts).
"""

from __future__ import annotations

import random
import resource
import struct
import tempfile
import time
from pathlib import Path

from benchmarks.machine import describe_machine
from generation.importing.preparing import ClipRefused, Workshop
from generation.music.midi_files import MOST_NOTES

TICKS_PER_SECOND = 960
SECONDS = 170


def write_file(notes: int, *, held: bool, pedal: bool) -> bytes:
    """Notes all over the keyboard on nine channels, released at once or held to the end, with or without pedal."""
    chance, total = random.Random(2), SECONDS * TICKS_PER_SECOND
    events = [(0, 0, bytes((0xB0 | channel, 64, 127))) for channel in range(9) if pedal]
    for number in range(notes):
        tick, channel, key = number * total // notes, chance.randrange(9), chance.randrange(21, 109)
        events.append((tick, 1, bytes((0x90 | channel, key, 100))))
        events.append((total if held else tick + 1, 0, bytes((0x80 | channel, key, 0))))
    body, last = bytearray(), 0
    for tick, _, message in sorted(events):
        wait = tick - last
        body += bytes((0x80 | wait >> 14 & 0x7F, 0x80 | wait >> 7 & 0x7F, wait & 0x7F)) + message
        last = tick
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def cpu_seconds() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> None:
    print(describe_machine())
    files = {
        "keys held to the end": write_file(MOST_NOTES, held=True, pedal=False),
        "short keys, pedal down": write_file(MOST_NOTES, held=False, pedal=True),
        "short keys": write_file(MOST_NOTES, held=False, pedal=False),
        "fifteen times too many notes": write_file(15 * MOST_NOTES, held=False, pedal=False),
    }
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(Path(folder, "prepared"))
        for name, data in files.items():
            path = Path(folder, "clip.mid")
            path.write_bytes(data)
            begun, spent = time.perf_counter(), cpu_seconds()
            try:
                told = f"a clip of {shop.clip(path).facts.duration_seconds:.1f} s"
            except ClipRefused as refused:
                told = f"refused: {refused}"
            print(
                f"{name:30} {time.perf_counter() - begun:6.1f} s, {cpu_seconds() - spent:6.1f} s CPU, {told}",
                flush=True,
            )


if __name__ == "__main__":
    main()
