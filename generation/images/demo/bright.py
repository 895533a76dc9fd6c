"""The four paintings of positive valence: light grounds or inner light, rounded forms, clear colour.

Brightness and saturation follow Valdez & Mehrabian (1994): pleasure rises with both, arousal with saturation
and falls with brightness; round forms please more than pointed ones (Bar & Neta 2006).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generation.images.demo.canvas import Canvas, Colour, Path, Point, mix
from generation.images.demo.paths import below, curve, petal, shift, wave

_PARTY: tuple[Colour, ...] = (
    (244, 93, 72),
    (255, 183, 3),
    (33, 158, 188),
    (142, 202, 76),
    (239, 120, 170),
    (123, 97, 200),
    (255, 140, 66),
)


def paint_amusement(canvas: Canvas) -> None:
    """Bouncing balls, arcs and squiggles on a warm pale ground."""
    random = canvas.random
    canvas.wash([(255, 246, 224), (255, 229, 196), (253, 214, 200)], angle=float(random.uniform(40, 140)))
    colours = random.permutation(np.array(_PARTY))
    for index, place in enumerate(_spread(random, 7, 0.26)):
        colour = _ink(colours, index)
        canvas.polygon(petal(place, float(random.uniform(0.12, 0.24)), 0.16, 3, random), colour, 0.9)
    for index in range(5):
        y, phase = float(random.uniform(0.1, 0.9)), float(random.uniform(0, 6))
        left = float(random.uniform(-0.1, 0.55))
        squiggle = wave(left, left + float(random.uniform(0.35, 0.6)), y, 0.030, 5, phase, 400)
        canvas.stroke(squiggle, 0.022, _ink(colours, index + 3), 0.95, taper=False)
    for index, place in enumerate(_spread(random, 12, 0.17)):
        _toy(canvas, place, _ink(colours, index + 2), _ink(colours, index + 4))
    for index in range(90):
        place = (float(random.random()), float(random.random()))
        canvas.disc(place, float(random.uniform(0.003, 0.010)), _ink(colours, index), 0.9)


def _toy(canvas: Canvas, place: Point, first: Colour, second: Colour) -> None:
    """A striped ball, a rainbow of arcs, or a ring with a dot."""
    random, radius = canvas.random, float(canvas.random.uniform(0.045, 0.095))
    kind = random.integers(3)
    if kind == 0:
        canvas.disc((place[0] + 0.006, place[1] + 0.012), radius, (120, 80, 60), 0.30, blur=0.008)
        canvas.disc(place, radius, first)
        canvas.disc((place[0] - 0.25 * radius, place[1] - 0.33 * radius), radius * 0.34, (255, 255, 255), 0.55)
    elif kind == 1:
        start = float(random.uniform(0, 360))
        for step, colour in enumerate((first, second, mix(first, second, 0.5))):
            canvas.ring(place, radius * (1.2 - 0.3 * step), radius * 0.2, colour, start=start, end=start + 190)
    else:
        canvas.ring(place, radius, radius * 0.28, first)
        canvas.disc(place, radius * 0.36, second)


def paint_awe(canvas: Canvas) -> None:
    """A vast sky with haloes of light above a low, dark range."""
    random = canvas.random
    canvas.wash([(10, 14, 48), (34, 32, 96), (98, 66, 140), (226, 142, 128), (255, 214, 150)], drift=0.05)
    canvas.mottle((120, 150, 220), 0.32, scale=3, sharpness=3)
    sun = (float(random.uniform(0.3, 0.7)), float(random.uniform(0.66, 0.74)))
    canvas.glow(sun, 1.0, (255, 170, 110), 0.75)
    canvas.glow(sun, 0.34, (255, 226, 180), 1.0, fall=1.6)
    for _ in range(16):
        angle = float(random.uniform(np.pi * 1.04, np.pi * 1.96))
        tip = (sun[0] + 1.5 * np.cos(angle), sun[1] + 2.0 * np.sin(angle))
        side = float(random.uniform(0.02, 0.07))
        ray = [sun, (tip[0] - side, tip[1]), (tip[0] + side, tip[1])]
        canvas.polygon(ray, (255, 224, 190), 0.07, blur=0.012)
    for radius in np.geomspace(0.2, 1.05, 6):
        canvas.ring(sun, float(radius), 0.0022, (255, 236, 214), 0.34)
    for _ in range(240):
        place = (float(random.random()), float(random.random()) ** 1.7 * 0.62)
        canvas.disc(place, float(random.uniform(0.0006, 0.0022)), (255, 250, 240), float(random.uniform(0.4, 1)))
    for step, colour in enumerate(((122, 78, 122), (74, 50, 98), (38, 28, 66), (14, 12, 34))):
        ridge = _mountains(random, 0.78 + 0.055 * step, 0.075 - 0.01 * step)
        canvas.polygon(below(ridge), colour, 0.95)


def _mountains(random: np.random.Generator, height: float, relief: float) -> Path:
    """A ridge line by midpoint displacement."""
    line = random.normal(0, relief, 3)
    for step in range(7):
        middle = (line[1:] + line[:-1]) / 2 + random.normal(0, relief / 1.9 ** (step + 1), len(line) - 1)
        line = np.insert(line, np.arange(1, len(line)), middle)
    return np.stack([np.linspace(-0.1, 1.1, len(line)), height + line], axis=1)


def paint_contentment(canvas: Canvas) -> None:
    """Soft layered hills under a mild sun, in unhurried horizontal strokes."""
    random = canvas.random
    canvas.wash([(190, 221, 230), (224, 236, 222), (250, 238, 206), (252, 226, 190)], drift=0.05)
    sun = (float(random.uniform(0.22, 0.78)), float(random.uniform(0.24, 0.32)))
    canvas.glow(sun, 0.55, (255, 226, 170), 0.55)
    canvas.disc(sun, 0.075, (255, 240, 208), 0.95, blur=0.004)
    for _ in range(7):
        y, left = float(random.uniform(0.08, 0.4)), float(random.uniform(-0.2, 0.8))
        cloud = wave(left, left + float(random.uniform(0.25, 0.5)), y, 0.006, 1.2, float(random.uniform(0, 6)))
        canvas.stroke(cloud, float(random.uniform(0.02, 0.05)), (255, 250, 240), 0.42)
    far, near = (178, 206, 190), (72, 122, 88)
    for step in range(6):
        share = step / 5
        ridge = wave(
            -0.1, 1.1, 0.47 + 0.085 * step, 0.028, float(random.uniform(0.5, 0.9)), float(random.uniform(0, 6))
        )
        colour = mix(far, near, share)
        canvas.polygon(below(ridge), colour, 1.0)
        _comb_hill(canvas, ridge, colour, share)


def _comb_hill(canvas: Canvas, ridge: Path, colour: Colour, share: float) -> None:
    """Strokes along a hill, lighter and warmer towards its ridge."""
    random = canvas.random
    for row in range(5):
        light = mix(mix(colour, (250, 232, 168), 0.34), colour, row / 5)
        for _ in range(5):
            first = int(random.integers(0, len(ridge) - 40))
            part = shift(ridge[first : first + int(random.integers(25, 60))], 0.0, 0.008 + 0.015 * row)
            canvas.stroke(part, 0.010 + 0.006 * share, light, 0.4)


def paint_excitement(canvas: Canvas) -> None:
    """Strokes flying outward from a burst of light in hot colours."""
    random = canvas.random
    canvas.wash([(64, 14, 96), (176, 22, 104), (236, 66, 62)], angle=float(random.uniform(20, 70)), drift=0.14)
    centre = (float(random.uniform(0.36, 0.64)), float(random.uniform(0.42, 0.62)))
    canvas.glow(centre, 0.9, (255, 150, 40), 0.85)
    hot: tuple[Colour, ...] = (
        (255, 209, 32),
        (255, 122, 24),
        (255, 52, 92),
        (255, 84, 190),
        (48, 202, 232),
        (255, 244, 190),
    )
    for index in range(120):
        angle = float(random.uniform(0, 2 * np.pi))
        inner, outer = float(random.uniform(0.06, 0.32)), float(random.uniform(0.3, 0.95))
        bend = float(random.uniform(-0.28, 0.28))
        path = curve(*(_around(centre, inner + (outer - inner) * t, angle + bend * t * t) for t in (0, 0.5, 1)))
        width = float(random.uniform(0.006, 0.034)) * (0.5 + outer)
        canvas.stroke(path, width, hot[index % len(hot)], 0.88)
    canvas.glow(centre, 0.34, (255, 244, 200), 1.0, fall=1.5)
    for index in range(150):
        place = _around(centre, float(random.uniform(0.12, 0.9)), float(random.uniform(0, 2 * np.pi)))
        canvas.disc(place, float(random.uniform(0.002, 0.009)), hot[index % len(hot)], 0.95)


def _around(centre: Point, distance: float, angle: float) -> Point:
    return (centre[0] + 0.75 * distance * float(np.cos(angle)), centre[1] + distance * float(np.sin(angle)))


def _ink(colours: NDArray[np.int64], index: int) -> Colour:
    red, green, blue = (int(band) for band in colours[index % len(colours)])
    return red, green, blue


def _spread(random: np.random.Generator, count: int, apart: float) -> list[Point]:
    """Up to `count` places at least `apart` from each other (dart throwing)."""
    places: list[Point] = []
    for _ in range(400):
        place = (float(random.uniform(0.04, 0.96)), float(random.uniform(0.06, 0.94)))
        if all(np.hypot(place[0] - x, 0.75 * (place[1] - y)) >= apart * 0.8 for x, y in places):
            places.append(place)
        if len(places) == count:
            break
    return places
