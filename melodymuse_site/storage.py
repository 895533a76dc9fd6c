"""Where pictures, clips and scores are kept: under names that are the hashes of what they hold.

Everything goes through `default_storage`, so that an object store can stand in its place (`STORAGES`); the site's own
keeps files below MEDIA_ROOT.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from melodymuse_site import private


class UndatedStorage(FileSystemStorage):
    """Files of one time: a web server tells it as Last-Modified, and what came together belongs together.

    A file is there whole or not at all, also where the machine stops while it is written.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name asked for: what lies there already holds the same, or a part of it from a machine that stopped."""
        return name

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        private.make_folder(path.parent, root=Path(self.location), mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            try:
                for block in content.chunks():
                    stream.write(block)
                stream.flush()
                # Before the rename: after a power cut a name must not stand over an empty file.
                os.fsync(stream.fileno())
                os.chmod(stream.name, settings.FILE_UPLOAD_PERMISSIONS)
                os.utime(stream.name, (settings.MEDIA_FILE_TIME, settings.MEDIA_FILE_TIME))
                os.replace(stream.name, path)
            except BaseException:  # a full disk, an interrupt: no half of a file is left behind
                os.unlink(stream.name)
                raise
        return name


def keep(name: str, data: bytes) -> str:
    """Store `data` under `name`, which tells its hash, unless all of it is there already; return the name."""
    if default_storage.exists(name) and default_storage.size(name) == len(data):
        return name
    return default_storage.save(name, ContentFile(data))


def keep_hashed(folder: str, data: bytes, sha256: str, extension: str) -> str:
    """Store `data` in `folder` under its hash; return the name."""
    return keep(f"{folder}/{sha256[:2]}/{sha256}{extension}", data)
