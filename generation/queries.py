"""Every read of pictures, runs and pairs beyond a plain filter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from generation.emotion_lists import Named
from generation.guesses import best_guess
from generation.listening.drawing import Clip
from generation.listening.excerpt import EXCERPT_SECONDS, plays_throughout
from generation.listening.shares import Share, share_of
from generation.models import (
    IMPORTED,
    LEARNED,
    GenerationRun,
    ListeningAnswer,
    ListeningSeries,
    ListeningTrial,
    ModelVersion,
    Origin,
    Pair,
    PairVersion,
    SourceImage,
)
from generation.music.attributes.learned import LearnedTargets, read_learned
from generation.music.attributes.targets import shipped_table
from generation.music.length import CLIP_SECONDS
from generation.music.midi_files import LARGEST_FILE, UnreadableMidi, find_pedals, read_midi_file
from generation.music.notes import Pedal
from generation.networks.artifacts import ArtifactRefused
from generation.networks.composers import installed_composers
from generation.networks.recalibration import Recalibration, read_recalibration
from generation.pacing import Made
from generation.taught_files import TaughtFile
from melodymuse_site.storage import StoreUnavailable

Status = PairVersion.Status
OPEN = (Status.QUEUED, Status.RUNNING)
PACE = timedelta(minutes=10)
"""So far back the pace of a run is looked for."""
Taught = TypeVar("Taught", bound=TaughtFile)


def imported_systems() -> list[str]:
    """Names of the systems whose clips were imported, in order. Such a run has one: its options name no others."""
    runs = GenerationRun.objects.filter(origin=Origin.IMPORTED).order_by("composer")
    return list(runs.values_list("composer", flat=True).distinct())


def composers_following_targets() -> list[str]:
    """Composers, no controls, that attribute targets move."""
    targets = ModelVersion.Kind.ATTRIBUTE_TARGETS
    return sorted(name for name, one in installed_composers().items() if targets in one.models and not one.control)


def uninstalled_composers() -> list[str]:
    """Names of the composers that made something here and are not installed any more, in order."""
    installed = installed_composers()
    return sorted(_names_of_makers().difference(installed))


def taken_names() -> frozenset[str]:
    """Names that no imported system may have: those of all composers, installed or gone."""
    return frozenset(installed_composers()).union(_names_of_makers())


def composers_of_runs() -> list[str]:
    """Names of everybody whom a run asked, our own and imported, in order: those alone are read, and no run whole."""
    return sorted(_names_in(GenerationRun.objects.all()))


def _names_of_makers() -> set[str]:
    return _names_in(GenerationRun.objects.filter(origin=Origin.MADE))


def _names_in(runs: QuerySet[GenerationRun]) -> set[str]:
    """Whom the runs name: imported ones name one system each, ours name others in their options where there are."""
    runs = runs.order_by()
    names = set(runs.values_list("composer", flat=True).distinct())
    several = runs.filter(origin=Origin.MADE, options__has_key="composers")
    return names.union(*several.values_list("options__composers", flat=True))


def composers_with_clips() -> list[str]:
    """Names of all composers, our own and imported, of whom a study may choose clips, in order."""
    ready = PairVersion.objects.filter(status=Status.READY, run__in_library=True).order_by("composer")
    return list(ready.values_list("composer", flat=True).distinct())


def composer_choices() -> list[tuple[str, str]]:
    """(name, one-line description) of every composer a run may ask for."""
    return [(name, composer.line) for name, composer in installed_composers().items()]


def short_composer_choices(*, on_create: bool = False) -> list[tuple[str, str]]:
    """(name, label) of every composer, or of those that the create page offers."""
    composers = installed_composers().items()
    return [(name, composer.label) for name, composer in composers if composer.offered_on_create or not on_create]


def pictures_with_counts() -> QuerySet[SourceImage]:
    """The pictures of the library, newest first, with `ready_count` and `open_count` of their pair versions."""
    listed = Q(pairs__versions__run__in_library=True)
    pictures = SourceImage.objects.filter(in_library=True).select_related("labelled_by")
    return pictures.annotate(
        ready_count=Count("pairs__versions", filter=listed & Q(pairs__versions__status=Status.READY)),
        open_count=Count("pairs__versions", filter=listed & Q(pairs__versions__status__in=OPEN)),
    ).order_by("-uploaded_at", "-pk")


def find_pictures(filters: Mapping[str, str]) -> QuerySet[SourceImage]:
    """The library, newest first; keys of `filters`: search (in the title), emotion (the most probable), state.

    `state` is sure, unsure, waiting or failed. Empty = any.
    """
    pictures = pictures_with_counts()
    if filters.get("search"):
        pictures = pictures.filter(title__icontains=filters["search"])
    if filters.get("emotion"):
        pictures = pictures.filter(pk__in=_most_probably(filters["emotion"]))
    labelled = ~Q(probabilities={})
    states = {
        "sure": labelled & Q(label_confident=True),
        "unsure": labelled & Q(label_confident=False),
        "waiting": Q(probabilities={}, labelling_error=""),
        "failed": ~Q(labelling_error=""),
    }
    state = states.get(filters.get("state", ""))
    return pictures.filter(state) if state is not None else pictures


def picture_names(pictures: Iterable[SourceImage] | None = None) -> list[Named]:
    """What each picture may be called by in a list: those given, or the whole library."""
    if pictures is not None:
        return [Named(one.pk, one.title, one.sha256, str(one.public_id)) for one in pictures]
    rows = SourceImage.objects.filter(in_library=True).values_list("pk", "title", "sha256", "public_id")
    return [Named(pk, title, sha256, str(public_id)) for pk, title, sha256, public_id in rows.iterator()]


def may_edit_picture(user: Any, picture: SourceImage) -> bool:
    """Whether `user` may change what is written about a picture: who uploaded it, and administrators.

    Studies of other people show the picture, so nobody else may. Where the uploader is unknown or gone,
    administrators alone may.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    return bool(user.is_superuser or (picture.uploader_id is not None and picture.uploader_id == user.pk))


