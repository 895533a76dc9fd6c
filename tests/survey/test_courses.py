"""What is rated while a clip plays, and on the pad: stored with the answer, exported, read back, gone with people."""

import csv
import io
import json
import zipfile

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from generation.emotions import SLUGS
from survey import actions
from survey.actions import PublishRefused
from survey.actions.restoring import RestoreRefused
from survey.exports.codebook import AFFECT_FORM, COURSES
from survey.exports.loading import Pack
from survey.exports.pack import count_rows, write_pack
from survey.exports.rows import rows_of
from survey.findings.columns import Choice
from survey.findings.reports import compute_report, report_of
from survey.forms import StudyForm
from survey.models import Course, Participant, Response, Study, Trial
from survey.preregistration import frozen_facts, write_preregistration
from survey.simulation.page_forms import read_forms
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = pytest.mark.django_db
SECONDS = 1.0
RATED = {"hertz": 10, "whole": True, "valence": [None, *range(0, 1000, 100)], "arousal": [None, *[-500] * 10]}


def take_part(study, **sent):
    """Somebody who answers the first clip, with what the page would send besides."""
    Listener(study.slug).begin().send(**sent)
    return Participant.objects.latest("pk")


@pytest.fixture
def study():
    return make_study(continuous="plane", clips_per_participant=2)


def test_what_was_rated_is_stored_with_the_answer(study):
    take_part(study, course=json.dumps(RATED))
    course = Course.objects.get()
    assert course.trial.response
    assert (course.dimensions, course.hertz, course.samples, course.is_whole) == ("plane", 10, 11, True)
    assert (course.valence, course.arousal) == (RATED["valence"], RATED["arousal"])


@pytest.mark.parametrize("sent", ["", "{", "\0", json.dumps({**RATED, "valence": [2000] * 11}), json.dumps([1] * 9)])
def test_a_broken_course_never_costs_the_answer(study, sent):
    take_part(study, course=sent)
    assert Response.objects.count() == 1
    assert Course.objects.count() == 0


def test_a_study_that_asks_nothing_while_clips_play_keeps_nothing_of_it():
    take_part(make_study(clips_per_participant=2), course=json.dumps(RATED))
    assert Response.objects.count() == 1
    assert Course.objects.count() == 0


@pytest.mark.parametrize("publish", [True, False])
def test_the_page_tells_how_long_its_clip_lasts_where_readers_look_for_it(client, publish):
    study = make_study(continuous="plane", clips_per_participant=2, publish=publish)
    client.force_login(study.owner)
    listener = Listener(study.slug, client=client, entry=f"/study/{study.slug}/" + ("" if publish else "?preview=1"))
    forms = read_forms(listener.begin().page)
    (form,) = (form for form in forms if form.followed)
    assert form.seconds == Trial.objects.latest("pk").stimulus.duration_seconds > 0


def test_one_dimension_is_kept_alone():
    study = make_study(continuous="arousal", clips_per_participant=2)
    take_part(study, course=json.dumps(RATED))
    course = Course.objects.get()
    assert (course.dimensions, course.valence, course.arousal) == ("arousal", [], RATED["arousal"])
    assert list(rows_of(study, "courses"))[1][4:] == (0.1, None, -0.5, True)


