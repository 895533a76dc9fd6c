"""How large what a study stores may be: declared once, as validators of the models' fields.

Forms ask them (`limits_of`), publishing does (`broken_limits`), and wherever a number is used it is held within them
(`held`): a study that was published before its field had a limit goes on without breaking anybody's participation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Field, Model

LONGEST_TEXT: Final = 20_000
"""Characters of a text that participants read; some thirty pages."""
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
HEAVIEST: Final = 100.0
"""Times the weight of another cell."""
MOST_COUNTED: Final = 10_000
"""Where a counter that anybody can drive stands still; the smallest column holds three times as much."""


class Limits(NamedTuple):
    """From `least` to `most`, both allowed."""

    least: Any
    most: Any


# What a study keeps in its JSON fields, and has therefore no model field of its own.
PLAN_LIMITS: Final[Mapping[str, Limits]] = {
    "planned_n": Limits(1, 100_000),
    "answers_per_clip": Limits(1, 100_000),
    "margin": Limits(0.01, 0.5),
    "gold_needed": Limits(0, 20),
    "repeats_needed": Limits(0, 20),
    "fastest_seconds": Limits(0, 600),
    "longest_run": Limits(1, 200),
    "listening_share": Limits(0, 1),
    "most_sound_mistakes": Limits(0, 100),
    "attention_failed": Limits(1, 5),
}


def within(least: Any, most: Any) -> list[Any]:
    """The validators of a field whose values run from `least` to `most`."""
    return [MinValueValidator(least), MaxValueValidator(most)]


def limits_of(field: Field) -> Limits | None:
    """The limits that a field's own validators declare; None where it lacks one of them."""
    least = [one.limit_value for one in field._validators if isinstance(one, MinValueValidator)]
    most = [one.limit_value for one in field._validators if isinstance(one, MaxValueValidator)]
    return Limits(max(least), min(most)) if least and most else None


def held(row: Model, name: str) -> Any:
    """The value of a field of `row` as it may be used: brought to the nearer limit where it lies beyond."""
    value, limits = getattr(row, name), limits_of(row._meta.get_field(name))
    return value if value is None or limits is None else min(max(value, limits.least), limits.most)


def broken_limits(row: Model) -> Iterator[str]:
    """A sentence for every field of `row` whose value lies beyond its limits."""
    for field in row._meta.concrete_fields:
        limits, value = limits_of(field), getattr(row, field.attname)
        if limits is None or value is None:
            continue
        try:
            field.run_validators(value)
        except ValidationError:
            name = str(field.verbose_name).capitalize()
            yield f"{name}: {value} is not between {limits.least} and {limits.most}."
