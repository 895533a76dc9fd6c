"""Where the beats of a played piece fall: tempo, beat times, bar lines.

Recordings of pianists carry no bar lines. The beat is found as Ellis (2007) finds it in audio, on an
envelope of note onsets instead of a spectrogram: autocorrelation weighted by a preferred tempo, then
dynamic programming over beat times. Bar lines are put where bass notes enter and harmony changes.

References
----------
Ellis, D. P. W. (2007). Beat tracking by dynamic programming. *Journal of New Music Research* 36, 51–60.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FRAMES_PER_SECOND: Final = 100
SLOWEST, FASTEST = 50.0, 170.0
"""Range of tempi looked for, in beats per minute."""
PREFERRED_TEMPO: Final = 98.0
"""Centre of the preference; judgement, near the resting tempo of listeners' tapping (100–120) and of pop."""
TEMPO_SPREAD: Final = 0.55
"""Width of the preference in octaves."""
TIGHTNESS: Final = 300.0
"""How dearly a beat that is early or late is paid for (Ellis's alpha)."""


@dataclass(frozen=True, slots=True)
class BeatGrid:
    """Beat times in seconds (at least two, increasing), and which of them starts a bar of four."""

    times: FloatArray
    first_bar: int

    @property
    def tempo(self) -> float:
        """Median tempo in beats per minute.

        >>> BeatGrid(np.array([0.0, 0.5, 1.0]), 0).tempo
        120.0
        """
        return float(60.0 / np.median(np.diff(self.times)))

    def to_beats(self, seconds: FloatArray) -> FloatArray:
        """Place times on the grid, in beats since the first bar line; outside it the edge tempo goes on."""
        times, beats = self.times, np.arange(len(self.times), dtype=np.float64)
        inside = np.interp(seconds, times, beats)
        before = (seconds - times[0]) / (times[1] - times[0])
        after = beats[-1] + (seconds - times[-1]) / (times[-1] - times[-2])
        placed = np.where(seconds < times[0], before, np.where(seconds > times[-1], after, inside))
        return placed - self.first_bar


def track_beats(onsets: FloatArray, pitches: IntArray, velocities: IntArray) -> BeatGrid:
    """Find beats and bar lines of a performance.

    Parameters
    ----------
    onsets : array of float, shape (notes,)
        Seconds, in any order.
    pitches, velocities : array of int, shape (notes,)
        MIDI numbers.

    Returns
    -------
    BeatGrid
        Covers all onsets. With fewer than four onsets a grid of `PREFERRED_TEMPO` is returned.

    Examples
    --------
    >>> onsets = np.arange(0, 16, 0.6)
    >>> grid = track_beats(onsets, np.full(27, 60), np.full(27, 80))
    >>> round(grid.tempo)
    100
    """
    if len(onsets) < 4:
        start = float(onsets.min()) if len(onsets) else 0.0
        return BeatGrid(start + np.arange(9, dtype=np.float64) * (60.0 / PREFERRED_TEMPO), 0)
    envelope, origin = _onset_envelope(onsets, pitches, velocities)
    period = _find_period(envelope)
    frames = _chain_beats(envelope, period)
    times = origin + frames / FRAMES_PER_SECOND
    times = _cover(times, float(onsets.max()), period / FRAMES_PER_SECOND, float(onsets.min()))
    return BeatGrid(times, _find_first_bar(times, onsets, pitches, velocities))


def _onset_envelope(onsets: FloatArray, pitches: IntArray, velocities: IntArray) -> tuple[FloatArray, float]:
    origin = float(onsets.min()) - 0.5
    length = int((onsets.max() - origin + 1.0) * FRAMES_PER_SECOND) + 1
    # Bass notes mark the beat more often than others do.
    weight = velocities * np.where(pitches < 52, 1.5, 1.0)
    envelope = np.bincount(((onsets - origin) * FRAMES_PER_SECOND).round().astype(int), weight, length)
    # Smoothed over 90 ms, as chords are not struck in one frame; the root keeps loud chords from ruling everything.
    envelope = np.sqrt(np.convolve(envelope, np.hanning(9), "same"))
    return envelope / (envelope.std() + 1e-9), origin


