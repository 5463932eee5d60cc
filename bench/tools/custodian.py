"""Cloud Custodian in environments of its own, and what it has to be told to work on a local fleet."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from pathlib import Path

from nightshift.local.account import ACCOUNT, REGION
from nightshift.local.fleet.client import FleetControl

BUILD = Path(__file__).resolve().parents[2] / "build"


def installed(folder: str, *requirements: str) -> Path:
    """The `bin` of an environment below `build/` with these packages, made when it is not there.

    Raises subprocess.CalledProcessError when they cannot be installed.
    """
    home = BUILD / folder
    marker = home / "installed.txt"
    wanted = "\n".join(requirements)
    if not marker.exists() or marker.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, home], check=True)
        install: list[str | Path] = [uv, "--system-certs", "pip", "install", "--quiet", "--python"]
        subprocess.run([*install, home / "bin" / "python", *requirements], check=True)
        marker.write_text(wanted)
    return home / "bin"


def credentials(fleet: FleetControl) -> dict[str, str]:
    """The environment of a process whose AWS is this fleet."""
    return {
        "AWS_ENDPOINT_URL": fleet.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
    }


def cpu_of_children() -> float:
    """Seconds of the processor that processes which have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
