"""`make demo`, as a newcomer types it: in a folder of its own, so that a local AWS of this clone goes on."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.runs import ROOT

BUILT = {
    ".venv": ".ready",
    "node_modules": ".ready",
    "dashboard/node_modules": ".ready",
    "dashboard/dist": ".vite/manifest.json",
}
"""What `make setup dashboard` has made, each with the file that says so: the demo is not to make it again."""
MOST_LINES = 60


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """The files of this clone; whatever the demo leaves running ends with it."""
    folder = tmp_path / "nightshift"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for name in BUILT:
        (folder / name).symlink_to((ROOT / name).resolve())
    yield folder
    subprocess.run([folder / ".venv/bin/nightshift", "down"], cwd=folder, check=True)


def test_the_demo_says_what_happened_and_where_to_look(clone: Path) -> None:
    made = [f"--old-file={folder}/{sign}" for folder, sign in BUILT.items()]
    done = subprocess.run(["make", "demo", *made], check=False, cwd=clone, capture_output=True, text=True, timeout=600)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert len(told.splitlines()) <= MOST_LINES
    assert "9 volumes snapshotted" in told
    assert re.search(r"vol-[0-9a-f]{17} \(db-1\): snap-[0-9a-f]{17}", told)
    (address,) = re.findall(r"dashboard: (http://127\.0\.0\.1:\d+)/#/open", told)
    assert told.count(address) == 1