def top_emotion(picture: SourceImage) -> str | None:
    """Slug of the picture's most probable emotion; None while it is not labelled."""
    return best_guess(picture.probabilities)


def _most_probably(slug: str) -> list[int]:
    """Keys of the pictures whose most probable emotion is `slug`."""
    labelled = SourceImage.objects.exclude(probabilities={}).values_list("pk", "probabilities")
    return [pk for pk, probabilities in labelled if max(probabilities, key=probabilities.__getitem__) == slug]


def _versions() -> QuerySet[PairVersion]:
    return PairVersion.objects.select_related("pair__image", "pair__emotion", "run")


def gallery(filters: Mapping[str, str]) -> QuerySet[PairVersion]:
    """Pair versions, newest first; keys of `filters`: emotion, composer, status, picture, run. Empty = any."""
    versions = _versions().filter(run__in_library=True).order_by("-queued_at", "-pk")
    if filters.get("emotion"):
        versions = versions.filter(pair__emotion__slug=filters["emotion"])
    if filters.get("composer"):
        versions = versions.filter(composer=filters["composer"])
    if filters.get("status"):
        versions = versions.filter(status=filters["status"])
    if filters.get("picture"):
        versions = versions.filter(pair__image__public_id=filters["picture"])
    if filters.get("run"):
        versions = versions.filter(run__public_id=filters["run"])
    return versions


def ready_pair_versions() -> QuerySet[PairVersion]:
    """What a study may be made of: finished versions with picture and emotion, newest first."""
    return _versions().filter(status=Status.READY, run__in_library=True).order_by("-finished_at", "-pk")


def without_measures(versions: QuerySet[PairVersion]) -> QuerySet[PairVersion]:
    """The same without notes and all that was measured of them: who chooses among many versions reads none of it."""
    return versions.defer("notes", "features", "attributes", "scores")


def sketches_of(user: AbstractBaseUser) -> QuerySet[PairVersion]:
    """What `user` tried out on the create page, newest first."""
    return _versions().filter(run__requested_by=user, run__options__sketch=True).order_by("-queued_at", "-pk")


def pair_version_detail(public_id: UUID | str) -> PairVersion | None:
    return _versions().filter(public_id=public_id).first()


def pedals_of(version: PairVersion) -> list[Pedal]:
    """When the sustain pedal is down; nothing where the clip has no MIDI file, or none that can be read."""
    if not version.midi:
        return []
    try:
        with default_storage.open(version.midi) as file:
            return find_pedals(read_midi_file(file.read(LARGEST_FILE + 1)))
    except StoreUnavailable:
        raise
    except (OSError, UnreadableMidi):
        return []


