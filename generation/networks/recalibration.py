"""What people's answers to pictures alone taught of a picture network: temperature, bias per emotion, words.

The network itself stays as it was trained; a recalibration names it by its hash and is applied to what it says. It is
kept as a JSON file whose content names its version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import SLUGS
from generation.taught_files import Kind, TaughtFile, is_number

KIND: Final = Kind(
    "melodymuse-recalibration-1",
    ("base", "temperature", "bias", "words", "provenance"),
    none="This is no recalibration",
    has="A recalibration has",
    about="A recalibration",
)
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
class Recalibration(TaughtFile):
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
        if abs(mean) < 10.0**-DIGITS:  # what rounding left: taken off again, the file would not come back as it was
            mean = 0.0
        bias = {slug: round(given.get(slug, 0.0) - mean, DIGITS) + 0.0 for slug in SLUGS}
        _check_log_odds(bias, "bias")
        object.__setattr__(self, "bias", MappingProxyType(bias))
        words = {
            word: _check_log_odds(odds, repr(word)) for word, odds in KIND.check_object(self.words, "words").items()
        }
        object.__setattr__(
            self, "words", MappingProxyType({word: words[word] for word in sorted(words) if words[word]})
        )
        object.__setattr__(self, "provenance", KIND.check_plain(self.provenance, "provenance"))
        if len(self.to_json()) > MOST_CHARACTERS:
            raise ValueError(f"A recalibration of more than {MOST_CHARACTERS:,} bytes: shorten its provenance.")

    def content(self) -> Mapping[str, Any]:
        """Everything in the file."""
        return {
            "format": KIND.format,
            "base": dict(self.base),
            "temperature": self.temperature,
            "bias": dict(self.bias),
            "words": {word: dict(odds) for word, odds in self.words.items()},
            "provenance": dict(self.provenance),
        }

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
    return Recalibration(**KIND.read(raw))


def _check_base(given: Any) -> Mapping[str, str]:
    base = KIND.check_object(given, "base")
    if sorted(base) != list(BASE) or not all(isinstance(value, str) and value for value in base.values()):
        raise ValueError("A recalibration says of its network name, version and sha256, as texts.")
    if len(base["sha256"]) != 64 or set(base["sha256"]) - set("0123456789abcdef"):
        raise ValueError("The sha256 of a network is 64 hexadecimal digits.")
    return MappingProxyType({name: base[name] for name in BASE})


def _check_number(value: Any, told: str) -> float:
    if not is_number(value):
        raise ValueError(f"{told} is a finite number, not {value!r}.")
    return float(value)


def _check_log_odds(given: Any, told: str) -> dict[str, float]:
    """Log-odds by emotion that are not 0, in the order of `SLUGS`."""
    odds = {}
    for slug, value in KIND.check_object(given, told).items():
        if slug not in SLUGS:
            raise ValueError(f"Log-odds of {told} are given for {slug!r}, which is none of the eight emotions.")
        odds[slug] = round(_check_number(value, f"{slug} of {told}"), DIGITS)
        if abs(odds[slug]) > FURTHEST:
            raise ValueError(f"{slug} of {told} moves by {odds[slug]:g}: at most {FURTHEST:g} is taken.")
    return {slug: odds[slug] for slug in SLUGS if odds.get(slug)}
