"""Every sentence that participants can read, found in the source: what is handed to gettext, and what should have been.

*Marked* sentences are found in all templates and modules of the project. *Bare* ones, which nobody could translate, are
looked for where participants' pages come from: their templates with what those extend and include, the scripts that
these load, the views behind their addresses, and the actions and forms that these views use.
"""

from __future__ import annotations

import ast
import importlib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

from survey import urls

ROOT = Path(settings.BASE_DIR)
APPS = ("generation", "survey", "melodymuse_site")
TEMPLATES = ROOT / "templates"
PARTICIPANTS = TEMPLATES / "survey" / "participant"
BASE = TEMPLATES / "base.html"
# Below a study's address these are answered in the participant's language too.
ERRORS = (TEMPLATES / "404.html", TEMPLATES / "403_csrf.html", TEMPLATES / "refused.html")
STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"\b(n?p?gettext)\(\s*({STRING}(?:\s*,\s*{STRING})*)", re.DOTALL)
# How many texts each of gettext's functions takes before anything else: a context first where its name has a p.
TEXTS = {"gettext": 1, "pgettext": 2, "ngettext": 2, "npgettext": 3}
SENTENCE = re.compile(r"[^\W\d_]{2,}[^\w]*\s[^\w]*[^\W\d_]|^[A-Z][a-z]{2,}$")
SPOKEN = ("alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label")


@dataclass(frozen=True, slots=True, order=True)
class Marked:
    """A text that is handed to gettext, as it stands in a catalogue."""

    key: str
    """With its context before it, as compiled catalogues have it."""
    plural: str = ""


def _marked(function: str, texts: list[str]) -> Marked:
    context = f"{texts.pop(0)}\x04" if "p" in function.removesuffix("gettext") else ""
    return Marked(context + texts[0], texts[1] if function.startswith("n") else "")


def marked_in_template(source: str) -> Iterator[Marked]:
    """What `{% translate %}` and `{% blocktranslate %}` hand to gettext, as Django's own makemessages finds it."""
    for function, texts in CALL.findall(templatize(source)):
        yield _marked(function, [str(ast.literal_eval(text)) for text in re.findall(STRING, texts)])


def marked_in_code(source: str) -> Iterator[Marked]:
    """The texts of gettext's functions, under whatever names a module imports them."""
    for function, call in _calls_of_gettext(ast.parse(source)):
        texts = [text.value for text in call.args[: TEXTS[function]] if isinstance(text, ast.Constant)]
        if len(texts) < TEXTS[function]:
            raise AssertionError(f"line {call.lineno}: gettext is handed what is made while the site runs")
        yield _marked(function, texts)


def _calls_of_gettext(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    names = {
        alias.asname or alias.name: alias.name.removesuffix("_lazy")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            function = names.get(name, name.removesuffix("_lazy"))
            if function in TEXTS:
                yield function, node


@cache
def every_marked() -> dict[Marked, str]:
    """Every marked text of the project, with where it stands."""
    found: dict[Marked, str] = {}
    for template in TEMPLATES.rglob("*.html"):
        for text in marked_in_template(template.read_text(encoding="utf-8")):
            found.setdefault(text, str(template.relative_to(ROOT)))
    for app in APPS:
        for module in (ROOT / app).rglob("*.py"):
            if "migrations" not in module.parts:
                for text in marked_in_code(module.read_text(encoding="utf-8")):
                    found.setdefault(text, str(module.relative_to(ROOT)))
    return found


class _Spoken(HTMLParser):
    """Words between tags and in the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if re.search(r"[^\W\d_]{2}", data):
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN or (name == "value" and tag == "input" and ("type", "submit") in attrs):
                self.handle_data(value or "")


def bare_in_template(source: str) -> list[str]:
    """Words of a page that no tag translates."""
    source = re.sub(r"{% (block)?trans(late)?\b.*?%}(?(1).*?{% endblocktrans(late)? %})", "", source, flags=re.DOTALL)
    source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", source, flags=re.DOTALL)
    reader = _Spoken()
    reader.feed(source)
    return [words for words in reader.found if words.strip(" –") != "MelodyMuse"]


def bare_in_script(source: str) -> list[str]:
    """Strings of a script that look like words for people: those come from the page, which is translated."""
    without_comments = re.sub(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", "", source, flags=re.DOTALL | re.MULTILINE)
    strings = re.findall(r'"([^"\n]*)"|\'([^\'\n]*)\'|`([^`]*)`', without_comments)
    return [text for quoted in strings for text in quoted if SENTENCE.search(re.sub(r"\${.*?}", "", text))]


def bare_in_code(source: str) -> list[str]:
    """Strings of a module that look like sentences and are handed to nobody who translates them."""
    tree = ast.parse(source)
    handed = {id(part) for _, call in _calls_of_gettext(tree) for part in ast.walk(call)}
    documents = {
        id(line.value)
        for node in ast.walk(tree)
        for line in (node.body if isinstance(getattr(node, "body", None), list) else [])
        if isinstance(line, ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in handed | documents and re.search(r"[^\W\d_]{2,}[’']?[\w]* [^\W\d_]", node.value)
    ]


def shown_of(page: Path) -> str:
    """The source of a page without the head of the site, in whose place participants' pages have their own."""
    source = page.read_text(encoding="utf-8")
    return re.sub(r"{% block header %}.*?{% endblock %}", "", source, flags=re.DOTALL) if page == BASE else source


def pages_of_participants() -> list[Path]:
    """Their templates, and what these extend and include."""
    pages = [*sorted(PARTICIPANTS.rglob("*.html")), *ERRORS]
    for page in pages:
        for name in re.findall(r'{% (?:extends|include) "(.*?)"', shown_of(page)):
            if TEMPLATES / name not in pages:
                pages.append(TEMPLATES / name)
    return pages


def scripts_of_participants() -> list[Path]:
    """The scripts that their pages load, and what these import."""
    folders = [ROOT / "survey" / "static", ROOT / "melodymuse_site" / "static"]
    loaded = [re.findall(r"{% static '([\w/-]+\.js)' %}", shown_of(page)) for page in pages_of_participants()]
    addresses = sorted({name for names in loaded for name in names})
    scripts = []
    for address in addresses:
        scripts.append(next(folder / address for folder in folders if (folder / address).exists()))
        for name in re.findall(r'from "(\.[\w./-]+\.js)"', scripts[-1].read_text(encoding="utf-8")):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(address), name))
            if imported not in addresses:
                addresses.append(imported)
    return scripts


def modules_of_participants() -> list[Path]:
    """The views behind their addresses, and the actions, forms and tags that these use."""
    names = {pattern.callback.__module__ for pattern in urls.participation}
    for view in sorted(names):
        tree = ast.parse(_file(view).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "actions":
                names.add(getattr(importlib.import_module("survey.actions"), node.attr).__module__)
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("survey.actions", "survey.forms")):
                used = importlib.import_module(str(node.module))
                names |= {getattr(getattr(used, alias.name), "__module__", str(node.module)) for alias in node.names}
    return sorted(_file(name) for name in names if name.startswith("survey."))


def _file(module: str) -> Path:
    return Path(str(importlib.import_module(module).__file__))
