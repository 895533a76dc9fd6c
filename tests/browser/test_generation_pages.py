"""Pictures, runs and pairs in a real browser."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from generation.models import GenerationRun, PairVersion, SourceImage
from tests.generation.factories import make_picture, make_researcher, make_run, only_version, picture_bytes
from tests.generation.finished import finish_version
from tests.generation.images.pictures import encode, scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SURE = {"sadness": 0.7, "fear": 0.2, "awe": 0.1}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def ready(live_server: Any, transactional_db: None) -> PairVersion:
    picture = make_picture()
    SourceImage.objects.filter(pk=picture.pk).update(probabilities=SURE, alt_text="Two coloured halves.")
    return finish_version(only_version(make_run([picture], slug="sadness")))


@pytest.fixture
def as_researcher(log_in: Callable[[Any, Any], None]) -> Callable[[Any], Any]:
    def open_door(page: Any) -> Any:
        log_in(page, make_researcher())
        return page

    return open_door


def write_pictures(folder: Path, *shades: int) -> list[Path]:
    files = []
    for shade in shades:
        files.append(folder / f"picture-{shade}.png")
        files[-1].write_bytes(picture_bytes(shade))
    return files


def test_a_researcher_logs_in_and_finds_the_library(page: Any, ready: PairVersion) -> None:
    make_researcher()
    page.goto("/")
    page.get_by_role("link", name="Log in as a researcher").click()
    page.get_by_label("Name").fill("rosa")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    assert page.get_by_role("heading", name="Pictures", exact=True).is_visible()


def test_many_chosen_files_are_sent_one_by_one_with_a_result_each(
    page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion, tmp_path: Path
) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no picture")
    as_researcher(page).goto("/pictures/")
    page.get_by_label("Pictures", exact=True).set_input_files([*write_pictures(tmp_path, 10, 20, 120), text])
    page.get_by_role("button", name="Add pictures").click()
    page.get_by_text("2 added, 1 already there, 1 refused.").wait_for()
    results = page.get_by_role("list", name="What became of each file").get_by_role("listitem")
    assert [line.partition(":")[0] for line in results.all_inner_texts()] == [
        "picture-10.png",
        "picture-20.png",
        "picture-120.png",
        "notes.jpg",
    ]
    page.get_by_role("link", name="Show the library").click()
    assert page.get_by_role("checkbox", name="picture-10.png").is_visible()


def test_dropped_files_are_added(page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion) -> None:
    as_researcher(page).goto("/pictures/")
    data = list(picture_bytes(77))
    page.evaluate(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
            const zone = document.querySelector("[data-drop]");
            zone.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        data,
    )
    page.get_by_text("1 added, 0 already there, 0 refused.").wait_for()
    assert SourceImage.objects.filter(title="dropped.png").count() == 1


def test_of_a_dropped_folder_every_file_is_sent_and_told(
    page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion
) -> None:
    """A script cannot drop a real folder, so its entries are laid out as browsers hand them over, a few at a time."""
    as_researcher(page).goto("/pictures/")
    page.evaluate(
        """([one, other]) => {
            const file = (name, bytes) => ({
                isFile: true, name, file: (done) => done(new File([new Uint8Array(bytes)], name)),
            });
            const folder = (name, ...batches) => ({
                isDirectory: true, name, createReader: () => ({ readEntries: (done) => done(batches.shift() ?? []) }),
            });
            const inner = folder("inner", [file("deep.jp2", other), file(".DS_Store", [1])]);
            const sent = folder("sent", [file("photo.jfif", one)], [inner, file("notes.txt", [68, 101, 97, 114])]);
            const event = new Event("drop", { bubbles: true, cancelable: true });
            event.dataTransfer = { files: [new File([], "sent")], items: [{ webkitGetAsEntry: () => sent }] };
            document.querySelector("[data-drop]").dispatchEvent(event);
        }""",
        [list(encode(scene(40, 30), "JPEG")), list(encode(scene(30, 40), "JPEG2000"))],
    )
    page.get_by_text("2 added, 0 already there, 1 refused.").wait_for()
    results = page.get_by_role("list", name="What became of each file").get_by_role("listitem").all_inner_texts()
    assert [line.partition(":")[0] for line in results] == ["photo.jfif", "deep.jp2", "notes.txt"]
    assert "not a picture that can be read here" in results[2]


def test_upload_works_without_javascript(
    plain_page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion, tmp_path: Path
) -> None:
    as_researcher(plain_page).goto("/pictures/")
    plain_page.get_by_label("Pictures", exact=True).set_input_files(write_pictures(tmp_path, 1, 2))
    plain_page.get_by_role("button", name="Add pictures").click()
    plain_page.get_by_text("2 pictures added.").wait_for()


def test_a_label_appears_by_itself(page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion) -> None:
    waiting = make_picture(33)
    as_researcher(page).goto("/pictures/")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("checkbox", name="33.png"))
    card.get_by_text("Labelling…").wait_for()
    SourceImage.objects.filter(pk=waiting.pk).update(probabilities={"awe": 0.9, "fear": 0.1})
    card.get_by_text("Most probably awe").wait_for()
    card.get_by_text("All eight emotions").click()
    assert card.get_by_role("list", name="Probabilities of the eight emotions").get_by_role("listitem").count() == 8


def test_from_selection_to_a_started_run(page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion) -> None:
    make_picture(44)
    as_researcher(page).goto("/pictures/")
    page.get_by_role("button", name="Select all on this page").click()
    assert page.get_by_text("2 selected").is_visible()
    page.get_by_role("button", name="Make music for the selected pictures").click()
    assert page.get_by_label("Intended emotion of 120.png").input_value() == "sadness"
    page.get_by_label("Intended emotion of 44.png").select_option(label="Fear")
    page.get_by_label("Muse:").uncheck()
    page.get_by_label("Paper:").check()
    page.get_by_label("Clips per picture").fill("2")
    page.get_by_label("Reason").fill("first wave")
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("heading", name=re.compile("first wave")).wait_for()
    assert page.get_by_text("0 of 4 finished").is_visible()
    assert GenerationRun.objects.first().versions.filter(pair__emotion__slug="fear").count() == 2


def test_progress_is_live_from_queued_to_ready_and_failed(
    page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion
) -> None:
    run = make_run([ready.pair.image], seeds=2, slug="awe")
    first, second = run.versions.order_by("pk")
    as_researcher(page).goto(run.get_absolute_url())
    assert page.get_by_role("cell", name="Queued").count() == 2
    PairVersion.objects.filter(pk=first.pk).update(
        status="running", step="rendering", claim=uuid.uuid4(), lease_expires_at=timezone.now() + timedelta(minutes=1)
    )
    page.get_by_role("cell", name="Running rendering…").wait_for()
    PairVersion.objects.filter(pk=first.pk).update(status="queued", step="", claim=None, lease_expires_at=None)
    finish_version(first)
    PairVersion.objects.filter(pk=second.pk).update(status="failed", error="The clip is silent.")
    page.get_by_role("cell", name="Ready Open").wait_for()
    page.get_by_role("cell", name="Failed The clip is silent.").wait_for()
    page.get_by_text("2 of 2 finished").wait_for()
    assert page.get_by_role("button", name="Retry failed and cancelled").is_visible()
    assert not page.get_by_role("button", name="Cancel what has not started").is_visible()


def test_cancelling_a_run(page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion) -> None:
    run = make_run([ready.pair.image], seeds=3)
    as_researcher(page).goto(run.get_absolute_url())
    page.get_by_role("button", name="Cancel what has not started").click()
    page.get_by_text("3 cancelled.").wait_for()
    assert set(run.versions.values_list("status", flat=True)) == {"cancelled"}


UNSURE = {
    "probabilities": {"fear": 0.4, "awe": 0.35, "sadness": 0.25},
    "label_confident": False,
    "implied": {
        "valence": -0.35,
        "valence_low": -0.8,
        "valence_high": 0.15,
        "arousal": 0.42,
        "arousal_low": 0.05,
        "arousal_high": 0.8,
    },
    "seen": {
        "things": [{"name": "volcano", "probability": 0.61, "valence": -0.1, "arousal": 0.7}],
        "words": "volcano: high arousal; dark, little colour: low valence",
        "map": [[(x - 3) / 3 for x in range(7)] for _ in range(7)],
    },
}


@pytest.fixture
def unsure(ready: PairVersion) -> SourceImage:
    picture = make_picture(55)
    SourceImage.objects.filter(pk=picture.pk).update(**UNSURE)
    return picture


def test_guesses_are_accepted_by_one_click(page: Any, as_researcher: Callable[[Any], Any], unsure: SourceImage) -> None:
    as_researcher(page).goto(unsure.get_absolute_url())
    page.get_by_role("button", name="Make music for this picture").click()
    assert page.get_by_text("guess: fear, awe or sadness").is_visible()
    page.get_by_role("button", name="Accept all guesses and start the run").click()
    page.get_by_text("is the guess of an unsure network").wait_for()


def test_a_list_is_mended_and_filled_in_and_the_return_key_starts_the_run(
    page: Any, as_researcher: Callable[[Any], Any], unsure: SourceImage, page_problems: list[str]
) -> None:
    as_researcher(page).goto("/pictures/")
    page.get_by_text("Start a run from a list").click()
    page.get_by_label("or its lines").fill("55,joy\n120.png,anger")
    page.get_by_role("button", name="Look at the run").click()
    page.get_by_text("Line 1: “joy” is none of the eight emotions").wait_for()
    page_problems.clear()  # the answer's 400
    page.get_by_label("or its lines").fill("55,awe\n120.png,anger")
    page.get_by_role("button", name="Look at the run").click()
    assert page.get_by_label("Intended emotion of 55.png").input_value() == "awe"
    page.get_by_label("Reason").fill("from the list")
    page.get_by_label("Reason").press("Enter")
    page.get_by_role("heading", name=re.compile("from the list")).wait_for()
    assert PairVersion.objects.filter(pair__emotion__slug__in=["awe", "anger"]).count() == 2


def test_the_map_is_hidden_and_shown_without_javascript(
    plain_page: Any, as_researcher: Callable[[Any], Any], unsure: SourceImage
) -> None:
    as_researcher(plain_page).goto(unsure.get_absolute_url())
    plain_page.get_by_text("Why fear?").click()
    cells = plain_page.locator(".map-cells")
    assert cells.is_visible()
    plain_page.get_by_label("Show what speaks for and against fear").uncheck()
    assert not cells.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["narrow", "desktop"])
def test_pages_of_an_unsure_picture_are_accessible_and_fit(
    open_page: Callable[..., Any],
    as_researcher: Callable[[Any], Any],
    unsure: SourceImage,
    accessibility_violations: Callable[[Any], list[str]],
    sideways_scroll: Callable[[Any], int],
    size: str,
    scheme: str,
) -> None:
    page = as_researcher(open_page(size, scheme=scheme))
    for address in (
        unsure.get_absolute_url(),
        f"/create/{unsure.public_id}/",
        f"/runs/new/?picture={unsure.public_id}",
        "/pictures/",
    ):
        page.goto(address)
        for summary in page.locator("details.why > summary, details.emotion-list > summary").all():
            summary.click()
        assert (address, sideways_scroll(page), accessibility_violations(page)) == (address, 0, [])


def wait_until_played(page: Any, seconds: float) -> None:
    page.locator("audio").first.evaluate(
        """(player, seconds) => new Promise((done) => {
            const look = () => (player.currentTime > seconds ? done() : setTimeout(look, 50));
            look();
        })""",
        seconds,
    )


def test_the_clip_plays_and_the_playhead_moves_with_it(
    page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion
) -> None:
    as_researcher(page).goto(ready.get_absolute_url())
    page.locator("audio").first.evaluate("player => player.play()")
    wait_until_played(page, 0.5)
    head = page.locator(".roll-playhead")
    first = float(head.get_attribute("x1"))
    wait_until_played(page, 1.0)
    assert head.get_attribute("visibility") == "visible"
    assert float(head.get_attribute("x1")) > first


@pytest.mark.parametrize("index", [0, 1], ids=["mp3", "flac"])
def test_both_files_decode_to_sound_in_the_browser(
    page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion, index: int
) -> None:
    as_researcher(page).goto(ready.get_absolute_url())
    heard = page.evaluate(
        """async (index) => {
            const address = document.querySelectorAll("[data-player] source")[index].src;
            const bytes = await (await fetch(address)).arrayBuffer();
            const sound = await new OfflineAudioContext(2, 44100, 44100).decodeAudioData(bytes);
            const left = sound.getChannelData(0);
            const peak = left.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
            return { seconds: sound.duration, channels: sound.numberOfChannels, peak };
        }""",
        index,
    )
    assert heard["channels"] == 2
    assert heard["seconds"] == pytest.approx(ready.duration_seconds, abs=0.1)
    assert 0.05 < heard["peak"] < 1.0


def test_a_version_in_the_making_shows_itself_when_ready(
    page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion
) -> None:
    version = only_version(make_run([ready.pair.image], slug="fear"))
    as_researcher(page).goto(version.get_absolute_url())
    page.get_by_text("The clip is being made").wait_for()
    finish_version(version)
    page.get_by_role("button", name="Play this clip").wait_for()


def test_regenerating_from_the_gallery(page: Any, as_researcher: Callable[[Any], Any], ready: PairVersion) -> None:
    as_researcher(page).goto("/pairs/")
    page.get_by_role("checkbox", name=re.compile("^Select")).check()
    page.get_by_role("button", name="Regenerate", exact=True).click()
    page.get_by_text("New versions are being made; the old ones stay.").wait_for()
    assert list(ready.pair.versions.values_list("number", flat=True)) == [2, 1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_an_accessibility_rule(
    open_page: Callable[..., Any],
    as_researcher: Callable[[Any], Any],
    ready: PairVersion,
    accessibility_violations: Callable[[Any], list[str]],
    scheme: str,
) -> None:
    page = as_researcher(open_page("desktop", scheme=scheme))
    run, picture = ready.run, ready.pair.image
    for address in addresses(ready, run, picture):
        page.goto(address)
        assert (address, accessibility_violations(page)) == (address, [])


@pytest.mark.parametrize("size", ["narrow", "phone"])
def test_no_page_scrolls_sideways_on_a_small_screen(
    open_page: Callable[..., Any],
    as_researcher: Callable[[Any], Any],
    ready: PairVersion,
    sideways_scroll: Callable[[Any], int],
    size: str,
) -> None:
    page = as_researcher(open_page(size))
    for address in addresses(ready, ready.run, ready.pair.image):
        page.goto(address)
        assert (address, sideways_scroll(page)) == (address, 0)


def addresses(version: PairVersion, run: GenerationRun, picture: SourceImage) -> list[str]:
    return [
        "/",
        "/pictures/",
        picture.get_absolute_url(),
        f"/runs/new/?picture={picture.public_id}",
        "/runs/",
        run.get_absolute_url(),
        "/pairs/",
        version.get_absolute_url(),
    ]


@pytest.fixture
def three_pictures(live_server: Any, transactional_db: None) -> list[SourceImage]:
    pictures = [make_picture(shade) for shade in (10, 60, 200)]
    SourceImage.objects.update(probabilities=SURE, label_confident=True)
    SourceImage.objects.filter(pk=pictures[1].pk).update(
        probabilities={"fear": 0.3, "awe": 0.28, "anger": 0.2}, label_confident=False
    )
    return pictures


def test_a_run_of_two_composers_says_its_size_while_it_is_chosen(
    page: Any, as_researcher: Callable[[Any], Any], three_pictures: list[SourceImage]
) -> None:
    as_researcher(page).goto("/pictures/")
    page.get_by_role("button", name="Select all on this page").click()
    page.get_by_role("button", name="Make music for the selected pictures").click()
    words = page.locator("[data-run-size-words]")
    assert words.inner_text().startswith("3 clips: 3 pictures × 1 composer × 1 clip each.")
    page.get_by_role("checkbox", name=re.compile("^Paper:")).check()
    page.get_by_text("6 clips: 3 pictures × 2 composers × 1 clip each.").wait_for()
    page.get_by_label("Clips per picture and composer").fill("2")
    page.get_by_text("12 clips: 3 pictures × 2 composers × 2 clips each.").wait_for()
    page.get_by_label("Clips per picture and composer").fill("500")
    page.get_by_text("Ensure this value is less than or equal to 50.").wait_for()
    page.get_by_label("Clips per picture and composer").fill("1")
    page.get_by_text("6 clips:").wait_for()
    page.get_by_role("button", name="Accept all guesses and start the run").click()
    page.get_by_text("0 of 6 finished").wait_for()
    assert sorted(PairVersion.objects.values_list("composer", flat=True)) == ["muse"] * 3 + ["paper"] * 3


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_many_emotions_are_set_together(
    open_page: Any, log_in: Callable[[Any, Any], None], three_pictures: list[SourceImage], javascript: bool
) -> None:
    page = open_page("phone", javascript=javascript)
    log_in(page, make_researcher())
    query = "&".join(f"picture={picture.public_id}" for picture in three_pictures)
    page.goto(f"/runs/new/?{query}")
    page.get_by_role("checkbox", name="Select 10.png").check()
    page.get_by_role("checkbox", name="Select 200.png").check()
    if javascript:
        page.get_by_text("2 selected").wait_for()
    page.get_by_label("Emotion for the selected pictures").select_option("Awe")
    page.get_by_role("button", name="Set it").click()
    page.get_by_text("Awe is set for 2 pictures.").wait_for()
    assert [field.input_value() for field in page.locator("select[name^=emotion-]").all()] == ["awe", "fear", "awe"]
    page.locator("select[name^=emotion-]").first.select_option("")
    page.get_by_role("button", name="Fill in empty ones").click()
    page.get_by_text("filled in for 1 picture; what was chosen stays").wait_for()
    assert [field.input_value() for field in page.locator("select[name^=emotion-]").all()] == ["sadness", "fear", "awe"]
    page.get_by_text("Which ones").click()
    assert page.get_by_role("link", name="60.png").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
