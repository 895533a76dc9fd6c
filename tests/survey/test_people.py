"""Setting people aside by hand: with a reason, blindly, by those who may, and never for good."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from generation.emotions import EMOTIONS
from survey import actions
from survey.actions import JudgingRefused
from survey.exports.rows import rows_of
from survey.figures.paragraphs import methods_paragraph
from survey.findings import Choice, count_people, report_of
from survey.findings.study_facts import facts_of
from survey.models import AuditEntry, Fill, Participant, Response
from survey.queries import ratings
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_study(exclusion_rules={"longest_run": 3})


def log_in(user):
    client = Client()
    client.force_login(user)
    return client


def people_page(study, query="", user=None):
    return log_in(user or study.owner).get(f"/studies/{study.slug}/people/{query}").content.decode()


def test_who_is_set_aside_is_left_out_with_the_reason_and_comes_back(study):
    one, other = answer_study(study, people=2)
    before = actions.judge_participant(one).reasons
    actions.set_aside(participant=one, reason="  wrote that the sound\nwas off ", by=study.owner)
    one.refresh_from_db()
    assert (one.included, one.verdict) == (False, [*before, "by hand: wrote that the sound was off"])
    assert {row["participant"] for row in ratings(study, included_only=True)} == {other.public_id}
    assert {row["participant"] for row in ratings(study)} == {one.public_id, other.public_id}
    assert Response.objects.count() == 16
    actions.take_back(participant=one, by=study.owner)
    one.refresh_from_db()
    assert (one.set_aside, one.included, one.verdict) == ("", not before, list(before))
    entries = AuditEntry.objects.filter(study=study, action__in=("exclude", "take_back")).order_by("pk")
    assert [(entry.action, entry.actor, entry.detail["participant"]) for entry in entries] == [
        ("exclude", study.owner, one.public_id),
        ("take_back", study.owner, one.public_id),
    ]
    assert entries[0].detail["reason"] == "wrote that the sound was off"


def test_the_rules_and_the_hand_stand_side_by_side(study):
    (person,) = answer_study(study, people=1, choose=lambda *_: "none")
    actions.set_aside(participant=person, reason="asked for it", by=study.owner)
    person.refresh_from_db()
    assert person.verdict == ['straight-lining: 8 times "none" in a row', "by hand: asked for it"]
    actions.take_back(participant=person, by=study.owner)
    person.refresh_from_db()
    assert (person.included, person.verdict) == (False, ['straight-lining: 8 times "none" in a row'])


def test_somebody_set_aside_in_the_middle_stays_so_when_they_finish(study):
    listener = Listener(study.slug).begin()
    person = Participant.objects.get()
    actions.set_aside(participant=person, reason="a colleague", by=study.owner)
    listener.take_part()
    person.refresh_from_db()
    assert (person.outcome, person.included) == ("complete", False)
    assert "by hand: a colleague" in person.verdict


def test_taking_back_somebody_in_the_middle_leaves_no_verdict(study):
    Listener(study.slug).begin().send()
    person = Participant.objects.get()
    actions.set_aside(participant=person, reason="a colleague", by=study.owner)
    actions.take_back(participant=person, by=study.owner)
    person.refresh_from_db()
    assert (person.included, person.verdict) == (None, [])


def test_setting_aside_needs_a_reason_and_answers(study):
    (person,) = answer_study(study, people=1)
    with pytest.raises(JudgingRefused, match="Say why"):
        actions.set_aside(participant=person, reason=" \n", by=study.owner)
    actions.set_aside(participant=person, reason="x" * 500, by=study.owner)
    with pytest.raises(JudgingRefused, match="already"):
        actions.set_aside(participant=person, reason="again", by=study.owner)
    person.refresh_from_db()
    assert person.set_aside == "x" * 200
    actions.withdraw(participant=person, by=None)
    person.refresh_from_db()
    assert person.set_aside == ""
    with pytest.raises(JudgingRefused, match="no answers"):
        actions.set_aside(participant=person, reason="late", by=study.owner)


def test_swapping_who_is_set_aside_changes_the_kept_report(study):
    """{1, 4} and {2, 3} are as many people with the same sum of keys."""
    outer, inner = (0, 3), (1, 2)

    def choose(person, stimulus, _):
        return stimulus.emotion if study.participants.filter(pk__lt=person.pk).count() in outer else "none"

    people = answer_study(study, people=4, choose=choose)
    for place in outer:
        actions.set_aside(participant=people[place], reason="first", by=study.owner)
    first = report_of(study, Choice(included_only=True))
    for place in outer:
        actions.take_back(participant=people[place], by=study.owner)
    for place in inner:
        actions.set_aside(participant=people[place], reason="then", by=study.owner)
    second = report_of(study, Choice(included_only=True))
    assert (first["accuracy"]["hits"], second["accuracy"]["hits"]) == (0, 16)
    assert count_people(study).excluded == 2


def test_the_report_tells_rules_and_hands_apart(study):
    people = answer_study(study, people=3)
    actions.set_aside(participant=people[0], reason="sound was off", by=study.owner)
    written = methods_paragraph(report_of(study, Choice()), facts_of(study))
    assert "rules fixed at publication apply to 0 and a researcher set 1 aside by hand, whose answers" in written


def test_the_reason_is_in_the_export(study):
    (person,) = answer_study(study, people=1)
    actions.set_aside(participant=person, reason="sound was off", by=study.owner)
    (row,) = rows_of(study, "participants")
    assert row[-1][-1] == "by hand: sound was off"


def test_who_was_set_aside_still_is_after_a_round_trip(study, tmp_path):
    one, _ = answer_study(study, people=2, choose=lambda *_: "none")
    actions.set_aside(participant=one, reason="left | came back", by=study.owner)
    one.refresh_from_db()
    call_command("export", study.slug, out=tmp_path / "pack.zip", stdout=StringIO())
    public_id, verdict = one.public_id, one.verdict
    for person in study.participants.all():
        person.trials.all().delete()
        person.delete()
    Fill.objects.filter(stimulus__study=study).update(answers=0, seconds=0.0)
    call_command("import_responses", tmp_path / "pack.zip", stdout=StringIO())
    restored = Participant.objects.get(public_id=public_id)
    assert (restored.set_aside, restored.included, restored.verdict) == ("left / came back", False, verdict)


def test_the_page_lists_people_with_their_answers_and_filters_them(study):
    Listener(study.slug).begin().send()
    Listener(study.slug).take_part(answer=lambda _: "none")
    declined = Listener(study.slug)
    declined.get()
    declined.send(consent="no")
    actions.open_preview(study=study, by=study.owner)
    begun, complete, refused = study.participants.filter(kind="person").order_by("pk")

    def listed(query=""):
        return re.findall(r'<tr id="(\w+)">', people_page(study, query))

    assert listed() == [refused.public_id, complete.public_id, begun.public_id]
    assert listed("?outcome=active") == [begun.public_id]
    assert listed("?verdict=excluded") == listed("?outcome=complete") == [complete.public_id]
    assert listed("?verdict=none&outcome=no_consent") == [refused.public_id]
    assert listed("?verdict=by_hand") == []
    assert len(listed("?verdict=nonsense&outcome=x&page=99")) == 3
    rows = dict(re.findall(r'<tr id="(\w+)">(.*?)</tr>', people_page(study), re.DOTALL))
    numbers = {key: re.findall(r'<td class="number"[^>]*>([^<]*)</td>', row) for key, row in rows.items()}
    assert numbers == {
        begun.public_id: ["1", "–"],
        complete.public_id: ["8", "–"],
        refused.public_id: ["0", "–"],
    }


def test_what_was_heard_is_the_share_that_the_rule_judges(study):
    (person,) = answer_study(study, people=1)
    for number, response in enumerate(Response.objects.all()):
        response.delete()  # a stored answer is never edited
        response.pk, response.played_seconds = None, number / 4  # clips are one second long
        response.save(force_insert=True)
    assert re.search(r'<td class="number"[^>]*>69 %</td>', people_page(study))  # 0, ¼, ½, ¾, and four whole ones
    assert person.public_id in people_page(study)


def test_fifty_on_a_page_in_a_constant_number_of_questions(study, django_assert_max_num_queries):
    answer_study(study, people=60, each=2)
    client = log_in(study.owner)
    client.get(f"/studies/{study.slug}/people/")
    with django_assert_max_num_queries(8):
        first = client.get(f"/studies/{study.slug}/people/?verdict=none").content.decode()
    assert first.count("<tr id=") == 50
    assert "?verdict=none&amp;page=2" in first
    assert people_page(study, "?page=2").count("<tr id=") == 10


def test_nothing_on_the_page_tells_what_was_meant_or_recognised(study):
    answer_study(study, people=3)
    words = {word.casefold() for emotion in EMOTIONS for word in (emotion.slug, emotion.label)}
    page = people_page(study).casefold()
    assert [word for word in words if re.search(rf"\b{word}\b", page)] == []
    assert "hit" not in re.findall(r"\w+", page)
    assert study.stimuli.first().composer not in re.findall(r"\w+", page)


def test_no_outside_id_and_no_secret_is_on_the_page():
    study = make_study(recruiter="prolific")
    Listener(study.slug, entry=f"/study/{study.slug}/?PROLIFIC_PID=abc123&STUDY_ID=s&SESSION_ID=t").begin()
    person = Participant.objects.get()
    page = people_page(study)
    assert person.public_id in page
    assert not any(secret in page for secret in ("abc123", person.external_id_hash, person.token))


def test_the_buttons_set_aside_and_take_back_and_return_to_the_same_list(study):
    (person,) = answer_study(study, people=1)
    client = log_in(study.owner)
    base = f"/studies/{study.slug}/people/{person.public_id}"
    response = client.post(f"{base}/exclude/", {"reason": "sound was off", "verdict": "none", "page": "1"})
    assert response["Location"] == f"/studies/{study.slug}/people/?verdict=none&page=1#{person.public_id}"
    assert "by hand: sound was off" in people_page(study)
    client.post(f"{base}/include/")
    assert "by hand: sound was off" not in people_page(study)
    response = client.post(f"{base}/exclude/", {"reason": ""}, follow=True)
    assert "Say why this person is set aside" in response.content.decode()


def test_editors_may_and_viewers_and_others_may_not(study):
    (person,) = answer_study(study, people=1)
    users = {name: make_researcher(name) for name in ("editor", "viewer", "other")}
    for role in ("editor", "viewer"):
        actions.share(study=study, user=users[role], role=role, by=study.owner)
    elsewhere = make_study(by=users["other"])
    base = f"people/{person.public_id}/exclude/"
    codes = {
        name: (
            log_in(user).get(f"/studies/{study.slug}/people/").status_code,
            log_in(user).post(f"/studies/{study.slug}/{base}", {"reason": "no"}).status_code,
        )
        for name, user in users.items()
    }
    assert codes == {"editor": (200, 302), "viewer": (404, 404), "other": (404, 404)}
    assert log_in(users["other"]).post(f"/studies/{elsewhere.slug}/{base}", {"reason": "no"}).status_code == 404
    assert Client().post(f"/studies/{study.slug}/{base}", {"reason": "no"}).status_code == 302
    assert AuditEntry.objects.filter(action="exclude").count() == 1


def test_previews_and_bots_cannot_be_set_aside(study):
    preview = actions.open_preview(study=study, by=study.owner)
    base = f"/studies/{study.slug}/people/{preview.public_id}/exclude/"
    assert log_in(study.owner).post(base, {"reason": "no"}).status_code == 404


def test_who_sets_aside_after_looking_is_told_and_recorded(study):
    one, other = answer_study(study, people=2)
    actions.set_aside(participant=one, reason="before", by=study.owner)
    assert "not set aside blindly" not in people_page(study)
    actions.open_results(study=study, by=study.owner)
    assert "not set aside blindly" in people_page(study)
    actions.set_aside(participant=other, reason="after", by=study.owner)
    entries = AuditEntry.objects.filter(action="exclude").order_by("pk")
    assert [entry.detail["results_visible"] for entry in entries] == [False, True]