def test_the_database_refuses_a_course_that_cannot_be(study):
    take_part(study, course=json.dumps(RATED))
    course = Course.objects.get()
    trial = Trial.objects.get(answered_at=None)
    for wrong in ({"samples": 0}, {"hertz": 0}, {"dimensions": "joy"}, {"trial": course.trial}):
        row = {"trial": trial, "dimensions": "plane", "hertz": 10, "samples": 3, **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            Course.objects.create(**row)
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Course.objects.update(samples=5)


def test_publication_freezes_how_both_are_asked(study):
    for name, value in (("continuous", "none"), ("affect_form", "pad")):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Study.objects.filter(pk=study.pk).update(**{name: value})
    copy = actions.make_new_version(study=study, by=study.owner)
    assert copy.continuous == "plane"


def test_a_study_without_music_has_nothing_to_rate_while_it_plays():
    study = make_study(publish=False, continuous="valence", cells={"picture_only": 1.0}, clips_per_participant=2)
    with pytest.raises(PublishRefused, match="no cell has music"):
        actions.publish(study=study, by=study.owner)


def test_the_plan_says_how_it_is_asked():
    study = make_study(publish=False, continuous="valence", ask_affect=True, affect_form="pad")
    facts = dict(frozen_facts(study))
    assert facts["Valence and arousal after the clip"].startswith("One pad")
    assert facts["Rated while the clip plays"] == "Valence alone, on a slider, ten times a second"
    assert "Rated while the clip plays: Valence alone, on a slider" in write_preregistration(study)
    plain = make_study(publish=False, ask_affect=True)
    assert not {"Valence and arousal after the clip", "Rated while the clip plays"} & set(dict(frozen_facts(plain)))


def test_a_form_that_lacks_the_choices_leaves_them_as_they_are():
    study = make_study(publish=False, continuous="plane", affect_form="pad")
    form = StudyForm({"title": "T", "question": "Q", "emotions": ["joy", "fear"]}, instance=study)
    form.is_valid()
    assert (form.cleaned_data["affect_form"], form.cleaned_data["continuous"]) == ("pad", "plane")


def export(study):
    target = io.BytesIO()
    write_pack(study, target)
    return target


def test_a_pack_tells_courses_in_long_form_and_the_form_of_the_answer(tmp_path):
    study = make_study(continuous="plane", ask_affect=True, affect_form="pad", clips_per_participant=2)
    person = take_part(study, course=json.dumps(RATED), valence="0.5", arousal="-1")
    with zipfile.ZipFile(export(study)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("courses.csv").decode("utf-8-sig"))))
        long = list(csv.DictReader(io.StringIO(archive.read("responses_long.csv").decode("utf-8-sig"))))
        manifest = json.loads(archive.read("manifest.json"))
        codebook = archive.read("codebook.csv").decode()
        assert "courses.csv" in archive.read("README.md").decode()
    assert manifest["format_version"] == "5"
    assert "courses,second,number" in codebook
    assert "Mark on the pad, unpleasant to pleasant" in codebook
    assert "Affective slider" not in codebook
    assert [row["affect_form"] for row in long] == ["pad"]
    assert [row["second"] for row in rows] == [f"{sample / 10!r}" for sample in range(11)]
    assert [row["valence"] for row in rows] == ["", *(f"{sample / 10!r}" for sample in range(10))]
    assert {row["arousal"] for row in rows[1:]} == {"-0.5"}
    assert {(row["participant"], row["position"], row["trial_kind"]) for row in rows} == {
        (person.public_id, "1", "main")
    }
    assert count_rows(study) == sum(
        file["rows"] for file in manifest["files"] if "rows" in file and file["name"] not in LEFT_OUT
    )


LEFT_OUT = {"responses_wide.csv", "codebook.csv"}


def test_packs_of_other_studies_are_as_they_were():
    study = make_study(ask_affect=True, clips_per_participant=2)
    take_part(study)
    with zipfile.ZipFile(export(study)) as archive:
        assert "courses.csv" not in archive.namelist()
        assert b"affect_form" not in archive.read("responses_long.csv")
        assert json.loads(archive.read("manifest.json"))["format_version"] == "2"
        assert {"affect_form", "continuous"}.isdisjoint(json.loads(archive.read("study.json")))


@pytest.fixture
def restored(study, tmp_path):
    """A pack of the study, and a new version of it without answers."""
    take_part(study, course=json.dumps(RATED))
    path = tmp_path / "pack.zip"
    path.write_bytes(export(study).getvalue())
    before = list(rows_of(study, "courses"))
    with transaction.atomic():
        for model in (Course, Response):
            model.objects.all().delete()
        Trial.objects.all().delete()
        Participant.objects.all().delete()
    return path, before


def test_a_pack_is_read_back_as_it_was(study, restored):
    path, before = restored
    with Pack(path) as pack:
        pack.check()
        counts = actions.restore_answers(study=study, rows=pack.rows, by=study.owner)
    assert counts["courses"] == 1
    assert list(rows_of(study, "courses")) == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"second": 0.25}, "do not follow each other"),
        ({"valence": 1.5}, "no place"),
        ({"position": 9}, "never assigned"),
    ],
)
def test_courses_that_cannot_be_are_not_read_back(study, restored, changed, said):
    with Pack(restored[0]) as pack:

        def rows(table):
            found = list(pack.rows(table))
            if table == "courses":
                for row in found if "position" in changed else found[-1:]:
                    row |= changed
            return found

        with pytest.raises(RestoreRefused, match=said):
            actions.restore_answers(study=study, rows=rows, by=study.owner)
    assert not Participant.objects.exists()


def test_a_study_that_asks_nothing_while_clips_play_takes_no_courses_back(study, restored):
    other = make_study(clips_per_participant=2, versions=[item.pair_version for item in study.stimuli.all()])
    with Pack(restored[0]) as pack, pytest.raises(RestoreRefused, match="asks nothing while clips play"):
        actions.restore_answers(study=other, rows=pack.rows, by=other.owner)


