"""Zip files that come out the same, byte for byte, from the same content."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def write_zip(target: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` (path in the archive -> content) to `target`, in the order of their paths."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])


def read_tree(folder: Path, *, into: str) -> dict[str, bytes]:
    """The files under `folder` as entries below `into`; what Python and pip leave behind is not among them."""
    return {
        f"{into}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("requirements.")
    }
