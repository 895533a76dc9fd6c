"""Why a draft cannot be published yet: sentences that know the field of the form they are about."""

from __future__ import annotations


class Reason(str):
    """A sentence, and the field of the study's form in which what it says is mended.

    >>> reason = Reason("Give the study a title.", field="title")
    >>> reason, reason.field
    ('Give the study a title.', 'title')
    """

    __slots__ = ("field",)
    field: str

    def __new__(cls, sentence: str, *, field: str) -> Reason:
        """Return the sentence, which knows its field."""
        reason = super().__new__(cls, sentence)
        reason.field = field
        return reason
