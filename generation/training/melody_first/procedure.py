"""The training from folders to artifacts: prepare, fit both stages, go on with EMOPIA, measure, write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TextIO

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from generation.networks.melody_first.transformer import StageNetwork
from generation.training.composer.exporting import round_weights
from generation.training.melody_first.arrays import STAGES, Scaling, Steps, load_sections, part_of, to_steps
from generation.training.melody_first.exporting import export_weights
from generation.training.melody_first.fitting import Fitted, Plan, fit
from generation.training.melody_first.listening import measure_control, measure_music, real_notes, write_again
from generation.training.melody_first.measuring import measure_unseen
from generation.training.melody_first.network import SHAPES
from generation.training.melody_first.preparing import ACCOUNT_FILE, SECTIONS_FILE, TUNES_FILE, prepare_data
from generation.training.melody_first.sections import Section
from generation.training.melody_first.writing import write_report, write_stages
from generation.training.workplace import TrainingRefused, claim_workplace

GOING_ON: Final = Plan(epochs=7, rate=3e-4)
"""How networks go on with EMOPIA: a lower rate, and beside its sections one of `KEPT` of POP909's."""
KEPT: Final = 8
HEARD: Final = 64
"""Unseen sections of each set over whose chords new notes are written."""
LENGTHS: Final = {"melody": (64, 128), "accompaniment": (128, 320)}


