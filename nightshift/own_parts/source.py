"""What the source of a part shows: where it is declared, and what it calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nightshift.errors import Diagnostic
from nightshift.own_parts.permissions import ACTIONS, UNLIKE

_NO_CALL = ("can_paginate", "close", "generate_presigned_post", "generate_presigned_url", "get_paginator", "get_waiter")
"""Methods of a client that are no API call."""


class Source:
    """The file of a part. Raises SyntaxError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8-sig")
        self.tree = ast.parse(self.text, str(path))
        self.parts = [
            node for node in self.tree.body if isinstance(node, ast.FunctionDef) and self.decorator(node) is not None
        ]

    def decorator(self, function: ast.FunctionDef) -> ast.expr | None:
        """The `@part` of a function."""
        for decorator in function.decorator_list:
            named = decorator.func if isinstance(decorator, ast.Call) else decorator
            if (named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")) == "part":
                return decorator
        return None

    def allow(self) -> ast.AST:
        """Where the part says what it may call, or would."""
        decorator = self.decorator(self.parts[0])
        given = [word.value for word in getattr(decorator, "keywords", ()) if word.arg == "allow"]
        return given[0] if given else decorator or self.parts[0]

    def diagnostic(self, code: str, message: str, hint: str, node: ast.AST | None) -> Diagnostic:
        """What is wrong at a node, or with the file."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
        lines = self.text.split("\n")
        return Diagnostic(code, message, hint, self.path, line, column, lines[line - 1] if node is not None else "")


@dataclass(frozen=True)
class Operation:
    """A call of an API. operation: its name in small letters. method: of the client."""

    node: ast.AST
    service: str
    method: str

    @property
    def operation(self) -> str:
        """Its name in small letters, as the IAM action of most operations has it."""
        return self.method.replace("_", "").lower()


class Calls:
    """The clients that code makes by `call.client(...)`, and what it is seen to do with them.

    operations: of services whose actions are called like their operations. waits: what waits in the function.
    own: clients that it makes without the call.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.clients = [node for node in ast.walk(tree) if _service(node) is not None]
        named = {
            target.id: _service(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and _service(node.value) is not None
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.operations = [call for call in _operations(tree, named) if not _unlike(call)]
        self.waits = list(_waits(tree))
        self.own = [node for node in ast.walk(tree) if _of_boto3(node)]


def _service(node: ast.AST) -> str | None:
    """The service of `call.client("rds")`; "" when it is not written out; None for anything else."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client"):
        return None
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _of_boto3(node: ast.AST) -> bool:
    """Whether it is `boto3.client(...)`, or another way to AWS besides the call's."""
    made = node.func if isinstance(node, ast.Call) else None
    of = made.value if isinstance(made, ast.Attribute) else None
    return isinstance(of, ast.Name) and of.id == "boto3"


def _operations(tree: ast.AST, named: dict[str, str | None]) -> Iterator[Operation]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        of = node.func.value
        service = named.get(of.id) if isinstance(of, ast.Name) else _service(of)
        if not service:
            continue
        if node.func.attr == "get_paginator" and node.args and isinstance(node.args[0], ast.Constant):
            yield Operation(node, service, str(node.args[0].value))
        elif node.func.attr not in _NO_CALL:
            yield Operation(node, service, node.func.attr)


def _unlike(call: Operation) -> bool:
    return call.service in UNLIKE or any(action.lower() == f"{call.service}:{call.operation}" for action in ACTIONS)


def _waits(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "get_waiter":
                yield node, "get_waiter"
            elif node.func.attr == "sleep" and isinstance(node.func.value, ast.Name) and node.func.value.id == "time":
                yield node, "time.sleep"
