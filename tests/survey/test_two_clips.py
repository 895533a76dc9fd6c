"""Two clips are compared: what is played, taken, counted, exported and read back, from the form to the pack."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import asdict
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from generation.emotions import SLUGS
from survey import actions
from survey.actions import Answer, AnswerRefused
from survey.actions.building import plan_stimuli
from survey.actions.comparing import pair_reasons
from survey.actions.publishing import PublishRefused, reasons_against_publishing
from survey.exports.codebook import tables_of
from survey.exports.loading import Pack
from survey.exports.pack import write_pack
from survey.management.commands.simulate import describe
from survey.models import Fill, Participant, Response, Study, Trial, TrialEvent
from survey.models.participation import make_token
from survey.queries.monitor import monitor_of
from survey.queries.overview import overview_of
from survey.queries.pairs import frame_of_pairs, pair_rows, planned_rows
from survey.queries.planned import stored_plan
from tests.racing import at_once
from tests.survey.factories import SECONDS, make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.test_counters import counted, loads_by_counter, loads_recounted, recounted

pytestmark = pytest.mark.django_db
FITTING = {"matched:muse": 1.0, "matched:paper": 1.0}
SOUNDING = {"music_only:muse": 1.0, "music_only:paper": 1.0}


def two_composers(count=4, emotions=SLUGS, first=0):
    """Clips of two composers to the same pictures, no two sounds alike."""
    muse = make_versions(count, composer="muse", emotions=emotions, first=first)
    return [*muse, *make_versions(count, composer="paper", emotions=emotions, first=first, tones=100)]


def comparing(mode="fits", *, count=4, cells=None, **fields):
    cells = cells or (FITTING if mode == "fits" else SOUNDING)
    fields = {"clips_per_participant": count, **fields}
    return make_study(versions=two_composers(count), mode=mode, cells=cells, **fields)


def begin(study, kind=Participant.Kind.PERSON):
    return actions.join(study=study, token=f"t{Participant.objects.count()}", language="en", kind=kind)


def answer_all(study, person, choose=lambda trial: "first"):
    """Answer every trial as a browser that measured; the trials in their order."""
    had = []
    trial = actions.give_trial(participant=person)
    while trial is not None:
        later = timezone.now() + timezone.timedelta(seconds=60)
        answer = Answer(
            choose(trial), confidence=3, played_seconds=1.0, plays=1, second_played_seconds=1.0, second_plays=2
        )
        stored = actions.record_answer(study=study, token=trial.token, answer=answer, now=later)
        had.append(stored.trial)
        trial = actions.give_trial(participant=person)
    return had


@pytest.mark.parametrize("mode", ["fits", "more"])
def test_a_whole_participation_without_a_script(mode):
    study = comparing(mode)
    listener = Listener(study.slug).take_part(lambda at: at.form()[2]["chosen"][1])
    assert listener.address.endswith("/end/")
    answers = Response.objects.filter(trial__participant__study=study)
    assert answers.count() == 4
    assert {answer.choice.slug for answer in answers} == {"second"}
    assert all(answer.trial.second_id for answer in answers)


def test_the_page_plays_two_clips_and_asks_which_one():
    study = comparing()
    page = Listener(study.slug).begin().page
    assert page.count("<audio") == 2
    assert page.index("The first clip") < page.index("The second clip")
    assert "Which of the two clips fits the picture better?" in page
    assert 'name="second_played_seconds"' in page
    assert page.count("<img") == 1


def test_the_question_names_the_emotion_that_both_clips_are_meant_to_express():
    study = comparing("more")
    trials = answer_all(study, begin(study))
    assert all(trial.asked_emotion == trial.stimulus.emotion == trial.second.emotion for trial in trials)
    page = Listener(study.slug).begin().page
    assert "Which of the two clips expresses this emotion more: " in page
    assert "<img" not in page.split("<main")[1]


@pytest.mark.parametrize("language", ["de", "es", "fr", "tr"])
def test_the_page_is_of_one_language(language):
    study = comparing(language=language)
    page = Listener(study.slug).begin().page
    assert f'<html lang="{language}"' in page
    for english in ("The first clip", "Which of the two", "both clips"):
        assert english not in page


def test_pairs_are_of_two_cells_beside_one_picture_and_nobody_meets_one_twice():
    study = comparing()
    trials = answer_all(study, begin(study))
    assert len({trial.clip_key for trial in trials}) == len(trials) == 4
    for trial in trials:
        assert trial.stimulus.condition_id != trial.second.condition_id
        assert trial.stimulus.picture_sha256 == trial.second.picture_sha256


def test_pairs_are_judged_equally_often_and_either_side_comes_first_equally_often():
    study = comparing(count=6, clips_per_participant=3)
    for _ in range(8):
        answer_all(study, begin(study))
    trials = Trial.objects.filter(participant__study=study)
    judged = Counter(trials.values_list("clip_key", flat=True))
    assert set(judged.values()) == {4}
    sides = Counter(trials.values_list("stimulus", "second"))
    assert set(sides.values()) == {2}


def test_the_answers_stand_in_one_order_for_everybody():
    study = comparing()
    assert {tuple(begin(study).option_order) for _ in range(8)} == {("first", "second")}


def test_both_clips_have_to_be_heard():
    study = comparing()
    person = begin(study)
    trial = actions.give_trial(participant=person)
    for heard in ((1.0, 0.0), (0.0, 1.0), (0.3, 1.0), (1.0, 0.3)):
        answer = Answer("first", confidence=3, played_seconds=heard[0], second_played_seconds=heard[1])
        with pytest.raises(AnswerRefused, match="both clips"):
            actions.record_answer(study=study, token=trial.token, answer=answer)
    assert not Response.objects.filter(trial=trial).exists()


def test_without_a_script_the_clock_of_the_server_counts_both_clips():
    study = comparing(unheard="refuse")
    person = begin(study)
    trial = actions.give_trial(participant=person)
    answer = Answer("first", confidence=3)
    for seconds, taken in ((0.9, False), (1.1, True)):
        now = trial.playable_since + timezone.timedelta(seconds=seconds)
        if taken:
            actions.record_answer(study=study, token=trial.token, answer=answer, now=now)
        else:
            with pytest.raises(AnswerRefused, match="both clips"):
                actions.record_answer(study=study, token=trial.token, answer=answer, now=now)
    stored = Response.objects.get(trial=trial)
    assert (stored.played_seconds, stored.second_played_seconds, stored.listening_measured) == (None, None, False)


def test_more_seconds_of_both_clips_than_passed_are_doubted():
    study = comparing()
    trial = actions.give_trial(participant=begin(study))
    answer = Answer("first", confidence=3, played_seconds=1.0, second_played_seconds=1.0)
    now = trial.playable_since + timezone.timedelta(seconds=1.2)
    actions.record_answer(study=study, token=trial.token, answer=answer, now=now)
    assert Response.objects.get(trial=trial).listening_doubtful


def test_events_say_which_clip_they_are_of():
    study = comparing()
    listener = Listener(study.slug).begin()
    _, values, _ = listener.form()
    told = [
        {"sequence": 0, "kind": "play", "milliseconds": 5, "seconds": 0.0},
        {"sequence": 1, "kind": "play", "milliseconds": 9, "seconds": 0.5, "clip": 2},
        {"sequence": 2, "kind": "play", "milliseconds": 9, "clip": 3},
    ]
    data = {
        "trial": values["trial"],
        "events": json.dumps(told),
        "csrfmiddlewaretoken": values["csrfmiddlewaretoken"],
    }
    reply = listener.client.post(f"/study/{study.slug}/events/", data).json()
    assert reply["kept"] == 2
    assert [event.detail for event in TrialEvent.objects.order_by("sequence")] == [
        {"seconds": 0.0},
        {"seconds": 0.5, "clip": 2},
    ]


def test_a_draft_says_everything_that_is_in_the_way():
    study = make_study(
        versions=two_composers(3),
        mode="fits",
        cells={"matched": 1.0, "music_only:muse": 1.0},
        publish=False,
        gold_trials=1,
        repeat_trials=1,
        spread="between",
        loudness="by_intention",
        ask_affect=True,
    )
    reasons = " ".join(reasons_against_publishing(study))
    for said in (
        "every cell presents picture and music",
        "no pair to compare",
        "no right answer",
        "everyone gets every cell",
        "equally loud",
        "ask about one clip",
    ):
        assert said in reasons


def test_more_pairs_than_there_are_cannot_be_asked_for():
    with pytest.raises(PublishRefused, match="only 3 different"):
        comparing(count=3, clips_per_participant=4)


def test_clips_that_meet_no_other_are_named():
    versions = two_composers(3)
    with pytest.raises(PublishRefused, match="1 main clips have no other clip"):
        make_study(versions=versions[:-1], mode="fits", cells=FITTING, clips_per_participant=2)


FOUR = {f"matched:{name}": 1.0 for name in ("muse", "paper", "xx", "yy")}


def four_composers(*, joined):
    """Muse and paper to four pictures, xx and yy to four others; `joined`: one more clip of muse to one of those."""
    there = [
        make_versions(4, composer=name, first=first, tones=tones)
        for name, first, tones in (("muse", 0, 0), ("paper", 0, 100), ("xx", 4, 200), ("yy", 4, 300))
    ]
    bridge = make_versions(1, composer="muse", first=4, tones=400) if joined else []
    return [version for versions in (*there, bridge) for version in versions]


def test_cells_that_nothing_connects_cannot_be_published():
    study = make_study(
        versions=four_composers(joined=False), mode="fits", cells=FOUR, clips_per_participant=8, publish=False
    )
    (reason,) = reasons_against_publishing(study)
    assert (
        "against each other: Matching pair · muse and Matching pair · paper;"
        " Matching pair · xx and Matching pair · yy. On the page of clips, add clips of one picture" in reason
    )
    with pytest.raises(PublishRefused, match="never be compared"):
        actions.publish(study=study, by=study.owner)


def test_one_clip_that_connects_them_is_enough():
    study = make_study(versions=four_composers(joined=True), mode="fits", cells=FOUR, clips_per_participant=8)
    assert study.published_at is not None


def test_a_draft_without_pairs_can_be_previewed_to_its_end():
    study = make_study(versions=two_composers(2), mode="fits", publish=False)
    person = actions.open_preview(study=study, by=study.owner)
    assert actions.give_trial(participant=person) is None


def test_choosing_the_form_brings_its_answers_and_words_and_back():
    study = make_study(versions=two_composers(2), cells=FITTING, publish=False)
    edited = actions.edit_study(study=study, by=study.owner, mode="fits")
    assert list(edited.choices.values_list("slug", flat=True)) == ["first", "second"]
    assert "both clips" in edited.instructions
    assert "fits a picture better" in edited.consent_text
    back = actions.edit_study(study=edited, by=study.owner, mode="choose")
    assert set(back.choices.values_list("slug", flat=True)) == {*SLUGS, "none"}
    assert "two clips" not in back.question


def test_practice_compares_practice_clips_among_themselves():
    versions = two_composers(3)
    extra = two_composers(1, first=20)
    study = make_study(
        versions=versions, mode="fits", cells=FITTING, practice=extra, practice_trials=1, clips_per_participant=2
    )
    first, *_ = answer_all(study, begin(study))
    assert first.kind == "practice"
    assert {first.stimulus.role, first.second.role} == {"practice"}


def test_counters_equal_a_recount_and_a_withdrawal_takes_all_of_it():
    study = comparing()
    people = [begin(study) for _ in range(3)]
    for person in people:
        answer_all(study, person)
    firsts = Counter(Trial.objects.filter(participant__study=study).values_list("stimulus", flat=True))
    fills = Fill.objects.filter(stimulus__study=study, kind="person")
    assert {fill.stimulus_id: fill.answers for fill in fills if fill.answers} == dict(firsts)
    for person in people:
        person.refresh_from_db()
        actions.withdraw(participant=person, by=None)
    assert sum(fills.values_list("answers", flat=True)) == 0


def test_a_new_version_compares_as_the_old_one_did():
    study = comparing()
    copy = actions.make_new_version(study=study, by=study.owner)
    assert copy.form.mode == "fits"
    assert reasons_against_publishing(copy) == []
    assert len(frame_of_pairs(copy).pairs["main"]) == 4


def test_nothing_on_the_page_tells_which_clip_is_whose():
    study = comparing()
    page = Listener(study.slug).begin().page
    for word in (*SLUGS, "muse", "paper", "matched"):
        assert word not in page.split("<main")[1].split("</main")[0].lower().replace("paper-", "")


def pack_of(study, path):
    with path.open("wb") as stream:
        return write_pack(study, stream)


def rows_of_pack(path, table):
    with Pack(path) as pack:
        pack.check()
        return list(pack.rows(table))


def test_a_pack_tells_of_both_clips_and_is_read_back_as_it_was(tmp_path):
    study = comparing(practice_trials=0)
    dice = random.Random(4)
    for _ in range(5):
        answer_all(study, begin(study), lambda trial: dice.choice(["first", "second"]))
    path, again = tmp_path / "pack.zip", tmp_path / "again.zip"
    manifest = pack_of(study, path)
    names = {entry["name"] for entry in manifest["files"]}
    assert manifest["format_version"] == "4"
    assert "paired_comparison.R" in names
    assert not {"mixed_model.R", "responses_wide.csv"} & names
    answers = rows_of_pack(path, "responses_long")
    by_name = {str(one.public_id): one for one in study.stimuli.select_related("condition")}
    for row in answers:
        second = by_name[row["second_stimulus"]]
        assert row["second_condition"] == second.condition.name != row["condition"]
        assert (row["second_composer"], row["second_audio_sha256"]) == (second.composer, second.audio_sha256)
        assert (row["second_played_seconds"], row["second_plays"]) == (1.0, 2)
        assert (row["intended"], row["hit"]) == ("", None)
    copy = actions.publish(study=actions.make_new_version(study=study, by=study.owner), by=study.owner)
    before = dict(Trial.objects.values_list("pk", "clip_key"))
    forget = Participant.objects.filter(study=study)
    Trial.objects.filter(participant__in=forget).delete()
    forget.delete()
    with Pack(path) as pack:
        actions.restore_answers(study=copy, rows=pack.rows, by=study.owner)
    assert Counter(before.values()) == Counter(Trial.objects.values_list("clip_key", flat=True))
    pack_of(copy, again)
    own = ("stimulus", "second_stimulus")
    here, there = (
        [{k: v for k, v in row.items() if k not in own} for row in rows]
        for rows in (answers, rows_of_pack(again, "responses_long"))
    )
    assert here == there


def test_a_pack_of_one_clip_per_trial_has_no_column_of_a_second(tmp_path):
    study = make_study(clips_per_participant=2)
    manifest = pack_of(study, tmp_path / "pack.zip")
    assert manifest["format_version"] == "2"
    assert not [column.name for columns in tables_of(study).values() for column in columns if "second_" in column.name]


def test_pages_before_and_after_publication_tell_of_pairs(client):
    study = comparing(count=4, quota=6)
    copy = actions.make_new_version(study=study, by=study.owner)
    for _ in range(3):
        answer_all(study, begin(study))
    client.force_login(study.owner)
    page = client.get(f"/studies/{copy.slug}/publish/").content.decode()
    assert "every pair is judged about 6 times" in page
    (row,) = pair_rows(study)
    assert (row.pairs, row.judged, row.fewest, row.most) == (4, 12, 3, 3)
    assert row.first == 6
    monitor = monitor_of(study)
    assert monitor.answers == 12
    assert {fill.answers for fill in monitor.fills} == {3}
    assert (
        "Matching pair · muse and Matching pair · paper"
        in client.get(f"/studies/{study.slug}/monitor/").content.decode()
    )
    assert "Bradley and Terry" in client.get(f"/studies/{study.slug}/preregistration.md").content.decode()


def test_a_session_lasts_both_clips():
    of_one = make_study(versions=two_composers(4), cells=FITTING, clips_per_participant=4, publish=False)
    before = overview_of(of_one).minutes
    both = actions.edit_study(study=of_one, by=of_one.owner, mode="fits")
    assert overview_of(both).minutes - before == pytest.approx(4 * SECONDS / 60)


def test_the_rule_about_listening_goes_by_the_clip_that_was_heard_less():
    study = comparing(count=2, require_listening=False, exclusion_rules={"listening_share": 0.9})
    person = begin(study)
    while (trial := actions.give_trial(participant=person)) is not None:
        answer = Answer("first", confidence=3, played_seconds=1.0, second_played_seconds=0.4)
        later = timezone.now() + timezone.timedelta(seconds=60)
        actions.record_answer(study=study, token=trial.token, answer=answer, now=later)
    actions.finish(participant=person)
    person.refresh_from_db()
    assert person.included is False


def test_a_plan_of_one_cell_and_unequal_weights_are_refused():
    study = comparing(count=2, publish=False, analysis_plan={"primary_cell": "matched"})
    assert any("The plan names a primary cell" in reason for reason in reasons_against_publishing(study))
    uneven = comparing(count=2, publish=False, cells={"matched:muse": 2.0, "matched:paper": 1.0})
    assert any("cannot have different weights" in reason for reason in reasons_against_publishing(uneven))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_people_who_come_at_once_judge_pairs_equally_often():
    study = comparing(count=4, clips_per_participant=4)

    def take_part(number):
        person = actions.join(study=study, token=make_token(), language="en")
        answer_all(study, person)

    at_once(12, take_part)
    judged = Counter(Trial.objects.filter(participant__study=study).values_list("clip_key", flat=True))
    assert set(judged.values()) == {12}
    sides = Counter(Trial.objects.filter(participant__study=study).values_list("stimulus", "second"))
    assert all(abs(sides[a, b] - sides[b, a]) <= 4 for a, b in list(sides))
    assert loads_by_counter() == loads_recounted()
    assert counted() == recounted()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_programs_take_part_and_their_true_preference_comes_back(live_server):
    study = comparing(count=6, clips_per_participant=6)
    out = StringIO()
    options = {"participants": 20, "concurrency": 4, "mix": "listener=1", "seed": 3}
    truth = "Matching pair · muse=1,Matching pair · paper=-1"
    call_command("simulate", study.slug, url=live_server.url, strengths=truth, json=True, stdout=out, **options)
    result = json.loads(out.getvalue())
    assert (result["lost"], result["doubled"], result["errors"], result["finished"]) == (0, 0, {}, 20)
    assert result["balance"] == {"fewest": 20, "most": 20}
    found = result["recovery"]["preferences"]["Matching pair · muse over Matching pair · paper"]
    assert (found["n"], found["truth"]) == (120, 0.881)
    assert found["low"] < 0.881 < found["high"]
    assert describe(result)


@pytest.mark.parametrize(
    ("mode", "said", "problem"),
    [
        ("fits", "Nobody=1", "no cell of the study"),
        ("fits", "Matching pair · muse=x", "number"),
        ("choose", "a=1", "two clips"),
    ],
)
def test_strengths_that_cannot_be_meant_are_refused(mode, said, problem):
    study = make_study(versions=two_composers(2), mode=mode, cells=FITTING, clips_per_participant=2)
    with pytest.raises(CommandError, match=problem):
        call_command("simulate", study.slug, strengths=said)


def test_a_plan_that_is_not_stored_has_the_pairs_that_it_has_stored():
    versions = [*two_composers(4), *make_versions(2, composer="paper", emotions=SLUGS, first=50, tones=200)]
    study = make_study(publish=False, versions=versions, mode="fits", cells=FITTING, clips_per_participant=3)
    shown = plan_stimuli(study=study, versions=versions, cells=FITTING)
    assert all(one.pk is None for one in shown.stimuli)
    assert planned_rows(study, shown) == planned_rows(study, stored_plan(study)) == pair_rows(study)
    assert asdict(overview_of(study, shown)) == asdict(overview_of(study))
    [said] = pair_reasons(study, shown)
    assert said.startswith("2 main clips have no other clip of their picture in another cell")
    assert said in reasons_against_publishing(study)


def test_a_cell_plays_in_as_many_trials_as_it_has_pairs():
    versions = [*two_composers(4), *make_versions(1, composer="neutral", emotions=SLUGS, tones=300)]
    cells = {**FITTING, "matched:neutral": 1.0}
    study = make_study(versions=versions, mode="fits", cells=cells, clips_per_participant=6, quota=10)
    overview = overview_of(study)
    assert [row.pairs for row in overview.pairs] == [4, 1, 1]
    assert overview.judged_each == 10
    answers = [(cell.answers_each, cell.fewest, cell.most) for cell in overview.cells]
    assert answers == [(12.5, 0, 6), (12.5, 0, 6), (20, 0, 6)]


def reckoned(study, versions, **sent):
    client = Client()
    client.force_login(study.owner)
    main = [str(one.public_id) for one in versions]
    sent = {"main": main, "design": "sentence", "heard": ["matched"], "reckon": "part", **sent}
    page = client.post(f"/studies/{study.slug}/clips/", sent).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_of_clips_says_what_a_choice_means_for_pairs():
    versions = two_composers(4)
    study = make_study(publish=False, versions=versions[:1], mode="fits", clips_per_participant=4, quota=10)
    said = reckoned(study, versions, music=["muse", "paper"], clips_per_participant="4")
    assert "Two clips of one picture, from two of: muse, paper." in said
    assert "with 10 people each is judged about 10 times Cells Pairs Matching pair · muse and" in said
    assert "Matching pair · paper 4" in said
    assert "To be changed" not in said
    said = reckoned(study, versions, music=["muse", "paper"], clips_per_participant="5")
    assert "One person would compare 5 pairs, but there are only 4 different ones" in said
    said = reckoned(study, versions, music=["*"], clips_per_participant="4")
    assert "from two composers: choose at least two." in said
    assert "There is no pair to compare" in said
    said = reckoned(study, versions, music=["muse", "paper"], silence="on")
    assert "these do not: Picture only." in said


def test_nobody_can_have_one_cell_alone_of_a_comparison():
    versions = two_composers(4)
    study = make_study(publish=False, versions=versions, mode="fits", cells=FITTING, clips_per_participant=4)
    client = Client()
    client.force_login(study.owner)
    address = f"/studies/{study.slug}/clips/"
    assert 'name="spread"' not in client.get(address).content.decode()
    sent = {"main": [str(one.public_id) for one in versions], "design": "sentence", "music": ["muse", "paper"]}
    answer = client.post(address, {**sent, "heard": ["matched"], "spread": "between"})
    assert answer.status_code == 400
    assert "so everyone gets all cells" in answer.content.decode()
    Study.objects.update(spread="between")
    assert client.post(address, {**sent, "heard": ["matched"]}).status_code == 302
    assert Study.objects.get().spread == "within"
