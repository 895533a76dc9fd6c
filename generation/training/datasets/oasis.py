"""OASIS: photographs with human norms of valence and arousal, and the rule that turns them into soft labels.

OASIS has no emotion words. `soft_label` spreads each picture over the eight emotions by how near they lie in
the plane of valence and arousal; a small table of themes adds what the plane cannot tell (a spider is
feared, a garbage dump is not). Both are *judgement*: they make a training signal, not human emotion labels.

References
----------
Kurdi, Lozano & Banaji (2017), Introducing the Open Affective Standardized Image Set (OASIS), Behavior
Research Methods 49.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.emotions import EMOTIONS, SLUGS, get_emotion
from generation.training.datasets.samples import LabelledPicture
from generation.training.workplace import TrainingRefused

THEMES: Final = Path(__file__).with_name("oasis_themes.csv")
SCALE_MIDDLE: Final = 4.0
"""Middle of OASIS's scale 1…7."""
SCALE_REACH: Final = 3.0
AROUSAL_MIDDLE: Final = 3.7
"""Where arousal is centred: raters use the lower half of the scale, the mean picture lies near 3.7 (judgement)."""
AROUSAL_REACH: Final = 1.8
"""Distance from the middle that counts as full arousal: about two standard deviations (judgement)."""
SPREAD: Final = 0.40
"""Width of the rule's Gaussian in the plane of valence and arousal (judgement)."""
THEME_WEIGHT: Final = 0.5
"""How much of the label a theme's weak label decides where the table has one (judgement)."""

_COLUMNS: Final = {"theme", "valence_mean", "arousal_mean", "file"}


@dataclass(frozen=True, slots=True)
class Theme:
    """What the table says about a theme: its family (themes that show the same) and a weak label, or none."""

    family: str
    label: NDArray[np.float64] | None


def strip_number(theme: str) -> str:
    """The theme without the picture's number.

    Examples
    --------
    >>> strip_number("Acorns 1"), strip_number("Bungee jumping 12"), strip_number("Acorns")
    ('Acorns', 'Bungee jumping', 'Acorns')
    """
    return re.sub(r"[\s_]+\d+\s*$", "", theme).strip()


def scale_valence(mean: float) -> float:
    """Mean rating 1…7 to −1…1.

    Examples
    --------
    >>> scale_valence(4.0), scale_valence(7.0)
    (0.0, 1.0)
    """
    return (mean - SCALE_MIDDLE) / SCALE_REACH


def scale_arousal(mean: float) -> float:
    """Mean rating 1…7 to about −1…1, centred on what raters use (see `AROUSAL_MIDDLE`), clipped."""
    return float(np.clip((mean - AROUSAL_MIDDLE) / AROUSAL_REACH, -1.0, 1.0))


def soft_label(valence: float, arousal: float, theme: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Probabilities of the eight emotions, in the order of `SLUGS`.

    ``p(e) ∝ exp(−((v − v_e)² + (a − a_e)²) / (2·0.40²))`` with the emotions' coordinates of
    `generation.emotions`; where the theme has a weak label, the mean of that and ``p``.

    Parameters
    ----------
    valence, arousal : float
        Scaled norms on −1…1.
    theme : array of 8, optional
        The theme's weak label.

    Examples
    --------
    >>> label = soft_label(-0.7, -0.55)
    >>> SLUGS[int(label.argmax())], round(float(label.sum()), 9)
    ('sadness', 1.0)
    """
    plane = np.array([(emotion.valence, emotion.arousal) for emotion in EMOTIONS])
    squared = ((plane - [valence, arousal]) ** 2).sum(axis=1)
    near = np.exp(-(squared - squared.min()) / (2 * SPREAD**2))
    label: NDArray[np.float64] = near / near.sum()
    return label if theme is None else (1 - THEME_WEIGHT) * label + THEME_WEIGHT * theme


@cache
def load_themes(path: Path = THEMES) -> dict[str, Theme]:
    """The weak table: theme → family and label. Lines that start with ``#`` are remarks."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {row["theme"]: Theme(row["family"] or row["theme"], _weak(row["emotions"])) for row in csv.DictReader(lines)}


def _weak(text: str) -> NDArray[np.float64] | None:
    """``"fear 2 awe 1"`` as probabilities, or None for an empty cell."""
    words = text.split()
    if not words:
        return None
    label = np.zeros(len(SLUGS))
    for slug, weight in zip(words[::2], words[1::2], strict=True):
        label[SLUGS.index(get_emotion(slug).slug)] = float(weight)
    scaled: NDArray[np.float64] = label / label.sum()
    return scaled


def load_oasis(folder: Path) -> list[LabelledPicture]:
    """Every picture of OASIS in `folder` (``oasis.csv`` and the files it names), grouped by family of themes.

    Raises
    ------
    TrainingRefused
        When the table is missing or lacks a column; the message says which.
    """
    path = folder / "oasis.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = _COLUMNS - set(reader.fieldnames or ())
            rows = list(reader)
    except OSError:
        raise TrainingRefused(f"{path} is missing; give --data the folder that holds oasis.csv.") from None
    if missing:
        raise TrainingRefused(f"{path} lacks the column {', '.join(sorted(missing))}.")
    if not rows:
        raise TrainingRefused(f"{path} has no rows.")
    return [_read_row(folder, row, f"{path}, row {number}") for number, row in enumerate(rows, start=2)]


def _read_row(folder: Path, row: dict[str, str], where: str) -> LabelledPicture:
    try:
        valence, arousal = float(row["valence_mean"]), float(row["arousal_mean"])
    except ValueError:
        raise TrainingRefused(f"{where}: valence_mean and arousal_mean have to be numbers.") from None
    theme = strip_number(row["theme"])
    known = load_themes().get(theme, Theme(theme, None))
    label = soft_label(scale_valence(valence), scale_arousal(arousal), known.label)
    return LabelledPicture(
        path=folder / row["file"],
        label=tuple(float(p) for p in label),
        group=known.family,
        valence=scale_valence(valence),
        arousal=scale_arousal(arousal),
    )