@pytest.mark.parametrize(("of_pack", "of_study"), [("plane", "valence"), ("valence", "plane"), ("arousal", "valence")])
def test_courses_of_other_dimensions_are_not_read_back(tmp_path, of_pack, of_study):
    told = make_study(continuous=of_pack, clips_per_participant=2)
    take_part(told, course=json.dumps(RATED))
    path = tmp_path / "pack.zip"
    path.write_bytes(export(told).getvalue())
    for person in told.participants.all():
        Participant.objects.filter(pk=person.pk).update(public_id=f"{person.public_id}-old")
    versions = [item.pair_version for item in told.stimuli.all()]
    other = make_study(continuous=of_study, clips_per_participant=2, versions=versions)
    with Pack(path) as pack, pytest.raises(RestoreRefused, match="Read it into a version of the study that it is of"):
        actions.restore_answers(study=other, rows=pack.rows, by=other.owner)
    assert not other.participants.exists()


def test_whoever_withdraws_takes_their_courses_along(study):
    person = take_part(study, course=json.dumps(RATED))
    stays = take_part(study, course=json.dumps(RATED))
    actions.withdraw(participant=person, by=None)
    assert Course.objects.get().trial.participant == stays
    assert {row[0] for row in rows_of(study, "courses")} == {stays.public_id}


def test_the_end_of_the_retention_keeps_courses(study):
    take_part(study, course=json.dumps(RATED))
    actions.close(study=study, by=study.owner)
    actions.anonymise(study=study, by=study.owner)
    assert Course.objects.get().valence == RATED["valence"]


@pytest.mark.django_db(transaction=True)
def test_simulated_people_rate_while_clips_play(live_server):
    study = make_study(continuous="plane", clips_per_participant=2)
    call_command("simulate", study.slug, participants=2, mix="listener=1", url=live_server.url, stdout=io.StringIO())
    courses = list(Course.objects.filter(trial__participant__kind="bot"))
    assert len(courses) == Response.objects.count() == 4
    for course in courses:
        assert course.samples == 11
        assert not Course.objects.counted(study).exists()


def test_an_editor_sees_both_settings(client):
    user = get_user_model().objects.create_superuser("ann", password="x")
    client.force_login(user)
    study = make_study(publish=False, versions=make_versions(2))
    html = client.get(f"/studies/{study.slug}/").content.decode()
    assert 'name="affect_form"' in html
    assert 'name="continuous"' in html


def test_the_documented_codebook_has_every_column(settings):
    text = (settings.BASE_DIR / "docs" / "codebook.md").read_text(encoding="utf-8")
    part = text.partition("## courses: ")[2].partition("\n## ")[0]
    for column in (*COURSES, AFFECT_FORM):
        row = f"| `{column.name}` | {column.kind} | {column.unit} | {column.values} | {column.meaning} |"
        assert row in part


def test_programs_read_courses(settings):
    study = make_study(continuous="plane", clips_per_participant=2)
    for _ in range(3):
        take_part(study, course=json.dumps(RATED))
    actions.close(study=study, by=study.owner)
    _, secret = actions.make_api_token(by=study.owner, name="t", study=study, expires_at=None)

    def get(query=""):
        return Client().get(
            f"/api/v1/studies/{study.slug}/courses{query}", headers={"Authorization": f"Bearer {secret}"}
        )

    first = get("?limit=2").json()
    second = get(f"?limit=2&cursor={first['cursor']}").json()
    assert second["next"] is None
    courses = [*first["courses"], *second["courses"]]
    assert len(courses) == 3
    assert courses[0]["valence"] == [None, *(sample / 10 for sample in range(10))]
    assert (courses[0]["hertz"], courses[0]["whole"], courses[0]["trial_kind"]) == (10, True, "main")
    lines = b"".join(get("?format=ndjson").streaming_content).decode().splitlines()
    assert [json.loads(line) for line in lines] == courses
    table = b"".join(get("?format=csv").streaming_content).decode()
    assert table.count("\n") == 1 + 3 * 11
    assert get("?format=csv&limit=1").status_code == 400


def test_the_results_tell_the_courses(client):
    study = make_study(continuous="plane", clips_per_participant=8)
    for _ in range(3):
        listener = Listener(study.slug).begin()
        while listener.address.endswith("/clip/"):
            listener.send(course=json.dumps(RATED))
    actions.close(study=study, by=study.owner)
    found = report_of(study).measures["continuous"]
    assert {course.emotion for course in found.valence.emotions} == set(SLUGS)
    assert found.valence.emotions[0].mean[1:3] == (0.0, 0.1)
    assert compute_report(study, Choice(included_only=True)).measures["continuous"] is not None
    client.force_login(study.owner)
    page = client.get(f"/results/{study.slug}/report/").content.decode()
    for text in ("Rated valence while the clip played", "How far people went alike", "at each moment by itself"):
        assert text in page
    assert client.get(f"/results/{study.slug}/figures/course_valence.svg").status_code == 200
