"""Where the numbers were taken."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe() -> str:
    return (
        f"{_cpu()}, {os.cpu_count()} cores, {_system()}; {platform.python_implementation()} {platform.python_version()}"
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']} ({platform.machine()})"
    except OSError:
        return platform.platform()
