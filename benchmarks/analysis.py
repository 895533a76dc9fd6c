"""Where the figures of docs/measured.md on analysis come from: coefficients, bootstrap, report, results page, export.

    python benchmarks/analysis.py [--sizes 1000,10000,100000,1000000] [--parts coefficients,bootstrap,report,export]

Answers are sparse as in a real study: every person hears 24 of 240 clips and chooses among nine options. Times
are CPU seconds of one core unless they say wall. Nothing is written outside a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CLIPS, EACH, OPTIONS = 240, 24, 9
REPLICATES = 2000


def draw(size: int, seed: int = 1) -> tuple[Any, Any, Any, Any]:
    """Return participant, clip, intended and chosen codes of about `size` answers."""
    generator = np.random.default_rng(seed)
    people = max(2, size // EACH)
    participant = np.repeat(np.arange(people), EACH)
    clip = np.argsort(generator.random((people, CLIPS)), axis=1)[:, :EACH].ravel().astype(np.int64)
    intended = clip % 8
    right = generator.random(clip.size) < 0.3 + 0.4 * generator.random(CLIPS)[clip]
    return participant, clip, intended, np.where(right, intended, generator.integers(0, OPTIONS, clip.size))


def cpu(call: Callable[[], Any], repeats: int = 3) -> float:
    """Return the best CPU time of a few runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return best


