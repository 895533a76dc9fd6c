"""What a report says about a study beyond its numbers."""

from __future__ import annotations

import platform
from typing import Any

from survey.design.quality import who_counts
from survey.figures.document import StudyFacts
from survey.findings.columns import Choice
from survey.findings.recruitment import count_people
from survey.findings.software import software_versions
from survey.first_words import EMOTION_PLACE, QUESTIONS, question_about
from survey.models import Stimulus, Study
from survey.preregistration import planned
from survey.queries.pianos import pianos_of


def facts_of(study: Study, choice: Choice | None = None) -> StudyFacts:
    """Collect wording, design, people and provenance; `choice` is what of the answers the report is about."""
    people = count_people(study)
    stimuli = list(
        study.stimuli.select_related("condition", "pair_version__run").defer("pair_version__notes").order_by("pk")
    )
    return StudyFacts(
        title=study.title,
        slug=study.slug,
        version=study.number,
        interim=study.status != Study.Status.CLOSED,
        selection=describe_choice(choice or Choice()),
        question=_questions(study),
        mode=study.get_mode_display(),
        labels=tuple(study.choices.values_list("label", flat=True)),
        cells=tuple(study.conditions.values_list("name", flat=True)),
        composers=tuple(sorted({item.composer for item in stimuli if item.composer})),
        language=study.language,
        clips_per_participant=study.clips_per_participant,
        listening=_listening(study),
        headphones="" if study.headphones == "none" else f"{study.get_headphones_display()}.",
        rules=_rules(study.exclusion_rules),
        plan="; ".join(f"{what}: {said}" for what, said in planned(study).items()),
        recruiter=study.get_recruiter_display(),
        consented=people.consented,
        complete=people.complete,
        excluded=people.excluded,
        set_aside=people.set_aside,
        withdrawn=people.withdrawn,
        screened_out=people.screened_out_by,
        loudness=_loudness(study, stimuli),
        loudness_tells=study.loudness == Study.Loudness.BY_INTENTION,
        consent_sha256=study.consent_sha256,
        provenance=tuple(_provenance(study, stimuli)),
        clips={str(item.public_id): (item.emotion, item.condition.name) for item in stimuli},
    )


def _questions(study: Study) -> str:
    """What was asked about each sort of trial; once where it was the same."""
    used = set(study.conditions.values_list("presentation", flat=True))
    wording = study.wording(study.language)
    asked = dict.fromkeys(question_about(wording, name) for name in QUESTIONS if name in used)
    texts = [text.replace(EMOTION_PLACE, "…") for text in asked or (study.question,)]
    return "” / “".join(texts)


def describe_choice(choice: Choice) -> str:
    """Return what of the answers is looked at, in words; empty for all of them."""
    parts = (
        choice.cell and f"cell {choice.cell}",
        choice.composer and f"music by {choice.composer}",
        "included listeners only" if choice.included_only else "",
    )
    return ", ".join(part for part in parts if part)


def _listening(study: Study) -> str:
    if study.require_listening:
        refused = study.unheard == study.Unheard.REFUSE
        return (
            "Where the browser could measure it, an answer was taken only after the whole clip had been played; where"
            " it could not, "
            + (
                "none was taken sooner than the clip lasts."
                if refused
                else "one given sooner than the clip lasts was taken and marked."
            )
        )
    return "Listening to the whole clip was not required."


def _rules(rules: dict[str, Any]) -> str:
    counted = who_counts(rules)
    return f"Fixed at publication; {counted}." if counted else ""


def _loudness(study: Study, stimuli: list[Stimulus]) -> str:
    known = [level for level in (item.loudness_lufs for item in stimuli) if level is not None]
    if not known:
        return ""
    low, high = (f"{level:.1f}".replace("-", "−") for level in (min(known), max(known)))
    levels_said = low if low == high else f"{low} to {high}"
    by_intention = study.loudness == Study.Loudness.BY_INTENTION
    why = ", louder where more arousal was meant, softer where less" if by_intention else ""
    return f"Integrated loudness of the clips (ITU-R BS.1770): {levels_said} LUFS{why}."


def _provenance(study: Study, stimuli: list[Stimulus]) -> list[tuple[str, str]]:
    models = sorted({str(m) for item in stimuli for m in item.pair_version.run.model_versions.all()})
    hashes = sorted({item.audio_sha256[:12] for item in stimuli if item.audio_sha256})
    seeds = sorted({item.pair_version.seed for item in stimuli if item.pair_version.seed is not None})
    return [
        ("Study", f"{study.slug}, version {study.number}"),
        ("Published", f"{study.published_at:%Y-%m-%d %H:%M} UTC" if study.published_at else "–"),
        ("Closed", f"{study.closed_at:%Y-%m-%d %H:%M} UTC" if study.closed_at else "–"),
        ("Consent text (SHA-256)", study.consent_sha256 or "–"),
        ("Python", platform.python_version()),
        ("Software", ", ".join(f"{name} {version}" for name, version in software_versions().items())),
        ("Model versions", ", ".join(models) or "–"),
        ("Pianos", "; ".join(map(str, pianos_of(study))) or "–"),
        ("Seeds of the clips", ", ".join(map(str, seeds)) or "–"),
        ("Imported systems", ", ".join(_imported(stimuli)) or "–"),
        ("Sounds (SHA-256, first 12 digits)", ", ".join(hashes)),
    ]


def _imported(stimuli: list[Stimulus]) -> list[str]:
    """Every system whose clips were imported, with licences and whom to name."""
    said: dict[str, set[str]] = {}
    for item in stimuli:
        if item.pair_version.is_imported:
            source = item.pair_version.provenance.get("imported", {})
            words = ", ".join(source[name] for name in ("attribution", "licence") if source.get(name))
            said.setdefault(item.pair_version.composer, set()).update({words} - {""})
    return [f"{system} ({'; '.join(sorted(words))})" if words else system for system, words in sorted(said.items())]
