"""The loudness of a study's clips: all equal, or by intention; frozen by publishing, and in the sound alone."""

from __future__ import annotations

import hashlib
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from generation.models import PairVersion
from generation.music.length import CLIP_SECONDS
from generation.music.sound import decode, measure_loudness
from melodymuse_site.storage import keep_hashed
from survey import actions
from survey.actions.publishing import PublishRefused, reasons_against_publishing
from survey.analysis.ratings import Rating, collect
from survey.analysis.report import analyse
from survey.design.loudness import STEP_DB
from survey.exports.codebook import TABLES, codebook_rows
from survey.exports.describing import describe_study
from survey.exports.rows import rows_of
from survey.figures.document import StudyFacts
from survey.figures.paragraphs import LOUDNESS_TELLS, methods_paragraph
from survey.findings import study_facts
from survey.forms import StudyForm
from survey.models import Stimulus, Study
from survey.preregistration import frozen_facts, write_preregistration
from survey.queries import loudness
from survey.queries.overview import overview_of
from tests.survey.factories import make_study, make_versions
from tests.survey.hearing import at_sound
from tests.survey.participating import Listener

pytestmark = [pytest.mark.database, pytest.mark.django_db]
STEPS = {
    "amusement": 1,
    "awe": 0,
    "contentment": -1,
    "excitement": 2,
    "anger": 2,
    "disgust": 1,
    "fear": 2,
    "sadness": -1,
}


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def make_levelled(**fields: Any) -> Study:
    """A study of clips as the site makes them."""
    versions = fields.pop("versions", None) or make_versions(8, seconds=CLIP_SECONDS)
    return make_study(loudness="by_intention", versions=versions, **fields)


def test_clips_are_equally_loud_unless_a_study_asks_otherwise(media: Path) -> None:
    study = make_study()
    assert study.loudness == Study.Loudness.EQUAL
    for stimulus in study.stimuli.select_related("pair_version"):
        assert (stimulus.audio, stimulus.audio_sha256) == (
            stimulus.pair_version.audio,
            stimulus.pair_version.audio_sha256,
        )
        assert (stimulus.gain_db, stimulus.loudness_lufs) == (0.0, -23.0)
        assert stimulus.audio_alternative


def test_publishing_freezes_copies_that_are_louder_by_what_is_meant(media: Path) -> None:
    study = make_levelled()
    found = {}
    for stimulus in study.stimuli.select_related("pair_version"):
        data, made = (default_storage.open(name).read() for name in (stimulus.audio, stimulus.pair_version.audio))
        assert hashlib.sha256(data).hexdigest() == stimulus.audio_sha256
        assert stimulus.audio_sha256 in stimulus.audio
        louder = measure_loudness(decode(data)).integrated_lufs - measure_loudness(decode(made)).integrated_lufs
        assert louder == pytest.approx(stimulus.gain_db, abs=0.05)
        found[stimulus.emotion] = round(stimulus.gain_db / STEP_DB)
    assert found == STEPS


def test_size_length_and_formats_tell_nothing(media: Path) -> None:
    stimuli = list(make_levelled().stimuli.all())
    assert {default_storage.size(stimulus.audio) for stimulus in stimuli} == {448_470}
    assert {stimulus.audio_alternative for stimulus in stimuli} == {""}
    assert {stimulus.duration_seconds for stimulus in stimuli} == {28.0}


def test_a_clip_near_the_ceiling_is_not_made_louder(media: Path) -> None:
    versions = make_versions(8, seconds=CLIP_SECONDS)
    loud = next(one for one in versions if one.pair.emotion.slug == "anger")
    versions.remove(loud)
    loud.pk, loud.public_id, loud.number, loud.true_peak_dbtp = None, uuid.uuid4(), loud.number + 1, -1.5
    loud.save(force_insert=True)
    study = make_levelled(versions=[*versions, loud])
    assert study.stimuli.get(emotion="anger").gain_db == 0.0
    assert study.stimuli.get(emotion="fear").gain_db > 0.0


@pytest.mark.parametrize(
    ("models", "steps"),
    [
        ({"control": "neutral"}, 0),
        ({"control": "shuffled", "composed_for": "sadness"}, -1),
        ({"control": "unpictured"}, 2),
        ({}, 2),
    ],
)
def test_a_control_is_as_loud_as_what_it_was_composed_for(media: Path, models: dict[str, str], steps: int) -> None:
    versions = make_versions(8, seconds=CLIP_SECONDS)
    control = next(one for one in versions if one.pair.emotion.slug == "anger")
    versions.remove(control)
    control.pk, control.public_id, control.number = None, uuid.uuid4(), control.number + 1
    control.provenance = {**control.provenance, "models": models}
    control.save(force_insert=True)
    study = make_levelled(versions=[*versions, control])
    assert study.stimuli.get(emotion="anger").gain_db == pytest.approx(steps * STEP_DB)
    assert study.stimuli.get(emotion="fear").gain_db == pytest.approx(2 * STEP_DB)


