"""`for_each` within guard rails: a loop over waves, written in the flow language itself and compiled as any other.

So the waves mean on Step Functions what `nightshift.fan_out` does under CPython, in whichever place they stand.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from lambdas.contract.errors import FanOutStopped, InvalidParameter
from lambdas.contract.limits import limit
from lambdas.contract.target import Target
from lambdas.parts.cloudwatch.describe_alarms import describe_alarms
from lambdas.runs.tree import Words
from nightshift.compiler import ir
from nightshift.compiler.context import GIVEN, SAID, Context
from nightshift.compiler.expressions import expression
from nightshift.compiler.fan_out_report import Kind, fan_out_report
from nightshift.compiler.helpers import Function, helper_call
from nightshift.compiler.hints import from_hint
from nightshift.compiler.jsonata import Expr, reads
from nightshift.compiler.module import Reject
from nightshift.compiler.types import ANY, STR, RecordType, Type, list_of, plain
from nightshift.fan_out import CAUSE, SHOWN

_ITEMS = "all_items"

_BODY = """
def for_each(items):
    results = []
    done = []
    failed = []
    stopped = ""
    at = 0
    while stopped == "" and at < len(items):
        {watch}
        made = wave(items[at:at + {at_most}])
        results = results + made.results
        done = done + made.done
        failed = failed + made.failed
        at = at + {at_most}
        if called("too many have failed", len(failed) > {tolerated}):
            stopped = f"{{len(failed)}} of {{len(items)}} failed, and max_failures is {given}"
    left = items[at:]
    summary = f"{{len(done)}} of {{len(items)}} done, {{len(failed)}} failed, {{len(left)}} not started"
    {stop}
    return made_of(results, done, failed, left, stopped, summary)
"""

_WATCH = """
        if called("the alarm is on", len(describe_alarms(alarm_arn={alarm}).in_alarm) > 0):
            stopped = {said}
            continue
"""

_STOP = """
    if called("it has stopped early", stopped != ""):
        message = f"{stopped}: {summary}"
        if called("something has failed", len(failed) > 0):
            message = f"{message}; first {failed[0].error}: {failed[0].cause}"
        NAMES
        raise FanOutStopped(message)
"""

_NAMES = """
        if called("something is left", len(left) > 0):
            message = f"{{message}}; not started: {{', '.join({named})}}"
