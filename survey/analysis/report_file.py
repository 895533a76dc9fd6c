"""A report written as JSON, and read back into its types: files, and what is kept between two looks at a page."""

from __future__ import annotations

from typing import Any

import msgspec

from survey.analysis.measures.register import all_measures
from survey.analysis.reported import Report, as_plain


def write_report(report: Report) -> bytes:
    """Return the report as JSON."""
    return msgspec.json.encode(as_plain(report))


def read_report(data: bytes | dict[str, Any]) -> Report:
    """Return the report that `write_report` wrote, or that stands in a file or as plain data.

    Raises
    ------
    msgspec.ValidationError
        Where it was written by another version.

    Examples
    --------
    >>> read_report(b'{"schema": "3.1", "n": {"responses": 6}}').n.responses
    6
    """
    plain = msgspec.json.decode(data) if isinstance(data, bytes) else data
    report = msgspec.convert({**plain, "measures": {}}, Report)
    given = plain.get("measures", {})
    found = {measure.name: measure for measure in all_measures() if measure.name in given}
    measures = {name: None if given[name] is None else measure.read(given[name]) for name, measure in found.items()}
    return msgspec.structs.replace(report, measures=measures)
