"""Settings from the environment: good values are read, wrong ones end the start with a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from melodymuse_site.environment import Environment, WrongSetting, embedded_broker_socket

ROOT = Path(__file__).resolve().parent.parent.parent
LONG_KEY = "k" * 50


@pytest.mark.parametrize(("text", "value"), [("1", True), ("yes", True), ("ON", True), ("0", False), ("false", False)])
def test_a_flag_is_read_in_the_usual_words(text: str, value: bool) -> None:
    assert Environment({"DEBUG": text}).flag("DEBUG", default=not value) is value


def test_a_flag_in_other_words_is_named() -> None:
    with pytest.raises(WrongSetting, match=r"DEBUG = 'perhaps' is neither yes nor no; use 1 or 0\."):
        Environment({"DEBUG": "perhaps"}).flag("DEBUG", default=False)


@given(st.text(alphabet="0123456789-+.e ", max_size=8))
@example("--0")
def test_a_number_is_inside_its_bounds_or_refused(text: str) -> None:
    environment = Environment({"PORT": text})
    usable = not text.strip() or (text.strip().isdigit() and 1 <= int(text) <= 65535)
    if usable:
        assert environment.number("PORT", 8000, least=1, most=65535) == int(text.strip() or 8000)
    else:
        with pytest.raises(WrongSetting, match=r"PORT = .* is not a whole number from 1 to 65535\."):
            environment.number("PORT", 8000, least=1, most=65535)


def test_a_file_form_is_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{LONG_KEY}\n")
    environment = Environment({"SECRET_KEY_FILE": str(file)})
    assert environment.secret_key(tmp_path, production=True) == LONG_KEY


def test_both_forms_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        Environment({"SECRET_KEY": LONG_KEY, "SECRET_KEY_FILE": "x"}).secret_key(tmp_path, production=True)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongSetting, match=r"DATABASE_URL_FILE = '/nowhere/url' cannot be read"):
        Environment({"DATABASE_URL_FILE": "/nowhere/url"}).database(Path())


def test_a_secret_key_is_made_once_and_kept_to_the_owner(tmp_path: Path) -> None:
    first = Environment({}).secret_key(tmp_path, production=False)
    assert Environment({}).secret_key(tmp_path, production=False) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_public_site_needs_its_own_secret_key(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="SECRET_KEY is not set, and ALLOWED_HOSTS says this is a public site"):
        Environment({}).secret_key(tmp_path, production=True)


def test_sqlite_takes_the_write_lock_at_once_and_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    config = Environment({}).database(tmp_path)
    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["NAME"] == str(tmp_path / "db.sqlite3")
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]


def test_postgresql_is_read_from_its_address() -> None:
    config = Environment({"DATABASE_URL": "postgres://ann:p%40ss@db:5433/muse"}).database(Path())
    assert {key: config[key] for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "muse",
        "USER": "ann",
        "PASSWORD": "p@ss",
        "HOST": "db",
        "PORT": 5433,
    }


@pytest.mark.parametrize("url", ["mysql://a@b/c", "nonsense", "postgres://host/"])
def test_a_wrong_database_address_is_named(url: str) -> None:
    with pytest.raises(WrongSetting, match="DATABASE_URL"):
        Environment({"DATABASE_URL": url}).database(Path())


def test_a_wrong_broker_address_is_named() -> None:
    with pytest.raises(WrongSetting, match="CELERY_BROKER_URL starts with 'amqp'; use redis://host:6379/0"):
        Environment({"CELERY_BROKER_URL": "amqp://x"}).broker(Path())


def test_the_embedded_broker_is_taken_where_none_is_named(tmp_path: Path) -> None:
    assert Environment({}).broker(tmp_path) == f"redis+socket://{embedded_broker_socket(tmp_path)}"


def test_a_deep_data_folder_still_gets_a_usable_socket() -> None:
    assert len(str(embedded_broker_socket(Path("/" + "deep/" * 40)))) < 100


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(WrongSetting, match=r"MEDIA_ROOT = .* is a file; give a folder\."):
        Environment({"MEDIA_ROOT": str(file)}).folder("MEDIA_ROOT", tmp_path)


def manage(*arguments: str, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DATA_DIR": str(tmp_path / "data"),
        **variables,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_wrong_value_ends_the_start_with_one_sentence(tmp_path: Path) -> None:
    result = manage("check", tmp_path=tmp_path, DEBUG="perhaps")
    assert result.returncode == 1
    assert result.stderr == "MelodyMuse cannot start: DEBUG = 'perhaps' is neither yes nor no; use 1 or 0.\n"


def test_the_deployment_check_is_clean_in_production_settings(tmp_path: Path) -> None:
    key = "".join(chr(97 + (index * 7) % 26) for index in range(60)) + "0123456789"
    result = manage(
        "check",
        "--deploy",
        "--fail-level",
        "INFO",
        tmp_path=tmp_path,
        ALLOWED_HOSTS="muse.example.org",
        SECRET_KEY=key,
    )
    assert result.returncode == 0, result.stderr
    assert "System check identified no issues" in result.stdout
