"""The words of the house, explained once: a page of the site and docs/glossary.md are both made from this list.

``python -m melodymuse_site.glossary --write`` writes the document; a test fails while the two differ.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"
INTRODUCTION: Final = (
    "The words of the pages, the exports and the code, as the field uses them. Participants see none of this: a page "
    "that says what a lure or a gold trial is would change what it measures."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One word; `see` names the entries that belong to it by their slugs."""

    slug: str
    term: str
    meaning: str
    see: tuple[str, ...] = ()

    def others(self) -> tuple[Entry, ...]:
        """The entries that belong to it."""
        return tuple(ENTRIES[slug] for slug in self.see)


@dataclass(frozen=True, slots=True)
class Group:
    """Words of one subject, in the order in which they build on each other."""

    title: str
    entries: tuple[Entry, ...]


MATERIAL: Final = (
    Entry(
        "intended-emotion",
        "intended emotion",
        "What a clip was made to express: one of eight (amusement, awe, contentment, excitement, anger, disgust, "
        "fear, sadness), chosen by a person or proposed by the image network.",
        ("hit", "pair"),
    ),
    Entry(
        "pair",
        "pair",
        "A picture and an intended emotion: the idea, of which there can be several tries.",
        ("pair-version", "matching"),
    ),
    Entry(
        "pair-version",
        "pair version",
        "One try at a pair: its seed, notes, sound and features. Once ready it never changes; making it anew gives "
        "the next version, and a study goes on playing the one it was published with.",
        ("pair", "seed", "clip"),
    ),
    Entry(
        "clip",
        "clip",
        "The sound of a pair version, always of one length and loudness. What is heard in a trial.",
        ("stimulus",),
    ),
    Entry(
        "composer",
        "composer",
        "A program that writes the notes (muse, paper, the controls), or the other system that an imported clip comes "
        "from.",
    ),
    Entry(
        "control",
        "control",
        "A composer that leaves one thing out on purpose, so that its effect can be seen: unpictured ignores the "
        "picture, shuffled composes for another emotion, neutral for none. The control of a lesson learns from answers "
        "that were shuffled among clips: it should move nothing.",
        ("composer", "lesson"),
    ),
    Entry(
        "cue",
        "cue",
        "What of a clip may tell its emotion: tempo, mode, register, loudness of touch and other measured attributes; "
        "of a picture brightness, colours and the like.",
        ("lens", "variant"),
    ),
    Entry(
        "variant",
        "variant",
        "The same piece with one cue or more changed on purpose, and as little else as can be. A cue experiment plays "
        "variants: it tells what a cue does, where the lens tells what goes along with it.",
        ("cue", "pair-version"),
    ),
    Entry(
        "attribute-targets",
        "attribute targets",
        "What a composer aims at for each emotion: how fast, how high, how loud, and so on. Those as shipped are a "
        "table; what listeners taught is a version beside it, which serves nobody until somebody chooses it.",
        ("composer", "lesson"),
    ),
    Entry(
        "seed",
        "seed",
        "The number that random choices begin from. The same seed, network and picture give the same notes; the same "
        "seed gives the same simulated intervals.",
    ),
    Entry(
        "valence",
        "valence and arousal",
        "How pleasant and how activated something is, each from −1 to 1: the two axes on which emotions are placed.",
    ),
)
DESIGN: Final = (
    Entry(
        "stimulus",
        "stimulus",
        "What one trial presents: a clip, a picture, or both, in one cell, frozen when the study is published.",
        ("clip", "cell", "trial"),
    ),
    Entry(
        "condition",
        "condition",
        "A way of presenting that a study compares with others. Each condition of a study is a cell of its design.",
        ("cell",),
    ),
    Entry(
        "cell",
        "cell",
        "One field of the design: matching pairs, mismatched pairs, music only or picture only, for all composers or "
        "for one. Cells are never pooled: a hit does not mean the same in each.",
        ("condition", "matching", "weight"),
    ),
    Entry(
        "matching",
        "matching and mismatched pair",
        "Picture and music that belong together, or music shown beside the picture of another emotion. Mismatched "
        "pairs tell which of the two an answer follows.",
        ("cell",),
    ),
    Entry(
        "weight",
        "weight",
        "How many answers a cell gets relative to the others.",
        ("cell",),
    ),
    Entry(
        "within-between",
        "within and between participants",
        "Whether everybody meets every cell, or each person one of them.",
        ("cell",),
    ),
    Entry(
        "counterbalance",
        "counterbalanced order",
        "An order in which everything follows everything else equally often (Latin square, Williams design), so that "
        "what came before favours nothing.",
    ),
    Entry(
        "practice",
        "practice trial",
        "A trial at the beginning, for getting to know the page. Its answer never counts.",
        ("trial",),
    ),
    Entry(
        "gold",
        "gold trial",
        "A trial whose answer is known beforehand, hidden among the others: it tells who attends. It is in no hit "
        "rate.",
        ("rules",),
    ),
    Entry(
        "repeat",
        "repeat trial",
        "A clip that the same person meets again in the second half: it tells how far people agree with themselves. "
        "It is in no hit rate.",
        ("rules",),
    ),
    Entry(
        "attention",
        "attention trial",
        "A clip that the person has met, played once more on a page that asks for a certain answer, whatever is heard: "
        "whoever reads the page gives it. It is in no result.",
        ("rules",),
    ),
    Entry(
        "target",
        "target",
        "In a yes/no study, a trial that names the intended emotion: yes is right.",
        ("lure", "d-prime"),
    ),
    Entry(
        "lure",
        "lure",
        "In a yes/no study, a trial that names another emotion than the intended one: no is right. Without lures yes "
        "is always right, and nobody can be told from somebody who says yes to everything.",
        ("target", "d-prime"),
    ),
    Entry(
        "screening",
        "screened out",
        "Whoever agreed and does not fit the study: by an answer to a question that decides who is let in, or by the "
        "headphone test. They get a code of their own and take no place of the quota.",
        ("rules",),
    ),
    Entry(
        "rules",
        "rules for leaving people out",
        "What somebody must have done for their answers to count (gold answers right, clips heard, …). Fixed at "
        "publication, applied to whoever finishes; results exist with and without those left out.",
        ("set-aside",),
    ),
    Entry(
        "plan",
        "plan and primary measure",
        "What is written down before the first answer: hypotheses, the one measure that is tested, people, when to "
        "stop. It comes first in the results; everything else is exploratory.",
        ("exploratory",),
    ),
    Entry(
        "freeze",
        "frozen",
        "Kept as it was when the study was published: wording, answers, stimuli, rules, plan. A later change makes a "
        "new version of the study.",
    ),
)
TAKING_PART: Final = (
    Entry(
        "participant",
        "participant",
        "Somebody who has agreed to take part; kept without name, mail or IP address. Previews and programs are kept "
        "apart and never count.",
    ),
    Entry(
        "trial",
        "trial",
        "One stimulus shown to one participant, with its question. It has at most one answer.",
        ("stimulus",),
    ),
    Entry(
        "listening-gate",
        "listening gate",
        "An answer is taken only after the clip was played to its end (95 % of it, at most half a second less).",
    ),
    Entry(
        "preload",
        "preload",
        "The browser fetches the next clips while one is answered, so that nobody waits. What was preloaded is "
        "preferred for the next trial, where it is among the least heard.",
        ("lease",),
    ),
    Entry(
        "lease",
        "lease",
        "A hold that runs out by itself. A clip on somebody's screen counts as heard while its lease lasts, so that "
        "others get other clips; a worker keeps a job while it renews its lease.",
        ("claim",),
    ),
    Entry(
        "claim",
        "claim",
        "The moment at which one worker, and no other, takes a job: one conditional change of its row.",
        ("lease",),
    ),
    Entry(
        "quota",
        "quota",
        "How many people may complete the study. Whoever comes later is told that it is full.",
    ),
    Entry(
        "set-aside",
        "set aside",
        "Left out by hand, with a reason, by somebody who does not see what the clips were meant to express. It can "
        "be taken back.",
        ("rules",),
    ),
    Entry(
        "dropout",
        "dropped out",
        "Began, has not finished, and was not seen for half an hour. May still come back.",
    ),
)
FINDINGS: Final = (
    Entry(
        "hit",
        "hit",
        "An answer that names the intended emotion. In a yes/no study: yes to a target.",
        ("hit-rate", "intended-emotion"),
    ),
    Entry(
        "hit-rate",
        "hit rate",
        "Hits as a share of the answers in one cell. “None of these” is an error.",
        ("hit", "chance", "cell"),
    ),
    Entry(
        "chance",
        "chance",
        "What would come out if nobody heard anything: for all emotions together one in as many as were offered, for "
        "a single emotion how often the same listeners give that answer to clips of other emotions.",
        ("hit-rate",),
    ),
    Entry(
        "confusion",
        "confusion matrix",
        "Intended emotions × answers: what each was taken for.",
    ),
    Entry(
        "unbiased-hit-rate",
        "unbiased hit rate (Hu)",
        "Hits of an emotion as a share of its clips times hits as a share of that answer (Wagner 1993): somebody who "
        "calls everything sad gains nothing.",
        ("hit-rate",),
    ),
    Entry(
        "d-prime",
        "d′ (sensitivity)",
        "How well people tell targets from lures, whatever they like to say: z of yes to targets minus z of yes to "
        "lures. 0: not at all.",
        ("criterion", "target", "lure"),
    ),
    Entry(
        "criterion",
        "criterion (c)",
        "Whether people lean to yes (below 0) or to no (above 0).",
        ("d-prime",),
    ),
    Entry(
        "alpha",
        "α, κ and other agreement",
        "How far listeners agree with each other, right or wrong, beyond what chance gives: Krippendorff's α, Fleiss' "
        "κ, Gwet's AC1, Brennan–Prediger. 1: always; 0: no more than chance.",
        ("consensus",),
    ),
    Entry(
        "consensus",
        "consensus",
        "What most listeners chose for one clip, and how many of them.",
        ("alpha",),
    ),
    Entry(
        "lens",
        "lens",
        "How an emotion goes from composer to listeners through cues (Brunswik): which cues the composer writes into "
        "clips for it, and which ones listeners go by. Achievement r_a: how far the emotion arrives; matching G: how "
        "far both use the cues alike; R_e and R_s: how well cues foretell what each side does; C: what they share "
        "beyond the cues. Weights tell no causes.",
        ("cue", "variant"),
    ),
    Entry(
        "lesson",
        "lesson",
        "What is learned from the answers to closed studies: targets that should be recognised more often, or how sure "
        "the network that reads pictures should be. What it gains is expected until another study, with fresh clips "
        "or pictures, has tested it.",
        ("attribute-targets", "control"),
    ),
    Entry(
        "confidence-interval",
        "confidence interval",
        "The values that the answers are compatible with; 95 of 100 such intervals hold the true one. Each says for "
        "which claim it stands: new people and these clips, or new people and new clips, which is wider.",
        ("bootstrap-replicate", "clustered"),
    ),
    Entry(
        "clustered",
        "clustered",
        "Answers of one person hang together, and so do answers to one clip: an interval that took them as "
        "independent would be too narrow.",
        ("effective-answers",),
    ),
    Entry(
        "effective-answers",
        "effective answers",
        "As many independent answers would tell as much as these do.",
        ("clustered",),
    ),
    Entry(
        "bootstrap-replicate",
        "bootstrap replicate",
        "The analysis once more with people and clips drawn with replacement; thousands of them show how far a number "
        "varies.",
        ("confidence-interval",),
    ),
    Entry(
        "jackknife",
        "jackknife",
        "The analysis once more without one person, or one clip, for each of them: another way to an interval.",
        ("confidence-interval",),
    ),
    Entry(
        "permutation",
        "permutation test",
        "Intended emotions exchanged between clips at random: how often would that do as well?",
        ("chance",),
    ),
    Entry(
        "holm",
        "Holm's correction",
        "Makes p values of several tests larger, so that the chance of one false finding among them stays at 5 %.",
    ),
    Entry(
        "exploratory",
        "exploratory",
        "Not planned beforehand. It describes what was found; a new study has to confirm it.",
        ("plan",),
    ),
    Entry(
        "half-width",
        "half-width",
        "Half of an interval: ± how much. A plan asks for one that most studies (80 %) reach.",
        ("confidence-interval",),
    ),
    Entry(
        "power",
        "power",
        "The share of studies of a size that would find a difference if there is one.",
    ),
    Entry(
        "spread",
        "spread",
        "How much people, or clips, differ in their hit rates: the standard deviation that would be left with "
        "endlessly many answers. It decides whether more people or more clips help.",
        ("power", "half-width"),
    ),
    Entry(
        "valence-folds",
        "folded",
        "Eight emotions counted as fewer: four quadrants, pleasant and unpleasant, calm and activated.",
        ("valence",),
    ),
)
GROUPS: Final = (
    Group("Pictures and music", MATERIAL),
    Group("The design of a study", DESIGN),
    Group("Taking part", TAKING_PART),
    Group("What came out", FINDINGS),
)
ENTRIES: Final = {entry.slug: entry for group in GROUPS for entry in group.entries}


def document() -> str:
    """docs/glossary.md as a whole."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Glossary"
    yield ""
    yield INTRODUCTION
    yield "Researchers find it at `/glossary/`; their pages link the words they use."
    for group in GROUPS:
        yield ""
        yield f"## {group.title}"
        yield ""
        for entry in group.entries:
            see = ", ".join(f"[{other.term}](#{other.slug})" for other in entry.others())
            yield f'- <a id="{entry.slug}"></a>**{entry.term}**: {entry.meaning}{f" See {see}." if see else ""}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write docs/glossary.md; without it the text is printed")
    if parser.parse_args().write:
        DOCUMENT.write_text(document(), encoding="utf-8")
    else:
        print(document(), end="")


if __name__ == "__main__":
    main()
