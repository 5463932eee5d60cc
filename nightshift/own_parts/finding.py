"""Where parts of one's own are: `parts/` beside the folder of the flows, and packages that were installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from lambdas.contract.errors import NightshiftError

PROJECT = "parts"
"""The folder of a project, and the package that its parts are imported from."""

GROUP = "nightshift.parts"
"""The entry points of packages with parts; each names a package that has a folder for each service."""

FLOW_DEFS = "flow_defs"
LOCK = "requirements.txt"


class NoSuchPackage(NightshiftError):
    """An installed distribution names a package with parts that is not there."""


@dataclass(frozen=True)
class Folder:
    """A folder with parts. package: what they are imported from."""

    package: str
    path: Path

    @property
    def lock(self) -> Path:
        """What pins the packages that its parts need; it may not be there."""
        return self.path / LOCK

    def services(self) -> list[Path]:
        """The folders of the services."""
        return [path for path in sorted(self.path.iterdir()) if path.is_dir() and not _hidden(path)]

    def files(self) -> Iterator[OwnPart]:
        """Every file that is to be a part, those at a wrong place too; names that begin with "_" are helpers."""
        for path in sorted(self.path.rglob("*.py")):
            if not any(_hidden(Path(name)) for name in path.relative_to(self.path).parts):
                yield OwnPart(self, path)

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file of it does."""
        found = sorted(path for path in (*self.path.rglob("*.py"), self.lock) if path.is_file())
        return tuple((str(path), (at := path.stat()).st_mtime_ns, at.st_size) for path in found)


@dataclass(frozen=True)
class OwnPart:
    """A file that is to be a part."""

    folder: Folder
    path: Path

    @property
    def service(self) -> str:
        """The folder it is in."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """Of the part: "rds.stop_db_instance"."""
        return f"{self.service}.{self.path.stem}"

    @property
    def module(self) -> str:
        """What it is imported as."""
        return f"{self.folder.package}.{self.name}"

    @property
    def misplaced(self) -> bool:
        """Whether it is not in the folder of a service."""
        return self.path.parent.parent != self.folder.path


def parts_folder(flows: Path) -> Path | None:
    """`parts/` beside the folder of the flows; None when there is none. flows: that folder, or a file in it."""
    flows = flows.resolve()
    folder = flows if flows.is_dir() else flows.parent
    # A file may lie deeper in flow_defs/.
    inside = next((path for path in (folder, *folder.parents) if path.name == FLOW_DEFS), folder)
    found = inside.parent / PROJECT
    return found if found.is_dir() else None


@cache
def installed_folders() -> tuple[Folder, ...]:
    """The folders of the packages with parts that are installed. Raises NoSuchPackage."""
    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.value):
        try:
            spec = find_spec(entry.value)
        except ModuleNotFoundError:
            spec = None
        places = list(spec.submodule_search_locations or ()) if spec else []
        if not places:
            owner = entry.dist.name if entry.dist else "a distribution"
            raise NoSuchPackage(
                f"{owner} names {entry.value} in its entry points {GROUP}, and there is no such package; "
                f'write [project.entry-points."{GROUP}"] with the package that holds the folders of the services'
            )
        found.append(Folder(entry.value, Path(places[0])))
    return tuple(found)


def _hidden(path: Path) -> bool:
    return path.name.startswith(("_", ".")) or path.name == "tests"
