"""`nightshift init`: write a small project of one's own, which pins nightshift."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lambdas.contract.errors import NightshiftError
from nightshift import installation
from nightshift.cli.output import print_json
from nightshift.stages import FILE as STAGES

_CI = {"github": ".github/workflows/flows.yml", "gitlab": ".gitlab-ci.yml"}
_SUFFIX = ".txt"
"""Of every file of the starter, so that no tool takes it for a part of nightshift."""


class FilesExist(NightshiftError):
    """The project would overwrite files."""


def init(folder: Path, ci: str | None) -> list[Path]:
    """Write a project into `folder`, which is made if there is none; the files written.

    ci: "github" or "gitlab" adds a pipeline that checks, tests, and deploys dev on merge and prod by hand, and
        its stages.
    Raises FilesExist before anything is written.
    """
    starter = files("nightshift.cli.project") / "starter"
    contents = {Path(name): text for name, text in _texts(starter) if not name.startswith("ci/")}
    contents[Path(".gitignore")] = contents.pop(Path("gitignore"))
    if ci is not None:
        contents[Path(_CI[ci])] = (starter / "ci" / f"{ci}{_SUFFIX}").read_text(encoding="utf-8")
        contents[Path(STAGES)] = (starter / "ci" / f"{STAGES}{_SUFFIX}").read_text(encoding="utf-8")
    there = [str(folder / path) for path in sorted(contents) if (folder / path).exists()]
    if there:
        raise FilesExist(f"nothing was written, as there is already {', '.join(there)}; give another folder")
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "ops"
    for path, text in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        filled = text.replace("$name", name).replace("$version", installation.version())
        (folder / path).write_text(filled, encoding="utf-8")
    return sorted(contents)


def print_init(folder: Path, ci: str | None, *, as_json: bool) -> None:
    """Write a project, and say what to do next."""
    written = [folder / path for path in init(folder, ci)]
    if as_json:
        print_json({"folder": str(folder), "files": [str(path) for path in written]})
        return
    for path in written:
        print(path)
    where = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    print(f"\nNext: {where}nightshift check && nightshift up")


def _texts(folder: Traversable, into: str = "") -> list[tuple[str, str]]:
    """The files below a folder: path without the suffix, text."""
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _texts(entry, f"{into}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            found.append((into + entry.name.removesuffix(_SUFFIX), entry.read_text(encoding="utf-8")))
    return found
