"""What judges say has a right value where one is known, and every look at the last table leaves a line."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from benchmarks import two_samples
from benchmarks.likeness import Reference, __main__, judge, looks, make_clips, making, read_folder
from benchmarks.likeness.clips import QUADRANTS, Clip, read_real, set_of
from benchmarks.likeness.distances import standardise
from benchmarks.likeness.families import measure_all
from benchmarks.likeness.intentions import judge_intentions
from benchmarks.likeness.judging import Judgement, judge_halves, judge_real, match_quadrants
from benchmarks.likeness.recognition import JUDGES, Panel, count_hits
from benchmarks.likeness.tables import write_markdown
from generation.emotions import EMOTIONS
from generation.music.notes import Performance, Piece, PlayedNote
from generation.music.score import write_midi
from generation.training.datasets.emopia import find_midi_files, name_song, read_labels
from tests.synthetic_clips import make_clip, make_made, make_real

EMOPIA = Path(settings.BASE_DIR).parent / "shared" / "data" / "emopia"
needs_emopia = pytest.mark.skipif(not EMOPIA.is_dir(), reason="EMOPIA's clips are not at ../shared/data/emopia")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference(make_real(96), make_real(48, first=500))


@pytest.fixture(scope="module")
def alike(reference: Reference) -> Judgement:
    """The judgement of clips that are like the real ones but for their names."""
    return judge(make_made(96), reference)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as EMOPIA's: clips of the val split, of judges' songs and of songs held back."""
    folder = tmp_path_factory.mktemp("emopia")
    wanted = {"val": "val", "judges": "train", "held back": "train"}
    rows = []
    for name, split in wanted.items():
        number = 0
        for song in (f"{name.replace(' ', '-')}{index}" for index in range(10_000)):
            if number == 24:
                break
            file = f"Q{number % 4 + 1}_{song}_0.mid"
            if set_of(Path(file), {file: (None, split)}) == name:
                (folder / file).write_bytes(write_clip(make_clip(len(rows))))
                rows.append((file, f"Q{number % 4 + 1}", split))
                number += 1
    with (folder / "labels.csv").open("w", newline="") as labels:
        csv.writer(labels).writerows([("file", "quadrant", "split"), *rows])
    return folder


def test_clips_like_the_real_ones_are_not_told_apart(alike):
    for areas in (alike.content_areas, alike.all_areas):
        for area in areas.values():
            assert area.value == pytest.approx(0.5, abs=0.1)
            assert area.low < 0.5 < area.high
    assert alike.distances.mean.value == pytest.approx(1.0, abs=0.15)
    assert alike.diversity == pytest.approx(1.0, abs=0.05)
    assert alike.twins == pytest.approx(0.1, abs=0.08)


@pytest.mark.slow
def test_louder_clips_are_told_apart_but_not_by_content(reference, alike):
    louder = [replace(clip, table=clip.table + np.array([0, 0, 0, 30])) for clip in make_made(96)]
    found = judge(louder, reference)
    assert found.content_areas == alike.content_areas
    assert found.all_areas["extra trees"].value == 1.0
    assert found.distances.worst == "touch"
    assert found.giveaways[0].feature.startswith("touch: ")


def test_planted_twins_are_counted(reference, alike):
    made = make_made(96)
    # The second 16 clips are the first 16 again: 32 clips have a twin.
    twins = [replace(made[row], table=made[row - 16].table) if 16 <= row < 32 else made[row] for row in range(96)]
    real = reference.real.features.values
    found = two_samples.near_twins(standardise(measure_all(twins).values, real), standardise(real, real))
    assert 32 <= round(found * 96) <= 32 + round(alike.twins * 96)


def test_the_emotions_meant_are_at_chance_when_nothing_tells_them_and_certain_when_all_does():
    made = make_made(96)
    values, seeds = measure_all(made).values, [clip.song for clip in made]
    emotions = [str(clip.emotion) for clip in made]
    by_chance = judge_intentions(values, emotions, seeds)
    assert by_chance.accuracy.low < 1 / 8 < by_chance.accuracy.high
    assert by_chance.confusion.sum() == 96
    told = values.copy()
    told[:, :8] += 1000.0 * (np.array(emotions)[:, None] == np.array([emotion.slug for emotion in EMOTIONS]))
    certain = judge_intentions(told, emotions, seeds)
    assert certain.accuracy.value == 1.0
    assert certain.most_confused() is None


def test_emotions_that_are_alike_are_the_most_confused():
    made = make_made(96)
    emotions = [str(clip.emotion) for clip in made]
    # Seven features tell seven groups: the last two emotions, fear and sadness, are one.
    group = np.minimum(np.arange(96) % 8, 6)
    values = np.eye(7)[group] + np.random.default_rng(0).normal(0, 0.1, size=(96, 7))
    assert judge_intentions(values, emotions, [clip.song for clip in made]).most_confused()[:2] == ("fear", "sadness")


