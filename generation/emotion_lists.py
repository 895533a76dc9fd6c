"""A CSV list `file,emotion` that names the intended emotion of many pictures. All of it counts, or nothing.

Every problem is found, with its line; none ends the reading. No Django, no database: the pictures are handed in.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from generation.accepted import PICTURE_SUFFIXES, REFUSED_BY_NAME, refuse_other_kinds
from generation.emotions import EMOTIONS, SLUGS
from melodymuse_site.spreadsheets import guard

MOST_LINES: Final = 2000
LARGEST_LIST: Final = 1024 * 1024
LONGEST_NAME: Final = 200
_FILE_HEADINGS: Final = frozenset(
    {"file", "filename", "file name", "file_name", "picture", "image", "name", "title", "id", "public_id", "sha256"}
)
_EMOTION_HEADINGS: Final = frozenset({"emotion", "intended emotion", "intended_emotion", "intended", "label"})
_DELIMITERS: Final = ",;\t"
_ROWS_LOOKED_AT: Final = 100
_QUOTES: Final = " \t\"'“”„‚‘’«»"
_EMOTIONS: Final = {word.casefold(): emotion.slug for emotion in EMOTIONS for word in (emotion.slug, emotion.label)}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with a list; line 0 stands for the list as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True, slots=True)
class Line:
    """One picture as the list names it, and its emotion's slug."""

    number: int
    name: str
    emotion: str


@dataclass(frozen=True, slots=True)
class Named:
    """A picture and all it may be called by."""

    pk: int
    title: str
    sha256: str
    public_id: str


@dataclass(slots=True)
class Matched:
    """Slugs by the pictures' keys, in the order of the list; how many lines named pictures that were not asked for."""

    emotions: dict[int, str] = field(default_factory=dict)
    left_out: int = 0
    problems: list[Problem] = field(default_factory=list)


def tidy_name(text: str) -> str:
    """A file name as it is stored and compared: composed letters, plain spaces, nothing invisible.

    Examples
    --------
    >>> tidy_name("u\\u0308ber\\u202f1.png ")
    'über 1.png'
    """
    composed = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    shown = "".join(letter if letter.isprintable() else " " * letter.isspace() for letter in composed)
    return shown[:LONGEST_NAME].strip()


def read_list(data: bytes | str) -> tuple[list[Line], list[Problem]]:
    """Read a list: UTF-8 (with or without mark) or UTF-16, split by commas, semicolons or tabs.

    The first line may be a heading, which then says which column is which; without one the first column names the
    picture and the second the emotion. Blank lines are passed over.
    """
    text, problem = _decode(data) if isinstance(data, bytes) else (data.removeprefix("\ufeff"), None)
    if problem is None and len(text) > LARGEST_LIST:
        problem = Problem(0, f"The list is longer than {LARGEST_LIST // 2**20} MB; send it in parts.")
    if problem is not None:
        return [], [problem]
    try:
        rows = list(_split(text))
    except csv.Error as error:
        return [], [Problem(0, f"The list cannot be read as CSV ({error}); is a quotation mark left open?")]
    problems: list[Problem] = []
    file_column, emotion_column = 0, 1
    if rows and (columns := _heading(rows[0][1])):
        file_column, emotion_column = columns
        rows = rows[1:]
    if not rows:
        return [], [Problem(0, "The list names no picture; each line holds a file name and an emotion.")]
    if len(rows) > MOST_LINES:
        return [], [Problem(0, f"The list has {len(rows)} lines, more than {MOST_LINES}; send it in parts.")]
    lines = []
    for number, cells in rows:
        found = _read_row(number, cells, file_column, emotion_column)
        if isinstance(found, Line):
            lines.append(found)
        else:
            problems.append(found)
    return lines, problems


def _decode(data: bytes) -> tuple[str, Problem | None]:
    if other := refuse_other_kinds(data):
        return "", Problem(0, other)
    if len(data) > 2 * LARGEST_LIST:
        return "", Problem(0, f"The list is larger than {LARGEST_LIST // 2**20} MB; send it in parts.")
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16"), None
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return "", Problem(line, "The text is not UTF-8 from here on; save the list as “CSV UTF-8”.")