def _find_period(envelope: FloatArray) -> float:
    centred = envelope - envelope.mean()
    # Autocorrelation by FFT (Wiener–Khinchin), padded to twice the length so that the end does not wrap into the start.
    size = 1 << (2 * len(centred) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    correlation = np.fft.irfft(spectrum)[: len(centred)]
    # Long lags overlap in fewer frames: the mean product, not the sum.
    correlation = correlation / np.maximum(len(centred) - np.arange(len(centred)), 1)
    lags = np.arange(60.0 / FASTEST, 60.0 / SLOWEST, 0.002) * FRAMES_PER_SECOND
    grid = np.arange(len(correlation))
    # A beat period is supported by its double and fourfold (half bar and bar), the less the longer.
    comb = sum(np.interp(lags * k, grid, correlation, right=0.0) / k for k in (1, 2, 4))
    # Ellis's log-Gaussian weight around the preferred tempo.
    preference = np.exp(-0.5 * (np.log2(60.0 * FRAMES_PER_SECOND / lags / PREFERRED_TEMPO) / TEMPO_SPREAD) ** 2)
    return float(lags[int(np.argmax(np.maximum(comb, 0.0) * preference))])


def _chain_beats(envelope: FloatArray, period: float) -> FloatArray:
    length = len(envelope)
    # Where the beat before may lie: from two periods to half a period back.
    offsets = np.arange(-round(2 * period), -round(period / 2) + 1)
    # Ellis's F: 0 at exactly one period, symmetric in the ratio (twice as late costs as much as twice as early).
    penalty = -TIGHTNESS * np.log(-offsets / period) ** 2
    score = envelope.copy()
    previous = np.full(length, -1)
    for frame in range(-int(offsets[-1]), length):
        candidates = frame + offsets
        usable = candidates >= 0
        values = score[candidates[usable]] + penalty[usable]
        best = int(np.argmax(values))
        # A chain is only continued where it pays; otherwise a new one starts here.
        if values[best] > 0:
            score[frame] += values[best]
            previous[frame] = candidates[usable][best]
    # Backtracking starts at the best score of the last period.
    last = length - int(period) + int(np.argmax(score[length - int(period) :]))
    chain = [last]
    while previous[chain[-1]] >= 0:
        chain.append(int(previous[chain[-1]]))
    return np.array(chain[::-1], dtype=np.float64)


def _cover(times: FloatArray, last: float, period: float, first: float) -> FloatArray:
    if len(times) < 2:
        times = np.array([times[0], times[0] + period])
    before = int(max(0.0, np.ceil((times[0] - first) / period + 1e-6)))
    after = int(max(0.0, np.ceil((last - times[-1]) / period)))
    head = times[0] - period * np.arange(before, 0, -1)
    tail = times[-1] + period * np.arange(1, after + 1)
    return np.concatenate([head, times, tail])


def _find_first_bar(times: FloatArray, onsets: FloatArray, pitches: IntArray, velocities: IntArray) -> int:
    # Onsets belong to the beat before them, those up to 80 ms early to the one they anticipate.
    beat = np.clip(np.searchsorted(times, onsets + 0.08) - 1, 0, len(times) - 1)
    near = np.abs(onsets - times[beat]) < 0.12
    # Per beat: lowest pitch struck on it, loudness struck on it, and pitch classes sounding from it, shape (beats, 12).
    lowest = np.full(len(times), 128.0)
    np.minimum.at(lowest, beat[near], pitches[near].astype(np.float64))
    loud = np.bincount(beat[near], velocities[near], len(times)) / 300.0
    chroma = np.zeros((len(times), 12))
    np.add.at(chroma, (beat, pitches % 12), velocities)
    chroma /= np.linalg.norm(chroma, axis=1, keepdims=True) + 1e-9
    pair = chroma + np.roll(chroma, -1, axis=0)
    before = np.roll(chroma, 1, axis=0) + np.roll(chroma, 2, axis=0)
    # Cosine of the two beats from here on with the two before: harmony changes where it is low.
    similarity = (pair * before).sum(1) / (np.linalg.norm(pair, axis=1) * np.linalg.norm(before, axis=1) + 1e-9)
    evidence = (1.0 - similarity) + np.clip((60.0 - lowest) / 30.0, 0.0, 1.0) + np.minimum(loud, 1.0)
    # The phase of four whose beats have the most evidence on average.
    return int(np.argmax([evidence[phase::4].mean() if len(evidence) > phase else -1.0 for phase in range(4)]))
