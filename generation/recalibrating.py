"""The door for who recalibrates picture networks: what a network said of pictures, and taking in what people taught it.

Whoever analyses answers to pictures alone needs these names and nothing else of the making side. A recalibration is a
version of its network with a file of its own (`generation.networks.recalibration`). It serves nobody until somebody
chooses it, and choosing it labels no picture anew: labels shaped music and studies, and stay with the network that gave
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation import queries
from generation.audit import Actor, record
from generation.emotions import EMOTIONS, SLUGS
from generation.models import RECALIBRATIONS, ModelVersion, SourceImage
from generation.networks.artifacts import ArtifactRefused
from generation.networks.recalibration import LEAST, Recalibration
from melodymuse_site.storage import keep_hashed
from melodymuse_site.turns import in_turn

KIND = ModelVersion.Kind.IMAGE_EMOTION


@dataclass(frozen=True, slots=True)
class Readings:
    """What a network, as it was trained, said of K pictures that it labelled.

    Rows are pictures in the order of `pictures`, columns emotions in the order of `slugs` or things in that of `words`.
    """

    pictures: tuple[SourceImage, ...]
    slugs: tuple[str, ...]
    log_probabilities: NDArray[np.float64]
    """Shape (K, 8): natural logarithms, before anything that people taught."""
    words: tuple[str, ...]
    shares: NDArray[np.float64]
    """Shape (K, words): the probability that a thing was seen with, 0 where it was not named."""


Reading = Mapping[str, Any]


def reading_of(picture: SourceImage) -> Reading | None:
    """What the label of a picture says, in plain data for whoever keeps it; None where it has no label.

    ``network`` is the hash of the network as it was trained, whether or not it labelled with what people had taught it,
    and ``probabilities`` are those that it says by itself; ``things`` has with which probability each thing was seen.
    """
    if picture.labelled_by is None or not picture.probabilities:
        return None
    return {
        "network": _base_of(picture.labelled_by) or picture.labelled_by.sha256,
        "probabilities": picture.seen.get("before", picture.probabilities),
        "things": _shares(picture.seen.get("things", ())),
    }


def readings_of(
    network: ModelVersion,
    pictures: Iterable[SourceImage],
    kept: Mapping[int, Sequence[Reading]] | None = None,
    *,
    now: bool = True,
) -> Readings:
    """What `network` said of those pictures that it labelled, by itself or with what people had taught it.

    A picture may have been labelled anew: of what was `kept` of its labels, by its key, the first by this network is
    taken, before the present label, which counts only where `now` or nothing was kept. Pictures that other networks
    alone labelled are left out: what is learned from their probabilities is not about this one. Raises ArtifactRefused
    where `network` is a recalibration whose own network is not here.
    """
    base = network_behind(network)
    found: dict[SourceImage, Reading] = {}
    for picture in pictures:
        told = list((kept or {}).get(picture.pk, ()))
        if (now or not told) and (label := reading_of(picture)):
            told.append(label)
        if own := [one for one in told if one["network"] == base.sha256]:
            found[picture] = own[0]
    rows = list(found.values())
    words = tuple(sorted({name for row in rows for name in row["things"]}))
    table = np.array([[row["probabilities"][slug] for slug in SLUGS] for row in rows])
    shares = np.array([[row["things"].get(name, 0.0) for name in words] for row in rows])
    return Readings(
        tuple(found),
        SLUGS,
        np.log(np.maximum(table.reshape(len(rows), len(SLUGS)), LEAST)),
        words,
        shares.reshape(len(rows), len(words)),
    )


def _shares(things: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The probability that each thing is seen with; two classes of one name (a bird and a machine) are one thing."""
    found: dict[str, float] = {}
    for thing in things:
        found[thing["name"]] = min(found.get(thing["name"], 0.0) + float(thing["probability"]), 1.0)
    return found


def network_behind(model: ModelVersion) -> ModelVersion:
    """The network as it was trained: `model` itself, or the one that it corrects.

    Raises ArtifactRefused where `model` is a recalibration whose file, or whose own network, is not here.
    """
    recalibration = queries.recalibration_of(model)
    return queries.trained_network(recalibration) if recalibration else model


def _base_of(model: ModelVersion) -> str:
    """The hash of the network that a recalibration corrects, as its row says."""
    return str(model.manifest.get("base", {}).get("sha256", ""))


