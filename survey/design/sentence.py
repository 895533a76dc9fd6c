"""A design said in one sentence: the same pictures with the music of some composers, and in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from survey.design.listed import listed

ANYBODY: Final = "*"
"""In place of composers: the music of all of them in one cell."""
HEARD: Final[Mapping[str, str]] = {
    "matched": "with its picture",
    "music_only": "alone, without a picture",
}
SILENCE: Final = "picture_only"
NUMBERS: Final[Mapping[int, str]] = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """Pictures × composers × how music is heard.

    Parameters
    ----------
    music : tuple of str
        Composers, each with cells of its own, or `ANYBODY` alone; empty: no music.
    heard : tuple of str
        Keys of `HEARD`: whether music is heard with its picture, alone, or both.
    silence : bool
        Whether the pictures are also seen without music.
    """

    music: tuple[str, ...] = (ANYBODY,)
    heard: tuple[str, ...] = ("matched",)
    silence: bool = False

    def cells(self) -> dict[str, float]:
        """Return the cells (key → weight) that the sentence asks for, all of one weight.

        Examples
        --------
        >>> Sentence(("muse", "paper"), silence=True).cells()
        {'matched:muse': 1.0, 'matched:paper': 1.0, 'picture_only': 1.0}
        >>> Sentence().cells()
        {'matched': 1.0}
        """
        keys = [kind if name == ANYBODY else f"{kind}:{name}" for kind in self.heard for name in self.music]
        return dict.fromkeys([*keys, *([SILENCE] if self.silence else [])], 1.0)

    def say(self, *, between: bool = False) -> str:
        """Return the design in words, with what each person gets.

        Examples
        --------
        >>> Sentence(("muse", "paper"), silence=True).say()
        'The same pictures with muse, with paper and in silence; everyone gets all three.'
        >>> Sentence(heard=("matched", "music_only")).say(between=True)
        'The pictures with their music, and the music alone; each person gets one of the two.'
        >>> Sentence().say()
        'The pictures with their music; everyone gets it.'
        """
        named = [] if self.music == (ANYBODY,) else list(self.music)
        seen = []
        if "matched" in self.heard and self.music:
            seen += [f"with {name}" for name in named] or ["with their music"]
        if self.silence:
            seen.append("in silence")
        parts = []
        if seen:
            parts.append(f"{'The same' if len(seen) > 1 else 'The'} pictures {listed(seen)}")
        if "music_only" in self.heard and self.music:
            parts.append(f"the music {f'of {listed(named)} ' if named else ''}alone")
        said = ", and ".join(parts) or "Nothing"
        return f"{said[0].upper()}{said[1:]}; {_who_gets(len(self.cells()), between)}."

    def say_pairs(self, topic: str) -> str:
        """Return the design of comparisons in words: two clips of one `topic`, from two of the cells.

        Examples
        --------
        >>> Sentence(("muse", "paper", "neutral")).say_pairs("picture")
        'Two clips of one picture, from two of: muse, paper, neutral.'
        >>> Sentence().say_pairs("intended emotion")
        'Two clips of one intended emotion, from two composers: choose at least two.'
        """
        if self.music == (ANYBODY,) or len(self.music) < 2:
            return f"Two clips of one {topic}, from two composers: choose at least two."
        return f"Two clips of one {topic}, from two of: {', '.join(self.music)}."


def read_sentence(cells: Mapping[str, float]) -> Sentence | None:
    """Return the sentence that says a design; None where no sentence does: weights, mismatched pairs, odd mixtures.

    Parameters
    ----------
    cells : mapping of str to float
        Keys as ``"matched"`` or ``"music_only:paper"``, with weights.

    Examples
    --------
    >>> read_sentence({"matched:muse": 1.0, "picture_only": 1.0})
    Sentence(music=('muse',), heard=('matched',), silence=True)
    >>> read_sentence({"matched": 2.0, "picture_only": 1.0}) is None
    True
    """
    if not cells or len(set(cells.values())) > 1:
        return None
    names: dict[str, set[str]] = {}
    for key in cells:
        kind, _, composer = key.partition(":")
        names.setdefault(kind, set()).add(composer or ANYBODY)
    silence = names.pop(SILENCE, None) is not None
    music = next(iter(names.values()), set())
    sentence = Sentence(tuple(sorted(music)), tuple(kind for kind in HEARD if kind in names), silence)
    return sentence if set(sentence.cells()) == set(cells) else None


def _who_gets(cells: int, between: bool) -> str:
    if cells == 1:
        return "everyone gets it"
    number = NUMBERS.get(cells, cells)
    if between:
        return f"each person gets one of the {number}"
    return "everyone gets both" if cells == 2 else f"everyone gets all {number}"
