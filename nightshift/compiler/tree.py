"""The tree of a flow: its statements as steps, branches, loops and frames, with the states that carry out the steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lambdas.runs.part_titles import api_title, part_title
from lambdas.runs.step_table import StepTable
from lambdas.runs.tree import TreeKind, TreeNode, Words
from nightshift.compiler import ir
from nightshift.compiler.spoken import spoken
from nightshift.compiler.spoken_values import spoken_for, spoken_wait, told

_NONE = Words("", "")


def flow_tree(body: Sequence[ir.Statement], steps: StepTable) -> tuple[TreeNode, ...]:
    """The nodes of a flow, each before those inside of it, in the order in which they are carried out.

    body: its statements. steps: its states; what none of them stands for is not told.
    """
    return tuple(_Tree(steps).scope(body, ""))


class _Tree:
    def __init__(self, steps: StepTable) -> None:
        self._steps = steps
        self._made = 0

    def scope(self, body: Sequence[ir.Statement], parent: str) -> Iterator[TreeNode]:
        """A flow or a branch: that it ends with its result goes without saying."""
        ends = body[-1] if body and isinstance(body[-1], ir.Return) else None
        yield from self._block(body[:-1] if ends else body, parent)

    def _block(self, body: Sequence[ir.Statement], parent: str) -> Iterator[TreeNode]:
        for statement in body:
            yield from self._statement(statement, parent)

    def _statement(self, statement: ir.Statement, parent: str) -> Iterator[TreeNode]:
        match statement:
            case ir.PartCall() | ir.FlowCall() | ir.Approve() | ir.Wait():
                if statement.name in self._steps:
                    yield self._step(statement, parent)
            case ir.Inline():
                yield from self._block(statement.body, parent)
            case ir.If():
                yield from self._if(statement, parent)
            case ir.While() | ir.For():
                yield from self._loop(statement, parent)
            case ir.Parallel() | ir.Map():
                yield from self._branches(statement, parent)
            case ir.Try():
                yield from self._try(statement, parent)
            case ir.Raise():
                yield self._node("raise", parent, statement, _same(statement.error or ""))
            case ir.Return():
                yield self._node("return", parent, statement, code=statement.said)
            case ir.Break() | ir.Continue():
                yield self._node("break" if isinstance(statement, ir.Break) else "continue", parent, statement)

    def _step(self, call: ir.PartCall | ir.FlowCall | ir.Approve | ir.Wait, parent: str) -> TreeNode:
        match call:
            case ir.PartCall():
                said = api_title(call.title) if call.api else part_title(call.part, call.title)
                said = _same(call.called) if call.called else said
                return self._node("part", parent, call, said, id_=call.name, calls=call.part)
            case ir.FlowCall():
                said = Words(f"Run the flow {call.flow} and wait for it", f"フロー {call.flow} を実行し、終了を待つ")
                return self._node("flow", parent, call, said, id_=call.name, calls=call.flow)
            case ir.Approve():
                return self._node("approval", parent, call, Words("Ask for approval", "承認を依頼"), id_=call.name)
        said = spoken_wait(call.said, until=call.until)
        return self._node("wait", parent, call, said, id_=call.name)

    def _if(self, choice: ir.If, parent: str) -> Iterator[TreeNode]:
        if choice.test.is_constant:
            yield from self._block(choice.then if choice.test.constant else choice.orelse, parent)
            return
        if not choice.said:
            # It is none of the flow's: a test within the guard rails of for_each.
            return
        made = self._node("if", parent, choice, choice.words, code=choice.said)
        yield made
        yield from self._way("then", made, choice.then)
        if choice.orelse:
            yield from self._way("else", made, choice.orelse)

    def _loop(self, loop: ir.While | ir.For, parent: str) -> Iterator[TreeNode]:
        code = loop.said
        if isinstance(loop, ir.For):
            said = spoken_for(loop.target, loop.said)
            code = f"for {loop.target} in {loop.said}"
        else:
            said = loop.words
        made = self._node("loop", parent, loop, said, code=code)
        yield made
        yield from self._block(loop.before if isinstance(loop, ir.While) else (), made.id)
        yield from self._block(loop.body, made.id)
        # What follows a loop that was not left by `break` follows it in the drawing, too.
        yield from self._block(loop.orelse, parent)

    def _branches(self, group: ir.Parallel | ir.Map, parent: str) -> Iterator[TreeNode]:
        if group.name not in self._steps:
            return
        if isinstance(group, ir.Parallel):
            yield self._node("parallel", parent, group, Words("Side by side", "並行して実行"), id_=group.name)
            for branch in group.branches:
                made = self._node("branch", group.name, group, _same(branch.said.replace("_", " ").strip()))
                yield made
                yield from self.scope(branch.body, made.id)
            return
        over, most = spoken(group.said), group.at_most
        said = Words(f"For each of {over.en}, {most} at a time", f"{over.ja} のそれぞれについて、同時に {most} 件まで")
        yield self._node("each", parent, group, said, code=group.said, id_=group.name)
        yield from self.scope(group.branch.body, group.name)

    def _try(self, frame: ir.Try, parent: str) -> Iterator[TreeNode]:
        made = self._node("try", parent, frame)
        yield made
        yield from self._way("body", made, [*frame.body, *frame.orelse])
        for handler in frame.handlers:
            # The first name is the class that the author wrote; the others are its subclasses.
            names = handler.caught.names
            yield from self._way("except", made, handler.body, names[0] if names else "")
        if frame.final:
            yield from self._way("finally", made, frame.final)

    def _way(self, kind: TreeKind, of: TreeNode, body: Sequence[ir.Statement], title: str = "") -> Iterator[TreeNode]:
        made = self._node(kind, of.id, None, _same(title))
        yield made
        yield from self._block(body, made.id)

    def _node(
        self,
        kind: TreeKind,
        parent: str,
        statement: ir.Located | None,
        said: Words = _NONE,
        *,
        code: str = "",
        id_: str = "",
        calls: str = "",
    ) -> TreeNode:
        self._made += 1
        # No state's name has this sign.
        said = told(said)
        made = id_ or f"\u25b8{self._made}"
        return TreeNode(made, parent, kind, said.en, said.ja, code, statement.line if statement else 0, calls)


def _same(text: str) -> Words:
    return Words(text, text)