def register_recalibration(
    *,
    network: ModelVersion,
    temperature: float,
    bias: Mapping[str, float],
    words: Mapping[str, Mapping[str, float]],
    provenance: Mapping[str, Any],
    by: Actor,
) -> ModelVersion:
    """Keep what people taught as a version of `network`. It serves nobody until somebody chooses it.

    `network` is as it was trained; what was learned is in addition to its own calibration (see `Recalibration`).
    `provenance` is what JSON holds; ``studies`` (slugs), ``answers``, ``pictures`` (numbers) and ``log_loss`` (a list:
    before and after, on pictures left out) are named where people choose. The same content is the same row.
    Raises ValueError with a sentence; ArtifactRefused, which is one, where `network` is none to be corrected.
    """
    if network.kind != KIND:
        raise ArtifactRefused(f"{network} is no network that labels pictures.")
    if network.is_recalibrated:
        raise ArtifactRefused(f"{network} is a recalibration itself: recalibrate the network that it corrects.")
    base = {"name": network.name, "version": network.version, "sha256": network.sha256}
    learned = Recalibration(base, temperature, bias, words, provenance)
    queries.trained_network(learned)
    # Before the row, and before its transaction, as for targets: a row that is there has its file.
    name = keep_hashed(RECALIBRATIONS, learned.to_json(), learned.sha256, ".json")
    return _register(learned=learned, artifact=name, by=by)


@in_turn
def _register(*, learned: Recalibration, artifact: str, by: Actor) -> ModelVersion:
    model, created = ModelVersion.objects.get_or_create(
        kind=KIND,
        name=learned.base["name"],
        version=learned.version,
        defaults={
            "artifact": artifact,
            "sha256": learned.sha256,
            "manifest": {"base": dict(learned.base), "provenance": dict(learned.provenance)},
        },
    )
    if model.sha256 != learned.sha256:
        raise ArtifactRefused(f"{model} is registered with other contents: its hash begins alike.")
    if created:
        record(action="register_recalibration", about=model, by=by, sha256=model.sha256, words=len(learned.words))
    return model


@dataclass(frozen=True, slots=True)
class Taught:
    """What people taught a network, in words and numbers for a page."""

    base: ModelVersion
    temperature: float
    bias: list[tuple[str, str]]
    """Label and signed log-odds of every emotion."""
    words: list[tuple[str, str]]
    """What is seen, and which emotions it speaks for or against beyond what the network said, the furthest first."""
    facts: list[tuple[str, str]]
    """Studies, answers, pictures, log-loss."""
    labelled: int
    """Pictures that were labelled by it."""


def what_people_taught(model: ModelVersion) -> Taught:
    """What a recalibration changes, and from what it was learned.

    Raises ArtifactRefused where its file or its network is gone.
    """
    learned = queries.recalibration_of(model)
    if learned is None:
        raise ArtifactRefused(f"{model} is a network as it was trained.")
    labels = {emotion.slug: emotion.label for emotion in EMOTIONS}
    words = []
    for word, odds in sorted(learned.words.items(), key=lambda item: (-max(map(abs, item[1].values())), item[0])):
        moves = sorted(odds.items(), key=lambda move: -abs(move[1]))
        words.append((word, ", ".join(f"{labels[slug]} {_signed(value)}" for slug, value in moves)))
    return Taught(
        base=queries.trained_network(learned),
        temperature=learned.temperature,
        bias=[(labels[slug], _signed(value)) for slug, value in learned.bias.items()],
        words=words,
        facts=_facts(learned.provenance),
        labelled=SourceImage.objects.filter(labelled_by=model).count(),
    )


def say(model: ModelVersion) -> str:
    """The same in a line, for who puts it in force."""
    taught = what_people_taught(model)
    told = [f"{name.lower()} {value}" for name, value in taught.facts]
    things = f"{len(taught.words)} {'thing' if len(taught.words) == 1 else 'things'} seen"
    return ", ".join([f"temperature {taught.temperature:.2f}", things, *told])


def _facts(provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = []
    studies, loss = provenance.get("studies"), provenance.get("log_loss")
    if isinstance(studies, list) and studies:
        facts.append(("Studies", ", ".join(map(str, studies))))
    for name in ("answers", "pictures", "people"):
        if _is_number(provenance.get(name)):
            facts.append((name.capitalize(), f"{provenance[name]:,}"))
    if isinstance(loss, list) and len(loss) == 2 and all(map(_is_number, loss)):
        facts.append(("Log-loss an answer, on pictures left out", f"{loss[0]:.3f} → {loss[1]:.3f}"))
    return facts


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
