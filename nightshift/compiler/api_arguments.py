"""The parameters of a call of AWS, checked against the model of the operation as far as the flow writes them out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from nightshift.aws_api.models import Member, Model, Operation
from nightshift.compiler.context import Context
from nightshift.compiler.expressions import carried, dict_literal, list_literal
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.module import Reject
from nightshift.compiler.signatures import did_you_mean
from nightshift.compiler.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    STR,
    DictType,
    ListType,
    OptionalType,
    RecordType,
    Type,
    plain,
)

_WORDS = ("password", "secret", "privatekey", "authtoken", "accesskey")
"""What the names of secrets have in them, of those that the models mark as sensitive."""

_SECRETS = ("masteruserpassword", "password", "hsmpartitionpassword", "certificateprivatekey", "authtoken")
"""Names of secrets that some models do not mark: those of docdb, neptune, elasticache, mq, redshift and apigateway."""


def arguments(ctx: Context, node: ast.Call, operation: Operation, given: Mapping[str, ast.expr]) -> dict[str, Expr]:
    """The parameters of an operation by name; raises Reject for the first that does not fit."""
    made = {}
    for name, where in given.items():
        member = operation.parameters.get(name)
        said = f"{operation.service.name} {operation.python}"
        if member is None:
            hint = did_you_mean(
                name, list(operation.parameters), "It takes {}." if operation.parameters else "It takes none."
            )
            raise Reject(where, "NS301", f"{said} has no parameter {name!r}", hint)
        _refuse_secret(where, member, said)
        made[name] = _Checked(ctx, operation.service, f"{name} of {said}").value(where, member.shape)
    missing = [m.name for m in operation.parameters.values() if m.required and not m.token and m.name not in given]
    if missing:
        said = f"{operation.service.name} {operation.python} needs {', '.join(missing)}"
        raise Reject(node, "NS302", said, f"Add {missing[0]}=...")
    return made


def _refuse_secret(node: ast.expr, member: Member, said: str) -> None:
    name = member.name.lower()
    if name in _SECRETS or (member.secret and any(word in name for word in _WORDS)):
        raise _secret(node, member.name, said)


def _secret(node: ast.expr, name: str, said: str) -> Reject:
    hint = "Let the service keep it in Secrets Manager, or use a part that takes the name of a secret."
    message = f"{name} of {said} is a secret, which the state machine and its history would show"
    return Reject(node, "NS323", message, hint)


class _Checked:
    """Checks a value against a shape. what: how messages call the parameter."""

    def __init__(self, ctx: Context, model: Model, what: str) -> None:
        self._ctx, self._model, self._what = ctx, model, what

    def value(self, node: ast.expr, name: str) -> Expr:
        """The value, compiled; what stands in literal lists and dicts is checked where it stands."""
        shape = self._model.shape(name)
        kind = shape["type"]
        if isinstance(node, ast.Dict) and kind == "structure" and not shape.get("document"):
            return self._structure(node, name)
        if isinstance(node, ast.Dict) and kind == "map":
            self._refuse_secret_keys(shape, [key for key in node.keys if isinstance(key, ast.Constant)])
            return self._dict(node, lambda key: shape["value"]["shape"])
        if isinstance(node, ast.List) and kind == "list":
            return list_literal(node, [self.value(item, shape["member"]["shape"]) for item in node.elts])
        value = carried(self._ctx, node)
        if value.is_constant:
            self._constant(node, value.constant, name)
        elif not _fits(plain(value.type), kind):
            raise self._wrong(node, shape, str(value.type))
        return value

    def _structure(self, node: ast.Dict, name: str) -> Expr:
        members = self._model.members(name)
        made = self._dict(node, lambda key: self._member(key, members, name).shape)
        given = {key.value for key in node.keys if isinstance(key, ast.Constant)}
        missing = [m.name for m in members.values() if m.required and m.name not in given]
        if missing:
            raise Reject(
                node, "NS302", f"{name} in {self._what} needs {', '.join(missing)}", f'Add "{missing[0]}": ...'
            )
        return made

    def _member(self, key: ast.Constant, members: Mapping[str, Member], name: str) -> Member:
        member = members.get(str(key.value))
        if member is None:
            hint = did_you_mean(str(key.value), list(members), "It has {}.")
            raise Reject(key, "NS301", f"{name} in {self._what} has no {key.value!r}", hint)
        _refuse_secret(key, member, self._what)
        return member

    def _dict(self, node: ast.Dict, shape_of: Callable[[ast.Constant], str]) -> Expr:
        values = []
        for key, value in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                raise Reject(
                    key or node, "NS208", "a dict literal needs constant string keys", "Write the keys as strings."
                )
            values.append(self.value(value, shape_of(key)))
        return dict_literal([str(key.value) for key in node.keys if isinstance(key, ast.Constant)], values)

    def _constant(self, node: ast.expr, value: Any, name: str) -> None:
        """Check a constant of the flow or its module."""
        shape = self._model.shape(name)
        kind = shape["type"]
        if value is None:
            raise self._wrong(node, shape, "None")
        if kind == "structure" and isinstance(value, dict) and not shape.get("document"):
            members = self._model.members(name)
            for key, inner in value.items():
                self._constant(node, inner, self._member(_at(node, key), members, name).shape)
        elif kind == "map" and isinstance(value, dict):
            self._refuse_secret_keys(shape, [_at(node, key) for key in value])
            for inner in value.values():
                self._constant(node, inner, shape["value"]["shape"])
        elif kind == "list" and isinstance(value, list):
            for inner in value:
                self._constant(node, inner, shape["member"]["shape"])
        elif not _is(value, kind) and not shape.get("document"):
            raise self._wrong(node, shape, repr(value))
        else:
            self._limits(node, value, shape)

    def _refuse_secret_keys(self, shape: Mapping[str, Any], keys: Iterable[ast.Constant]) -> None:
        """Environment variables are such a map: its keys tell which of its values is a secret."""
        told = (shape, *(self._model.shape(shape[part]["shape"]) for part in ("key", "value")))
        if any(found.get("sensitive") for found in told):
            for key in keys:
                letters = re.sub("[^a-z]", "", str(key.value).lower())
                if any(word in letters for word in _WORDS):
                    raise _secret(key, str(key.value), self._what)

    def _limits(self, node: ast.expr, value: Any, shape: Mapping[str, Any]) -> None:
        """What the model says of the values besides their type."""
        allowed = shape.get("enum")
        if allowed and value not in allowed:
            hint = did_you_mean(value, allowed, "It is one of {}.")
            raise Reject(node, "NS321", f"{self._what} cannot be {value!r}", hint)
        low, high = shape.get("min"), shape.get("max")
        size = len(value) if isinstance(value, str) else value if isinstance(value, int | float) else None
        if size is None or shape["type"] == "blob":
            return
        if (low is not None and size < low) or (high is not None and size > high):
            what = "characters" if isinstance(value, str) else "as its value"
            hint = f"It has {low if low is not None else 'any'} to {high if high is not None else 'any'} {what}."
            raise Reject(node, "NS321", f"{self._what} cannot be {value!r}", hint)
        if shape["type"] == "timestamp" and not _is_moment(value):
            raise Reject(node, "NS321", f"{self._what} cannot be {value!r}", 'Write "2026-11-30T12:00:00Z".')

    def _wrong(self, node: ast.expr, shape: Mapping[str, Any], given: str) -> Reject:
        return Reject(node, "NS303", f"{self._what} is {_WRITTEN[shape['type']]}, not {given}", _HINTS[shape["type"]])


def _at(node: ast.expr, key: str) -> ast.Constant:
    return ast.copy_location(ast.Constant(key), node)


_WRITTEN = {
    "string": "a str",
    "character": "a str",
    "timestamp": "a moment",
    "blob": "a str",
    "integer": "an int",
    "long": "an int",
    "float": "a number",
    "double": "a number",
    "bigdecimal": "a number",
    "boolean": "a bool",
    "list": "a list",
    "map": "a dict",
    "structure": "a dict",
}
_HINTS = {
    kind: {"list": "Write [...].", "timestamp": 'Write "2026-11-30T12:00:00Z".'}.get(kind, f"Give {said}.")
    for kind, said in _WRITTEN.items()
}
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "timestamp": (str,),
    "blob": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "bigdecimal": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _fits(given: Type, kind: str) -> bool:
    """Whether a value that is not written out may stand for a shape of this kind."""
    if isinstance(given, OptionalType) or given == ANY:
        return given == ANY or _fits(given.inner, kind)  # type: ignore[attr-defined]
    if kind == "list":
        return isinstance(given, ListType)
    if kind in ("map", "structure"):
        return isinstance(given, DictType | RecordType)
    accepted = {str: (STR,), int: (INT,), float: (FLOAT, INT), bool: (BOOL,)}
    return any(given in accepted.get(wanted, ()) for wanted in _KINDS[kind])


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return text.isdigit()
    return True
