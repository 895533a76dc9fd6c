"""Two published headphone tests, synthesised on the spot: they are heard right only with a sound at each ear."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float64]

RATE: Final = 44_100
"""Samples per second."""
TRIALS: Final = 6
"""Trials of either test."""
_NOISE_SECONDS: Final = 1.0
_TONE_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 0.5
_RAMP_SECONDS: Final = 0.1
SECONDS: Final = 3 * _NOISE_SECONDS + 2 * _PAUSE_SECONDS
"""Length of each sound of either test."""
_HUGGINS_HERTZ: Final = 600.0
_HUGGINS_WIDTH: Final = 0.06
_TONE_HERTZ: Final = 200.0
_TONE_SOFTER_DB: Final = -6.0
_LEVEL: Final = 0.1


def make_huggins(target: int, seed: int) -> Sound:
    """Three noises, one of which hides a pitch that only two ears together can hear.

    The noise is the same in both channels; in the target the phase of one channel is turned by 180° within
    600 Hz ± 6 %, which headphones turn into a faint tone (Huggins pitch) and loudspeakers do not.

    Parameters
    ----------
    target : {0, 1, 2}
        Which of the three holds the pitch.
    seed : int
        Draws the noise.

    Returns
    -------
    ndarray, shape (samples, 2)
        Amplitudes within −1…1 at `RATE`.

    References
    ----------
    Milne, A. E., et al. (2021). An online headphone screening test based on dichotic pitch. *Behavior
    Research Methods*, 53, 1551–1562. Six trials, all six right to pass.

    Examples
    --------
    >>> sound = make_huggins(1, seed=3)
    >>> sound.shape[1], round(float(abs(sound).max()), 1) < 1
    (2, True)
    """
    _require_target(target)
    rng = np.random.default_rng(seed)
    return _in_turn([_noise(rng, dichotic=place == target) for place in range(3)])


def make_antiphase(target: int) -> Sound:
    """Three tones of 200 Hz: one in phase and softer, one in phase, one with the channels in antiphase.

    The softer one (−6 dB, the target) is easy to pick with headphones; over loudspeakers the antiphase
    tone cancels in the air and sounds softest.

    Parameters
    ----------
    target : {0, 1, 2}
        Which of the three is the softer one; the antiphase tone follows it.

    Returns
    -------
    ndarray, shape (samples, 2)
        Amplitudes within −1…1 at `RATE`.

    References
    ----------
    Woods, K. J. P., et al. (2017). Headphone screening to facilitate web-based auditory experiments.
    *Attention, Perception, & Psychophysics*, 79, 2064–2072. Six trials, five right to pass.

    Examples
    --------
    >>> sound = make_antiphase(0)
    >>> first, second = abs(sound[:44100]).max(), abs(sound[66150:110250]).max()
    >>> round(float(first / second), 2)
    0.5
    """
    _require_target(target)
    times = np.arange(int(RATE * _TONE_SECONDS)) / RATE
    tone = _ramped(_LEVEL * 2 * np.sin(2 * np.pi * _TONE_HERTZ * times))
    softer = tone * 10 ** (_TONE_SOFTER_DB / 20)
    parts = [np.stack([tone, tone], axis=1) for _ in range(3)]
    parts[target] = np.stack([softer, softer], axis=1)
    parts[(target + 1) % 3] = np.stack([tone, -tone], axis=1)
    return _in_turn(parts)


def to_wav(sound: Sound, rate: int = RATE) -> bytes:
    """Return `sound` (samples × channels) as a 16-bit WAV file of `rate` samples per second.

    Examples
    --------
    >>> to_wav(np.zeros((4, 2)))[:4]
    b'RIFF'
    """
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return stream.getvalue()


def _require_target(target: int) -> None:
    if target not in (0, 1, 2):
        raise ValueError(f"The target is {target}; it must be 0, 1 or 2.")


def _noise(rng: np.random.Generator, *, dichotic: bool) -> Sound:
    samples = int(RATE * _NOISE_SECONDS)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    left = np.fft.irfft(spectrum, samples)
    if dichotic:
        hertz = np.fft.rfftfreq(samples, 1 / RATE)
        low, high = _HUGGINS_HERTZ * (1 - _HUGGINS_WIDTH), _HUGGINS_HERTZ * (1 + _HUGGINS_WIDTH)
        # Turning the sign of a component turns its phase by 180° and leaves its power: each ear alone hears plain
        # noise.
        spectrum = np.where((hertz >= low) & (hertz <= high), -spectrum, spectrum)
    right = np.fft.irfft(spectrum, samples)
    loudest = max(float(np.abs(left).max()), float(np.abs(right).max()))
    return np.stack([_ramped(left), _ramped(right)], axis=1) * (4 * _LEVEL / loudest)


def _ramped(mono: Sound) -> Sound:
    length = int(RATE * _RAMP_SECONDS)
    # A raised cosine: no click that would tell where a sound begins.
    ramp = np.sin(np.linspace(0, np.pi / 2, length)) ** 2
    shaped = mono.copy()
    shaped[:length] *= ramp
    shaped[-length:] *= ramp[::-1]
    return shaped


def _in_turn(parts: Sequence[Sound]) -> Sound:
    pause = np.zeros((int(RATE * _PAUSE_SECONDS), 2))
    pieces = [piece for part in parts for piece in (part, pause)][:-1]
    return np.concatenate(pieces)
