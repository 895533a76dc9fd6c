"""Making and editing a draft: wording, choices, and stimuli from ready pair versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import CharField
from django.utils.text import slugify

from generation.emotions import SLUGS
from generation.models import PairVersion
from melodymuse_site.turns import in_turn
from survey.actions.acting import on_study
from survey.actions.audit import Actor, record
from survey.actions.cells import DraftRefused, cell_of_extra, fill_cells, make_stimulus, plan_conditions
from survey.actions.drafts import forget_previews, require_draft
from survey.actions.questions import refresh_questions
from survey.first_words import BASIC, default_wording, fit_wording
from survey.models import Condition, Stimulus, Study, StudyChoice
from survey.models.studies import TRANSLATED
from survey.queries.planned import Planned
from survey.wording import choice_label, choice_labels


def free_slug(title: str) -> str:
    """An address for a study called `title` that no other study has."""
    base = slugify(title)[:50] or "study"
    taken = set(Study.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbers) if slug not in taken)


@in_turn
def create_study(*, by: Any, title: str, emotions: Sequence[str] = SLUGS, **fields: Any) -> Study:
    """A draft with `title`; what is not given starts from the default wording."""
    fields = on_one_line({"show_glosses": True, "title": title, **fields})
    mode = fields.get("mode", Study.Mode.CHOOSE)
    language = fields.get("language", "en")
    wording = {name: text for name, text in default_wording(language, mode).items() if name in BASIC}
    slug = fields.pop("slug", "") or free_slug(fields["title"])
    study = Study(owner=by, slug=slug, **{**wording, **fields})
    fit_texts(study)
    study.save()
    set_choices(study, emotions)
    record(study=study, action="create", by=by)
    return study


@on_study
def edit_study(*, study: Study, by: Any, emotions: Sequence[str] | None = None, **fields: Any) -> Study:
    """Change a draft's wording and settings; its choices follow mode and `emotions`."""
    require_draft(study)
    fields = on_one_line(fields)
    # Read before the mode may change and the choices are replaced.
    before = _emotions_of(study)
    kept = emotions if emotions is not None else before
    changed = [name for name, value in fields.items() if getattr(study, name) != value]
    changed += ["emotions"] if list(kept) != before else []
    for name, value in fields.items():
        setattr(study, name, value)
    fit_texts(study)
    study.save()
    forget_previews(study)
    set_choices(study, kept)
    refresh_questions(study)
    if changed:
        record(study=study, action="edit", by=by, changed=", ".join(sorted(changed)))
    return study