def pair_version_to_make(version_id: int) -> PairVersion:
    """A version with all that making it needs, in the library or not."""
    return _versions().get(pk=version_id)


def pair_versions_of(pair: Pair) -> QuerySet[PairVersion]:
    """All attempts at one pair, newest first, without sketches that were not sent to the library."""
    return _versions().filter(pair=pair, run__in_library=True).order_by("-number")


def all_versions_of(pair: Pair) -> QuerySet[PairVersion]:
    """All attempts at one pair, newest first, with the sketches: what an administrator looks at."""
    return _versions().filter(pair=pair).order_by("-number")


def runs_with_counts() -> QuerySet[GenerationRun]:
    """All runs, newest first, with `total`, `ready`, `failed`, `open` and `cancelled` counts."""
    counts = {
        name: Count("versions", filter=Q(versions__status__in=statuses))
        for name, statuses in {
            "ready": [Status.READY],
            "failed": [Status.FAILED, Status.PARKED],
            "open": list(OPEN),
            "cancelled": [Status.CANCELLED],
        }.items()
    }
    runs = GenerationRun.objects.filter(in_library=True).select_related("requested_by")
    return runs.annotate(total=Count("versions"), **counts).order_by("-requested_at", "-pk")


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run has come."""

    counts: dict[str, int]
    versions: list[PairVersion]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        return self.total - self.counts[Status.QUEUED] - self.counts[Status.RUNNING]

    @property
    def is_finished(self) -> bool:
        return self.finished == self.total


def run_progress(run: GenerationRun) -> RunProgress:
    """Counts by status (every status is a key) and the versions of `run` in the order they were asked for."""
    versions = list(_versions().filter(run=run).order_by("pk").defer("notes"))
    counts: dict[str, int] = dict.fromkeys(Status.values, 0)
    for version in versions:
        counts[version.status] += 1
    return RunProgress(counts, versions)


@dataclass(frozen=True, slots=True)
class RunPace:
    """How fast a run goes: counts by status, pairs that came to an end per minute, and when the last one will have.

    None: nothing has ended yet, or nothing is open any more.
    """

    counts: dict[str, int]
    pairs_per_minute: float | None
    expected_end: datetime | None


def run_pace(run: GenerationRun, now: datetime) -> RunPace:
    """The pace of the last ten minutes, or since the run's first pair began; of a finished run, that of all of it."""
    versions = run.versions.order_by()
    counts: dict[str, int] = dict.fromkeys(Status.values, 0)
    counts |= {row["status"]: row["number"] for row in versions.values("status").annotate(number=Count("pk"))}
    left = sum(counts[status] for status in OPEN)
    done = versions.filter(status__in=(Status.READY, Status.FAILED, Status.PARKED), started_at__isnull=False)
    times = done.aggregate(first=Min("started_at"), last=Max("finished_at"))
    if times["first"] is None:
        return RunPace(counts, None, None)
    until = now if left else times["last"]
    since = max(times["first"], now - PACE) if left else times["first"]
    minutes = (until - since).total_seconds() / 60
    ended = done.filter(finished_at__gte=since).count()
    pace = ended / minutes if minutes > 0 else 0.0
    expected = now + timedelta(minutes=left / pace) if left and pace else None
    return RunPace(counts, round(pace, 2) or None, expected)


MOST_REMEMBERED = 100
"""So many clips of a composer, made last, say how long the next ones take."""


def made_lately(composers: Iterable[str]) -> list[Made]:
    """The clips of these composers that were made last, without first takes, which are of one candidate and quick."""
    full = PairVersion.objects.filter(status=Status.READY, origin=Origin.MADE, started_at__isnull=False)
    full = full.exclude(run__options__has_key="candidates").order_by("-finished_at")
    rows = full.values_list("composer", "started_at", "finished_at")
    return [Made(*row) for name in composers for row in rows.filter(composer=name)[:MOST_REMEMBERED]]


def clips_before(size: int) -> dict[str, int]:
    """How many clips of each composer are to be made before a new run of `size` clips is."""
    waiting = PairVersion.objects.filter(status__in=OPEN).order_by()
    if size <= MOST_AWAITED:
        waiting = waiting.exclude(run__in=large_runs_that_wait())
    return {row["composer"]: row["number"] for row in waiting.values("composer").annotate(number=Count("pk"))}