@dataclass(slots=True)
class Sets:
    """Sections by set and part (``train``, ``check``, ``test``); of held-out songs the first division alone."""

    sections: dict[tuple[str, str], list[Section]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Sets:
        """Read and sort them."""
        sets = cls()
        for section in load_sections(path):
            part = part_of(section.song)
            if part == "train" or section.variant == 0:
                sets.sections.setdefault((section.set_name, part), []).append(section)
        return sets

    def steps(self, set_name: str, part: str, stage: str) -> list[Steps]:
        """What a stage's network reads of them."""
        return [to_steps(section, stage) for section in self.sections.get((set_name, part), [])]


def train_and_report(options: dict[str, Any], stdout: TextIO) -> None:
    """Do everything `manage.py train melody_first` promises."""
    out = Path(options["out"])

    def report(line: str) -> None:
        stdout.write(line if line.endswith("\n") else line + "\n")

    names = ("melody_epochs", "accompaniment_epochs", "patience", "share", "batch", "layout", "seed")
    settings = {name: options[name] for name in names} | {n: str(options[n]) for n in ("pop909", "emopia")}
    parts = ["data", "pop909", "emopia"]
    claim_workplace(out, settings, parts=parts, restart=options["restart"])
    if not (out / "data" / ACCOUNT_FILE).is_file():
        prepare_data(options["pop909"], options["emopia"], out / "data", report, _bar)
    sets = Sets.read(out / "data" / SECTIONS_FILE)
    for part in ("train", "check", "test"):
        if not sets.sections.get(("pop909", part)):
            raise TrainingRefused(f"POP909's folder gives no section for the part {part!r}: add more songs.")
    account = json.loads((out / "data" / ACCOUNT_FILE).read_text(encoding="utf-8"))
    with np.load(out / "data" / TUNES_FILE) as file:
        tunes = dict(file)
    training = _Training(options, sets, out, report)
    training.learn("pop909")
    if options["emopia"] is not None and sets.sections.get(("emopia", "check")):
        training.learn("emopia")
    training.write(account, tunes)


class _Training:
    """What is trained of both pairs, and what they measure."""

    def __init__(self, options: dict[str, Any], sets: Sets, out: Path, report: Callable[[str], None]) -> None:
        self.options, self.sets, self.out, self.report = options, sets, out, report
        self.fitted: dict[tuple[str, str], Fitted] = {}
        self.scaling = {stage: Scaling.of(sets.steps("pop909", "train", stage)) for stage in STAGES}
        self.losses: dict[str, dict[str, Any]] = {}
        self.arrays: dict[str, dict[str, dict[str, NDArray[Any]]]] = {}

    def plan(self, learned: str, stage: str) -> Plan:
        """How a stage of a pair is trained."""
        options = self.options
        plan = GOING_ON if learned == "emopia" else Plan(epochs=options[f"{stage}_epochs"])
        epochs = min(plan.epochs, options[f"{stage}_epochs"])
        chosen = {name: options[name] for name in ("batch", "share", "seed", "patience")}
        return replace(plan, epochs=epochs, lengths=LENGTHS[stage], **chosen)

    def learn(self, learned: str) -> None:
        """Fit both stages of one pair, round them and measure them on unseen songs."""
        for stage in STAGES:
            training = self.sets.steps("pop909", "train", stage)
            start = None
            if learned == "emopia":
                training = self.sets.steps("emopia", "train", stage) + training[::KEPT]
                start = self.fitted["pop909", stage].network.get_weights()
            shape = SHAPES[stage, self.options["layout"]]
            checking = self.sets.steps(learned, "check", stage)
            plan, scaling = self.plan(learned, stage), self.scaling[stage]
            folder = self.out / learned / stage
            fitted = fit(stage, shape, training, checking, scaling, plan, folder, self.report, start)
            round_weights(fitted.network)
            self.fitted[learned, stage] = fitted
            self.arrays.setdefault(learned, {})[stage] = export_weights(fitted.network, scaling)
            self.losses[f"{learned}, {stage}"] = self._measure(fitted, stage, plan)

    def _measure(self, fitted: Fitted, stage: str, plan: Plan) -> dict[str, Any]:
        found = {}
        for (set_name, part), sections in self.sets.sections.items():
            if part == "test":
                steps, songs = self.sets.steps(set_name, part, stage), [section.song for section in sections]
                found[set_name] = measure_unseen(fitted.network, steps, songs, self.scaling[stage], plan)
        return found

    def write(self, account: dict[str, Any], tunes: dict[str, NDArray[np.uint32]]) -> None:
        """Write artifacts and report."""
        served = self.options["layout"] == "transformer"
        music = self._listen() if served else {}
        histories = {f"{learned}, {stage}": fit.history for (learned, stage), fit in self.fitted.items()}
        name, version = self.options["name"], self.options["artifact_version"]
        first = f"{name}-{version}"
        for learned in self.arrays if served else ():
            own = name if learned == "pop909" else f"{name}-{learned}"
            metrics = {
                "unseen": {stage: self.losses[f"{learned}, {stage}"] for stage in STAGES},
                "music": {set_name: columns[learned] for set_name, columns in music.items()},
                "best epochs": {stage: self.fitted[learned, stage].best for stage in STAGES},
            }
            write_stages(
                self.out / f"{own}-{version}",
                self.arrays[learned],
                tunes[learned],
                account if learned != "pop909" else {"pop909": account["pop909"]},
                metrics,
                name=own,
                version=version,
                begun_from=first if learned != "pop909" else None,
                extra={"seed": self.options["seed"]},
            )
            self.report(f"The networks are in {self.out / f'{own}-{version}'}.")
        write_report(self.out, histories, self.losses, music)
        self.report(f"The report is {self.out / 'report.md'}.")

    def _listen(self) -> dict[str, dict[str, dict[str, Any]]]:
        music: dict[str, dict[str, dict[str, Any]]] = {}
        for (set_name, part), sections in self.sets.sections.items():
            if part != "test":
                continue
            chosen = choose_heard(sections, self.options["seed"])
            music[set_name] = {"real": measure_music(chosen, [real_notes(section) for section in chosen])}
            for learned, arrays in self.arrays.items():
                pair = [StageNetwork(stage, arrays[stage]) for stage in STAGES]
                written = write_again(pair[0], pair[1], chosen, self.options["seed"])
                music[set_name][learned] = measure_music(chosen, written)
                self.report(f"{learned} over {set_name}: {json.dumps(measure_control(chosen, written))}")
        return music


def choose_heard(sections: Sequence[Section], seed: int) -> list[Section]:
    """Up to `HEARD` sections, drawn from all."""
    order = np.random.default_rng(seed).permutation(len(sections))
    return [sections[index] for index in order[:HEARD]]


def _bar(items: Iterable[Any], title: str) -> Iterable[Any]:
    return tqdm(items, desc=title, unit="song", mininterval=1.0)
