"""The four paintings of negative valence: little light, pointed or shapeless forms, harsh or drained colour.

Brightness and saturation follow Valdez & Mehrabian (1994): displeasure is dark and dull, and what is dark and
saturated is arousing; pointed forms are felt as threatening (Bar & Neta 2006).
"""

from __future__ import annotations

import numpy as np

from generation.images.demo.canvas import Canvas, Colour, Path, mix
from generation.images.demo.paths import below, curve, petal, shift, wave, zigzag


def paint_anger(canvas: Canvas) -> None:
    """Red and black shards thrown across the picture, with hard strokes."""
    random = canvas.random
    canvas.wash([(34, 4, 8), (122, 10, 14), (196, 30, 16)], angle=float(random.uniform(-40, 40)), drift=0.2)
    canvas.mottle((10, 2, 4), 0.85, scale=3, sharpness=1.4)
    heart = (float(random.uniform(0.35, 0.65)), float(random.uniform(0.4, 0.6)))
    canvas.glow(heart, 0.6, (255, 74, 20), 0.8)
    reds: tuple[Colour, ...] = ((214, 22, 20), (150, 8, 16), (12, 6, 8), (255, 92, 24), (22, 10, 12), (236, 40, 24))
    for index in range(34):
        angle = float(random.uniform(0, 2 * np.pi))
        inner, length = float(random.uniform(0.03, 0.3)), float(random.uniform(0.3, 1.0))
        spread = float(random.uniform(0.02, 0.10))
        corners = [
            (heart[0] + 0.75 * reach * np.cos(angle + turn), heart[1] + reach * np.sin(angle + turn))
            for reach, turn in ((inner, 0.0), (inner + length, -spread), (inner + length * 0.8, spread))
        ]
        canvas.polygon(corners, reds[index % len(reds)], 0.86)
    for index in range(16):
        y, tilt = float(random.uniform(0, 1)), float(random.uniform(-0.6, 0.6))
        start, end = (float(random.uniform(-0.1, 0.3)), y), (float(random.uniform(0.7, 1.1)), y + tilt)
        path = zigzag(start, end, 0.06, 4, random)
        canvas.stroke(path, float(random.uniform(0.02, 0.06)), reds[(index * 3 + 2) % len(reds)], 0.85)
    for _ in range(70):
        place = (float(random.uniform(0, 1)), float(random.uniform(0, 1)))
        splinter = np.array(place) + random.normal(0, 0.010, (3, 2))
        canvas.polygon(splinter, (255, 150, 70), float(random.uniform(0.4, 0.9)))
    canvas.darken_corners(0.5)


def paint_disgust(canvas: Canvas) -> None:
    """Murky green-brown slime with cells, dripping from the top."""
    random = canvas.random
    canvas.wash([(96, 98, 34), (126, 124, 52), (88, 74, 40), (58, 46, 34)], drift=0.2, scale=3)
    canvas.mottle((152, 158, 52), 0.75, scale=5, sharpness=2.2)
    canvas.mottle((86, 52, 74), 0.6, scale=4, sharpness=3)
    slimes: tuple[Colour, ...] = ((138, 142, 36), (166, 160, 62), (104, 92, 34), (118, 78, 86), (84, 96, 40))
    for index in range(26):
        place = (float(random.random()), float(random.uniform(0.25, 1.05)))
        radius, colour = float(random.uniform(0.03, 0.13)), slimes[index % len(slimes)]
        outline = petal(place, radius, 0.30, 4, random)
        canvas.polygon(shift(outline, 0.006, 0.012), (28, 24, 12), 0.55, blur=0.008)
        canvas.polygon(outline, colour, 0.86)
        canvas.polygon(np.array(place) + (outline - place) * 0.74, mix(colour, (226, 220, 120), 0.28), 0.7)
        canvas.polygon(np.array(place) + (outline - place) * 0.3, mix(colour, (40, 24, 20), 0.6), 0.85)
        spot = (place[0] - radius * 0.32, place[1] - radius * 0.42)
        canvas.disc(spot, radius * 0.12, (244, 244, 200), 0.7, blur=0.002)
    for _ in range(13):
        _drip(canvas, float(random.uniform(0, 1)), float(random.uniform(0.12, 0.62)))
    for _ in range(120):
        place = (float(random.random()), float(random.random()))
        canvas.ring(place, float(random.uniform(0.003, 0.012)), 0.0022, (202, 204, 112), 0.5)
    canvas.darken_corners(0.45)


def _drip(canvas: Canvas, x: float, length: float) -> None:
    """One drop of slime running down from the upper edge, with a light on it."""
    width = float(canvas.random.uniform(0.012, 0.03))
    down = np.linspace(-0.05, length, 50)
    half = width * (0.55 + 0.9 * np.exp(-((down + 0.05) / 0.10)) + 0.75 * np.exp(-(((down - length) / 0.035) ** 2)))
    sway = x + 0.006 * np.sin(9 * down + 40 * x)
    side = np.stack([sway - 0.75 * half, down], axis=1), np.stack([sway + 0.75 * half, down], axis=1)
    bow = np.linspace(np.pi, 0, 24)
    cap = np.stack([sway[-1] + 0.75 * half[-1] * np.cos(bow), length + half[-1] * 1.05 * np.sin(bow)], axis=1)
    outline = np.vstack([side[0], cap, side[1][::-1]])
    canvas.polygon(shift(outline, 0.005, 0.010), (24, 22, 10), 0.5, blur=0.007)
    canvas.polygon(outline, (112, 122, 30), 0.94)
    light = np.stack([sway - 0.35 * half, down], axis=1)[4:-3]
    canvas.line(light, width * 0.22, (206, 212, 108), 0.65)