MOST_AWAITED = 24
"""A run of more pairs is large: three of every emotion are what somebody still waits for."""


def of_large_runs(ids: Collection[int]) -> set[int]:
    """Those of the versions that belong to a run larger than anybody waits for."""
    versions = PairVersion.objects.filter(pk__in=ids)
    return set(versions.filter(run__in=_large_among(versions)).values_list("pk", flat=True))


def large_runs_that_wait() -> QuerySet[Any]:
    """The keys of such runs of which something is queued."""
    return _large_among(PairVersion.objects.filter(status=Status.QUEUED))


def _large_among(versions: QuerySet[PairVersion]) -> QuerySet[Any]:
    runs = PairVersion.objects.filter(run__in=versions.values("run")).order_by().values("run")
    return runs.annotate(size=Count("pk")).filter(size__gt=MOST_AWAITED).values("run")


def default_model(kind: str) -> ModelVersion | None:
    return ModelVersion.objects.filter(kind=kind, is_default=True).first()


def target_versions() -> list[ModelVersion]:
    """The attribute targets a run may choose: the table of this code, then what was learned, the latest first.

    Tables that earlier versions of MelodyMuse shipped are history: nobody composes by them any more.
    """
    found = ModelVersion.objects.filter(kind=ModelVersion.Kind.ATTRIBUTE_TARGETS)
    shipped = found.exclude(name=LEARNED).filter(version=shipped_table().version)
    return [*shipped, *found.filter(name=LEARNED).order_by("-registered_at", "-pk")]


def targets_of_run(run: GenerationRun) -> ModelVersion | None:
    """The attribute targets a run was asked for with; None where its composers follow none, or none is registered."""
    return run.model_versions.filter(kind=ModelVersion.Kind.ATTRIBUTE_TARGETS).first()


def learned_targets(model: ModelVersion | None) -> LearnedTargets | None:
    """The shifts of learned targets, from their file; None for the table as shipped.

    Raises ArtifactRefused where the file is gone or holds something else than what was registered.
    """
    if model is None or not model.is_learned:
        return None
    return _read_taught(model, read_learned)


def recalibration_of(model: ModelVersion | None) -> Recalibration | None:
    """What people's answers taught of a picture network, from its file; None for a network as it was trained.

    Raises ArtifactRefused where the file is gone or holds something else than what was registered.
    """
    if model is None or not model.is_recalibrated:
        return None
    return _read_taught(model, read_recalibration)


def _read_taught(model: ModelVersion, read: Callable[[bytes], Taught]) -> Taught:
    """What people taught, from its file, if it is still the one that was registered."""
    try:
        with default_storage.open(model.artifact) as stream:
            found = read(stream.read())
    except FileNotFoundError:
        raise ArtifactRefused(f"The file of {model} is gone: {model.artifact}.") from None
    except ValueError as error:
        raise ArtifactRefused(f"The file of {model} cannot be read. {error}") from error
    if found.sha256 != model.sha256:
        raise ArtifactRefused(f"The file of {model} is not the one that was registered: {model.artifact}.")
    return found


def trained_network(recalibration: Recalibration) -> ModelVersion:
    """The network, as it was trained, that `recalibration` corrects. Raises ArtifactRefused where it is not here."""
    base = recalibration.base
    networks = ModelVersion.objects.filter(kind=ModelVersion.Kind.IMAGE_EMOTION, sha256=base["sha256"])
    found = next((model for model in networks.order_by("pk") if not model.is_recalibrated), None)
    if found is None:
        raise ArtifactRefused(
            f"The network {base['name']} {base['version']} ({base['sha256'][:10]}…) is not registered here: "
            "what people taught it cannot be used without it."
        )
    return found


def unlabelled_pictures() -> QuerySet[SourceImage]:
    """Pictures whose labelling has neither succeeded nor failed."""
    return SourceImage.objects.filter(probabilities={}, labelling_error="")


def running_series(user: AbstractBaseUser) -> ListeningSeries | None:
    """The series on the listening page that `user` has neither finished nor stopped."""
    return ListeningSeries.objects.filter(listener=user, finished_at__isnull=True).first()


