"""The condition of `aws.poll`: JMESPath on the answer, checked against its shape."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from nightshift.aws_api.models import Model, Operation
from nightshift.compiler.module import Reject
from nightshift.compiler.signatures import did_you_mean
from nightshift.compiler.types import an

_CODE = "NS324"
_EXAMPLE = "Write JMESPath: \"DBInstances[0].DBInstanceStatus == 'stopped'\"."


def check_until(node: ast.expr, text: str, operation: Operation) -> None:
    """Check a condition; raises Reject for one that is no JMESPath, or that reads what the answer has not."""
    try:
        parsed = jmespath.compile(text).parsed
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise Reject(node, _CODE, f"{text!r} is not a condition: {reason}", _EXAMPLE) from None
    _Condition(node, operation.service).shape(parsed, operation.output)


class _Condition:
    """Finds the shape of each part of a condition; None where the model does not tell."""

    def __init__(self, node: ast.expr, model: Model) -> None:
        self._node, self._model = node, model

    def shape(self, tree: dict[str, Any], here: str | None) -> str | None:
        """The shape of what a part of the condition gives, read from a value of shape `here`."""
        handle: Callable[[dict[str, Any], str | None], str | None] | None = getattr(self, f"_{tree['type']}", None)
        if handle is not None:
            return handle(tree, here)
        for child in tree.get("children", ()):
            self.shape(child, here)
        return None

    def _field(self, tree: dict[str, Any], here: str | None) -> str | None:
        if here is None or self._kind(here) not in ("structure", "map") or self._model.shape(here).get("document"):
            if here is not None and self._kind(here) != "structure":
                message = f"{here} is {an(self._kind(here))} and has no {tree['value']!r}"
                hint = "Take an item first: X[0].Y, or all of them: X[].Y." if self._kind(here) == "list" else _EXAMPLE
                raise Reject(self._node, _CODE, message, hint)
            return None
        if self._kind(here) == "map":
            return str(self._model.shape(here)["value"]["shape"])
        members = self._model.members(here)
        member = members.get(tree["value"])
        if member is None:
            hint = did_you_mean(tree["value"], list(members), "It has {}.")
            raise Reject(self._node, _CODE, f"{here} has no field {tree['value']!r}", hint)
        return member.shape

    def _subexpression(self, tree: dict[str, Any], here: str | None) -> str | None:
        left = self.shape(tree["children"][0], here)
        return self.shape(tree["children"][1], left)

    _index_expression = _subexpression
    _pipe = _subexpression

    def _index(self, tree: dict[str, Any], here: str | None) -> str | None:
        return self._item(here)

    def _flatten(self, tree: dict[str, Any], here: str | None) -> str | None:
        return self.shape(tree["children"][0], here)

    def _projection(self, tree: dict[str, Any], here: str | None) -> str | None:
        left = self.shape(tree["children"][0], here)
        self.shape(tree["children"][1], self._item(left))
        return None

    def _filter_projection(self, tree: dict[str, Any], here: str | None) -> str | None:
        item = self._item(self.shape(tree["children"][0], here))
        self.shape(tree["children"][2], item)
        self.shape(tree["children"][1], item)
        return None

    def _identity(self, tree: dict[str, Any], here: str | None) -> str | None:
        return here

    _current = _identity

    def _function_expression(self, tree: dict[str, Any], here: str | None) -> str | None:
        for child in tree["children"]:
            if child["type"] != "expref":
                self.shape(child, here)
        return None

    def _comparator(self, tree: dict[str, Any], here: str | None) -> str | None:
        left, right = (self.shape(child, here) for child in tree["children"])
        for shape, other in ((left, tree["children"][1]), (right, tree["children"][0])):
            if shape is None or other["type"] != "literal":
                continue
            allowed = self._model.shape(shape).get("enum", [])
            if allowed and isinstance(other["value"], str) and other["value"] not in allowed:
                hint = did_you_mean(other["value"], allowed, "It is one of {}.")
                raise Reject(self._node, _CODE, f"{shape} is never {other['value']!r}", hint)
        return None

    def _item(self, here: str | None) -> str | None:
        if here is None or self._kind(here) != "list":
            return None
        return str(self._model.shape(here)["member"]["shape"])

    def _kind(self, shape: str) -> str:
        return str(self._model.shape(shape)["type"])
