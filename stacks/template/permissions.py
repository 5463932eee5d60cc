"""The statements of `nightshift.views.iam` as CloudFormation takes them."""

from __future__ import annotations

from nightshift.views.iam import RESULTS
from stacks.template.cloudformation import Json, sub


def substituted(node: Json) -> Json:
    """`node` with `Fn::Sub` around each text that names a pseudo parameter, or the results bucket."""
    if node == RESULTS:
        return {"Fn::Sub": node}
    if isinstance(node, str):
        return sub(node)
    if isinstance(node, list | tuple):
        return [substituted(item) for item in node]
    if isinstance(node, dict):
        return {key: substituted(value) for key, value in node.items()}
    return node
