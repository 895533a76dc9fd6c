"""Somebody takes part over HTTP in a site that runs elsewhere, and tries nothing a second time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from survey.design.tones import SECONDS
from survey.simulation.hearing import count_tones, find_check
from survey.simulation.page_forms import read_forms
from survey.simulation.visitor import Visitor


def take_part(visitor: Visitor, slug: str) -> Iterator[str]:
    """From consent to the end: fetches every clip, answers it, and gives each trial whose answer was acknowledged."""
    visitor.open(f"/study/{slug}/")
    while not visitor.address.endswith("/end/"):
        form = read_forms(visitor.html)[0]
        values = {**form.values, **{name: options[0] for name, options in form.choices.items()}}
        if "tones" in form.choices:
            values["tones"] = str(count_tones(visitor.download(find_check(visitor.html))))
            time.sleep(SECONDS)
        for address in re.findall(r'<source src="([^"]+)"', visitor.html):
            visitor.fetch(address)
        visitor.send(form.action, values, is_answer="trial" in values)
        if "trial" in values:
            yield values["trial"]