def say(title: str, header: list[str], rows: list[list[str]]) -> None:
    print(f"\n### {title}\n\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def seconds(value: float | None) -> str:
    if value is None:
        return "–"
    if value < 0.1:
        return f"{1000 * value:.1f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def coefficients(sizes: list[int]) -> None:
    """Each coefficient beside other programs on the same counts."""
    import krippendorff
    from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_kappa

    from survey.analysis.agreement import measure_agreement

    rows = []
    for size in sizes:
        participant, clip, _, chosen = draw(size)

        def table(clip: Any = clip, chosen: Any = chosen) -> Any:
            return np.bincount(clip * OPTIONS + chosen, minlength=CLIPS * OPTIONS).reshape(CLIPS, OPTIONS)

        counts = table()
        points = cpu(lambda counts=counts, table=table: measure_agreement(table()))
        both = cpu(lambda c=counts, p=participant, s=clip, a=chosen: measure_agreement(c, s, p, a))
        alpha = cpu(lambda c=counts: krippendorff.alpha(value_counts=c, level_of_measurement="nominal"))
        wide = np.full((participant.max() + 1, CLIPS), np.nan)
        wide[participant, clip] = chosen
        matrix = None
        if size <= 100_000:
            matrix = cpu(
                lambda w=wide: krippendorff.alpha(reliability_data=w, level_of_measurement="nominal"), repeats=1
            )
        equal = np.random.default_rng(0).multinomial(max(2, size // CLIPS), np.ones(OPTIONS) / OPTIONS, size=CLIPS)
        kappa = cpu(lambda e=equal: statsmodels_kappa(e))
        rows.append([f"{chosen.size:,}", *map(seconds, (points, both, alpha, matrix, kappa)), irrcac(wide)])
    header = [
        "answers",
        "all five, counting and clip jackknife",
        "with listener jackknife too",
        "krippendorff (α alone, from counts)",
        "krippendorff (α alone, people × clips matrix)",
        "statsmodels (κ alone, equal raters)",
        "irrCAC (AC1 alone, clips × people matrix)",
    ]
    say("Agreement", header, rows)


def irrcac(wide: Any) -> str:
    """Time of irrCAC's AC1, where it is installed; it is no requirement of the project (``pip install irrCAC``)."""
    try:
        import pandas as pd
        from irrCAC.raw import CAC  # type: ignore[import-not-found]
    except ImportError:
        return "not installed"
    frame, categories = pd.DataFrame(wide.T), list(range(OPTIONS))
    return seconds(cpu(lambda: CAC(frame, categories=categories).gwet(), repeats=1))


def bootstrap(sizes: list[int]) -> None:
    """2,000 two-way replicates beside the pandas loop of a notebook."""
    from survey.analysis.bootstrap import bootstrap_share

    rows = []
    for size in sizes:
        participant, clip, intended, chosen = draw(size)
        hits = chosen == intended
        start = time.perf_counter()
        ours = cpu(lambda h=hits, p=participant, c=clip: bootstrap_share(h, p, c, replicates=REPLICATES), repeats=1)
        wall = time.perf_counter() - start
        rows.append([f"{hits.size:,}", seconds(ours), seconds(wall), notebook(hits, participant, clip)])
    header = ["answers", f"{REPLICATES} replicates, CPU", "wall", f"pandas notebook, {REPLICATES} (from 5)"]
    say("Two-way bootstrap", header, rows)


def notebook(hits: Any, participant: Any, clip: Any) -> str:
    """What people write: draw people and clips, merge the draws onto the answers, take the weighted mean."""
    import pandas as pd

    frame = pd.DataFrame({"p": participant, "c": clip, "hit": hits})
    generator = np.random.default_rng(0)
    people, clips = frame["p"].unique(), frame["c"].unique()

    def once() -> float:
        p = pd.Series(generator.choice(people, people.size)).value_counts().rename("wp")
        c = pd.Series(generator.choice(clips, clips.size)).value_counts().rename("wc")
        drawn = frame.merge(p, left_on="p", right_index=True).merge(c, left_on="c", right_index=True)
        weight = drawn["wp"] * drawn["wc"]
        return float((drawn["hit"] * weight).sum() / weight.sum())

    start = time.process_time()
    for _ in range(5):
        once()
    return seconds((time.process_time() - start) / 5 * REPLICATES)


def report(sizes: list[int]) -> None:
    """The whole report from columns in memory, and reading a long CSV."""
    from survey.analysis.ratings import Factor, Ratings, read_long
    from survey.analysis.report import analyse

    rows = []
    for size in sizes:
        participant, clip, intended, chosen = draw(size)
        n = chosen.size
        names = [f"e{i}" for i in range(8)]
        none, unsaid = Factor(("",), np.zeros(n, np.int64)), np.full(n, np.nan)
        names_of_factors = ("condition", "picture", "music", "picture_id", "music_id", "composer", "asked", "kind")
        ratings = Ratings(
            participants=tuple(f"P{i}" for i in range(participant.max() + 1)),
            stimuli=tuple(f"S{i}" for i in range(CLIPS)),
            emotions=tuple(names),
            choices=(*names, "none"),
            none="none",
            participant=participant,
            stimulus=clip,
            intended=intended,
            chosen=chosen,
            factors=dict.fromkeys(names_of_factors, none),
            included=np.ones(n, bool),
            confidence=unsaid,
            seconds=unsaid,
            valence=unsaid,
            arousal=unsaid,
            words=none,
        )
        whole = cpu(lambda r=ratings: analyse(r), repeats=1)
        lines = ["participant,stimulus,intended,chosen\n"]
        lines += [
            f"P{p},S{s},{names[i]},{ratings.choices[c]}\n"
            for p, s, i, c in zip(participant, clip, intended, chosen, strict=True)
        ]
        reading = cpu(lambda text=lines, r=ratings: read_long(text, choices=r.choices, none="none"), repeats=1)
        rows.append([f"{n:,}", seconds(reading), seconds(whole)])
    say("Whole report", ["answers", "reading a long CSV", f"analyse, {REPLICATES} replicates of both"], rows)


def export(sizes: list[int]) -> None:
    """Results page and export from a database, each in a process of its own."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="melodymuse-benchmark-") as folder:
            environment = {**os.environ, "DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings"}
            environment.pop("DATABASE_URL", None)
            run = [sys.executable, __file__, "--child", str(size)]
            subprocess.run([*run, "fill"], env=environment, check=True, cwd=ROOT)
            page = json.loads(subprocess.run([*run, "page"], env=environment, check=True, cwd=ROOT, stdout=-1).stdout)
            pack = json.loads(subprocess.run([*run, "pack"], env=environment, check=True, cwd=ROOT, stdout=-1).stdout)
            delay = json.loads(subprocess.run([*run, "delay"], env=environment, check=True, cwd=ROOT, stdout=-1).stdout)
            shell = sqlite_shell(Path(folder))
            copy = postgres_copy(Path(folder) / "shell.csv")
        rows.append(
            [
                f"{page['answers']:,}",
                seconds(page["cold"]),
                seconds(page["warm"]),
                seconds(pack["seconds"]),
                f"{pack['megabytes'] / pack['seconds']:.1f} MB/s",
                f"{pack['memory']:.0f} MB",
                shell,
                copy,
                f"{1000 * delay['alone']:.1f} → {1000 * delay['beside']:.1f} ms",
            ]
        )
    header = [
        "answers",
        "page, cold",
        "page, warm",
        "pack (all tables)",
        "CSV written",
        "peak memory",
        "sqlite3 -csv, answers alone",
        "PostgreSQL COPY, the same rows already joined",
        "storing an answer: alone → beside an export (median)",
    ]
    say("Results page and export (SQLite; CPU time, storing an answer and sqlite3 in wall time)", header, rows)


def sqlite_shell(folder: Path) -> str:
    """Time of the sqlite3 shell writing the joined answers as CSV, where it is installed."""
    query = (
        "SELECT p.public_id, s.public_id, s.emotion, c.slug, r.* FROM survey_response r JOIN survey_trial t ON"
        " t.id = r.trial_id JOIN survey_participant p ON p.id = t.participant_id JOIN survey_stimulus s ON"
        " s.id = t.stimulus_id JOIN survey_studychoice c ON c.id = r.choice_id"
    )
    database = next(iter(folder.glob("*.sqlite3")), None)
    start = time.perf_counter()
    try:
        with (folder / "shell.csv").open("wb") as out:
            subprocess.run(["sqlite3", "-csv", "-header", str(database), query], stdout=out, check=True)
    except FileNotFoundError:
        return "not installed"
    taken = time.perf_counter() - start
    return f"{seconds(taken)}, {(folder / 'shell.csv').stat().st_size / 1e6 / taken:.1f} MB/s"


def postgres_copy(rows: Path) -> str:
    """Time of PostgreSQL's COPY of the rows that sqlite3 wrote, from a temporary table; where psql reaches one."""
    server = os.environ.get("BENCHMARK_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
    if not rows.exists():
        return "no rows: sqlite3 is not installed"
    with rows.open(encoding="utf-8") as file:
        columns = ", ".join(f"c{place} text" for place, _ in enumerate(file.readline().split(",")))
    out = rows.with_name("copied.csv")
    script = (
        f"CREATE TEMP TABLE answers ({columns});\n\\copy answers FROM '{rows}' CSV HEADER\n\\timing on\n"
        f"\\copy answers TO '{out}' CSV HEADER\n"
    )
    try:
        run = subprocess.run(["psql", "-Xq", server], input=script, text=True, capture_output=True, check=True)
    except FileNotFoundError:
        return "psql is not installed"
    except subprocess.CalledProcessError:
        return "no PostgreSQL reached"
    taken = float(run.stdout.split("Time: ")[1].split(" ms")[0]) / 1000
    return f"{seconds(taken)}, {out.stat().st_size / 1e6 / taken:.0f} MB/s"


def child(size: int, task: str) -> None:
    """One measured step in a fresh process."""
    import django

    django.setup()
    from benchmarks import analysis_database as database

    if task == "fill":
        database.fill(size, draw(size))
        return
    result = {"page": database.time_page, "pack": database.time_pack, "delay": database.time_answers}[task]()
    result["memory"] = peak_memory()
    print(json.dumps(result))


def peak_memory() -> float:
    """Most memory this process held, in MB. Not ru_maxrss alone: on Linux a child starts with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PARTS = {"coefficients": coefficients, "bootstrap": bootstrap, "report": report, "export": export}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--child", nargs=2, metavar=("SIZE", "TASK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(int(options.child[0]), options.child[1])
        return
    from benchmarks.machine import describe_machine

    print(f"{describe_machine()}, NumPy {np.__version__}.")
    sizes = [int(size) for size in options.sizes.split(",")]
    for part in options.parts.split(","):
        PARTS[part](sizes)


if __name__ == "__main__":
    main()
