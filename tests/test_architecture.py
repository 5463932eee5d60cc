"""The rules of the architecture, held over every file: who may import whom, sizes, and what must not be in a file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
ROOMS = ("lambdas", "nightshift", "flow_defs", "stacks")
MOST_LINES = 400
MOST_MODULES = 15

FORBIDDEN = {
    "lambdas": ("nightshift", "stacks", "flow_defs", "aws_cdk", "constructs"),
    "nightshift": ("stacks", "flow_defs", "aws_cdk", "constructs"),
    "nightshift/compiler": ("boto3", "botocore"),
    "flow_defs": ("stacks", "aws_cdk", "constructs", "boto3", "botocore"),
    "stacks": ("flow_defs",),
}

LAMBDAS = {
    "contract": (),
    "engine": ("contract",),
    "outside": ("contract",),
    "parts": ("contract", "engine", "outside"),
    "runtime": ("contract", "outside", "parts"),
    "calendar": ("contract",),
    "store": ("contract",),
    "custom_resources": (),
    "runs": ("contract", "calendar"),
    "gate": ("contract", "calendar", "store"),
    "retirement": ("custom_resources", "gate", "store"),
    "alarms": ("contract", "engine", "store", "custom_resources"),
    "alerts": ("calendar", "contract", "engine", "gate", "outside", "runs", "runtime", "store", "tracker"),
    "approval": ("contract", "engine", "runtime", "store"),
    "prices": ("store",),
    "tracker": ("contract", "store", "runs", "approval", "prices"),
    "handover": ("store", "tracker"),
    "savings": ("prices", "store", "tracker"),
    "dashboard": (
        "contract",
        "engine",
        "calendar",
        "store",
        "runs",
        "gate",
        "tracker",
        "approval",
        "handover",
        "prices",
        "savings",
    ),
}
"""Room of `lambdas/` -> the rooms it may import. The runtime asks `lambdas.parts` for the one part that is called."""

LANGUAGE = (
    "model",
    "operating",
    "given",
    "flow",
    "language",
    "fan_out",
    "runs",
    "parameters",
    "project",
    "errors",
    "installation",
    "app_context",
    "aws_names",
    "stages",
)
"""The modules that lie in `nightshift/` itself."""

NIGHTSHIFT = {
    "triggers": (),
    "aws_api": (),
    "own_parts": ("aws_api", "errors"),
    "compiler": (
        "triggers",
        "own_parts",
        "aws_api",
        "flow",
        "language",
        "fan_out",
        "model",
        "operating",
        "errors",
        "aws_names",
    ),
    "views": ("app_context", "model", "operating", "aws_api"),
    "local": ("app_context", "views", "project", "installation"),
    "costs": ("triggers", "model"),
    "simulation": ("compiler", "costs", "triggers", "local", "own_parts", "model", "views"),
    "testing": ("compiler", "local", "own_parts", "simulation", "flow", "language", "model", "project", "errors"),
    "importing": ("compiler", "errors"),
    "cli": ("compiler", "aws_api", "importing", "local", "own_parts", "simulation", "testing", "views", *LANGUAGE),
}
"""Room of `nightshift/` -> the rooms and modules there that it may import."""

STACKS: dict[str, tuple[str, ...]] = {
    "company": (),
    "template": ("settings",),
    "flows": ("settings", "template"),
    "shared": ("settings", "template", "flows"),
    "dashboard": ("company", "settings", "template", "shared"),
}
"""Room of `stacks/` -> the rooms and modules there that it may import."""

CONSTRUCTS = ("app_stack", "flow", "regions", "settings", "spread")
"""What an app of one's own is made of, outside of the rooms of `stacks/`."""

MANY_MODULES = ("nightshift/compiler", "nightshift/local/fleet/rules")
"""Folders with a module for each rule."""

ROOMS_OF = {"lambdas": LAMBDAS, "nightshift": NIGHTSHIFT, "stacks": STACKS}

LAZY = ("boto3", "botocore")
"""What a part may import only inside of functions: the compiler reads the signatures without them."""

TEXT = {".py", ".md", ".toml", ".json", ".lock", ".in", ".txt", ".mustache", ".html", ".yml", ".yaml", ".sh", ""}
CODE = {".py", ".ts", ".tsx", ".js", ".css"}
UNWANTED = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:home|Users|work|root)/\w+"),
    "a host of a package registry": re.compile(r"registry\.npmjs\.org|(?:files\.)?pythonhosted\.org|pypi\.org/simple"),
    "an index of packages": re.compile(r"--(?:extra-)?index-url|--find-links"),
}


def tracked() -> list[Path]:
    """The files git knows, and the new ones it does not ignore, as paths below the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def sources(*rooms: str) -> list[Path]:
    """The Python files of some folders."""
    return [p for p in tracked() if p.suffix == ".py" and any(p.is_relative_to(room) for room in rooms)]


def imports(path: Path, *, only_at_import: bool = False) -> Iterator[str]:
    """The modules a file imports; those of functions and of TYPE_CHECKING blocks too unless `only_at_import`."""

    def visit(node: ast.AST) -> Iterator[str]:
        if only_at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return
        if only_at_import and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    return visit(ast.parse((ROOT / path).read_text(encoding="utf-8")))


def within(module: str, packages: tuple[str, ...]) -> bool:
    """Whether a module is one of the packages or in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("room", FORBIDDEN)
def test_data_and_imports_go_one_way(room: str) -> None:
    wrong = [(path, name) for path in sources(room) for name in imports(path) if within(name, FORBIDDEN[room])]
    assert wrong == []


