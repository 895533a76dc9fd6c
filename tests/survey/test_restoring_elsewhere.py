"""An export pack read away from its study: answers find their clips by what those hold, questions their language."""

import pytest
from django.core.management import call_command

from survey import actions
from survey.exports.loading import Pack
from survey.models import Participant, Response
from survey.questions.translated import say_in
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def answers_of(study):
    found = Response.objects.filter(trial__participant__study=study).values_list(
        "trial__participant__public_id",
        "trial__position",
        "trial__stimulus__condition__name",
        "trial__stimulus__role",
        "trial__stimulus__audio_sha256",
        "choice__slug",
    )
    return sorted(found)


def test_the_answers_of_a_study_fit_its_next_version_where_every_identifier_is_another(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(cells={"matched": 1.0, "music_only": 1.0}, versions=make_versions(8), clips_per_participant=6)
    answer_study(study, people=3, each=6)
    given = answers_of(study)
    assert {condition for _, _, condition, *_ in given} == {"Matching pair", "Music only"}
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    Response.objects.all().delete()
    Participant.objects.all().delete()
    again = actions.publish(study=actions.make_new_version(study=study, by=study.owner), by=study.owner)
    identifiers = [set(one.stimuli.values_list("public_id", flat=True)) for one in (study, again)]
    assert identifiers[0].isdisjoint(identifiers[1])
    call_command("import_responses", str(tmp_path / "pack.zip"), "--study", again.slug, verbosity=0)
    assert (answers_of(again), answers_of(study)) == (given, [])


def test_a_packs_questions_speak_the_language_of_its_study_where_they_lack_anothers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(publish=False, language="de")
    actions.add_question(study=study, key="liking", by=study.owner)
    actions.publish(study=study, by=study.owner)
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with Pack(tmp_path / "pack.zip") as pack:
        (question,) = pack.questions()
    assert say_in(question.wording, "fr") == "Wie gut gefällt Ihnen dieses Stück?"