def _split(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of every row that is not blank."""
    skipped = 0
    if text[:4].casefold() == "sep=":
        delimiter, (_, _, text), skipped = text[4:5] or ",", text.partition("\n"), 1
    else:
        delimiter = max(_DELIMITERS, key=lambda sign: _fits(text, sign))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        if any(cells):
            yield line, cells


def _fits(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first rows have a cell that is an emotion or a heading of its column; then, several cells."""
    words = several = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for _, cells in zip(range(_ROWS_LOOKED_AT), reader, strict=False):
            told = {_plain(cell) for cell in cells} if len(cells) > 1 else set()
            words += bool(told & (_EMOTIONS.keys() | _EMOTION_HEADINGS))
            several += len(cells) > 1
    except csv.Error:
        return -1, 0
    return words, several


def _plain(cell: str) -> str:
    return tidy_name(cell).strip(_QUOTES).casefold()


def _heading(cells: Sequence[str]) -> tuple[int, int] | None:
    """The columns of file and emotion, where the first line is a heading."""
    words = [_plain(cell) for cell in cells]
    files = [index for index, word in enumerate(words) if word in _FILE_HEADINGS]
    emotions = [index for index, word in enumerate(words) if word in _EMOTION_HEADINGS]
    return (files[0], emotions[0]) if files and emotions else None


def _read_row(number: int, cells: Sequence[str], file_column: int, emotion_column: int) -> Line | Problem:
    name = tidy_name(cells[file_column]) if file_column < len(cells) else ""
    word = tidy_name(cells[emotion_column]).strip(_QUOTES) if emotion_column < len(cells) else ""
    if not name:
        return Problem(number, "No picture is named; a line holds a file name and an emotion.")
    if not word:
        return Problem(number, f"“{name}” has no emotion; choose from: {', '.join(SLUGS)}.")
    slug = _EMOTIONS.get(word.casefold())
    if slug is None:
        return Problem(number, f"“{word}” is none of the eight emotions: {', '.join(SLUGS)}.")
    return Line(number, name, slug)


class _Index:
    """Pictures by everything they may be called, from the most exact to the most lenient."""

    def __init__(self, pictures: Iterable[Named]) -> None:
        self.exact: dict[str, set[int]] = defaultdict(set)
        self.titles: dict[str, set[int]] = defaultdict(set)
        self.folded: dict[str, set[int]] = defaultdict(set)
        self.stems: dict[str, set[int]] = defaultdict(set)
        for picture in pictures:
            title = tidy_name(picture.title)
            self.exact[picture.public_id].add(picture.pk)
            self.exact[picture.sha256].add(picture.pk)
            self.titles[title].add(picture.pk)
            self.folded[title.casefold()].add(picture.pk)
            self.stems[_stem(title.casefold())].add(picture.pk)

    def find(self, name: str) -> set[int]:
        """Keys of the pictures called so; several where the name does not tell them apart."""
        folder_less = name.replace("\\", "/").rpartition("/")[2]
        for spelling in dict.fromkeys((name, name.strip(_QUOTES), folder_less)):
            for tier in self._tiers():
                if found := tier(spelling):
                    return found
        return set()

    def _tiers(self) -> tuple[Callable[[str], set[int]], ...]:
        return (
            lambda name: self.exact.get(name.casefold(), set()),
            lambda name: self.titles.get(name, set()),
            lambda name: self.folded.get(name.casefold(), set()),
            self._without_suffix,
        )

    def _without_suffix(self, name: str) -> set[int]:
        """A name without ``.jpg`` for a title with one, or the other way round; never ``.png`` for ``.jpg``."""
        folded = name.casefold()
        stem = _stem(folded)
        return self.stems.get(folded, set()) if stem == folded else self.folded.get(stem, set())


def _stem(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return stem if stem and dot + suffix in (*PICTURE_SUFFIXES, *REFUSED_BY_NAME) else name


def match_list(lines: Iterable[Line], asked: Sequence[Named], library: Iterable[Named]) -> Matched:
    """Find the picture of each line among those `asked` for, or in the whole `library` where none were.

    Pictures of the library that were not asked for are left out and counted; a name that is nowhere, that several
    pictures share, or that comes twice is a problem.
    """
    everywhere = _Index(library)
    first = _Index(asked) if asked else everywhere
    matched = Matched()
    lines_of: dict[int, int] = {}
    for line in lines:
        found = first.find(line.name)
        if not found and everywhere.find(line.name):
            matched.left_out += 1
        elif not found:
            matched.problems.append(Problem(line.number, f"No picture of the library is called “{line.name}”."))
        elif len(found) > 1:
            matched.problems.append(
                Problem(
                    line.number,
                    f"{len(found)} pictures are called “{line.name}”; name this one by its SHA-256 or its id, "
                    "which stand on its page.",
                )
            )
        else:
            (pk,) = found
            if pk in lines_of:
                matched.problems.append(
                    Problem(line.number, f"“{line.name}” has its emotion already from line {lines_of[pk]}.")
                )
            lines_of.setdefault(pk, line.number)
            matched.emotions.setdefault(pk, line.emotion)
    return matched


def write_list(
    pictures: Iterable[Named], emotions: Mapping[int, str], unsure: Collection[int], library: Iterable[Named]
) -> str:
    """A list that `read_list` and `match_list` take back once every picture in it has an emotion.

    A note says what is to be looked at. A picture is called by its title, or by its id where others of the `library`
    have the same title, or a spreadsheet would take it for a formula. `emotions` holds slugs by the pictures' keys;
    a picture without one has an empty cell.

    Examples
    --------
    >>> boats = [Named(1, "boat.png", "a" * 64, "id-1"), Named(2, "=sum", "b" * 64, "id-2")]
    >>> print(write_list(boats, {1: "awe"}, {1}, boats), end="")
    file,emotion,note
    boat.png,awe,guess of an unsure network
    id-2,,not labelled yet: choose an emotion
    """
    times = Counter(tidy_name(one.title) for one in library)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["file", "emotion", "note"])
    for one in pictures:
        title = tidy_name(one.title)
        plain = title and times[title] == 1 and guard(title) == title
        slug = emotions.get(one.pk, "")
        note = "guess of an unsure network" if one.pk in unsure else ""
        writer.writerow(
            [title if plain else one.public_id, slug, note if slug else "not labelled yet: choose an emotion"]
        )
    return out.getvalue()
