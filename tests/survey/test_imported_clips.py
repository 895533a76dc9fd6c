"""Another system's clips beside our own, the whole way: import, choose, publish, take part, results, export."""

import re
import zipfile
from collections import Counter

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client

from generation.emotions import EMOTIONS
from generation.importing.storing import import_manifest
from generation.models import PairVersion
from generation.music.length import CLIP_SECONDS
from survey import actions
from survey.actions.cells import DraftRefused
from survey.models import Response, Stimulus, Trial
from tests.generation.importing import prepare_ahead, write_manifest, write_midi, write_picture, write_sound
from tests.survey.factories import make_researcher, make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FOUR = ("fear", "awe", "anger", "sadness")


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path / "data"


def import_clips(folder, *, pictures=()):
    """Four clips of emelodygen: three sounds and a MIDI file, those numbered in `pictures` with a picture."""
    rows = []
    for number, emotion in enumerate(FOUR):
        name = f"{number}.{('wav', 'mp3', 'flac', 'mid')[number]}"
        write_midi(folder / name) if number == 3 else write_sound(folder / name, 300 + 50 * number)
        row = {"file": name, "emotion": emotion, "system": "emelodygen", "title": f"Piece {number}"}
        if number in pictures:
            write_picture(folder / f"{number}.png", 40 + 40 * number)
            row["picture"] = f"{number}.png"
        rows.append(row)
    prepare_ahead([folder / row["file"] for row in rows], settings.DATA_DIR)
    import_manifest(write_manifest(folder, rows), by=None, licence="CC BY 4.0")
    return list(PairVersion.objects.filter(composer="emelodygen").order_by("pk"))


def told(response, system="emelodygen"):
    """Words in headers and body that name an emotion or the system, the answer options aside."""
    words = "|".join([system, "imported", *(emotion.slug for emotion in EMOTIONS if len(emotion.slug) > 3)])
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    body = (b"".join(response) if response.streaming else response.content).decode("latin-1")
    body = re.sub(r'<fieldset class="answers".*?</fieldset>', "", body, flags=re.DOTALL)
    return re.findall(words, headers + body, re.IGNORECASE)


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.slow
def test_two_systems_are_compared_in_one_blind_study_from_import_to_export(tmp_path):
    theirs = import_clips(tmp_path)
    own = make_versions(4, emotions=FOUR, seconds=CLIP_SECONDS)
    user = make_researcher()
    client = logged_in(user)
    study = actions.create_study(
        by=user, title="Two systems", clips_per_participant=6, gold_trials=1, practice_trials=1
    )
    listed = client.get(f"/studies/{study.slug}/clips/?composer=emelodygen").content.decode()
    assert listed.count('name="main"') == 4
    assert "No picture" in listed
    cells = {"cell_music_only:emelodygen": "on", "cell_music_only:muse": "on"}
    chosen = {
        "main": [str(version.public_id) for version in [*own[:3], *theirs[:3]]],
        "practice": [str(own[3].public_id)],
        "gold": [str(theirs[3].public_id)],
    }
    page = client.post(f"/studies/{study.slug}/clips/", {**cells, **chosen}, follow=True).content.decode()
    assert "8 stimuli are chosen." in page
    study.refresh_from_db()
    actions.publish(study=study, by=user)

    found, files = [], set()
    for _ in range(2):
        listener = Listener(study.slug)
        listener.get()
        while True:
            found += told(listener.response)
            files |= set(re.findall(r"/media/[\w./-]+", listener.page))
            if listener.address.endswith("/end/"):
                break
            listener.send()
    answers = [Client().get(name) for name in files]
    assert {answer.status_code for answer in answers} == {200}
    found += [word for answer in answers for word in told(answer)]
    assert found == []
    assert len(files) == 16
    kinds = Counter(Trial.objects.values_list("kind", "stimulus__composer"))
    assert kinds == {
        ("main", "muse"): 6,
        ("main", "emelodygen"): 6,
        ("practice", "muse"): 2,
        ("gold", "emelodygen"): 2,
    }

    actions.close(study=study, by=user)
    results = client.get(f"/results/{study.slug}/").content.decode()
    assert "<option>emelodygen</option>" in results
    assert "Music only · emelodygen" in results
    report = client.get(f"/results/{study.slug}/report/").content.decode()
    assert "emelodygen (CC BY 4.0)" in report
    filtered = client.get(f"/results/{study.slug}/", {"composer": "emelodygen"}).content.decode()
    assert "emelodygen" in filtered
    pack = tmp_path / "pack.zip"
    call_command("export", study.slug, out=pack)
    with zipfile.ZipFile(pack) as archive:
        stimuli = archive.read("stimuli.csv").decode()
        responses = archive.read("responses_long.csv").decode()
    assert stimuli.count(",emelodygen,") == 4
    assert responses.count(",emelodygen,") == 8