def on_one_line(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` of a study, with texts of one line on one: titles go into the subjects of mails and into tables."""
    found = dict(fields)
    for name, value in fields.items():
        if name == "translations":
            found[name] = {code: on_one_line(texts) for code, texts in value.items()}
        elif isinstance(value, str) and isinstance(Study._meta.get_field(name), CharField):
            found[name] = " ".join(filter(None, (line.strip() for line in value.splitlines())))
    return found


@on_study
def remove_study(*, study: Study, by: Actor) -> None:
    """Delete a draft. A published study is closed instead: its answers are kept."""
    require_draft(study)
    forget_previews(study)
    record(study=study, action="remove", by=by, title=study.title)
    study.delete()


def set_choices(study: Study, emotions: Sequence[str]) -> None:
    """Replace the answers of a draft: those of its form, or the emotions in their order and perhaps `none`."""
    slugs = list(study.form.answers)
    if not slugs:
        slugs = [slug for slug in SLUGS if slug in set(emotions)] + (["none"] if study.offer_none else [])
    study.choices.all().delete()
    getattr(study, "_prefetched_objects_cache", {}).pop("choices", None)
    StudyChoice.objects.bulk_create(
        StudyChoice(
            study=study,
            slug=slug,
            position=position,
            label=choice_label(slug, study.language),
            labels=choice_labels(slug, study.languages),
        )
        for position, slug in enumerate(slugs)
    )


@on_study
def set_stimuli(
    *,
    study: Study,
    versions: Sequence[PairVersion],
    by: Actor,
    cells: Mapping[str, float] | None = None,
    practice: Sequence[PairVersion] = (),
    gold: Sequence[PairVersion] = (),
    spread: str | None = None,
    clips_per_participant: int | None = None,
) -> int:
    """Replace the stimuli of a draft: every main version in every cell it fits; returns how many there are.

    `cells` maps keys of cells (see `cell_key`) to weights; by default matching pairs alone. Practice and gold
    versions are shown in the first cell that can play them. `spread` and `clips_per_participant` stay as they are
    where they are not given. Raises DraftRefused, and then changes nothing.
    """
    require_draft(study)
    versions, practice, gold = (_read_ready(chosen) for chosen in (versions, practice, gold))
    spread_out(study, spread=spread, clips_per_participant=clips_per_participant)
    planned = plan_stimuli(study=study, versions=versions, cells=cells, practice=practice, gold=gold)
    forget_previews(study)
    # Stimuli point at conditions, which are deleted after them.
    study.stimuli.all().delete()
    study.conditions.all().delete()
    for condition in planned.cells:
        condition.save()
    Stimulus.objects.bulk_create(planned.stimuli)
    fit_texts(study)
    study.save()
    extras = {"practice": len(practice), "gold": len(gold)}
    chosen = {"clips": len(versions), **{name: number for name, number in extras.items() if number}}
    record(study=study, action="choose_clips", by=by, **chosen, cells=", ".join(cell.name for cell in planned.cells))
    return len(planned.stimuli)


def plan_stimuli(
    *,
    study: Study,
    versions: Sequence[PairVersion],
    cells: Mapping[str, float] | None = None,
    practice: Sequence[PairVersion] = (),
    gold: Sequence[PairVersion] = (),
) -> Planned:
    """The cells and stimuli that `set_stimuli` would make, unsaved. Raises DraftRefused as it does."""
    conditions = plan_conditions(study, cells or {"matched": 1.0})
    stimuli = fill_cells(conditions, versions, study.slug)
    for role, extras in ((Stimulus.Role.PRACTICE, practice), (Stimulus.Role.GOLD, gold)):
        for version in extras:
            cell = cell_of_extra(conditions, version, role)
            stimuli.append(make_stimulus(cell, version, version.pair.image, role))
    return Planned(conditions, stimuli)


def spread_out(study: Study, *, spread: str | None, clips_per_participant: int | None) -> None:
    """Put on `study`, unsaved, who gets which cell and how many clips; None leaves what there is."""
    study.spread = spread or study.spread
    study.clips_per_participant = clips_per_participant or study.clips_per_participant


def _read_ready(versions: Sequence[PairVersion]) -> list[PairVersion]:
    """`versions` in their order, as they are stored now."""
    stored = PairVersion.objects.select_related("pair__image", "pair__emotion").in_bulk([one.pk for one in versions])
    if len(stored) < len(set(versions)):
        raise DraftRefused("Some of the chosen clips do not exist any more. Look at the list again and choose anew.")
    return [stored[one.pk] for one in versions]


def fit_texts(study: Study) -> None:
    """Put words that fit the draft in place of those nobody edited, in every language: mode, cells, cues, kept ids."""
    cells = study.conditions.filter(stimuli__isnull=False) if study.pk else Condition.objects.none()
    presentations = set(cells.values_list("presentation", flat=True))
    own = {name: getattr(study, name) for name in TRANSLATED}
    fit = partial(
        fit_wording,
        mode=study.mode,
        presentations=presentations,
        keeps_ids=study.keeps_outside_ids,
        rates_while_playing=bool(study.rated_while_playing),
        varies_cues=study.varies_cues,
    )
    for name, text in fit(own, study.language).items():
        setattr(study, name, text)
    fit = partial(fit, own_debriefing=study.debriefing)
    study.translations = {code: fit(texts, code) for code, texts in study.translations.items()}


def _emotions_of(study: Study) -> list[str]:
    chosen = [slug for slug in study.choices.values_list("slug", flat=True) if slug in SLUGS]
    return chosen or list(SLUGS)
