"""Media files whole and in ranges: Safari plays nothing that cannot be asked for in parts."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from melodymuse_site.storage import keep_hashed

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def clip(settings: Settings, tmp_path: Path) -> str:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "ab.mp3").write_bytes(CONTENT)
    return "/media/clips/ab.mp3"


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_a_whole_file_says_that_ranges_are_welcome(client: Client, clip: str) -> None:
    response = client.get(clip)
    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Type"] == "audio/mpeg"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("asked", "part", "content_range"),
    [
        ("bytes=0-1", CONTENT[0:2], "bytes 0-1/1024"),
        ("bytes=1000-", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=-10", CONTENT[-10:], "bytes 1014-1023/1024"),
        ("bytes=1000-9999", CONTENT[1000:], "bytes 1000-1023/1024"),
        ("bytes=-9999", CONTENT, "bytes 0-1023/1024"),
    ],
)
def test_a_range_is_answered_with_206(client: Client, clip: str, asked: str, part: bytes, content_range: str) -> None:
    response = client.get(clip, headers={"range": asked})
    assert (response.status_code, body(response), response["Content-Range"]) == (206, part, content_range)
    assert response["Content-Length"] == str(len(part))


@pytest.mark.parametrize("asked", ["bytes=5-2", "pages=1-2", "bytes=0-1,5-6", "bytes=-", "nonsense"])
def test_a_range_that_cannot_be_read_gets_the_whole_file(client: Client, clip: str, asked: str) -> None:
    assert body(client.get(clip, headers={"range": asked})) == CONTENT


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(client: Client, clip: str, asked: str) -> None:
    response = client.get(clip, headers={"range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize("name", ["clips/none.mp3", "../settings.py", "clips", "clips/../../etc/passwd"])
def test_what_is_not_there_or_outside_is_404(client: Client, clip: str, name: str) -> None:
    assert client.get(f"/media/{name}").status_code == 404


def test_a_web_server_in_front_can_take_the_file_over(client: Client, clip: str, settings: Settings) -> None:
    settings.MEDIA_ACCEL_PREFIX = "/internal/"
    response = client.get(clip)
    assert (response["X-Accel-Redirect"], response.content) == ("/internal/clips/ab.mp3", b"")


def test_an_object_store_serves_whole_files_and_ranges(client: Client, settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    name = keep_hashed("clips", CONTENT, "ab" * 32, ".mp3")
    assert body(client.get(f"/media/{name}")) == CONTENT
    part = client.get(f"/media/{name}", headers={"Range": "bytes=1000-"})
    assert (part.status_code, part["Content-Range"], body(part)) == (206, "bytes 1000-1023/1024", CONTENT[1000:])
