"""What each emotion asks of the notes: targets, harmony, accompaniment.

Tempo, share of major, density, register, dynamics and articulation are the starting targets per emotion
(bounds after Eerola, Friberg & Bresin 2013, Vieillard et al. 2008, EMelodyGen, EMOPIA). Harmony and
accompaniment, and all of awe and disgust, are judgement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Figure = Literal["pump", "stride", "arpeggio", "tolling", "hammer", "throb", "cluster", "broken"]
Rhythm = Literal["even", "syncopated", "bursts"]
Band = tuple[float, float]
Progression = tuple[str, str, str, str]

CHORDS: Final[dict[str, tuple[int, tuple[int, ...]]]] = {
    "I": (0, (0, 4, 7)),
    "Imaj7": (0, (0, 4, 7, 11)),
    "Isus": (0, (0, 5, 7)),
    "ii": (2, (0, 3, 7)),
    "iii": (4, (0, 3, 7)),
    "IV": (5, (0, 4, 7)),
    "IVadd9": (5, (0, 4, 7, 14)),
    "V": (7, (0, 4, 7)),
    "V7": (7, (0, 4, 7, 10)),
    "vi": (9, (0, 3, 7)),
    "V/V": (2, (0, 4, 7)),
    "V/vi": (4, (0, 4, 7)),
    "bVII": (10, (0, 4, 7)),
    "bVI": (8, (0, 4, 7)),
    "bIII": (3, (0, 4, 7)),
    "bII": (1, (0, 4, 7)),
    "i": (0, (0, 3, 7)),
    "iv": (5, (0, 3, 7)),
    "v": (7, (0, 3, 7)),
    "ii0": (2, (0, 3, 6)),
    "vii0": (11, (0, 3, 6, 9)),
    "#iv0": (6, (0, 3, 6, 9)),
    "i0": (0, (0, 3, 6)),
    "I+": (0, (0, 4, 8)),
    "bVII+": (10, (0, 4, 8)),
    "bVI+": (8, (0, 4, 8)),
    "V+": (7, (0, 4, 8)),
}
"""Chord names to (semitones from the tonic, tones above the root); ``0`` diminished, ``+`` augmented."""


@dataclass(frozen=True, slots=True)
class Style:
    """One emotion's targets and vocabulary.

    `tempo` quarters a minute, `major_share` 0…1, `density` melody notes a second, `centre` MIDI pitch of
    the melody, `velocity` band of the piece's mean, `articulation` held share of the time to the next
    note, `swing` how far velocity follows the frames, `chromatic` whether passing notes leave the scale.
    """

    tempo: Band
    major_share: float
    density: Band
    centre: int
    velocity: Band
    articulation: Band
    rhythm: Rhythm
    figure: Figure
    major: tuple[Progression, ...]
    minor: tuple[Progression, ...]
    major_cadence: tuple[str, str]
    minor_cadence: tuple[str, str]
    bass: int = 40
    swing: float = 3.0
    crescendo: float = 0.0
    chromatic: bool = False
    doubled: bool = False


STYLES: Final[dict[str, Style]] = {
    "amusement": Style(
        (116, 144),
        1.0,
        (4.0, 5.0),
        75,
        (72, 80),
        (0.35, 0.5),
        "syncopated",
        "stride",
        major=(("I", "V/V", "V", "I"), ("I", "vi", "ii", "V7"), ("I", "IV", "V/V", "V7")),
        minor=(("i", "iv", "V", "i"),),
        major_cadence=("V7", "I"),
        minor_cadence=("V", "i"),
        bass=43,
    ),
    "awe": Style(
        (56, 72),
        0.8,
        (1.2, 2.0),
        72,
        (56, 66),
        (0.95, 1.0),
        "even",
        "tolling",
        major=(("I", "bVII", "IV", "I"), ("I", "IV", "bVII", "Isus"), ("Isus", "I", "IV", "bVII")),
        minor=(("i", "bVI", "bIII", "bVII"), ("i", "IV", "bVI", "bVII")),
        major_cadence=("IV", "I"),
        minor_cadence=("bVII", "i"),
        bass=33,
        crescendo=18.0,
    ),
    "contentment": Style(
        (62, 80),
        0.85,
        (1.8, 2.3),
        70,
        (46, 56),
        (0.85, 1.0),
        "even",
        "arpeggio",
        major=(("I", "IVadd9", "I", "vi"), ("Imaj7", "vi", "IVadd9", "I"), ("I", "iii", "IVadd9", "Imaj7")),
        minor=(("i", "bVI", "bIII", "bVII"), ("i", "iv", "bVII", "bIII")),
        major_cadence=("IVadd9", "I"),
        minor_cadence=("iv", "i"),
        bass=43,
    ),
    "excitement": Style(
        (132, 160),
        1.0,
        (4.5, 5.5),
        76,
        (82, 90),
        (0.5, 0.6),
        "even",
        "pump",
        major=(("I", "V", "vi", "IV"), ("I", "IV", "V", "V"), ("vi", "IV", "I", "V")),
        minor=(("i", "bVI", "bIII", "bVII"),),
        major_cadence=("V", "I"),
        minor_cadence=("bVII", "i"),
        bass=40,
        doubled=True,
    ),
    "anger": Style(
        (140, 170),
        0.1,
        (5.0, 6.0),
        64,
        (88, 104),
        (0.4, 0.55),
        "even",
        "hammer",
        major=(("I", "bII", "I", "bVI"),),
        minor=(("i", "bII", "i", "V"), ("i", "bVI", "bII", "i"), ("i", "iv", "bII", "V")),
        major_cadence=("bII", "I"),
        minor_cadence=("bII", "i"),
        bass=33,
        swing=5.0,
        doubled=True,
    ),
    "disgust": Style(
        (72, 92),
        0.1,
        (2.0, 3.0),
        60,
        (66, 78),
        (0.7, 0.8),
        "even",
        "cluster",
        major=(("I+", "bVII+", "bVI+", "V+"),),
        minor=(("i", "bII", "#iv0", "bII"), ("i", "bVII+", "bVI+", "V+"), ("i0", "bII", "i0", "V+")),
        major_cadence=("bII", "I+"),
        minor_cadence=("bII", "i"),
        bass=38,
        swing=4.0,
        chromatic=True,
    ),
    "fear": Style(
        (84, 120),
        0.1,
        (2.5, 3.5),
        61,
        (50, 64),
        (0.6, 0.75),
        "bursts",
        "throb",
        major=(("I+", "#iv0", "I+", "bII"),),
        minor=(("i", "#iv0", "i", "bII"), ("i", "vii0", "bII", "#iv0"), ("i0", "bII", "vii0", "i")),
        major_cadence=("#iv0", "I+"),
        minor_cadence=("vii0", "i"),
        bass=31,
        swing=11.0,
        chromatic=True,
    ),
    "sadness": Style(
        (52, 66),
        0.15,
        (1.2, 1.8),
        64,
        (44, 54),
        (0.8, 0.95),
        "even",
        "broken",
        major=(("I", "vi", "iii", "IV"), ("I", "iii", "vi", "iv")),
        minor=(("i", "bVI", "iv", "i"), ("i", "iv", "bVI", "V"), ("i", "bVII", "bVI", "V")),
        major_cadence=("iv", "I"),
        minor_cadence=("iv", "i"),
        bass=40,
    ),
}
