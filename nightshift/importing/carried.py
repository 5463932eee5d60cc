"""What an import results in: flow files, and notes about what could not be carried over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lambdas.contract.errors import NightshiftError
from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors


@dataclass(frozen=True)
class Note:
    """Something that is otherwise than before, or that a person has to decide.

    path, line: where it stands. about: the schedule, job or policy. message: what, why, and what to do.
    """

    path: Path
    line: int
    about: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.about}: {self.message}"


@dataclass
class Import:
    """files: text of each flow file by its name. flows: names of the flows in them. notes: as the source has them."""

    files: dict[str, str] = field(default_factory=dict)
    flows: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class CannotWrite(NightshiftError):
    """The flow files cannot be written."""


def checked(imported: Import) -> Import:
    """The same, when all of it compiles. Raises CompileErrors with the place in the file that would be written."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in imported.files.items():
            file = Path(folder, name)
            file.write_text(text, encoding="utf-8")
            try:
                imported.flows += [flow.name for flow in compile_file(file)]
            except CompileErrors as errors:
                raise CannotWrite(
                    "what the flow would be does not compile, so nothing was written:\n"
                    + str(errors).replace(f"{folder}/", "")
                ) from None
    return imported


def write(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write flow files; none is overwritten. Their paths. Raises CannotWrite."""
    there = [folder / name for name in files if (folder / name).exists()]
    if there:
        raise CannotWrite(
            f"{said(there)} there already, so nothing was written; give another folder by --out, or move what is there"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def said(paths: Iterable[Path]) -> str:
    """Files in words: "a.py is", "a.py and b.py are"."""
    names = [str(path) for path in paths]
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are"
