"""Reads settings from environment variables; a wrong value ends the start with a sentence that names it."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ

from melodymuse_site.keeping import in_database, in_redis

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
BROKER_SCHEMES = {"redis", "rediss", "redis+socket"}
CACHE_SCHEMES = {"redis", "rediss"}
CONNECTION_SECONDS = 600
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def embedded_broker_socket(data_dir: Path) -> Path:
    """Where the embedded broker listens. A Unix socket's path holds 107 bytes, so a deep folder moves it."""
    path = data_dir / "broker" / "redis.sock"
    if len(os.fsencode(path)) <= 100:
        return path
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"melodymuse-{name}.sock"


class WrongSetting(SystemExit):
    """An environment variable that cannot be used. Ends the process with exit status 2's sentence."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"MelodyMuse cannot start: {name} {problem}")


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables, read one by one."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        """The value of `name`, or of the file that `name`_FILE points to; `default` where neither is set."""
        value = self.variables.get(name, "").strip()
        file = self.variables.get(f"{name}_FILE", "").strip()
        if value and file:
            raise WrongSetting(name, f"and {name}_FILE are both set; set one of them.")
        if not file:
            return value or default
        try:
            content = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSetting(f"{name}_FILE", f"= {file!r} cannot be read: {error.strerror}.") from error
        if not content:
            raise WrongSetting(f"{name}_FILE", f"= {file!r} is an empty file.")
        return content

    def secret(self, name: str, *, least: int) -> str:
        """A text that is hard to guess, or none."""
        value = self.text(name)
        if value and len(value) < least:
            raise WrongSetting(name, f"is shorter than {least} characters; make a long random one.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if value in TRUE_WORDS:
            return True
        if value in FALSE_WORDS:
            return False
        if not value:
            return default
        raise WrongSetting(name, f"= {value!r} is neither yes nor no; use 1 or 0.")

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not value.removeprefix("-").isdecimal() or not least <= int(value) <= most:
            raise WrongSetting(name, f"= {value!r} is not a whole number from {least} to {most}.")
        return int(value)

    def names(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def folder(self, name: str, default: Path) -> Path:
        value = self.text(name)
        folder = Path(value).expanduser().resolve() if value else default
        if folder.exists() and not folder.is_dir():
            raise WrongSetting(name, f"= {str(folder)!r} is a file; give a folder.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongSetting(name, f"= {str(folder)!r} cannot be made: {error.strerror}.") from error
        if not os.access(folder, os.W_OK):
            raise WrongSetting(name, f"= {str(folder)!r} cannot be written to.")
        return folder

    def database(self, data_dir: Path) -> dict[str, object]:
        """Django's DATABASES entry; SQLite in `data_dir` where DATABASE_URL is not set."""
        url = self.text("DATABASE_URL") or f"sqlite:///{data_dir / 'db.sqlite3'}"
        scheme = urlsplit(url).scheme
        if scheme not in DATABASE_SCHEMES:
            raise WrongSetting(
                "DATABASE_URL",
                f"starts with {scheme or url!r}; use postgres://user:password@host:5432/name "
                "or sqlite:////absolute/path.",
            )
        config: dict[str, object] = dict(environ.Env.db_url_config(url))
        if not config.get("NAME"):
            raise WrongSetting("DATABASE_URL", "names no database; add it after the last slash.")
        if scheme == "sqlite":
            config["OPTIONS"] = {**SQLITE_OPTIONS}
        else:
            config["ENGINE"] = "django.db.backends.postgresql"
            config["CONN_HEALTH_CHECKS"] = True
        config["CONN_MAX_AGE"] = CONNECTION_SECONDS  # opening one costs more than a page
        return config

    def storages(self) -> dict[str, dict[str, object]]:
        """Django's STORAGES for media and for private files: folders, or two parts of one bucket."""
        kind = self.text("MEDIA_STORAGE", "files")
        if kind == "files":
            return {
                "default": {"BACKEND": "melodymuse_site.storage.UndatedStorage"},
                "private": {"BACKEND": "melodymuse_site.storage.PrivateStorage"},
            }
        if kind != "s3":
            raise WrongSetting("MEDIA_STORAGE", f"= {kind!r} is neither files nor s3.")
        if find_spec("storages") is None or find_spec("boto3") is None:
            raise WrongSetting("MEDIA_STORAGE", "= 's3' needs more packages: pip install \"melodymuse[s3]\".")
        if self.text("MEDIA_ACCEL_PREFIX"):
            raise WrongSetting("MEDIA_ACCEL_PREFIX", "names files of a web server, but MEDIA_STORAGE is s3; unset it.")
        bucket = self.text("S3_BUCKET")
        if not bucket:
            raise WrongSetting("S3_BUCKET", "is not set, and MEDIA_STORAGE is s3; name a bucket of this site alone.")
        if bool(self.text("S3_ACCESS_KEY")) != bool(self.text("S3_SECRET_KEY")):
            raise WrongSetting("S3_ACCESS_KEY", "and S3_SECRET_KEY go together; set both or none.")
        options = {
            "bucket_name": bucket,
            "endpoint_url": self.text("S3_ENDPOINT_URL") or None,
            "region_name": self.text("S3_REGION") or None,
            "access_key": self.text("S3_ACCESS_KEY") or None,
            "secret_key": self.text("S3_SECRET_KEY") or None,
        }
        backend = "melodymuse_site.object_storage.ObjectStorage"
        return {
            alias: {"BACKEND": backend, "OPTIONS": {**options, "location": location}}
            for alias, location in (("default", "media"), ("private", "private"))
        }

    def broker(self, data_dir: Path) -> str:
        """The broker's address; the embedded one's socket where CELERY_BROKER_URL is not set."""
        url = self.text("CELERY_BROKER_URL")
        if not url:
            return f"redis+socket://{embedded_broker_socket(data_dir)}"
        if urlsplit(url).scheme not in BROKER_SCHEMES:
            raise WrongSetting(
                "CELERY_BROKER_URL",
                f"starts with {urlsplit(url).scheme or url!r}; use redis://host:6379/0.",
            )
        return url

    def caches(self, prefix: str) -> dict[str, dict[str, object]]:
        """Django's CACHES: of each process, and for reports one that all share: Redis, or the site's database."""
        url = self.text("CACHE_URL")
        if url and urlsplit(url).scheme not in CACHE_SCHEMES:
            raise WrongSetting("CACHE_URL", f"starts with {urlsplit(url).scheme or url!r}; use redis://host:6379/1.")
        return {
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
            "reports": in_redis(url, prefix) if url else in_database("survey.KeptReport"),
        }

    def secret_key(self, data_dir: Path, *, production: bool) -> str:
        """SECRET_KEY; outside production one is made once and kept in `data_dir`."""
        value = self.text("SECRET_KEY")
        if value:
            if len(value) < 32:
                raise WrongSetting("SECRET_KEY", "is shorter than 32 characters; make a long random one.")
            return value
        if production:
            raise WrongSetting(
                "SECRET_KEY",
                "is not set, and ALLOWED_HOSTS says this is a public site; "
                "set SECRET_KEY or SECRET_KEY_FILE to a long random text.",
            )
        file = data_dir / "secret_key"
        if not file.exists():
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as stream:
                stream.write(secrets.token_urlsafe(50))
        return file.read_text().strip()
