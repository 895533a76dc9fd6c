"""What is kept of an outside id, and what people and researchers are told of it."""

from __future__ import annotations

import csv
import io
from itertools import product

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from generation.emotion_words import find_emotion_words
from survey import actions
from survey.exports.codebook import TABLES
from survey.exports.rows import rows_of
from survey.first_words import default_wording, is_default
from survey.models import OutsideId, Participant, Study
from survey.models.participation import make_token
from survey.queries.overview import overview_of
from survey.questions import REGISTER
from survey.wording import CHOICE_WORDS
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LANGUAGES = [code for code, _ in settings.LANGUAGES]


def entry(study: Study, value: str) -> str:
    return f"/study/{study.slug}/?PROLIFIC_PID={value}"


def fetch_table(study: Study, **asked: str) -> list[dict[str, str]]:
    client = Client()
    client.force_login(study.owner)
    answer = client.post(f"/studies/{study.slug}/recruiting/table.csv", asked)
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_no_column_and_no_order_of_the_recruiters_table_joins_it_to_the_answers():
    study = make_study(recruiter="prolific", id_storage="kept")
    for value in ("zoe", "mia", "ada"):
        Listener(study.slug, entry=entry(study, value)).take_part()
    table = fetch_table(study)
    people = [[str(value) for value in row] for row in rows_of(study, "participants")]
    for name, column in product(table[0], range(len(people[0]))):
        ours, theirs = [row[name] for row in table], [row[column] for row in people]
        shared = {value for value in ours if ours.count(value) == theirs.count(value) == 1}
        assert not shared, (name, column)
    assert [row["id"] for row in table] == ["ada", "mia", "zoe"]
    assert set(table[0]) == {"id", "code", "status", "reason", "bonus"}


def test_of_who_declines_the_hash_alone_is_kept_and_they_are_not_asked_again():
    study = make_study(recruiter="prolific", id_storage="kept")
    listener = Listener(study.slug, entry=entry(study, "shy1"))
    listener.get()
    page = listener.send(consent="no").content.decode()
    assert "nothing else" in page
    assert "a code calculated from the number in your link" in page
    assert OutsideId.objects.count() == 0
    person = Participant.objects.get()
    assert "shy1" not in str(vars(person))
    assert Client().get(entry(study, "shy1")).status_code == 409
    assert fetch_table(study) == []
    (row,) = fetch_table(study, ids="shy1")
    assert (row["status"], row["code"]) == ("no_consent", study.code_no_consent)


def test_a_decline_by_a_plain_link_says_nothing_of_a_number():
    study = make_study()
    listener = Listener(study.slug)
    listener.get()
    page = listener.send(consent="no").content.decode()
    assert "nothing else" in page
    assert "number in your link" not in page


@pytest.mark.parametrize("ends", ["declines", "finds it full", "agrees"])
def test_no_participation_ends_or_consents_before_it_began(ends):
    study = make_study(recruiter="prolific", id_storage="kept", quota=1)
    if ends == "finds it full":
        actions.join(study=study, token=make_token(), language="en", external_id="first")
    act = actions.decline if ends == "declines" else actions.join
    person = act(study=study, token=make_token(), language="en", external_id="abc1")
    person.refresh_from_db()
    times = [time for time in (person.consented_at, person.finished_at) if time]
    assert times
    assert all(time == person.created_at for time in times)


def test_the_codebook_says_what_the_times_are():
    meanings = {column.name: column.meaning for column in TABLES["participants"]}
    assert "consent" in meanings["created_at"]
    for table in ("responses_long", "assignment"):
        assert "empty" in {column.name: column.meaning for column in TABLES[table]}["shown_at"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_proposed_consent_text_says_whether_ids_are_kept(code):
    pairs = ["picture_and_music"]
    hashed = default_wording(code, "choose", pairs)["consent_text"]
    kept = default_wording(code, "choose", pairs, keeps_ids=True)["consent_text"]
    assert hashed != kept
    assert is_default("consent_text", kept)
    with override("en"):
        study = make_study(publish=False, language=code, consent_text=hashed)
    study = actions.edit_study(study=study, by=study.owner, id_storage="kept", recruiter="prolific")
    assert study.consent_text == kept
    study = actions.edit_study(study=study, by=study.owner, id_storage="hashed")
    assert study.consent_text == hashed


def test_translations_follow_what_is_kept_too():
    study = make_study(
        publish=False,
        translations={"de": {"title": "Eine Studie", **default_wording("de", "choose")}},
        id_storage="kept",
        recruiter="prolific",
        consent_text=default_wording("en", "choose")["consent_text"],
    )
    study = actions.edit_study(study=study, by=study.owner, title="A study")
    assert "niemand aus den Daten erkennen kann" not in study.translations["de"]["consent_text"]
    assert "nobody can tell" not in study.consent_text


@pytest.mark.parametrize(("storage", "text", "is_warned"), [("kept", "My own.", True), ("hashed", "My own.", False)])
def test_a_consent_text_of_ones_own_is_pointed_at_where_ids_are_kept(storage, text, is_warned):
    study = make_study(publish=False, recruiter="prolific", id_storage=storage, consent_text=text)
    assert any("Outside ids are kept" in warning for warning in overview_of(study).warnings) is is_warned


def test_the_proposed_text_is_not_pointed_at():
    text = default_wording("en", "choose", keeps_ids=True)["consent_text"]
    study = make_study(publish=False, recruiter="prolific", id_storage="kept", consent_text=text)
    assert not any("Outside ids are kept" in warning for warning in overview_of(study).warnings)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("ends", ["active", "complete", "withdrawn", "no_consent"])
def test_a_number_that_was_used_tells_nobody_how_it_ended(code, ends):
    study = make_study(recruiter="prolific")
    if ends == "no_consent":
        actions.decline(study=study, token=make_token(), language="en", external_id="abc1")
    elif ends == "active":
        actions.join(study=study, token=make_token(), language="en", external_id="abc1")
    else:
        Listener(study.slug, entry=entry(study, "abc1")).take_part()
        if ends == "withdrawn":
            actions.withdraw(participant=Participant.objects.get(), by=None)
    page = Client().get(entry(study, "abc1"), headers={"accept-language": code}).content.decode()
    assert "This link has been used before" in page
    for telling in ("begun", "begin", "go on", "finish", "withdr", "declin"):
        assert telling not in page.split("<main", 1)[1]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("scale", [key for key, question in REGISTER.items() if question.kind.name == "slider"])
def test_no_word_of_a_scale_names_an_emotion_or_repeats_an_answer(code, scale):
    with override(code):
        asked = REGISTER[scale]
        words = " ".join(str(word) for word in (asked.wording, asked.kind.low, asked.kind.high))
        answers = [str(word).casefold() for word in CHOICE_WORDS.values()]
    assert find_emotion_words(words) == ()
    for word in words.casefold().replace("–", " ").split():
        assert not any(answer[:5] == word[:5] for answer in answers), word
