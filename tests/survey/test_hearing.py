"""Nothing counts before its sound can have been heard: sound check, headphone test and clips, by the server's clock."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from survey import actions
from survey.actions.hearing import check_number, name_check, name_headphones, targets_of, tones_of
from survey.findings.facts import facts_of
from survey.forms import StudyForm
from survey.models import Participant, Response, Trial
from survey.preregistration import write_preregistration
from tests.survey.factories import make_study as make_any_study
from tests.survey.factories import make_versions
from tests.survey.participating import Listener, let_time_pass
from tests.survey.test_studies import FORM

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def make_study(**fields):
    """A study that refuses what nobody can have heard."""
    return make_any_study(**{"unheard": "refuse", **fields})


TO_THE_END = "Play the sound to its end first."
ALL_SIX = {f"part_{number}": "1" for number in range(1, 7)}


class Deaf(Listener):
    """Somebody who plays nothing and sends the form."""

    def hear(self):
        return {}


def person():
    return Participant.objects.get()


def at_sound(study=None, kind=Deaf):
    listener = kind((study or make_study()).slug)
    listener.get()
    listener.send()
    assert listener.address.endswith("/sound/")
    return listener


def right_number():
    return str(tones_of(person())[0])


def wrong_number():
    return str(next(count for count in (3, 4) if count != tones_of(person())[0]))


def fetch(listener, number=1):
    return listener.client.get(f"/study/{listener.slug}/sound/{number}.wav")


# The sound check


@pytest.mark.parametrize("told", [{}, {"played": "4.0"}, {"played": "99"}])
def test_the_right_number_without_the_sound_ever_sent_is_refused(told):
    listener = at_sound()
    assert listener.send(tones=right_number(), **told).status_code == 400
    assert TO_THE_END in listener.page
    assert (person().sound_checked_at, person().sound_wrong) == (None, 0)


def test_nothing_chosen_and_nothing_played_is_refused():
    listener = at_sound()
    assert listener.send(tones="").status_code == 400
    assert TO_THE_END in listener.page
    fetch(listener)
    let_time_pass(person().token)
    assert listener.send(tones="").status_code == 400
    assert "Please say how many tones you heard." in listener.page


@pytest.mark.parametrize(("seconds", "passes"), [(2.9, False), (3.1, True)])
def test_the_servers_clock_says_whether_the_sound_can_be_over(seconds, passes):
    """3.5 of 4 seconds are needed, and the clocks may differ by half a second."""
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token, seconds)
    listener.send(tones=right_number())
    assert (person().sound_checked_at is not None) is passes
    assert (TO_THE_END in listener.page) is not passes


@pytest.mark.parametrize(("played", "passes"), [("0", False), ("3.4", False), ("3.5", True)])
def test_what_a_script_measured_too_little_is_refused(played, passes):
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token)
    listener.send(tones=right_number(), played=played)
    assert (person().sound_checked_at is not None) is passes
    if passes:
        assert person().sound_measured is True
    else:
        assert TO_THE_END in listener.page


@pytest.mark.parametrize(("played", "measured"), [("", False), ("4.0", True), ("nonsense", False), ("31", False)])
def test_not_measured_and_more_than_time_passed_is_flagged(played, measured):
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token, 30)
    listener.send(tones=right_number(), played=played)
    assert listener.address.endswith("/clip/")
    assert person().sound_measured is measured


def test_a_wrong_number_is_counted_and_brings_another_sound():
    listener = at_sound()
    sounds = [fetch(listener).content]
    let_time_pass(person().token)
    assert listener.send(tones=wrong_number(), played="4").status_code == 400
    assert "There were more or fewer tones." in listener.page
    assert (person().sound_wrong, person().sound_checked_at) == (1, None)
    assert fetch(listener, 1).status_code == 404
    assert "/sound/2.wav" in listener.page
    assert listener.form()[1]["played"] == ""
    # Guessing on without hearing the new sound is refused and not counted.
    listener.send(tones=right_number())
    assert TO_THE_END in listener.page
    sounds.append(fetch(listener, 2).content)
    let_time_pass(person().token)
    assert sounds[0] != sounds[1]
    listener.send(tones=right_number())
    assert listener.address.endswith("/clip/")
    assert person().sound_wrong == 1


def test_an_answer_to_an_older_sound_is_not_taken_for_the_new_one():
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token)
    address, values, _ = listener.form()
    listener.send(tones=wrong_number())
    response = listener.client.post(address, {**values, "tones": wrong_number()})
    assert "This page was out of date." in response.content.decode()
    assert person().sound_wrong == 1


def test_the_same_right_answer_twice_goes_on_both_times():
    listener = at_sound(kind=Listener)
    address, values, _ = listener.form()
    data = {**values, **listener.hear()}
    answers = [listener.client.post(address, data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]


@pytest.mark.parametrize("tones", ["x", "-3", "9" * 400, "4.5", ""])
@pytest.mark.parametrize("number", ["1", "x", "9" * 400])
def test_what_cannot_be_read_gets_a_sentence(tones, number):
    listener = at_sound()
    assert listener.send(tones=tones, number=number, played="NaN").status_code == 400
    assert 'role="alert"' in listener.page


def test_after_a_long_pause_there_is_a_new_sound_to_hear():
    listener = Listener(make_study().slug).begin()
    first = tones_of(person())
    listener.send()
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    listener.get()
    assert listener.address.endswith("/sound/")
    assert "/sound/2.wav" in listener.page
    assert tones_of(person()) != first
    assert Deaf.hear(listener) == {}
    fetch(listener, 2)
    assert Deaf.send(listener, tones="").status_code == 400


@pytest.mark.parametrize(("first", "second", "measured"), [("4", "4", True), ("", "4", False), ("4", "", False)])
def test_every_sound_check_must_have_been_measured(first, second, measured):
    listener = Listener(make_study().slug)
    listener.get()
    listener.send()
    listener.send(played=first)
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    listener.get()
    assert listener.address.endswith("/sound/")
    listener.send(played=second)
    assert person().sound_measured is measured


def test_the_sound_is_for_the_participant_alone_and_kept_by_no_browser():
    listener = at_sound()
    address = f"/study/{listener.slug}/sound/1.wav"
    assert Client().get(address).status_code == 302
    response = listener.client.get(address)
    assert response.headers["Cache-Control"] == "private, no-store"
    part = listener.client.get(address, headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"RI", "bytes 0-1/128044")
    assert listener.client.get(address, headers={"Range": "bytes=999999-"}).status_code == 416


@pytest.mark.parametrize(
    ("method", "asked", "noted"),
    [("get", "", True), ("get", "bytes=0-", True), ("get", "bytes=0-1", False), ("head", "", False)],
)
def test_a_sound_counts_as_sent_with_its_end(method, asked, noted):
    listener = at_sound()
    getattr(listener.client, method)(f"/study/{listener.slug}/sound/1.wav", headers={"Range": asked} if asked else {})
    assert (name_check(1) in person().sounds_sent) is noted


def test_two_people_hear_different_numbers():
    study = make_study()
    numbers = set()
    for _ in range(12):
        at_sound_of = Deaf(study.slug)
        at_sound_of.get()
        at_sound_of.send()
    for one in Participant.objects.all():
        assert check_number(one) == 1
        numbers.add(tones_of(one)[0])
    assert len(numbers) > 1


# The headphone test


def at_headphones(**fields):
    listener = Listener(make_study(headphones="record", **fields).slug)
    listener.get()
    listener.send()
    listener.send()
    assert listener.address.endswith("/headphones/")
    return listener


def fetch_all(listener, *numbers):
    for number in numbers or range(1, 7):
        listener.client.get(f"/study/{listener.slug}/headphones/{number}.wav")


def send_deaf(listener, **chosen):
    return Deaf.send(listener, **{**dict.fromkeys(listener.form()[2], "1"), **chosen})


@pytest.fixture
def deaf(monkeypatch):
    """From the headphone test on, this listener plays nothing by itself."""
    listener = at_headphones()
    monkeypatch.setattr(listener, "hear", dict)
    return listener


def test_answers_without_any_sound_are_refused_and_the_first_sound_is_named(deaf):
    assert deaf.send(**ALL_SIX).status_code == 400
    assert "Play sound 1 to its end first." in deaf.page
    assert person().headphones == {}


def test_the_sound_that_was_never_sent_is_named_and_the_answers_stay_on_the_page(deaf):
    fetch_all(deaf, 1, 2, 4, 5, 6)
    let_time_pass(person().token)
    assert deaf.send(**{**ALL_SIX, "part_2": "3"}, played_1="4.0").status_code == 400
    assert "Play sound 3 to its end first." in deaf.page.split("<form")[0]
    assert deaf.page.count("checked") == 6
    assert 'name="part_2" value="3" required checked' in deaf.page
    assert deaf.form()[1]["played_1"] == "4.0"


@pytest.mark.parametrize("played", ["0", "0.0", "3.4"])
def test_the_sound_that_a_script_saw_too_little_of_is_named(deaf, played):
    fetch_all(deaf)
    let_time_pass(person().token)
    measured = {f"played_{number}": "4" for number in range(1, 7)}
    assert deaf.send(**ALL_SIX, **{**measured, "played_5": played}).status_code == 400
    assert "Play sound 5 to its end first." in deaf.page.split("<form")[0]


@pytest.mark.parametrize(("seconds", "passes"), [(20.0, False), (20.6, True)])
def test_six_sounds_take_their_time_one_after_the_other(deaf, seconds, passes):
    """Six times 3.5 seconds, less half a second between the clocks."""
    now = timezone.now()
    for number in range(1, 7):
        actions.note_sent(participant=person(), sound=name_headphones(number), now=now)
    stored = actions.record_headphones(
        participant=person(), heard=[0] * 6, played=[None] * 6, now=now + timedelta(seconds=seconds)
    )
    assert bool(stored.problem) is not passes
    assert person().headphones.get("finished", False) is passes


def test_a_sound_that_came_late_needs_its_own_time(deaf):
    start = timezone.now()
    for number in range(1, 7):
        later = start + timedelta(seconds=60 if number == 6 else 0)
        actions.note_sent(participant=person(), sound=name_headphones(number), now=later)
    outcomes = [
        actions.record_headphones(
            participant=person(), heard=[0] * 6, played=[4.0] * 6, now=start + timedelta(seconds=after)
        ).problem
        for after in (62.9, 63.1)
    ]
    assert str(outcomes[0]) == "Play all sounds to their end, one after the other, before you go on."
    assert outcomes[1] == ""


@pytest.mark.parametrize(
    ("played", "measured"),
    [([4.0] * 6, True), ([None] * 6, False), ([4.0] * 5 + [None], False), ([4.0] * 5 + [11.0], False)],
)
def test_what_was_measured_is_stored_and_what_cannot_be_is_flagged(deaf, played, measured):
    now = timezone.now()
    for number in range(1, 7):
        actions.note_sent(participant=person(), sound=name_headphones(number), now=now)
    targets = targets_of(person())
    actions.record_headphones(participant=person(), heard=targets, played=played, now=now + timedelta(seconds=30))
    found = person().headphones
    assert (found["played"], found["measured"], found["passed"]) == (played, measured, True)
    assert person().sounds_sent == {}


def test_an_unanswered_sound_and_an_impossible_part_are_refused(deaf):
    fetch_all(deaf)
    let_time_pass(person().token)
    for part in ("", "0", "4", "-1", "x"):
        assert deaf.send(**{**ALL_SIX, "part_4": part}).status_code == 400
        assert "Please answer all six." in deaf.page


# Clips


def at_clip(seconds=4.0, **fields):
    versions = make_versions(3, seconds=seconds)
    return Listener(make_study(versions=versions, clips_per_participant=3, **fields).slug).begin()


def show_earlier(seconds):
    Trial.objects.update(assigned_at=timezone.now() - timedelta(seconds=seconds), shown_at=None)


@pytest.mark.parametrize("played", ["", "4.0", "900"])
@pytest.mark.parametrize(("seconds", "stored"), [(2.8, 0), (3.1, 1)])
def test_an_answer_sooner_than_the_clip_lasts_is_refused_whatever_the_browser_tells(played, seconds, stored):
    listener = at_clip()
    show_earlier(seconds)
    listener.send(played_seconds=played)
    assert Response.objects.count() == stored
    assert ("Please listen to the whole clip first." in listener.page) is not stored


def test_the_refused_answer_stays_on_the_page_and_is_taken_later():
    listener = at_clip()
    listener.send(chosen="none", confidence="4")
    assert 'value="none" required checked' in listener.page
    show_earlier(10)
    listener.send(chosen="none", confidence="4")
    assert list(Response.objects.values_list("choice__slug", "confidence")) == [("none", 4)]


def test_practice_is_listened_to_as_well():
    practice = make_versions(1, first=60, seconds=4.0)
    listener = at_clip(practice=practice, practice_trials=1)
    assert Trial.objects.get().kind == "practice"
    assert listener.send().status_code == 400


def test_where_listening_is_not_required_the_clock_refuses_nothing():
    at_clip(require_listening=False).send()
    assert Response.objects.count() == 1


def test_a_picture_alone_is_answered_at_once():
    versions = make_versions(3, seconds=4.0)
    Listener(make_study(versions=versions, cells={"picture_only": 1}).slug).begin().send()
    assert Response.objects.count() == 1


@pytest.mark.parametrize(("told", "doubtful"), [("4.0", False), ("10.4", False), ("10.7", True), ("", False)])
def test_more_seconds_than_passed_are_stored_and_flagged(told, doubtful):
    listener = at_clip()
    show_earlier(10)
    listener.send(played_seconds=told)
    assert Response.objects.get().listening_doubtful is doubtful


def test_what_was_heard_before_a_long_pause_counts_after_it():
    listener = at_clip()
    listener.get()
    show_earlier(3 * 3600)
    Participant.objects.update(last_seen_at=timezone.now() - timedelta(hours=2))
    listener.get()
    assert listener.address.endswith("/sound/")
    listener.send()
    assert listener.address.endswith("/clip/")
    trial = Trial.objects.get()
    assert (timezone.now() - trial.shown_at).total_seconds() < 60
    listener.send(played_seconds="4.0")
    response = Response.objects.get()
    assert (response.listening_doubtful, response.seconds < 60) == (False, True)


def test_a_page_that_is_shown_late_is_timed_from_its_showing():
    """Nobody hears the clip between the answer before it and the first look at it."""
    listener = at_clip()
    Trial.objects.update(assigned_at=timezone.now() - timedelta(hours=1), shown_at=None)
    listener.get()
    assert Trial.objects.get().shown_at is not None
    assert listener.send().status_code == 400


def test_the_rule_leaves_out_who_was_not_measured_and_keeps_who_was():
    study = make_study(exclusion_rules={"listening_measured": True}, clips_per_participant=2, ask_background=False)
    for measured in (True, False):
        listener = Listener(study.slug)
        listener.get()
        listener.send()
        listener.send(**({"played": "4.0"} if measured else {}))
        for _ in range(2):
            Trial.objects.update(assigned_at=timezone.now() - timedelta(seconds=5))
            listener.send(**({"played_seconds": "1.0"} if measured else {}))
    one, other = Participant.objects.order_by("pk")
    assert (one.included, one.verdict) == (True, [])
    assert (other.included, other.verdict) == (False, ["listening not measured: 2 of 2 answers, sound check"])


def test_what_is_not_to_be_believed_counts_only_as_the_time_that_passed():
    rules = {"listening_share": 0.8}
    study = make_study(exclusion_rules=rules, clips_per_participant=1, ask_background=False, require_listening=False)
    Listener(study.slug).begin().send(played_seconds="500")
    (reason,) = person().verdict
    assert reason.startswith("too little listening")


def test_a_withdrawal_takes_what_is_known_of_the_tests_with_it():
    listener = at_sound()
    fetch(listener)
    let_time_pass(person().token)
    listener.send(tones=wrong_number())
    fetch(listener, 2)
    actions.withdraw(participant=person())
    left = person()
    assert (left.sound_wrong, left.sound_measured, left.sounds_sent, left.headphones) == (0, None, {}, {})


def test_people_page_and_monitor_show_what_was_not_measured():
    study = make_study(clips_per_participant=2)
    Listener(study.slug).take_part()
    client = Client()
    client.force_login(study.owner)
    people = client.get(f"/studies/{study.slug}/people/").content.decode()
    assert "<li>not measured: 2 answers</li><li>not measured: sound check</li>" in people
    monitor = client.get(f"/studies/{study.slug}/monitor/").content.decode()
    assert "<dt>Tests not measured</dt><dd>1</dd>" in monitor
    assert "<dt>Doubtful listening</dt><dd>0</dd>" in monitor


def test_rules_about_listening_are_written_wherever_the_plan_is():
    study = make_study(exclusion_rules={"listening_measured": True, "most_sound_mistakes": 0})
    plan = write_preregistration(study)
    assert "- listening measured at every clip and test: True" in plan
    assert "- wrong answers at the sound check, at most: 0" in plan
    assert "- No answer is taken sooner than the clip lasts, measured or not" in plan
    facts = facts_of(study)
    assert "listening measured at every clip and test; at most 0 wrong answers at the sound check" in facts.rules
    assert "none sooner than the clip lasts" in facts.listening


@pytest.mark.parametrize(("written", "kept"), [("0", 0), ("", None), ("2", 2)])
def test_no_mistake_allowed_is_kept_as_a_rule(written, kept):
    form = StudyForm({**FORM, "most_sound_mistakes": written})
    assert form.is_valid(), form.errors
    assert form.values()["exclusion_rules"].get("most_sound_mistakes") == kept


# A study that marks instead of refusing


def test_without_a_script_and_without_the_sound_a_study_may_take_it_and_mark_it():
    study = make_study(unheard="mark", headphones="record")
    listener = at_sound(study)
    listener.send(tones=wrong_number())
    assert (person().sound_measured, person().sound_wrong) == (False, 0)
    listener.send(**ALL_SIX)
    assert (person().headphones["measured"], person().headphones["finished"]) == (False, True)
    assert listener.address.endswith("/clip/")


@pytest.mark.parametrize("told", [{"played": "0"}, {"played": "4.0"}])
def test_what_a_script_did_not_see_played_is_refused_there_too(told):
    listener = at_sound(make_study(unheard="mark"))
    assert listener.send(tones=right_number(), **told).status_code == 400
    assert person().sound_checked_at is None


def test_whoever_fetched_the_sound_is_asked_about_it_there_too():
    listener = at_sound(make_study(unheard="mark"))
    fetch(listener)
    let_time_pass(person().token)
    assert listener.send(tones=wrong_number()).status_code == 400
    assert (person().sound_checked_at, person().sound_wrong) == (None, 1)


@pytest.mark.parametrize("played", ["", "4.0"])
def test_an_answer_sooner_than_the_clip_lasts_is_marked_there(played):
    listener = at_clip(unheard="mark")
    listener.send(played_seconds=played)
    assert list(Response.objects.values_list("listening_doubtful", flat=True)) == [True]


def test_too_little_played_is_refused_there_too():
    assert at_clip(unheard="mark").send(played_seconds="1.0").status_code == 400


def test_marking_is_what_a_study_starts_with():
    assert make_any_study(publish=False).unheard == "mark"
