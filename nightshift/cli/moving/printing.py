"""Writes what was imported, and prints what was written and what could not be carried over."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from nightshift.cli.output import print_bold, print_json
from nightshift.importing.carried import CannotWrite, Import, write


def finish(imported: Import, out: Path, *, as_json: bool) -> None:
    """Write the flow files to a folder and report. Raises CannotWrite."""
    paths = write(imported.files, out)
    if as_json:
        notes = [{"file": str(n.path), "line": n.line, "about": n.about, "message": n.message} for n in imported.notes]
        print_json({"files": [str(path) for path in paths], "flows": imported.flows, "notes": notes})
        return
    print_bold(f"{_count(len(paths), 'file')} with {_count(len(imported.flows), 'flow')} written")
    for path in paths:
        print(f"  {path}")
    if imported.notes:
        print()
        print_bold("Otherwise than before, or to be decided")
        for note in imported.notes:
            print(f"  {note}")


def zone(given: str | None) -> str | None:
    """The time zone of an option. Raises CannotWrite."""
    if given is None:
        return None
    try:
        return ZoneInfo(given).key
    except (ValueError, OSError, KeyError):
        raise CannotWrite(
            f'--timezone {given!r} is no time zone; write an IANA name, such as "Europe/Berlin"'
        ) from None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