def test_flows_use_only_the_language_and_the_parts() -> None:
    allowed = ("nightshift", "lambdas.parts", "lambdas", "typing", "__future__")
    wrong = [(path, name) for path in sources("flow_defs") for name in imports(path) if not within(name, allowed)]
    assert wrong == []


def test_parts_import_boto3_only_inside_of_functions() -> None:
    parts = sources("lambdas/parts")
    wrong = [(path, name) for path in parts for name in imports(path, only_at_import=True) if within(name, LAZY)]
    assert wrong == []


def test_the_compiler_and_the_parts_load_neither_boto3_nor_the_cdk() -> None:
    program = (
        "import sys, pkgutil, importlib, lambdas.parts, nightshift, nightshift.compiler\n"
        "for m in pkgutil.iter_modules(lambdas.parts.__path__): importlib.import_module(f'lambdas.parts.{m.name}')\n"
        "print([m for m in ('boto3', 'botocore', 'aws_cdk', 'typer', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def room_of(path: Path) -> str | None:
    """The room a file of `lambdas/`, `nightshift/` or `stacks/` lies in; None for one that lies in none."""
    return path.parts[1] if len(path.parts) > 2 else None


@pytest.mark.parametrize(
    ("folder", "rooms", "outside"),
    [("lambdas", LAMBDAS, ()), ("nightshift", NIGHTSHIFT, LANGUAGE), ("stacks", STACKS, CONSTRUCTS)],
)
def test_every_module_lies_in_a_room(folder: str, rooms: dict[str, Any], outside: tuple[str, ...]) -> None:
    known = {"__init__", *outside}
    astray = [p for p in sources(folder) if (room_of(p) or p.stem) not in (rooms if room_of(p) else known)]
    assert astray == []


@pytest.mark.parametrize(
    ("folder", "room", "may"),
    [(folder, *row) for folder, rooms in ROOMS_OF.items() for row in rooms.items()],
)
def test_rooms_import_only_the_rooms_below(folder: str, room: str, may: tuple[str, ...]) -> None:
    wrong = [
        (path, name)
        for path in sources(f"{folder}/{room}")
        for name in imports(path)
        if name.startswith(f"{folder}.") and name.split(".")[1] not in (room, *may)
    ]
    assert wrong == []


def test_the_page_of_the_design_names_these_rooms() -> None:
    page = (ROOT / "docs/design.md").read_text(encoding="utf-8")
    table = page.partition("| room of `lambdas/`")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `([a-z_]+)[^|]*\|[^|]*\|([^|]*)\|$", table, re.MULTILINE)
    assert {room: set(re.findall(r"`([a-z_]+)`", may)) for room, may in rows} == {r: set(m) for r, m in LAMBDAS.items()}


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports in functions and for types count, too: they only hide a circle."""
    modules = {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in sources("lambdas", "stacks")
    }
    graph = {name: imported_modules(path, modules) for name, path in modules.items()}
    assert circle(graph) is None


def imported_modules(path: Path, modules: Collection[str]) -> set[str]:
    """Those of the modules that a file imports or imports names of; a package only if it imports a name of it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {found for name in names if (found := module_of(name, modules))}


def module_of(name: str, modules: Collection[str]) -> str | None:
    """The module that an imported name is, or is in."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def circle(graph: dict[str, set[str]]) -> list[str] | None:
    """The first way found from a node back to itself."""
    done: set[str] = set()

    def visit(node: str, way: list[str]) -> list[str] | None:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in done:
            return None
        for following in sorted(graph[node] - {node}):
            if found := visit(following, [*way, node]):
                return found
        done.add(node)
        return None

    return next((found for node in sorted(graph) if (found := visit(node, []))), None)


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c", "d"}, "c": set(), "d": {"b"}}) == ["b", "d", "b"]
    assert circle({"a": {"a", "b", "c"}, "b": {"c"}, "c": set()}) is None


def test_files_stay_small() -> None:
    folders = (*ROOMS, "tests", "bench", "dashboard/src", "dashboard/tests")
    code = [p for p in tracked() if p.suffix in CODE and any(p.is_relative_to(folder) for folder in folders)]
    sizes = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in code}
    assert {path: size for path, size in sizes.items() if size > MOST_LINES} == {}


def test_folders_stay_small() -> None:
    modules = [path for path in sources("lambdas", "nightshift", "stacks") if not path.stem.startswith("__")]
    sizes = Counter(path.parent.as_posix() for path in modules)
    assert {name: n for name, n in sizes.items() if n > MOST_MODULES and name not in MANY_MODULES} == {}


def test_every_module_says_its_job() -> None:
    rooms = ("lambdas", "nightshift", "stacks")
    silent = [
        path
        for path in sources(*rooms)
        if (text := (ROOT / path).read_text(encoding="utf-8")).strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


@pytest.mark.parametrize("what", UNWANTED)
def test_no_file_holds(what: str) -> None:
    wrong = []
    for path in tracked():
        if path.suffix in TEXT and path != Path("tests/test_architecture.py"):
            text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
            wrong += [(path, found[0]) for found in [UNWANTED[what].search(text)] if found]
    assert wrong == []


def test_the_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert {"demo", "test"} <= set(re.findall(r"^make ([a-z-]+)", readme, re.MULTILINE)) <= targets


def test_the_flow_in_the_readme_is_the_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    flow = (ROOT / "flow_defs/nightly_backup.py").read_text(encoding="utf-8")
    assert re.findall(r"```python\n(.*?)```", readme, re.DOTALL) == [flow]


def test_the_lock_holds_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {canonicalize_name(name): Version(v) for name, v in re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)}
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), f"{requirement}: make lock"
