"""What people's answers to pictures alone taught of a picture network: temperature, bias per emotion, words.

The network itself stays as it was trained; a recalibration names it by its hash and is applied to what it says. It is
kept as a JSON file whose content names its version.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import SLUGS

FORMAT: Final = "melodymuse-recalibration-1"
LEAST: Final = 1e-6
"""Probabilities are kept with six digits; one of 0 counts as this much, so that people can contradict it."""
HOTTEST: Final = 20.0
"""Temperatures lie between 1 / 20 and 20: beyond, every picture would be read alike, or as certain."""
FURTHEST: Final = 5.0
"""No log-odds move further: e⁵ is 148 to 1."""
DIGITS: Final = 6
MOST_CHARACTERS: Final = 200_000
BASE: Final = ("name", "sha256", "version")


@dataclass(frozen=True)
class Recalibration:
    """A correction of a network's probabilities, and where it comes from.

    Parameters
    ----------
    base : mapping of str to str
        ``name``, ``version`` and ``sha256`` (of the manifest) of the network it corrects, and of no other.
    temperature : float
        Divides the logarithms of the probabilities; above 1 the network becomes less sure. 1 changes nothing.
    bias : mapping of str to float
        By an emotion's slug, added to the logarithms; kept with a mean of 0. What is left out is 0.
    words : mapping of str to mapping of str to float, optional
        By the name of a thing the network may see and an emotion's slug: log-odds added where it is seen, times the
        probability it is seen with. The shipped table of words acts through the network; these come on top of it.
    provenance : mapping, optional
        From what this was learned: whatever JSON holds, such as ``studies`` (slugs), ``answers`` and ``log_loss``.

    Raises
    ------
    ValueError
        When something is unknown, no finite number, or too large, or what is told beside does not fit in JSON.

    Examples
    --------
    >>> base = {"name": "muse", "version": "2.0", "sha256": "0" * 64}
    >>> calmer = Recalibration(base, temperature=2.0, words={"volcano": {"fear": 1.0}})
    >>> said = np.array([0.64, 0.16, 0.04, 0.04, 0.04, 0.04, 0.04, 0.0])
    >>> calmer.revise(said, []).round(2).tolist()
    [0.36, 0.18, 0.09, 0.09, 0.09, 0.09, 0.09, 0.0]
    >>> seen = [{"name": "volcano", "probability": 0.9}]
    >>> bool(calmer.revise(said, seen)[SLUGS.index("fear")] > 0.17)
    True
    >>> Recalibration(base, temperature=0.0)
    Traceback (most recent call last):
    ...
    ValueError: A temperature lies between 0.05 and 20, not at 0.0.
    """

    base: Mapping[str, str]
    temperature: float = 1.0
    bias: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", _check_base(self.base))
        temperature = _check_number(self.temperature, "A temperature")
        if not 1.0 / HOTTEST <= temperature <= HOTTEST:
            raise ValueError(f"A temperature lies between {1 / HOTTEST:g} and {HOTTEST:g}, not at {temperature}.")
        object.__setattr__(self, "temperature", round(temperature, DIGITS))
        given = _check_log_odds(self.bias, "bias")
        mean = sum(given.values()) / len(SLUGS)  # a constant cancels: the same correction has one way to be written
        bias = {slug: round(given.get(slug, 0.0) - mean, DIGITS) + 0.0 for slug in SLUGS}
        _check_log_odds(bias, "bias")
        object.__setattr__(self, "bias", MappingProxyType(bias))
        words = {word: _check_log_odds(odds, repr(word)) for word, odds in _check_object(self.words, "words").items()}
        object.__setattr__(
            self, "words", MappingProxyType({word: words[word] for word in sorted(words) if words[word]})
        )
        object.__setattr__(self, "provenance", _check_plain(self.provenance))
        if len(self.to_json()) > MOST_CHARACTERS:
            raise ValueError(f"A recalibration of more than {MOST_CHARACTERS:,} bytes: shorten its provenance.")

    def to_json(self) -> bytes:
        """The file: the same content always gives the same bytes."""
        content = {
            "format": FORMAT,
            "base": dict(self.base),
            "temperature": self.temperature,
            "bias": dict(self.bias),
            "words": {word: dict(odds) for word, odds in self.words.items()},
            "provenance": dict(self.provenance),
        }
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode()

    @cached_property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.to_json()).hexdigest()

    @property
    def version(self) -> str:
        """The base's version, ``+`` and the first digits of the file's SHA-256."""
        return f"{self.base['version'][:24]}+{self.sha256[:10]}"

    def revise(self, probabilities: NDArray[Any], things: Iterable[Mapping[str, Any]]) -> NDArray[np.float64]:
        """What the network should have said: ``softmax(log p / T + bias + Σ probability · words)``.

        Parameters
        ----------
        probabilities : array, shape (8,)
            What it said, in the order of `SLUGS`.
        things : iterable of mapping
            What it saw, with ``name`` and ``probability`` each.
        """
        logits = np.log(np.maximum(np.asarray(probabilities, np.float64), LEAST)) / self.temperature
        logits = logits + np.array(list(self.bias.values()))
        for thing in things:
            odds = self.words.get(thing["name"], {})
            logits = logits + float(thing["probability"]) * np.array([odds.get(slug, 0.0) for slug in SLUGS])
        revised = np.exp(logits - logits.max())
        return np.asarray(revised / revised.sum())


def read_recalibration(raw: bytes) -> Recalibration:
    """Read the file that `Recalibration.to_json` writes.

    Raises
    ------
    ValueError
        When it is no such file, or something in it cannot be used; the message is a sentence.

    Examples
    --------
    >>> given = Recalibration({"name": "muse", "version": "2.0", "sha256": "0" * 64}, 1.5, {"awe": 0.8})
    >>> read_recalibration(given.to_json()) == given
    True
    >>> read_recalibration(b"{}")
    Traceback (most recent call last):
    ...
    ValueError: This is no recalibration: its format is not melodymuse-recalibration-1.
    """
    try:
        content = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"This is no recalibration: {error}.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"This is no recalibration: its format is not {FORMAT}.")
    names = {"format", "base", "temperature", "bias", "words", "provenance"}
    if set(content) != names:
        other = sorted(set(content) ^ names)
        raise ValueError(f"A recalibration has {', '.join(sorted(names))}; here is lacking or unknown: {other[0]!r}.")
    del content["format"]
    return Recalibration(**content)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _check_base(given: Any) -> Mapping[str, str]:
    base = _check_object(given, "base")
    if sorted(base) != list(BASE) or not all(isinstance(value, str) and value for value in base.values()):
        raise ValueError("A recalibration says of its network name, version and sha256, as texts.")
    if len(base["sha256"]) != 64 or set(base["sha256"]) - set("0123456789abcdef"):
        raise ValueError("The sha256 of a network is 64 hexadecimal digits.")
    return MappingProxyType({name: base[name] for name in BASE})


def _check_number(value: Any, told: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{told} is a finite number, not {value!r}.")
    return float(value)


def _check_log_odds(given: Any, told: str) -> dict[str, float]:
    """Log-odds by emotion that are not 0, in the order of `SLUGS`."""
    odds = {}
    for slug, value in _check_object(given, told).items():
        if slug not in SLUGS:
            raise ValueError(f"Log-odds of {told} are given for {slug!r}, which is none of the eight emotions.")
        odds[slug] = round(_check_number(value, f"{slug} of {told}"), DIGITS)
        if abs(odds[slug]) > FURTHEST:
            raise ValueError(f"{slug} of {told} moves by {odds[slug]:g}: at most {FURTHEST:g} is taken.")
    return {slug: odds[slug] for slug in SLUGS if odds.get(slug)}


def _check_object(given: Any, told: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise ValueError(f"A recalibration: {told} must be an object whose keys are texts.")
    return given


def _check_plain(given: Any) -> dict[str, Any]:
    """`given` as it comes back from the file."""
    try:
        text = json.dumps(dict(_check_object(given, "provenance")), allow_nan=False, ensure_ascii=False)
        text.encode("utf-8")
        if "\\u0000" in text:
            raise ValueError("it holds NUL, which no database stores")
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"A recalibration: provenance cannot be written as JSON: {error}.") from None
    plain: dict[str, Any] = json.loads(text)
    return plain
