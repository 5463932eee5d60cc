"""The wheel has everything it needs: nothing of a clone is read."""

from __future__ import annotations

import subprocess
from pathlib import Path

from stacks.template.assets import code_files
from tests.wheel.conftest import Installed

LISTED = """
from pathlib import Path
import lambdas, nightshift, stacks
from nightshift import installation
from stacks.template.assets import code_files
from stacks.template.layer import DASHBOARD_LOCK, LOCK
files = [LOCK, DASHBOARD_LOCK, installation.page() / "index.html", installation.node_pins() / "package-lock.json"]
places = [Path(module.__file__).parent for module in (lambdas, nightshift, stacks)]
for path in [*files, *places]:
    print("at", path, path.exists())
for name in code_files(Path("flow_defs")):
    print("file", name)
"""


def test_what_it_needs_is_in_the_wheel(installed: Installed, tmp_path: Path) -> None:
    lines = installed.run(tmp_path, "python", "-c", LISTED).splitlines()
    places = [line.split()[1:] for line in lines if line.startswith("at ")]
    assert len(places) == 7
    assert [place for place, there in places if not place.startswith(str(installed.folder)) or there != "True"] == []


def test_its_functions_have_the_files_that_those_of_a_clone_have(installed: Installed, tmp_path: Path) -> None:
    lines = installed.run(tmp_path, "python", "-c", LISTED).splitlines()
    root = Path(__file__).parents[2]
    ignored = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "lambdas"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    # What somebody's editor or tools left in the clone is not of nightshift.
    wanted = set(code_files(tmp_path)) - set(ignored)
    assert {line.split()[1] for line in lines if line.startswith("file ")} == wanted
