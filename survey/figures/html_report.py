"""The report as one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from survey.analysis.measures.shown import Table
from survey.analysis.reported import Report
from survey.figures.document import Block, Heading, Paragraph, StudyFacts, report_blocks
from survey.figures.drawing import LANGUAGE
from survey.figures.figure import Figure, first_sentence
from survey.figures.svg import to_two_svg
from survey.figures.unbroken import unbroken

DARK = {
    "ink": "#e9e7e2",
    "soft": "#a8adb5",
    "line": "#363c45",
    "surface": "#1c2026",
    "sunken": "#101317",
    "accent": "#8db8e2",
    "second": "#f0a35c",
    "heat-low": "#f4f2ee",
    "heat-high": "#0e1a26",
    "heat-0": "#262c34",
    "heat-1": "#2d3845",
    "heat-2": "#334455",
    "heat-3": "#3a4f66",
    "heat-4": "#405b76",
    "heat-5": "#476787",
    "heat-6": "#7fa3c6",
    "heat-7": "#93b3d2",
    "heat-8": "#a7c4df",
    "heat-9": "#bbd4ec",
    "heat-10": "#cfe4f8",
}
"""Role of a figure's mark → its colour in the dark theme, which is the site's (results.css, tokens.css)."""
IN_DARK = "\n".join(f"  .f-{role} {{ fill: {code}; }} .s-{role} {{ stroke: {code}; }}" for role, code in DARK.items())
STYLE = """
:root { color-scheme: light dark;
  --ink: #1d2126; --soft: #565d66; --line: #d9d5cb; --paper: #fbfaf7; --sunken: #f2f0ea; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9e7e2; --soft: #a8adb5; --line: #363c45; --paper: #14171b; --sunken: #1c2026; }
}
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 400 1rem/1.55 system-ui, "Noto Sans", Arial, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3 { font-family: Georgia, "Noto Serif", serif; line-height: 1.2; }
h2 { margin-top: 2.5rem; } h3 { margin: 2rem 0 0.5rem; }
p { max-width: 44rem; } .small { color: var(--soft); font-size: 0.875rem; text-align: start; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.35rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; overflow-wrap: normal; }
th, td { padding: 0.4rem 0.7rem; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { background: var(--sunken); }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.unbroken { white-space: nowrap; }
figure { margin: 0; }
figure svg { width: 100%; max-width: 46rem; height: auto; background: #fff; border-radius: 0.35rem; }
figure .narrow { display: none; max-width: 23rem; }
@media screen and (max-width: 34rem) { figure .wide { display: none; } figure .narrow { display: block; } }
@media screen and (prefers-color-scheme: dark) {
  figure svg { background: none; }
DARK_FIGURES
}
@media print { body { background: none; } .scroll { overflow: visible; } figure, tr { break-inside: avoid; } }
""".replace("DARK_FIGURES", IN_DARK)
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
"""What the page's content security policy names, so that this one inline style applies."""


def to_html(blocks: Iterable[Block]) -> str:
    """Return the blocks as a page of its own: no script, nothing loaded from elsewhere."""
    blocks = list(blocks)
    title = next((block.text for block in blocks if isinstance(block, Heading)), "Results")
    body = "\n".join(_write(block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{LANGUAGE}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _write(block: Block) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
        case Paragraph():
            text = unbroken(block.text)
            return f"<p><strong>{text}</strong></p>" if block.strong else f"<p>{text}</p>"
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col" class="{kind}">{escape(name)}</th>' for name, kind in table.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{escape(text)}</th>' if kind == "head" else f'<td class="{kind}">{unbroken(text)}</td>'
            for text, kind in line
        )
        + "</tr>"
        for line in table.lines
    )
    # outside the frame that scrolls, so that a narrow screen shows all of it
    caption = f'<p class="small" id="caption-{table.name}">{unbroken(table.caption)}</p>' if table.caption else ""
    described = f' aria-describedby="caption-{table.name}"' if table.caption else ""
    notes = "".join(f'<p class="small">{unbroken(note)}</p>' for note in table.notes)
    return (
        f'<section><h3>{escape(table.title)}</h3>{caption}<div class="scroll" tabindex="0" role="region"'
        f' aria-label="{escape(table.title)}"><table{described}><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
        f"</table></div>{notes}</section>"
    )


def _figure(figure: Figure) -> str:
    first, rest = first_sentence(figure.finding)
    said = f"<p><strong>{unbroken(first)}</strong>{f' {unbroken(rest)}' if rest else ''}</p>"
    return (
        f"<figure><h3>{escape(figure.title)}</h3>{to_two_svg(figure, themed=True)}<figcaption>{said}"
        f'<p class="small">{escape(figure.caption)}</p></figcaption></figure>'
    )


def write_report_page(report: Report, source: str) -> str:
    """Return a self-contained page with the tables and figures of any analysed table."""
    return to_html(report_blocks(report, StudyFacts(title=source)))
