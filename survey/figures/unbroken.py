"""Text as HTML holds it, in which no line ends within an interval or between a number and its percent sign.

Spans keep it together, and not characters that do not break: those would come along into what is copied.
"""

from __future__ import annotations

import re
from html import escape

_NUMBER = r"[−+]?\d+(?:[.,]\d+)*"
_TOGETHER = re.compile(
    rf"\[[−+]?[\d.]+, [−+]?[\d.]+\]|(?<![\w#&.]){_NUMBER}(?: %)?(?:–| to ){_NUMBER}(?: %)?|(?<![\w#&.]){_NUMBER} %"
)


def unbroken(text: str) -> str:
    """Return the text, escaped, with every interval and every percentage in a span that is not broken.

    >>> unbroken("54 % <of 9> (42–62 %)")
    '<span class="unbroken">54 %</span> &lt;of 9&gt; (<span class="unbroken">42–62 %</span>)'
    >>> unbroken("α = −0.250 (−0.300 to 0.100), CI [0.1, 99.0]")
    'α = −0.250 (<span class="unbroken">−0.300 to 0.100</span>), CI <span class="unbroken">[0.1, 99.0]</span>'
    """
    return _TOGETHER.sub(lambda found: f'<span class="unbroken">{found[0]}</span>', escape(text))
