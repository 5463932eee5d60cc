"""Reads in JSONata what a Cause says, whatever it says: nothing here may fail, because a Catch cannot catch itself.

Lambda writes the error of a function as JSON, Step Functions that of an execution it started, and either is cut at
32,768 characters, in the middle of whatever stands there ("HistoryEvent", Step Functions API Reference). `$parse` of
a text that was cut fails, and with it the run, past its `except` and `finally`. So the one value that is wanted is
found by its key, which its quotes tell from the same letters inside of a text (there they have a backslash), and only
a text that was made whole again is parsed. `lambdas.contract.causes` does the same in Python.
"""

from __future__ import annotations

from lambdas.contract.causes import MARK, WRAPPED, quoted
from nightshift.compiler.jsonata import Expr, constant, text
from nightshift.compiler.types import ANY, STR, DictType, dict_of

ERROR: DictType = dict_of(ANY)

# U+0001 and U+0002 stand for an escaped backslash and an escaped quote: JSON has these characters only escaped.
_SPELLED = (
    r"$spelled := function($s) {$replace($replace($replace($s, /[\x00-\x1f]/, ''), '\\\\', '\u0001'), "
    r"""'\\"', '\u0002')}"""
)
"""JSON -> the same with a quote only where a text begins or ends."""

_CUT = r"/\\u[dD][89abAB][0-9a-fA-F]{2}(\x5c(u[0-9a-fA-F]{0,3})?)?$|\x5c(u[0-9a-fA-F]{0,3})?$/"
"""An escape, or a pair of them, of which the end is missing. (A backslash before "(" hides it from JSONata.)"""

_READ = (
    rf"$read := function($s) {{$parse('\"' & $replace($replace($replace($replace($replace($replace($s, {_CUT}, ''), "
    r"/\x5c(u[0-9a-fA-F]{4}|[\/bfnrt])/, '\u0003$1'), '\\', ''), "
    r"""'\u0003', '\\'), '\u0002', '\\"'), '\u0001', '\\\\') & '\"')}"""
)
"""What `_SPELLED` made of the inside of a text -> the text. Of what is no escape the backslash goes."""

_WRAPPED = f"/{WRAPPED}/"

_SAID = (
    rf"$said := function($s) {{($w := $spelled($s); $inside := $replace($w, {_WRAPPED}, ''); "
    r"""$inside = $w ? $s : $read($substringBefore($inside, '"')))}"""
)
"""A cause -> the message in it."""

_KNOWN = f"{_SPELLED}; {_READ}; {_SAID}"

_PARTED = f"$cause := $substringBefore($all, {text(MARK)}); $failures := $substring($all, $length($cause))"
"""The message of a part -> what a user reads, and what the failed resources are as data."""


def error_output() -> Expr:
    """The error a Catcher sees, as `e`: {"error", "cause", "failures"}."""
    code = (
        f"($c := $states.errorOutput.Cause; {_KNOWN}; $all := $type($c) = 'string' ? $said($c) : ''; {_PARTED}; "
        '{"error": $states.errorOutput.Error, "cause": $cause, "failures": $failures})'
    )
    return Expr(code, ERROR)


def child_error_output() -> Expr:
    """The error of a called flow: Step Functions reports the child's execution as JSON text.

    What the child was given may have any key, so it is left out; the last one of those that remain counts.
    """
    code = (
        f"($c := $states.errorOutput.Cause; $v := $type($c) = 'string' ? $c : ''; {_KNOWN}; $w := $spelled($v); "
        r"""$told := $contains($w, /^\s*\{\s*"(Cause|Error|ExecutionArn)":/); """
        """$outside := $contains($w, '"InputDetails":') ? """
        """$substringBefore($w, '"Input":') & $substringAfter($w, '"InputDetails":') : $w; """
        r"""$fields := $told ? $match($outside, /"(Cause|Error|Status)":\s*"([^"]*)/) : []; """
        "$field := function($name) {$fields[groups[0] = $name][-1].groups[1]}; "
        "$status := $field('Status'); $error := $field('Error'); $inner := $field('Cause'); "
        "$all := $exists($inner) ? $said($read($inner)) : "
        # Without a message, what the flow raised has none; what ended it otherwise is told by its status.
        f"($exists($error) and $status = 'FAILED' ? '' : "
        f"$exists($status) ? 'the called flow ended ' & $status : $said($v)); {_PARTED}; "
        '{"error": $exists($error) ? $read($error) : ($states.errorOutput.Error = "States.TaskFailed" and '
        '$status = "TIMED_OUT" ? "States.Timeout" : $states.errorOutput.Error), '
        '"cause": $cause, "failures": $failures})'
    )
    return Expr(code, ERROR)


def known_error(name: str, cause: Expr) -> Expr:
    """The error of a `raise`, as `e`."""
    return Expr("", ERROR, reads=cause.reads, template={"error": name, "cause": cause.asl()})


def held_cause(held: str) -> Expr:
    """The Cause of the error a variable holds, with what was read off it: the data goes on to who reads it next."""
    return quoted_cause(Expr(f"${held}.cause & ${held}.failures", STR, reads=frozenset({held})))


def quoted_cause(cause: Expr) -> Expr:
    """A message as the Cause of a Fail state: one that looks like Lambda's JSON is written as Lambda would."""
    if cause.is_constant:
        return constant(quoted(cause.constant))
    code = f'($v := {cause.code}; $contains($v, {_WRAPPED}) ? $string({{"errorMessage": $v}}) : $v)'
    return Expr(code, STR, reads=cause.reads)
