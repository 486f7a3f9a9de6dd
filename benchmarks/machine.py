"""What a benchmark prints about where it ran, and what else ran there meanwhile."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("torch", "numba", "numpy", "jax", "neat-python", "streamlit")
BUSY = 0.1  # share of the machine that others may take before figures are called disturbed


def describe_machine() -> str:
    """Return the processor, its cores, and the versions of what does the work, on one line."""
    names = [
        line.split(":", 1)[1].strip()
        for line in _lines("/proc/cpuinfo")
        if line.startswith("model name")
    ]
    cpu = names[0] if names else platform.processor() or platform.machine()
    versions = [f"{name} {found}" for name in PACKAGES if (found := _version(name))]
    return (
        f"{cpu}, {os.cpu_count()} cores; Python {platform.python_version()}, {', '.join(versions)}"
    )


class Bystanders:
    """Watches how much of the machine other processes take, from its making on."""

    def __init__(self) -> None:
        self._load = _load()
        self._began = time.monotonic()
        self._busy, self._own = _busy_seconds(), _own_seconds()

    @property
    def share(self) -> float | None:
        """The share of all cores that others took so far, 0 to 1; None where none can tell.

        Child processes count as our own once they have ended.
        """
        now = _busy_seconds()
        if now is None or self._busy is None:
            return None
        others = (now - self._busy) - (_own_seconds() - self._own)
        whole = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        return min(max(others / max(whole, 1e-9), 0.0), 1.0)

    @property
    def disturb(self) -> bool:
        """Whether others took so much that figures of this time mean little."""
        return (self.share or 0.0) > BUSY

    @property
    def text(self) -> str:
        """One line about the load, with a warning where it disturbs the figures."""
        share = self.share
        text = f"load average {self._load} before, {_load()} after"
        if share is None:
            return text
        text += f"; other processes took {share:.0%} of the machine"
        return text + ("; WARNING: the figures are disturbed" if self.disturb else "")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _busy_seconds() -> float | None:
    """Return the seconds all cores together were busy since the machine started."""
    lines = _lines("/proc/stat")
    if not lines:
        return None
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, lines[0].split()[1:9])
    return float((user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK"))


def _own_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
