"""Files in an S3-compatible object store (`MEDIA_STORAGE=s3`), for machines that share no folder.

The site goes on serving them under its own addresses, ranges among them: no browser learns of the store, and the bucket
needs no public access. Needs `melodymuse[s3]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation, SuspiciousOperation
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from melodymuse_site.storage import StoreUnavailable

SPOOLED = 8 * 1024 * 1024
"""A file larger than this is read by way of the disk: archives and packs have hundreds of megabytes."""

CONNECT_SECONDS, READ_SECONDS, MOST_TRIES = 3, 10, 3
"""A store that hangs is given up before the web server in front gives the page up (60 s), so that it can be said."""


class ObjectStorage(S3Storage):
    """A part of a bucket (`location`). A name holds what its hash says, so that writing it twice is harmless."""

    def __init__(self, **options: Any) -> None:
        endpoint = options.get("endpoint_url")
        told = {
            "default_acl": None,  # nothing is public: the bucket's own rules hold
            "file_overwrite": True,
            "max_memory_size": SPOOLED,
            "client_config": Config(
                # Servers of one's own have no name per bucket; what other makes do not know is not asked of them.
                s3={"addressing_style": "path" if endpoint else "auto"},
                signature_version="s3v4",
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "max_attempts": MOST_TRIES},
            ),
        }
        super().__init__(**(told | options))

    def url(self, name: str, *_: Any, **__: Any) -> str:
        """The site's own address: participants' browsers ask nobody else."""
        return f"{settings.MEDIA_URL}{filepath_to_uri(name)}"

    def check(self) -> None:
        """Raise StoreUnavailable where the bucket cannot be reached."""
        with _in_words():
            self.connection.meta.client.head_bucket(Bucket=self.bucket_name)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _in_words():
            file = super()._open(name, mode)
            if "r" in mode:
                file._get_file()  # now, and not when a page is half sent
            return file

    def _save(self, name: str, content: Any) -> str:
        with _in_words():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _in_words():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _in_words():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _in_words():
            return int(super().size(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _in_words():
            folders, files = super().listdir(name)
            return folders, files


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(f"The object store does not do what it was asked: {error}") from error
    except SuspiciousOperation as error:
        raise SuspiciousFileOperation(str(error)) from error
