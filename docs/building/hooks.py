"""What the site is made of beside the pages: the list of decisions, and links to what is no page of it.

MkDocs calls these functions while it builds (`hooks` in mkdocs.yml).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent
DECISIONS = DOCS / "decisions"
LINK = re.compile(r"(?<!!)\[([^]]+)\]\((\.\.?/[^)#\s]+)(?:#[^)]*)?\)")


def decisions() -> list[tuple[str, str]]:
    """(title, file name) of every decision, by title."""
    found = []
    for page in DECISIONS.glob("*.md"):
        if page.name != "index.md":
            title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").strip()
            found.append((title, page.name))
    return sorted(found, key=lambda one: one[0].lower())


def on_config(config: Any) -> Any:
    """Every decision stands in the navigation, so that a new one is one new file."""
    for section in config.nav:
        if isinstance(section, dict) and "Decisions" in section:
            section["Decisions"] = [
                "decisions/index.md",
                *({title: f"decisions/{name}"} for title, name in decisions()),
            ]
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """List the decisions on their page (in the repository the folder is the list), and name what lies outside."""
    source = page.file.src_uri
    if source == "decisions/index.md":
        markdown += "\n" + "".join(f"- [{title}]({name})\n" for title, name in decisions())
    return LINK.sub(lambda link: _within(link, (DOCS / source).parent), markdown)


def _within(link: re.Match[str], folder: Path) -> str:
    """The link as it is; where it leads out of docs/, its words and the place of the file in the repository."""
    target = (folder / link.group(2)).resolve()
    if DOCS in target.parents or not target.exists():
        return link.group(0)
    return f"{link.group(1)} (`{target.relative_to(DOCS.parent)}`)"
