"""Where the files are that nightshift needs beside its modules, in a clone as well as installed from the wheel."""

from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BROUGHT = _PACKAGE / "brought"
"""Only the wheel has it: `setup.py` fills it."""


def installed() -> bool:
    """Whether this is the wheel, and not a clone."""
    return _BROUGHT.is_dir()


def page() -> Path:
    """The folder of the dashboard's built page; in a clone it may not have been built yet."""
    return _BROUGHT / "page" if installed() else _clone() / "dashboard" / "dist"


def node_pins() -> Path:
    """The folder with the package.json and package-lock.json that pin the CDK CLI."""
    return _BROUGHT if installed() else _clone()


def cache() -> Path:
    """The folder of what takes long to make and is the same for all projects: layers, Node tools.

    `build/` of a clone, else a folder in XDG_CACHE_HOME, by default `~/.cache` ("XDG Base Directory Specification").
    """
    if not installed():
        return _clone() / "build"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nightshift"


def version() -> str:
    """The version of nightshift."""
    return metadata.version("nightshift")


def _clone() -> Path:
    return _PACKAGE.parent
