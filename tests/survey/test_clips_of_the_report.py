"""The clips of a report: which they are, of which answers their numbers are, and which are offered to be made anew."""

import pytest
from django.test import Client

from survey.analysis.reported import ClipPart
from survey.figures.document import report_blocks
from survey.figures.paragraphs import methods_paragraph
from survey.figures.tables import Table
from survey.findings import report_of
from survey.findings.clips import MAJORITY, Clip, clips_of
from survey.findings.study_facts import facts_of
from survey.models import Stimulus
from tests.survey.factories import make_study
from tests.survey.rich_study import make_yes_no_study

TARGETS = "Targets"


def clip(n, chosen, chance=None, **more):
    """A clip intended as awe that n listeners took for something else."""
    found = ClipPart("S1", "awe", n, modes=[chosen], modal_share=1.0, wilson=(0.0, 0.5), **more)
    return Clip(Stimulus(), found, chance)


@pytest.mark.parametrize(("n", "agreed"), [(2, False), (3, False), (4, True)])
def test_listeners_agree_on_another_emotion_where_its_interval_is_above_half_of_them(n, agreed):
    """Wilson's interval of n of n begins at n / (n + 3.84): .44 of three, .51 of four."""
    assert clip(n, "fear").other_consensus is agreed
    assert MAJORITY == 0.5


def test_no_to_a_clips_own_emotion_is_no_other_emotion():
    assert not clip(9, "no", lures=4).other_consensus
    assert clip(9, "no", chance=0.6, lures=4).below_chance


@pytest.mark.django_db
def test_a_yes_no_report_names_emotion_cell_targets_and_lures_of_every_clip(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_yes_no_study()
    report, facts = report_of(study), facts_of(study)
    [table] = [block for block in report_blocks(report, facts) if isinstance(block, Table) and block.name == "clips"]
    assert table.header[:7] == ["Clip", "Emotion", "Cell", TARGETS, "Yes to targets", "Wilson", "Yes to lures"]
    stored = {str(item.public_id)[:8]: (item.emotion, item.condition.name) for item in study.stimuli.all()}
    assert {row[0]: tuple(row[1:3]) for row in table.rows} == stored
    found = report["stimuli"]
    assert sum(one["n"] + one["lures"] for one in found) in (
        report["n"]["responses"],
        sum(level["n"]["responses"] for level in report["conditions"].values()),
    )
    together = report["measures"]["detection"]["together"]
    assert "{emotion}" not in methods_paragraph(report, facts)
    assert f"yes to {together['hits']} of {together['targets']} targets" in next(
        block.text for block in report_blocks(report, facts) if getattr(block, "text", "").startswith("Listeners said")
    )
    client = Client()
    client.force_login(study.owner)
    address = f"/results/{study.slug}/sections/clips/"
    page = "".join(client.get(f"{address}?page={number}").content.decode() for number in (1, 2))
    assert all(f"yes to {one['false_alarms']} of {one['lures']} lure" in page for one in found if one["n"])
    assert not any(one.other_consensus for one in clips_of(study, report))


@pytest.mark.django_db
def test_the_clips_of_a_study_are_told_apart_by_the_ids_that_results_and_monitor_show():
    study = make_study()
    client = Client()
    client.force_login(study.owner)
    page = client.get(study.get_absolute_url()).content.decode()
    ids = {str(stimulus.public_id)[:8] for stimulus in study.stimuli.all()}
    assert ids
    assert all(f'<th scope="row"><code>{one}</code></th>' in page for one in ids)
