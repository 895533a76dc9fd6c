"""A canvas with a painter's means: washes, glows, brush strokes and shapes, all seeded and anti-aliased."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
Path = NDArray[np.float64]
_Put = Callable[[ImageDraw.ImageDraw, Any, float], None]  # draws with an ink at a scale

WIDTH: Final = 1024
HEIGHT: Final = 768
_FINE: Final = 2  # painted at twice the size and shrunk, which is what smooths the edges


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Colour between `first` (share 0) and `second` (share 1).

    Examples
    --------
    >>> mix((0, 0, 0), (255, 255, 255), 0.2)
    (51, 51, 51)
    """
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Canvas:
    """A picture of 1024 × 768 in the making. Coordinates are shares of width and height, 0…1, from top left."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.width, self.height = WIDTH * _FINE, HEIGHT * _FINE
        self.image = Image.new("RGB", (self.width, self.height))

    # Grounds

    def wash(self, stops: Sequence[Colour], *, angle: float = 90.0, drift: float = 0.08, scale: int = 4) -> None:
        """Fill with a gradient through `stops`; `angle` 90 runs downwards; `drift` lets it wander like paint."""
        y, x = np.mgrid[0 : self.height : 4, 0 : self.width : 4]
        x, y = x / self.width - 0.5, y / self.height - 0.5
        turn = np.deg2rad(angle)
        along = x * np.cos(turn) + y * np.sin(turn)
        reach = (abs(np.cos(turn)) + abs(np.sin(turn))) / 2
        place = np.clip(along / (2 * reach) + 0.5 + drift * (self.clouds(along.shape, scale) - 0.5) * 2, 0, 1)
        marks = np.linspace(0, 1, len(stops))
        bands = [np.interp(place, marks, [stop[band] for stop in stops]) for band in range(3)]
        small = Image.fromarray(np.stack(bands, axis=-1).astype(np.uint8))
        self.image = small.resize((self.width, self.height), Image.Resampling.BICUBIC)

    def clouds(self, shape: tuple[int, ...], scale: int = 4, octaves: int = 4) -> NDArray[np.float64]:
        """Smooth noise on 0…1 of `shape`; `scale` is the number of clouds across."""
        total, weight = np.zeros(shape), 0.0
        for octave in range(octaves):
            cells = scale * 2**octave
            grid = self.random.random((cells + 2, cells + 2)).astype(np.float32)
            layer = Image.fromarray(grid).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
            total += np.asarray(layer, dtype=np.float64) / 2**octave
            weight += 1 / 2**octave
        total /= weight
        low, high = total.min(), total.max()
        scaled: NDArray[np.float64] = (total - low) / max(float(high - low), 1e-9)
        return scaled

    def mottle(self, colour: Colour, strength: float, *, scale: int = 4, sharpness: float = 2.0) -> None:
        """Let cloudy patches of `colour` show through."""
        clouds = self.clouds((self.height // 4, self.width // 4), scale) ** sharpness
        mask = Image.fromarray((clouds * 255 * strength).astype(np.uint8))
        self._lay(mask.resize((self.width, self.height), Image.Resampling.BICUBIC), colour)

    # Light

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float = 1.0, *, fall: float = 2.0) -> None:
        """Add light: brightest at `centre`, gone at `radius` (a share of the height)."""
        y, x = np.mgrid[0 : self.height : 4, 0 : self.width : 4]
        distance = np.hypot(x - centre[0] * self.width, y - centre[1] * self.height) / (radius * self.height)
        light = np.clip(1 - distance, 0, 1) ** fall * strength
        small = Image.fromarray((light[..., None] * np.array(colour)).clip(0, 255).astype(np.uint8))
        self.image = ImageChops.screen(self.image, small.resize(self.image.size, Image.Resampling.BICUBIC))

    def darken_corners(self, strength: float) -> None:
        """Vignette: the corners lose `strength` of their light."""
        y, x = np.mgrid[0 : self.height : 4, 0 : self.width : 4]
        distance = np.hypot(x / self.width - 0.5, y / self.height - 0.5) / 0.7071
        mask = Image.fromarray((distance**2.4 * strength * 255).clip(0, 255).astype(np.uint8))
        self._lay(mask.resize(self.image.size, Image.Resampling.BICUBIC), (0, 0, 0))

    # Shapes

    def polygon(
        self, points: Sequence[Point] | Path, colour: Colour, opacity: float = 1.0, *, blur: float = 0.0
    ) -> None:
        """Fill a polygon; `blur` is a share of the height."""
        corners = np.asarray(points, dtype=float) * [self.width, self.height]
        self._paint(
            lambda draw, ink, scale: draw.polygon([tuple(corner) for corner in corners * scale], fill=ink),
            colour,
            opacity,
            blur,
        )

    def disc(self, centre: Point, radius: float, colour: Colour, opacity: float = 1.0, *, blur: float = 0.0) -> None:
        """Fill a circle; `radius` and `blur` are shares of the height."""
        box = self._box(centre, radius)
        self._paint(
            lambda draw, ink, scale: draw.ellipse([side * scale for side in box], fill=ink), colour, opacity, blur
        )

    def ring(
        self,
        centre: Point,
        radius: float,
        width: float,
        colour: Colour,
        opacity: float = 1.0,
        *,
        start: float = 0.0,
        end: float = 360.0,
    ) -> None:
        """Draw a circle's line, or the arc between two angles in degrees."""
        ink = (*colour, round(255 * opacity))
        pixels = max(1, round(width * self.height))
        ImageDraw.Draw(self.image, "RGBA").arc(self._box(centre, radius), start, end, fill=ink, width=pixels)

    def line(self, path: Path, width: float, colour: Colour, opacity: float = 1.0) -> None:
        """Draw a line of even width through `path`, an array of points."""
        points = [(x * self.width, y * self.height) for x, y in path]
        ink, pixels = (*colour, round(255 * opacity)), max(1, round(width * self.height))
        ImageDraw.Draw(self.image, "RGBA").line(points, fill=ink, width=pixels, joint="curve")

    def stroke(self, path: Path, width: float, colour: Colour, opacity: float = 0.9, *, taper: bool = True) -> None:
        """Draw a brush stroke: bristles side by side, each a little lighter, darker, shorter or drier."""
        points = path * [self.width, self.height]
        along = np.gradient(points, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], axis=1)
        across /= np.maximum(np.hypot(*across.T), 1e-9)[:, None]
        pressure = np.sin(np.linspace(0.12, np.pi - 0.05, len(points))) ** 0.5 if taper else np.ones(len(points))
        half, draw = width * self.height / 2, ImageDraw.Draw(self.image, "RGBA")
        bristles = max(4, round(half / 2.2))
        for offset in self.random.permutation(np.linspace(-1, 1, bristles)):
            first, last = self._bristle_ends(len(points), abs(offset))
            shade = mix(
                colour,
                (255, 255, 255) if self.random.random() < 0.5 else (0, 0, 0),
                float(self.random.random()) ** 2 * 0.22,
            )
            ink = (*shade, round(255 * opacity * float(self.random.uniform(0.55, 1.0))))
            bristle = points + across * (offset * half * pressure)[:, None]
            draw.line(
                [tuple(point) for point in bristle[first:last]],
                fill=ink,
                joint="curve",
                width=max(1, round(2 * half / bristles * float(self.random.uniform(1.0, 2.2)))),
            )

    def _bristle_ends(self, count: int, edge: float) -> tuple[int, int]:
        ragged = count * (0.03 + 0.12 * edge)
        first = int(self.random.uniform(0, ragged))
        return first, max(first + 2, count - int(self.random.uniform(0, ragged * 1.6)))

    # Finish

    def finish(self, *, grain: float = 2.2) -> bytes:
        """Shrink, add a fine paper grain, and encode as PNG."""
        picture = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        noise = self.random.normal(0.0, grain, (HEIGHT, WIDTH, 1))
        pixels = (np.asarray(picture, dtype=np.float64) + noise).round().clip(0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
        return buffer.getvalue()

    # Within

    def _box(self, centre: Point, radius: float) -> tuple[float, float, float, float]:
        x, y, reach = centre[0] * self.width, centre[1] * self.height, radius * self.height
        return (x - reach, y - reach, x + reach, y + reach)

    def _paint(self, put: _Put, colour: Colour, opacity: float, blur: float) -> None:
        if blur <= 0:
            put(ImageDraw.Draw(self.image, "RGBA"), (*colour, round(255 * opacity)), 1.0)
            return
        mask = Image.new("L", (self.width // 4, self.height // 4))  # what is blurred needs no fine mask
        put(ImageDraw.Draw(mask), round(255 * opacity), 0.25)
        soft = mask.filter(ImageFilter.GaussianBlur(blur * self.height / 4))
        self._lay(soft.resize(self.image.size, Image.Resampling.BICUBIC), colour)

    def _lay(self, mask: Image.Image, colour: Colour) -> None:
        self.image.paste(colour, (0, 0, self.width, self.height), mask)
