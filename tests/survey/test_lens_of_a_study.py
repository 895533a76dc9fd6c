"""The lens of a study in the database: computed from its answers, and once more from its export pack."""

import pytest
from django.core.management import call_command

from survey.analysis import as_plain
from survey.findings import report_of
from tests.survey.analysis.measures.test_lens import compare
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.recomputed import lens, read_pack

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def found(settings, tmp_path):
    """Report and pack of four clips of every emotion, of music alone and of pictures alone."""
    settings.MEDIA_ROOT = tmp_path / "media"
    cells = {"music_only": 1.0, "picture_only": 1.0}
    study = make_study(versions=make_versions(32), cells=cells, clips_per_participant=32)
    answer_study(study, people=10, each=32, hit=0.5, seed=1)
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    return as_plain(report_of(study)), read_pack(tmp_path / "pack.zip")


def test_report_and_pack_have_the_same_lens_and_pictures_alone_have_none(found):
    report, pack = found
    shown = report["measures"]["lens"]
    assert report["cell"] == "music_only"
    heard, seen = (pack.main[pack.main["presentation"] == cell] for cell in ("music_only", "picture_only"))
    assert min(len(heard), len(seen)) > 140
    assert compare(shown, lens.recompute(heard, pack)) == []
    assert lens.recompute(seen, pack) is None
    assert [one["clips"] for one in shown["emotions"]] == [4] * 8
    assert (len(shown["cues"]), shown["cues_left_out"], shown["clips_left_out"]) == (19, [], 0)
    assert all(len(one["cues"]) == 19 for one in shown["emotions"])
    assert len(shown["equation_cues"]) == 7
