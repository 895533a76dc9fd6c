"""How worker processes share a machine: `python -m benchmarks.workers [--clips 40] [--processes 1 2] [--composer muse]`

Clips made as a worker makes them (claim, label, compose, play, encode, store, ready) in one process and in several at
once: clips per minute, CPU seconds of a clip (the process and its renderer), how far N processes come to N times one,
and a process's memory over its clips. `--alone` leaves database and files out: what is lost there is the machine's own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.compose import cpu_seconds, memory_mib
from benchmarks.machine import describe_machine

ROOT = Path(__file__).resolve().parent.parent
WARM = 3
"""Clips that a process makes before anybody measures: networks are loaded with the first."""


def main() -> None:
    """Run the benchmark, or, with `--worker`, be one of its processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=40, help="clips of each process")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--composer", default="muse")
    parser.add_argument("--alone", action="store_true", help="the pipeline without database and files")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is not None:
        work(options.worker, options.processes[0], options.clips, options.composer, options.alone)
        return
    print(f"Machine: {describe_machine()}")
    one = 0.0
    for number in options.processes:
        found = measure(number, options.clips, options.composer, alone=options.alone)
        one = one or found["per_minute"] / number
        print(
            f"{number} process{'es' if number > 1 else ''}: {found['per_minute']:.1f} clips a minute "
            f"({found['per_minute'] / (one * number):.2f} of {number} times one), {found['cpu']:.3f} CPU s a clip, "
            f"{found['wall']:.3f} s in its process; machine busy {found['busy']:.0%}; "
            f"memory MiB after clip {', '.join(f'{clip}: {mib:.0f}' for clip, mib in found['memory'])}",
            flush=True,
        )


def measure(number: int, clips: int, composer: str, *, alone: bool) -> dict[str, Any]:
    """Let `number` processes make `clips` clips each, all at once, and add up what they say."""
    with TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "MEDIA_ROOT": f"{folder}/media",
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        if not alone:
            command = [sys.executable, "-c", FILL.format(clips=number * (clips + WARM), composer=composer)]
            subprocess.run(command, env=environment, cwd=ROOT, check=True)
        command = [sys.executable, "-m", "benchmarks.workers", "--clips", str(clips), "--composer", composer]
        command += ["--processes", str(number), *(["--alone"] if alone else [])]
        workers = [
            subprocess.Popen(
                [*command, "--worker", str(turn)],
                env=environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for turn in range(number)
        ]
        said = _start_together(workers)
    seconds = max(one["ended"] for one in said) - min(one["begun"] for one in said)
    return {
        "per_minute": 60 * sum(clips / (one["ended"] - one["begun"]) for one in said),
        "cpu": sum(one["cpu"] for one in said) / (clips * number),
        "wall": sum(one["ended"] - one["begun"] for one in said) / (clips * number),
        "busy": sum(one["busy"] * (one["ended"] - one["begun"]) for one in said) / (seconds * number),
        "memory": said[0]["memory"],
    }


FILL = """
import django
django.setup()
import io
from django.core.management import call_command
from PIL import Image
from generation import actions, production
call_command("migrate", verbosity=0)
call_command("register_models", verbosity=0)
pictures = []
for number in range(8):
    stream = io.BytesIO()
    Image.effect_noise((320, 240), 20 + 12 * number).convert("RGB").save(stream, "PNG")
    pictures.append(actions.add_picture(data=stream.getvalue(), filename="noise.png", by=None)[0])
    production.label_picture(pictures[-1].pk)
emotions = dict(zip((picture.pk for picture in pictures), ("awe", "fear", "sadness", "contentment") * 2))
actions.request_run(pictures=pictures, emotions=emotions, composer={composer!r}, seed=1, by=None,
                    seeds_per_picture=-(-{clips} // 8))
"""


def _start_together(workers: list[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    """Wait until every process is warm, let all begin, and read what they measured."""
    said = []
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.stdout is not None
        said.append(json.loads(worker.stdout.readline()))
        worker.wait()
    return said


def work(turn: int, number: int, clips: int, composer: str, alone: bool) -> None:
    """Make clips, as one of several workers; say on the way that it is warm, and at the end what it took."""
    import django

    django.setup()
    from generation import pipeline, production
    from generation.models import PairVersion
    from generation.piano import site_soundfont

    def make_alone(seed: int) -> None:
        emotion = ("awe", "fear", "sadness", "contentment")[seed % 4]
        pipeline.make_clip(pipeline.ClipRequest(emotion, composer, seed, soundfont=site_soundfont()))

    if alone:
        keys, make = list(range(turn, number * (clips + WARM), number)), make_alone
    else:
        keys = list(PairVersion.objects.order_by("pk").values_list("pk", flat=True))[turn::number]
        make = production.make_pair_version  # type: ignore[assignment]
    for key in keys[:WARM]:
        make(key)
    print("warm", flush=True)
    sys.stdin.readline()
    memory, cpu, busy, begun = [(0, memory_mib())], cpu_seconds(), _busy(), time.time()
    for done, key in enumerate(keys[WARM : WARM + clips], start=1):
        make(key)
        if done in (1, 10, 25) or done % 50 == 0 or done == clips:
            memory.append((done, memory_mib()))
    ended = time.time()
    used = [after - before for before, after in zip(busy, _busy(), strict=True)]
    said = {"begun": begun, "ended": ended, "cpu": cpu_seconds() - cpu, "memory": memory, "busy": used[0] / used[1]}
    print(json.dumps(said), flush=True)


def _busy() -> tuple[int, int]:
    """Ticks that the machine's cores worked, and that went by."""
    ticks = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


if __name__ == "__main__":
    main()