def last_series(user: AbstractBaseUser) -> ListeningSeries | None:
    """The one that `user` ended last."""
    return ListeningSeries.objects.filter(listener=user, finished_at__isnull=False).order_by("-finished_at").first()


def next_pair(series: ListeningSeries) -> ListeningTrial | None:
    """The first pair of `series` without an answer."""
    return series.trials.filter(answer__isnull=True).order_by("position").first()


def clip_of_token(token: str, user: AbstractBaseUser) -> PairVersion | None:
    """The clip of `user`'s running series that has this secret token."""
    trials = ListeningTrial.objects.filter(series__listener=user, series__finished_at__isnull=True)
    trial = trials.filter(Q(first_token=token) | Q(second_token=token)).select_related("played", "composed").first()
    if trial is None:
        return None
    return trial.played if trial.is_played("first" if trial.first_token == token else "second") else trial.composed


def _clips_to_hear() -> QuerySet[PairVersion]:
    """Ready clips of the library of the common length, our own and imported."""
    return PairVersion.objects.filter(status=Status.READY, run__in_library=True, duration_seconds=CLIP_SECONDS)


def _played() -> list[tuple[int, str, str, bool]]:
    """Key, emotion, system, and whether it came as MIDI, of every imported clip whose excerpt does not tell it.

    Music goes on where the excerpt ends. Of a recording it is only known whether it went on beyond the common length.
    """
    may_go_on = Q(features__seconds__gte=EXCERPT_SECONDS) | Q(midi="", provenance__length__faded=True)
    rows = _clips_to_hear().filter(IMPORTED & may_go_on).order_by("pk")
    facts = rows.values_list("pk", "pair__emotion__slug", "composer", "midi", "notes")
    return [
        (key, emotion, system, bool(midi))
        for key, emotion, system, midi, notes in facts.iterator()
        if not midi or plays_throughout(notes)
    ]


def played_systems() -> dict[str, tuple[int, int]]:
    """Systems whose imported clips can be heard, by name: how many were imported as MIDI, and how many as sound."""
    found = Counter((system, is_midi) for _, _, system, is_midi in _played())
    return {system: (found[system, True], found[system, False]) for system in sorted({name for name, _ in found})}


def composed_by() -> dict[tuple[str, str], int]:
    """How many clips of each composer and version can be heard, in the order of names."""
    return dict(sorted(Counter((composer, version) for _, _, composer, version in _composed()).items()))


def played_clips(system: str, listener: AbstractBaseUser) -> list[Clip]:
    """What may be drawn of the clips imported under the name `system`."""
    times = _times_heard("played", listener)
    return [Clip(key, emotion, times[key]) for key, emotion, name, _ in _played() if name == system]


def composed_clips(composer: str, version: str, listener: AbstractBaseUser) -> list[Clip]:
    """What may be drawn of the clips of one composer and version."""
    times = _times_heard("composed", listener)
    return [Clip(key, emotion, times[key]) for key, emotion, *made_by in _composed() if made_by == [composer, version]]


def _composed() -> list[tuple[int, str, str, str]]:
    """Key, emotion, composer and version of every composed clip that can be heard."""
    rows = _clips_to_hear().filter(origin=Origin.MADE).order_by("pk")
    facts = rows.values_list("pk", "pair__emotion__slug", "composer", "provenance__models")
    return [(key, emotion, composer, composer_version(models)) for key, emotion, composer, models in facts]


def composer_version(models: Any) -> str:
    """With what a clip was composed, from its provenance: the composer's network, or else everything that took part.

    What listeners taught is named beside: clips made by it are another composer's for whoever compares.

    >>> composer_version({"composer": {"name": "muse", "version": "2.0"}, "attribute_targets": {"name": "muse"}})
    'muse 2.0'
    >>> composer_version({"mfcc_emotion": {"name": "paper", "version": "1.0"}, "rules": "3"})
    'paper 1.0, rules 3'
    >>> composer_version({"composer": {"name": "muse", "version": "2.0"}, "attribute_targets": {"learned": "1-ab"}})
    'muse 2.0, learned 1-ab'
    """
    parts = models if isinstance(models, Mapping) else {}
    followed = parts.get("attribute_targets")
    taught = followed.get("learned") if isinstance(followed, Mapping) else None
    if "composer" in parts:
        parts = {"composer": parts["composer"]}
    said = [
        " ".join(str(facts[name]) for name in ("name", "version") if facts.get(name))
        if isinstance(facts, Mapping)
        else f"{role} {facts}"
        for role, facts in parts.items()
    ]
    if taught:
        said.append(f"learned {taught}")
    return ", ".join(said)[:200]


