"""A flow file: its source, its syntax tree, and the module it becomes when imported."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from itertools import count
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from lambdas.contract.errors import NightshiftError
from lambdas.contract.part import Part
from nightshift import triggers
from nightshift.compiler.source_text import located, read_source
from nightshift.errors import CompileErrors, Diagnostic
from nightshift.flow import Flow, flow
from nightshift.operating import Preset
from nightshift.triggers import Alarm

_serial = count()
_OPTIONS: Mapping[str, Callable[..., Any]] = {
    "flow": flow,
    "Preset": Preset,
    **{name: given for name, given in vars(triggers).items() if name in triggers.__all__ and callable(given)},
}
"""What is called above a flow, by name."""


GIVEN_BY_STAGE = "given_by_stage"
"""The attribute of a node that stands for what a stage gives: the flow and its parameter."""


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
    templates: the folder of the templates, or None where it is not known.
    defaults: by flow, values that a stage gives for the defaults of its parameters.
    """

    def __init__(
        self, path: Path, text: str, tree: ast.Module, module: ModuleType, templates: Path | None = None
    ) -> None:
        self.path = path
        self.lines = text.split("\n")
        self.text = text
        self.tree = tree
        self.module = module
        self.errors: list[Diagnostic] = []
        self.flow_file = self
        self.templates = templates
        self.defaults: Mapping[str, Mapping[str, Any]] = {}
        self._neighbours: dict[Path, SourceFile] = {}

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the file."""
        return list(ast.walk(self.tree))

    @cached_property
    def functions(self) -> dict[tuple[str, int], ast.FunctionDef]:
        """Every function definition by name and first line (that of its first decorator)."""
        return {
            (node.name, min([node.lineno, *(d.lineno for d in node.decorator_list)])): node
            for node in self.nodes
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
            text = path.read_text(encoding="utf-8-sig")
            found = SourceFile(path, text, ast.parse(text), module)
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

    def parts(self) -> list[ast.FunctionDef]:
        """The parts that this file declares, which is not the place for them."""
        found = [self.definition(v.function) for v in vars(self.module).values() if isinstance(v, Part)]
        return [node for node in found if node is not None]

    def redefined(self) -> list[ast.FunctionDef]:
        """The flows whose name another flow further down takes."""
        last: dict[str, ast.FunctionDef] = {}
        gone = []
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and any(map(self._is_flow, node.decorator_list)):
                gone += [last[node.name]] if node.name in last else []
                last[node.name] = node
        return gone

    def misplaced(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Functions under @flow that are no plain functions of the file."""
        kinds = ast.FunctionDef | ast.AsyncFunctionDef
        scopes = [node for node in self.nodes if isinstance(node, kinds | ast.ClassDef)]
        inner = [child for scope in scopes for child in scope.body if isinstance(child, kinds)]
        found = [n for n in scopes if isinstance(n, ast.AsyncFunctionDef)] + inner
        found += [n for n in self.tree.body if isinstance(n, ast.FunctionDef) and self._is_wrapped(n)]
        return [node for node in found if any(map(self._is_flow, node.decorator_list))]

    def _is_wrapped(self, node: ast.FunctionDef) -> bool:
        """Whether a decorator between @flow and the function has put something else in its place."""
        made = vars(self.module).get(node.name)
        return isinstance(made, Flow) and self.definition(made.function) is None

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
        found = replace(found, given=getattr(error.node, GIVEN_BY_STAGE, None))
        if found not in self.errors:
            self.errors.append(found)


def load(path: Path, templates: Path | None = None) -> SourceFile:
    """Import a flow file. What is wrong with the options of its flows is among its errors; they go on without.

    templates: the folder of the templates it may name.

    Raises CompileErrors when it cannot be read, parsed or imported.
    """
    text, tree = read_source(path)
    lines = text.split("\n")
    module, errors = _imported(path, lines, tree)
    source = SourceFile(path, text, tree, module, templates)
    source.errors += errors
    return source


def _imported(path: Path, lines: list[str], tree: ast.Module) -> tuple[ModuleType, list[Diagnostic]]:
    """The module, and what is wrong with the options of its flows; a flow that has wrong ones is made without any."""
    found: list[Diagnostic] = []
    while True:
        try:
            return _executed(path, tree), found
        except Exception as error:
            wrong = _import_error(path, lines, error)
            decorated = _decorated(tree, wrong.line) if wrong.code == "NS004" else None
            if decorated is None:
                raise CompileErrors([*found, wrong]) from error
            found += _options_alone(path, lines, tree, decorated) or [wrong]


def _decorated(tree: ast.Module, line: int) -> tuple[ast.FunctionDef, int] | None:
    """The function, and the place among its decorators, of a decorator with options that spans this line."""
    for node in (n for n in tree.body if isinstance(n, ast.FunctionDef)):
        for place, decorator in enumerate(node.decorator_list):
            spans = decorator.lineno <= line <= (decorator.end_lineno or decorator.lineno)
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and spans:
                return node, place
    return None


def _options_alone(
    path: Path, lines: list[str], tree: ast.Module, decorated: tuple[ast.FunctionDef, int]
) -> list[Diagnostic]:
    """What is wrong with each option of a decorator by itself; it is left without options."""
    function, place = decorated
    decorator = function.decorator_list[place]
    assert isinstance(decorator, ast.Call)
    found: list[Diagnostic] = []

    def wrong(keyword: ast.keyword) -> Diagnostic | None:
        function.decorator_list[place] = ast.copy_location(ast.Call(decorator.func, [], [keyword]), decorator)
        try:
            _executed(path, tree)
        except Exception as error:
            line = _line(path, error)
            if decorator.lineno <= line <= (decorator.end_lineno or line):
                return _import_error(path, lines, error)
        return None

    for keyword in decorator.keywords:
        for one in _one_by_one(keyword):
            found += _all_of(one, wrong)
    function.decorator_list[place] = decorator.func
    return list(dict.fromkeys(found))


