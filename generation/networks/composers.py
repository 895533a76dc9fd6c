"""The composers on offer, and the one way to ask any of them.

This module imports neither TensorFlow nor music21 nor any weights: a composer is loaded when it is first
asked. A new composer is one more line in `COMPOSERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

from generation.emotions import Emotion
from generation.music.notes import Performance, Piece

_NO_PICTURE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ComposeRequest:
    """What a composer is asked for.

    Parameters
    ----------
    emotion : Emotion
        The emotion the music should carry.
    seed : int
        The same request with the same model version always gives the same music.
    valence, arousal, dominance : float, optional
        Coordinates in −1…1 that replace the emotion's own, where a composer can use them.
    picture : mapping of str to float
        What was measured on the picture (brightness, colourfulness, …) and read in it (valence, arousal, …);
        may be empty. Composers that look at it take what they know and leave the rest.
    candidates : int
        How many pieces to choose from, for composers that choose (at least 1).

    Raises
    ------
    ValueError
        When a coordinate lies outside −1…1 or `candidates` is less than 1.
    """

    emotion: Emotion
    seed: int
    valence: float | None = None
    arousal: float | None = None
    dominance: float | None = None
    picture: Mapping[str, float] = field(default_factory=lambda: _NO_PICTURE)
    candidates: int = 8

    def __post_init__(self) -> None:
        for name in ("valence", "arousal", "dominance"):
            value = getattr(self, name)
            if value is not None and not -1.0 <= value <= 1.0:
                raise ValueError(f"{name.capitalize()} must lie between -1 and 1, not {value}.")
        if self.candidates < 1:
            raise ValueError(f"Ask for at least 1 candidate, not {self.candidates}.")


@dataclass(frozen=True, slots=True)
class Composition:
    """What a composer gives back.

    Parameters
    ----------
    piece : Piece
        The score.
    performance : Performance, optional
        How it is played; None where the composer plays straight from the score.
    attributes : dict
        The musical attributes aimed at and reached, as the composer describes them.
    scores : dict
        How the candidates scored; empty for composers that do not choose.
    models : dict
        Which models and versions took part, by kind.
    picture : dict
        What the composer used of the picture and how that moved the music, for JSON; empty where it used nothing.
    """

    piece: Piece
    performance: Performance | None
    attributes: dict[str, Any]
    scores: dict[str, Any]
    models: dict[str, Any]
    picture: dict[str, Any] = field(default_factory=dict)


Compose = Callable[[ComposeRequest], Composition]


@dataclass(frozen=True, slots=True)
class ComposerEntry:
    """A composer on offer: its name, one line for people, and where its function is found."""

    name: str
    description: str
    load: Callable[[], Compose]


def find_function(module: str, function: str = "compose") -> Callable[[], Compose]:
    """Return a loader that imports `module` only when it is called, and gives its `function`."""
    return lambda: cast(Compose, getattr(import_module(module), function))


COMPOSERS: dict[str, ComposerEntry] = {
    entry.name: entry
    for entry in (
        ComposerEntry(
            "paper",
            "The seed paper's way: a network predicts acoustic features, a fixed mapping makes them notes.",
            find_function("generation.networks.paper_composer"),
        ),
        ComposerEntry(
            "muse",
            "Emotion and picture to musical attributes to notes: an event network within a plan, the best of several.",
            find_function("generation.networks.muse_composer"),
        ),
        ComposerEntry(
            "unpictured",
            "Control: a piece of `muse` for the emotion alone, as if there were no picture.",
            find_function("generation.networks.muse_composer", "compose_unpictured"),
        ),
        ComposerEntry(
            "shuffled",
            "Control: a piece of `muse` made for another emotion of a different quadrant.",
            find_function("generation.networks.muse_composer", "compose_shuffled"),
        ),
        ComposerEntry(
            "neutral",
            "Control: a piece of `muse` with all attributes at neutral, whatever the picture.",
            find_function("generation.networks.muse_composer", "compose_neutral"),
        ),
    )
}


def compose(name: str, request: ComposeRequest) -> Composition:
    """Let the composer called `name` write a piece.

    Raises
    ------
    ValueError
        When no composer has that name; the message lists those on offer.
    """
    if name not in COMPOSERS:
        raise ValueError(f"There is no composer {name!r}; choose from: {', '.join(COMPOSERS)}.")
    return COMPOSERS[name].load()(request)
