"""Cues in words: what each is called, and what less and more of it is; and those that were chosen beforehand.

Names without words speak for themselves.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What a cue is called, and what less and more of it is."""

    label: str
    less: str
    more: str


WORDS = {
    "tempo": Words("Tempo", "slower", "faster"),
    "majorness": Words("Major or minor", "more minor", "more major"),
    "density": Words("Note density", "fewer notes", "more notes"),
    "melody_density": Words("Melody density", "sparser melody", "busier melody"),
    "accompaniment_density": Words("Accompaniment density", "sparser accompaniment", "busier accompaniment"),
    "melody_register": Words("Melody register", "lower melody", "higher melody"),
    "bass_register": Words("Bass register", "lower bass", "higher bass"),
    "dynamics": Words("Loudness of touch", "softer touch", "louder touch"),
    "dynamics_spread": Words("Spread of loudness", "more even loudness", "more varied loudness"),
    "dynamics_shape": Words("Growth of loudness", "fading", "growing louder"),
    "articulation": Words("Articulation", "more detached", "more joined"),
    "note_length": Words("Note length", "shorter notes", "longer notes"),
    "chromaticism": Words("Chromatic notes", "fewer chromatic notes", "more chromatic notes"),
    "dissonance": Words("Dissonance", "less dissonant", "more dissonant"),
    "regularity": Words("Regularity of rhythm", "less regular rhythm", "more regular rhythm"),
    "texture": Words("Thickness", "thinner", "thicker"),
    "harmonic_variety": Words("Variety of notes", "fewer different notes", "more different notes"),
    "repetition": Words("Repetition", "less repetition", "more repetition"),
    "pedal": Words("Pedal", "less pedal", "more pedal"),
    "right_pitch": Words("Register of the right hand", "lower right hand", "higher right hand"),
    "velocity_mean": Words("Dynamics", "struck softer", "struck harder"),
    "notes_per_second": Words("Notes per second", "fewer notes per second", "more notes per second"),
    "brightness": Words("Brightness", "darker", "brighter"),
    "colourfulness": Words("Colourfulness", "less colourful", "more colourful"),
    "contrast": Words("Contrast", "less contrast", "more contrast"),
    "saturation": Words("Saturation", "paler", "more saturated"),
    "warmth": Words("Warmth", "cooler colours", "warmer colours"),
    "symmetry": Words("Symmetry", "less symmetric", "more symmetric"),
    "edges": Words("Edges", "fewer edges", "more edges"),
    "texture_homogeneity": Words("Smoothness", "rougher texture", "smoother texture"),
}
EQUATION = ("majorness", "tempo", "melody_register", "dynamics", "articulation", "density", "chromaticism")
"""Cues of the lens model equation, the most important first: mode, tempo, register, dynamics, articulation, density and
note material (after Eerola, Friberg & Bresin 2013, Frontiers in Psychology 4, 487, whose timbre one piano has not)."""

PICTURE_CUES = (
    "brightness",
    "saturation",
    "warmth",
    "contrast",
    "edges",
    "symmetry",
    "colourfulness",
    "texture_homogeneity",
)
"""Cues of pictures, and of their equation, the most important first; chosen before any answer was looked at.

Brightness and saturation tell pleasure and arousal of colours (Valdez & Mehrabian 1994, Journal of Experimental
Psychology: General 123, 394–409), warmth of hue arousal (Wilms & Oberfeld 2018, Psychological Research 82, 896–914);
contrast and edges, as a measure of detail, go with ratings of photographs (Redies et al. 2020, Frontiers in Psychology
11, 953), symmetry with liking (Bertamini, Makin & Pecchinenda 2013, PLoS ONE 8, e68403). Colourfulness is the first
project's, and nearly saturation; smoothness is Haralick's homogeneity (Machajdik & Hanbury 2010, ACM Multimedia).
What the picture network says of a picture is no cue: it gave most pictures their emotion, and would predict itself.
"""


def label_of(cue: str) -> str:
    """Return what a cue is called.

    >>> label_of("dynamics"), label_of("spectral_flux")
    ('Loudness of touch', 'spectral_flux')
    """
    return WORDS[cue].label if cue in WORDS else cue


def direction_of(cue: str, sign: float) -> str:
    """Return more or less of a cue in words.

    >>> direction_of("tempo", -0.4), direction_of("majorness", 1), direction_of("spectral_flux", 0.2)
    ('slower', 'more major', 'more spectral_flux')
    """
    if cue in WORDS:
        return WORDS[cue].more if sign > 0 else WORDS[cue].less
    return f"{'more' if sign > 0 else 'less'} {cue}"
