"""What a composer declares of itself, what it is asked for, and what it gives back.

Whoever writes a composer needs these names and `generation.music.notes`, and nothing else of MelodyMuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from generation.emotions import Emotion
from generation.music.notes import Performance, Piece

if TYPE_CHECKING:  # declarations are read in every web process, and load no NumPy
    from generation.music.attributes.learned import LearnedTargets

LONGEST_NAME: Final = 40
LONGEST_LABEL: Final = 60
LONGEST_DESCRIPTION: Final = 200
NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

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
    learned : LearnedTargets, optional
        What listeners taught of the attributes each emotion asks for, for composers that work with attributes; None:
        they follow their tables as shipped.

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
    learned: LearnedTargets | None = None

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
class Composer:
    """A composer as it declares itself. Reading a declaration loads nothing that the composer needs to compose.

    Parameters
    ----------
    name : str
        Its name in the database, in addresses, exports and the cells of studies: small letters, digits and single
        hyphens, at most 40 characters. A name once used is never given to another composer.
    label : str
        What people read in lists.
    description : str
        What it does, in one line; lists show ``label: description``.
    load : callable
        Gives the function that composes; called when the first piece is asked for, and never in the web process.
    models : tuple of str
        The kinds of the site's networks that take part; a run remembers which versions served then.
    offered_on_create : bool
        Whether the page to play with offers it; runs offer all.
    deterministic : bool
        Whether the same request always gives the same piece.
    control : bool
        Whether it is there for comparison: music that should not carry the emotion, or not all of it.

    Raises
    ------
    ValueError
        When something cannot be used; the message names the composer and the field.

    Examples
    --------
    >>> hello = Composer("hello", "Hello", "a scale, up and down", load=find_function("hello_composer"))
    >>> hello.line
    'Hello: a scale, up and down'
    >>> Composer("Hello!", "Hello", "a scale", load=find_function("hello_composer"))
    Traceback (most recent call last):
    ...
    ValueError: A composer cannot be called 'Hello!': use small letters a-z, digits and single hyphens, at most 40 \
characters.
    """

    name: str
    label: str
    description: str
    load: Callable[[], Compose]
    models: tuple[str, ...] = ()
    offered_on_create: bool = True
    deterministic: bool = True
    control: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            raise ValueError(
                f"A composer cannot be called {self.name!r}: use small letters a-z, digits and single hyphens, "
                f"at most {LONGEST_NAME} characters."
            )
        for told, longest in (("label", LONGEST_LABEL), ("description", LONGEST_DESCRIPTION)):
            text = getattr(self, told)
            if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > longest:
                raise ValueError(
                    f"The composer {self.name!r} needs a {told} of one line and at most {longest} characters."
                )
        if not callable(self.load):
            raise ValueError(
                f"The composer {self.name!r} needs as load a function that gives the one that composes: "
                "load=lambda: compose, or find_function(...)."
            )
        if not isinstance(self.models, tuple) or not all(isinstance(kind, str) for kind in self.models):
            raise ValueError(f"The composer {self.name!r} needs as models a tuple of texts, such as ('composer',).")
        for told in ("offered_on_create", "deterministic", "control"):
            if not isinstance(getattr(self, told), bool):
                raise ValueError(f"The composer {self.name!r} needs True or False as {told}.")

    @property
    def line(self) -> str:
        """What people read where they choose: label, description, and what they have to know of it."""
        known = (("control", self.control), ("not repeatable", not self.deterministic))
        notes = ", ".join(note for note, holds in known if holds)
        return f"{self.label}: {self.description}" + (f" ({notes})" if notes else "")


@dataclass(frozen=True, slots=True)
class DeferredImport:
    """Imports `module` only when it is called, and gives its `function`."""

    module: str
    function: str

    def __call__(self) -> Compose:
        return cast(Compose, getattr(import_module(self.module), self.function))

    def is_installed(self) -> bool:
        """Whether there is such a module; the module itself is not imported, the packages around it are."""
        try:
            return find_spec(self.module) is not None
        except (ImportError, ValueError):
            return False


def find_function(module: str, function: str = "compose") -> DeferredImport:
    """Return a loader that imports `module` only when it is called, and gives its `function`."""
    return DeferredImport(module, function)
