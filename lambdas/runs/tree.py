"""A flow as its author wrote it, as a tree: what the dashboard draws in place of the state machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

TreeKind = Literal[
    "part",
    "flow",
    "approval",
    "wait",
    "if",
    "then",
    "else",
    "loop",
    "parallel",
    "branch",
    "each",
    "try",
    "body",
    "except",
    "finally",
    "raise",
    "return",
    "break",
    "continue",
]
"""What a node of the tree is.

part, flow, approval, wait: a step of a run. if: a branch, with `then` and `else` inside. loop: its passes one after the
other. parallel: `branch`es side by side. each: one branch, an item at a time or several. try: `body`, then `except`
and `finally`. raise: fails. return: ends the flow or the branch. break, continue: leave the loop, or this pass of it.
"""

STEPS = ("part", "flow", "approval", "wait", "parallel", "each")
"""The kinds whose id is a state that the steps of a run name."""


class Words(NamedTuple):
    """A text in English and in Japanese."""

    en: str
    ja: str


@dataclass(frozen=True)
class TreeNode:
    """A node of a flow's tree.

    id: of a step the name of its state. parent: the id of the node it is inside of, "" for none.
    title, title_ja: what it does, in words; "" for what its kind says alone. code: what the author wrote, or "".
    line: of the flow's file, 0 when none. calls: the part or flow it calls, or "".
    """

    id: str
    parent: str
    kind: TreeKind
    title: str = ""
    title_ja: str = ""
    code: str = ""
    line: int = 0
    calls: str = ""
