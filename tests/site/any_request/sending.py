"""Makes requests from a seed and sends them; whatever ends in an error of the server is told with what repeats it."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import encode_multipart

from tests.site.any_request.addresses import Address, every_address
from tests.site.any_request.nasty import CONTENT_TYPES, FILES, HEADERS, any_events, any_text
from tests.site.any_request.world import ADMIN, EDITOR, PARTICIPANT, ROLES, World
from tests.survey.participating import read_forms

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WEIGHTS = (8, 1, 8, 1, 1, 1, 1)
READ = re.compile(r"(?:GET|POST|sent|COOKIES|data)\.get(?:list)?\(\s*\"(\w+)\"")
FIELD = re.compile(r"^\s+(\w+) = (?:forms\.\w+|\w+Field)\(", re.MULTILINE)
# What Django's own pages read.
DJANGO = (
    *(
        "q",
        "o",
        "p",
        "e",
        "all",
        "_popup",
        "_to_field",
        "_changelist_filters",
        "term",
        "field_name",
        "model_name",
        "next",
    ),
    *(
        "language",
        "username",
        "password",
        "email",
        "action",
        "_selected_action",
        "index",
        "select_across",
        "_save",
        "post",
    ),
    *(
        "status__exact",
        "study__id__exact",
        "owner__id__exact",
        "created_at__gte",
        "requested_at__lt",
        "is_active__exact",
    ),
    *(
        "pk__in",
        "number__gt",
        "slug__isnull",
        "id__range",
        "composer__exact",
        "label_confident__exact",
        "uploaded_at__year",
    ),
)
# What only scripts send: no page has a form with these.
SCRIPTED = {"/events/": ("trial", "events")}
# A site without its processes says so, by this number.
TOLD = {(503, "/healthz")}
BOUNDARY = "XX"
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, ready to be sent."""

    role: str
    method: str
    path: str
    query: str
    body: bytes
    content_type: str
    headers: dict[str, str]
    strict: bool

    def __str__(self) -> str:
        headers = {name: text[:80] for name, text in self.headers.items()}
        told = f"{self.role} {self.method} {self.path[:300]}?{self.query[:300]}"
        return f"{told} {self.content_type[:60]!r} {self.body[:300]!r} {headers}"


@dataclass
class Tally:
    """How requests ended."""

    statuses: Counter[int] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


@cache
def names_near(file: str) -> tuple[str, ...]:
    """The names that the code beside a view reads; Django's own where the view is Django's."""
    if not file.startswith(str(settings.BASE_DIR)) or "site-packages" in file:
        return DJANGO
    return tuple(sorted(set(READ.findall(Path(file).read_text(encoding="utf-8"))))) or names_read()


@cache
def names_read() -> tuple[str, ...]:
    """The names of fields and parameters that the code reads, taken from the code."""
    found = set(DJANGO)
    for app in ("generation", "survey", "melodymuse_site"):
        for file in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            found |= {*READ.findall(text), *FIELD.findall(text)}
    return tuple(sorted(found))


def at_home(address: Address) -> str:
    """Who gets furthest at this address."""
    if address.template.startswith("/admin/"):
        return ADMIN
    return PARTICIPANT if address.template.startswith("/study/") else EDITOR


