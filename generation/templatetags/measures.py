"""Numbers as researchers read them: probabilities, attributes against their targets, features, addresses of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import template
from django.core.files.storage import default_storage

from generation.emotions import EMOTIONS, SLUGS, get_emotion
from generation.models import PairVersion
from generation.music.attributes.picture import explain
from generation.music.attributes.telling import tell_emotion
from generation.music.notes import find_named_key, name_pitch_class

register = template.Library()
PIANOS_WITHOUT_TOUCH: Final = frozenset({"FluidR3_GM.sf2", "TimGM6mb.sf2"})
"""Measured (`python -m benchmarks.piano`): their spectral centroid is the same at every velocity."""

BAND_WIDTH: Final = 100.0
UNITS: Final = {
    "tempo": "BPM",
    "note_density": "notes/s",
    "notes_per_second": "notes/s",
    "duration": "s",
    "seconds": "s",
}

FEATURE_NAMES: Final = {"tempo": "Tempo, estimated from the onsets"}
"""A clip may have twice or half the beats of the estimate: those it was composed with are among the attributes."""
MODEL_NAMES: Final = {"composer": "Network or table of the composer"}
MOST_DIGITS: Final = 8


@register.filter
def probability_rows(probabilities: Mapping[str, float]) -> list[dict[str, Any]]:
    """The eight emotions in their order, with probability, width of the bar and whether it is the largest."""
    largest = max(probabilities.values(), default=0.0)
    return [
        {
            "slug": emotion.slug,
            "label": emotion.label,
            "percent": f"{100 * probabilities.get(emotion.slug, 0.0):.0f} %",
            "width": f"{100 * probabilities.get(emotion.slug, 0.0):.1f}",
            "is_top": bool(probabilities) and probabilities.get(emotion.slug, 0.0) == largest,
        }
        for emotion in EMOTIONS
    ]


@register.filter
def top_label(probabilities: Mapping[str, float]) -> str:
    """Label of the most probable emotion; nothing while there are no probabilities."""
    return next((row["label"] for row in probability_rows(probabilities) if row["is_top"]), "")


@register.filter
def play_label(version: PairVersion) -> str:
    """What the play button of a version is called where several stand on a page."""
    title = version.provenance.get("imported", {}).get("title", "") if version.is_imported else ""
    return f"Play {version.pair.emotion}, {version.composer}, {title or f'version {version.number}'}"


@register.filter
def as_number(value: Any) -> str:
    """Three significant digits for numbers, words as they are, lists joined."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value).replace("-", "−")
    if isinstance(value, float):
        return (f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}").replace("-", "−")
    if isinstance(value, Mapping):
        return ", ".join(f"{as_words(str(key))} {as_number(item)}" for key, item in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(as_number(item) for item in value)
    return str(value)


@register.filter
def as_words(name: str) -> str:
    """A key of a measurement as people read it: ``note_density`` → ``Note density``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@register.filter
def attribute_rows(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes with target band and measured value, and a small drawing where both are numbers.

    An entry that names neither target nor measured is itself what was measured: ``{"drops": 41}``.
    """
    return [
        _attribute_row(name, entry if _has_own_shape(entry) else {"measured": entry})
        for name, entry in attributes.items()
    ]


def _has_own_shape(entry: Any) -> bool:
    return isinstance(entry, Mapping) and (not entry or "target" in entry or "measured" in entry)


def _attribute_row(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    target, measured = entry.get("target"), entry.get("measured")
    row: dict[str, Any] = {
        "name": entry.get("label") or as_words(name),
        "unit": entry.get("unit") or "",
        "measured": as_number(measured),
        "target": _target_text(target),
        "verdict": "",
        "band": None,
    }
    if _is_band(target) and isinstance(measured, int | float):
        low, high = float(target[0]), float(target[1])
        row["verdict"] = "inside" if low <= measured <= high else "above" if measured > high else "below"
        row["band"] = _draw_band(low, high, float(measured))
        if row["verdict"] != "inside":
            row |= _told_apart(low, high, float(measured))
    return row


def _told_apart(low: float, high: float, measured: float) -> dict[str, str]:
    """Target and measured value with so many digits that the value is seen to lie outside."""
    for digits in range(3, MOST_DIGITS + 1):
        edges, value = [f"{edge:.{digits}g}" for edge in (low, high)], f"{measured:.{digits}g}"
        if value not in edges and "e" not in "".join([*edges, value]):
            return {"target": " to ".join(edges), "measured": value}
    return {}


def _is_band(target: Any) -> bool:
    return (
        isinstance(target, list | tuple) and len(target) == 2 and all(isinstance(edge, int | float) for edge in target)
    )


def _target_text(target: Any) -> str:
    if target is None:
        return "none"
    if _is_band(target):
        return f"{as_number(target[0])} to {as_number(target[1])}"
    return as_number(target)


def _draw_band(low: float, high: float, measured: float) -> dict[str, str]:
    """Band and value on a line of width 100 that shows both with room at the sides."""
    start, end = min(low, measured), max(high, measured)
    room = 0.3 * (end - start) or 1.0
    scale = BAND_WIDTH / (end - start + 2 * room)
    return {
        "x": f"{(low - start + room) * scale:.1f}",
        "width": f"{max((high - low) * scale, 1.5):.1f}",
        "value": f"{(measured - start + room) * scale:.1f}",
    }


@register.filter
def picture_sentences(version: PairVersion) -> list[str]:
    """How the picture moved the music, in plain words; nothing for clips it did not move."""
    record = version.provenance.get("picture") if isinstance(version.provenance, Mapping) else None
    return explain(record, version.pair.emotion.label) if isinstance(record, Mapping) else []


@register.filter
def emotion_sentences(version: PairVersion) -> list[str]:
    """What the emotion asked of the music and what became of it; nothing where no emotion asked, or none is known to.

    Nothing is said of imported clips and of a control without an emotion; a control that was composed for another
    emotion speaks of that one.
    """
    if version.is_imported or not isinstance(version.attributes, Mapping):
        return []
    models = version.provenance.get("models") if isinstance(version.provenance, Mapping) else None
    notes = models if isinstance(models, Mapping) else {}
    if notes.get("control") == "neutral":
        return []
    asks = version.pair.emotion.label if version.target is None else "The mix that was chosen"
    if notes.get("composed_for") in SLUGS:
        asks = get_emotion(str(notes["composed_for"])).label
    if picture_sentences(version):
        asks = f"{asks} with this picture"
    return tell_emotion(version.attributes, asks, key=find_named_key(version.features))


@register.filter
def place_of(version: PairVersion) -> dict[str, str]:
    """Valence and arousal that were asked for: chosen ones, else the emotion's own; as text for a page's script."""
    emotion = version.pair.emotion
    place = version.target or {"valence": emotion.valence, "arousal": emotion.arousal}
    return {name: f"{float(place[name]):.2f}" for name in ("valence", "arousal")}


@register.filter
def candidates_of(version: PairVersion) -> int:
    """From how many pieces the composer chose this one; 0 where it does not choose."""
    given = version.scores.get("candidates") if isinstance(version.scores, Mapping) else None
    return len(given) if isinstance(given, list) else 0


@register.filter
def feature_rows(features: Mapping[str, Any]) -> list[dict[str, str]]:
    """Measured features by name, as text."""
    return [
        {"name": _feature_name(name), "value": _feature_value(name, features), "unit": UNITS.get(name, "")}
        for name in features
    ]


def _feature_name(name: str) -> str:
    return FEATURE_NAMES.get(name) or as_words(name)


def _feature_value(name: str, features: Mapping[str, Any]) -> str:
    """Tonic and key are named from the numbers: a clip may have been measured when keys had other names."""
    value = features.get(name)
    key = find_named_key(features)
    if name == "tonic" and isinstance(value, int | float) and value in range(12):
        return name_pitch_class(int(value), key)
    return str(key) if name == "key" and key else as_number(value)


@register.filter
def total_seconds(seconds: Mapping[str, float]) -> str:
    """Time spent on all steps together, then each."""
    parts = ", ".join(f"{step} {time:.2f}" for step, time in seconds.items())
    return f"{sum(seconds.values()):.2f} s ({parts})"


@register.filter
def sum_of_seconds(seconds: Mapping[str, float]) -> str:
    return f"{sum(seconds.values()):.1f}"


@register.filter
def candidate_table(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Names of the scores and one row of values per candidate, for composers that choose among several."""
    given = scores.get("candidates")
    candidates = [entry for entry in given if isinstance(entry, Mapping)] if isinstance(given, list) else []
    names = list(dict.fromkeys(name for entry in candidates for name in entry))
    rows = [
        {
            "number": number,
            "chosen": number - 1 == scores.get("chosen"),
            "values": [as_number(entry.get(n)) for n in names],
        }
        for number, entry in enumerate(candidates, start=1)
    ]
    return {"names": [as_words(name) for name in names], "rows": rows}


@register.filter
def model_rows(models: Mapping[str, Any] | str) -> list[dict[str, str]]:
    """Networks and tables a clip was made with: role, name and version, first digits of the hash."""
    rows = []
    for role, facts in models.items() if isinstance(models, Mapping) else ():
        known = facts if isinstance(facts, Mapping) else {"name": facts}
        named = " ".join(str(known[key]) for key in ("name", "version") if known.get(key))
        if known.get("learned"):
            named += f", moved by what listeners taught ({known['learned']})"
        rows.append(
            {"name": MODEL_NAMES.get(role) or as_words(role), "value": named, "hash": str(known.get("sha256", ""))[:12]}
        )
    return rows


@register.filter
def touch_note(sound: Mapping[str, Any]) -> str:
    """What a piano does not do with soft and hard strokes; empty where it does, or where nobody measured it."""
    known = sound.get("soundfont") in PIANOS_WITHOUT_TOUCH
    return "soft and hard strokes differ in loudness alone on this piano" if known else ""


@register.simple_tag
def compare_features(versions: Iterable[PairVersion]) -> list[dict[str, Any]]:
    """One row per feature, one value per version, for versions side by side."""
    versions = list(versions)
    names = list(dict.fromkeys(name for version in versions for name in version.features))
    return [
        {
            "name": _feature_name(name),
            "values": [_feature_value(name, version.features) for version in versions],
        }
        for name in names
    ]


@register.filter
def media_url(name: str) -> str:
    """Address of a file below MEDIA_ROOT."""
    return default_storage.url(name)


@register.filter
def neutral_name(name: str) -> str:
    """A download's file name that tells nothing but the clip: eight digits of its hash."""
    stem, _, extension = name.rpartition("/")[2].rpartition(".")
    return f"clip-{stem[:8]}.{extension}"


@register.simple_tag(takes_context=True)
def page_address(context: Mapping[str, Any], number: int) -> str:
    """The same page with its filters, turned to page `number`."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
