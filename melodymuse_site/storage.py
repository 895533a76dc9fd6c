"""Where uploaded pictures are kept: as Django keeps files, but none of them says when it came."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class UndatedStorage(FileSystemStorage):
    """Files of one time: a web server tells it as Last-Modified, and what came together belongs together."""

    def _save(self, name: str, content: Any) -> str:
        saved = str(super()._save(name, content))
        os.utime(self.path(saved), (settings.MEDIA_FILE_TIME, settings.MEDIA_FILE_TIME))
        return saved