def paint_fear(canvas: Canvas) -> None:
    """A dark passage with thorny branches closing in on a small cold light."""
    random = canvas.random
    canvas.wash([(4, 6, 14), (10, 18, 30), (16, 30, 42), (6, 10, 18)], drift=0.1)
    light = (float(random.uniform(0.4, 0.6)), float(random.uniform(0.42, 0.55)))
    canvas.glow(light, 0.62, (62, 104, 118), 0.75)
    canvas.glow(light, 0.16, (206, 232, 222), 0.95, fall=1.4)
    canvas.mottle((2, 4, 8), 0.8, scale=4, sharpness=1.6)
    for layer in range(4):
        nearness = layer / 3
        colour = mix((30, 52, 62), (3, 4, 8), nearness)
        for _ in range(9 + 2 * layer):
            side = float(random.choice([-1.0, 1.0]))
            base = (light[0] + side * float(random.uniform(0.14, 0.5)) * (0.7 + 0.8 * nearness), 1.08)
            top = (base[0] + side * float(random.uniform(-0.12, 0.12)), float(random.uniform(-0.15, 0.15)))
            _thorn(canvas, zigzag(base, top, 0.022, 9, random), 0.012 + 0.03 * nearness, colour, side)
    ground = wave(-0.1, 1.1, 0.9, 0.012, 2.2, float(random.uniform(0, 6)))
    canvas.polygon(below(ground), (2, 3, 6), 0.96)
    canvas.mottle((70, 98, 106), 0.30, scale=3, sharpness=3.5)
    canvas.darken_corners(0.85)


def _thorn(canvas: Canvas, spine: Path, width: float, colour: Colour, side: float) -> None:
    """A trunk that thins upwards, with bare twigs that reach for the middle."""
    random = canvas.random
    half = np.linspace(width, width * 0.1, len(spine))[:, None] * [0.4, 0.0]
    canvas.polygon(np.vstack([spine - half, (spine + half)[::-1]]), colour, 0.96)
    for joint in spine[2:-1]:
        if random.random() < 0.8:
            reach = -side * float(random.uniform(0.05, 0.2)) * (0.5 + 12 * width)
            tip = (joint[0] + reach, joint[1] - float(random.uniform(-0.02, 0.14)))
            twig = zigzag((joint[0], joint[1]), tip, 0.010, 6, random)
            thin = np.linspace(width * 0.36, 0.0006, len(twig))[:, None] * [0.3, 0.5]
            canvas.polygon(np.vstack([twig - thin, (twig + thin)[::-1]]), colour, 0.96)


def paint_sadness(canvas: Canvas) -> None:
    """Rain over grey-blue water, with one small form far down."""
    random = canvas.random
    canvas.wash([(92, 104, 120), (116, 126, 138), (138, 144, 150), (84, 96, 110)], drift=0.05)
    canvas.mottle((64, 74, 90), 0.7, scale=3, sharpness=1.7)
    horizon = float(random.uniform(0.66, 0.72))
    water = np.array([(-0.1, horizon), (1.1, horizon), (1.1, 1.1), (-0.1, 1.1)])
    canvas.polygon(water, (66, 78, 94), 0.82, blur=0.006)
    for _ in range(70):
        y = horizon + (1 - horizon) * float(random.random()) ** 0.8
        left, tone = float(random.uniform(-0.2, 0.9)), float(random.random())
        ripple = wave(left, left + float(random.uniform(0.1, 0.4)), y, 0.002, 3, float(random.uniform(0, 6)))
        canvas.stroke(ripple, 0.004 + 0.012 * (y - horizon), mix((50, 62, 80), (146, 154, 164), tone), 0.4)
    _boat(canvas, float(random.uniform(0.24, 0.76)), horizon + 0.075)
    for _ in range(420):
        x, y = float(random.uniform(-0.05, 1.05)), float(random.uniform(-0.1, 1))
        length, near = float(random.uniform(0.03, 0.13)), float(random.random())
        drop = curve((x, y), (x - 0.05 * length, y + length), count=4)
        canvas.line(drop, 0.0008 + 0.0016 * near, (204, 212, 222), 0.10 + 0.16 * near)
    canvas.mottle((178, 186, 194), 0.34, scale=2, sharpness=2.6)
    canvas.darken_corners(0.5)


def _boat(canvas: Canvas, x: float, y: float) -> None:
    """An empty boat and its reflection."""
    hull = curve((x - 0.055, y - 0.020), (x - 0.03, y + 0.012), (x + 0.03, y + 0.012), (x + 0.055, y - 0.020))
    canvas.polygon([(a, 2 * y + 0.03 - b) for a, b in hull], (34, 42, 56), 0.4, blur=0.006)
    canvas.polygon(hull, (30, 36, 48), 0.95)
    canvas.line(hull[[0, -1]], 0.003, (94, 104, 118), 0.8)
