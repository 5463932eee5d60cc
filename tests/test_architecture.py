"""The rules of the architecture, held over every file: who may import whom, sizes, and what must not be in a file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
ROOMS = ("lambdas", "nightshift", "flow_defs", "stacks")
MOST_LINES = 400

FORBIDDEN = {
    "lambdas": ("nightshift", "stacks", "flow_defs", "aws_cdk", "constructs"),
    "nightshift": ("stacks", "flow_defs", "aws_cdk", "constructs"),
    "nightshift/compiler": ("boto3", "botocore"),
    "flow_defs": ("stacks", "aws_cdk", "constructs", "boto3", "botocore"),
    "stacks": ("flow_defs",),
}
LAZY = ("boto3", "botocore")
"""What a part may import only inside of functions: the compiler reads the signatures without them."""

TEXT = {".py", ".md", ".toml", ".json", ".lock", ".in", ".txt", ".mustache", ".html", ".yml", ".yaml", ".sh", ""}
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


def test_files_stay_small() -> None:
    sizes = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources(*ROOMS)}
    assert {path: size for path, size in sizes.items() if size > MOST_LINES} == {}


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
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert {"demo", "test"} <= set(re.findall(r"^make ([a-z]+)", readme, re.MULTILINE)) <= targets


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
