"""One simulated person, from consent to thanks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from survey.design.lures import NO, YES, right_answer
from survey.design.trial_forms import FIRST, SECOND
from survey.questions import REGISTER, RESPONSE_COLUMNS
from survey.simulation.following import follow
from survey.simulation.headphones import find_odd_part, find_sounds
from survey.simulation.hearing import count_tones, find_check, seconds_of
from survey.simulation.page_forms import PageForm, read_asked, read_forms, read_instructed, read_media
from survey.simulation.truth import Truth, draw_answer, preferred
from survey.simulation.visitor import Timings, VisitFailed, Visitor

Hears = Callable[[str, str, Mapping[str, str], random.Random], dict[str, str]]
"""(persona, page, what the form holds, chance) → fields that a script would have filled in."""
MOST_PAGES = 500
LEAVES_PER_CLIP = 0.15
WORDS = ("", "calm", "dark", "süß", "étrange", "neşeli")


@dataclass(frozen=True, slots=True)
class Scene:
    """What every bot knows: the site, the study, the truth, what each file was meant to express.

    `words` says which emotion a word on the page names, in every language of the study, as it was published;
    `admitted` what lets somebody in who is asked before everything else, by the question's field; `strengths` are in
    log-odds, where two sounds are compared, by picture file (empty without one) and sound file: two cells may play one
    sound beside different pictures.
    """

    base: str
    slug: str
    entry: str
    truth: Truth
    music: Mapping[str, str]
    pictures: Mapping[str, str]
    words: Mapping[str, str] = field(default_factory=dict)
    admitted: Mapping[str, str] = field(default_factory=dict)
    strengths: Mapping[tuple[str, str], float] = field(default_factory=dict)
    think: float = 0.0
    with_media: bool = False
    has_agreed: bool = False  # begins behind the first page: whoever comes back to it is nobody any more
    hears: Hears | None = None  # what whoever plays a sound for so long tells of it; lets the time pass
    hears_out: bool = False  # the sound check's sound; who holds no pilot pass is refused before it can be over


@dataclass(slots=True)
class Bot:
    """What one bot did: the trials the server acknowledged, and its timings."""

    persona: str
    seed: int
    timings: Timings = field(default_factory=Timings)
    acknowledged: list[str] = field(default_factory=list)
    participant: str = ""
    finished: bool = False


def take_part(bot: Bot, scene: Scene, visitor: Visitor | None = None) -> Bot:
    """Consent, sound check, trials, background, thanks; or leaving on the way."""
    rng = random.Random(bot.seed)
    visitor = visitor or Visitor(scene.base, bot.timings)
    try:
        visitor.open(scene.entry)
        for _ in range(MOST_PAGES):
            if visitor.address.endswith("/end/"):
                bot.finished = True
                break
            if not _one_page(bot, scene, visitor, rng):
                break
    except VisitFailed as error:
        bot.timings.errors.append(str(error))
    finally:
        visitor.close()
    return bot


def _one_page(bot: Bot, scene: Scene, visitor: Visitor, rng: random.Random) -> bool:
    """Do what the page asks; False when there is nothing to do or this person leaves."""
    forms = read_forms(visitor.html)
    if not forms:
        return False
    form = forms[0]
    if scene.has_agreed and urlsplit(visitor.address).path == f"/study/{scene.slug}/":
        raise VisitFailed("The participation is gone.")
    if "tones" in form.choices:
        sound = visitor.download(find_check(visitor.html))
        form.values["tones"] = str(count_tones(sound))
        if scene.hears_out:
            time.sleep(seconds_of(sound))
    if "chosen" not in form.choices:
        values = _fill_in(visitor, form, rng)
        values |= {name: value for name, value in scene.admitted.items() if name in form.values | form.choices}
        if scene.hears is not None:
            values |= scene.hears(bot.persona, visitor.html, values, rng)
        visitor.send(form.action, values)
        return True
    if bot.persona == "dropout" and rng.random() < LEAVES_PER_CLIP:
        return False
    if scene.with_media:
        for address in read_media(visitor.html):
            visitor.fetch(address)
    if scene.think:
        time.sleep(rng.expovariate(1.0 / scene.think))
    _answer(bot, scene, visitor, form, rng)
    return True


def _fill_in(visitor: Visitor, form: PageForm, rng: random.Random) -> dict[str, str]:
    """Any page but a trial: the headphone test by ear, questions by chance."""
    values = dict(form.values)
    for number, sound in enumerate(find_sounds(visitor.html), start=1):
        values[f"part_{number}"] = str(find_odd_part(visitor.download(sound)) + 1)
    said = _say(form, rng)
    return values | {name: rng.choice(offered) for name, offered in form.options.items() if name not in said} | said


def _say(form: PageForm, rng: random.Random) -> dict[str, str]:
    """An answer by chance to every question of the page, whatever its kind: fields are told by their names.

    The register's own come first, in the order of its columns; what else is asked has fields that begin with `q_`.
    """
    asked = dict.fromkeys([question.field for question in (*RESPONSE_COLUMNS, *REGISTER.values())])
    asked |= dict.fromkeys(name for name in (*form.choices, *form.values) if name.startswith("q_"))
    said = {}
    for name in asked:
        if name in form.choices:
            said[name] = rng.choice(form.choices[name])
        elif name in form.options:
            said[name] = rng.choice(form.options[name])
        elif name in form.numbers:
            said[name] = str(rng.randint(*form.numbers[name]))
        elif name in form.values:
            said[name] = rng.choice(WORDS)
    return said


def _answer(bot: Bot, scene: Scene, visitor: Visitor, form: PageForm, rng: random.Random) -> None:
    values = dict(form.values)
    values["chosen"] = _choose(bot, scene, visitor.html, form.choices["chosen"], rng)
    values |= _say(form, rng)
    if form.followed:
        values["course"] = follow(form.followed, form.seconds, values["chosen"], rng)
    if scene.hears is not None:
        values |= scene.hears(bot.persona, visitor.html, values, rng)
    if bot.persona in {"doubleclicker", "twotab"}:
        _send_twice(visitor, form.action, values)
    else:
        visitor.send(form.action, values, is_answer=True)
    bot.acknowledged.append(values["trial"])


def _send_twice(visitor: Visitor, action: str, values: dict[str, str]) -> None:
    """The same answer from two connections at once; the page of the first goes on."""
    other = visitor.clone()
    try:
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(tab.send, action, values, is_answer=True) for tab in (visitor, other)]
        for one in sent:
            one.result()
    finally:
        other.close()


def _prefer(scene: Scene, names: list[str], rng: random.Random) -> str:
    """Which of the page's two sounds is chosen, by Bradley and Terry's law."""
    picture = next((name for name in names if name in scene.pictures), "")
    sounds = dict.fromkeys(name for name in names if name in scene.music)
    first, second = (scene.strengths[picture, sound] for sound in sounds)
    return FIRST if rng.random() < preferred(first, second) else SECOND


def _choose(bot: Bot, scene: Scene, html: str, offered: list[str], rng: random.Random) -> str:
    if bot.persona == "guesser":
        return rng.choice(offered)
    if bot.persona == "straightliner":
        return sorted(offered)[bot.seed % len(offered)]
    instructed = read_instructed(html)
    if instructed and bot.persona != "careless":
        return instructed
    names = [address.rsplit("/", 1)[-1] for address in read_media(html)]
    if set(offered) == {FIRST, SECOND}:
        return _prefer(scene, names, rng)
    music = next((scene.music[name] for name in names if name in scene.music), "")
    picture = next((scene.pictures[name] for name in names if name in scene.pictures), "")
    heard = picture if bot.persona == "picture" or not music else music
    if set(offered) == {YES, NO}:
        word = read_asked(html)
        if word not in scene.words:
            raise VisitFailed(f"the question names {word!r}, which is no emotion of the study")
        return right_answer(draw_answer(scene.truth, heard, list(scene.truth), rng), scene.words[word])
    return draw_answer(scene.truth, heard, offered, rng)
