"""What the site is made of beside the pages: the list of decisions, which follows its folder.

MkDocs calls these functions while it builds (`hooks` in mkdocs.yml).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

DECISIONS = Path(__file__).resolve().parent.parent / "decisions"


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
    """The page of decisions lists them; in the repository the folder itself is the list."""
    if page.file.src_uri != "decisions/index.md":
        return markdown
    return markdown + "\n" + "".join(f"- [{title}]({name})\n" for title, name in decisions())
