"""What returns in a planned form: motives and phrases of the melody, figures of the accompaniment."""

from __future__ import annotations

import numpy as np

from generation.music.planned_form import Manner, Phrase, Return


def plan_returns(phrases: tuple[Phrase, ...], random: np.random.Generator) -> list[Return]:
    """Which bars take up earlier ones: motives within a phrase, phrases within the piece; cadences are new."""
    found: list[Return] = []
    first: dict[str, Phrase] = {}
    for phrase in phrases:
        earlier = first.setdefault(phrase.letter, phrase)
        for offset in range(phrase.bars - 1):
            manner = _choose_manner(offset, phrase is earlier, phrase.letter, random)
            if manner is None or offset >= earlier.bars - 1:
                continue
            if manner == "exact" and offset == phrase.bars - 2:
                manner = "rhythm"  # the cadence begins here, over chords of its own
            source = earlier.start + offset
            if phrase is earlier:
                source = phrases[0].start if phrase.letter == "B" and offset == 0 else phrase.start
            found.append(Return(phrase.start + offset, source, manner))
    return found


def plan_figures(
    chords: list[int], basses: list[int], beats: int, ostinato: float, random: np.random.Generator
) -> list[Return]:
    """Which bars keep an earlier accompaniment: over the same chords as it was, over others in its rhythm."""
    harmony = [
        tuple(zip(chords[at : at + beats], basses[at : at + beats], strict=True)) for at in range(0, len(chords), beats)
    ]
    found = []
    for bar in range(1, len(harmony) - 1):
        same = [source for source in range(bar) if harmony[source] == harmony[bar]]
        if same and random.random() < ostinato:
            found.append(Return(bar, same[-1], "exact"))
        elif random.random() < ostinato:
            found.append(Return(bar, bar - 1, "rhythm"))
    return found


def _choose_manner(offset: int, new: bool, letter: str, random: np.random.Generator) -> Manner | None:
    """How a bar returns; the chances are judgement."""
    chance: dict[Manner, float]
    if not new:
        chance = {"exact": 0.85, "rhythm": 0.15} if offset < 2 else {"exact": 0.3, "rhythm": 0.4}
    elif offset == 0:
        chance = {"inversion": 0.25, "rhythm": 0.35} if letter == "B" else {}
    else:
        chance = (
            {"rhythm": 0.3, "sequence": 0.25, "inversion": 0.05} if offset == 1 else {"rhythm": 0.25, "sequence": 0.15}
        )
    drawn = random.random()
    for manner, share in chance.items():
        drawn -= share
        if drawn < 0:
            return manner
    return None
