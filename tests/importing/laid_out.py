"""Whether files are as the formatter and the linter of the project want them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def assert_laid_out(folder: Path) -> None:
    """Fail with what ruff says."""
    for command in (["format", "--diff"], ["check", "--quiet"]):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                *command,
                "--no-cache",
                "--config",
                str(ROOT / "pyproject.toml"),
                str(folder),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