def test_a_draft_plays_what_was_made_and_so_does_a_new_version_of_the_study(media: Path) -> None:
    draft = make_levelled(publish=False)
    assert {stimulus.gain_db for stimulus in draft.stimuli.all()} == {0.0}
    actions.publish(study=draft, by=draft.owner)
    copy = actions.make_new_version(study=draft, by=draft.owner)
    for stimulus in copy.stimuli.select_related("pair_version"):
        assert (stimulus.audio, stimulus.gain_db) == (stimulus.pair_version.audio, 0.0)
    again = actions.publish(study=copy, by=draft.owner)
    hashes = [sorted(study.stimuli.values_list("audio_sha256", flat=True)) for study in (draft, again)]
    assert hashes[0] == hashes[1]


def test_a_clip_that_cannot_be_changed_is_refused_in_words(media: Path) -> None:
    study = make_levelled(publish=False)
    stimulus = study.stimuli.filter(emotion="fear").select_related("pair_version").get()
    (media / stimulus.audio).write_bytes(b"ID3" + bytes(448_467))
    Stimulus.objects.filter(pk=stimulus.pk).update(audio_sha256=hashlib.sha256(b"ID3" + bytes(448_467)).hexdigest())
    with pytest.raises(PublishRefused, match=r"level of Picture .* Fear v1 cannot be changed"):
        actions.publish(study=study, by=study.owner)
    study.refresh_from_db()
    assert study.is_draft


def test_exports_report_and_plan_say_how_loud_clips_were(media: Path) -> None:
    study = make_levelled()
    header, rows = [column.name for column in TABLES["stimuli"]], list(rows_of(study, "stimuli"))
    table = {row[header.index("emotion")]: row[header.index("loudness_lufs")] for row in rows}
    assert table == {slug: round(-23 + steps * STEP_DB, 2) if steps else -23.0 for slug, steps in STEPS.items()}
    assert ("Loudness of the clips", "By intention, within ± 4 LU") in frozen_facts(study)
    assert study_facts.facts_of(study).loudness == (
        "Integrated loudness of the clips (ITU-R BS.1770): −24.5 to −20.0 LUFS, "
        "louder where more arousal was meant, softer where less."
    )


def test_a_pack_tells_the_loudness_where_a_study_chose_one(media: Path) -> None:
    """Packs of equal studies hold the bytes that they held before there was a choice."""
    assert describe_study(make_levelled())["loudness"] == "by_intention"
    assert "loudness" not in describe_study(make_study(slug="equal"))


def test_the_report_says_beside_chance_that_loudness_alone_may_tell_part(media: Path) -> None:
    """Also where no clip happened to be changed: the study's setting says it."""
    study = make_study(publish=False, loudness="by_intention")
    assert study_facts.facts_of(study).loudness_tells
    assert not study_facts.facts_of(make_study(slug="equal")).loudness_tells
    report = analyse(collect([Rating("P1", "S1", "", "fear", "fear")]), replicates=0)
    assert LOUDNESS_TELLS in methods_paragraph(report, StudyFacts(title="A study", loudness_tells=True))
    assert LOUDNESS_TELLS not in methods_paragraph(report, StudyFacts(title="A study"))


def test_the_plan_lists_the_same_sounds_before_publishing_and_after(media: Path) -> None:
    study = make_levelled(publish=False)
    draft = write_preregistration(study)
    actions.publish(study=study, by=study.owner)
    sounds = [re.findall(r"audio ([^,]+),", text) for text in (draft, write_preregistration(study))]
    assert sounds[0] == sounds[1]
    stimuli = study.stimuli.select_related("pair_version")
    by_emotion = {one.emotion: one.pair_version.audio_sha256[:16] for one in stimuli}
    assert f"{by_emotion['anger']} at +2 steps of 1.5 dB" in sounds[0]
    assert f"{by_emotion['sadness']} at −1 steps of 1.5 dB" in sounds[0]
    assert f"{by_emotion['awe']} at 0 steps of 1.5 dB" in sounds[0]


@pytest.mark.parametrize(
    ("loudness", "said"),
    [("equal", "all clips are equally loud."), ("by_intention", "some clips are meant to be softer or louder")],
)
def test_the_sound_check_says_whether_clips_are_equally_loud(media: Path, loudness: str, said: str) -> None:
    versions = make_versions(8, seconds=CLIP_SECONDS)
    assert said in at_sound(make_study(loudness=loudness, versions=versions)).page


