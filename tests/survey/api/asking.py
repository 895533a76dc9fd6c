"""A program that asks the API with a token."""

from __future__ import annotations

from typing import Any

from django.test import Client

from survey import actions
from survey.models import Study
from survey.models.reading import ApiToken


def make_token(user: Any, study: Study | None = None, **named: Any) -> tuple[ApiToken, str]:
    asked = {"name": "laptop", "expires_at": None, **named}
    return actions.make_api_token(by=user, study=study, **asked)


class Program:
    """Sends its secret with every request, and nothing else."""

    def __init__(self, secret: str) -> None:
        self.client, self.secret = Client(), secret

    def get(self, path: str, method: str = "get", **named: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.secret}", **named.pop("headers", {})}
        return getattr(self.client, method)(f"/api/v1/{path}", headers=headers, **named)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content