def _one_by_one(keyword: ast.keyword) -> list[ast.keyword]:
    """A list of schedules one by one, and then whole: each may be wrong, and so may be all of them together."""
    if not isinstance(keyword.value, ast.List | ast.Tuple) or len(keyword.value.elts) < 2:
        return [keyword]
    each = [ast.copy_location(type(keyword.value)([item], ast.Load()), item) for item in keyword.value.elts]
    return [*(ast.copy_location(ast.keyword(keyword.arg, one), one) for one in each), keyword]


def _all_of(keyword: ast.keyword, wrong: Callable[[ast.keyword], Diagnostic | None]) -> list[Diagnostic]:
    """What is wrong with an option: also behind the first error, found by leaving out what that is about."""
    found = wrong(keyword)
    if found is None:
        return []
    call = keyword.value
    if isinstance(call, ast.Call):
        for left_out in call.keywords:
            rest = ast.Call(call.func, call.args, [k for k in call.keywords if k is not left_out])
            other = ast.copy_location(ast.keyword(keyword.arg, ast.copy_location(rest, call)), keyword)
            if _is_about(found, left_out.arg, ast.unparse(left_out.value)) and wrong(other) != found:
                # Without it something else may be missing, which is no error of what is written.
                more = [error for error in _all_of(other, wrong) if not _is_about(error, left_out.arg, "missing")]
                return [found, *more]
    return [found]


def _is_about(error: Diagnostic, *words: str | None) -> bool:
    """Whether a message has one of these words."""
    return any(word and re.search(rf"(?<![\w:]){re.escape(word)}(?![\w:])", error.message) for word in words)


def _line(path: Path, error: Exception) -> int:
    """The line of a file at which an error left it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return (frames[-1].lineno if frames else 1) or 1


def _executed(path: Path, tree: ast.Module) -> ModuleType:
    # A private name: neither a module of the same name nor an older version of this file is in the way.
    name = f"_nightshift_{path.stem}_{next(_serial)}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        with _importable(path.parent):
            exec(compile(tree, str(path), "exec", dont_inherit=True), module.__dict__)
    except Exception:
        del sys.modules[name]
        raise
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
    line = _line(path, error)
    if isinstance(error, NightshiftError) and " outside a run; " in str(error):
        message = f"{str(error).partition(';')[0]}: the file is read before any run"
        hint = "Write it in the flow, or in a function that the flow calls."
        return located(path, lines, "NS002", message, hint, line, _indent(lines, line))
    if isinstance(error, NightshiftError):
        hint = getattr(error, "hint", "") or "Correct the options of @flow."
        code = getattr(error, "code", "NS004")
        return located(path, lines, code, str(error), hint, line, _indent(lines, line))
    if isinstance(error, TypeError) and (wrong := _wrong_options(str(error))):
        return located(path, lines, "NS004", *wrong, line, _indent(lines, line))
    if wrong := _wrong_type(path, error):
        return located(path, lines, "NS004", *wrong, line, _indent(lines, line))
    message = f"the file cannot be imported: {type(error).__name__}: {error}"
    hint = "A flow file may import nightshift, lambdas.parts, parts and its neighbours; run it with python to see more."
    if isinstance(error, NameError) and error.name in _OPTIONS:
        hint = f"Write above: from nightshift import {error.name}"
    return located(path, lines, "NS002", message, hint, line, _indent(lines, line))


def _wrong_type(path: Path, error: Exception) -> tuple[str, str] | None:
    """What is wrong when an option of another type than it takes made an error within what the file calls."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = max((at for at, frame in enumerate(frames) if frame.f_code.co_filename == str(path)), default=-1)
    if not isinstance(error, TypeError | AttributeError) or not 0 <= own < len(frames) - 1:
        return None
    called = frames[own + 1]
    name = called.f_code.co_name
    name = type(called.f_locals["self"]).__name__ if name == "__init__" else name
    if name not in _OPTIONS or called.f_globals.get("__name__", "").partition(".")[0] != "nightshift":
        return None
    takes = inspect.signature(_OPTIONS[name]).parameters.values()
    kinds = ", ".join(f"{p.name}: {p.annotation}" for p in takes if p.name != "function")
    return f"an option of {'@flow' if name == 'flow' else name} is of another type than it takes", f"It takes {kinds}."


def _wrong_options(said: str) -> tuple[str, str] | None:
    """What Python says of a call of @flow or of what its options are made of, in our words, and what to write."""
    found = re.fullmatch(r"(\w+)(?:\.__init__)?\(\) (.*)", said)
    if found is None or found[1] not in _OPTIONS:
        return None
    name, wrong = ("@flow" if found[1] == "flow" else found[1]), found[2]
    known = [p.name for p in inspect.signature(_OPTIONS[found[1]]).parameters.values() if p.name != "function"]
    unknown = re.fullmatch(r"got an unexpected keyword argument '(\w+)'", wrong)
    if unknown is None:
        return f"{name} {wrong}", f"{name} takes {', '.join(known)}."
    near = get_close_matches(unknown[1], known, n=1)
    if name == "@flow" and not near and unknown[1] in inspect.signature(Alarm).parameters:
        hint = f"It is an option of Alarm: on_alarm=Alarm(..., {unknown[1]}=...)."
    else:
        hint = f"Did you mean {near[0]!r}?" if near else f"{name} takes {', '.join(known)}."
    return f"{name} has no option {unknown[1]!r}", hint


def _indent(lines: list[str], line: int) -> int:
    source = lines[line - 1] if line <= len(lines) else ""
    return len(source) - len(source.lstrip()) + 1