class Generator:
    """Requests of one seed: the number of a request alone decides what it is, so that each can be repeated alone."""

    def __init__(self, world: World, seed: int, urlconf: str = "") -> None:
        self.world = world
        self.seed = seed
        addresses = every_address(urlconf or settings.ROOT_URLCONF)
        # The administration has most addresses, and they are much alike: the site's own come three times as often.
        own = [address for address in addresses if not address.template.startswith("/admin/")]
        self.addresses = [*addresses, *own, *own]
        self._forms: dict[tuple[str, str, str], list[dict[str, Any]]] = {}

    def run(self, numbers: range) -> Tally:
        tally = Tally()
        for number in numbers:
            asked, address = self.make(number)
            status, problem = send(asked)
            tally.statuses[status] += 1
            tally.addresses[address.template] += 1
            if status >= 500 and (status, address.template) not in TOLD:
                tally.failures.append(f"seed {self.seed}, request {number}: {asked}\n    {problem}")
        return tally

    def make(self, number: int) -> tuple[Asked, Address]:
        """The request with this number. Addresses take turns, so that a few hundred requests reach them all."""
        dice = random.Random(f"{self.seed}:{number}")
        address = self.address_at(number)
        role = at_home(address) if dice.random() < 0.6 else dice.choice(ROLES)
        cookie = dice.choice(self.world.cookies[role])
        path = quote(
            self._fill(address, cookie, dice).encode("utf-8", "surrogatepass"),
            safe="/%" if dice.random() < 0.1 else "/",
        )
        method = dice.choices(METHODS, WEIGHTS)[0]
        headers = self._headers(cookie, dice)
        body, content_type = b"", ""
        if method in {"POST", "PUT", "PATCH"}:
            form_path, pairs = self._form(role, cookie, path, address, dice)
            path = form_path or path
            body, content_type = self._body(pairs, dice)
        query = _encode(self._query(address, dice))
        if dice.random() < 0.03:
            query += dice.choice(("&%ED%A0%80=%FF", "&&=&=", "%00=%00", "a" * 6000, "&".join(["x=1"] * 1200)))
        return Asked(role, method, path, query, body, content_type, headers, dice.random() < 0.1), address

    def address_at(self, number: int) -> Address:
        return self.addresses[(7919 * number + 31 * self.seed) % len(self.addresses)]

    def _fill(self, address: Address, cookie: str, dice: random.Random) -> str:
        """The address with names of things that exist, each now and then replaced by something that fits nowhere."""
        values = {}
        for name in address.names:
            before = re.search(rf"(\w+)/%\({name}\)s", address.template)
            fitting = self.world.named.get(before.group(1) if before else "") or self.world.named.get(name)
            value = dice.choice(fitting or self.world.everything)
            if name == "slug" and dice.random() < 0.7:
                value = self.world.slug_of.get(cookie, value)
            values[name] = value if dice.random() < 0.85 else self._text(dice)
        return address.template % values

    def _text(self, dice: random.Random) -> str:
        return any_text(dice) if dice.random() < 0.8 else dice.choice(self.world.everything)

    def _value(self, name: str, dice: random.Random) -> str:
        if name == "events":
            return any_events(dice)
        fitting = self.world.named.get(name)
        return dice.choice(fitting) if fitting and dice.random() < 0.6 else self._text(dice)

    def _pairs(self, dice: random.Random, count: int, address: Address) -> Pairs:
        pools = (names_near(address.file), names_read(), (any_text(dice),))
        names = [dice.choice(dice.choices(pools, (75, 22, 3))[0]) for _ in range(count)]
        return [(name, self._value(name, dice)) for name in names]

    def _query(self, address: Address, dice: random.Random) -> Pairs:
        """Nothing, a few parameters, or one text for every parameter that the code beside the view reads."""
        kind = dice.choices(("none", "few", "all"), (35, 30, 35))[0]
        if kind == "all":
            text = self._text(dice)
            return [(name, text) for name in names_near(address.file)]
        return self._pairs(dice, dice.randrange(1, 4), address) if kind == "few" else []

    def _headers(self, cookie: str, dice: random.Random) -> dict[str, str]:
        headers = {"HTTP_COOKIE": cookie} if cookie else {}
        if dice.random() < 0.1:
            name = dice.choice(("participation", "sessionid", "csrftoken", "messages", "django_language"))
            octal = f'{name}="\\000\\377-long-enough-for-a-session"'
            plain = f"{name}={quote(any_text(dice)[:200], errors='replace')}"
            text = dice.choice((octal, octal, plain, *HEADERS["HTTP_COOKIE"]))
            headers["HTTP_COOKIE"] = "; ".join(part for part in (cookie, text) if part)
        for name in dice.sample(sorted(HEADERS), dice.choice((0, 0, 0, 0, 0, 0, 1, 2))):
            if name != "HTTP_COOKIE":
                headers[name] = dice.choice(HEADERS[name])
        return headers

    def _form(self, role: str, cookie: str, path: str, address: Address, dice: random.Random) -> tuple[str, Pairs]:
        """A form of this page, filled in as a browser would and then spoiled; else fields that the code reads."""
        scripted = next((names for end, names in SCRIPTED.items() if path.endswith(end)), ())
        if scripted and dice.random() < 0.9:
            return "", [(name, self._value(name, dice)) for name in scripted]
        forms = self._forms_at(role, cookie, path)
        if not forms or dice.random() < 0.2:
            return "", self._pairs(dice, dice.randrange(8), address)
        form = dice.choice(forms)
        pairs = [(one["name"], one.get("value") or "") for one in form["inputs"]]
        for _ in range(dice.choice((0, 1, 1, 1, 2, 5))):
            if pairs:
                place = dice.randrange(len(pairs))
                pairs[place] = (pairs[place][0], self._value(pairs[place][0], dice))
        action = urljoin(path, form["action"].partition("?")[0]) if form["action"].startswith(("/", ".")) else path
        return action, pairs + self._pairs(dice, dice.choice((0, 0, 1)), address)

    def _forms_at(self, role: str, cookie: str, path: str) -> list[dict[str, Any]]:
        if (role, cookie, path) not in self._forms:
            client = Client(raise_request_exception=False)
            with _undone():
                response = client.generic("GET", path, **({"HTTP_COOKIE": cookie} if cookie else {}))
                shown = not response.streaming and response.status_code in {200, 400}
                text = response.content.decode(errors="replace") if shown else ""
            self._forms[role, cookie, path] = read_forms(text) if "<form" in text else []
        return self._forms[role, cookie, path]

    def _body(self, pairs: Pairs, dice: random.Random) -> tuple[bytes, str]:
        kind = dice.choices(("plain", "files", "json", "broken", "many"), (12, 4, 1, 2, 0.2))[0]
        if kind == "plain":
            content_type = "application/x-www-form-urlencoded" if dice.random() < 0.93 else dice.choice(CONTENT_TYPES)
            return _encode(pairs).encode(), content_type
        if kind == "json":
            return dice.choice((b'{"a": "\\ud800\\u0000"}', b"[" * 5000, b"NaN", b"\xff")), "application/json"
        if kind == "many":
            return b"&".join([b"x=1"] * 6000), "application/x-www-form-urlencoded"
        fields: dict[str, Any] = {_plain(name): _plain(value) for name, value in pairs}
        for name in dice.sample(("file", "files", "archive", "list_file", "upload", "x"), 2):
            fields[name] = _file(*dice.choice(FILES))
        body = encode_multipart(BOUNDARY, fields)
        if kind == "files":
            return body, f"multipart/form-data; boundary={BOUNDARY}"
        cut = body[: dice.randrange(1, len(body))]
        parts = (
            cut,
            body.replace(b"name=", b"name*=nonsense''"),
            body.replace(b"\r\n\r\n", b"\n", 1),
            body.replace(b'filename="', b'filename="\0'),
            b"--XX\r\n" * 300,
            b"--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n!=\r\n--XX--",
            b'--XX\r\nContent-Disposition: form-data; name="a\0b"\r\n\r\n\0\r\n--XX--\r\n',
            b"--XX\r\n" + b"X" * 2000 + b": 1\r\n\r\n\r\n--XX--",
        )
        kinds = (f"multipart/form-data; boundary={BOUNDARY}", dice.choice(CONTENT_TYPES))
        return dice.choice(parts), kinds[dice.random() < 0.2]


