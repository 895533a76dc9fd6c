"""A drawing as SVG: presentation attributes only, so that the site's content security policy holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.sax import saxutils

from survey.figures.drawing import Dot, Drawing, Label, Line, Mark, Rect, Shape, Told, colour

Address = Callable[[str], str]
"""From the key of marks to the address that they lead to."""

FONT = "system-ui, 'Noto Sans', Arial, sans-serif"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def writable(text: str) -> str:
    """Return a text without what no document can hold: control characters and halves of characters.

    >>> writable("a\\x00b\\ud800"), writable("two\\nlines")
    ('a�b�', 'two\\nlines')
    """
    return _UNWRITABLE.sub("\ufffd", text)


def escape(text: str) -> str:
    """Return a text as XML holds it."""
    return saxutils.escape(writable(text))


def to_svg(
    drawing: Drawing,
    *,
    title: str,
    description: str,
    name: str = "figure",
    themed: bool = False,
    size: str = "",
    font: str = FONT,
    address: Address | None = None,
) -> str:
    """Return the drawing as SVG text.

    Parameters
    ----------
    title, description : str
        Read by screen readers; the description says the finding.
    name : str
        Starts the ids, which must differ on one page.
    themed : bool
        With classes (``f-accent``, ``s-line``) for the page's style sheet; otherwise for a file of its own.
    size : str
        Class of the drawing: ``wide`` or ``narrow`` where a page has both.
    font : str
        Families of the type, as CSS writes them.
    address : callable, optional
        Makes a figure that answers: marks say what they stand for, and lead where the address of their key leads.
    """
    width, height = _n(drawing.width), _n(drawing.height)
    extent = "" if themed or size else f' width="{width}" height="{height}"'
    kind = f' class="{size}"' if size else ""
    answers = address is not None and bool(drawing.told)
    marks = [_mark(mark, themed) for mark in drawing.marks]
    body = "".join(_grouped(marks, drawing.told, address) if answers and address else marks)
    axes = f' data-axes="{" ".join(map(_n, drawing.axes))}"' if answers and drawing.axes else ""
    role = "group" if answers else "img"  # what is in an image cannot be reached
    paper = "" if themed else f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"{extent}{kind}{axes} role="{role}"'
        f' aria-labelledby="{name}-title {name}-description" font-family={saxutils.quoteattr(font)}>'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-description">{escape(description)}</desc>{paper}{body}</svg>'
    )


def _grouped(marks: list[str], told: list[Told], address: Address) -> list[str]:
    """The marks, those that stand for something together and with its words."""
    written, place = [], 0
    for one in told:
        kind, where = ("a", f" href={saxutils.quoteattr(address(one.key))}") if one.key else ("g", ' role="img"')
        inner = "".join(marks[one.start : one.end])
        written += marks[place : one.start]
        written.append(f'<{kind} class="mark"{where}><title>{escape(one.said)}</title>{inner}</{kind}>')
        place = one.end
    return [*written, *marks[place:]]


def to_two_svg(figure: Any, *, themed: bool = False, address: Address | None = None) -> str:
    """Return a figure twice, for a page and for a phone's screen; the style sheet shows one, by its class."""
    drawings = (("wide", figure.drawing), ("narrow", figure.narrow))
    return "".join(
        to_svg(
            drawing,
            title=figure.title,
            description=figure.finding,
            name=f"figure-{figure.name}-{size}",
            themed=themed,
            size=size,
            address=address,
        )
        for size, drawing in drawings
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _fill(role: str, themed: bool) -> str:
    kind = f' class="f-{role}"' if themed else ""
    return f'{kind} fill="{colour(role)}"'


def _stroke(role: str, themed: bool) -> str:
    kind = f' class="s-{role}"' if themed else ""
    return f'{kind} stroke="{colour(role)}"'


def _dashes(width: float) -> str:
    """Length of dashes and gaps: with a wide line they grow, so that it does not look like a ladder.

    >>> _dashes(1.0), _dashes(10.0)
    ('5 4', '12 7')
    """
    return f"{_n(max(5.0, 1.2 * width))} {_n(max(4.0, 0.7 * width))}"


def _mark(mark: Mark, themed: bool) -> str:
    match mark:
        case Rect():
            outline = f' stroke="{colour(mark.outline)}"' if mark.outline else ""
            kinds = f"f-{mark.fill} s-{mark.outline}" if mark.outline else f"f-{mark.fill}"
            kind = f' class="{kinds}"' if themed else ""
            return (
                f'<rect x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.width)}" height="{_n(mark.height)}"'
                f'{kind} fill="{colour(mark.fill)}"{outline}/>'
            )
        case Line():
            dash = f' stroke-dasharray="{_dashes(mark.width)}"' if mark.dashed else ""
            return (
                f'<line x1="{_n(mark.x1)}" y1="{_n(mark.y1)}" x2="{_n(mark.x2)}" y2="{_n(mark.y2)}"'
                f'{_stroke(mark.role, themed)} stroke-width="{_n(mark.width)}"{dash}/>'
            )
        case Shape():
            points = " ".join(f"{_n(x)},{_n(y)}" for x, y in mark.points)
            return f'<polygon points="{points}"{_fill(mark.fill, themed)}/>'
        case Dot():
            return f'<circle cx="{_n(mark.x)}" cy="{_n(mark.y)}" r="{_n(mark.radius)}"{_fill(mark.fill, themed)}/>'
        case Label():
            return _label(mark, themed)


def _label(mark: Label, themed: bool) -> str:
    weight = ' font-weight="600"' if mark.bold else ""
    turn = f' transform="rotate({_n(-mark.turn)} {_n(mark.x)} {_n(mark.y)})"' if mark.turn else ""
    return (
        f'<text x="{_n(mark.x)}" y="{_n(mark.y)}" font-size="{_n(mark.size)}" text-anchor="{mark.anchor}"'
        f"{_fill(mark.role, themed)}{weight}{turn}>{escape(mark.text)}</text>"
    )
