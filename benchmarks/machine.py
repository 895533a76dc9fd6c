"""The machine a benchmark ran on, in one line."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe_machine() -> str:
    """Processor, cores, memory, system and Python."""
    cpu = Path("/proc/cpuinfo")
    names = (
        [line.split(":", 1)[1].strip() for line in cpu.read_text().splitlines() if "model name" in line]
        if (cpu.is_file())
        else []
    )
    memory = Path("/proc/meminfo")
    total = int(memory.read_text().split()[1]) / 2**20 if memory.is_file() else float("nan")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{names[0] if names else platform.processor() or 'unknown processor'}, {os.cpu_count()} cores, "
        f"{total:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"load {load:.1f} at the start"
    )
