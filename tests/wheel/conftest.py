"""nightshift installed from its wheel, in an environment that takes only the dependencies from this one."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel, and a home folder of its own. folder: of the environment."""

    folder: Path
    home: Path

    def run(self, cwd: Path, *command: str, code: int = 0) -> str:
        """What a command of the environment printed; it has to end with `code`."""
        done = self._done(cwd, command, code)
        return done.stdout + done.stderr

    def told(self, cwd: Path, *command: str) -> Any:
        """The JSON that a command of the environment printed, beside its progress."""
        return json.loads(self._done(cwd, command, 0).stdout)

    def on_terminal(self, cwd: Path, *command: str, aws: Mapping[str, str], asked: str = "", answer: str = "") -> str:
        """What a command printed on a terminal, where somebody answers what it asks; it has to end well.

        aws: variables that say which AWS it talks to. asked: the text after which the answer is given.
        """
        ours, theirs = pty.openpty()
        environment = {name: value for name, value in self._environment().items() if name != "CI"} | dict(aws)
        program = str(self.folder / "bin" / command[0])
        with subprocess.Popen(
            [program, *command[1:]], cwd=cwd, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
        ) as process:
            os.close(theirs)
            printed = b""
            # Linux reports the end of a terminal that nobody holds any longer as an error.
            with suppress(OSError):
                while some := os.read(ours, 65536):
                    printed += some
                    if asked and asked.encode() in printed:
                        os.write(ours, f"{answer}\n".encode())
                        asked = ""
        os.close(ours)
        text = printed.decode()
        assert process.returncode == 0, f"{' '.join(command)}: {process.returncode}\n{text}"
        return text

    def _done(self, cwd: Path, command: Sequence[str], code: int) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=cwd,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def _environment(self) -> dict[str, str]:
        """The variables of this process, but for what would lead to another AWS, project or Python."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "NIGHTSHIFT_", "PYTHON", "VIRTUAL_"))}
        path = os.pathsep.join([str(self.folder / "bin"), "/usr/bin", "/bin"])
        return {**kept, "PATH": path, "XDG_CACHE_HOME": str(self.home / "cache"), "COLUMNS": "200"}


def uv(arguments: Sequence[str]) -> None:
    """Run uv, which nightshift installs for its tests."""
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run([str(uv), "--system-certs", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _copy_of_clone(folder: Path) -> Path:
    """What git knows of the clone, and the built page; where nobody built it, one line stands for it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    page = folder / "dashboard" / "dist"
    if (ROOT / "dashboard/dist/index.html").is_file():
        shutil.copytree(ROOT / "dashboard/dist", page)
    else:
        page.mkdir()
        (page / "index.html").write_text("<title>nightshift</title>\n")
    return folder


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, built and installed."""
    made = tmp_path_factory.mktemp("wheel")
    clone = _copy_of_clone(made / "clone")
    uv(["build", "--wheel", "--quiet", "--python", sys.executable, "--out-dir", str(made), str(clone)])
    [wheel] = made.glob("*.whl")
    shutil.rmtree(clone)
    environment = made / "environment"
    venv.create(environment, symlinks=True)
    [packages] = environment.glob("lib/python*/site-packages")
    # A path in a .pth file is searched, but its own .pth files are not read: the clone is not found this way.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    uv(["pip", "install", "--quiet", "--no-deps", "--python", str(environment / "bin/python"), str(wheel)])
    return Installed(environment, made)
