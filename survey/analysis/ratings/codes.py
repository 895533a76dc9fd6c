"""Numbers that name something: 3, 3.0 and 03 are one answer, whatever a program made of them on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+", re.ASCII)
"""1.000: one with three decimals, or one thousand; nobody can tell."""
_WHOLE_AS_DECIMAL = re.compile(r"[+-]?\d+[.,]0+", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,3}", re.ASCII)


def number_of(text: str) -> Decimal | None:
    """Return the number that a text writes, None where it writes none or may be read in two ways.

    >>> number_of("3.0") == number_of("3") == number_of("03") == number_of("3,0"), number_of("1.000"), number_of("P3")
    (True, None, None)
    """
    if not _NUMBER.fullmatch(text) or _GROUPED.fullmatch(text):
        return None
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None


_MONTHS = (
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september"
    " october november december mrz märz mai okt dez januar februar juni juli oktober dezember janv févr mars avr juin"
    " juil août déc ene abr ago dic oca şub nis haz tem ağu eyl eki kas ara"
)
_MONTH = "(?:" + "|".join(sorted(_MONTHS.split(), key=len, reverse=True)) + r")\.?"
_DATE = re.compile(
    rf"\d{{1,4}}\.?[-./ ]{{0,2}}{_MONTH}(?:[-./ ]{{1,2}}\d{{2,4}})?|{_MONTH}[-./ ]{{1,2}}\d{{1,4}}"
    r"|\d{4}-\d\d-\d\d[ T]00:00:00",
    re.IGNORECASE,
)


def is_date(text: str) -> bool:
    """Whether a spreadsheet may have made this date of an identifier such as 1-1 or JAN1.

    >>> [is_date(text) for text in ("1-Jan", "Jan 01", "01. Mrz", "2024-01-01 00:00:00", "Jan", "clip 1", "Mara 1")]
    [True, True, True, True, False, False, False]
    """
    return bool(_DATE.fullmatch(text))


def is_damaged(text: str) -> bool:
    """Whether a spreadsheet may have made this of an identifier: its digits are lost.

    >>> is_damaged("1.2E+11"), is_damaged("12"), is_damaged("P1e5")
    (True, False, False)
    """
    return bool(_SCIENTIFIC.fullmatch(text))


def one_spelling(texts: Iterable[str], declared: Sequence[str] = ()) -> dict[str, str]:
    """Return the spelling to use for every answer that is written otherwise: codes are compared as codes.

    A spelling that was declared stays; a whole number written as a decimal becomes whole; of several
    spellings of one number the shortest stays.

    Examples
    --------
    >>> one_spelling(["1", "2.0", "fear", "1.0"])
    {'1.0': '1', '2.0': '2'}
    >>> one_spelling(["1", "2.0"], declared=["01", "02"])
    {'1': '01', '2.0': '02'}
    """
    wanted: dict[Decimal, str] = {}
    for text in declared:
        number = number_of(text)
        if number is not None:
            wanted.setdefault(number, text)
    spellings: dict[Decimal, set[str]] = {}
    for text in dict.fromkeys(texts):
        number = number_of(text)
        if number is not None:
            spellings.setdefault(number, set()).add(text)
    result: dict[str, str] = {}
    for number, written in spellings.items():
        name = wanted.get(number) or _name_of(number, written)
        result |= {text: name for text in sorted(written) if text != name}
    return result


def _name_of(number: Decimal, written: set[str]) -> str:
    whole = number == number.to_integral_value()
    if whole and (len(written) > 1 or any(_WHOLE_AS_DECIMAL.fullmatch(text) for text in written)):
        return str(int(number))
    return min(written, key=lambda text: (len(text), text))


def one_name(texts: Iterable[str]) -> dict[str, str]:
    """Return the name to use where an identifier occurs both as 3 and as 3.0.

    Names with other decimals among them are versions (1.0, 1.1) and stay as they are; so do leading zeros.

    >>> one_name(["3", "3.0", "4"]), one_name(["1", "1.0", "1.1"]), one_name(["007", "7"])
    ({'3.0': '3'}, {}, {})
    """
    distinct = set(texts)
    decimals = {text for text in distinct if _WHOLE_AS_DECIMAL.fullmatch(text) and not _GROUPED.fullmatch(text)}
    if not decimals or any(_is_fraction(text) for text in distinct):
        return {}
    whole = {text: re.split("[.,]", text)[0] for text in sorted(decimals)}
    return {text: name for text, name in whole.items() if name in distinct}


def _is_fraction(text: str) -> bool:
    number = number_of(text)
    return number is not None and number != number.to_integral_value()


def respell(texts: Sequence[str], spelling: Mapping[str, str]) -> list[str]:
    """Return the texts in the spelling to use.

    >>> respell(["3.0", "fear"], {"3.0": "3"})
    ['3', 'fear']
    """
    return [spelling.get(text, text) for text in texts] if spelling else list(texts)
