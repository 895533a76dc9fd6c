"""What somebody may send: values that are no value, bodies that are no body."""

from __future__ import annotations

import json
import random

from tests.generation.factories import picture_bytes

TEXTS = (
    *(
        "\0",
        "a\0b",
        "\ud800",
        "x\udfff\ud800",
        "",
        " ",
        "\x01\x1b\x7f",
        "\u202eevil",
        "😀",
        "\r\nX-Evil: 1",
        "\x85\u2028",
    ),
    *(
        "a" * 256,
        "ä" * 200,
        "x" * 5000,
        "a/" * 300,
        "../" * 20 + "etc/passwd",
        "%00",
        "%",
        "%ZZ",
        "_00",
        "_",
        ".",
        "..",
        "*",
    ),
    *(
        "0",
        "-1",
        "1",
        "2",
        "1.5",
        "07",
        "٣",
        "²",
        "1e309",
        "-1e309",
        "1_0",
        "nan",
        "inf",
        "-inf",
        "NaN",
        "Infinity",
        "0x10",
    ),
    *(str(2**15), str(2**31), str(2**63 - 1), str(2**63), str(2**64), "9" * 30, "9" * 5000, "-" + "9" * 30),
    *(
        "9999-12-31",
        "0001-01-01",
        "2026-02-30",
        "10000-01-01",
        "9999-12-31T23:59:59+14:00",
        "0001-01-01 00:00",
        "25:61",
    ),
    *(
        "null",
        "true",
        "[]",
        "{}",
        '{"a": NaN}',
        "[1e999]",
        '"\\ud800"',
        '{"\\u0000": 1}',
        "[" * 3000,
        '{"en": "x"}',
        "[[1]]",
    ),
    *("http://[", "//evil.example", "https://evil.example/{code}", "javascript:alert(1)", "/studies/?page=\0", "\\\\x"),
    *(
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "None",
        "en",
        "xx",
        "en-us-" + "x" * 90,
    ),
    *(
        "'",
        '"',
        "';--",
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
        "{% load x %}",
        "=1+1",
        "on",
        "yes",
        "no",
        "demo",
        "down",
    ),
)
# What has broken pages before, sent more often than the rest.
LIKELY = (
    "\0",
    "a\0b",
    "9" * 30,
    "-" + "9" * 30,
    str(2**63),
    str(2**31),
    "nan",
    "1e309",
    "a" * 300,
    "9999-12-31",
    "0001-01-01",
)
HEADERS = {
    "HTTP_ACCEPT": ("application/json", "*/*", "text/html;q=x", "\0", "a/b;" * 500),
    "HTTP_ACCEPT_LANGUAGE": ("de", "tr-TR,fr;q=0.5", "xx;q=nan", "\0", "en;q=" + "9" * 400, "a-" * 400, "*"),
    "HTTP_COOKIE": ("a", "=", ";;;", 'x="\\000"', "\xff\xfe", "a" * 4000),
    "HTTP_HOST": ("testserver", "testserver:99999999", "[::1", "a b", "\xff", "localhost:port", ""),
    "HTTP_IF_MODIFIED_SINCE": ("Sat, 99 Foo 99999 25:61:61 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "\0", "0"),
    "HTTP_IF_NONE_MATCH": ('"x"', "W/", "\0"),
    "HTTP_ORIGIN": ("null", "http://[", "https://evil.example", "\0"),
    "HTTP_RANGE": (
        "bytes=0-",
        "bytes=-0",
        "bytes=" + "9" * 5000 + "-",
        "bytes=5-1",
        "bytes=٣-",
        "lines=1-2",
        "bytes=0-0,2-3",
    ),
    "HTTP_REFERER": ("http://[", "/", "https://evil.example/\xff", "\0"),
    "HTTP_USER_AGENT": ("", "Mobi iPad", "\xff" * 300, "\0"),
    "HTTP_X_CSRFTOKEN": ("\0", "x" * 64, "ä"),
    "HTTP_X_FORWARDED_FOR": ("1.2.3.4", "nowhere", "\0", "1.2.3.4, " * 300, "::ffff:300.1.1.1"),
    "HTTP_X_FORWARDED_PROTO": ("https", "gopher", "\0"),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE",),
    "HTTP_X_REQUESTED_WITH": ("XMLHttpRequest",),
    "CONTENT_LENGTH": ("abc", "-1", "", "1_0", "٣", "9" * 30, "1.5", "0"),
}
CONTENT_TYPES = (
    *(
        "application/json",
        "text/plain",
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "\0",
        ";;;=",
        "a" * 3000,
    ),
    *(
        f"application/x-www-form-urlencoded; charset={charset}"
        for charset in (
            "utf-16",
            "rot13",
            "undefined",
            "unicode_escape",
            "utf-7",
            "latin-1",
            "nonsense",
            "utf-8-sig",
            "idna",
            "\0",
        )
    ),
    *(
        f"multipart/form-data; boundary=XX; charset={charset}"
        for charset in ("utf-16", "rot13", "base64", "unicode_escape")
    ),
    *(
        "text/html; charset=utf-32",
        "multipart/form-data; boundary=" + "x" * 300,
        'multipart/form-data; boundary="\u00e4"',
    ),
)
FILES = (
    ("picture.png", picture_bytes()),
    ("picture.png", picture_bytes()[:60]),
    ("a" * 300 + ".png", picture_bytes(9)),
    ("\0.png", b""),
    ("", b"text"),
    ("../../x.zip", b"PK\x05\x06" + bytes(18)),
    ("list.csv", b"file,emotion\n\0,fear\n\xff\xfe,awe\n" + b"x" * 300 + b",sadness\n"),
    ("list.csv", "file,emotion\n\ud800,fear".encode("utf-8", "surrogatepass")),
    ("nul.txt", b"\0" * 5000),
)
EVENT_KINDS = ("play", "pause", "error", "choose", [], {}, {"a": 1}, None, 7, True, "\0", "x" * 500)
EVENT_NUMBERS = (
    0,
    1,
    2,
    3,
    499,
    500,
    -1,
    2**31,
    2**63,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    1e308,
    "1",
    None,
    True,
    [],
    {},
)


def any_text(dice: random.Random) -> str:
    return dice.choice(LIKELY if dice.random() < 0.35 else TEXTS)


def any_events(dice: random.Random) -> str:
    """What a page's script may tell of a trial, and what it never would."""
    event = {
        name: dice.choice(values)
        for name, values in (
            ("sequence", EVENT_NUMBERS),
            ("kind", EVENT_KINDS),
            ("milliseconds", EVENT_NUMBERS),
            ("seconds", EVENT_NUMBERS),
        )
        if dice.random() < 0.9
    }
    good = {"sequence": dice.randrange(20), "kind": "play", "milliseconds": 5}
    events = [dice.choice((event, good, event, None, "x", [[]])) for _ in range(dice.randrange(6))]
    return json.dumps(dice.choice((events, events, events, event, dice.choice(EVENT_NUMBERS))))