def _times_heard(kind: str, listener: AbstractBaseUser) -> Counter[int]:
    """How often each clip came on a page that `listener` got: of a stopped series also the pair after the answers."""
    open_before = ListeningTrial.objects.filter(
        series=OuterRef("series"), position__lt=OuterRef("position"), answer__isnull=True
    )
    shown = ListeningTrial.objects.filter(~Exists(open_before), series__listener=listener)
    return Counter(shown.values_list(f"{kind}_id", flat=True))


@dataclass(frozen=True, slots=True)
class Heard:
    """What all answers say of one composer and version beside the clips of one system."""

    composer: str
    version: str
    system: str
    answers: int
    """How many there are; the shares count only those on pairs of which the listener knew no clip."""
    heard_before: int
    """Pairs of which one clip had come in an earlier series of the listener."""
    found: Share | None
    """Pairs in which the played clip was found."""
    preferred: Share | None
    """Stated preferences, and how many of them are for the played clip."""
    first_named: int
    """Pairs of which the first clip was said to be the played one; half of them were."""
    other_sound: int
    """Pairs whose played clip is a recording, or was rendered by another piano than the composed one."""


def listening_answers() -> QuerySet[ListeningAnswer]:
    """All answers of the listening page in the order in which they were given, with their clips."""
    with_clips = [f"trial__{kind}__pair__emotion" for kind in ("played", "composed")]
    # Notes and measures of every clip would be tens of kilobytes a row.
    heavy = [
        f"trial__{kind}__{field}"
        for kind in ("played", "composed")
        for field in ("notes", "features", "attributes", "scores", "seconds")
    ]
    answers = ListeningAnswer.objects.select_related("trial__series", *with_clips).defer(*heavy)
    return answers.order_by("answered_at", "pk")


def listener_key(user: AbstractBaseUser) -> str:
    """By what the answers of `user` are known, also when the account is gone; empty before the first series."""
    keys = ListeningSeries.objects.filter(listener=user).values_list("listener_key", flat=True)
    return keys.first() or ""


def what_was_heard() -> list[Heard]:
    """The results of the listening page, in the order of composers' names."""
    groups: dict[tuple[str, str, str], list[ListeningAnswer]] = defaultdict(list)
    for answer in listening_answers():
        series = answer.trial.series
        groups[series.composer, series.version, series.system].append(answer)
    results = []
    for (composer, version, system), answers in sorted(groups.items()):
        fresh = [answer for answer in answers if not answer.trial.heard_before]
        stated = ((answer, answer.prefers_played) for answer in fresh)
        results.append(
            Heard(
                composer,
                version,
                system,
                answers=len(answers),
                heard_before=len(answers) - len(fresh),
                found=share_of(_by_listener((answer, answer.found_played) for answer in fresh)),
                preferred=share_of(_by_listener((answer, said) for answer, said in stated if said is not None)),
                first_named=sum(answer.chosen == ListeningAnswer.Place.FIRST for answer in fresh),
                other_sound=sum(not _is_of_one_piano(answer.trial) for answer in fresh),
            )
        )
    return results


def _is_of_one_piano(trial: ListeningTrial) -> bool:
    """Whether both clips were played from notes by the same renderer with the same samples.

    Its version counts where both clips name one: those made before it was written down name none.
    """
    played, composed = (one.provenance.get("sound", {}) for one in (trial.played, trial.composed))
    alike = all(played.get(name) == composed.get(name) for name in ("renderer", "soundfont_sha256"))
    versions = {one["renderer_version"] for one in (played, composed) if one.get("renderer_version")}
    alike = alike and len(versions) < 2
    return bool(trial.played.midi) and alike


def _by_listener(said: Iterable[tuple[ListeningAnswer, bool]]) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for answer, hit in said:
        listener = answer.trial.series.listener_key
        hits, answers = counts.get(listener, (0, 0))
        counts[listener] = (hits + hit, answers + 1)
    return counts
