"""What can be wrong with a part of one's own, each with its place and what to write instead."""

from __future__ import annotations

import ast
import re
import traceback
import typing
from collections.abc import Iterable, Iterator
from importlib import import_module
from keyword import iskeyword
from typing import Any

from lambdas.contract.part import Part
from lambdas.contract.result import Result
from nightshift.errors import Diagnostic
from nightshift.own_parts.finding import LOCK, OwnPart
from nightshift.own_parts.source import Calls, Source

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ACTION = re.compile(r"[a-z][a-z0-9-]*:[A-Z][A-Za-z0-9]*")
_NAMED = 'Write allow=(Allow(("rds:StopDBInstance",), ("arn:...",)),) with every action that the part calls.'


def checked(files: Iterable[OwnPart]) -> tuple[list[OwnPart], list[Diagnostic]]:
    """The parts that are right, and what is wrong with the others and with parts of one name."""
    right: dict[str, OwnPart] = {}
    errors: list[Diagnostic] = []
    for file in files:
        found = list(_wrong(file))
        if not found and file.name in right:
            other = right[file.name].path
            message = f"there is another part {file.name}, in {other}"
            found = [Diagnostic("NS603", message, "Give one of them another name.", file.path, 1, 1)]
        if found:
            errors += found
        else:
            right[file.name] = file
    return list(right.values()), errors


def _wrong(file: OwnPart) -> Iterator[Diagnostic]:
    """What is wrong with a file; of the first kind that there is."""
    if (placed := _placed(file)) is not None:
        yield placed
        return
    try:
        source = Source(file.path)
    except SyntaxError as error:
        hint = "Correct the Python syntax."
        lines = file.path.read_text(encoding="utf-8", errors="replace").split("\n")
        line = error.lineno or 1
        shown = lines[line - 1] if line <= len(lines) else ""
        yield Diagnostic("NS001", error.msg, hint, file.path, line, error.offset or 1, shown)
        return
    except UnicodeDecodeError:
        yield Diagnostic("NS001", "the file is not UTF-8 text", "Save it as UTF-8.", file.path, 1, 1)
        return
    declared = list(_declared(file, source))
    yield from declared
    if declared:
        return
    try:
        part = vars(import_module(file.module)).get(file.path.stem)
    except Exception as error:
        yield _import_error(file, source, error)
        return
    if not isinstance(part, Part):
        hint = "Import it with `from lambdas.contract.part import part`."
        yield source.diagnostic("NS602", "@part here is not that of nightshift", hint, source.parts[0])
        return
    yield from _signature(part, source)
    yield from _permissions(part, source)


def _placed(file: OwnPart) -> Diagnostic | None:
    """A file at a wrong place, or with a name that no part can have."""
    message = ""
    hint = f"Move it to {file.folder.path.name}/SERVICE/{file.path.name}; a helper's name begins with _."
    if file.misplaced:
        message = "a part lies in the folder of its service"
    elif wrong := next((name for name in (file.service, file.path.stem) if not _named(name)), None):
        message, hint = (
            f"{wrong!r} is no name of a part",
            "Use small letters, digits and _, a letter first, and no word of Python.",
        )
    elif file.service == "nightshift":
        message, hint = "the service nightshift is nightshift's own", "Give the folder another name."
    return Diagnostic("NS601", message, hint, file.path, 1, 1) if message else None


def _named(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not iskeyword(name)


def _declared(file: OwnPart, source: Source) -> Iterator[Diagnostic]:
    """Whether the file declares one part, of its own name."""
    name = file.path.stem
    if not source.parts:
        hint = f"Put @part(...) above a function {name}, or begin the file's name with _ if it is a helper."
        yield source.diagnostic("NS602", "the file declares no part", hint, None)
    for function in source.parts:
        if function.name != name:
            hint = f"Rename the function to {name}, or put it into a file of its own."
            message = f"the part {function.name!r} is not called like its file"
            yield source.diagnostic("NS602", message, hint, function)
        elif not isinstance(source.decorator(function), ast.Call):
            message = "@part does not say which actions of IAM the part may call"
            yield source.diagnostic("NS604", message, _NAMED, source.decorator(function))


def _import_error(file: OwnPart, source: Source, error: Exception) -> Diagnostic:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file.path)]
    line = (frames[-1].lineno if frames else 1) or 1
    hint = "Run it with python to see more."
    if isinstance(error, ModuleNotFoundError):
        lock = file.folder.lock
        known = f"pip install -r {lock.parent.name}/{LOCK}"
        hint = (
            f"Install it: {known}."
            if lock.is_file()
            else f"Add it to {lock.parent.name}/requirements.in, then nightshift part lock."
        )
    message = f"the part cannot be imported: {type(error).__name__}: {error}"
    return source.diagnostic("NS002", message, hint, ast.Pass(lineno=line, col_offset=0))


def _signature(part: Part[..., Any], source: Source) -> Iterator[Diagnostic]:
    """Whether the function is what the contract calls: `(call, *, name: type = ...) -> Result | Pending`."""
    (function,) = source.parts
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    shown = f"Write def {function.name}(call: Call, *, name: str = ...) -> SomeResult | Pending."
    if len(positional) != 1 or given.vararg:
        where = positional[1] if len(positional) > 1 else function
        message = "a part takes its Call, and after a * its parameters"
        yield source.diagnostic("NS605", message, shown, where)
        return
    untyped = [argument for argument in given.kwonlyargs if argument.annotation is None]
    for argument in untyped:
        hint = f"Write {argument.arg}: str, or what it is."
        yield source.diagnostic("NS605", f"the parameter {argument.arg!r} has no type", hint, argument)
    if untyped:
        return
    try:
        hints = typing.get_type_hints(part.function)
        dict(part.parameters)
    except Exception as error:
        yield source.diagnostic("NS605", f"its types cannot be read: {error}", shown, function)
        return
    returned = hints.get("return")
    kinds = typing.get_args(returned) or (returned,)
    if not any(isinstance(kind, type) and issubclass(kind, Result) for kind in kinds):
        message = "a part returns a Result, or Pending as long as it has to be called again"
        yield source.diagnostic("NS605", message, shown, function)
    if not ast.get_docstring(function):
        hint = 'Write """Stop it and wait.""" as its first line: forms, pages and reports show it.'
        yield source.diagnostic("NS605", "the part has no docstring", hint, function)


def _permissions(part: Part[..., Any], source: Source) -> Iterator[Diagnostic]:
    """Whether the actions are written out, and name what the code is seen to call."""
    where = source.allow()
    for action in (action for allow in part.allow for action in allow.actions):
        if not _ACTION.fullmatch(action):
            hint = "Write each action out, as rds:StopDBInstance: the function is allowed exactly those."
            yield source.diagnostic("NS604", f"{action!r} is not an action of IAM", hint, where)
    allowed = {action.partition(":")[2].lower() for allow in part.allow for action in allow.actions}
    calls = Calls(source.tree)
    if calls.clients and not part.allow:
        yield source.diagnostic("NS604", "the part calls AWS, and allow names no action", _NAMED, where)
        return
    for node in calls.own:
        message = "a client of boto3's own knows nothing of region, account and dry run of the call"
        yield source.diagnostic("NS604", message, "Write call.client(service).", node)
    for call in calls.operations:
        if call.operation not in allowed:
            message = f"calls {call.method} of {call.service}, which allow does not name"
            yield source.diagnostic("NS604", message, _NAMED, call.node)
    for node, what in calls.waits:
        hint = "Return Pending(state, waiting_for): the state machine waits, and calls the part again."
        yield source.diagnostic("NS606", f"{what} would wait inside of the function", hint, node)
