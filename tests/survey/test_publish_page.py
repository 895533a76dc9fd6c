"""Publishing asks once, and shows what is frozen, how long it takes, how even it is, and what to look at again."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from survey import actions
from survey.exports.describing import describe_study
from survey.findings.study_facts import facts_of
from survey.first_words import _consent_texts_with_time, default_wording, is_default
from survey.models import Study
from survey.queries.overview import overview_of
from tests.survey.factories import make_study, make_versions

pytestmark = pytest.mark.django_db
SHOWN = (
    "You agree.",
    "Hello.",
    "Which emotion does this music express?",
    "Amusement",
    "no run of the same answer longer than 5",
)

# What an earlier release proposed, which said how long a study takes whatever its length.
FORMER_CONSENT = next(iter(_consent_texts_with_time("en")))


def page_of(study):
    client = Client()
    client.force_login(study.owner)
    return client.get(f"/studies/{study.slug}/publish/")


def test_the_page_shows_what_is_frozen_and_only_sending_it_publishes():
    rules = {"longest_run": 5}
    study = make_study(publish=False, quota=16, consent_text="You agree.", exclusion_rules=rules, introduction="Hello.")
    page = page_of(study).content.decode()
    assert [words for words in SHOWN if words not in page] == []
    assert "Publish and freeze" in page
    assert Study.objects.get().status == "draft"
    client = Client()
    client.force_login(study.owner)
    client.post(f"/studies/{study.slug}/publish/")
    assert Study.objects.get().status == "published"
    assert client.get(f"/studies/{study.slug}/publish/").status_code == 302


def test_a_draft_that_is_not_ready_says_why_and_offers_no_button():
    page = page_of(make_study(publish=False, consent_text="")).content.decode()
    assert "Write the consent text" in page
    assert "Publish and freeze" not in page


def test_the_length_of_a_session_comes_from_the_clips_lengths_and_the_answers():
    study = make_study(publish=False, versions=make_versions(8, seconds=3.0), ask_affect=True, clips_per_participant=8)
    # consent 60, sound 30, background 30, and 8 × (3 + 8 for the answer + 3 confidence + 8 for the scales)
    assert overview_of(study).minutes == pytest.approx((120 + 8 * (3 + 19)) / 60)
    silent = make_study(publish=False, cells={"picture_only": 1.0}, ask_background=False, headphones="gate")
    assert overview_of(silent).minutes == pytest.approx((60 + 8 * 11) / 60)


def test_answers_per_stimulus_at_the_quota_follow_the_weights():
    cells = {"matched": 3.0, "music_only": 1.0}
    study = make_study(publish=False, versions=make_versions(16), cells=cells, quota=40, clips_per_participant=8)
    rows = [(cell.name, cell.stimuli, cell.fewest, cell.most, cell.answers_each) for cell in overview_of(study).cells]
    assert rows == [("Matching pair", 16, 6, 6, 15.0), ("Music only", 16, 2, 2, 5.0)]


def test_the_balance_of_cells_and_composers_is_counted():
    versions = make_versions(8) + make_versions(4, composer="paper", first=100)
    overview = overview_of(make_study(publish=False, versions=versions, cells={"matched": 1.0, "music_only": 1.0}))
    assert {row.name: row.total for row in overview.by_cell} == {"Matching pair": 12, "Music only": 12}
    assert {row.name: row.total for row in overview.by_composer} == {"muse": 8, "paper": 4}
    assert any("composers do not have the same number" in warning for warning in overview.warnings)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quota": None}, "There is no quota"),
        ({"quota": 1, "clips_per_participant": 1}, "answers each, so some have none"),
        ({"versions": 9}, "The emotions are not equally many"),
        ({"cells": {"picture_only": 1.0}, "headphones": "gate"}, "it will not be shown"),
        ({}, "There are no rules for leaving people out"),
        ({"clips_per_participant": 8, "ask_affect": True, "seconds": 240.0}, "people tire"),
        ({"clips_per_participant": 2, "former_consent": True}, "speaks of about ten minutes"),
    ],
)
def test_what_may_be_a_mistake_is_named(fields, words):
    fields = dict(fields)
    number, seconds = fields.pop("versions", 8), fields.pop("seconds", 1.0)
    former = fields.pop("former_consent", False)
    study = make_study(publish=False, versions=make_versions(number), **fields)
    study.stimuli.update(duration_seconds=seconds)
    if former:
        study.consent_text = FORMER_CONSENT
    assert any(words in warning for warning in overview_of(study).warnings)


@pytest.mark.parametrize(
    ("minutes", "words", "said"),
    [
        (30.5, "people tire", True),
        (29.5, "people tire", False),
        (6.9, "speaks of about ten minutes", True),
        (7.1, "speaks of about ten minutes", False),
        (12.9, "speaks of about ten minutes", False),
        (13.1, "speaks of about ten minutes", True),
    ],
)
def test_from_how_many_minutes_on_the_length_is_remarked_on(minutes, words, said):
    study = make_study(publish=False, clips_per_participant=8)
    study.stimuli.update(duration_seconds=(60 * minutes - 120) / 8 - 11)
    study.consent_text = FORMER_CONSENT
    overview = overview_of(study)
    assert overview.minutes == pytest.approx(minutes)
    assert any(words in warning for warning in overview.warnings) is said


@pytest.mark.parametrize(("role", "number"), [("practice", 1), ("gold", 2)])
def test_main_clips_that_are_extras_too_are_named_because_they_get_fewer_answers(role, number):
    versions = make_versions(8)
    plain = make_study(versions=versions, publish=False)
    assert not any("practice or gold" in warning for warning in overview_of(plain).warnings)
    shared = make_study(
        slug="shared", versions=versions, publish=False, **{role: versions[:number], f"{role}_trials": number}
    )
    [said] = [warning for warning in overview_of(shared).warnings if "practice or gold" in warning]
    assert said.startswith(f"{number} main clip")
    assert "fewer answers than the table says" in said


def test_a_proposed_consent_text_that_does_not_name_what_else_is_asked_is_warned_of() -> None:
    draft = make_study(
        versions=make_versions(2),
        clips_per_participant=2,
        publish=False,
        consent_text=default_wording("en", "choose")["consent_text"],
    )
    actions.add_question(study=draft, key="liking", by=draft.owner)  # about the clip: nothing personal
    assert not any("consent text does not say" in warning for warning in overview_of(draft).warnings)
    actions.add_question(study=draft, key="gender", by=draft.owner)
    [said] = [warning for warning in overview_of(draft).warnings if "consent text does not say" in warning]
    assert said.startswith("People are also asked about themselves (gender)")
    draft = actions.edit_study(study=draft, by=draft.owner, consent_text="You agree to say your gender.")
    assert not any("consent text does not say" in warning for warning in overview_of(draft).warnings)


def test_clips_of_two_pianos_are_warned_of_and_those_of_one_are_not() -> None:
    old = {"renderer": "fluidsynth", "soundfont": "FluidR3_GM.sf2", "soundfont_sha256": "74594e8f" + "0" * 56}
    new = old | {"soundfont": "Grand.sf2", "soundfont_sha256": "f9a37b36" + "0" * 56}
    clips = [*make_versions(8, sound=old), *make_versions(8, composer="sung", first=100)]
    same = make_study(slug="same", publish=False, versions=clips)
    assert not any("pianos" in warning for warning in overview_of(same).warnings)
    mixed = make_study(slug="mixed", publish=False, versions=[*clips, *make_versions(8, first=200, sound=new)])
    [said] = [warning for warning in overview_of(mixed).warnings if "pianos" in warning]
    assert said == (
        "The clips were played on 2 pianos (FluidR3_GM.sf2 (74594e8f), Grand.sf2 (f9a37b36)), which people may hear: "
        "make them anew on one."
    )


def test_clips_of_two_versions_of_one_program_are_warned_of_and_named_in_the_report() -> None:
    old = {"renderer": "fluidsynth", "soundfont": "Grand.sf2", "soundfont_sha256": "f9a37b36" + "0" * 56}
    told = [old | {"renderer_version": version} for version in ("2.3.1", "2.4.0")]
    same = make_study(slug="same", publish=False, versions=make_versions(8, sound=told[0]))
    assert not any("versions of" in warning for warning in overview_of(same).warnings)
    clips = [*make_versions(8, first=100, sound=told[0]), *make_versions(8, first=200, sound=told[1])]
    mixed = make_study(slug="mixed", publish=False, versions=clips)
    [said] = [warning for warning in overview_of(mixed).warnings if "versions of" in warning]
    assert said.startswith("The clips were played by 2 versions of fluidsynth (2.4.0, 2.3.1), which may sound a little")
    assert dict(facts_of(mixed).provenance)["Pianos"] == (
        "Grand.sf2 (f9a37b36), fluidsynth 2.3.1; Grand.sf2 (f9a37b36), fluidsynth 2.4.0"
    )
    before = make_study(slug="before", publish=False, versions=[*make_versions(8, first=300, sound=old), *clips[:8]])
    [said] = [warning for warning in overview_of(before).warnings if "versions of" in warning]
    assert "(2.3.1, one that was not written down)" in said
    assert describe_study(mixed)["pianos"] == [told[0], told[1]]
    assert "pianos" not in describe_study(make_study(slug="older", publish=False, versions=make_versions(8, sound=old)))


def test_the_proposed_consent_text_leaves_the_time_to_the_page_and_the_former_one_is_no_text_of_ones_own():
    assert "minutes" not in default_wording("en", "choose")["consent_text"]
    assert "It takes about ten minutes." in FORMER_CONSENT
    assert is_default("consent_text", FORMER_CONSENT)


def test_being_of_age_is_in_the_proposed_consent_text_and_no_other_question_about_the_person_is():
    draft = make_study(versions=make_versions(2), clips_per_participant=2, publish=False)
    draft = actions.edit_study(
        study=draft, by=draft.owner, consent_text=default_wording("en", "choose")["consent_text"]
    )
    actions.add_question(study=draft, key="adult", by=draft.owner)
    assert not any("consent text does not say" in warning for warning in overview_of(draft).warnings)
    actions.add_question(study=draft, key="age_to_enter", by=draft.owner)
    [said] = [warning for warning in overview_of(draft).warnings if "consent text does not say" in warning]
    assert "(age, to be let in)" in said


WHILE_PLAYING = {
    "en": "While a clip plays you mark how it sounds at each moment.",
    "de": "Während ein Stück läuft, zeigen Sie in jedem Augenblick an, wie es klingt.",
}


def test_the_proposed_consent_text_follows_whether_people_rate_while_a_clip_plays():
    draft = make_study(
        versions=make_versions(2),
        clips_per_participant=2,
        publish=False,
        consent_text=default_wording("en", "choose")["consent_text"],
        translations={"de": {"title": "Eine Studie", **default_wording("de", "choose")}},
    )
    draft = actions.edit_study(study=draft, by=draft.owner, continuous="plane")
    assert WHILE_PLAYING["en"] in draft.consent_text
    assert WHILE_PLAYING["de"] in draft.translations["de"]["consent_text"]
    assert is_default("consent_text", draft.consent_text)
    draft = actions.edit_study(study=draft, by=draft.owner, continuous="none")
    assert WHILE_PLAYING["en"] not in draft.consent_text
    assert "While" not in default_wording("en", "choose", ["picture_only"], rates_while_playing=True)["consent_text"]


def test_ones_own_consent_text_is_to_be_looked_at_where_people_rate_while_a_clip_plays():
    draft = make_study(versions=make_versions(2), clips_per_participant=2, publish=False, consent_text="You agree.")
    assert not any("rate while" in warning for warning in overview_of(draft).warnings)
    draft = actions.edit_study(study=draft, by=draft.owner, continuous="plane")
    [said] = [warning for warning in overview_of(draft).warnings if "rate while" in warning]
    assert said.startswith("People also rate while the clip plays: make sure that the consent text in English says so.")


def queries_on_the_way_to_publishing(clips):
    """How many each page needs for a study of so many clips; the last one publishes it."""
    versions = make_versions(clips, first=100 * clips)
    study = make_study(slug=f"of-{clips}", versions=versions, clips_per_participant=3, publish=False)
    client = Client()
    client.force_login(study.owner)
    choice = {"design": "sentence", "music": ["muse"], "heard": ["matched"], "spread": "within", "reckon": "part"}
    choice |= {"main": [str(version.public_id) for version in versions], "clips_per_participant": "3"}
    pages = f"/studies/{study.slug}"
    asks = {
        "clips": lambda: client.get(f"{pages}/clips/"),
        "reckoning": lambda: client.post(f"{pages}/clips/", choice),
        "looking it over": lambda: client.get(f"{pages}/publish/"),
        "publishing": lambda: client.post(f"{pages}/publish/"),
    }
    needed = {}
    for name, ask in asks.items():
        with CaptureQueriesContext(connection) as captured:
            ask()
        needed[name] = len(captured)
    assert Study.objects.get(pk=study.pk).status == "published"
    assert study.stimuli.count() == clips
    return needed


def test_more_clips_need_no_more_queries():
    assert queries_on_the_way_to_publishing(3) == queries_on_the_way_to_publishing(12)


@pytest.mark.parametrize(
    ("failed", "trials", "said"),
    [(1, 0, True), (0, 0, True), (2, 1, True), (2, 2, False), (1, 3, False), (None, 0, False), ("", 0, False)],
)
def test_a_rule_about_more_attention_trials_than_there_are_is_warned_of(failed, trials, said):
    rules = {"attention_failed": failed, "longest_run": 5}
    study = make_study(publish=False, attention_trials=trials, exclusion_rules=rules)
    assert any("it leaves out nobody" in warning for warning in overview_of(study).warnings) is said
