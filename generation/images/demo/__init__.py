"""Pictures that come with MelodyMuse: one abstract painting for each emotion, and a few free photographs.

The paintings are made here from colour and form, so nothing is downloaded and no licence is owed. The
photographs lie inside the installed scikit-image, whose documentation dedicates each of them to the public
domain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from generation.emotions import Emotion
from generation.images.demo.bright import paint_amusement, paint_awe, paint_contentment, paint_excitement
from generation.images.demo.canvas import Canvas
from generation.images.demo.dark import paint_anger, paint_disgust, paint_fear, paint_sadness
from generation.images.demo.photographs import SamplePhotograph, sample_photographs

__all__ = ["ALT_TEXT", "SamplePhotograph", "describe_painting", "paint", "sample_photographs"]

ALT_TEXT: Final = "An abstract painting."
"""Alternative text that fits every painting; `describe_painting` says what each shows."""
_PAINTINGS: Final[dict[str, tuple[Callable[[Canvas], None], str]]] = {
    "amusement": (paint_amusement, "Abstract painting: coloured balls, arcs and wavy lines on a pale ground."),
    "awe": (paint_awe, "Abstract painting: rings of light in a starry violet sky above a low range of hills."),
    "contentment": (paint_contentment, "Abstract painting: layered green hills under a pale sun."),
    "excitement": (paint_excitement, "Abstract painting: orange, pink and yellow strokes spreading from a centre."),
    "anger": (paint_anger, "Abstract painting: red, orange and black pointed shapes and jagged strokes."),
    "disgust": (paint_disgust, "Abstract painting: green and brown roundish shapes with drops running down."),
    "fear": (paint_fear, "Abstract painting: dark branching lines around a small pale light."),
    "sadness": (paint_sadness, "Abstract painting: thin slanting lines over grey-blue water with a small boat."),
}


def paint(emotion: Emotion, seed: int) -> bytes:
    """Paint the demo picture of `emotion`.

    Parameters
    ----------
    emotion : Emotion
        One of the eight.
    seed : int
        Zero or more; another seed is another picture of the same kind.

    Returns
    -------
    bytes
        A PNG of 1024 × 768, the same for the same seed with the same NumPy and Pillow.
    """
    painter, _ = _PAINTINGS[emotion.slug]
    canvas = Canvas(seed)
    painter(canvas)
    return canvas.finish()


def describe_painting(emotion: Emotion) -> str:
    """Alternative text of the painting: what it shows, without the name of an emotion."""
    return _PAINTINGS[emotion.slug][1]
