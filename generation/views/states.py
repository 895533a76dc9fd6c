"""What a page that waits for a pair version is told."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from generation.models import PairVersion


def state_of(version: PairVersion) -> dict[str, Any]:
    """Status, step and reason, a key that changes when they do, and the page's own fragment."""
    return {
        "id": str(version.public_id),
        "key": f"{version.status}:{version.step}:{version.attempts}",
        "status": version.status,
        "step": version.step,
        "error": version.error,
        "html": render_to_string("generation/_state.html", {"version": version}),
    }
