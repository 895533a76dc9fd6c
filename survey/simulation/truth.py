"""What simulated listeners hear: a confusion matrix, from a file or the default one."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from generation.emotions import SLUGS

Truth = Mapping[str, Mapping[str, float]]
HIT = 0.6
CONFUSED = 0.15
# Weak categories of music and what they are taken for.
NEIGHBOURS = {
    "amusement": "excitement",
    "excitement": "amusement",
    "contentment": "awe",
    "awe": "contentment",
    "anger": "fear",
    "fear": "anger",
    "disgust": "anger",
    "sadness": "contentment",
}


class TruthRefused(ValueError):
    """What simulated people are to hear or to answer, where it cannot be used; the message says why."""


def default_truth(choices: Sequence[str]) -> Truth:
    """Each emotion is recognised with .6, taken for its neighbour with .15, the rest evenly."""
    truth: dict[str, dict[str, float]] = {}
    for emotion in SLUGS:
        shares = {emotion: HIT, NEIGHBOURS[emotion]: CONFUSED}
        offered = {slug: shares.get(slug, 0.0) for slug in choices}
        others = [slug for slug in choices if slug not in shares]
        rest = 1.0 - sum(offered.values())
        for slug in others:
            offered[slug] = rest / len(others)
        truth[emotion] = _scaled(offered)
    return truth


def read_truth(path: Path, choices: Sequence[str]) -> Truth:
    """A CSV file: first column the intended emotion, one column per answer, any positive numbers."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    if len(rows) < 2:
        raise TruthRefused(f"{path} holds no matrix: a header and one row per emotion are needed.")
    header = [cell.strip() for cell in rows[0][1:]]
    unknown = sorted(set(header) - set(choices))
    if unknown:
        raise TruthRefused(f"{path}, line 1: the study offers no answer called {', '.join(unknown)}.")
    return {row[0].strip(): _read_row(path, line, header, row[1:]) for line, row in enumerate(rows[1:], 2)}


def _read_row(path: Path, line: int, header: Sequence[str], cells: Sequence[str]) -> dict[str, float]:
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError as error:
        raise TruthRefused(f"{path}, line {line}: {error}.") from error
    if len(numbers) != len(header) or min(numbers) < 0 or sum(numbers) <= 0:
        raise TruthRefused(f"{path}, line {line}: {len(header)} numbers that are not negative are needed.")
    return _scaled(dict(zip(header, numbers, strict=True)))


def _scaled(shares: Mapping[str, float]) -> dict[str, float]:
    total = sum(shares.values())
    return {slug: share / total for slug, share in shares.items()}


def read_strengths(text: str, cells: Sequence[str]) -> dict[str, float]:
    """``Music only · muse=.5,Music only · paper=-.5`` as log-odds; half a unit apart where nothing is said.

    >>> read_strengths("", ["a", "b", "c"]), read_strengths("a=1", ["a", "b"])
    ({'a': 0.5, 'b': 0.0, 'c': -0.5}, {'a': 1.0, 'b': 0.0})
    """
    if not text:
        middle = (len(cells) - 1) / 2
        return {name: (middle - place) / 2 for place, name in enumerate(cells)}
    strengths = dict.fromkeys(cells, 0.0)
    for part in text.split(","):
        name, _, number = part.rpartition("=")
        if name.strip() not in strengths:
            raise TruthRefused(f"{name.strip()!r} is no cell of the study; there are: {', '.join(cells)}.")
        try:
            strengths[name.strip()] = float(number)
        except ValueError as error:
            raise TruthRefused(f"The strength of {name.strip()} is {number!r}; write a number of log-odds.") from error
    return strengths


def preferred(strength: float, other: float) -> float:
    """How often one is chosen over another, by Bradley and Terry's law.

    >>> preferred(0.5, -0.5), preferred(0.0, 0.0)
    (0.7310585786300049, 0.5)
    """
    return 1 / (1 + math.exp(other - strength))


def draw_answer(truth: Truth, emotion: str, offered: Sequence[str], rng: random.Random) -> str:
    """What somebody answers who hears `emotion`; among `offered` alone."""
    shares = truth.get(emotion, {})
    weights = [shares.get(slug, 0.0) for slug in offered]
    if not sum(weights):
        return rng.choice(list(offered))
    return rng.choices(list(offered), weights)[0]
