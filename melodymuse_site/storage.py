"""Where files are kept: media under names that are the hashes of what they hold, and what nobody may fetch.

Drawings of scores alone (`engraved/`) bear the hash of what they were drawn from.
Media go through `default_storage` and lie below MEDIA_ROOT; packs and waiting archives go through `private_storage` and
lie below DATA_DIR. An object store can stand in the place of both (`MEDIA_STORAGE`).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage, storages

from melodymuse_site import private


class StoreUnavailable(ConnectionError):
    """The object store does not answer, or refuses: what a worker tries again, and a page answers with 503."""


class UndatedStorage(FileSystemStorage):
    """Files of one time: a web server tells it as Last-Modified, and what came together belongs together.

    A file is there whole or not at all, also where the machine stops while it is written.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name asked for: what lies there already holds the same, or a part of it from a machine that stopped."""
        return name

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        mode, folder_mode = self._modes()
        private.make_folder(path.parent, root=Path(self.location), mode=folder_mode)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as stream:
            try:
                for block in content.chunks():
                    stream.write(block)
                stream.flush()
                # Before the rename: after a power cut a name must not stand over an empty file.
                os.fsync(stream.fileno())
                os.chmod(stream.name, mode)
                os.utime(stream.name, (settings.MEDIA_FILE_TIME, settings.MEDIA_FILE_TIME))
                os.replace(stream.name, path)
            except BaseException:  # a full disk, an interrupt: no half of a file is left behind
                os.unlink(stream.name)
                raise
        return name

    def _modes(self) -> tuple[int, int]:
        return settings.FILE_UPLOAD_PERMISSIONS, settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS


ARCHIVES, PACKS = "imports", "exports"


class PrivateStorage(UndatedStorage):
    """What nobody may fetch by its address: two folders of DATA_DIR, and nothing else that lies there."""

    # Properties, as Django's own but for MEDIA_ROOT: they follow the setting.
    @property
    def base_location(self) -> str:  # type: ignore[override]
        return str(settings.DATA_DIR)

    @property
    def location(self) -> str:  # type: ignore[override]
        return os.path.abspath(self.base_location)

    def path(self, name: str) -> str:
        path = super().path(name)
        if not any(Path(path).is_relative_to(Path(self.location) / folder) for folder in (ARCHIVES, PACKS)):
            raise SuspiciousFileOperation(f"{name!r} is not among the files that this storage keeps.")
        return path

    def url(self, name: str | None) -> str:
        raise ValueError("A private file has no address.")

    def _save(self, name: str, content: Any) -> str:
        here = getattr(content, "path", None)  # a file that was made for this place: moved, and not copied
        if here is None:
            return super()._save(name, content)
        path = Path(self.path(name))
        private.make_folder(path.parent, root=Path(self.location), mode=private.PRIVATE[1])
        os.chmod(here, private.PRIVATE[0])
        # Before the rename, as above: after a power cut a row must not hand out an empty file.
        os.fsync(content.fileno())
        os.replace(here, path)
        return name

    def _modes(self) -> tuple[int, int]:
        return private.PRIVATE


class MadeHere(File):
    """A finished file in `scratch_folder`, which a file system takes by its name."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self.path = path


def private_storage() -> Storage:
    return storages["private"]


def scratch_folder(name: str) -> Path:
    """A folder of this machine where `name` (archives, packs) are unpacked or written before they are kept."""
    folder = Path(settings.DATA_DIR) / name
    folder.mkdir(mode=private.PRIVATE[1], parents=True, exist_ok=True)
    return folder


def keep(name: str, data: bytes) -> str:
    """Store `data` under `name`, which tells its hash, unless the very same is there already; return the name.

    What lies there is read, not believed: a file of the right size that a disk or a person changed is written anew.
    """
    if default_storage.exists(name) and default_storage.size(name) == len(data) and _holds(name, data):
        return name
    return default_storage.save(name, ContentFile(data))


def _holds(name: str, data: bytes) -> bool:
    with default_storage.open(name) as stream:
        return bool(stream.read() == data)


def keep_hashed(folder: str, data: bytes, sha256: str, extension: str) -> str:
    """Store `data` in `folder` under its hash; return the name."""
    return keep(f"{folder}/{sha256[:2]}/{sha256}{extension}", data)
