"""The wheel has everything it needs: nothing of a clone is read."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stacks.template.assets import code_files
from tests.test_architecture import imports, sources
from tests.wheel.conftest import ROOT, Installed

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
SHIPPED = sources("nightshift", "lambdas", "stacks")


def test_what_it_needs_is_in_the_wheel(installed: Installed, tmp_path: Path) -> None:
    lines = installed.run(tmp_path, "python", "-c", LISTED).splitlines()
    places = [line.split()[1:] for line in lines if line.startswith("at ")]
    assert len(places) == 7
    assert [place for place, there in places if not place.startswith(str(installed.folder)) or there != "True"] == []


def test_its_functions_have_the_files_that_those_of_a_clone_have(installed: Installed, tmp_path: Path) -> None:
    lines = installed.run(tmp_path, "python", "-c", LISTED).splitlines()
    ignored = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "lambdas"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    # What somebody's editor or tools left in the clone is not of nightshift.
    wanted = set(code_files(tmp_path)) - set(ignored)
    assert {line.split()[1] for line in lines if line.startswith("file ")} == wanted


OF_A_CLONE = {"nightshift/local/dashboard/server.py", "nightshift/views/part_pages.py", "stacks/template/assets.py"}
"""What says so only where nobody has built the page, which the wheel has, and what writes our own pages."""


def test_no_message_names_a_target_or_a_flow_of_the_clone() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    begun = {path.name.partition(".")[0] for path in (ROOT / "nightshift/cli/project/starter/flow_defs").glob("*.txt")}
    flows = {path.stem for path in (ROOT / "flow_defs").glob("*.py")} - begun
    ours = re.compile(rf"\bmake ({'|'.join(targets)})\b|\b({'|'.join(flows)})\b")
    shipped = [(str(path), (ROOT / path).read_text(encoding="utf-8")) for path in SHIPPED]
    said = {
        (path, found[0])
        for path, text in shipped
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and (found := ours.search(str(node.value)))
    }
    assert {path for path, name in said if name.startswith("make ")} == OF_A_CLONE
    assert {(path, name) for path, name in said if path not in OF_A_CLONE} == set()


def brought(asked: Iterable[str]) -> set[str]:
    """The packages that pip installs for some requirements."""
    done, todo = set[tuple[str, frozenset[str]]](), [Requirement(line) for line in asked]
    while todo:
        wanted = todo.pop()
        key = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if key not in done:
            done.add(key)
            needs = map(Requirement, metadata.requires(wanted.name) or [])
            extras = [{"extra": extra} for extra in (*wanted.extras, "")]
            todo += [need for need in needs if need.marker is None or any(map(need.marker.evaluate, extras))]
    return {name for name, _ in done}


def test_all_that_it_imports_comes_with_it() -> None:
    """With the extra `local`: the environment above has the packages of the tests besides."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    there = brought([*project["dependencies"], *project["optional-dependencies"]["local"]])
    known = {*sys.stdlib_module_names, "nightshift", "lambdas", "stacks", "parts"}
    of = metadata.packages_distributions()
    # pack.py writes a file of the wheel, here, and is not run elsewhere.
    run = [path for path in SHIPPED if path.name != "pack.py"]
    asked = {(name.partition(".")[0], path) for path in run for name in imports(path)}
    missing = {
        (name, str(path))
        for name, path in asked
        if name not in known and not there & {canonicalize_name(package) for package in of.get(name, [])}
    }
    assert missing == set()
