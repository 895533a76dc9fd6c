"""How attributes of different units become comparable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from survey.teaching.arrays import Floats, as_floats


@dataclass(frozen=True, slots=True)
class Scale:
    """z = (x − middle) / width of every attribute.

    Parameters
    ----------
    names : tuple of str
        Of the A attributes.
    middle, width : array of float, shape (A,)
        In each attribute's own unit; widths above 0. The model's prior takes a weight per width as equally likely of
        every attribute, so that a width should be what attributes differ by from clip to clip.

    Raises
    ------
    ValueError
        When the shapes differ, a number is not finite, or a width is 0 or less.

    Examples
    --------
    >>> scale = Scale.of(("tempo", "mode"), np.array([[60.0, 1.0], [100.0, 1.0]]))
    >>> scale.width.tolist(), scale.to_z(np.array([120.0, 1.0])).tolist()
    ([20.0, 1.0], [2.0, 0.0])
    """

    names: tuple[str, ...]
    middle: Floats
    width: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "middle", as_floats(self.middle))
        object.__setattr__(self, "width", as_floats(self.width))
        if not self.middle.shape == self.width.shape == (len(self.names),):
            raise ValueError(f"{len(self.names)} names, but {self.middle.shape} middles and {self.width.shape} widths.")
        if not (np.isfinite(self.middle).all() and np.isfinite(self.width).all() and (self.width > 0).all()):
            raise ValueError("Middles and widths must be finite, and widths above 0.")

    @classmethod
    def of(cls, names: tuple[str, ...], attributes: Floats) -> Scale:
        """Return mean and standard deviation of clips, shape (K, A); without NaN; what never varies has width 1.

        Raises
        ------
        ValueError
            When an attribute was measured of no clip.
        """
        measured = np.isfinite(attributes)
        if not measured.any(axis=0).all():
            raise ValueError("An attribute was measured of no clip.")
        known = np.where(measured, attributes, np.nan)
        middle, width = np.nanmean(known, axis=0), np.nanstd(known, axis=0)
        # A constant's standard deviation can come out as rounding error instead of 0.
        return cls(names, middle, np.where(width > 1e-9 * np.maximum(np.abs(middle), 1e-9), width, 1.0))

    def to_z(self, attributes: Floats) -> Floats:
        """Return (x − middle) / width; the last axis is attributes."""
        z: Floats = (attributes - self.middle) / self.width
        return z
