"""A flow file: its source, its syntax tree, and the module it becomes when imported."""

from __future__ import annotations

import ast
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from lambdas.contract.errors import NightshiftError
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.flow import Flow, flow

_serial = count()


class Reject(Exception):
    """The construct at `node` cannot be compiled; a Diagnostic is made of it where compiling goes on."""

    def __init__(self, node: ast.AST, code: str, message: str, hint: str) -> None:
        self.node, self.code, self.message, self.hint = node, code, message, hint
        super().__init__(message)


class Suppressed(Exception):
    """The construct depends on one that was already reported."""


class SourceFile:
    """A flow file that has been imported, or a module beside one.

    flow_file: the file whose flows are compiled; what is wrong with a module beside it is reported with it.
    """

    def __init__(self, path: Path, text: str, module: ModuleType) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.text = text
        self.tree = ast.parse(text)
        self.module = module
        self.errors: list[Diagnostic] = []
        self.flow_file = self
        self._neighbours: dict[Path, SourceFile] = {}

    @cached_property
    def functions(self) -> dict[tuple[str, int], ast.FunctionDef]:
        """Every function definition by name and first line (that of its first decorator)."""
        return {
            (node.name, min([node.lineno, *(d.lineno for d in node.decorator_list)])): node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef)
        }

    def definition(self, function: Any) -> ast.FunctionDef | None:
        """The syntax tree of a function of this file; None for a function of another file."""
        if not isinstance(function, FunctionType) or not self._same_file(function):
            return None
        return self.functions.get((function.__name__, function.__code__.co_firstlineno))

    def home(self, function: Any) -> SourceFile | None:
        """Where a plain function is defined: this file, or a module beside it; None for anywhere else."""
        if not isinstance(function, FunctionType) or self._same_file(function):
            return self
        path = Path(function.__code__.co_filename)
        module = sys.modules.get(function.__module__)
        beside = path.parent.resolve() == self.flow_file.path.parent.resolve() and path.suffix == ".py"
        if not beside or module is None or vars(module) is not function.__globals__:
            return None
        if path not in self.flow_file._neighbours:
            found = SourceFile(path, path.read_text(encoding="utf-8-sig"), module)
            found.flow_file, found.errors = self.flow_file, self.errors
            self.flow_file._neighbours[path] = found
        return self.flow_file._neighbours[path]

    def _same_file(self, function: FunctionType) -> bool:
        return Path(function.__code__.co_filename) == self.path

    def flows(self) -> Iterator[tuple[Flow[..., Any], ast.FunctionDef]]:
        """The flows this file defines, in source order."""
        found = [
            (value, node)
            for value in vars(self.module).values()
            if isinstance(value, Flow) and (node := self.definition(value.function))
        ]
        yield from sorted(dict(found).items(), key=lambda item: item[1].lineno)

    def redefined(self) -> list[ast.FunctionDef]:
        """The flows whose name another flow further down takes."""
        last: dict[str, ast.FunctionDef] = {}
        gone = []
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and any(map(self._is_flow, node.decorator_list)):
                gone += [last[node.name]] if node.name in last else []
                last[node.name] = node
        return gone

    def _is_flow(self, decorator: ast.expr) -> bool:
        name = decorator.func if isinstance(decorator, ast.Call) else decorator
        return isinstance(name, ast.Name) and vars(self.module).get(name.id) is flow

    def at(self, line: int) -> ast.AST:
        """A node for the beginning of a line."""
        source = self.text.split("\n")[line - 1]
        return ast.Pass(lineno=line, col_offset=len(source) - len(source.lstrip()))

    def report(self, error: Reject) -> None:
        """Keep what is wrong, once."""
        line = getattr(error.node, "lineno", 1)
        # Python counts the bytes of UTF-8, an editor the characters.
        before = self.text.split("\n")[line - 1].encode()[: getattr(error.node, "col_offset", 0)]
        column = len(before.decode(errors="ignore")) + 1
        found = located(self.path, self.lines, error.code, error.message, error.hint, line, column)
        if found not in self.errors:
            self.errors.append(found)


def located(path: Path, lines: list[str], code: str, message: str, hint: str, line: int, column: int) -> Diagnostic:
    """A Diagnostic with its source line."""
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    return Diagnostic(code, message, hint, path, line, column, source)


def load(path: Path) -> SourceFile:
    """Import a flow file.

    Raises CompileErrors when it cannot be read, parsed or imported.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CompileErrors(
            [Diagnostic("NS002", f"cannot read the file: {reason}", "Give the path of a flow file.", path, 1, 1)]
        ) from None
    lines = text.split("\n")
    try:
        ast.parse(text)
    except SyntaxError as error:
        found = located(
            path, lines, "NS001", error.msg, "Correct the Python syntax.", error.lineno or 1, error.offset or 1
        )
        raise CompileErrors([found]) from None
    return SourceFile(path, text, _imported(path, lines))


def _imported(path: Path, lines: list[str]) -> ModuleType:
    # A private name: neither a module of the same name nor an older version of this file is in the way.
    name = f"_nightshift_{path.stem}_{next(_serial)}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        with _importable(path.parent):
            exec(compile("\n".join(lines) + "\n", str(path), "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        raise CompileErrors([_import_error(path, lines, error)]) from error
    return module


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Lets a flow import its neighbours: by `flow_defs.name` from a package, else by `name`."""
    root = str(folder.parent if (folder / "__init__.py").exists() else folder)
    sys.path.insert(0, root)
    try:
        yield
    finally:
        sys.path.remove(root)


def _import_error(path: Path, lines: list[str], error: Exception) -> Diagnostic:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    line = (frames[-1].lineno if frames else 1) or 1
    if isinstance(error, NightshiftError):
        hint = getattr(error, "hint", "") or "Correct the options of @flow."
        code = getattr(error, "code", "NS004")
        return located(path, lines, code, str(error), hint, line, _indent(lines, line))
    if isinstance(error, TypeError) and "flow()" in str(error):
        hint = "docs/language.md lists the options of @flow."
        return located(path, lines, "NS004", str(error), hint, line, _indent(lines, line))
    message = f"the file cannot be imported: {type(error).__name__}: {error}"
    hint = "A flow file may import nightshift, lambdas.parts and its neighbours; run it with python to see more."
    return located(path, lines, "NS002", message, hint, line, _indent(lines, line))


def _indent(lines: list[str], line: int) -> int:
    source = lines[line - 1] if line <= len(lines) else ""
    return len(source) - len(source.lstrip()) + 1
