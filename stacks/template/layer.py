"""The dependency layer: the wheels of the lock for the Lambda platform, in one archive, without Docker."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

import lambdas
from nightshift import installation
from stacks.template.archives import write_zip

PYTHON = "3.13"
ARCHITECTURE = "arm64"
_PLATFORM = "manylinux2014_aarch64"

_LAMBDAS = Path(lambdas.__file__).parent
LOCK = _LAMBDAS / "requirements.lock"
DASHBOARD_LOCK = _LAMBDAS / "dashboard" / "requirements.lock"


def layer_archive(lock: Path = LOCK, cache: Path | None = None, *, here: bool = False) -> Path:
    """The archive of the layer; built when the lock has changed, which needs the package index.

    here: for the Python of this machine, on which the functions of a local AWS run.

    The versions and hashes of the lock decide every byte, so the name of the archive is a hash of it.
    Raises RuntimeError when the wheels cannot be had.
    """
    cache = cache or installation.cache() / "layer"
    platform = f"{sysconfig.get_platform()} {sys.version_info[:2]}" if here else f"{_PLATFORM} {PYTHON}"
    digest = hashlib.sha256(f"{platform}\n{lock.read_text()}".encode()).hexdigest()[:16]
    archive = cache / f"{digest}.zip"
    if archive.exists():
        return archive
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        _download(lock, Path(folder), here=here)
        built = Path(folder) / "layer.zip"
        write_zip(built, _contents(Path(folder)))
        built.replace(archive)
    return archive


def _download(lock: Path, folder: Path, *, here: bool) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", str(lock)]
    if not here:
        command += ["--platform", _PLATFORM, "--implementation", "cp", "--python-version", PYTHON]
    command += ["--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        platform = "this machine" if here else _PLATFORM
        raise RuntimeError(f"pip could not fetch the wheels of {lock.name} for {platform}:\n{done.stderr.strip()}")


def _contents(folder: Path) -> dict[str, bytes]:
    """The files of the wheels, below python/ where Lambda looks for packages; command line scripts are left out."""
    files: dict[str, bytes] = {}
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/") and ".data/scripts/" not in name]
            files.update({f"python/{name}": archive.read(name) for name in names})
    return files
