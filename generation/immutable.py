"""What the database refuses to change: a ready pair version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from melodymuse_site.triggers import Rule

MESSAGE = "A ready pair version is immutable; make a new version instead."


def rules(_connection: Any) -> Sequence[Rule]:
    return [Rule("pair_version_ready_update", "generation_pairversion", "UPDATE", "OLD.status = 'ready'", MESSAGE)]