def test_a_judge_of_intentions_needs_clips_of_several_seeds():
    made = make_made(24)
    values, emotions = measure_all(made).values, [str(clip.emotion) for clip in made]
    assert judge_intentions(values, emotions, [clip.song for clip in made]) is None
    more = make_made(32)
    assert judge_intentions(measure_all(more).values, [str(clip.emotion) for clip in more], ["1"] * 32) is None


def test_recognising_judges_learn_what_there_is_to_learn_and_share_no_songs_altogether():
    def tell(clip: Clip) -> Clip:
        """Make the quadrant audible: loud or soft, high or low."""
        number = QUADRANTS.index(clip.quadrant)
        return replace(clip, table=clip.table + np.array([0, 12 * (number % 2), 0, 25 * (number // 2)]))

    panel = Panel([tell(clip) for clip in make_real(64)])
    assert len(panel.songs) == len(JUDGES) == 3
    assert not frozenset.intersection(*panel.songs.values())
    unheard = [tell(clip) for clip in make_real(32, first=700)]
    for heard in panel.recognise(unheard).values():
        assert np.mean([one == clip.quadrant for one, clip in zip(heard, unheard, strict=True)]) > 0.7


def test_shares_of_hits_have_wilsons_interval():
    # Wilson 95 % of 11 of 18, as in `survey.analysis.proportions`.
    found = count_hits([True] * 11 + [False] * 7)
    assert (found.share.low, found.share.high) == pytest.approx((0.386, 0.797), abs=0.001)


def test_real_clips_are_compared_in_the_proportions_of_the_made_ones():
    real = make_real(96)
    made = [clip for clip in make_made(96) if clip.quadrant != "Q3"]
    rows = match_quadrants(real, made)
    assert Counter(real[row].quadrant for row in rows) == {"Q1": 16, "Q2": 24, "Q4": 16}


@pytest.mark.slow
def test_halves_of_real_clips_are_one_apart(reference):
    halves = judge_halves(reference, make_made(16))
    assert halves.distances.mean.value == pytest.approx(1.0, abs=0.15)
    assert all(area.value == pytest.approx(0.5, abs=0.15) for area in halves.content_areas.values())
    assert judge_real(reference).counts["all"]["velocity"] == pytest.approx(65, abs=1)


def test_few_clips_and_clips_without_an_emotion_are_refused(reference):
    with pytest.raises(ValueError, match="at least 10 clips"):
        judge(make_made(9), reference)
    with pytest.raises(ValueError, match="each with its intended emotion"):
        judge(make_real(12), reference)


def test_the_tables_show_every_part(alike, reference):
    text = write_markdown({"real": judge_real(reference), "mine": alike})
    assert "| AUC, content, extra trees | – | " in text
    assert "**mine: what gives it away**" in text
    assert "| sadness (Q3) | windows, kernel | – | " in text
    assert text.count("| mine | awe |") == 1


# -- clips --------------------------------------------------------------------------------------------------------


def test_clips_are_made_once_and_an_interrupted_run_goes_on(tmp_path, monkeypatch):
    first = make_clips("paper", 3, 40, tmp_path)
    kept = sorted(path.name for path in tmp_path.rglob("*.mid"))
    assert kept == ["amusement-40.mid", "awe-41.mid", "contentment-42.mid"]
    asked: list[int] = []
    compose = making.compose
    monkeypatch.setattr(making, "compose", lambda name, request: asked.append(request.seed) or compose(name, request))
    again = make_clips("paper", 4, 40, tmp_path)
    assert asked == [43]
    assert all((one.table == other.table).all() for one, other in zip(first, again, strict=False))
    monkeypatch.setattr(making, "version_of", lambda name: "another")
    make_clips("paper", 1, 40, tmp_path)
    assert asked == [43, 40]


def test_folders_of_others_need_names_that_say_what_was_meant(tmp_path):
    midi = write_clip(make_clip(1))
    (tmp_path / "fear-7.mid").write_bytes(midi)
    (clip,) = read_folder(tmp_path)
    assert (clip.emotion, clip.quadrant, clip.song) == ("fear", "Q2", "7")
    (tmp_path / "fear.mid").write_bytes(midi)
    with pytest.raises(ValueError, match="is not called <emotion>-<seed>"):
        read_folder(tmp_path)
    (tmp_path / "fear.mid").rename(tmp_path / "joy-8.mid")
    with pytest.raises(ValueError, match="'joy' is not one of the eight emotions"):
        read_folder(tmp_path)


def write_clip(clip: Clip) -> bytes:
    notes = tuple(PlayedNote(o, int(p), d, int(v), "right") for o, p, d, v in clip.table)
    return write_midi(Piece((), 120.0, 0, "major"), Performance(notes, ()))


@needs_emopia
def test_the_sets_of_real_clips_are_frozen_and_share_no_song():
    labels = read_labels(EMOPIA)
    clips: dict[str | None, list[str]] = {}
    for path in find_midi_files(EMOPIA):
        clips.setdefault(set_of(path, labels), []).append(name_song(path.stem)[0])
    found = {name: (len(songs), len(set(songs))) for name, songs in clips.items()}
    # The rest are the songs that the critic of `muse` may hear.
    assert found == {"val": (198, 63), "judges": (188, 77), "held back": (130, 48), None: (449, 165)}
    assert sum(songs for _, songs in found.values()) == len({song for songs in clips.values() for song in songs})


def test_each_table_reads_its_own_sets(data):
    development, final = read_real(data, final=False), read_real(data, final=True)
    assert {clip.song[:3] for clip in development.yardstick} == {clip.song[:3] for clip in final.lessons} == {"val"}
    assert {clip.song[:6] for clip in development.lessons} == {"judges"}
    assert {clip.song[:4] for clip in final.yardstick} == {"held"}


@needs_emopia
@pytest.mark.slow
def test_judges_hear_more_in_real_clips_than_chance():
    real = Reference.read(EMOPIA)
    for heard in judge_real(real).recognised.values():
        assert heard["all"].share.low > 0.4


# -- the last table ------------------------------------------------------------------------------------------------


def test_development_cannot_use_the_seeds_of_the_last_table():
    assert (looks.FINAL_SEED, looks.FINAL_CLIPS) == (7_310_000, 160)
    looks.refuse_final_seeds(7_309_999, 1)
    looks.refuse_final_seeds(7_310_160, 96)
    for seed in (7_309_905, 7_310_159):
        with pytest.raises(ValueError, match="Seeds 7310000 to 7310159 are kept for --final"):
            looks.refuse_final_seeds(seed, 96)


def test_every_look_leaves_a_line(tmp_path):
    log = tmp_path / "looks.md"
    log.write_text("| when |\n|---|\n")
    now = datetime(2026, 11, 27, 3, 5, tzinfo=UTC)
    looks.log_looks({"muse": "abc, seeds 1 to 2", "paper": "def"}, log, now=now)
    looks.log_looks({"muse": "abc"}, log, now=now)
    commit = looks.describe_commit()
    assert log.read_text().splitlines()[2:] == [
        f"| 2026-11-27 03:05 | {commit} | muse | abc, seeds 1 to 2 |",
        f"| 2026-11-27 03:05 | {commit} | paper | def |",
        f"| 2026-11-27 03:05 | {commit} | muse | abc |",
    ]


def test_the_log_is_a_file_that_ends_with_a_table():
    last = looks.LOOKS.read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith("|")
    assert last.count("|") == 5


# -- the command ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--final", "--seed", "1"], "--final has its own clips and seeds"),
        (["--final", "--clips", "8"], "--final has its own clips and seeds"),
        (["--seed", "7310001"], "are kept for --final"),
        (["--composers", "nobody"], "There is no composer 'nobody' here; choose from: "),
        (["--composers"], "give composers or folders"),
        (["--composers", "muse", "muse"], "each with a name of its own"),
        (["--midi", "real=there"], "each with a name of its own"),
        (["--midi", "there"], "'there' is not NAME=FOLDER"),
    ],
)
def test_what_cannot_be_judged_is_said_before_anything_is_made(arguments, said, capsys):
    with pytest.raises(SystemExit):
        __main__.read_options(["--data", "there", *arguments])
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_the_command_prints_tables_and_writes_them(data, tmp_path, capsys):
    for clip in make_made(16, first=90):
        (tmp_path / f"{clip.emotion}-{clip.song.removeprefix('song ')}.mid").write_bytes(write_clip(clip))
    judged = ["--composers", "paper", "--clips", "16", "--midi", f"mine={tmp_path}"]
    __main__.main(["--data", str(data), *judged, "--write", str(tmp_path / "new" / "table")])
    printed = capsys.readouterr().out
    assert "|  | real | real–real | paper | mine |" in printed
    assert "Development. paper: " in printed
    assert printed.endswith((tmp_path / "new" / "table.md").read_text().partition("\n\n")[2] + "\n")
    plain = json.loads((tmp_path / "new" / "table.json").read_text())
    assert plain["final"] is False
    assert plain["judgements"]["mine"]["clips"] == 16
    assert plain["judgements"]["real"]["recognised"]["windows, kernel"]["all"]["clips"] == 24


def test_the_last_table_is_logged_before_it_is_shown(data, tmp_path, capsys, monkeypatch):
    log = tmp_path / "looks.md"
    log.write_text("")
    monkeypatch.setattr(__main__, "log_looks", lambda told: looks.log_looks(told, log))
    monkeypatch.setattr(__main__, "FINAL_CLIPS", 16)
    monkeypatch.setattr(__main__, "judge_real", lambda reference: pytest.fail(f"shown after {log.read_text()}"))
    with pytest.raises(pytest.fail.Exception, match=r"shown after .* \| paper \| \w+, seeds 7310000 to 7310015 \|"):
        __main__.main(["--data", str(data), "--composers", "paper", "--final"])


def test_a_folder_without_clips_is_said_in_a_sentence(tmp_path):
    with pytest.raises(SystemExit, match="There is no folder"):
        __main__.main(["--data", str(tmp_path / "nowhere"), "--composers", "paper", "--clips", "8"])
