"""What a flow does, in words: its statements as numbered, indented sentences."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

_Call = ast.Call


def outline(
    flow: ast.FunctionDef, functions: Iterable[ast.FunctionDef], parts: Mapping[str, str], flows: Sequence[str]
) -> tuple[str, ...]:
    """The steps of a flow, one line each, indented by two spaces a level.

    functions: those of its file. parts: what each part it calls does. flows: those it calls.
    """
    lines = _Outline(flow.name, {node.name: node for node in functions}, parts, flows).block(flow.body)
    return tuple(f"{'  ' * depth}{text}" for depth, text in lines)


Lines = Iterator[tuple[int, str]]


class _Outline:
    """Puts the statements of one flow into words; helpers of the same file are told where they are called."""

    def __init__(
        self, flow: str, functions: dict[str, ast.FunctionDef], parts: Mapping[str, str], flows: Sequence[str]
    ) -> None:
        self._functions = functions
        self._parts = parts
        self._flows = flows
        self._inside = [flow]

    def block(self, body: Sequence[ast.stmt]) -> Lines:
        """The lines of a block, each with its depth."""
        for statement in body:
            yield from self._statement(statement)

    def _indented(self, body: Sequence[ast.stmt]) -> Lines:
        return ((depth + 1, text) for depth, text in self.block(body))

    def _statement(self, node: ast.stmt) -> Lines:
        if isinstance(node, ast.If):
            yield from self._if(node, "if")
        elif isinstance(node, ast.For):
            yield 0, f"for each {ast.unparse(node.target)} of {ast.unparse(node.iter)}:"
            yield from self._indented(node.body)
        elif isinstance(node, ast.While):
            yield 0, f"as long as {ast.unparse(node.test)}:"
            yield from self._indented(node.body)
        elif isinstance(node, ast.Try):
            yield from self._try(node)
        else:
            yield from self._simple(node)

    def _if(self, node: ast.If, word: str) -> Lines:
        yield 0, f"{word} {ast.unparse(node.test)}:"
        yield from self._indented(node.body)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            yield from self._if(node.orelse[0], "otherwise, if")
        elif node.orelse:
            yield 0, "otherwise:"
            yield from self._indented(node.orelse)

    def _try(self, node: ast.Try) -> Lines:
        yield 0, "try:"
        yield from self._indented(node.body)
        for handler in node.handlers:
            yield 0, f"when that fails{' with ' + ast.unparse(handler.type) if handler.type else ''}:"
            yield from self._indented(handler.body)
        if node.orelse:
            yield 0, "when nothing of it failed:"
            yield from self._indented(node.orelse)
        if node.finalbody:
            yield 0, "in any case, also after a failure:"
            yield from self._indented(node.finalbody)

    def _simple(self, node: ast.stmt) -> Lines:
        calls = [call for call in _calls(node) if self._told(call)]
        for call in calls:
            yield from self._call(call)
        if isinstance(node, ast.Return):
            yield from self._return(node, told=bool(calls))
        elif isinstance(node, ast.Raise):
            yield 0, f"fail: {ast.unparse(node.exc)}" if node.exc else "fail with the same error"
        elif isinstance(node, ast.Break | ast.Continue):
            yield 0, "leave the loop" if isinstance(node, ast.Break) else "go on with the next pass"
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and not calls:
            yield 0, f"note {ast.unparse(node)}"

    def _return(self, node: ast.Return, *, told: bool) -> Lines:
        helper = len(self._inside) > 1
        if node.value and not told:
            yield 0, f"{'that gives' if helper else 'end, with the result'} {ast.unparse(node.value)}"
        elif not helper:
            yield 0, "end"

    def _told(self, call: _Call) -> bool:
        name = ast.unparse(call.func)
        return (
            name in self._parts
            or name.rpartition(".")[2] in _PRIMITIVES
            or name in self._functions
            or name in self._flows
        )

    def _call(self, call: _Call) -> Lines:
        name = ast.unparse(call.func)
        primitive = name.rpartition(".")[2]
        if name in self._parts:
            yield 0, f"{_title(call) or self._parts[name]} [{ast.unparse(call)}]"
        elif name in self._flows:
            yield 0, f"run the flow {name} and wait for it [{ast.unparse(call)}]"
        elif name in self._functions:
            yield 0, f"{name}:"
            yield from self._function(name)
        elif primitive in ("parallel", "for_each"):
            yield from self._branches(call, primitive)
        else:
            yield 0, f"{_PRIMITIVES[primitive]} {', '.join(_said(a) for a in [*call.args, *call.keywords])}"

    def _branches(self, call: _Call, primitive: str) -> Lines:
        limit = next((ast.unparse(k.value) for k in call.keywords if k.arg == "at_most"), "10")
        if primitive == "parallel":
            yield 0, "side by side:"
            functions = call.args
        else:
            rails = [f", {k.arg}={_argument(k)}" for k in call.keywords if k.arg != "at_most"]
            yield 0, f"for each of {ast.unparse(call.args[0])}, at most {limit} at a time{''.join(rails)}:"
            functions = call.args[1:]
        for function in functions:
            if isinstance(function, ast.Lambda):
                yield from ((depth + 1, text) for depth, text in self._statement(ast.Expr(function.body)))
            else:
                yield 1, f"{ast.unparse(function)}:"
                yield from ((depth + 1, text) for depth, text in self._function(ast.unparse(function)))

    def _function(self, name: str) -> Lines:
        node = self._functions.get(name)
        if node is None or name in self._inside:
            return
        self._inside.append(name)
        yield from self._indented(node.body)
        self._inside.pop()


_PRIMITIVES = {
    "parallel": "",
    "for_each": "",
    "sleep": "wait",
    "wait_until": "wait until",
    "approval": "ask for approval:",
}


_NAMED = ("approvers", "at_least", "allow_starter", "remind", "escalate_to", "escalate_after")


def _calls(node: ast.stmt) -> list[_Call]:
    """The calls in a statement, in the order they are made: inner before outer."""
    found: list[_Call] = []

    def visit(item: ast.AST) -> None:
        if isinstance(item, ast.FunctionDef | ast.Lambda):
            return
        for child in ast.iter_child_nodes(item):
            visit(child)
        if isinstance(item, ast.Call):
            found.append(item)

    visit(node)
    return found


def _title(call: _Call) -> str:
    """What the author calls the step of a part; "" for what the part says of itself."""
    given = next((k.value for k in call.keywords if k.arg == "title"), None)
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""


def _said(node: ast.AST) -> str:
    """An argument as words, with its name where its value alone does not say what it is."""
    if isinstance(node, ast.keyword) and node.arg in _NAMED:
        return f"{node.arg}={ast.unparse(node.value)}"
    return _argument(node)


def _argument(node: ast.AST) -> str:
    """An argument as words: a text without its quotes."""
    value = node.value if isinstance(node, ast.keyword) else node
    return str(value.value) if isinstance(value, ast.Constant) else ast.unparse(value)