def test_pages_of_different_levels_differ_in_nothing_but_hash_token_and_picture(media: Path) -> None:
    study = make_levelled(ask_confidence=False, offer_none=False)
    sorts: dict[str, set[float]] = {}
    for _ in range(8):
        page = re.sub(r"\s+", " ", Listener(study.slug).begin().page)
        (sound,) = re.findall(r'<source src="/media/([^"]+)"', page)
        (form,) = re.findall(r'<form method="post"[^>]*id="trial-form"[^>]*>', page)
        told = re.sub(r'data-(trial|preload)="[^"]*"', "", form)
        sorts.setdefault(told, set()).add(study.stimuli.get(audio=sound).gain_db)
        assert re.findall(r"gain_|\bgain|lufs|loud", page, re.I) == []
    assert len(sorts) == 1
    (levels,) = sorts.values()
    assert len(levels) > 1


def spoil(version: PairVersion, data: bytes) -> PairVersion:
    """A clip as another program, or an older release, left it in the store."""
    version.pk, version.public_id, version.number = None, uuid.uuid4(), version.number + 1
    version.audio_sha256 = hashlib.sha256(data).hexdigest()
    version.audio = keep_hashed("clips", data, version.audio_sha256, ".mp3")
    version.save(force_insert=True)
    return version


def test_a_clip_whose_level_cannot_be_changed_is_told_on_the_form_and_the_page_that_choose_it(
    media: Path, client: Client
) -> None:
    versions = make_versions(8, seconds=CLIP_SECONDS)
    anger = next(one for one in versions if one.pair.emotion.slug == "anger")
    versions.remove(anger)
    with default_storage.open(anger.audio) as file:
        tagged = b"ID3\x04\x00\x00\x00\x00\x00\x00" + file.read()
    study = make_study(publish=False, versions=[*versions, (bad := spoil(anger, tagged))])
    assert not any("level of" in reason for reason in reasons_against_publishing(study))
    form = StudyForm({"loudness": "by_intention"}, instance=study)
    [said] = form.errors["loudness"]
    assert f"The level of {bad} cannot be changed" in said
    assert "a tag (ID3) stands there" in said
    assert "Import the clip again" in said
    assert "loudness" not in StudyForm({"loudness": "equal"}, instance=study).errors
    study = Study.objects.get(pk=study.pk)
    study.loudness = Study.Loudness.BY_INTENTION
    study.save()
    assert sum("cannot be changed" in reason for reason in reasons_against_publishing(study)) == 1
    client.force_login(study.owner)
    assert "a tag (ID3) stands there" in client.get(study.get_absolute_url()).content.decode()


def test_clips_that_peaks_keep_from_their_level_are_warned_of_with_name_and_decibels(media: Path) -> None:
    versions = make_versions(8, seconds=CLIP_SECONDS)
    study = make_study(publish=False, loudness="by_intention", versions=versions)
    assert not any("Peaks" in warning for warning in overview_of(study).warnings)
    loud = next(one for one in versions if one.pair.emotion.slug == "anger")
    versions.remove(loud)
    loud.pk, loud.public_id, loud.number, loud.true_peak_dbtp = None, uuid.uuid4(), loud.number + 1, -3.0
    loud.save(force_insert=True)
    study = make_study(slug="peaky", publish=False, loudness="by_intention", versions=[*versions, loud])
    [said] = [warning for warning in overview_of(study).warnings if "Peaks" in warning]
    assert f"Peaks keep 1 clip from being raised as far as meant: {loud} (1.5 instead of 3.0 dB)." in said
    study.loudness = Study.Loudness.EQUAL
    assert not any("Peaks" in warning for warning in overview_of(study).warnings)


def test_of_many_clips_six_are_named() -> None:
    assert loudness._name(list("abcdef")) == "a, b, c, d, e, f"
    assert loudness._name(list("abcdefgh")) == "a, b, c, d, e, f and 2 more"


def test_what_loudness_may_tell_is_said_wherever_results_are_seen(media: Path, client: Client) -> None:
    study = make_levelled()
    client.force_login(study.owner)
    pages = [study.get_absolute_url(), *(reverse(name, args=[study.slug]) for name in ("study_monitor", "results"))]
    for page in pages:
        assert LOUDNESS_TELLS in client.get(page).content.decode(), page
    assert describe_study(study)["loudness_caveat"] == LOUDNESS_TELLS
    told = {row[1]: row[5] for row in codebook_rows("stimuli", study=study)}
    assert told["loudness_lufs"].endswith(LOUDNESS_TELLS)
    equal = make_study(slug="equal", versions=make_versions(8, first=100))
    client.force_login(equal.owner)
    pages = [equal.get_absolute_url(), *(reverse(name, args=[equal.slug]) for name in ("study_monitor", "results"))]
    assert not any(LOUDNESS_TELLS in client.get(page).content.decode() for page in pages)
    assert "loudness_caveat" not in describe_study(equal)
    assert list(codebook_rows("stimuli", study=equal)) == list(codebook_rows("stimuli"))
