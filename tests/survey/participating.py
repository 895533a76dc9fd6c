"""Takes part over HTTP the way a browser without JavaScript does: reads each form and sends what it holds."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client

from survey.models import Participant
from survey.simulation.hearing import count_tones
from survey.views.participation import COOKIE

# Longer than six sounds of the headphone test last.
LONG_ENOUGH = 30.0


class _Forms(HTMLParser):
    """The forms of a page: action, and its inputs with type, name and value."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._open: dict[str, Any] | None = None

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        values = dict(attributes)
        if tag == "form":
            self._open = {"action": values.get("action") or "", "inputs": []}
            self.forms.append(self._open)
        elif tag in {"input", "select", "textarea"} and self._open is not None and values.get("name"):
            self._open["inputs"].append({"type": tag, **values} if tag != "input" else {"type": "text", **values})

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def let_time_pass(token: str, seconds: float = LONG_ENOUGH) -> None:
    """As if the test sounds had been sent so long ago: nobody waits for real sounds in these tests."""
    person = Participant.objects.get(token=token)
    person.sounds_sent = {sound: sent - seconds for sound, sent in person.sounds_sent.items()}
    person.save(update_fields=["sounds_sent"])


def read_forms(html: str) -> list[dict[str, Any]]:
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class Listener:
    """One participant with a browser of their own."""

    def __init__(self, slug: str, client: Client | None = None, entry: str = "") -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        self.slug = slug
        self.entry = entry or f"/study/{slug}/"
        self.response: Any = None

    def get(self, address: str = "") -> Any:
        self.response = self.client.get(address or self.entry, follow=True)
        return self.response

    @property
    def page(self) -> str:
        return str(self.response.content.decode())

    @property
    def address(self) -> str:
        return str(self.response.request["PATH_INFO"])

    def form(self) -> tuple[str, dict[str, str], dict[str, list[str]]]:
        """(address, hidden and filled values, radio groups) of the page's first form."""
        form = read_forms(self.page)[0]
        values = {i["name"]: i.get("value") or "" for i in form["inputs"] if i["type"] not in {"radio", "checkbox"}}
        radios: dict[str, list[str]] = {}
        for field in form["inputs"]:
            if field["type"] == "radio":
                radios.setdefault(field["name"], []).append(field["value"])
        return urljoin(self.address, form["action"]), values, radios

    def hear(self) -> dict[str, str]:
        """Fetch and hear the test sounds of this page, if there are any; what the sound check asks about them."""
        sounds = re.findall(r'src="([^"]+\.wav)"', self.page)
        heard = [self.client.get(address).content for address in sounds]
        if sounds:
            let_time_pass(self.client.cookies[COOKIE].value)
        return {"tones": str(count_tones(heard[0]))} if self.address.endswith("/sound/") else {}

    def send(self, follow: bool = True, **chosen: str) -> Any:
        """Fill in the form: what `chosen` says, else what was heard, else the first of each radio group."""
        address, values, radios = self.form()
        data = {**values, **{name: options[0] for name, options in radios.items()}, **self.hear(), **chosen}
        self.response = self.client.post(address, data, follow=follow)
        return self.response

    def begin(self) -> Listener:
        """Up to the first clip."""
        self.get()
        while "clip" not in self.address and "end" not in self.address:
            self.send()
        return self

    def take_part(self, answer: Any = None) -> Listener:
        """From consent to the end; `answer(listener)` names what is chosen."""
        self.begin()
        while not self.address.endswith("/end/"):
            at_clip = self.address.endswith("/clip/")
            self.send(**({"chosen": answer(self)} if answer and at_clip else {}))
        return self