def test_the_sounds_of_both_systems_are_alike_in_form(tmp_path):
    versions = import_clips(tmp_path)
    heads = set()
    for version in versions:
        client = Client()
        mp3 = b"".join(client.get(f"/media/{version.audio}"))
        heads.add((mp3[:3], client.get(f"/media/{version.audio}").headers["Content-Type"]))
        assert b"LAME" not in mp3[:200]
        assert b"ID3" not in mp3[:200]
        assert version.loudness_lufs == pytest.approx(-23.0, abs=0.5)
    assert len(heads) == 1


def test_clips_without_a_picture_are_left_out_of_cells_with_their_own_and_lend_music_to_mismatched_ones(tmp_path):
    theirs = import_clips(tmp_path, pictures=(0,))
    own = make_versions(4, emotions=FOUR)
    study = make_study(
        versions=[*own, *theirs],
        cells={"matched": 1.0, "mismatched": 1.0, "music_only": 1.0, "picture_only": 1.0},
        publish=False,
    )
    counts = Counter(study.stimuli.values_list("condition__name", "composer"))
    assert counts == {
        ("Matching pair", "muse"): 4,
        ("Matching pair", "emelodygen"): 1,
        ("Mismatched pair", "muse"): 4,
        ("Mismatched pair", "emelodygen"): 4,
        ("Music only", "muse"): 4,
        ("Music only", "emelodygen"): 4,
        ("Picture only", ""): 5,
    }
    for stimulus in study.stimuli.exclude(condition__presentation="music_only"):
        assert stimulus.picture_sha256
    for stimulus in study.stimuli.filter(condition__matching="mismatched"):
        assert stimulus.picture_emotion != stimulus.emotion


def test_a_cell_that_needs_pictures_and_finds_none_is_refused_and_so_is_such_a_practice_clip(tmp_path):
    theirs = import_clips(tmp_path)
    own = make_versions(4, emotions=FOUR)
    study = actions.create_study(by=make_researcher(), title="No pictures")
    with pytest.raises(DraftRefused, match="“Matching pair · emelodygen” shows each clip's own picture"):
        actions.set_stimuli(
            study=study, versions=theirs + own, by=study.owner, cells={"matched:emelodygen": 1.0, "matched:muse": 1.0}
        )
    with pytest.raises(DraftRefused, match="has no picture, and every cell shows pictures: it cannot be a practice"):
        actions.set_stimuli(study=study, versions=own, practice=theirs[:1], by=study.owner)
    with pytest.raises(DraftRefused, match="Mismatched pairs need pictures"):
        actions.set_stimuli(study=study, versions=theirs, by=study.owner, cells={"mismatched": 1.0})
    assert Stimulus.objects.count() == 0


def test_between_participants_the_two_systems_have_people_of_their_own(tmp_path):
    theirs = import_clips(tmp_path)
    own = make_versions(4, emotions=FOUR, seconds=CLIP_SECONDS)
    study = make_study(
        versions=[*own, *theirs],
        cells={"music_only:muse": 1.0, "music_only:emelodygen": 1.0},
        spread="between",
        clips_per_participant=4,
    )
    for _ in range(4):
        Listener(study.slug).take_part()
    met = Counter(Response.objects.values_list("trial__participant", "trial__stimulus__composer"))
    assert sorted(met.values()) == [4, 4, 4, 4]
    assert Counter(composer for _, composer in met) == {"muse": 2, "emelodygen": 2}


def test_the_results_offer_no_regeneration_of_an_imported_clip(tmp_path):
    study = make_study(versions=import_clips(tmp_path), cells={"music_only": 1.0}, clips_per_participant=4)
    Listener(study.slug).take_part()
    actions.close(study=study, by=study.owner)
    study.owner.user_permissions.add(Permission.objects.get(codename="add_generationrun"))
    page = logged_in(study.owner).get(f"/results/{study.slug}/?open=clips").content.decode()
    assert '<span class="small muted">imported</span>' in page
    assert "Regenerate" not in page
