"""The intermediate representation to states: each statement is lowered with the place that follows it."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cached_property, singledispatchmethod
from typing import Any

from lambdas.runs.step_table import StepRow
from nightshift import language
from nightshift.compiler import ir, tasks
from nightshift.compiler.causes import child_error_output, error_output
from nightshift.compiler.exits import (
    FinallyFrame,
    Frames,
    InlineFrame,
    LoopFrame,
    TryFrame,
    catchers,
    dispatch,
    go,
    in_loop,
    leave,
    loop_frame,
    throw,
    throw_again,
    variable,
)
from nightshift.compiler.fan_out import gathered
from nightshift.compiler.folding import entering, fold
from nightshift.compiler.jsonata import ADD, TERNARY, Expr, binary, constant
from nightshift.compiler.scope import Names
from nightshift.compiler.states import Edge, Label, State, to_asl
from nightshift.compiler.stored import from_flow
from nightshift.compiler.tasks import NULL, RunContext
from nightshift.compiler.types import ANY, INT

CALLS_PER_LEVEL = 10_000
"""More calls than one scope can make: an execution's history ends at 25,000 events, five and more for each call."""


class ScopeLowering:
    """Makes the states of one scope: the flow itself, a branch of a Parallel, or the processor of a Map."""

    def __init__(
        self,
        names: Names,
        context: RunContext,
        table: dict[str, StepRow],
        *,
        collected: bool = False,
        gated: bool = False,
        name: str = "",
    ) -> None:
        """name: what the names of its first and last state begin with. table: gets a row for each state.

        collected: the result is {"value": result}, or {"failed": error} where an error is not caught inside.
        gated: the gate comes before, and makes the first assignments, which are then in `entering`.
        """
        self.gated = gated
        self.entering: dict[str, Any] = {}
        self.names = names
        self.table = table
        self.outer = context
        self.collected = collected
        self.counter = names.variable("call_number")
        self.counted = False
        # Taken before those of inner scopes, so that the outermost states have the plain names.
        self.first, self.last = names.state(f"{name}take what is given"), names.state(f"{name}end")

    def states(self, body: list[ir.Statement], given: dict[str, Expr]) -> dict[str, Any]:
        """StartAt and States of the scope. `given`: what to assign before anything else."""
        row, output = StepRow("return", "end"), {"Output": self._output(NULL)}
        ended = Label(State(self.last, "Pass", row, output, name=self.last))
        first = self.block(body, ended, self._collecting() if self.collected else ())
        # Apart from what is given, which the number of calls made before may be read from.
        first = go({self.counter: self.outer.call}, first, "count the calls") if self.counted else first
        row = StepRow("set", "take what is given")
        begin = Label(State(self.first, "Pass", row, next=Edge(first, given), name=self.first))
        fold(begin, handing_on=not self.gated)
        if self.gated:
            self.entering = entering(begin)
        return to_asl(begin, self.names.state, self.table)

    def _collecting(self) -> Frames:
        error = ir.Variable(self.names.variable("failure"), ANY)
        output = {"failed": variable(error.name).asl()}
        clause = ir.Handler(ir.Caught(None), error, [])
        failed = State("failed", "Pass", StepRow("return", "keep the error of the item"), {"Output": output})
        return (TryFrame([(clause, Label(failed))]),)

    def _output(self, value: Expr) -> Any:
        """The Output of a last state: an object or an expression; a bare null would mean that there is no Output."""
        if self.collected:
            return {"value": value.asl()}
        return value.asl() if isinstance(value.template, dict) else value.evaluated()

    def block(self, statements: list[ir.Statement], after: Label, frames: Frames) -> Label:
        """Statements in order, then `after`; gives the place where they begin."""
        for statement in reversed(statements):
            after = self.lower(statement, after, frames)
        return after

    @singledispatchmethod
    def lower(self, statement: Any, after: Label, frames: Frames) -> Label:
        """One statement, then `after`; gives the place where it begins."""
        raise TypeError(statement)

    def _context(self, frames: Frames) -> RunContext:
        if not in_loop(frames):
            return self.outer
        self.counted = True
        return replace(self.outer, call=variable(self.counter))

    def _counting(self, frames: Frames) -> dict[str, Expr]:
        """What ends a call in a loop: the next pass is another call."""
        if not in_loop(frames):
            return {}
        self.counted = True
        return {self.counter: binary(variable(self.counter), "+", constant(1), INT, ADD)}

    @lower.register
    def _assign(self, statement: ir.Assign, after: Label, frames: Frames) -> Label:
        values = {target.name: value for target, value in statement.values}
        return go(values, after, statement.said or f"{', '.join(values)} = ...", statement.line)

    @lower.register
    def _part_call(self, call: ir.PartCall, after: Label, frames: Frames) -> Label:
        again = self._counting(frames)
        context = self._context(frames)
        row = StepRow("part", call.called or call.title, call.line, call.part)
        if not call.waits:
            assign = {**again, **_result(call.target, f"$states.result.Payload.result{call.taken}")}
            arguments = tasks.part_arguments(call, context, NULL)
            return self._task(call, row, tasks.INVOKE, arguments, Edge(after, assign), frames, again)
        task = Label()
        poll = StepRow("poll", f"wait, then poll {call.part} again", call.line)
        fields = {"Seconds": "{% $states.input.wait %}", "Output": tasks.polled(call.name)}
        wait = State(f"{call.name}: wait", "Wait", poll, fields, next=Edge(task))
        done = Edge(after, {**again, **_result(call.target, f"$states.input.result{call.taken}")})
        done.condition = Expr("$states.input.done", ANY)
        poll = StepRow("poll", f"is {call.part} done?", call.line)
        choice = State(f"{call.name}: done?", "Choice", poll, rules=[done], next=Edge(Label(wait)))
        arguments = tasks.part_arguments(call, context, tasks.polled_state(call.name))
        made = self._task(call, row, tasks.INVOKE, arguments, Edge(Label(choice)), frames, again)
        made.resolve().fields["Output"] = "{% $states.result.Payload %}"
        made.resolve().loop = (choice, wait)
        task.alias = made
        return made

    def _task(
        self,
        call: ir.PartCall | ir.FlowCall | ir.Approve,
        row: StepRow,
        resource: str,
        arguments: dict[str, Any],
        edge: Edge,
        frames: Frames,
        caught: dict[str, Expr],
    ) -> Label:
        fields: dict[str, Any] = {"Resource": resource, "Arguments": arguments}
        if resource.startswith(tasks.INVOKE):
            blind = isinstance(call, ir.PartCall) and not call.repeatable
            fields["Retry"] = tasks.retriers(self.outer.retry, repeatable=not blind)
        catch = catchers(frames, error_output(), caught)
        return Label(State(call.name, "Task", row, fields, next=edge, catch=catch, name=call.name))

    @lower.register
    def _flow_call(self, call: ir.FlowCall, after: Label, frames: Frames) -> Label:
        again = self._counting(frames)
        edge = Edge(after, {**again, **from_flow(call.target)})
        row = StepRow("flow", f"run the flow {call.flow} and wait for it", call.line, call.flow)
        arguments = tasks.flow_arguments(call, self._context(frames))
        made = self._task(call, row, tasks.START_EXECUTION, arguments, edge, frames, again)
        # The child's own error name is inside the cause: take everything, then look who wants it.
        held = self.names.variable("error")
        raised = throw_again(frames, held, f"{call.name} failed")
        assign = {**again, held: child_error_output()}
        made.resolve().catch = [Edge(raised, assign, errors=("States.ALL",))]
        return made

    @lower.register
    def _approve(self, approve: ir.Approve, after: Label, frames: Frames) -> Label:
        again = self._counting(frames)
        arguments = tasks.approval_arguments(approve, self._context(frames))
        edge = Edge(after, {**again, **_result(approve.target, "$states.result")})
        row = StepRow("approval", "ask for approval", approve.line, tasks.APPROVAL)
        made = self._task(approve, row, f"{tasks.INVOKE}.waitForTaskToken", arguments, edge, frames, again)
        made.resolve().fields["TimeoutSeconds"] = approve.timeout
        by_itself = asdict(language.DRY_RUN_APPROVAL)
        dry = {approve.target.name: constant(by_itself)} if approve.target is not None else {}
        rule = Edge(after, dry, condition=self.outer.dry_run)
        row = StepRow("choice", "a dry run takes the approval as given", approve.line)
        return Label(State(f"{approve.name}: dry run?", "Choice", row, rules=[rule], next=Edge(made)))

    @lower.register
    def _wait(self, wait: ir.Wait, after: Label, frames: Frames) -> Label:
        seconds = Expr(f"{self.outer.dry_run.code} ? 0 : {wait.seconds.within(TERNARY)}", INT)
        row = StepRow("wait", wait.name, wait.line)
        return Label(State(wait.name, "Wait", row, {"Seconds": seconds.asl()}, next=Edge(after), name=wait.name))

    @lower.register
    def _parallel(self, parallel: ir.Parallel, after: Label, frames: Frames) -> Label:
        branches = [self._inner(branch, self._context(frames), {}) for branch in parallel.branches]
        again = self._counting(frames)
        edge = Edge(after, {**again, **_result(parallel.target, "$states.result")})
        catch = catchers(frames, error_output(), again)
        row = StepRow("parallel", f"side by side: {', '.join(b.name for b in parallel.branches)}", parallel.line)
        fields = {"Branches": branches}
        return Label(State(parallel.name, "Parallel", row, fields, next=edge, catch=catch, name=parallel.name))

    @lower.register
    def _map(self, loop: ir.Map, after: Label, frames: Frames) -> Label:
        context = self._context(frames)
        index = self.names.variable("item_index")
        given = {loop.item.name: Expr("$states.input.item", ANY), index: Expr("$states.input.index", ANY)}
        position = "$states.context.Map.Item.Index"
        if context.item is not NULL:
            position = f'$string({context.item.code}) & "." & $string({position})'
        selector: dict[str, Any] = {"item": "{% $states.context.Map.Item.Value %}", "index": f"{{% {position} %}}"}
        inside = replace(context, item=variable(index))
        config, fields = {"Mode": "INLINE"}, dict[str, Any]()
        if loop.distributed:
            config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
            # In ARNs of its executions; policies take the hyphens of AWS's own for those of another app.
            fields = {"Label": self.names.variable("items")}
            inside = self._captured(loop, inside, selector, given)
        processed = self._inner(loop.branch, inside, given, collected=loop.distributed or loop.gathered)
        fields |= {"Items": loop.items.asl(), "ItemSelector": selector, "MaxConcurrency": loop.at_most}
        fields["ItemProcessor"] = {"ProcessorConfig": config, **processed}
        again = self._counting(frames)
        if loop.gathered and loop.target is not None:
            edge = Edge(after, {**again, loop.target.name: gathered(loop.items)})
        elif loop.distributed:
            edge = self._collected(loop, after, again, frames)
        else:
            edge = Edge(after, {**again, **_result(loop.target, "$states.result")})
        catch = catchers(frames, error_output(), again)
        row = StepRow("map", f"{loop.name}, at most {loop.at_most} at a time", loop.line)
        return Label(State(loop.name, "Map", row, fields, next=edge, catch=catch, name=loop.name))

    def _collected(self, loop: ir.Map, after: Label, again: dict[str, Expr], frames: Frames) -> Edge:
        """After a distributed Map: raise the first error, or take the values.

        By itself a distributed Map fails with States.ExceedToleratedFailureThreshold, whatever the error of the item
        was (Step Functions Developer Guide, "Setting failure thresholds for Distributed Map states").
        """
        outcomes, error = self.names.variable("outcomes"), self.names.variable("failure")
        reads = frozenset({outcomes})
        failed = f"$filter(${outcomes}, function($w) {{ $exists($w.failed) }})"
        raised = throw_again(frames, error, f"{loop.name}: failed")
        rule = Edge(raised, {error: Expr(f"({failed})[0].failed", ANY, reads=reads)})
        rule.condition = Expr(f"$count({failed}) > 0", ANY, reads=reads)
        # A value that is a list stays one item.
        kept = '($v := $w.value; $type($v) = "array" ? [[$v]] : [$v])'
        values = f"$reduce(${outcomes}, function($all, $w) {{ $append($all, {kept}) }}, [])"
        taken = {loop.target.name: Expr(values, ANY, reads=reads)} if loop.target is not None else {}
        row = StepRow("choice", "did an item fail?", loop.line)
        asked = Label(State(f"{loop.name}: failed?", "Choice", row, rules=[rule], next=Edge(after, taken)))
        return Edge(asked, {**again, outcomes: Expr("$states.result", ANY)})

    def _captured(
        self, loop: ir.Map, context: RunContext, selector: dict[str, Any], given: dict[str, Expr]
    ) -> RunContext:
        """Hand everything the child executions of a distributed Map read to them: they read no outer variable."""
        held = self.names.variable("run")
        selector["run"] = {
            "id": context.run_id.asl(),
            "started": context.started.asl(),
            "dry_run": context.dry_run.asl(),
            "call": context.call.asl(),
        }
        given[held] = Expr("$states.input.run", ANY)
        selector["outer"] = {inner.name: outer.asl() for inner, outer in loop.captures}
        given |= {inner.name: Expr(f"$states.input.outer.{inner.name}", ANY) for inner, _ in loop.captures}
        of_run = {key: Expr(f"${held}.{key}", ANY, reads=frozenset({held})) for key in selector["run"]}
        return replace(
            context, run_id=of_run["id"], started=of_run["started"], dry_run=of_run["dry_run"], call=of_run["call"]
        )

    def _inner(
        self, branch: ir.Branch, context: RunContext, given: dict[str, Expr], *, collected: bool = False
    ) -> dict[str, Any]:
        call = context.call
        if not call.is_constant:
            code = f"{call.code} * {CALLS_PER_LEVEL}"
            call = Expr(code, INT, reads=call.reads, binds=60)
        context, name = replace(context, call=call), f"{branch.name}: "
        return ScopeLowering(self.names, context, self.table, collected=collected, name=name).states(branch.body, given)

    @lower.register
    def _if(self, choice: ir.If, after: Label, frames: Frames) -> Label:
        then, orelse = (self.block(way, after, frames) for way in (choice.then, choice.orelse))
        if choice.test.is_constant:
            return then if choice.test.constant else orelse
        rule = Edge(then, condition=choice.test)
        row = StepRow("if", choice.name, choice.line)
        return Label(State(choice.name, "Choice", row, next=Edge(orelse), rules=[rule], name=choice.name))

    @lower.register
    def _while(self, loop: ir.While, after: Label, frames: Frames) -> Label:
        head = Label()
        inside = (*frames, LoopFrame(loop, after, head))
        body = self.block(loop.body, head, inside)
        if body is head:
            row = StepRow("set", f"{loop.name}: again", loop.line)
            body = Label(State(f"{loop.name}: again", "Pass", row, next=Edge(head)))
        ended = self.block(loop.orelse, after, frames)
        if loop.test.is_constant:
            test = body if loop.test.constant else ended
        else:
            rule = Edge(body, condition=loop.test)
            row = StepRow("loop", loop.name, loop.line)
            test = Label(State(loop.name, "Choice", row, next=Edge(ended), rules=[rule], name=loop.name))
        # Calls in the test are made at each pass, outside the reach of break and continue.
        head.alias = self.block(loop.before, test, inside)
        return head

    @lower.register
    def _for(self, loop: ir.For, after: Label, frames: Frames) -> Label:
        head = Label()
        body = self.block(loop.body, head, (*frames, LoopFrame(loop, after, head)))
        ended = self.block(loop.orelse, after, frames)
        counter = variable(loop.counter.name)
        test = Expr(f"{counter.code} < {loop.count.within(40)}", ANY, reads=counter.reads | loop.count.reads)
        each = {target.name: value for target, value in loop.each}
        each[loop.counter.name] = binary(counter, "+", constant(1), INT, ADD)
        rule = Edge(body, each, condition=test)
        row = StepRow("loop", loop.name, loop.line)
        head.state = State(loop.name, "Choice", row, next=Edge(ended), rules=[rule], name=loop.name)
        setup = {target.name: value for target, value in loop.setup}
        return go({**setup, loop.counter.name: constant(0)}, head, f"{loop.name}: start", loop.line)

    @lower.register
    def _break(self, statement: ir.Break, after: Label, frames: Frames) -> Label:
        frame = loop_frame(frames, statement.loop)
        return leave(frames, statement.loop, frame.after, {})

    @lower.register
    def _continue(self, statement: ir.Continue, after: Label, frames: Frames) -> Label:
        frame = loop_frame(frames, statement.loop)
        return leave(frames, statement.loop, frame.again, {})

    @lower.register
    def _inline(self, block: ir.Inline, after: Label, frames: Frames) -> Label:
        for statement in block.body:
            statement.line = statement.line or block.line
        return self.block(block.body, after, (*frames, InlineFrame(block, after)))

    @lower.register
    def _leave(self, statement: ir.Leave, after: Label, frames: Frames) -> Label:
        frame = next(f for f in frames if isinstance(f, InlineFrame) and f.block is statement.block)
        return leave(frames, statement.block, frame.after, {})

    @lower.register
    def _return(self, statement: ir.Return, after: Label, frames: Frames) -> Label:
        if not any(isinstance(frame, FinallyFrame) for frame in frames):
            row, output = StepRow("return", statement.name, statement.line), self._output(statement.value)
            return Label(State(statement.name, "Pass", row, {"Output": output}, name=statement.name))
        return leave(frames, None, self.returning, {self.returned: statement.value})

    @cached_property
    def returned(self) -> str:
        """The variable that keeps the result of the scope while a `finally` runs."""
        return self.names.variable("returned")

    @cached_property
    def returning(self) -> Label:
        """The end of the scope, with the result that was kept."""
        output = self._output(variable(self.returned))
        return Label(
            State("return", "Pass", StepRow("return", "end with the result that was kept"), {"Output": output})
        )

    @lower.register
    def _raise(self, statement: ir.Raise, after: Label, frames: Frames) -> Label:
        if statement.error is not None and statement.cause is not None:
            return throw(frames, statement.error, statement.cause, statement.name, statement.line)
        assert statement.again is not None
        return throw_again(frames, statement.again.name, statement.name)

    @lower.register
    def _try(self, statement: ir.Try, after: Label, frames: Frames) -> Label:
        final: FinallyFrame | None = None
        inside, normal = frames, after
        if statement.final is not None:
            final = FinallyFrame(Label(), self.names.variable("leaving"), self.names.variable("failure"))
            inside = (*frames, final)
            normal = go({final.exit: final.enter("normal", lambda: after)}, final.entry, "to finally")
        clauses = [(h, self.block(h.body, normal, inside)) for h in statement.handlers]
        orelse = self.block(statement.orelse, normal, inside)
        begin = self.block(statement.body, orelse, (*inside, TryFrame(clauses)) if clauses else inside)
        if final is not None:
            assert statement.final is not None
            final.entry.alias = self.block(statement.final, dispatch(final), frames)
        return begin


def _result(target: ir.Variable | None, code: str) -> dict[str, Expr]:
    return {target.name: Expr(code, target.type)} if target is not None else {}
