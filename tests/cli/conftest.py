"""Running the command line, in this process and as the command it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from nightshift.cli import run
from nightshift.local import LocalAws
from tests.e2e.runs import deployed

ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs the command line in this process."""

    def command(*arguments: object) -> Done:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return command


def command(*arguments: object, cwd: Path, env: dict[str, str] | None = None, stdin: int = subprocess.DEVNULL) -> Done:
    """Runs `nightshift` as a process of its own. stdin: where it reads from, nothing by default."""
    done = subprocess.run(
        [sys.executable, "-c", "from nightshift.cli import main; main()", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | (env or {}),
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A local AWS with this app deployed to it, in a folder of its own."""
    project = tmp_path_factory.mktemp("project")
    with deployed(project) as brought_up:
        yield brought_up