"""

_NAMED: dict[Kind, str] = {
    "text": f"left[:{SHOWN}]",
    "target": f"[f'{{t.name}} ({{t.account}}), {{t.region}}' if t.account else t.region for t in left[:{SHOWN}]]",
    "other": "",
}

Build = Callable[[Context, ast.Call], Expr]


def railed(node: ast.Call) -> bool:
    """Whether a call of for_each has guard rails."""
    return any(keyword.arg in ("max_failures", "stop_on_alarm") for keyword in node.keywords)


def fan_out_call(ctx: Context, node: ast.Call, items: Expr, item: Type, at_most: int, wave: Build) -> Expr:
    """`for_each(items, f, at_most=5, max_failures=2)`: what `wave` does for each wave of the items.

    items, item: all of them, and the type of one. wave: hoists the Map over the items it is given.
    Raises Reject for rails that are not constants, or that a run would refuse.
    """
    rails = _rails(ctx, node)
    source = _source(rails, at_most, _NAMED[_kind(item)])
    template = ast.parse(source).body[0]
    assert isinstance(template, ast.FunctionDef), "the waves are a function"
    _called(template)
    known: dict[str, Any] = {
        "wave": wave,
        "made_of": lambda ctx, node: _made_of(ctx, node, _kind(item)),
        _ITEMS: lambda ctx, node: items,
        "describe_alarms": describe_alarms,
        "FanOutStopped": FanOutStopped,
    }
    call = ast.Call(ast.Name("for_each"), [ast.Call(ast.Name(_ITEMS), [], [])], [])
    for inner in [*ast.walk(template), *ast.walk(call)]:
        ast.copy_location(inner, node)
        if isinstance(inner, ast.Name) and inner.id in known:
            inner.__dict__[GIVEN] = known[inner.id]
    made = helper_call(ctx, call, Function(template, ctx.scope))
    for loop in _loops(ctx.hoisted[-1]):
        loop.name = ctx.names.state("next wave")
        loop.said, loop.words = "", _waves(rails, at_most)
    return made


def result_type(result: Type, item: Type) -> RecordType:
    """The type of `FanOut`, for what the function returns and the items."""
    fields = (
        ("results", list_of(result)),
        ("done", list_of(item)),
        ("failed", list_of(failure_type(item))),
        ("left", list_of(item)),
        ("stopped", STR),
        ("summary", STR),
        ("report", STR),
    )
    return RecordType("FanOut", fields, complete=True)


def failure_type(item: Type) -> RecordType:
    """The type of `ItemFailure`."""
    return RecordType("ItemFailure", (("item", item), ("error", STR), ("cause", STR)), complete=True)


def wave_type(result: Type, item: Type) -> RecordType:
    """The type of what a wave gives."""
    return RecordType("Wave", result_type(result, item).fields[:3], complete=True)


def gathered(items: Expr) -> Expr:
    """What the outcomes of a Map's items say, as a wave gives it.

    Items and values that are lists stay one item each.
    """
    kept = '$type($v) = "array" ? [[$v]] : [$v]'
    code = (
        f"($o := $states.result; $xs := {items.argument()}; $all := [0..$count($o) - 1]; {{"
        '"results": $reduce($all, function($a, $i) { $exists($o[$i].failed) ? $a : '
        f"($v := $o[$i].value; $append($a, {kept})) }}, []), "
        '"done": $reduce($all, function($a, $i) { $exists($o[$i].failed) ? $a : '
        f"($v := $xs[$i]; $append($a, {kept})) }}, []), "
        '"failed": $reduce($all, function($a, $i) { $exists($o[$i].failed) ? $append($a, [{"item": $xs[$i], '
        f'"error": $o[$i].failed.error, "cause": $substring($o[$i].failed.cause, 0, {CAUSE})}}]) : $a }}, [])'
        "})"
    )
    return Expr(code, ANY, reads=items.reads)


def _rails(ctx: Context, node: ast.Call) -> dict[str, Any]:
    rails: dict[str, Any] = {"max_failures": 0, "stop_on_alarm": "", "on_failure": "fail"}
    for keyword in node.keywords:
        if keyword.arg not in rails:
            continue
        value = expression(ctx, keyword.value).constant
        hint = {
            "max_failures": 'Write a number (2) or a percent ("10%").',
            "stop_on_alarm": "Write the ARN of a CloudWatch alarm.",
            "on_failure": 'Write "fail" or "continue".',
        }[keyword.arg]
        try:
            fits = isinstance(value, str)
            if keyword.arg == "max_failures":
                fits = isinstance(value, str | int) and limit("max_failures", value) is not None
            if not fits or (keyword.arg == "on_failure" and value not in ("fail", "continue")):
                raise InvalidParameter(f"{keyword.arg} of for_each must be a constant")
        except InvalidParameter as error:
            raise Reject(keyword.value, "NS306", str(error), hint) from None
        rails[keyword.arg] = value
    return rails


def _kind(item: Type) -> Kind:
    """What a message calls the items, as `nightshift.fan_out.named` does."""
    if item == STR:
        return "text"
    return "target" if plain(item) == from_hint(Target) else "other"


def _source(rails: dict[str, Any], at_most: int, named: str) -> str:
    given = limit("max_failures", rails["max_failures"])
    tolerated = f"len(items) * {given.number} // 100" if given.percent else str(given.number)
    alarm = rails["stop_on_alarm"]
    watch = _WATCH.format(alarm=repr(alarm), said=repr(f"the alarm {alarm} is in ALARM")) if alarm else ""
    names = _NAMES.format(named=named) if named else ""
    stop = _STOP.replace("        NAMES\n", names) if rails["on_failure"] == "fail" else ""
    shown = str(given.given).replace("{", "").replace("}", "")
    return _BODY.format(watch=watch.strip(), stop=stop.strip(), at_most=at_most, tolerated=tolerated, given=shown)


def _waves(rails: dict[str, Any], at_most: int) -> Words:
    given = limit("max_failures", rails["max_failures"])
    en, ja = "as long as nothing has failed", "失敗があれば中止"
    if given.number:
        most = (
            Words(f"{given.number} %", f"{given.number}% ")
            if given.percent
            else Words(str(given.number), f"{given.number} 件")
        )
        en, ja = f"as long as at most {most.en} failed", f"失敗が {most.ja}を超えたら中止"
    alarm = rails["stop_on_alarm"].rpartition(":")[2]
    if alarm:
        en, ja = f"{en} and the alarm {alarm} is not on", f"{ja}、アラーム {alarm} でも中止"
    return Words(f"In waves of {at_most}, {en}", f"{at_most} 件ずつ順に実行 ({ja})")


def _made_of(ctx: Context, node: ast.Call, kind: Kind) -> Expr:
    """The record of what was done, of the variables that hold it."""
    names = ("results", "done", "failed", "left", "stopped", "summary")
    values = dict(zip(names, (expression(ctx, argument) for argument in node.args), strict=True))
    report = fan_out_report(kind, values["summary"], values["failed"], values["left"], values["done"])
    values["report"] = Expr(report, STR, reads=reads(*values.values()))
    fields = tuple((name, value.type) for name, value in values.items())
    code = ", ".join(f'"{name}": {value.argument()}' for name, value in values.items())
    return Expr(f"{{{code}}}", RecordType("FanOut", fields, complete=True), reads=reads(*values.values()))


def _called(template: ast.FunctionDef) -> None:
    """Call the conditions of the templates what stands there in words: nobody has written them in a flow."""
    for node in ast.walk(template):
        if isinstance(node, ast.If):
            assert isinstance(node.test, ast.Call), "each condition of the templates is called something"
            words, node.test = node.test.args
            node.test.__dict__[SAID] = ast.literal_eval(words)


def _loops(statement: Any) -> Iterator[ir.While]:
    if isinstance(statement, ir.Inline):
        for inner in statement.body:
            yield from _loops(inner)
    elif isinstance(statement, ir.While):
        yield statement