def _encode(pairs: Pairs) -> str:
    return "&".join("=".join(quote(text.encode("utf-8", "surrogatepass"), safe="") for text in pair) for pair in pairs)


def _plain(text: str) -> str:
    """What the helper that builds multipart bodies can write down."""
    return text.encode("utf-8", "replace").decode()


def _file(name: str, data: bytes) -> io.BytesIO:
    stream = io.BytesIO(data)
    stream.name = name
    return stream


def send(asked: Asked) -> tuple[int, str]:
    """(status, problem) of a request whose traces are undone afterwards."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=asked.strict)
    extra = {"QUERY_STRING": asked.query, "wsgi.input": io.BytesIO(asked.body), **asked.headers}
    with _undone():
        try:
            response = client.generic(asked.method, asked.path, asked.body, asked.content_type, **extra)
            for _ in response.streaming_content if response.streaming else ():
                pass
        except Exception as error:  # noqa: BLE001  (a page that breaks off while it is sent has failed as well)
            return 599, repr(error)[:500]
    problem = repr(response.exc_info[1])[:500] if response.exc_info else ""
    return response.status_code, f"{response.status_code} {problem}"


class _undone:
    """Everything that is written inside is taken back: each request meets the same world."""

    def __enter__(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()

    def __exit__(self, *_: object) -> None:
        transaction.set_rollback(True)
        self._atomic.__exit__(None, None, None)
