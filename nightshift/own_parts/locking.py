"""The packages that parts of one's own need: `parts/requirements.in`, and its lock, of which a Lambda layer is made."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import lambdas
from lambdas.contract.errors import NightshiftError
from nightshift.errors import Diagnostic
from nightshift.own_parts.finding import LOCK

ASKED = "requirements.in"
PYTHON = "3.13"
PLATFORM = "aarch64-manylinux2014"
"""Of the functions, as stacks/template/layer.py deploys them; the tests hold both to the same."""

_OURS = Path(lambdas.__file__).parent / LOCK.replace(".txt", ".lock")
"""The layer that all functions have: what both hold has to be the same version, for Lambda puts layers into one folder
("Adding layers to functions", AWS Lambda Developer Guide)."""


class NotLocked(NightshiftError):
    """The packages could not be resolved."""


def unlocked(lock: Path) -> Iterator[Diagnostic]:
    """The first line of a lock that does not pin a package with its hash, as a Diagnostic; none when all do."""
    if not lock.is_file():
        return
    lines = lock.read_text(encoding="utf-8").split("\n")
    for number, requirement in _requirements(lines):
        if "==" not in requirement or "--hash=" not in requirement:
            message = f"{requirement.split()[0]} is not pinned with its hash"
            hint = "Run `nightshift part lock`, which adds what it needs, with versions and hashes."
            yield Diagnostic("NS608", message, hint, lock, number, 1, lines[number - 1])
            return


def write_lock(folder: Path) -> Path:
    """Resolve `requirements.in` of a folder of parts for the functions, and write the lock; its path.

    A `requirements.txt` that is no lock yet becomes the `requirements.in`. Raises NotLocked.
    """
    asked, lock = folder / ASKED, folder / LOCK
    if not asked.is_file():
        if not lock.is_file():
            raise NotLocked(f"there is no {asked}; write the packages that your parts import there, one a line")
        if not list(unlocked(lock)):
            raise NotLocked(f"{lock} is a lock, and there is no {asked} to make it of; write what to ask for there")
        shutil.copy(lock, asked)
    from uv import find_uv_bin

    command = [find_uv_bin(), "--system-certs", "pip", "compile", str(asked), "--constraint", str(_OURS)]
    command += ["--generate-hashes", "--only-binary", ":all:", "--python-version", PYTHON]
    command += [
        "--python-platform",
        PLATFORM,
        "--quiet",
        "--no-header",
        "--custom-compile-command",
        "nightshift part lock",
    ]
    done = subprocess.run([*command, "-o", str(lock)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotLocked(f"{asked} cannot be resolved for Python {PYTHON} on {PLATFORM}:\n{done.stderr.strip()}")
    return lock


def _requirements(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Number of its first line, and text, of each requirement, with the lines it is continued on."""
    begun, text = 0, ""
    for number, line in enumerate(lines, 1):
        plain = re.sub(r"(^|\s)#.*", "", line).strip()
        begun = begun if text else number
        text += " " + plain.removesuffix("\\")
        if not plain.endswith("\\"):
            # Options of pip that are no package stand on lines of their own.
            if text.strip() and not text.strip().startswith("--"):
                yield begun, text.strip()
            text = ""
